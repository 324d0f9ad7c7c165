import { RedisConnection, type RedisOptions, RedisScript } from "../redis-connection.js";
import type { StoredToken, TokenStore } from "./store.js";

/**
 * The right to ask is a key that ends by itself. Its number grows with each one given, and follows the clock of Redis: it
 * stands above those that a Redis gave which lost its data since.
 */
const ACQUIRE = new RedisScript(`
if redis.call('exists', KEYS[1]) == 1 then return false end
local time = redis.call('time')
local last = tonumber(redis.call('get', KEYS[2]) or '0')
local ticket = string.format('%.0f', math.max(last + 1, time[1] * 1000 + math.floor(time[2] / 1000)))
redis.call('set', KEYS[2], ticket)
redis.call('set', KEYS[1], ticket, 'px', ARGV[1])
return tonumber(ticket)`);

const GIVE_BACK = `
if redis.call('get', KEYS[1]) == ARGV[1] then redis.call('del', KEYS[1]) end`;
const RELEASE = new RedisScript(GIVE_BACK);

/** A host that was asleep for longer than its right must not replace what another asked for after it. */
const KEEP = new RedisScript(`
local kept = tonumber(redis.call('get', KEYS[3]) or '0')
if tonumber(ARGV[1]) > kept then
  redis.call('set', KEYS[2], ARGV[2], 'px', ARGV[3])
  redis.call('set', KEYS[3], ARGV[1])
end
${GIVE_BACK}`);

/** Tokens of any number of accounts in one Redis, for the option `tokenStore` of a client. */
export class RedisTokenStore implements TokenStore {
  readonly #connection: RedisConnection;

  private constructor(connection: RedisConnection) {
    this.#connection = connection;
  }

  /**
   * Opens the connection; it does not wait for Redis.
   * @example const tokenStore = await RedisTokenStore.open({ url: "redis://localhost:6379" });
   * @throws WeChatValidationError for a URL that is none; WeChatClientError if the package ioredis is not installed
   */
  static async open(options: RedisOptions): Promise<RedisTokenStore> {
    return new RedisTokenStore(await RedisConnection.open(options));
  }

  /** The token kept under the key, if it still lives. */
  async read(key: string): Promise<StoredToken | undefined> {
    const name = this.#name(key, "token");
    const [accessToken, remaining] = await this.#connection.run((redis) =>
      Promise.all([redis.get(name), redis.pttl(name)]),
    );
    return accessToken !== null && remaining > 0 ? { accessToken, remaining } : undefined;
  }

  /** The right to ask WeChat, or `undefined` while another has it. */
  async acquire(key: string, lease: number): Promise<number | undefined> {
    const ticket = await this.#run(ACQUIRE, [this.#name(key, "lock"), this.#name(key, "tickets")], [Math.ceil(lease)]);
    return typeof ticket === "number" ? ticket : undefined;
  }

  /** Keeps the token unless one asked for later is kept; gives the right back. */
  async keep(key: string, ticket: number, { accessToken, remaining }: StoredToken): Promise<void> {
    const names = [this.#name(key, "lock"), this.#name(key, "token"), this.#name(key, "kept")];
    await this.#run(KEEP, names, [ticket, accessToken, Math.ceil(remaining)]);
  }

  /** Gives the right back. */
  async release(key: string, ticket: number): Promise<void> {
    await this.#run(RELEASE, [this.#name(key, "lock")], [ticket]);
  }

  /** Ends the connection. Close the clients that use the store first. */
  close(): Promise<void> {
    return this.#connection.close();
  }

  #name(key: string, name: string): string {
    return this.#connection.key(key, name);
  }

  #run(script: RedisScript, names: readonly string[], values: readonly (string | number)[]): Promise<unknown> {
    return this.#connection.run((redis) => script.run(redis, names, values));
  }
}
