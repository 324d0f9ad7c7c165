import type { Coverage, Listener } from "./listening.js";
import { number, type Row, SqliteFile, text } from "./sqlite-file.js";
import {
  type InboxStore,
  MARKS_A_PUSH,
  type NoteAmendment,
  type StoredConversation,
  type StoredMessage,
  type StoredPage,
  type StoredPush,
  type StoredReply,
} from "./store.js";

const CONVERSATION = `
  SELECT c.openid, c.unread, c.facts, m.id, m.incoming, m.at, m.body
  FROM conversations c JOIN messages m ON m.key = (c.id << 32) + c.last_id`;
const MESSAGE = `
  SELECT m.id, c.openid, m.incoming, m.at, m.body FROM messages m JOIN conversations c ON c.id = m.key >> 32`;

/** Above every message id; a key has room for no higher one. */
const END_OF_IDS = 2 ** 32;

/**
 * Opens an inbox store in a SQLite file, which several processes of one machine may share. The file is readable for its
 * owner only. Needs the package `libsql`.
 * @param path of the file; made, with its folder, if there is none
 * @example new Inbox({ appId, store: await openSqliteStore("/var/lib/wechat/inbox.db") })
 * @throws WeChatClientError (`WECHAT_STORE`) if the driver is missing or the file cannot be used
 */
export async function openSqliteStore(path: string): Promise<InboxStore> {
  return new SqliteStore(await SqliteFile.open(path));
}

class SqliteStore implements InboxStore {
  readonly #file: SqliteFile;
  readonly #accounts = new Map<string, number>();

  constructor(file: SqliteFile) {
    this.#file = file;
  }

