import type { Coverage, Listener } from "./listening.js";
import { Marks, Notes } from "./memory-marks.js";
import type {
  InboxStore,
  NoteAmendment,
  StoredArrival,
  StoredConversation,
  StoredCounts,
  StoredMessage,
  StoredPage,
  StoredPush,
  StoredReply,
} from "./store.js";

/** How much a {@link MemoryStore} keeps. */
export interface MemoryStoreOptions {
  /** Messages kept at most, of all accounts together; the oldest go first. Default 10 000. */
  maxMessages?: number | undefined;
}

interface Conversation {
  readonly openid: string;
  /** Ids of its messages, in order. */
  readonly ids: number[];
  /** Ids of those that wait to be read, in order. */
  unread: number[];
  facts: string;
}

interface Pending {
  readonly openid: string;
  readonly at: number;
  readonly body: string;
  owner: string;
}

interface Account {
  lastId: number;
  /** No message has a lower id. */
  firstId: number;
  readonly messages: Map<number, StoredMessage>;
  readonly conversations: Map<string, Conversation>;
  readonly pending: Map<string, Pending>;
  readonly marks: Marks;
  readonly listeners: Map<string, Listener>;
  completeSince: number;
}

/** Keeps the newest messages, and all notes until their end, in this process; they end with it. */
export class MemoryStore implements InboxStore {
  readonly #maxMessages: number;
  readonly #accounts = new Map<string, Account>();
  readonly #notes = new Notes();
  #size = 0;

  constructor({ maxMessages = 10_000 }: MemoryStoreOptions = {}) {
    this.#maxMessages = maxMessages;
  }

