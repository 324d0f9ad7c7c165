import {
  checkTemplateMessage,
  type TemplateMessage,
  type WeChatClient,
  WeChatValidationError,
} from "@wechat-offiaccount/core";
import * as z from "zod";
import { digestOf } from "../safety/digest.js";
import { described } from "./described.js";
import { inputFailure, unexpectedFailure } from "./failure.js";
import { carryOutCall } from "./ordering.js";
import { DONE, type SendingContext } from "./outgoing.js";
import { inOwnNames } from "./own-names.js";
import { type ToolResult, toolResult } from "./result.js";
import { SENDING, sendingFields } from "./sending-fields.js";
import { filledIn, templateNamed, withTemplates } from "./templates.js";
import type { Question, ToolCall, ToolOutcome } from "./tool.js";

export const name = "send_wechat_template";
export const title = "Send a template message to a WeChat Official Account follower (公众号模板消息)";

export const description = `Sends one template message (模板消息) to one follower of a WeChat Official Account (微信公众号): a notice in a fixed form, such as an order that was shipped, with values for its keywords. It reaches followers who cannot be answered any more, because it needs no message of theirs before.

Only for the service notice that the template is made for, about something the follower did or asked for: WeChat allows no advertising in it, and nothing that bothers followers. To answer a follower who wrote, use send_wechat_text.

template_id: one of the account's own templates, given by the user or the operator; it cannot be made up. An unknown id sends nothing, and the failure lists the account's templates with their ids and texts: call with dry_run: true and template_id: "?" to see them. A template's text has a place such as {{thing1.DATA}} for each keyword (here thing1); data gives each a value. A dry run shows the text filled in.

Recipient: the operator of this server has a list of its own of who may get template messages; others are refused before anything is sent.

Result: "delivered" means here that WeChat took the message. Whether it arrived comes later, as the event TEMPLATESENDJOBFINISH, to programs that receive the account's events. "unknown": it may have gone out, and sending again may show it twice. Every call that is not a dry run sends a new message, unless it repeats an idempotency_key; this tool cannot recall one.`;

export const annotations = SENDING;

