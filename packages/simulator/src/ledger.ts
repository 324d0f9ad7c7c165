import { Changes } from "./changes.js";
import type { Push, PushTry } from "./push/record.js";

/** One API call as it arrived, and what the caller was told. Never holds an AppSecret or a whole access token. */
export interface Call {
  readonly id: number;
  /** Milliseconds since 1970 on the simulator's clock. */
  readonly time: number;
  readonly method: string;
  /** Without the query, which holds secrets. */
  readonly path: string;
  appId?: string;
  openid?: string;
  /** The access token of the call, masked. */
  accessToken?: string;
  /** The errcode the caller was told; undefined when it got no readable answer. */
  errcode?: number;
  errmsg?: string;
  rid?: string;
  /** Undefined when no answer was sent. */
  httpStatus?: number;
  /** The kind of the fault that struck. */
  fault?: string;
  /** The caller went away before its request was complete; nothing was done. */
  aborted?: boolean;
  /** The request's JSON, secrets masked; of an upload, what its parts are. Undefined when it was neither. */
  body?: unknown;
  /** The JSON of a success, cut when it is long. Of answers that may hold secrets, and of files, there is none. */
  answer?: string;
}

/** A message that reached the follower's phone, whatever the caller was told. */
export interface DeliveredMessage {
  readonly id: number;
  /** The call that sent it; undefined of a passive reply. */
  readonly callId?: number;
  /** The push that it answers, of a passive reply. */
  readonly pushId?: number;
  /** Undefined of what a call of the API sent. */
  readonly via?: "passive-reply";
  /** Milliseconds since 1970 on the simulator's clock. */
  readonly time: number;
  readonly appId: string;
  readonly openid: string;
  readonly msgtype: string;
  /** The content of a text message; of a `template`, what it says with its values put in. */
  readonly text?: string;
  /** The call's JSON, secrets masked; of a passive reply its content as WeChat spells it. */
  readonly body: Record<string, unknown>;
  /** The customer-service account shown as the sender. */
  readonly kfAccount?: string;
  /** The phone shows 内容由第三方AI生成 under it. */
  readonly ai: boolean;
}

/** What the phone shows beside the account's messages. */
export interface PhoneLine {
  /** Counted together with the messages: a higher id stands lower on the screen. */
  readonly id: number;
  /** Milliseconds since 1970 on the simulator's clock. */
  readonly time: number;
  readonly appId: string;
  readonly openid: string;
  /** `system`: WeChat says it, in grey. */
  readonly from: "follower" | "system";
  /** `[image]` and the like stand for what is no text. */
  readonly text: string;
  /** What the follower sent, as WeChat's push spells it: MsgType and its fields. Undefined of a system line. */
  readonly body?: Readonly<Record<string, unknown>>;
  /** The push that brought it about, or carried it; undefined when there was none. */
  readonly pushId?: number;
}

/** The independent record that a client's claims can be held against. */
export interface Ledger {
  readonly calls: readonly Call[];
  readonly messages: readonly DeliveredMessage[];
  /** What was pushed to callbacks, and what came back. */
  readonly pushes: readonly Push[];
  /** What followers sent, and system lines. */
  readonly lines: readonly PhoneLine[];
  /** How many there were since the start or the last `clear`, also those dropped to keep within the ledger's size. */
  readonly totals: Totals;
  clear(): void;
}

/** A push whose tries are still to come. */
export interface PushEntry extends Push {
  readonly tries: PushTry[];
}

export interface Totals {
  readonly calls: number;
  readonly messages: number;
  readonly pushes: number;
}

export class LedgerBook implements Ledger {
  private callList: Call[] = [];
  private messageList: DeliveredMessage[] = [];
  private pushList: Push[] = [];
  private lineList: PhoneLine[] = [];
  private nextCall = 1;
  private nextMessage = 1;
  private nextPush = 1;
  private counted = { calls: 0, messages: 0, pushes: 0 };

  readonly #changes: Changes;

  /** @param size how many of each list are kept; the oldest go first */
  constructor(
    private readonly size: number,
    changes = new Changes(),
  ) {
    this.#changes = changes;
  }

  get calls(): readonly Call[] {
    return this.callList;
  }

  get messages(): readonly DeliveredMessage[] {
    return this.messageList;
  }

  get pushes(): readonly Push[] {
    return this.pushList;
  }

  get lines(): readonly PhoneLine[] {
    return this.lineList;
  }

  get totals(): Totals {
    return { ...this.counted };
  }

  clear(): void {
    this.callList = [];
    this.messageList = [];
    this.pushList = [];
    this.lineList = [];
    this.counted = { calls: 0, messages: 0, pushes: 0 };
    this.#changes.cleared();
  }

  addCall(time: number, method: string, path: string): Call {
    const call: Call = { id: this.nextCall++, time, method, path };
    this.callList.push(call);
    this.counted.calls++;
    trimOldest(this.callList, this.size);
    this.#changes.call(call);
    return call;
  }

  addMessage(message: Omit<DeliveredMessage, "id">): DeliveredMessage {
    const added: DeliveredMessage = { id: this.nextMessage++, ...message };
    this.messageList.push(added);
    this.counted.messages++;
    trimOldest(this.messageList, this.size);
    this.#changes.message(added);
    return added;
  }

  addLine(line: Omit<PhoneLine, "id">): void {
    const added: PhoneLine = { id: this.nextMessage++, ...line };
    this.lineList.push(added);
    trimOldest(this.lineList, this.size);
    this.#changes.line(added);
  }

  /** The entry is filled in while the push goes its way. */
  addPush(push: Omit<Push, "id" | "tries">): PushEntry {
    const added: PushEntry = { id: this.nextPush++, ...push, tries: [] };
    this.pushList.push(added);
    this.counted.pushes++;
    trimOldest(this.pushList, this.size);
    this.#changes.push(added);
    return added;
  }
}

/**
 * Takes the oldest away beyond `size`; in steps of a tenth, so that a full list is not moved for each entry.
 * @returns how many went
 */
export function trimOldest(list: unknown[], size: number): number {
  return list.length > size + Math.max(1, size / 10) ? list.splice(0, list.length - size).length : 0;
}

const SECRET_KEYS = /^(?:app_?secret|secret|access_token|password)$/i;

/** Deeper than any WeChat body; what lies below is left out, so that a hostile body cannot exhaust the stack. */
const DEEPEST = 20;

/** A copy of a request body with the values of secret keys masked. */
export function withoutSecrets(body: unknown, depth = 0): unknown {
  if (typeof body !== "object" || body === null) return body;
  if (depth >= DEEPEST) return "…";
  if (Array.isArray(body)) return body.map((entry) => withoutSecrets(entry, depth + 1));
  return Object.fromEntries(
    Object.entries(body).map(([key, value]) => [key, SECRET_KEYS.test(key) ? "***" : withoutSecrets(value, depth + 1)]),
  );
}