  async receive(account: string, push: StoredPush): Promise<"new" | "duplicate" | "replayed"> {
    const { openid, at, key, owner, body, entry } = push;
    const { mark, nonceMark, marksUntil } = push;
    const state = this.#account(account);
    const { marks } = state;
    const known = marks.get(mark, at) !== undefined;
    if (nonceMark !== undefined) {
      if ((marks.get(nonceMark, at) ?? mark) !== mark) return "replayed";
      marks.set(nonceMark, mark, marksUntil, at);
    }
    if (known) return "duplicate";
    marks.set(mark, mark, marksUntil, at);

    if (push.forgets) this.#drop(state, openid);
    state.pending.set(key, { openid, at, body, owner });
    if (state.pending.size > this.#maxMessages) dropFirst(state.pending);
    if (entry) {
      const { id, conversation } = this.#append(state, { openid, at, body, facts: entry.facts }, true);
      if (entry.unread) conversation.unread.push(id);
    }
    return "new";
  }

  async emitted(account: string, key: string): Promise<void> {
    this.#account(account).pending.delete(key);
  }

  async takeAbandoned(
    account: string,
    taker: { owner: string; aliveSince: number; limit: number },
  ): Promise<readonly StoredArrival[]> {
    const { pending, listeners } = this.#account(account);
    const taken: StoredArrival[] = [];
    for (const [key, push] of pending) {
      if (taken.length === taker.limit) break;
      const owner = listeners.get(push.owner);
      const alive = owner && !owner.gone && owner.beatAt >= taker.aliveSince;
      if (alive || push.owner === taker.owner) continue;
      push.owner = taker.owner;
      taken.push({ key, body: push.body });
    }
    return taken;
  }

  async append(account: string, reply: StoredReply): Promise<number> {
    return this.#append(this.#account(account), reply, false).id;
  }

  async conversations(account: string, page: { limit: number; before?: number | undefined; unreadOnly: boolean }) {
    const state = this.#account(account);
    const found: StoredConversation[] = [];
    // Backwards over all messages: a conversation is met first at its last one.
    for (let id = Math.min(page.before ?? Infinity, state.lastId + 1) - 1; id >= state.firstId; id--) {
      if (found.length === page.limit) break;
      const last = state.messages.get(id);
      const conversation = last && state.conversations.get(last.openid);
      if (!conversation || conversation.ids.at(-1) !== id || (page.unreadOnly && conversation.unread.length === 0))
        continue;
      found.push(stored(conversation, last));
    }
    return found;
  }

  async conversation(account: string, openid: string): Promise<StoredConversation | undefined> {
    const { conversations, messages } = this.#account(account);
    const conversation = conversations.get(openid);
    const last = messages.get(conversation?.ids.at(-1) ?? 0);
    return conversation && last && stored(conversation, last);
  }

  async messages(account: string, openid: string, { limit, before, after }: StoredPage) {
    const { conversations, messages } = this.#account(account);
    const { ids } = conversations.get(openid) ?? { ids: [] };
    const from = after === undefined ? undefined : position(ids, after + 1);
    const to = before === undefined ? ids.length : position(ids, before);
    const page = from === undefined ? ids.slice(Math.max(0, to - limit), to) : ids.slice(from, from + limit);
    return page.flatMap((id) => messages.get(id) ?? []);
  }

  async incoming(
    account: string,
    { limit, after, openid }: { limit: number; after: number; openid?: string | undefined },
  ) {
    const { firstId, lastId, messages, conversations } = this.#account(account);
    const found: StoredMessage[] = [];
    const take = (id: number) => {
      const message = messages.get(id);
      if (message?.incoming) found.push(message);
      return found.length < limit;
    };
    if (openid !== undefined) {
      const { ids } = conversations.get(openid) ?? { ids: [] };
      ids.slice(position(ids, after + 1)).every(take);
      return found;
    }
    for (let id = Math.max(after + 1, firstId); id <= lastId && take(id); ) id++;
    return found;
  }

  async lastId(account: string): Promise<number> {
    return this.#account(account).lastId;
  }

  async markRead(account: string, openid: string, upTo: number): Promise<number> {
    const conversation = this.#account(account).conversations.get(openid);
    if (!conversation) return 0;
    conversation.unread = conversation.unread.slice(position(conversation.unread, upTo + 1));
    return conversation.unread.length;
  }

  async unread(account: string): Promise<number> {
    let sum = 0;
    for (const { unread } of this.#account(account).conversations.values()) sum += unread.length;
    return sum;
  }

  async forget(account: string, openid: string, at: number): Promise<void> {
    const state = this.#account(account);
    this.#drop(state, openid);
    for (const [key, push] of state.pending) if (push.openid === openid) state.pending.delete(key);
    state.completeSince = Math.max(state.completeSince, at);
  }

  async prune(account: string, before: number, limit: number): Promise<number> {
    const state = this.#account(account);
    let messages = 0;
    for (; messages < limit; messages++) {
      const oldest = firstMessage(state);
      if (!oldest || oldest.at >= before) break;
      this.#dropMessage(state, oldest);
    }
    const old = [...state.pending].filter(([, { at }]) => at < before).slice(0, limit);
    for (const [key] of old) state.pending.delete(key);
    return Math.max(messages, old.length);
  }

  async beat(account: string, listener: Listener, forgetBefore: number): Promise<void> {
    const { listeners } = this.#account(account);
    listeners.set(listener.owner, listener);
    for (const [owner, { beatAt }] of listeners) if (beatAt < forgetBefore) listeners.delete(owner);
  }

  async coverage(account: string): Promise<Coverage> {
    const { listeners, completeSince } = this.#account(account);
    return { listeners: [...listeners.values()], completeSince };
  }

  async amend(account: string, note: NoteAmendment): Promise<string | undefined> {
    return this.#notes.amend(`${account} ${note.key}`, note);
  }

  async count(account: string): Promise<StoredCounts> {
    const { conversations, messages, pending } = this.#account(account);
    return { conversations: conversations.size, messages: messages.size, pending: pending.size };
  }

  /** Keeps what it holds: another inbox may use the same store. */
  async close(): Promise<void> {}

  #account(account: string): Account {
    const known = this.#accounts.get(account);
    if (known) return known;
    // Ids go on where those of a former process ended, so that its cursors miss nothing.
    const lastId = Date.now();
    const state: Account = {
      lastId,
      firstId: lastId + 1,
      messages: new Map(),
      conversations: new Map(),
      pending: new Map(),
      marks: new Marks(),
      listeners: new Map(),
      completeSince: 0,
    };
    this.#accounts.set(account, state);
    return state;
  }

  #append(state: Account, { openid, at, body, facts }: StoredReply, incoming: boolean) {
    const id = ++state.lastId;
    const known = state.conversations.get(openid);
    const conversation = known ?? { openid, ids: [], unread: [], facts: "" };
    conversation.facts = facts(known?.facts);
    conversation.ids.push(id);
    if (!known) state.conversations.set(openid, conversation);
    // One text for all messages of the follower: each push's own is a part of that push, and would keep all of it.
    state.messages.set(id, { id, openid: conversation.openid, incoming, at, body });
    this.#size++;
    while (this.#size > this.#maxMessages) this.#dropOldest();
    return { id, conversation };
  }

  /** Of several accounts, the one with the most messages gives way. */
  #dropOldest(): void {
    let fullest: Account | undefined;
    for (const state of this.#accounts.values()) {
      if (!fullest || state.messages.size > fullest.messages.size) fullest = state;
    }
    const oldest = fullest && firstMessage(fullest);
    if (!fullest || !oldest) return;
    this.#dropMessage(fullest, oldest);
    // With the conversation its window facts went: nobody can tell any more that there was no interaction.
    if (!fullest.conversations.has(oldest.openid)) {
      fullest.completeSince = Math.max(fullest.completeSince, oldest.at);
    }
  }

  /** Only ever the oldest of its account, and so of its conversation. */
  #dropMessage(state: Account, { id, openid }: StoredMessage): void {
    state.messages.delete(id);
    this.#size--;
    const conversation = state.conversations.get(openid);
    conversation?.ids.shift();
    if (conversation?.unread[0] === id) conversation.unread.shift();
    if (conversation?.ids.length === 0) state.conversations.delete(openid);
  }

  #drop(state: Account, openid: string): void {
    for (const id of state.conversations.get(openid)?.ids ?? []) if (state.messages.delete(id)) this.#size--;
    state.conversations.delete(openid);
  }
}

const stored = ({ unread, facts }: Conversation, last: StoredMessage): StoredConversation => ({
  openid: last.openid,
  unread: unread.length,
  facts,
  last,
});

function firstMessage(state: Account): StoredMessage | undefined {
  while (state.firstId <= state.lastId && !state.messages.has(state.firstId)) state.firstId++;
  return state.messages.get(state.firstId);
}

function dropFirst(map: Map<string, unknown>): void {
  for (const key of map.keys()) {
    map.delete(key);
    return;
  }
}

/** Where the first id of at least `id` stands in ascending ids. */
function position(ids: readonly number[], id: number): number {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ids[middle] ?? Infinity) < id) low = middle + 1;
    else high = middle;
  }
  return low;
}
