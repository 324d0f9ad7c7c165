import type { Sent } from "./sent.js";

/** What WeChat pushed. `type: "event"` has an `event`. Plain JSON: it goes into stores and to other programs. */
export interface PushedMessage {
  /** WeChat's MsgType in lower case, such as `text`; `event`; or `unknown`. */
  readonly type: string;
  /** What happened, where it is an event: WeChat's name in lower case, such as `subscribe`; or `unknown`. */
  readonly event?: string;
  /** The follower, as this account knows them. */
  readonly openid: string;
  /** The account's original id, `gh_…`. */
  readonly accountId: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** WeChat's id of the message, 64 bits as text. */
  readonly msgId?: string;
}

/** One push that was checked and read. */
export interface Arrival {
  /** Tells one push from another: `m:${MsgId}` or `e:${openid}:${CreateTime}:${Event}`; else a hash of the body. */
  readonly key: string;
  /** The nonce under which WeChat signed it; absent where it is not to be remembered. */
  readonly nonce?: string;
  /** When WeChat signed it, in milliseconds since 1970. */
  readonly timestamp?: number;
  /** What WeChat pushed. */
  readonly message: PushedMessage;
}

/** What the callback needs of an inbox. */
export interface Receiver {
  /**
   * Keeps it with its duplicate mark in one step, as not yet emitted and ours. `replayed`: the nonce was used for
   * another message.
   */
  receive(arrival: Arrival): Promise<"new" | "duplicate" | "replayed">;
  /** It was handed on; it is not emitted again. */
  emitted(key: string): Promise<void>;
  /**
   * Messages that a process which is gone (or this one before its restart) was told to keep and did not emit: now ours.
   */
  takeAbandoned(limit?: number): Promise<readonly Arrival[]>;
  /** Takes note of a passive reply, without waiting. Default: nothing is noted. */
  record?(openid: string, sent: Sent): void;
}
