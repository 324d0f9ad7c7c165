import * as z from "zod";
import { appId, IDENTIFIER_REMEDIES } from "../identifiers.js";
import type { Receiver } from "../inbox/arrival.js";
import { type FieldRemedies, fn, hasMethod, milliseconds, once, validate } from "../validation.js";
import type { ReplyClient } from "./late.js";
import type { IncomingMessage } from "./messages.js";
import type { RefusedRequest } from "./refusals.js";
import type { Reply } from "./replies.js";

/** Reads a message and may answer it. What it throws goes to `onError`. */
export type MessageHandler = (
  message: IncomingMessage,
) => Reply | undefined | void | Promise<Reply | undefined> | Promise<void>;

/** What a {@link Callback} is given. */
export interface CallbackOptions {
  /** The account's AppID. */
  appId: string;
  /** The token of the server URL (服务器配置, 令牌), as set at WeChat: 3 to 32 letters and digits. */
  token: string;
  /** The key of the encryption (消息加解密密钥), 43 letters and digits; needed unless `mode` is `plain`. */
  encodingAESKey?: string | undefined;
  /** The former key, while WeChat still uses it: it goes on for a while after a change. */
  previousEncodingAESKey?: string | undefined;
  /**
   * As set at WeChat. In `safe` (安全模式, the default) and `compatible` (兼容模式) only the encrypted part is read.
   * `plain` (明文模式) is unprotected: its signature does not cover the message.
   */
  mode?: "plain" | "compatible" | "safe" | undefined;
  /**
   * Keeps messages and tells duplicates; it stays yours to close. Default: an Inbox in this process, which is closed with
   * the callback. Give one if its conversations are to be read, or are to outlive the process.
   */
  inbox?: Receiver | undefined;
  /** Gets each message once; again only after this process died in the midst of it. */
  onMessage: MessageHandler;
  /**
   * Gets what went wrong beside WeChat's own answer: a handler that threw, a reply that could not be sent, an inbox that
   * failed.
   */
  onError: (error: unknown, message?: IncomingMessage) => void;
  /** Hears that a reply went into WeChat's own answer; one that did not goes out by `client`, or to `onError`. */
  onReplied?: ((message: IncomingMessage) => void) | undefined;
  /** Gets each refused request, without anything secret. */
  onRefused?: ((refused: RefusedRequest) => void) | undefined;
  /**
   * `at-once` (default): WeChat gets `success` before the handler begins, and a reply goes out as a customer-service
   * message. `wait`: the handler's reply is WeChat's answer, if it comes within `replyWithin`; else as before.
   */
  reply?: "at-once" | "wait" | undefined;
  /** Milliseconds from the request to WeChat's answer with `reply: "wait"`. Default 4500: WeChat hangs up after 5000. */
  replyWithin?: number | undefined;
  /** Sends replies that cannot be WeChat's answer; a WeChatClient. Without it they are reported through `onError`. */
  client?: ReplyClient | undefined;
  /** Bytes of a body at most. Default 1 MiB. */
  maxBodyBytes?: number | undefined;
  /**
   * While so many handlers are at work, a new push is not kept and left without an answer: WeChat, which tries three
   * times, brings it again. Default 10 000.
   */
  maxConcurrent?: number | undefined;
  /**
   * Milliseconds that WeChat's time of signing may be off. Default 5 minutes; at most 10, because an inbox does not
   * remember nonces for longer.
   */
  timestampWindow?: number | undefined;
  /** Milliseconds between looks for messages that another process kept and did not hand on. Default 30 000. */
  redeliverEvery?: number | undefined;
  /** The time in milliseconds since 1970. Default `Date.now`. */
  clock?: (() => number) | undefined;
}

const text = z.string("must be a string");
const aesKey = text.regex(/^[a-zA-Z0-9]{43}$/, "is not 43 letters and digits");
/** Whether it belongs to the account, if it says so. */
const isOf = (appId: string, part: object | undefined) => !part || !("appId" in part) || part.appId === appId;
const RECEIVER_METHODS = ["receive", "emitted", "takeAbandoned"];

