import type { StoredToken, TokenStore } from "@wechat-offiaccount/core";
import { RedisTokenStore } from "@wechat-offiaccount/core/redis";

/**
 * The tokens of an account in the Redis of its inbox, shared with other hosts. It can be used at once. A Redis that is
 * away is told to the log by the inbox; the client then asks WeChat itself.
 */
export class SharedTokens implements TokenStore {
  readonly #opening: Promise<RedisTokenStore>;

  constructor(url: string) {
    this.#opening = RedisTokenStore.open({ url, onError: () => {} });
    // Who asks hears of it.
    this.#opening.catch(() => {});
  }

  async read(key: string): Promise<StoredToken | undefined> {
    return (await this.#opening).read(key);
  }

  async acquire(key: string, lease: number): Promise<number | undefined> {
    return (await this.#opening).acquire(key, lease);
  }

  async keep(key: string, ticket: number, token: StoredToken): Promise<void> {
    await (await this.#opening).keep(key, ticket, token);
  }

  async release(key: string, ticket: number): Promise<void> {
    await (await this.#opening).release(key, ticket);
  }

  /** Ends the connection. Close the client first. */
  async close(): Promise<void> {
    await (await this.#opening.catch(() => undefined))?.close();
  }
}
