import {
  type Arrival,
  Inbox,
  type MemoryStore,
  openInbox,
  type Receiver,
  type Sent,
  type SentLog,
} from "@wechat-offiaccount/core";
import { openRedisStore } from "@wechat-offiaccount/core/redis";

/** Where the inbox of an account is kept. A Redis keeps the account's token too, for all hosts that use it. */
export type InboxPlace =
  | { readonly store: "memory" }
  | { readonly store: "sqlite"; readonly path: string }
  | { readonly store: "redis"; readonly url: string };

/** The inbox of an account node. It can be used at once; what is asked of it waits until it is open. */
export class AccountInbox implements Receiver, SentLog {
  readonly appId: string;
  readonly #opening: Promise<Inbox>;
  readonly #onError: (error: unknown) => void;

  /**
   * @param memory the store for the place `memory`
   * @param onError hears that it could not be opened, and of failures that nobody waits for
   */
  constructor(place: InboxPlace, memory: MemoryStore, appId: string, onError: (error: unknown) => void) {
    this.appId = appId;
    this.#onError = onError;
    this.#opening = open(place, memory, { appId, onError });
    this.#opening.catch(onError);
  }

  /** Resolves when it is open. @throws WeChatError if it cannot be opened */
  async opened(): Promise<void> {
    await this.#opening;
  }

  async receive(arrival: Arrival): Promise<"new" | "duplicate" | "replayed"> {
    return (await this.#opening).receive(arrival);
  }

  async emitted(key: string): Promise<void> {
    await (await this.#opening).emitted(key);
  }

  async takeAbandoned(limit?: number): Promise<readonly Arrival[]> {
    return (await this.#opening).takeAbandoned(limit);
  }

  record(openid: string, sent: Sent): void {
    // That it could not be opened was told already.
    this.#opening.then((inbox) => inbox.record(openid, sent)).catch(() => {});
  }

  async close(): Promise<void> {
    const inbox = await this.#opening.catch(() => undefined);
    await inbox?.close().catch(this.#onError);
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
