import { hash, randomUUID } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import { inspect } from "node:util";
import { INBOX_REMEDY } from "../error-catalog.js";
import { WeChatClientError } from "../errors.js";
import { validate } from "../validation.js";
import type { Arrival, Receiver } from "./arrival.js";
import {
  type Conversation,
  type ConversationPage,
  type ConversationsOptions,
  conversationOf,
  conversationPage,
  type InboxStats,
  type IncomingOptions,
  type IncomingPage,
  incomingOf,
  type MessagePage,
  messagePage,
  type ReadOptions,
  type WaitOptions,
} from "./conversations.js";
import { factsOf, updatedByPush, updatedBySent } from "./facts-updates.js";
import {
  CONVERSATIONS,
  FOLLOWER,
  INBOX_OPTIONS,
  INBOX_REMEDIES,
  INCOMING,
  type InboxOptions,
  MARK_READ,
  NOTE,
  READ,
  WAIT,
} from "./inbox-options.js";
import { coveredSince } from "./listening.js";
import { amendSafely } from "./notes.js";
import { Presence } from "./presence.js";
import { type ReplyRule, type ReplyWindow, windowOf } from "./reply-window.js";
import { isReadable, isShown } from "./scenes.js";
import type { Sent, SentLog } from "./sent.js";
import type { InboxStore, NoteChange } from "./store.js";
import { Wakeups } from "./wakeups.js";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/**
 * How long pushes and nonces are remembered. WeChat repeats a push within some 15 s; a signed request can be replayed as
 * long as its timestamp may be off, 10 minutes either way.
 */
const MARKS_KEPT = 20 * MINUTE;
/** Messages deleted in one step, so that other work comes between. */
const PRUNE_BATCH = 500;
const PRUNE_EVERY = 60 * MINUTE;

/**
 * Keeps an account's conversations: what came in, what went out and how it ended, what is unread, and whether a reply
 * can still be delivered. Several processes may share one through a store. What followers wrote is shown by no log,
 * error or `inspect` of it.
 *
 * @example
 * const inbox = new Inbox({ appId, store: await openSqliteStore("inbox.db") });
 * const client = new WeChatClient({ appId, appSecret, inbox });
 */
export class Inbox implements Receiver, SentLog {
  /** The account's AppID. */
  readonly appId: string;
  readonly #store: InboxStore;
  readonly #clock: () => number;
  readonly #rule: ReplyRule;
  readonly #lease: number;
  readonly #retention: number;
  readonly #forgetUnsubscribed: boolean;
  readonly #pollInterval: number;
  readonly #onError: (error: unknown) => void;
  readonly #presence: Presence;
  readonly #wakeups = new Wakeups();
  /** Records that nobody waits for. */
  readonly #recording = new Set<Promise<unknown>>();
  #prunedAt = Number.NEGATIVE_INFINITY;
  #closing: Promise<void> | undefined;

