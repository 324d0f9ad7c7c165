import * as z from "zod";
import { deliveryOf, type PartResult } from "../delivery.js";
import { WeChatApiError, WeChatError, WeChatValidationError } from "../errors.js";
import type { SentLog } from "../inbox/sent.js";
import { interpretEscapes } from "../text/escapes.js";
import { markdownToText } from "../text/markdown.js";
import { splitText } from "../text/split.js";
import type { JsonAnswer } from "../transport/answer.js";
import { Turns } from "../turns.js";
import { type FieldRemedies, flag, once, validate } from "../validation.js";
import type { CallLimits } from "./call.js";
import type { CustomMessage, CustomMessageOf } from "./custom-message.js";
import { endpoint, type WireRequest } from "./endpoint.js";
import { contentOf, fullText, isFullText, MESSAGE, MESSAGE_REMEDIES } from "./message-types.js";
import { recorded } from "./recorder.js";
import { CALL_OPTIONS, type CallOptions, type Requester } from "./requester.js";
import { REMEDIES as COMMON_REMEDIES, done, isOpenid, openid as openidSchema } from "./schemas.js";

const agent = z.string("must be a string").min(1, "is empty").optional();

/** What a single message of any type takes; texts have options of their own, see {@link Messages.sendText}. */
export const SEND_CUSTOM_MESSAGE = endpoint({
  name: "messages.send",
  method: "POST",
  path: "/cgi-bin/message/custom/send",
  retry: "send",
  input: () =>
    z.object({
      openid: openidSchema,
      message: MESSAGE(),
      customerServiceAccount: agent,
      aiGenerated: flag.optional(),
    }),
  // The hot path of a text: built field by field, without spreads.
  wire: ({ openid, message, customerServiceAccount, aiGenerated }) => {
    const body: Record<string, unknown> = { touser: openid, msgtype: message.type };
    body[message.type] = contentOf(message);
    if (customerServiceAccount !== undefined) body.customservice = { kf_account: customerServiceAccount };
    if (aiGenerated) body.aimsgcontext = { is_ai_msg: 1 };
    return { body };
  },
  answer: () => z.unknown(),
  limits:
    "5 messages within 48 h after the follower wrote; 3 within 1 min after a follow, menu click or scan; 500,000 a day",
  errcodes: [40003, 40007, 40008, 43004, 44004, 45002, 45008, 45015, 45047, 48001, 48002, 65401, 70000],
  source: "https://developers.weixin.qq.com/doc/service/api/customer/message/api_sendcustommessage",
});

export const SET_TYPING = endpoint({
  name: "messages.setTyping",
  method: "POST",
  path: "/cgi-bin/message/custom/typing",
  retry: "write",
  input: () => z.strictObject({ openid: openidSchema, on: flag }),
  wire: ({ openid, on }) => ({ body: { touser: openid, command: on ? "Typing" : "CancelTyping" } }),
  answer: done,
  errcodes: [40200, 45072, 45080, 45081],
  source: "https://developers.weixin.qq.com/doc/service/api/customer/message/api_typing",
});

/**
 * A call that `signal` stops before the message has left ends as `not-delivered`; after that as `unknown`. `deadline`
 * covers all parts of a text.
 */
export interface SendOptions extends CallOptions {
  /** Shows the message as coming from this agent, written `name@account-wechat-id`. */
  customerServiceAccount?: string | undefined;
  /** Lets WeChat show the grey line "内容由第三方AI生成" under the message. Default false. */
  aiGenerated?: boolean | undefined;
  /** Whether -1 ("busy") is tried again. Default: the client's. */
  retryBusy?: boolean | undefined;
  /** Whether an unknown outcome is tried again, at the price of doubles. Default: the client's. */
  atLeastOnce?: boolean | undefined;
}

/** How a text is sent. */
export interface SendTextOptions extends SendOptions {
  /** Whether a text over the limit is split into several messages. Default true; false makes it a validation error. */
  split?: boolean | undefined;
  /** Turns Markdown into text that reads well in WeChat, see {@link markdownToText}. Default false. */
  markdown?: boolean | undefined;
  /** Turns the two characters \\n into a line break, see {@link interpretEscapes}. Default false. */
  interpretEscapes?: boolean | undefined;
}

/** A message that arrived whole. Anything else is thrown. */
export interface SendResult {
  /** WeChat answered errcode 0 to each part. */
  readonly delivery: "delivered";
  /** One for each message that the text was split into. */
  readonly parts: readonly PartResult[];
  /** WeChat's answer to the last part. */
  readonly answer: JsonAnswer;
}

/** What would go out for a text. */
export interface TextPlan {
  /** The texts of the messages, in order. */
  readonly parts: readonly string[];
}

/** The client's settings for texts. */
export interface TextDefaults {
  readonly maxTextBytes: number;
  readonly maxTextParts: number;
}

