/** What WeChat pushed. `type: "event"` has an `event`. Times are milliseconds since 1970. */
export interface PushedMessage {
  readonly type: string;
  readonly event?: string;
  readonly openid: string;
  /** The account's original id (gh_…), WeChat's ToUserName. */
  readonly accountId: string;
  readonly createdAt: number;
  readonly msgId?: string;
  /* and the fields of its type */
}

/** A push, as the callback hands it to an inbox. */
export interface Arrival {
  /** Tells one push from another: `m:${MsgId}` or `e:${openid}:${CreateTime}:${Event}`; else a hash of the body. */
  readonly key: string;
  /** The nonce under which WeChat signed it, and that timestamp; absent where not to be remembered. */
  readonly nonce?: string;
  readonly timestamp?: number;
  readonly message: PushedMessage;
}

/** What the callback needs of an inbox. */
export interface Receiver {
  /**
   * Keeps it with its duplicate mark in one step, as not yet emitted and ours. "replayed": the nonce was used for
   * another message.
   */
  receive(arrival: Arrival): Promise<"new" | "duplicate" | "replayed">;
  /** It was handed on; it is not emitted again. */
  emitted(key: string): Promise<void>;
  /**
   * Messages that a process which is gone (or this one before its restart) was told to keep and did not emit: now ours.
   */
  takeAbandoned(limit?: number): Promise<readonly Arrival[]>;
}