export const inputSchema = z.strictObject({
  openid: sendingFields.openid,
  template_id: z.string().min(1).describe("The template's id, copied exactly."),
  // A list, not an object with the keywords as fields: strict hosts take no objects whose fields they do not know.
  data: z
    .array(
      z.strictObject({
        keyword: z
          .string()
          .regex(/^\w+$/, "is not the bare name of a keyword, such as thing1 (without braces and .DATA)")
          .describe("The keyword's bare name, such as thing1 for {{thing1.DATA}}."),
        value: z.string().describe("Its text. WeChat limits length and form by the kind of keyword."),
      }),
    )
    .describe("A value for each keyword of the template, each keyword once."),
  url: z
    .string()
    .regex(/^https?:\/\//, "must be an http:// or https:// URL")
    .optional()
    .describe("The page that a tap on the message opens. Default: none."),
  mini_program_app_id: z
    .string()
    .optional()
    .describe("The AppID of a mini program, linked to the account, that a tap opens instead of url. Default: none."),
  mini_program_page: z
    .string()
    .optional()
    .describe("Its page, such as pages/index/index; only with mini_program_app_id. Default: its first page."),
  idempotency_key: sendingFields.idempotency_key,
  dry_run: z
    .boolean()
    .optional()
    .describe(
      "true: check recipient and content, look the template up at WeChat, and return the text that the follower would read, without sending. Default: false.",
    ),
});
type Fields = z.infer<typeof inputSchema>;

export const outputSchema = toolResult;
export const refusal = inputFailure;

/** A defect may show after the message has left. */
export const defect = unexpectedFailure(true);

const CONTENT = z.object(inputSchema.shape);

export function contentOf(input: Readonly<Record<string, unknown>>): string | undefined {
  const { data } = CONTENT.safeParse(input);
  return data && describedTemplate(data);
}

/** What the tool needs of core's client. */
export interface TemplateSender {
  readonly templates: Pick<WeChatClient["templates"], "send" | "list">;
}

/**
 * Sends the template message, or says why not. Never throws: every failure is an outcome with `isError`.
 * @param input the arguments as the model gave them, unchecked
 */
export function handle(
  input: unknown,
  context: SendingContext<TemplateSender>,
  call: ToolCall,
): Promise<ToolOutcome<ToolResult> | Question> {
  const { templates } = context.client;
  return carryOutCall({ name, inputSchema }, input, context, call, (fields) => ({
    needsInteraction: false,
    plan: () => {
      const message = templateMessageOf(fields);
      const shown = describedTemplate(fields);
      return {
        parts: [shown],
        messages: 1,
        replies: 0,
        question: `Send this template message to the WeChat follower ${fields.openid}? 是否向该用户发送以下模板消息？\n\n${shown}`,
        rehearse: async (signal: AbortSignal | undefined) => {
          const template = templateNamed(fields.template_id, await templates.list({ signal }));
          return [`${shown}\n\n${filledIn(template, message.data)}`];
        },
        carryOut: async (signal: AbortSignal | undefined) => {
          try {
            const { messageId } = await templates.send(message, { signal });
            return { parts: DONE, message: accepted(messageId) };
          } catch (error) {
            throw await withTemplates(error, () => templates.list({ signal }));
          }
        },
      };
    },
  }));
}

const accepted = (messageId: string) =>
  `WeChat took the template message (its id: ${messageId}). Whether it arrived comes later, as the event TEMPLATESENDJOBFINISH.`;

/** @throws WeChatValidationError if a keyword comes twice: one of its values would be lost */
function valuesOf(data: Fields["data"]): Readonly<Record<string, string>> {
  const keywords = data.map(({ keyword }) => keyword);
  const twice = keywords.findIndex((keyword, index) => keywords.indexOf(keyword) !== index);
  if (twice !== -1) {
    const problem = { field: `data.${twice}.keyword`, problem: "is there twice", remedy: ONCE };
    throw new WeChatValidationError([problem], { delivery: "not-delivered", parts: [] });
  }
  return Object.fromEntries(data.map(({ keyword, value }) => [keyword, value]));
}

const ONCE = { en: "Give each keyword once.", zh: "每个关键词只填写一次。" };

/** @throws WeChatValidationError that names the arguments */
function templateMessageOf(fields: Fields): TemplateMessage {
  const { openid, template_id, data, url, mini_program_app_id, mini_program_page } = fields;
  const miniProgram =
    mini_program_app_id === undefined && mini_program_page === undefined
      ? undefined
      : { appId: mini_program_app_id, pagePath: mini_program_page };
  const message = {
    openid,
    templateId: template_id,
    data: valuesOf(data),
    url,
    miniProgram,
    clientMessageId: clientMessageIdOf(fields),
  };
  return inOwnNames(() => checkTemplateMessage(message), ownName, FIELDS);
}

/**
 * WeChat sends no second template message with the same client_msg_id to the same follower, for some time that it does
 * not document: so a repetition that our own note of the key cannot see, such as after a restart without an inbox, is
 * caught too. It stands for the key and all that is sent, because a corrected message is another one.
 */
const clientMessageIdOf = ({ idempotency_key, dry_run, ...request }: Fields): string | undefined =>
  idempotency_key === undefined
    ? undefined
    : Buffer.from(digestOf([idempotency_key, request]), "base64").toString("base64url");

const OWN_NAMES: Readonly<Record<string, string>> = {
  templateId: "template_id",
  miniProgram: "mini_program_app_id",
  "miniProgram.appId": "mini_program_app_id",
  "miniProgram.pagePath": "mini_program_page",
};
const ownName = (field: string) => OWN_NAMES[field] ?? field;

const FIELDS = {
  en: "Correct the arguments named above: url is a whole http:// or https:// URL; mini_program_page needs mini_program_app_id, which is not empty.",
  zh: "请更正上述参数：url 须为完整的 http:// 或 https:// 网址；mini_program_page 须与非空的 mini_program_app_id 一起使用。",
};

/** All that is sent, as a person can read it without the template. */
const describedTemplate = ({ template_id, data, url, mini_program_app_id, mini_program_page }: Fields): string =>
  described("[template]", [
    ["template_id", template_id],
    ...data.map(({ keyword, value }) => [`data ${keyword}`, value] as const),
    ["url", url],
    ["mini_program_app_id", mini_program_app_id],
    ["mini_program_page", mini_program_page],
  ]);
