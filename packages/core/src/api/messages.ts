import * as z from "zod";
import { deliveryOf, type PartResult } from "../delivery.js";
import { WeChatApiError, WeChatError, WeChatValidationError } from "../errors.js";
import { splitText } from "../text/split.js";
import type { JsonAnswer } from "../transport/answer.js";
import { type FieldRemedies, flag, validate } from "../validation.js";
import type { CallTarget } from "./call.js";
import { CALL_OPTIONS, type CallOptions, type Requester } from "./requester.js";
import { REMEDIES as COMMON_REMEDIES, openid as openidSchema } from "./schemas.js";

const SEND_CUSTOM_MESSAGE: CallTarget & { source: string } = {
  method: "POST",
  path: "/cgi-bin/message/custom/send",
  retry: "send",
  source: "https://developers.weixin.qq.com/doc/service/api/customer/message/api_sendcustommessage",
};

/**
 * A call that `signal` stops before the message has left ends as `not-delivered`; after that as `unknown`. `deadline`
 * covers all parts of a text.
 */
export interface SendTextOptions extends CallOptions {
  /** Whether a text over the limit is split into several messages. Default true; false makes it a validation error. */
  split?: boolean | undefined;
  /** Shows the message as coming from this agent, written `name@account-wechat-id`. */
  customerServiceAccount?: string | undefined;
  /** Lets WeChat show the grey line "内容由第三方AI生成" under the message. Default false. */
  aiGenerated?: boolean | undefined;
  /** Whether -1 ("busy") is tried again. Default: the client's. */
  retryBusy?: boolean | undefined;
  /** Whether an unknown outcome is tried again, at the price of doubles. Default: the client's. */
  atLeastOnce?: boolean | undefined;
}

/** A text that arrived whole. Anything else is thrown. */
export interface SendResult {
  readonly delivery: "delivered";
  /** One for each message that the text was split into. */
  readonly parts: readonly PartResult[];
  /** WeChat's answer to the last part. */
  readonly answer: JsonAnswer;
}

/** The client's settings for texts. */
export interface TextDefaults {
  readonly maxTextBytes: number;
  readonly maxTextParts: number;
}

const SEND_TEXT = z.strictObject({
  openid: openidSchema,
  text: z.string("must be a string").superRefine((text, context) => {
    const problem = problemOf(text);
    if (problem) context.addIssue({ code: "custom", message: problem });
  }),
  ...CALL_OPTIONS,
  split: flag.optional(),
  customerServiceAccount: z.string("must be a string").min(1, "is empty").optional(),
  aiGenerated: flag.optional(),
  retryBusy: flag.optional(),
  atLeastOnce: flag.optional(),
});

const REMEDIES: FieldRemedies = {
  ...COMMON_REMEDIES,
  text: {
    en: "Give a text that is not empty, as whole Unicode characters, without control characters other than line break and tab.",
    zh: "请填写非空文本：须为完整的 Unicode 字符，除换行和制表符外不得含控制字符。",
  },
};

/** JSON would write most of these as \\uxxxx, which WeChat refuses (40033, 47002). */
const CONTROL = /(?![\t\n\r])\p{Cc}/u;

function problemOf(text: string): string | undefined {
  if (text.trim() === "") return "is empty";
  const control = CONTROL.exec(text);
  if (control) {
    const hex = control[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
    return `holds the control character U+${hex} at position ${control.index}`;
  }
  return text.isWellFormed() ? undefined : "holds half of a character (an unpaired surrogate, mostly a cut emoji)";
}

/** Customer-service messages (客服消息) to followers. */
export class Messages {
  readonly #requester: Requester;
  readonly #defaults: TextDefaults;

  /** @internal */
  constructor(requester: Requester, defaults: TextDefaults) {
    this.#requester = requester;
    this.#defaults = defaults;
  }

  /**
   * Sends a text to a follower. A text above the limit goes out as several messages, in order, one after the other;
   * after one that did not arrive, no further one is sent.
   * @param openid the follower, as this account knows them
   * @param text raw text; `<a href="…">` works, Markdown is not rendered by WeChat
   * @returns only if all of it arrived
   * @throws WeChatError with `delivery`, `parts` and a `remedy` in English and Chinese: WeChatValidationError,
   *   WeChatApiError and its subclasses, WeChatTransportError, WeChatClientError
   */
  async sendText(openid: string, text: string, options: SendTextOptions = {}): Promise<SendResult> {
    const { messages, limits } = this.#plan(openid, text, options);
    const results: PartResult[] = [];
    let answer: JsonAnswer = {};
    for (const [index, message] of messages.entries()) {
      try {
        answer = await this.#requester.caller.call(SEND_CUSTOM_MESSAGE, { body: message }, limits);
        results.push({ index, delivery: "delivered", errcode: 0 });
      } catch (error) {
        if (!(error instanceof WeChatError)) throw error;
        const parts = [...results, partOf(index, error), ...unsent(index + 1, messages.length)];
        throw error.withOutcome({ delivery: deliveryOf(parts), parts });
      }
    }
    return { delivery: "delivered", parts: results, answer };
  }

  /**
   * Checks and splits as {@link sendText} does, and sends nothing.
   * @returns the texts of the messages that would go out, in order
   * @throws WeChatValidationError
   */
  planText(openid: string, text: string, options: SendTextOptions = {}): { readonly parts: readonly string[] } {
    return { parts: this.#plan(openid, text, options).messages.map((message) => message.text.content) };
  }

  #plan(openid: string, text: string, options: SendTextOptions) {
    try {
      const input = validate(SEND_TEXT, { openid, text, ...options }, REMEDIES);
      const defaults = this.#defaults;
      const { maxTextBytes: maxBytes } = defaults;
      const maxParts = (input.split ?? true) ? defaults.maxTextParts : 1;
      const { customerServiceAccount: kf, aiGenerated } = input;
      const messages = splitText(text, { maxBytes, maxParts }).map((content) => ({
        touser: openid,
        msgtype: "text" as const,
        text: { content },
        ...(kf === undefined ? undefined : { customservice: { kf_account: kf } }),
        ...(aiGenerated ? { aimsgcontext: { is_ai_msg: 1 } } : undefined),
      }));
      return { messages, limits: this.#requester.limits(input) };
    } catch (error) {
      if (!(error instanceof WeChatValidationError)) throw error;
      throw error.withOutcome({ delivery: "not-delivered", parts: [] });
    }
  }
}

function partOf(index: number, error: WeChatError): PartResult {
  const delivery = error.delivery ?? "unknown";
  if (!(error instanceof WeChatApiError)) return { index, delivery };
  return { index, delivery, errcode: error.errcode, ...(error.rid === undefined ? undefined : { rid: error.rid }) };
}

const unsent = (from: number, to: number): PartResult[] =>
  Array.from({ length: to - from }, (_, offset) => ({ index: from + offset, delivery: "not-delivered" }));
