import { randomUUID } from "node:crypto";
import { type Bilingual, INBOX_REMEDY } from "../error-catalog.js";
import { WeChatClientError } from "../errors.js";
import { RedisConnection, type RedisOptions, type RedisScript } from "../redis-connection.js";
import type { Coverage, Listener } from "./listening.js";
import { inboxKeys, noteKey } from "./redis-lua.js";
import {
  AMEND,
  APPEND_REPLY,
  BEAT,
  CONVERSATIONS,
  COUNT,
  COVERAGE,
  EMITTED,
  FORGET,
  INCOMING_FROM,
  LAST_ID,
  MARK_READ,
  MESSAGES_BEFORE,
  MESSAGES_FROM,
  ONE_CONVERSATION,
  PRUNE,
  RECEIVE,
  TAKE_ABANDONED,
  UNREAD,
} from "./redis-scripts.js";
import type {
  FactsUpdate,
  InboxStore,
  NoteAmendment,
  StoredConversation,
  StoredMessage,
  StoredPage,
  StoredPush,
  StoredReply,
} from "./store.js";
import { Unanswered } from "./unanswered.js";

/**
 * Others may write to a conversation or note between our look and our write. Each repetition means that one of them did,
 * so that many are never needed.
 */
const MAX_LOOKS = 500;

/**
 * Milliseconds for which Redis keeps a note after its end, which the inbox's clock tells: that of another host may be
 * behind.
 */
const NOTE_MARGIN = 60 * 60_000;

/**
 * Opens an inbox store in a Redis, which several processes of several machines may share. Needs the package `ioredis`.
 * It does not wait for Redis: calls do, up to 1.5 s, and fail with `WECHAT_STORE` while it is away; then they work again.
 *
 * What Redis keeps over its own restart is its setting. Set `appendonly yes` (with `appendfsync everysec` a power cut may
 * lose the last second, `always` writes each change before it answers) and `maxmemory-policy noeviction`: with another
 * policy Redis may drop a whole inbox, or its marks and notes, when memory runs short.
 * @example new Inbox({ appId, store: await openRedisStore({ url: "redis://:password@host:6379/0" }) })
 * @throws WeChatValidationError for a URL that is none; WeChatClientError (`WECHAT_STORE`) if ioredis is not installed
 */
export async function openRedisStore(options: RedisOptions): Promise<InboxStore> {
  return new RedisStore(await RedisConnection.open(options));
}

/** What this process knows of an account. */
interface Account {
  readonly keys: readonly string[];
  readonly unanswered: Unanswered;
  /** Keys of pushes that were handed on, and of which Redis could not be told. */
  readonly untold: Set<string>;
}

class RedisStore implements InboxStore {
  readonly #connection: RedisConnection;
  readonly #accounts = new Map<string, Account>();

  constructor(connection: RedisConnection) {
    this.#connection = connection;
  }

