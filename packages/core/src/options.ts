import type { Dispatcher } from "undici";
import * as z from "zod";
import { appId, IDENTIFIER_REMEDIES } from "./identifiers.js";
import type { SentLog } from "./inbox/sent.js";
import { BUSY_RETRY, READ_RETRY, type RetryPolicy, TOKEN_RETRY } from "./retry.js";
import { MAX_TEXT_BYTES, MAX_TEXT_PARTS } from "./text/split.js";
import type { TokenFunction } from "./token/sources.js";
import type { TokenStore } from "./token/store.js";
import { type FieldRemedies, flag, hasMethod, milliseconds, once, validate } from "./validation.js";

/** What a client may be given. A wrong option is a WeChatValidationError that names it. */
export interface WeChatClientOptions {
  /** The account's AppID: `wx` and 16 letters or digits, such as `wx0123456789abcdef`. */
  appId: string;
  /** The account's AppSecret. Not needed when `tokenSource` is a function. */
  appSecret?: string | undefined;
  /** Where the API is, with or without `/cgi-bin/` at the end. Default `https://api.weixin.qq.com`. */
  baseUrl?: string | undefined;
  /**
   * Where access tokens come from. `stable` (default): `POST /cgi-bin/stable_token`, the same token for every program;
   * `classic`: `GET /cgi-bin/token`, where each call ends the former token; or your own function.
   */
  tokenSource?: "stable" | "classic" | TokenFunction | undefined;
  /**
   * Where several hosts share the account's token, such as `RedisTokenStore` of `@wechat-offiaccount/core/redis`; it
   * stays yours to close. Stable tokens need none; classic ones do when more than one program asks for them.
   */
  tokenStore?: TokenStore | undefined;
  /** An undici dispatcher to send with; it stays yours to close. Excludes `proxy`. */
  dispatcher?: Dispatcher | undefined;
  /** A proxy's URL, or `env` for HTTP_PROXY, HTTPS_PROXY and NO_PROXY. Default: no proxy, whatever the environment. */
  proxy?: string | undefined;
  /** Connections to WeChat at most. Default 256; a small number limits throughput at real latencies. */
  connections?: number | undefined;
  /** Calls at the same time at most; further ones wait in order, within their deadline. Default: no limit. */
  maxConcurrent?: number | undefined;
  /** Messages a minute at most, so that WeChat's limit (45011) is not provoked; further ones wait. Default: no limit. */
  messagesPerMinute?: number | undefined;
  /** Milliseconds for one attempt. Default 10 000. */
  timeout?: number | undefined;
  /** Milliseconds for a whole call: token, repetitions and all parts of a text. Default 30 000. */
  deadline?: number | undefined;
  /**
   * Whether a send that WeChat answered with -1 ("system busy, try again later") is tried again, up to three times.
   * Default true, as WeChat says; no source says whether a -1 may have been delivered. False: at most once, strictly.
   */
  retryBusy?: boolean | undefined;
  /** Whether a send of unknown outcome is tried again, at the price of doubles. Default false. */
  atLeastOnce?: boolean | undefined;
  /** UTF-8 bytes of one text message at most. Default 2048: WeChat names no number, this is what SDKs use. */
  maxTextBytes?: number | undefined;
  /** Messages that one text may be split into. Default 5, the replies that one message of a follower opens. */
  maxTextParts?: number | undefined;
  /** Delays after -1. Default {@link BUSY_RETRY}. */
  busyRetry?: RetryPolicy | undefined;
  /** Delays of reads, after -1, a broken connection, a timeout or an unreadable answer. Default {@link READ_RETRY}. */
  readRetry?: RetryPolicy | undefined;
  /** Delays of the token endpoint. Default {@link TOKEN_RETRY}. */
  tokenRetry?: RetryPolicy | undefined;
  /**
   * Takes note of every message that leaves, with its outcome: an Inbox of the same account. It stays yours to close. A
   * send neither waits for it nor fails with it. Default: none.
   */
  inbox?: SentLog | undefined;
}

const count = z.int("must be a whole number").positive("must be above 0");
const text = z.string("must be a string");
const retryPolicy = once(() =>
  z.strictObject({
    retries: z.int("must be a whole number").nonnegative("must not be below 0"),
    baseDelay: z.number("must be a number of milliseconds").nonnegative("must not be below 0"),
    maxDelay: z.number("must be a number of milliseconds").nonnegative("must not be below 0"),
  }),
);

const TOKEN_STORE = ["read", "acquire", "keep", "release"];

