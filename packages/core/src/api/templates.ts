import * as z from "zod";
import type { SentLog } from "../inbox/sent.js";
import { once, validate } from "../validation.js";
import { endpoint } from "./endpoint.js";
import { recorded } from "./recorder.js";
import { type CallOptions, type Requester, Resource } from "./requester.js";
import { nothing, openid, REMEDIES, text } from "./schemas.js";

const SOURCE = "https://developers.weixin.qq.com/doc/service/api/notify/template/";

const message = once(
  () =>
    z.strictObject({
      openid,
      templateId: text("the template's id, as templates.list() tells it"),
      data: z.record(z.string(), z.string("must be a string")),
      url: z.url("must be a URL").optional(),
      miniProgram: z
        .strictObject({ appId: text("the mini program's AppID"), pagePath: z.string().optional() })
        .optional(),
      clientMessageId: text("an id of your own").optional(),
    }) satisfies z.ZodType<TemplateMessage>,
);

export const SEND_TEMPLATE = endpoint({
  name: "templates.send",
  method: "POST",
  path: "/cgi-bin/message/template/send",
  retry: "send",
  input: message,
  wire: ({ openid, templateId, data, url, miniProgram, clientMessageId }) => ({
    body: {
      touser: openid,
      template_id: templateId,
      ...(url !== undefined && { url }),
      ...(miniProgram && { miniprogram: { appid: miniProgram.appId, pagepath: miniProgram.pagePath } }),
      ...(clientMessageId !== undefined && { client_msg_id: clientMessageId }),
      data: Object.fromEntries(Object.entries(data).map(([keyword, value]) => [keyword, { value }])),
    },
  }),
  answer: () =>
    z.object({ msgid: z.union([z.number(), z.string()]) }).transform(({ msgid }) => ({ messageId: String(msgid) })),
  errcodes: [40003, 40036, 40037, 43004, 43019],
  source: SOURCE,
});

export const LIST_TEMPLATES = endpoint({
  name: "templates.list",
  method: "GET",
  path: "/cgi-bin/template/get_all_private_template",
  retry: "read",
  input: nothing,
  wire: () => ({}),
  answer: () =>
    z
      .object({
        template_list: z.array(
          z.object({
            template_id: z.string(),
            title: z.string().default(""),
            primary_industry: z.string().default(""),
            deputy_industry: z.string().default(""),
            content: z.string().default(""),
            example: z.string().default(""),
          }),
        ),
      })
      .transform(({ template_list }) =>
        template_list.map((template) => ({
          id: template.template_id,
          title: template.title,
          primaryIndustry: template.primary_industry,
          deputyIndustry: template.deputy_industry,
          content: template.content,
          example: template.example,
        })),
      ),
  source: SOURCE,
});

/** A template message: what reaches a follower whose reply window has closed. */
export interface TemplateMessage {
  /** The follower. */
  readonly openid: string;
  /** The template's id, as {@link Templates.list} tells it. */
  readonly templateId: string;
  /** Values by the template's keywords. */
  readonly data: Readonly<Record<string, string>>;
  /** Opened when the follower taps the message. Default: nothing is. */
  readonly url?: string | undefined;
  /** Opened instead of the URL, where the client can; it must be linked to the account. Default: none. */
  readonly miniProgram?: TemplateMiniProgram | undefined;
  /**
   * Your own id of this message: WeChat does not send a second one with the same id to the same follower. For how long
   * is not documented. Default: none.
   */
  readonly clientMessageId?: string | undefined;
}

/** What a tap on a template message opens. */
export interface TemplateMiniProgram {
  /** The mini program's AppID. */
  readonly appId: string;
  /** The page, such as `pages/index/index`. Default: the first one. */
  readonly pagePath?: string | undefined;
}

/** WeChat took a template message. */
export interface TemplateSent {
  /** WeChat's id of the message; a string, because it has up to 64 bits. */
  readonly messageId: string;
}

/** A template that the account may send. */
export interface Template {
  /** What {@link TemplateMessage.templateId} wants. */
  readonly id: string;
  /** Its title. */
  readonly title: string;
  /** The trade that it belongs to. */
  readonly primaryIndustry: string;
  /** The branch within the trade. */
  readonly deputyIndustry: string;
  /** Its text, with a place such as `{{keyword1.DATA}}` for each keyword. */
  readonly content: string;
  /** The text filled in, as an example. */
  readonly example: string;
}

/**
 * Checks a template message that comes from outside the program, as {@link Templates.send} does, and sends nothing.
 * Whether the account has the template only WeChat knows.
 * @throws WeChatValidationError that names the field
 */
export function checkTemplateMessage(input: unknown): TemplateMessage {
  return validate(message(), input, REMEDIES, "input");
}

/** Template messages (模板消息), which need no open reply window. */
export class Templates extends Resource {
  readonly #log: SentLog | undefined;

  /** @internal */
  constructor(requester: Requester, log?: SentLog) {
    super(requester);
    this.#log = log;
  }

  /**
   * Sends a template message. WeChat's `ok` means that it took the message; whether it arrived is told later by the
   * event TEMPLATESENDJOBFINISH.
   * @throws WeChatError with `delivery`: WeChatValidationError; WeChatApiError 40037 (unknown template), 43004 (not
   *   following) and others; WeChatTransportError
   */
  send(input: TemplateMessage, options?: CallOptions): Promise<TemplateSent> {
    const sending = this.request(SEND_TEMPLATE, input, options);
    if (!this.#log) return sending;
    const { openid, ...template } = { ...input };
    return recorded(sending, this.#log, openid, { type: "template", ...template });
  }

  /**
   * The templates that the account may send.
   * @throws WeChatError
   */
  list(options?: CallOptions): Promise<readonly Template[]> {
    return this.request(LIST_TEMPLATES, {}, options);
  }
}
