import { inspect } from "node:util";
import type { Redis } from "ioredis";
import { WeChatClientError, WeChatValidationError } from "./errors.js";
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
  unreachable: {
    en: "Check that Redis runs and that its URL is right.",
    zh: "请检查 Redis 是否运行、地址是否正确。",
  },
};

/** Milliseconds after which a command without an answer fails: a store must not hold up a send for long. */
const COMMAND_TIMEOUT = 1_500;

/** A connection that makes itself again, whose errors hold neither password nor token. */
export class RedisConnection {
  readonly #redis: Redis;
  readonly #prefix: string;
  #closed = false;

  private constructor(redis: Redis, prefix: string) {
    this.#redis = redis;
    this.#prefix = prefix;
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
    const redis = new Redis(url, { commandTimeout: COMMAND_TIMEOUT, maxRetriesPerRequest: null });
    let told = false;
    redis.on("ready", () => {
      told = false;
    });
    redis.on("error", (error: Error) => {
      if (!told) onError(storeError(error));
      told = true;
    });
    return new RedisConnection(redis, prefix);
  }

  /** A key of ours. What is in `{}` decides the slot in a cluster. */
  key(tag: string, name: string): string {
    return `${this.#prefix}:{${tag}}:${name}`;
  }

  /**
   * Runs a command.
   * @throws WeChatClientError with the code `WECHAT_STORE`, without the command's arguments
   */
  async run<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
    try {
      return await work(this.#redis);
    } catch (error) {
      throw storeError(error);
    }
  }

  /** Ends the connection after the commands under way. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#redis.status === "ready") await this.#redis.quit().catch(() => {});
    this.#redis.disconnect();
  }

  [inspect.custom](): string {
    return `RedisConnection { prefix: '${this.#prefix}', status: '${this.#redis.status}' }`;
  }
}

/** ioredis puts the arguments of a command, tokens and passwords among them, on the errors that it throws. */
function storeError(error: unknown): WeChatClientError {
  const words = redact(error instanceof Error ? error.message : String(error));
  return new WeChatClientError("WECHAT_STORE", `Redis: ${words}`, REMEDY.unreachable);
}

function isRedisUrl(url: string): boolean {
  return typeof url === "string" && URL.canParse(url) && /^rediss?:$/.test(new URL(url).protocol);
}

function warn(error: Error): void {
  process.emitWarning(error.message, "WeChatStoreWarning");
}