  /** @throws WeChatValidationError that names the wrong option */
  constructor(options: InboxOptions) {
    const checked = validate(INBOX_OPTIONS(), options, INBOX_REMEDIES);
    this.appId = checked.appId;
    this.#store = checked.store;
    this.#clock = checked.clock;
    this.#rule = checked.replyRule;
    this.#lease = checked.lease;
    this.#retention = checked.retentionDays * DAY;
    this.#forgetUnsubscribed = checked.forgetUnsubscribed;
    this.#pollInterval = checked.pollInterval;
    this.#onError = checked.onError;
    this.#presence = new Presence({
      owner: randomUUID(),
      lease: checked.lease,
      clock: checked.clock,
      beat: (listener, forgetBefore) => this.#store.beat(this.appId, listener, forgetBefore),
      onBeat: () => this.#pruneInTime(),
      onError: checked.onError,
    });
  }

  /**
   * Keeps a push with its duplicate mark in one step, as not yet emitted. When the promise resolves the push may be
   * acknowledged: with a store outside this process it survives a kill.
   */
  async receive(arrival: Arrival): Promise<"new" | "duplicate" | "replayed"> {
    this.#assertOpen();
    const { key, nonce, timestamp, message } = arrival;
    const { openid } = message;
    const at = this.#clock();
    const told = this.#presence.heard();
    if (told) await told;
    const forgets = this.#forgetUnsubscribed && message.type === "event" && message.event === "unsubscribe";
    const shown = isShown(message) && !forgets;
    const result = await this.#store.receive(this.appId, {
      openid,
      at,
      key,
      mark: `push ${hash("sha256", key, "base64")}`,
      ...(nonce !== undefined && { nonceMark: `nonce ${timestamp ?? ""} ${nonce}` }),
      marksUntil: at + MARKS_KEPT,
      owner: this.#presence.owner,
      body: JSON.stringify(message),
      ...(shown && { entry: { unread: isReadable(message), facts: updatedByPush(message, at, this.#rule) } }),
      forgets,
    });
    if (result === "new" && shown) this.#wakeups.wake();
    return result;
  }

  /** A push was handed on; it is not emitted again. */
  async emitted(key: string): Promise<void> {
    this.#assertOpen();
    await this.#store.emitted(this.appId, key);
  }

  /**
   * Pushes that were kept and not emitted by a process that is gone, or has shown no sign of life for `lease`; now this
   * one's. Call it at start and from time to time. While the store was away nobody could show any: a process that
   * noticed gives the others a `lease` to do so. One that began after it has noticed nothing.
   * @param limit how many at most. Default 100.
   */
  async takeAbandoned(limit = 100): Promise<readonly Arrival[]> {
    this.#assertOpen();
    await this.#presence.alive();
    const { owner } = this.#presence;
    const aliveSince = this.#presence.aliveSince();
    const taken = await this.#store.takeAbandoned(this.appId, { owner, aliveSince, limit });
    return taken.map(({ key, body }) => ({ key, message: JSON.parse(body) }));
  }

  /**
   * Keeps a message that was sent, with its outcome. What was delivered or may have been counts against the reply
   * window; passive replies and template messages do not. Where WeChat says that the window is closed or used up, it is.
   * @returns its id
   */
  async recordSent(openid: string, sent: Sent): Promise<string> {
    this.#assertOpen();
    const at = this.#clock();
    const facts = updatedBySent(sent, at, this.#rule);
    const id = await this.#store.append(this.appId, { openid, at, body: JSON.stringify(sent), facts });
    this.#pruneInTime();
    return String(id);
  }

  /** As {@link recordSent}, without waiting: a failure goes to `onError`. `close()` waits for it. */
  record(openid: string, sent: Sent): void {
    const recording: Promise<unknown> = this.recordSent(openid, sent)
      .catch(this.#onError)
      .finally(() => this.#recording.delete(recording));
    this.#recording.add(recording);
  }

  /**
   * Conversations, the one with the newest message first. While you page, one that gets a message moves to the front: it
   * does not come twice, and is found by asking from the start again.
   * @throws WeChatValidationError
   */
  async conversations(options: ConversationsOptions = {}): Promise<ConversationPage> {
    const { limit, before, unreadOnly } = validate(CONVERSATIONS(), options, INBOX_REMEDIES);
    this.#assertOpen();
    const found = await this.#store.conversations(this.appId, { limit: limit + 1, before, unreadOnly });
    return conversationPage(found, limit, await this.#windows());
  }

  /**
   * One conversation at a glance, or undefined if the inbox knows none with this follower.
   * @throws WeChatValidationError
   */
  async conversation(openid: string): Promise<Conversation | undefined> {
    validate(FOLLOWER(), { openid }, INBOX_REMEDIES);
    this.#assertOpen();
    const found = await this.#store.conversation(this.appId, openid);
    return found && conversationOf(found, await this.#windows());
  }

  /**
   * Messages of one conversation, the oldest first: the newest ones, or those next to a cursor. Reading marks nothing as
   * read. Events that come by themselves (locations, results of template messages) are not part of a conversation.
   * @throws WeChatValidationError
   */
  async read(openid: string, options: ReadOptions = {}): Promise<MessagePage> {
    validate(FOLLOWER(), { openid }, INBOX_REMEDIES);
    const { limit, before, after } = validate(READ(), options, INBOX_REMEDIES);
    this.#assertOpen();
    const found = await this.#store.messages(this.appId, openid, { limit: limit + 1, before, after });
    return messagePage(found, { limit, before, after });
  }

  /**
   * What followers wrote or did after a cursor, the oldest first. Reading consumes nothing.
   * @param options without `after`: from the oldest on
   * @throws WeChatValidationError
   */
  async incoming(options: IncomingOptions = {}): Promise<IncomingPage> {
    const { after = 0, ...page } = validate(INCOMING(), options, INBOX_REMEDIES);
    this.#assertOpen();
    const found = await this.#store.incoming(this.appId, { ...page, after });
    return { messages: found.map(incomingOf), cursor: String(found.at(-1)?.id ?? after) };
  }

  /**
   * Waits until followers have written or done something after a cursor. What this process receives is noticed at once,
   * what another one receives within `pollInterval`.
   * @param options without `after`: from now on
   * @returns an empty page if nothing came in time
   * @throws WeChatValidationError; WeChatClientError when the inbox is closed meanwhile
   */
  async waitForIncoming(options: WaitOptions = {}): Promise<IncomingPage> {
    const { timeout, signal, after: given } = validate(WAIT(), options, INBOX_REMEDIES);
    this.#assertOpen();
    const after = given === undefined ? String(await this.#store.lastId(this.appId)) : options.after;
    const endAt = performance.now() + timeout;
    for (;;) {
      // Listens before it looks, so that nothing comes in between.
      const next = this.#wakeups.next();
      try {
        const page = await this.incoming({ after, openid: options.openid, limit: options.limit });
        const left = endAt - performance.now();
        if (page.messages.length > 0 || left <= 0 || signal?.aborted) return page;
        await next.within(Math.min(left, this.#pollInterval), signal);
      } finally {
        next.drop();
      }
    }
  }

  /**
   * Marks a follower's messages as read.
   * @param upTo id of the last one that was read. Default: all
   * @returns how many are still unread
   * @throws WeChatValidationError
   */
  async markRead(openid: string, upTo?: string): Promise<number> {
    const checked = validate(MARK_READ(), { openid, upTo }, INBOX_REMEDIES);
    this.#assertOpen();
    const last = checked.upTo ?? (await this.#store.lastId(this.appId));
    return this.#store.markRead(this.appId, openid, last);
  }

  /** Messages of all followers that nobody has marked as read. */
  async unreadCount(): Promise<number> {
    this.#assertOpen();
    return this.#store.unread(this.appId);
  }

  /**
   * Whether a follower can be answered, until when, and with how many messages: an estimate. It counts what was given to
   * {@link record} before.
   * @throws WeChatValidationError
   */
  async window(openid: string): Promise<ReplyWindow> {
    validate(FOLLOWER(), { openid }, INBOX_REMEDIES);
    this.#assertOpen();
    await Promise.all(this.#recording);
    const found = await this.#store.conversation(this.appId, openid);
    return (await this.#windows())(found?.facts);
  }

  /**
   * Deletes all that is kept of a follower, also what was not emitted yet.
   * @throws WeChatValidationError
   */
  async forget(openid: string): Promise<void> {
    validate(FOLLOWER(), { openid }, INBOX_REMEDIES);
    this.#assertOpen();
    await this.#store.forget(this.appId, openid, this.#clock());
  }

  /**
   * Deletes messages, and pushes that nobody emitted, older than `retentionDays`, in small steps. A process that receives or records does so every hour
   * by itself.
   * @returns how many were deleted
   */
  async prune(): Promise<number> {
    const before = this.#clock() - this.#retention;
    for (let deleted = 0; ; await nextTurn()) {
      this.#assertOpen();
      const step = await this.#store.prune(this.appId, before, PRUNE_BATCH);
      deleted += step;
      if (step < PRUNE_BATCH) return deleted;
    }
  }

  /**
   * Changes a note in one step: a small text under a name, shared by all who use the inbox. For what processes must
   * agree on, such as who may do something once (put a claim if there is none, later the result in its place), or how
   * often something was done of late. Notes belong to no conversation: {@link forget}, {@link prune} and {@link stats}
   * leave them out, so put no follower's words into one that is kept for long.
   *
   * Where the store failed (`WECHAT_STORE`), the change may have been made: put something of your own into the body, by
   * which you know it when you repeat the call.
   * @param key 1 to 200 characters
   * @param change gives the new body (up to 64 KiB) from the present one, or undefined to leave all as it is; must be
   * pure, because it may be called more than once. What it throws changes nothing and is thrown here
   * @param keptFor milliseconds after which a new body is gone
   * @returns the body that is there afterwards; undefined: there is none
   * @example
   * const claim = randomUUID();
   * const body = await inbox.amendNote(`once ${id}`, (before) => (before === undefined ? claim : undefined), 60_000);
   * if (body === claim) await doIt();
   * @throws WeChatValidationError that names `key`, `change`, `keptFor` or `body`; WeChatClientError
   */
  async amendNote(key: string, change: NoteChange, keptFor: number): Promise<string | undefined> {
    validate(NOTE(), { key, change, keptFor }, INBOX_REMEDIES);
    this.#assertOpen();
    const now = this.#clock();
    return amendSafely(this.#store, this.appId, { key, change, now, until: now + keptFor });
  }

  /** How much there is. Counts it, which takes time with a large inbox. */
  async stats(): Promise<InboxStats> {
    this.#assertOpen();
    const counted = await this.#store.count(this.appId);
    const unread = await this.#store.unread(this.appId);
    const listeningSince = await this.#listeningSince();
    return { ...counted, unread, ...(listeningSince !== undefined && { listeningSince }) };
  }

  /**
   * Ends waiting, waits for records under way, leaves what was not emitted to others (or to this program's next start),
   * and closes the store.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [inspect.custom](): string {
    return `Inbox { appId: '${this.appId}' }`;
  }

  async #close(): Promise<void> {
    this.#wakeups.wake();
    await Promise.all(this.#recording);
    try {
      await this.#presence.leave();
    } finally {
      await this.#store.close();
    }
  }

  #assertOpen(): void {
    if (this.#closing) throw new WeChatClientError("WECHAT_CLOSED", "This Inbox was closed.", INBOX_REMEDY.closed);
  }

  /** Tells the windows of this moment from facts. */
  async #windows(): Promise<(facts: string | undefined) => ReplyWindow> {
    const listeningSince = await this.#listeningSince();
    const now = this.#clock();
    return (facts) => windowOf(factsOf(facts), now, this.#rule, listeningSince);
  }

  async #listeningSince(): Promise<number | undefined> {
    return coveredSince(await this.#store.coverage(this.appId), this.#clock(), this.#lease);
  }

  #pruneInTime(): void {
    const now = this.#clock();
    if (now - this.#prunedAt < PRUNE_EVERY) return;
    this.#prunedAt = now;
    this.prune().catch((error) => {
      if (!this.#closing) this.#onError(error);
    });
  }
}