const OPTIONS = once(() =>
  z
    .strictObject({
      appId,
      token: text.regex(/^[a-zA-Z0-9]{3,32}$/, "is not 3 to 32 letters and digits"),
      encodingAESKey: aesKey.optional(),
      previousEncodingAESKey: aesKey.optional(),
      mode: z.enum(["plain", "compatible", "safe"], 'must be "plain", "compatible" or "safe"').default("safe"),
      inbox: z
        .custom<Receiver>((value) => RECEIVER_METHODS.every((name) => hasMethod(value, name)), "must be an inbox")
        .optional(),
      onMessage: fn<MessageHandler>(),
      onError: fn<CallbackOptions["onError"]>(),
      onReplied: fn<NonNullable<CallbackOptions["onReplied"]>>().optional(),
      onRefused: fn<NonNullable<CallbackOptions["onRefused"]>>().optional(),
      reply: z.enum(["at-once", "wait"], 'must be "at-once" or "wait"').default("at-once"),
      replyWithin: milliseconds.max(5000, "must not be above 5000").default(4500),
      client: z
        .custom<ReplyClient>((value) => hasMethod(Object(value).messages, "send"), "must be a WeChatClient")
        .optional(),
      maxBodyBytes: z
        .int("must be a whole number")
        .positive("must be above 0")
        .default(1024 * 1024),
      maxConcurrent: z.int("must be a whole number").positive("must be above 0").default(10_000),
      timestampWindow: milliseconds.max(600_000, "must not be above 10 minutes").default(300_000),
      redeliverEvery: milliseconds.default(30_000),
      clock: fn<() => number>().default(() => Date.now),
    })
    .refine(({ appId, inbox }) => isOf(appId, inbox), { path: ["inbox"], error: "belongs to another account" })
    .refine(({ appId, client }) => isOf(appId, client), { path: ["client"], error: "belongs to another account" })
    .refine(({ inbox, client }) => !inbox || !client || !("inbox" in client) || client.inbox === inbox, {
      path: ["client"],
      error: "does not keep in the inbox what it sends",
    })
    .transform((options, context) => {
      const { encodingAESKey, previousEncodingAESKey, mode, ...others } = options;
      if (encodingAESKey === undefined && (mode !== "plain" || previousEncodingAESKey !== undefined)) {
        context.addIssue({
          code: "custom",
          path: ["encodingAESKey"],
          message: 'is missing; only mode "plain" needs none',
        });
      }
      const keys: readonly [string, string?] | undefined =
        mode === "plain" || encodingAESKey === undefined ? undefined : [encodingAESKey, previousEncodingAESKey];
      return { ...others, mode, keys };
    }),
);

const AES_KEY = {
  en: "Copy the EncodingAESKey (消息加解密密钥) of the server URL from WeChat's console: 43 letters and digits.",
  zh: "请从微信后台「服务器配置」复制消息加解密密钥（EncodingAESKey）：43 个英文字母或数字。",
};
const REMEDIES: FieldRemedies = {
  appId: IDENTIFIER_REMEDIES.appId,
  token: {
    en: "Give the token (令牌) that is set for the server URL in WeChat's console: 3 to 32 letters and digits.",
    zh: "请填写微信后台「服务器配置」中的令牌（Token）：3 至 32 个英文字母或数字。",
  },
  encodingAESKey: AES_KEY,
  previousEncodingAESKey: AES_KEY,
  mode: {
    en: 'Use "safe" (安全模式, recommended), "compatible" (兼容模式) or "plain" (明文模式), as set in WeChat\'s console.',
    zh: '请按微信后台的设置使用 "safe"（安全模式，推荐）、"compatible"（兼容模式）或 "plain"（明文模式）。',
  },
  inbox: {
    en: "Give an Inbox, or something else with receive, emitted and takeAbandoned, or leave it out.",
    zh: "请提供 Inbox（或含 receive、emitted、takeAbandoned 方法的对象），或不填。",
  },
  maxConcurrent: {
    en: "Give a whole number of handlers above 0, or leave it out (10 000).",
    zh: "请填写大于 0 的整数（处理函数个数），或不填（默认 10 000）。",
  },
  replyWithin: {
    en: "Give milliseconds up to 5000: WeChat hangs up after 5 seconds.",
    zh: "请填写不超过 5000 的毫秒数：微信 5 秒后断开连接。",
  },
  timestampWindow: {
    en: "Give milliseconds up to 600000 (10 minutes).",
    zh: "请填写不超过 600000 的毫秒数（10 分钟）。",
  },
  reply: { en: 'Use "at-once" (the default) or "wait".', zh: '请使用 "at-once"（默认）或 "wait"。' },
  client: {
    en: "Give a WeChatClient of the same account, made with the same inbox: it sends the replies that come too late.",
    zh: "请提供同一公众号、使用同一 inbox 的 WeChatClient，用于发送超时的回复。",
  },
};

export type CheckedCallbackOptions = z.output<ReturnType<typeof OPTIONS>>;

/** @throws WeChatValidationError that names the option; values are not repeated, they may be secret */
export function checkCallbackOptions(options: CallbackOptions): CheckedCallbackOptions {
  return validate(OPTIONS(), options, REMEDIES);
}
