import { trimOldest } from "./ledger.js";

/** Official page getMsgList: what an operation code stands for. */
const SENT = 2002;
const RECEIVED = 2003;

/** Ids begin far above the 1 that a first request gives. */
const FIRST_ID = 20_165_000;

export interface ChatRecord {
  readonly id: number;
  readonly openid: string;
  readonly opercode: typeof SENT | typeof RECEIVED;
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** The customer-service account; empty when none spoke or was spoken to. */
  readonly worker: string;
}

/** What an account and its followers said to each other, in order. */
export class ChatRecords {
  private readonly list: ChatRecord[] = [];
  private nextId = FIRST_ID;

  /** @param size how many are kept; the oldest go first */
  constructor(private readonly size: number) {}

  addSent(openid: string, text: string, worker: string | undefined, time: number): void {
    this.add({ openid, opercode: SENT, text, time, worker: worker ?? "" });
  }

  addReceived(openid: string, text: string, worker: string | undefined, time: number): void {
    this.add({ openid, opercode: RECEIVED, text, time, worker: worker ?? "" });
  }

  /** The first `count` records from `from` up to `to` (milliseconds, both included) whose id is above `after`. */
  page(from: number, to: number, after: number, count: number): readonly ChatRecord[] {
    const found: ChatRecord[] = [];
    for (const record of this.list) {
      if (found.length >= count) break;
      if (record.id > after && record.time >= from && record.time <= to) found.push(record);
    }
    return found;
  }

  private add(record: Omit<ChatRecord, "id">): void {
    this.list.push({ id: this.nextId++, ...record });
    trimOldest(this.list, this.size);
  }
}
