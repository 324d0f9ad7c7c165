import { type DeliveredMessage, trimOldest } from "./ledger.js";

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

/** What a follower wrote. */
interface Words {
  readonly openid: string;
  readonly text: string;
  readonly time: number;
  /** With whom the follower was in session. */
  readonly kfAccount?: string | undefined;
}

/** What an account and its followers said to each other, in order. */
export class ChatRecords {
  // The ledger's messages themselves: a copy of each would cost every send.
  private readonly list: (DeliveredMessage | Words)[] = [];
  private firstId = FIRST_ID;

  /** @param size how many are kept; the oldest go first */
  constructor(private readonly size: number) {}

  add(entry: DeliveredMessage | Words): void {
    this.list.push(entry);
    this.firstId += trimOldest(this.list, this.size);
  }

  /** The first `count` records from `from` up to `to` (milliseconds, both included) whose id is above `after`. */
  page(from: number, to: number, after: number, count: number): readonly ChatRecord[] {
    const found: ChatRecord[] = [];
    for (let at = Math.max(0, after + 1 - this.firstId); at < this.list.length && found.length < count; at++) {
      const entry = this.list[at];
      if (entry !== undefined && entry.time >= from && entry.time <= to) found.push(record(entry, this.firstId + at));
    }
    return found;
  }
}

/** What is no text stands as `[image]`, as the official page has it for image, voice and video. */
function record(entry: DeliveredMessage | Words, id: number): ChatRecord {
  const { openid, time, kfAccount: worker = "" } = entry;
  return "msgtype" in entry
    ? { id, openid, opercode: SENT, text: entry.text ?? `[${entry.msgtype}]`, time, worker }
    : { id, openid, opercode: RECEIVED, text: entry.text, time, worker };
}