const SEND_OPTIONS = once(() => ({
  ...CALL_OPTIONS(),
  customerServiceAccount: agent,
  aiGenerated: flag.optional(),
  retryBusy: flag.optional(),
  atLeastOnce: flag.optional(),
}));
const SEND = once(() => z.strictObject({ openid: openidSchema, message: MESSAGE(), ...SEND_OPTIONS() }));
const SEND_TEXT = once(() =>
  z.strictObject({
    openid: openidSchema,
    text: fullText,
    split: flag.optional(),
    markdown: flag.optional(),
    interpretEscapes: flag.optional(),
    ...SEND_OPTIONS(),
  }),
);
const REMEDIES: FieldRemedies = { ...COMMON_REMEDIES, ...MESSAGE_REMEDIES };

/** What goes to WeChat for one call of send. */
interface Plan {
  readonly openid: string;
  /** What the bodies hold as a whole. */
  readonly message: CustomMessage;
  readonly bodies: readonly (WireRequest & { readonly text?: string })[];
  readonly limits: CallLimits;
}

/** Customer-service messages (客服消息) to followers. */
export class Messages {
  readonly #requester: Requester;
  readonly #defaults: TextDefaults;
  readonly #turns = new Turns();
  readonly #log: SentLog | undefined;

  /** @internal */
  constructor(requester: Requester, defaults: TextDefaults, log?: SentLog) {
    this.#requester = requester;
    this.#defaults = defaults;
    this.#log = log;
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
  sendText(openid: string, text: string, options: SendTextOptions = NO_OPTIONS): Promise<SendResult> {
    return this.#inTurn(() => this.#planText(openid, text, options));
  }

  /**
   * Checks and splits as {@link sendText} does, and sends nothing.
   * @throws WeChatValidationError
   */
  planText(openid: string, text: string, options: SendTextOptions = {}): TextPlan {
    return { parts: planned(() => this.#planText(openid, text, options)).bodies.map(({ text }) => text ?? "") };
  }

  /**
   * Sends one message of any type to a follower. A text is split as {@link sendText} does.
   * @throws WeChatError with `delivery`, as {@link sendText}
   * @example client.messages.send(openid, { type: "image", mediaId })
   */
  send(openid: string, message: CustomMessage, options: SendOptions = NO_OPTIONS): Promise<SendResult> {
    if (message?.type === "text") return this.sendText(openid, message.text, options);
    return this.#inTurn(() => {
      const input = validate(SEND(), { ...options, openid, message }, REMEDIES);
      return { openid, message, bodies: [SEND_CUSTOM_MESSAGE.wire(input)], limits: this.#requester.limits(input) };
    });
  }

  /**
   * Sends a picture that was uploaded.
   * @throws WeChatError with `delivery`, as {@link send}
   */
  sendImage(openid: string, image: Omit<CustomMessageOf<"image">, "type">, options?: SendOptions): Promise<SendResult> {
    return this.send(openid, { type: "image", ...image }, options);
  }

  /**
   * Sends a voice recording that was uploaded.
   * @throws WeChatError with `delivery`, as {@link send}
   */
  sendVoice(openid: string, voice: Omit<CustomMessageOf<"voice">, "type">, options?: SendOptions): Promise<SendResult> {
    return this.send(openid, { type: "voice", ...voice }, options);
  }

  /**
   * Sends a video that was uploaded, with a picture for its preview.
   * @throws WeChatError with `delivery`, as {@link send}
   */
  sendVideo(openid: string, video: Omit<CustomMessageOf<"video">, "type">, options?: SendOptions): Promise<SendResult> {
    return this.send(openid, { type: "video", ...video }, options);
  }

  /**
   * Sends a link to music, with a picture for its preview.
   * @throws WeChatError with `delivery`, as {@link send}
   */
  sendMusic(openid: string, music: Omit<CustomMessageOf<"music">, "type">, options?: SendOptions): Promise<SendResult> {
    return this.send(openid, { type: "music", ...music }, options);
  }

  /**
   * Sends a card with title, picture and a link of your own.
   * @throws WeChatError with `delivery`, as {@link send}
   */
  sendNews(openid: string, news: Omit<CustomMessageOf<"news">, "type">, options?: SendOptions): Promise<SendResult> {
    return this.send(openid, { type: "news", ...news }, options);
  }

  /**
   * Sends an article from the material library by its media_id. Accounts that use drafts need `sendMpNewsArticle`.
   * @throws WeChatError with `delivery`, as {@link send}
   */
  sendMpNews(
    openid: string,
    mpnews: Omit<CustomMessageOf<"mpnews">, "type">,
    options?: SendOptions,
  ): Promise<SendResult> {
    return this.send(openid, { type: "mpnews", ...mpnews }, options);
  }

  /**
   * Sends a published article by its article id.
   * @throws WeChatError with `delivery`, as {@link send}
   */
  sendMpNewsArticle(
    openid: string,
    mpnewsarticle: Omit<CustomMessageOf<"mpnewsarticle">, "type">,
    options?: SendOptions,
  ): Promise<SendResult> {
    return this.send(openid, { type: "mpnewsarticle", ...mpnewsarticle }, options);
  }

  /**
   * Sends a menu to tap: what the follower taps comes back as their text message.
   * @throws WeChatError with `delivery`, as {@link send}
   */
  sendMenu(
    openid: string,
    msgmenu: Omit<CustomMessageOf<"msgmenu">, "type">,
    options?: SendOptions,
  ): Promise<SendResult> {
    return this.send(openid, { type: "msgmenu", ...msgmenu }, options);
  }

  /**
   * Sends a coupon or card; only cards without codes of their own.
   * @throws WeChatError with `delivery`, as {@link send}
   */
  sendCard(
    openid: string,
    wxcard: Omit<CustomMessageOf<"wxcard">, "type">,
    options?: SendOptions,
  ): Promise<SendResult> {
    return this.send(openid, { type: "wxcard", ...wxcard }, options);
  }

  /**
   * Sends a page of a mini program that is linked to the account.
   * @throws WeChatError with `delivery`, as {@link send}
   */
  sendMiniProgram(
    openid: string,
    miniprogrampage: Omit<CustomMessageOf<"miniprogrampage">, "type">,
    options?: SendOptions,
  ): Promise<SendResult> {
    return this.send(openid, { type: "miniprogrampage", ...miniprogrampage }, options);
  }

  /**
   * Shows or hides "正在输入" (typing) in the follower's chat. It lasts 15 s, and a message ends it; WeChat wants an
   * interaction of the follower within the last 30 s (45080) and refuses to set it again within the 15 s (45081).
   * @throws WeChatValidationError; WeChatApiError 45080, 45081 and others; WeChatTransportError
   */
  setTyping(openid: string, on: boolean, options?: CallOptions): Promise<void> {
    return this.#requester.request(SET_TYPING, { openid, on }, options);
  }

  /** The parts of a text reach a follower without another message of this client between them. */
  #inTurn(toPlan: () => Plan): Promise<SendResult> {
    let plan: Plan;
    try {
      plan = planned(toPlan);
    } catch (error) {
      return Promise.reject(error);
    }
    const { openid, message, bodies } = plan;
    const sending = this.#turns.run(openid, bodies.length > 1, () => this.#sendAll(plan));
    return this.#log ? recorded(sending, this.#log, openid, { ...message }, ({ parts }) => parts) : sending;
  }

  async #sendAll({ bodies, limits }: Plan): Promise<SendResult> {
    const results: PartResult[] = [];
    let answer: JsonAnswer = {};
    let index = 0;
    for (const wire of bodies) {
      try {
        answer = await this.#requester.caller.call(SEND_CUSTOM_MESSAGE, wire, limits);
        results.push({ index: index++, delivery: "delivered", errcode: 0 });
      } catch (error) {
        if (!(error instanceof WeChatError)) throw error;
        const parts = [...results, partOf(index, error), ...unsent(index + 1, bodies.length)];
        throw error.withOutcome({ delivery: deliveryOf(parts), parts });
      }
    }
    return { delivery: "delivered", parts: results, answer };
  }

