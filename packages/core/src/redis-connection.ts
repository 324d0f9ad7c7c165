import { createHash } from "node:crypto";
import { inspect } from "node:util";
import type { Redis } from "ioredis";
import { WeChatClientError, WeChatValidationError } from "./errors.js";
import { unlessGivenUp } from "./give-up.js";
import { redact } from "./redact.js";

/** Where a Redis is, and how its failures are told. */
export interface RedisOptions {
  /** `redis://` or `rediss://` URL; user, password and database number may be in it. */
  readonly url: string;
  /** Begins every key. Default `wechat-offiaccount`. */
  readonly prefix?: string | undefined;
  /**
   * Told once when Redis cannot be reached, and again after it was reached in between. Default: a process warning of
   * the name `WeChatStoreWarning`.
   */
  readonly onError?: ((error: Error) => void) | undefined;
}

const REMEDY = {
  url: {
    en: "Give a URL such as redis://:password@host:6379/0; percent-encode what is special in the password.",
    zh: "请填写 redis://:密码@主机:6379/0 形式的地址；密码中的特殊字符需要百分号编码。",
  },
  driver: {
    en: "Install the driver beside the core: npm install ioredis",
    zh: "请安装驱动：npm install ioredis",
  },
  refused: {
    en: "Check user, password and database number in the Redis URL: Redis answered, and refused them.",
    zh: "请检查 Redis 地址中的用户名、密码和数据库编号：Redis 已应答但拒绝了它们。",
  },
  unreachable: {
    en: "Check that Redis runs, that its URL is right, and that it has memory left.",
    zh: "请检查 Redis 是否运行、地址是否正确、内存是否充足。",
  },
};

/** What Redis says to a login or a database number that is wrong. */
const REFUSED = /^(?:WRONGPASS|NOAUTH|NOPERM)|invalid (?:password|DB index)|DB index is out of range/;

/** Milliseconds after which a command without an answer fails: a store must not hold up a send for long. */
const COMMAND_TIMEOUT = 1_500;
/** Milliseconds without any answer after which a connection is made anew: the host at its other end may be gone. */
const SOCKET_TIMEOUT = 5_000;
/**
 * Milliseconds that the other side of an ended connection has to end it too. The commands under way were waited for; where
 * the connection is gone already, ioredis keeps the process alive for so long.
 */
const FAREWELL = 100;
/** Milliseconds between two attempts to connect, so that a command waits long enough to see one of them. */
const RECONNECT_AT_MOST = 1_000;

/** A connection that makes itself again, whose errors hold neither password nor token. */
export class RedisConnection {
  readonly #redis: Redis;
  readonly #database: number;
  readonly #prefix: string;
  readonly #onError: (error: Error) => void;
  /** Ends the next time that the connection stands. */
  #ready: Promise<void> = Promise.resolve();
  #onReady = () => {};
  /** Why it does not stand; its owner was told. */
  #failure: Error | undefined;
  /** The database of the URL is in use. */
  #chosen = false;
  #closed = false;

