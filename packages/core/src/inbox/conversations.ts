import type { PushedMessage } from "./arrival.js";
import type { ReplyWindow } from "./reply-window.js";
import type { Sent } from "./sent.js";
import type { StoredConversation, StoredMessage, StoredPage } from "./store.js";

/** What both kinds of messages in a conversation have. */
interface Entry {
  /** Also a cursor; grows with every message of the account. */
  readonly id: string;
  /** The follower. */
  readonly openid: string;
  /** When the inbox got to know of it, in milliseconds since 1970. */
  readonly at: number;
}

/** What a follower wrote or did. */
export interface ReceivedMessage extends Entry {
  /** It came in. */
  readonly direction: "in";
  /** What WeChat pushed; what a Callback put in is an IncomingMessage. */
  readonly message: PushedMessage;
}

/** What was sent to a follower, and what became of it. */
export interface OutgoingMessage extends Entry, Sent {
  /** It went out. */
  readonly direction: "out";
}

/** One entry of a conversation, by `direction`. */
export type InboxMessage = ReceivedMessage | OutgoingMessage;

/** A follower's conversation at a glance. */
export interface Conversation {
  /** The follower. */
  readonly openid: string;
  /** Messages of the follower that nobody has marked as read; events do not count. */
  readonly unread: number;
  /** The newest message. */
  readonly last: InboxMessage;
  /** Whether the follower can be answered. */
  readonly window: ReplyWindow;
}

/** Conversations, the one with the newest message first. */
export interface ConversationPage {
  /** At most `limit`. */
  readonly conversations: readonly Conversation[];
  /** Give it as `before` to get older ones; absent: there are none. */
  readonly older?: string;
}

/** Messages of one conversation, the oldest first. */
export interface MessagePage {
  /** At most `limit`. */
  readonly messages: readonly InboxMessage[];
  /** Give it as `before` to get older ones; absent: there are none. */
  readonly older?: string;
  /** Give it as `after` to get newer ones; absent: there were none. */
  readonly newer?: string;
}

/** What followers wrote or did, the oldest first. */
export interface IncomingPage {
  /** At most `limit`. */
  readonly messages: readonly ReceivedMessage[];
  /** Give it as `after` to get what comes next. */
  readonly cursor: string;
}

/** Which part of a list, for all that comes in pages. */
export interface PageOptions {
  /** How many at most, 1 to 500. Default 50. */
  limit?: number | undefined;
  /** Only what is older than this cursor or message id. */
  before?: string | undefined;
}

/** Which conversations. */
export interface ConversationsOptions extends PageOptions {
  /** Only conversations with unread messages. Default false. */
  unreadOnly?: boolean | undefined;
}

/** Which messages of a conversation. */
export interface ReadOptions extends PageOptions {
  /** Only what is newer than this cursor or message id; not together with `before`. */
  after?: string | undefined;
}

/** Which of the messages that came in. */
export interface IncomingOptions {
  /** How many at most, 1 to 500. Default 50. */
  limit?: number | undefined;
  /** Only what came after this cursor or message id. */
  after?: string | undefined;
  /** Only of this follower. */
  openid?: string | undefined;
}

/** What to wait for, and how long. */
export interface WaitOptions extends IncomingOptions {
  /** Milliseconds to wait at most. Default 30 000. */
  timeout?: number | undefined;
  /** Stops waiting: what has come by then is returned. */
  signal?: AbortSignal | undefined;
}

/** How much an inbox holds. */
export interface InboxStats {
  /** Followers of whom there are messages. */
  readonly conversations: number;
  /** Messages in and out, of all conversations. */
  readonly messages: number;
  /** Messages of followers that nobody has marked as read. */
  readonly unread: number;
  /** Pushes that were kept and not yet handed on. */
  readonly pending: number;
  /** Since when no push can have been missed, in milliseconds since 1970; absent: nobody listens. */
  readonly listeningSince?: number;
}

/** Tells a window from stored facts. */
type Windows = (facts: string | undefined) => ReplyWindow;

/** A stored conversation as readers see it. */
export function conversationOf({ openid, unread, facts, last }: StoredConversation, window: Windows): Conversation {
  return { openid, unread, last: entryOf(last), window: window(facts) };
}

/** @param found up to one more than `limit` */
export function conversationPage(
  found: readonly StoredConversation[],
  limit: number,
  window: Windows,
): ConversationPage {
  const page = found.slice(0, limit);
  const last = page.at(-1)?.last;
  return {
    conversations: page.map((conversation) => conversationOf(conversation, window)),
    ...(found.length > limit && last && { older: String(last.id) }),
  };
}

/** @param found what stands next to the cursor, up to one more than `limit` */
export function messagePage(found: readonly StoredMessage[], { limit, before, after }: StoredPage): MessagePage {
  const more = found.length > limit;
  const messages = (after === undefined ? found.slice(-limit) : found.slice(0, limit)).map(entryOf);
  const [first, last] = [messages[0]?.id, messages.at(-1)?.id];
  return {
    messages,
    ...((after === undefined ? more : first) && { older: first }),
    ...((after === undefined ? before && last : more) && { newer: last }),
  };
}

/** A stored message as readers see it. */
function entryOf(stored: StoredMessage): InboxMessage {
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