  #planText(openid: string, text: string, options: SendTextOptions): Plan {
    const input = checkedText(openid, text, options);
    const { maxTextBytes: maxBytes, maxTextParts } = this.#defaults;
    const maxParts = (input.split ?? true) ? maxTextParts : 1;
    const parts = splitText(input.text, { maxBytes, maxParts });
    const { customerServiceAccount, aiGenerated } = input;
    const bodies = parts.map((text) => {
      const message = { type: "text" as const, text };
      const { body } = SEND_CUSTOM_MESSAGE.wire({ openid, message, customerServiceAccount, aiGenerated });
      return { text, body };
    });
    return { openid, message: { type: "text", text: input.text }, bodies, limits: this.#requester.limits(input) };
  }
}

const NO_OPTIONS: SendTextOptions = {};

/** The schema says what is wrong and where; the commonest call, right and without options, does not wait for it. */
function checkedText(openid: string, text: string, options: SendTextOptions): z.output<ReturnType<typeof SEND_TEXT>> {
  if (options === NO_OPTIONS && isOpenid(openid) && isFullText(text)) return { openid, text };
  return validate(SEND_TEXT(), { ...options, openid, text: readable(text, options) }, REMEDIES);
}

/** Input that is refused has the outcome of a send: nothing went out. */
function planned(plan: () => Plan): Plan {
  try {
    return plan();
  } catch (error) {
    if (!(error instanceof WeChatValidationError)) throw error;
    throw error.withOutcome({ delivery: "not-delivered", parts: [] });
  }
}

function readable(text: string, { markdown, interpretEscapes: escapes }: SendTextOptions): string {
  if (typeof text !== "string") return text;
  const written = escapes === true ? interpretEscapes(text) : text;
  return markdown === true ? markdownToText(written) : written;
}

function partOf(index: number, error: WeChatError): PartResult {
  const delivery = error.delivery ?? "unknown";
  if (!(error instanceof WeChatApiError)) return { index, delivery };
  return { index, delivery, errcode: error.errcode, ...(error.rid === undefined ? undefined : { rid: error.rid }) };
}

const unsent = (from: number, to: number): PartResult[] =>
  Array.from({ length: to - from }, (_, offset) => ({ index: from + offset, delivery: "not-delivered" }));
