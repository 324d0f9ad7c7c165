import type { PushedMessage } from "./arrival.js";
import type { ReplyWindow } from "./reply-window.js";
import type { Sent } from "./sent.js";
import type { StoredMessage } from "./store.js";

/** What both kinds of messages in a conversation have. */
interface Entry {
  /** Also a cursor; grows with every message of the account. */
  readonly id: string;
  readonly openid: string;
  /** When the inbox got to know of it, in milliseconds since 1970. */
  readonly at: number;
}

/** What a follower wrote or did. */
export interface ReceivedMessage extends Entry {
  readonly direction: "in";
  readonly message: PushedMessage;
}

/** What was sent to a follower, and what became of it. */
export interface OutgoingMessage extends Entry, Sent {
  readonly direction: "out";
}

export type InboxMessage = ReceivedMessage | OutgoingMessage;

/** A follower's conversation at a glance. */
export interface Conversation {
  readonly openid: string;
  /** Messages of the follower that nobody has marked as read; events do not count. */
  readonly unread: number;
  readonly last: InboxMessage;
  readonly window: ReplyWindow;
}

/** Conversations, the one with the newest message first. */
export interface ConversationPage {
  readonly conversations: readonly Conversation[];
  /** Give it as `before` to get older ones; absent: there are none. */
  readonly older?: string;
}

/** Messages of one conversation, the oldest first. */
export interface MessagePage {
  readonly messages: readonly InboxMessage[];
  /** Give it as `before` to get older ones; absent: there are none. */
  readonly older?: string;
  /** Give it as `after` to get newer ones; absent: there were none. */
  readonly newer?: string;
}

/** What followers wrote or did, the oldest first. */
export interface IncomingPage {
  readonly messages: readonly ReceivedMessage[];
  /** Give it as `after` to get what comes next. */
  readonly cursor: string;
}

export interface PageOptions {
  /** How many at most, 1 to 500. Default 50. */
  limit?: number | undefined;
  /** Only what is older than this cursor or message id. */
  before?: string | undefined;
}

export interface ConversationsOptions extends PageOptions {
  /** Only conversations with unread messages. Default false. */
  unreadOnly?: boolean | undefined;
}

export interface ReadOptions extends PageOptions {
  /** Only what is newer than this cursor or message id; not together with `before`. */
  after?: string | undefined;
}

export interface IncomingOptions {
  /** How many at most, 1 to 500. Default 50. */
  limit?: number | undefined;
  /** Only what came after this cursor or message id. */
  after?: string | undefined;
  /** Only of this follower. */
  openid?: string | undefined;
}

export interface WaitOptions extends IncomingOptions {
  /** Milliseconds to wait at most. Default 30 000. */
  timeout?: number | undefined;
  /** Stops waiting: what has come by then is returned. */
  signal?: AbortSignal | undefined;
}

/** How much an inbox holds. */
export interface InboxStats {
  readonly conversations: number;
  readonly messages: number;
  readonly unread: number;
  /** Pushes that were kept and not yet handed on. */
  readonly pending: number;
  /** Since when no push can have been missed, in milliseconds since 1970; absent: nobody listens. */
  readonly listeningSince?: number;
}

/** A stored message as readers see it. */
export function entryOf(stored: StoredMessage): InboxMessage {
  return stored.incoming ? incomingOf(stored) : { ...common(stored), direction: "out", ...sentOf(stored.body) };
}

/** The same, of one that is known to be incoming. */
export function incomingOf(stored: StoredMessage): ReceivedMessage {
  const message: PushedMessage = JSON.parse(stored.body);
  return { ...common(stored), direction: "in", message };
}

const common = ({ id, openid, at }: StoredMessage) => ({ id: String(id), openid, at });

function sentOf(body: string): Sent {
  return JSON.parse(body);
}
