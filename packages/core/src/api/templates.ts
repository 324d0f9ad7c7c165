import * as z from "zod";
import type { SentLog } from "../inbox/sent.js";
import { endpoint } from "./endpoint.js";
import { recorded } from "./recorder.js";
import { type CallOptions, type Requester, Resource } from "./requester.js";
import { nothing, openid, text } from "./schemas.js";

const SOURCE = "https://developers.weixin.qq.com/doc/service/api/notify/template/";

/** A template message: what reaches a follower whose reply window has closed. */
const message = z.strictObject({
  openid,
  templateId: text("the template's id, as templates.list() tells it"),
  /** Values by the template's keywords. */
  data: z.record(z.string(), z.string("must be a string")),
  /** Opened when the follower taps the message. */
  url: z.url("must be a URL").optional(),
  /** Opened instead of the URL, where the client can. */
  miniProgram: z.strictObject({ appId: text("the mini program's AppID"), pagePath: z.string().optional() }).optional(),
  /**
   * Your own id of this message: WeChat does not send a second one with the same id to the same follower. For how long
   * is not documented.
   */
  clientMessageId: text("an id of your own").optional(),
});

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
  answer: z
    .object({ msgid: z.union([z.number(), z.string()]) })
    .transform(({ msgid }) => ({ messageId: String(msgid) })),
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
  answer: z
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
   * @throws WeChatError with `delivery`
   */
  send(input: z.input<typeof message>, options?: CallOptions): Promise<{ messageId: string }> {
    const sending = this.request(SEND_TEMPLATE, input, options);
    if (!this.#log) return sending;
    const { openid, ...template } = { ...input };
    return recorded(sending, this.#log, openid, { type: "template", ...template });
  }

  /** The templates that the account may send. */
  list(options?: CallOptions) {
    return this.request(LIST_TEMPLATES, {}, options);
  }
}
