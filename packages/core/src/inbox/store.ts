import type { Coverage, Listener } from "./listening.js";

/**
 * Expired marks deleted with each push, which adds two at most, and with each note, which adds one: so they never pile
 * up, and nobody waits long.
 */
export const MARKS_A_PUSH = 4;

/** Gives a follower's window facts from the former ones; must be pure, a store may call it more than once. */
export type FactsUpdate = (before: string | undefined) => string;

/**
 * Gives a note's body from the former one, or undefined to leave the note as it is; must be pure, a store may call it
 * more than once.
 */
export type NoteChange = (before: string | undefined) => string | undefined;

/** What becomes of a note. Times are milliseconds since 1970. */
export interface NoteAmendment {
  /** The note's name, of up to 200 characters. */
  readonly key: string;
  /** Gets the body, or undefined where there is none whose `until` is after `now`. */
  readonly change: NoteChange;
  /** The time. */
  readonly now: number;
  /** Until when a new body is kept. */
  readonly until: number;
}

/** A push to keep. Times are milliseconds since 1970. */
export interface StoredPush {
  /** The follower. */
  readonly openid: string;
  /** When it came. */
  readonly at: number;
  /** Tells it from other pushes, for {@link InboxStore.emitted}. */
  readonly key: string;
  /** The key in a form that names nobody; remembered until `marksUntil`. */
  readonly mark: string;
  /** The nonce in such a form, where there is one. */
  readonly nonceMark?: string;
  /** Until when mark and nonce are remembered. */
  readonly marksUntil: number;
  /** Who emits it. */
  readonly owner: string;
  /** JSON. */
  readonly body: string;
  /** How it stands in the conversation; absent: it does not, and is kept only until it was emitted. */
  readonly entry?: {
    /** Whether it waits to be read by somebody. */
    readonly unread: boolean;
    /** What it changes of the follower's window. */
    readonly facts: FactsUpdate;
  };
  /** The conversation so far is deleted. */
  readonly forgets: boolean;
}

/** A message of ours to keep. */
export interface StoredReply {
  /** The follower. */
  readonly openid: string;
  /** When it was sent, in milliseconds since 1970. */
  readonly at: number;
  /** JSON. */
  readonly body: string;
  /** What it changes of the follower's window. */
  readonly facts: FactsUpdate;
}

/** A message of a conversation, as kept. */
export interface StoredMessage {
  /** Above 0; grows with every message of the account, in the order in which readers can see them; never used again. */
  readonly id: number;
  /** The follower. */
  readonly openid: string;
  /** Whether it came in; else it went out. */
  readonly incoming: boolean;
  /** As it was given, in milliseconds since 1970. */
  readonly at: number;
  /** As it was given: JSON. */
  readonly body: string;
}

/** A conversation, as kept. */
export interface StoredConversation {
  /** The follower. */
  readonly openid: string;
  /** Incoming messages that wait to be read. */
  readonly unread: number;
  /** What the last {@link FactsUpdate} gave. */
  readonly facts: string;
  /** The newest message. */
  readonly last: StoredMessage;
}

/** Which messages of a conversation. */
export interface StoredPage {
  /** How many at most. */
  readonly limit: number;
  /** Only ids below. */
  readonly before?: number | undefined;
  /** Only ids above; not together with `before`. */
  readonly after?: number | undefined;
}

/** A push that nobody handed on, as kept. */
export interface StoredArrival {
  /** The key it was given with. */
  readonly key: string;
  /** As it was given: JSON. */
  readonly body: string;
}

/** How much there is of an account. */
export interface StoredCounts {
  /** Followers of whom there are messages. */
  readonly conversations: number;
  /** Messages in and out, of all conversations. */
  readonly messages: number;
  /** Pushes that were not emitted. */
  readonly pending: number;
}

/**
 * Where an {@link Inbox} keeps things: all policy is the inbox's. Implement it to keep an inbox in a database of yours;
 * `MemoryStore` and `openSqliteStore` are such stores. `account` is part of every key. Each method is one
 * atomic step, and what it did is seen by every later one of any process. Stores of one database in several processes
 * know of each other only through it.
 *
 * Every method throws WeChatClientError (`WECHAT_STORE`) when the store cannot be reached.
 */
export interface InboxStore {
  /**
   * In one step: `replayed` if `nonceMark` is remembered with another mark; `duplicate` if `mark` is remembered (then
   * only the nonce is remembered too); else remembers both, keeps the push as not yet emitted, and appends the entry.
   */
  receive(account: string, push: StoredPush): Promise<"new" | "duplicate" | "replayed">;
  /** The push with this key needs no emission any more. */
  emitted(account: string, key: string): Promise<void>;
  /**
   * Gives to `owner` the oldest pushes that were not emitted and whose owner is gone, unknown, or has not beaten since
   * `aliveSince`. No two callers get the same one.
   */
  takeAbandoned(
    account: string,
    taker: { readonly owner: string; readonly aliveSince: number; readonly limit: number },
  ): Promise<readonly StoredArrival[]>;
  /** Appends a message of ours. @returns its id */
  append(account: string, reply: StoredReply): Promise<number>;
  /** Conversations whose last message has an id below `before`, the one with the newest message first. */
  conversations(
    account: string,
    page: { readonly limit: number; readonly before?: number | undefined; readonly unreadOnly: boolean },
  ): Promise<readonly StoredConversation[]>;
  /** One conversation, or undefined. */
  conversation(account: string, openid: string): Promise<StoredConversation | undefined>;
  /** The messages of a conversation nearest to the cursor (without one: the newest), the oldest first. */
  messages(account: string, openid: string, page: StoredPage): Promise<readonly StoredMessage[]>;
  /** Incoming messages with an id above `after`, the oldest first. */
  incoming(
    account: string,
    page: { readonly limit: number; readonly after: number; readonly openid?: string | undefined },
  ): Promise<readonly StoredMessage[]>;
  /** The id of the newest message of the account; 0: there has been none. */
  lastId(account: string): Promise<number>;
  /** Messages with an id up to `upTo` are read. @returns how many of the conversation are not */
  markRead(account: string, openid: string, upTo: number): Promise<number>;
  /** Messages of the account that nobody has read. */
  unread(account: string): Promise<number>;
  /**
   * Deletes a follower's conversation, and their pushes that were not emitted.
   * @param at from when on the account's conversations are complete again
   */
  forget(account: string, openid: string, at: number): Promise<void>;
  /**
   * Deletes what came before the given time, the oldest first: up to `limit` messages, with conversations without any
   * left, and up to `limit` pushes that were not emitted.
   * @returns how many messages or how many pushes, whichever is more; below `limit`: there is no more
   */
  prune(account: string, before: number, limit: number): Promise<number>;
  /** A process is alive, or gone; those that have not beaten since `forgetBefore` are forgotten. */
  beat(account: string, listener: Listener, forgetBefore: number): Promise<void>;
  /** Who has listened, as far as it was told by `beat`, and from when on nothing is missing. */
  coverage(account: string): Promise<Coverage>;
  /**
   * Changes a note, a text of up to 64 KiB that has an end and is part of no conversation. Notes that have ended do not
   * pile up.
   * @returns the body that is there afterwards; undefined: there is none
   */
  amend(account: string, note: NoteAmendment): Promise<string | undefined>;
  /** How much there is; may take time that grows with it. */
  count(account: string): Promise<StoredCounts>;
  /** Ends it; the inbox calls it once, last. */
  close(): Promise<void>;
}