const OPTIONS = once(() =>
  z
    .strictObject({
      // What stands here is shown and logged: an AppSecret in its place must not be.
      appId,
      appSecret: text.regex(/^\S+$/, "is empty or holds a space").optional(),
      baseUrl: text.default("https://api.weixin.qq.com").transform(toBaseUrl),
      tokenSource: z
        .union([z.enum(["stable", "classic"]), z.custom<TokenFunction>((value) => typeof value === "function")], {
          error: 'must be "stable", "classic" or a function',
        })
        .default("stable"),
      tokenStore: z
        .custom<TokenStore>((value) => TOKEN_STORE.every((name) => hasMethod(value, name)), "is not a token store")
        .optional(),
      dispatcher: z
        .custom<Dispatcher>((value) => hasMethod(value, "dispatch"), "must be an undici dispatcher")
        .optional(),
      proxy: text.refine(isProxy, 'must be "env" or an http:// or https:// URL').optional(),
      connections: count.default(256),
      maxConcurrent: count.optional(),
      messagesPerMinute: count.optional(),
      timeout: milliseconds.default(10_000),
      deadline: milliseconds.default(30_000),
      retryBusy: flag.default(true),
      atLeastOnce: flag.default(false),
      maxTextBytes: count.default(MAX_TEXT_BYTES),
      maxTextParts: count.default(MAX_TEXT_PARTS),
      busyRetry: retryPolicy().default(BUSY_RETRY),
      readRetry: retryPolicy().default(READ_RETRY),
      tokenRetry: retryPolicy().default(TOKEN_RETRY),
      inbox: z.custom<SentLog>((value) => hasMethod(value, "record"), "must be an Inbox").optional(),
    })
    .refine(({ dispatcher, proxy }) => dispatcher === undefined || proxy === undefined, {
      path: ["proxy"],
      error: "cannot be used together with dispatcher",
    })
    .refine(({ appId, inbox }) => inbox === undefined || inbox.appId === appId, {
      path: ["inbox"],
      error: "belongs to another account",
    })
    .refine(({ tokenStore, tokenSource }) => tokenStore === undefined || typeof tokenSource !== "function", {
      path: ["tokenStore"],
      error: "cannot be used together with a tokenSource function",
    })
    .transform(({ tokenSource, appSecret, ...options }, context) => {
      if (typeof tokenSource === "function") return { ...options, tokens: { source: tokenSource } };
      if (appSecret !== undefined) return { ...options, tokens: { source: tokenSource, appSecret } };
      context.addIssue({ code: "custom", path: ["appSecret"], message: "is missing" });
      return z.NEVER;
    }),
);

const REMEDIES: FieldRemedies = {
  appId: IDENTIFIER_REMEDIES.appId,
  appSecret: {
    en: "Copy the AppSecret from the WeChat developer platform (开发密钥), without spaces, or give a tokenSource function.",
    zh: "请从微信开发者平台「开发密钥」复制 AppSecret，不要带空格；或提供 tokenSource 函数。",
  },
  baseUrl: {
    en: "Give an http:// or https:// URL without user, password, query and fragment, such as https://api.weixin.qq.com.",
    zh: "请填写 http:// 或 https:// 地址，不含用户名、密码、查询参数和片段，例如 https://api.weixin.qq.com。",
  },
  tokenSource: {
    en: 'Use "stable" (the default), "classic", or a function of your own that gives a token.',
    zh: '请使用 "stable"（默认）、"classic"，或自己提供获取 token 的函数。',
  },
  tokenStore: {
    en: "Pass an opened store, such as await RedisTokenStore.open({ url }), or leave it out; a function shares tokens by itself.",
    zh: "请传入已打开的存储，例如 await RedisTokenStore.open({ url })，或不填写；自定义函数无需共享存储。",
  },
  proxy: {
    en: 'Give the proxy\'s URL, such as http://proxy.example:3128, or "env"; leave it out if you pass a dispatcher.',
    zh: '请填写代理地址，例如 http://proxy.example:3128，或 "env"；若已传入 dispatcher 则不要填写。',
  },
  inbox: {
    en: "Give an Inbox made with the same appId as the client, or leave it out.",
    zh: "请传入与客户端 appId 相同的 Inbox，或不填。",
  },
};

export type CheckedOptions = z.output<ReturnType<typeof OPTIONS>>;

/** @throws WeChatValidationError that names the option; values are not repeated, they may be secret */
export function checkOptions(options: WeChatClientOptions): CheckedOptions {
  return validate(OPTIONS(), options, REMEDIES);
}

function toBaseUrl(value: string, context: z.RefinementCtx): URL {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash) {
    context.addIssue({ code: "custom", message: "is not a plain http:// or https:// URL" });
    return z.NEVER;
  }
  // Settings of other tools end with /cgi-bin/, which WeChat's endpoint paths begin with.
  url.pathname = url.pathname.replace(/(\/cgi-bin)?\/*$/, "");
  return url;
}

function isProxy(value: string): boolean {
  if (value === "env") return true;
  if (!URL.canParse(value)) return false;
  const { protocol, username, password } = new URL(value);
  return /^https?:$/.test(protocol) && !/%(?![0-9a-f]{2})/i.test(username + password);
}