  receive(appId: string, push: StoredPush): Promise<"new" | "duplicate" | "replayed"> {
    return this.#write(appId, (account) => {
      const { openid, at, key, mark, nonceMark, marksUntil, owner, body, entry } = push;
      const known = this.#marked(account, mark, at) !== undefined;
      if (nonceMark !== undefined) {
        const signed = this.#marked(account, nonceMark, at);
        if (signed !== undefined && signed !== mark) return "replayed";
        if (signed === undefined) this.#remember(account, nonceMark, mark, marksUntil);
      }
      if (known) return "duplicate";
      this.#remember(account, mark, mark, marksUntil);
      this.#forgetMarks(at);
      if (push.forgets) this.#deleteConversation(account, openid);
      this.#file.run(
        "INSERT OR REPLACE INTO pending (account, key, openid, at, owner, body) VALUES (?, ?, ?, ?, ?, ?)",
        ...[account, key, openid, at, owner, body],
      );
      if (entry)
        this.#append(account, { openid, at, body, facts: entry.facts }, { incoming: 1, unread: +entry.unread });
      return "new";
    });
  }

  emitted(appId: string, key: string): Promise<void> {
    return this.#write(appId, (account) => {
      this.#file.run("DELETE FROM pending WHERE account = ? AND key = ?", account, key);
    });
  }

  async takeAbandoned(
    appId: string,
    { owner, aliveSince, limit }: { owner: string; aliveSince: number; limit: number },
  ) {
    const find = (account: number) =>
      this.#file.all(
        `SELECT id, key, body FROM pending WHERE account = ?1 AND owner <> ?2 AND owner NOT IN
           (SELECT owner FROM listeners WHERE account = ?1 AND gone = 0 AND beat_at >= ?3)
         ORDER BY id LIMIT ?4`,
        ...[account, owner, aliveSince, limit],
      );
    // Mostly there is nothing: a look needs no turn among the writers.
    const nothing = await this.#read(appId, (account) => find(account).length === 0);
    if (nothing) return [];
    return this.#write(appId, (account) =>
      find(account).map(({ id, key, body }) => {
        this.#file.run("UPDATE pending SET owner = ? WHERE id = ?", owner, number(id));
        return { key: text(key), body: text(body) };
      }),
    );
  }

  append(appId: string, reply: StoredReply): Promise<number> {
    return this.#write(appId, (account) => this.#append(account, reply, { incoming: 0, unread: 0 }));
  }

  conversations(appId: string, page: { limit: number; before?: number | undefined; unreadOnly: boolean }) {
    // Two texts, so that each has its own index.
    const unread = page.unreadOnly ? "AND c.unread > 0" : "";
    return this.#read(appId, (account) =>
      this.#file
        .all(
          `${CONVERSATION} WHERE c.account = ? AND c.last_id < ? ${unread} ORDER BY c.last_id DESC LIMIT ?`,
          ...[account, page.before ?? Number.MAX_SAFE_INTEGER, page.limit],
        )
        .map(conversationOf),
    );
  }

  conversation(appId: string, openid: string): Promise<StoredConversation | undefined> {
    return this.#read(appId, (account) =>
      this.#file.all(`${CONVERSATION} WHERE c.account = ? AND c.openid = ?`, account, openid).map(conversationOf).at(0),
    );
  }

  messages(appId: string, openid: string, { limit, before, after }: StoredPage): Promise<readonly StoredMessage[]> {
    const order = after === undefined ? "DESC" : "ASC";
    return this.#read(appId, (account) => {
      const sql = `${MESSAGE} WHERE m.key > (?1 << 32) + ?2 AND m.key < (?1 << 32) + ?3 ORDER BY m.key ${order} LIMIT ?4`;
      const found = this.#file
        .all(sql, this.#find(account, openid)?.id ?? 0, inKey(after ?? 0), inKey(before ?? END_OF_IDS), limit)
        .map(messageOf);
      return after === undefined ? found.reverse() : found;
    });
  }

  incoming(appId: string, { limit, after, openid }: { limit: number; after: number; openid?: string | undefined }) {
    return this.#read(appId, (account) => {
      if (openid === undefined) {
        const sql = `${MESSAGE} WHERE m.account = ? AND m.id > ? AND m.incoming = 1 ORDER BY m.id LIMIT ?`;
        return this.#file.all(sql, account, after, limit).map(messageOf);
      }
      const sql = `${MESSAGE} WHERE m.key > (?1 << 32) + ?2 AND m.key < (?1 + 1) << 32 AND m.incoming = 1
        ORDER BY m.key LIMIT ?3`;
      return this.#file.all(sql, this.#find(account, openid)?.id ?? 0, inKey(after), limit).map(messageOf);
    });
  }

  lastId(appId: string): Promise<number> {
    return this.#read(appId, (account) => {
      return number(this.#file.all("SELECT last_id FROM accounts WHERE id = ?", account)[0]?.last_id);
    });
  }

  markRead(appId: string, openid: string, upTo: number): Promise<number> {
    return this.#write(appId, (account) => {
      const id = this.#find(account, openid)?.id;
      if (id === undefined) return 0;
      // Not above the last one: what comes later was not read.
      this.#file.run("UPDATE conversations SET read_id = MAX(read_id, MIN(?, last_id)) WHERE id = ?", upTo, id);
      this.#countUnread(id);
      return number(this.#file.all("SELECT unread FROM conversations WHERE id = ?", id)[0]?.unread);
    });
  }

  unread(appId: string): Promise<number> {
    return this.#read(appId, (account) => {
      const sql = "SELECT SUM(unread) AS unread FROM conversations WHERE account = ? AND unread > 0";
      return number(this.#file.all(sql, account)[0]?.unread ?? 0);
    });
  }

  forget(appId: string, openid: string, at: number): Promise<void> {
    return this.#write(appId, (account) => {
      this.#deleteConversation(account, openid);
      this.#file.run("DELETE FROM pending WHERE account = ? AND openid = ?", account, openid);
      this.#file.run("UPDATE accounts SET complete_since = MAX(complete_since, ?) WHERE id = ?", at, account);
    });
  }

  prune(appId: string, before: number, limit: number): Promise<number> {
    return this.#write(appId, (account) => {
      // Ids grow with time, so the oldest are found by id, without an index of times.
      const sql = "SELECT key >> 32 AS conversation, id, at FROM messages WHERE account = ? ORDER BY id LIMIT ?";
      const oldest = this.#file
        .all(sql, account, limit)
        .map(({ id, conversation, at }) => ({ id: number(id), conversation: number(conversation), at: number(at) }));
      const young = oldest.findIndex(({ at }) => at >= before);
      const old = young === -1 ? oldest : oldest.slice(0, young);
      for (const { conversation, id } of old) {
        this.#file.run("DELETE FROM messages WHERE key = (? << 32) + ?", conversation, id);
      }
      const newest = old.at(-1)?.id ?? 0;
      for (const conversation of new Set(old.map((message) => message.conversation))) {
        this.#file.run("DELETE FROM conversations WHERE id = ? AND last_id <= ?", conversation, newest);
        this.#countUnread(conversation);
      }
      const pushes = "SELECT id FROM pending WHERE account = ? AND at < ? ORDER BY id LIMIT ?";
      const dropped = this.#file.all(
        `DELETE FROM pending WHERE id IN (${pushes}) RETURNING id`,
        account,
        before,
        limit,
      );
      return Math.max(old.length, dropped.length);
    });
  }

  beat(appId: string, { owner, since, beatAt, gone }: Listener, forgetBefore: number): Promise<void> {
    return this.#write(appId, (account) => {
      this.#file.run(
        "INSERT OR REPLACE INTO listeners (account, owner, since, beat_at, gone) VALUES (?, ?, ?, ?, ?)",
        ...[account, owner, since ?? null, beatAt, +gone],
      );
      this.#file.run("DELETE FROM listeners WHERE account = ? AND beat_at < ?", account, forgetBefore);
    });
  }

  coverage(appId: string): Promise<Coverage> {
    return this.#read(appId, (account) => {
      const rows = this.#file.all("SELECT owner, since, beat_at, gone FROM listeners WHERE account = ?", account);
      const [state] = this.#file.all("SELECT complete_since FROM accounts WHERE id = ?", account);
      return { listeners: rows.map(listenerOf), completeSince: number(state?.complete_since) };
    });
  }

  /** A note is a mark with a name of its own kind, so that programs of before there were notes can share the file. */
  amend(appId: string, { key, change, now, until }: NoteAmendment): Promise<string | undefined> {
    const name = `note ${key}`;
    return this.#write(appId, (account) => {
      const before = this.#marked(account, name, now);
      const after = change(before);
      if (after === undefined) return before;
      this.#remember(account, name, after, until);
      this.#forgetMarks(now);
      return after;
    });
  }

  count(appId: string) {
    return this.#read(appId, (account) => {
      const rows = (table: string) =>
        number(this.#file.all(`SELECT COUNT(*) AS count FROM ${table} WHERE account = ?`, account)[0]?.count);
      return { conversations: rows("conversations"), messages: rows("messages"), pending: rows("pending") };
    });
  }

  async close(): Promise<void> {
    this.#file.close();
  }

  async #read<T>(appId: string, work: (account: number) => T): Promise<T> {
    const account = this.#accounts.get(appId) ?? (await this.#makeAccount(appId));
    return this.#file.read(() => work(account));
  }

  async #write<T>(appId: string, work: (account: number) => T): Promise<T> {
    const account = this.#accounts.get(appId) ?? (await this.#makeAccount(appId));
    return this.#file.write(() => work(account));
  }

  /** The file's own number of an account: short in every row. */
  async #makeAccount(appId: string): Promise<number> {
    const account = await this.#file.write(() => {
      this.#file.run("INSERT OR IGNORE INTO accounts (app_id) VALUES (?)", appId);
      return number(this.#file.all("SELECT id FROM accounts WHERE app_id = ?", appId)[0]?.id);
    });
    this.#accounts.set(appId, account);
    return account;
  }

  #append(account: number, reply: StoredReply, kind: { incoming: 0 | 1; unread: number }): number {
    const { openid, at, body } = reply;
    const known = this.#find(account, openid);
    const facts = reply.facts(known?.facts);
    const conversation = known?.id ?? this.#insertConversation(account, openid, facts);
    const id = this.#returned(
      "UPDATE accounts SET last_id = last_id + 1 WHERE id = ? RETURNING last_id AS id",
      account,
    );
    this.#file.run(
      `INSERT INTO messages (key, account, id, incoming, readable, at, body)
       VALUES ((?1 << 32) + ?2, ?3, ?2, ?4, ?5, ?6, ?7)`,
      ...[conversation, id, account, kind.incoming, kind.unread, at, body],
    );
    this.#file.run(
      "UPDATE conversations SET last_id = ?, unread = unread + ?, facts = ? WHERE id = ?",
      ...[id, kind.unread, facts, conversation],
    );
    return id;
  }

  #insertConversation(account: number, openid: string, facts: string): number {
    const sql = "INSERT INTO conversations (account, openid, last_id, facts) VALUES (?, ?, 0, ?) RETURNING id";
    return this.#returned(sql, account, openid, facts);
  }

  /** The id that a writing statement returns. */
  #returned(sql: string, ...values: (string | number)[]): number {
    return number(this.#file.all(sql, ...values)[0]?.id);
  }

  #find(account: number, openid: string): { readonly id: number; readonly facts: string } | undefined {
    const sql = "SELECT id, facts FROM conversations WHERE account = ? AND openid = ?";
    const [found] = this.#file.all(sql, account, openid);
    return found && { id: number(found.id), facts: text(found.facts) };
  }

  #deleteConversation(account: number, openid: string): void {
    const id = this.#find(account, openid)?.id;
    if (id === undefined) return;
    this.#file.run("DELETE FROM messages WHERE key > ?1 << 32 AND key < (?1 + 1) << 32", id);
    this.#file.run("DELETE FROM conversations WHERE id = ?", id);
  }

  #countUnread(conversation: number): void {
    this.#file.run(
      `UPDATE conversations SET unread = (SELECT COUNT(*) FROM messages m
         WHERE m.key > (?1 << 32) + read_id AND m.key < (?1 + 1) << 32 AND m.readable = 1)
       WHERE id = ?1 AND unread > 0`,
      conversation,
    );
  }

  #marked(account: number, name: string, now: number): string | undefined {
    const sql = "SELECT mark FROM marks WHERE account = ? AND name = ? AND until > ?";
    const [found] = this.#file.all(sql, account, name, now);
    return found && text(found.mark);
  }

  #remember(account: number, name: string, mark: string, until: number): void {
    const sql = "INSERT OR REPLACE INTO marks (account, name, mark, until) VALUES (?, ?, ?, ?)";
    this.#file.run(sql, account, name, mark, until);
  }

  #forgetMarks(now: number): void {
    const sql = "SELECT account, name FROM marks WHERE until <= ? ORDER BY until LIMIT ?";
    for (const { account, name } of this.#file.all(sql, now, MARKS_A_PUSH)) {
      this.#file.run("DELETE FROM marks WHERE account = ? AND name = ?", number(account), text(name));
    }
  }
}

/** A caller's cursor may be any number. */
const inKey = (id: number): number => Math.min(id, END_OF_IDS);

const messageOf = ({ id, openid, incoming, at, body }: Row): StoredMessage => ({
  id: number(id),
  openid: text(openid),
  incoming: incoming === 1,
  at: number(at),
  body: text(body),
});

const conversationOf = (row: Row): StoredConversation => ({
  openid: text(row.openid),
  unread: number(row.unread),
  facts: text(row.facts),
  last: messageOf(row),
});

const listenerOf = ({ owner, since, beat_at, gone }: Row): Listener => ({
  owner: text(owner),
  ...(since !== null && { since: number(since) }),
  beatAt: number(beat_at),
  gone: gone === 1,
});