  async receive(appId: string, push: StoredPush): Promise<"new" | "duplicate" | "replayed"> {
    const { openid, at, key, mark, nonceMark = "", marksUntil, owner, body, entry, forgets } = push;
    const { unanswered } = this.#account(appId);
    const earlier = unanswered.takeFor(key);
    const kind = entry ? (entry.unread ? "r" : "e") : "";
    const text = entry ? textOf(push, kind) : "";
    const askLater = () => {
      for (const attempt of earlier) unanswered.add(attempt, key);
    };
    try {
      const reply = await this.#attempt(appId, key, (attempt, sending) => {
        const given = [word(openid), at, key, mark, nonceMark, marksUntil, word(owner), attempt, body];
        return this.#upToDate(entry?.facts ?? (() => ""), (facts) =>
          this.#run(RECEIVE, appId, [...given, forgets ? "1" : "", kind, text, ...facts, ...earlier], sending),
        );
      });
      if (reply === "new" || reply === "duplicate") return reply;
      if (reply !== "replayed") throw unreadable();
      askLater();
      return reply;
    } catch (error) {
      askLater();
      throw error;
    }
  }

  async emitted(appId: string, key: string): Promise<void> {
    try {
      await this.#run(EMITTED, appId, [key]);
    } catch (error) {
      this.#account(appId).untold.add(key);
      throw error;
    }
  }

  async takeAbandoned(appId: string, taker: { owner: string; aliveSince: number; limit: number }) {
    const { unanswered } = this.#account(appId);
    const unsure = unanswered.all();
    const reply = await this.#attempt(appId, undefined, (attempt, sending) => {
      const given = [word(taker.owner), taker.aliveSince, taker.limit, attempt, ...unsure];
      return this.#run(TAKE_ABANDONED, appId, given, sending);
    });
    const taken = rows(reply, 2);
    if (taken.length < taker.limit) unanswered.askedFor(unsure);
    return taken.map(([key = "", body = ""]) => ({ key, body }));
  }

  async append(appId: string, reply: StoredReply): Promise<number> {
    const given = [word(reply.openid), reply.at, textOf(reply, "o")];
    return Number(await this.#upToDate(reply.facts, (facts) => this.#run(APPEND_REPLY, appId, [...given, ...facts])));
  }

  async conversations(appId: string, page: { limit: number; before?: number | undefined; unreadOnly: boolean }) {
    const given = [page.unreadOnly ? "1" : "", page.before === undefined ? "+inf" : page.before - 1, page.limit];
    return rows(await this.#run(CONVERSATIONS, appId, given), 5).map(conversationOf);
  }

  async conversation(appId: string, openid: string): Promise<StoredConversation | undefined> {
    return rows(await this.#run(ONE_CONVERSATION, appId, [word(openid)]), 5).map(conversationOf)[0];
  }

  async messages(appId: string, openid: string, { limit, before, after }: StoredPage) {
    if (after !== undefined) return this.#messages(MESSAGES_FROM, appId, [word(openid), after + 1, limit, ""]);
    return (await this.#messages(MESSAGES_BEFORE, appId, [word(openid), before ?? "", limit])).reverse();
  }

  incoming(appId: string, { limit, after, openid }: { limit: number; after: number; openid?: string | undefined }) {
    return openid === undefined
      ? this.#messages(INCOMING_FROM, appId, [after + 1, limit])
      : this.#messages(MESSAGES_FROM, appId, [word(openid), after + 1, limit, "1"]);
  }

  async lastId(appId: string): Promise<number> {
    return Number(await this.#run(LAST_ID, appId));
  }

  async markRead(appId: string, openid: string, upTo: number): Promise<number> {
    return Number(await this.#run(MARK_READ, appId, [word(openid), upTo + 1]));
  }

  async unread(appId: string): Promise<number> {
    return Number(await this.#run(UNREAD, appId));
  }

  async forget(appId: string, openid: string, at: number): Promise<void> {
    await this.#run(FORGET, appId, [word(openid), at]);
  }

  async prune(appId: string, before: number, limit: number): Promise<number> {
    return Number(await this.#run(PRUNE, appId, [before, limit]));
  }

  async beat(appId: string, { owner, since, beatAt, gone }: Listener, forgetBefore: number): Promise<void> {
    const { untold } = this.#account(appId);
    if (untold.size > 0) {
      const keys = [...untold];
      await this.#run(EMITTED, appId, keys);
      for (const key of keys) untold.delete(key);
    }
    await this.#run(BEAT, appId, [word(owner), beatAt, gone ? "1" : "0", since ?? "-", forgetBefore]);
  }

  async coverage(appId: string): Promise<Coverage> {
    const [completeSince, ...listeners] = texts(await this.#run(COVERAGE, appId));
    return { completeSince: Number(completeSince), listeners: rows(listeners, 2).map(listenerOf) };
  }

  /**
   * Compares and writes, and is sent once like every command: one whose answer was lost is carried out once or not at
   * all, also when Redis reads it late, because by then the body must still be the one it was computed from.
   */
  async amend(appId: string, { key, change, now, until }: NoteAmendment): Promise<string | undefined> {
    const keys = [this.#connection.key(word(appId), noteKey(word(key)))];
    const kept = Math.ceil(Math.max(0, until - now)) + NOTE_MARGIN;
    let body: string | undefined;
    const written = (before: string | undefined) => {
      const after = change(before);
      body = after ?? before;
      return after === undefined ? "" : `=${after}`;
    };
    const reply = await this.#upToDate(written, (bodies) =>
      this.#connection.run((redis) => AMEND.run(redis, keys, [now, ...bodies, until, kept])),
    );
    if (reply !== 1) throw unreadable();
    return body;
  }

  async count(appId: string) {
    const [conversations, messages, pending] = texts(await this.#run(COUNT, appId)).map(Number);
    if (conversations === undefined || messages === undefined || pending === undefined) throw unreadable();
    return { conversations, messages, pending };
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  #account(appId: string): Account {
    const known = this.#accounts.get(appId);
    if (known) return known;
    const keys = inboxKeys((name) => this.#connection.key(word(appId), name));
    const account = { keys, unanswered: new Unanswered(), untold: new Set<string>() };
    this.#accounts.set(appId, account);
    return account;
  }

  /**
   * Gives work a new attempt, which is remembered if it left and its answer is lost.
   * @param push the key of the push that it is for; undefined: for several
   */
  async #attempt<T>(
    appId: string,
    push: string | undefined,
    work: (attempt: string, sending: () => void) => Promise<T>,
  ): Promise<T> {
    const attempt = randomUUID();
    let sent = false;
    try {
      return await work(attempt, () => {
        sent = true;
      });
    } catch (error) {
      if (sent) this.#account(appId).unanswered.add(attempt, push);
      throw error;
    }
  }

  /** @param sending is called when it is about to leave */
  #run(script: RedisScript, appId: string, values: readonly (string | number)[] = [], sending = () => {}) {
    const { keys } = this.#account(appId);
    return this.#connection.run((redis) => {
      sending();
      return script.run(redis, keys, values);
    });
  }

  async #messages(script: RedisScript, appId: string, values: readonly (string | number)[]) {
    return rows(await this.#run(script, appId, values), 2).map(messageOf);
  }

  /** Writes facts, or a note, that follow from those that are there: the first try is for where there are none. */
  async #upToDate(update: FactsUpdate, write: (beforeAndAfter: readonly [string, string]) => Promise<unknown>) {
    let before = "";
    for (let looks = 0; looks < MAX_LOOKS; looks++) {
      const reply = await write([before, update(before === "" ? undefined : before.slice(1))]);
      if (!Array.isArray(reply)) return reply;
      [before = ""] = texts(reply);
    }
    throw problem("others write to the same place without end", INBOX_REMEDY.contended);
  }
}

/** A name as it stands in keys and members: without spaces and colons. Openids stay as they are. */
const word = (name: string) => encodeURIComponent(name.toWellFormed());

/** A message as Redis keeps it. */
const textOf = ({ at, openid, body }: { at: number; openid: string; body: string }, kind: string) =>
  `${at} ${kind} ${word(openid)}\n${body}`;

function messageOf([id, text = ""]: readonly string[]): StoredMessage {
  const [, at, kind, openid, body] = /^(\S+) (\S) (\S*)\n(.*)$/s.exec(text) ?? [];
  if (openid === undefined || body === undefined) throw unreadable();
  return { id: Number(id), openid: decodeURIComponent(openid), incoming: kind !== "o", at: Number(at), body };
}

function conversationOf([openid = "", unread, facts = "", ...last]: readonly string[]): StoredConversation {
  return { openid: decodeURIComponent(openid), unread: Number(unread), facts, last: messageOf(last) };
}

function listenerOf([owner = "", text = ""]: readonly string[]): Listener {
  const [beatAt, gone, since] = text.split(" ");
  return {
    owner: decodeURIComponent(owner),
    ...(since !== "-" && { since: Number(since) }),
    beatAt: Number(beatAt),
    gone: gone === "1",
  };
}

function texts(reply: unknown): readonly string[] {
  if (!Array.isArray(reply)) throw unreadable();
  return reply.map((item) => {
    if (typeof item !== "string" && typeof item !== "number") throw unreadable();
    return String(item);
  });
}

/** A flat answer, `width` texts a row. */
function rows(reply: unknown, width: number): string[][] {
  const flat = texts(reply);
  return Array.from({ length: flat.length / width }, (_, row) => flat.slice(row * width, (row + 1) * width));
}

const problem = (what: string, remedy: Bilingual) => new WeChatClientError("WECHAT_STORE", `Redis: ${what}`, remedy);

const unreadable = () => problem("something else stands where the inbox should", INBOX_REMEDY.foreign);