  private constructor(redis: Redis, database: number, prefix: string, onError: (error: Error) => void) {
    this.#redis = redis;
    this.#database = database;
    this.#prefix = prefix;
    this.#onError = onError;
    this.#awaitReady();
    redis.on("ready", () => void this.#choose());
    redis.on("close", () => {
      this.#chosen = false;
    });
    redis.on("error", (error: Error) => this.#failed(error));
  }

  /**
   * Does not wait for Redis: commands do, up to 1.5 s.
   * @throws WeChatValidationError for a URL that is none; WeChatClientError if ioredis is not installed
   */
  static async open({ url, prefix = "wechat-offiaccount", onError = warn }: RedisOptions): Promise<RedisConnection> {
    if (!isRedisUrl(url)) {
      throw new WeChatValidationError([
        { field: "url", problem: "is not a redis:// or rediss:// URL", remedy: REMEDY.url },
      ]);
    }
    const { Redis } = await import("ioredis").catch(() => {
      throw new WeChatClientError("WECHAT_STORE", "The package ioredis is not installed.", REMEDY.driver);
    });
    const { href, database } = withoutDatabase(url);
    const redis = new Redis(href, {
      // What failed is over: it is neither sent later nor twice, so that who repeats it does not do it twice.
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      autoResendUnfulfilledCommands: false,
      socketTimeout: SOCKET_TIMEOUT,
      disconnectTimeout: FAREWELL,
      retryStrategy: (attempt) => Math.min(50 * 2 ** (attempt - 1), RECONNECT_AT_MOST),
      // Where another Redis has taken over, the address leads to it.
      reconnectOnError: ({ message }) => message.includes("READONLY"),
    });
    return new RedisConnection(redis, database, prefix, onError);
  }

  /** A key of ours. What is in `{}` decides the slot in a cluster. */
  key(tag: string, name: string): string {
    return `${this.#prefix}:{${tag}}:${name}`;
  }

  /**
   * Runs a command, once Redis can be reached. One whose answer is lost may have been carried out.
   * @throws WeChatClientError with the code `WECHAT_STORE`, without the command's arguments
   */
  async run<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
    const endAt = performance.now() + COMMAND_TIMEOUT;
    const inTime = <R>(waiting: Promise<R>, why: () => Error) =>
      unlessGivenUp(waiting, endAt - performance.now(), undefined, why);
    try {
      if (this.#closed) throw new Error("the connection is closed");
      if (!this.#stands) await inTime(this.#ready, () => this.#failure ?? new Error("no connection"));
      return await inTime(work(this.#redis), () => new Error(`no answer within ${COMMAND_TIMEOUT} ms`));
    } catch (error) {
      throw storeError(error);
    }
  }

  /** Ends the connection after the commands under way. */
  async close(): Promise<void> {
    if (this.#closed) return;
    const quitting = this.#stands ? this.run((redis) => redis.quit()) : Promise.resolve();
    this.#closed = true;
    await quitting.catch(() => {});
    this.#redis.disconnect();
  }

  /** A broken stream is known a moment before ioredis calls the connection closed. */
  get #stands(): boolean {
    return this.#chosen && this.#redis.status === "ready" && this.#redis.stream.writable;
  }

  /** ioredis itself goes on with database 0, which may be somebody else's, where it cannot have the one it was given. */
  async #choose(): Promise<void> {
    try {
      if (this.#database > 0) await this.#redis.select(this.#database);
    } catch (error) {
      this.#failed(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    this.#chosen = true;
    this.#failure = undefined;
    this.#onReady();
    this.#awaitReady();
  }

  #awaitReady(): void {
    this.#ready = new Promise((resolve) => {
      this.#onReady = resolve;
    });
  }

  #failed(error: Error): void {
    const first = this.#failure === undefined;
    this.#failure = error;
    if (first) this.#onError(storeError(error));
  }

  [inspect.custom](): string {
    return `RedisConnection { prefix: '${this.#prefix}', status: '${this.#redis.status}' }`;
  }
}

/** ioredis puts the arguments of a command, tokens and passwords among them, on the errors that it throws. */
function storeError(error: unknown): WeChatClientError {
  const words = redact(error instanceof Error ? error.message : String(error));
  const remedy = REFUSED.test(words) ? REMEDY.refused : REMEDY.unreachable;
  return new WeChatClientError("WECHAT_STORE", `Redis: ${words}`, remedy);
}

function withoutDatabase(url: string): { href: string; database: number } {
  const plain = new URL(url);
  const database = Number(plain.pathname.slice(1));
  plain.pathname = "";
  return { href: plain.href, database };
}

/** Whether it is a URL by which a Redis can be reached. */
export function isRedisUrl(url: string): boolean {
  if (typeof url !== "string" || !URL.canParse(url)) return false;
  const { protocol, hostname, pathname, username, password } = new URL(url);
  if (!/^rediss?:$/.test(protocol) || hostname === "" || !/^(?:\/\d*)?$/.test(pathname)) return false;
  try {
    decodeURIComponent(username + password);
    return true;
  } catch {
    return false;
  }
}

/** A Lua script, which Redis runs as one step. Its text is sent only where Redis does not know it yet. */
export class RedisScript {
  readonly #lua: string;
  readonly #sha: string;

  constructor(lua: string) {
    this.#lua = lua;
    this.#sha = createHash("sha1").update(lua).digest("hex");
  }

  run(redis: Redis, keys: readonly string[], values: readonly (string | number)[]): Promise<unknown> {
    return redis.evalsha(this.#sha, keys.length, ...keys, ...values).catch((error: unknown) => {
      if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) throw error;
      return redis.eval(this.#lua, keys.length, ...keys, ...values);
    });
  }
}

function warn(error: Error): void {
  process.emitWarning(error.message, "WeChatStoreWarning");
}
