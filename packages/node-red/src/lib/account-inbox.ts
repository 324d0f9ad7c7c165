import {
  type Arrival,
  type Conversation,
  type ConversationPage,
  type ConversationsOptions,
  Inbox,
  type MemoryStore,
  type MessagePage,
  openInbox,
  type ReadOptions,
  type Receiver,
  type ReplyWindow,
  type Sent,
  type SentLog,
} from "@wechat-offiaccount/core";
import { openRedisStore } from "@wechat-offiaccount/core/redis";

/** Where the inbox of an account is kept. A Redis keeps the account's token too, for all hosts that use it. */
export type InboxPlace =
  | { readonly store: "memory" }
  | { readonly store: "sqlite"; readonly path: string }
  | { readonly store: "redis"; readonly url: string };

/** What the nodes of an account ask its inbox, under the names and with the meaning of core's Inbox. */
export type InboxReader = Pick<Inbox, "conversation" | "conversations" | "read" | "markRead" | "window">;

/** The inbox of an account node. It can be used at once; what is asked of it waits until it is open. */
export class AccountInbox implements Receiver, SentLog, InboxReader {
  readonly appId: string;
  readonly #opening: Promise<Inbox>;
  readonly #onError: (error: unknown) => void;
  /** Records that are not kept yet, by follower; resolves when they are. */
  readonly #recording = new Map<string, Promise<unknown>>();
  /** The causes of what fails, by what was asked for, until that works again. */
  readonly #causes = new Map<string, Set<string>>();
  readonly #own = new WeakSet<object>();

  /**
   * @param memory the store for the place `memory`
   * @param onError hears of each cause of a failure once, until it works again: pushes and looks for what was left
   *   behind would tell it over and over
   */
  constructor(place: InboxPlace, memory: MemoryStore, appId: string, onError: (error: unknown) => void) {
    this.appId = appId;
    this.#onError = onError;
    // A push that is kept writes, and so tells whether the rest that writes unasked works again.
    const tell = (error: unknown) => this.#fails("receive", error);
    this.#opening = open(place, memory, { appId, onError: tell });
    this.#opening.catch((error: unknown) => this.#fails("open", error));
  }

  /** Resolves when it is open. @throws WeChatError if it cannot be opened */
  async opened(): Promise<void> {
    await this.#opening;
  }

  /** Whether an error came from here: then it was told. */
  tells(error: unknown): boolean {
    return typeof error === "object" && error !== null && this.#own.has(error);
  }

  receive(arrival: Arrival): Promise<"new" | "duplicate" | "replayed"> {
    return this.#ask("receive", (inbox) => inbox.receive(arrival));
  }

  emitted(key: string): Promise<void> {
    return this.#ask("emitted", (inbox) => inbox.emitted(key));
  }

  takeAbandoned(limit?: number): Promise<readonly Arrival[]> {
    return this.#ask("takeAbandoned", (inbox) => inbox.takeAbandoned(limit));
  }

  record(openid: string, sent: Sent): void {
    const recorded = this.#opening.then(
      (inbox) =>
        inbox.recordSent(openid, sent).then(
          () => {},
          (error: unknown) => this.#fails("receive", error),
        ),
      // That it could not be opened was told already.
      () => {},
    );
    const all = Promise.all([this.#recording.get(openid), recorded]).finally(() => {
      if (this.#recording.get(openid) === all) this.#recording.delete(openid);
    });
    this.#recording.set(openid, all);
  }

  /** As core's; what was sent before is counted, whichever store keeps it. */
  async window(openid: string): Promise<ReplyWindow> {
    await this.#recording.get(openid);
    return (await this.#opening).window(openid);
  }

  async conversation(openid: string): Promise<Conversation | undefined> {
    return (await this.#opening).conversation(openid);
  }

  async conversations(options?: ConversationsOptions): Promise<ConversationPage> {
    return (await this.#opening).conversations(options);
  }

  async read(openid: string, options?: ReadOptions): Promise<MessagePage> {
    return (await this.#opening).read(openid, options);
  }

  async markRead(openid: string, upTo?: string): Promise<number> {
    return (await this.#opening).markRead(openid, upTo);
  }

  async close(): Promise<void> {
    const inbox = await this.#opening.catch(() => undefined);
    await Promise.all(this.#recording.values());
    await inbox?.close().catch((error: unknown) => this.#fails("close", error));
  }

  async #ask<T>(what: string, ask: (inbox: Inbox) => Promise<T>): Promise<T> {
    try {
      const answer = await ask(await this.#opening);
      this.#causes.delete(what);
      return answer;
    } catch (error) {
      this.#fails(what, error);
      throw error;
    }
  }

  #fails(what: string, error: unknown): void {
    const cause = String(error);
    const told = [...this.#causes.values()].some((causes) => causes.has(cause));
    this.#causes.set(what, (this.#causes.get(what) ?? new Set()).add(cause));
    if (typeof error === "object" && error !== null) this.#own.add(error);
    if (!told) this.#onError(error);
  }
}

type Settings = { readonly appId: string; readonly onError: (error: unknown) => void };

async function open(place: InboxPlace, memory: MemoryStore, settings: Settings): Promise<Inbox> {
  switch (place.store) {
    case "memory":
      return new Inbox({ ...settings, store: memory });
    case "sqlite":
      return openInbox(`sqlite:${place.path}`, settings);
    case "redis":
      return new Inbox({ ...settings, store: await openRedisStore({ url: place.url, onError: settings.onError }) });
  }
}
