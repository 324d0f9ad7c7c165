import type { WeChatClient } from "@wechat-offiaccount/core";
import * as z from "zod";
import { inputFailure, unexpectedFailure } from "./failure.js";
import { carryOutCall } from "./ordering.js";
import type { LabelledContext } from "./outgoing.js";
import { type ToolResult, toolResult } from "./result.js";
import { SENDING, sendingFields } from "./sending-fields.js";
import type { Question, ToolCall, ToolOutcome } from "./tool.js";

export const name = "send_wechat_text";
export const title = "Send a text to a WeChat Official Account follower (公众号客服消息)";

export const description = `Sends one text to one follower of a WeChat Official Account (微信公众号), as a customer-service message (客服消息). It is not for WeCom (企业微信), for chats between personal WeChat accounts, or for groups.

When WeChat accepts it: only as a reply to something the follower did. A message from the follower opens 5 messages within 48 hours; following the account, clicking its custom menu or scanning its QR code opens 3 messages within 1 minute. Otherwise WeChat refuses (errcode 45015: the time is over; 45047: the messages are used up), and the follower has to act first. So this tool does not suit first contact, broadcasts, or reminders to followers who have not written recently.

Text: shown as it is; Markdown is not rendered. Links are written <a href="https://example.com">label</a>. A text above 2048 bytes of UTF-8 is split into at most 5 parts, sent in order; each part uses up one of the messages above. A longer text is refused before anything is sent. WeChat labels the message as made by AI (内容由第三方AI生成), unless the operator of this server turned that off.

Recipient: the operator of this server decides which openids may be written to, often only those who can be answered now; others are refused before anything is sent. An openid comes from the account itself, such as from a conversation or the message the follower sent to it; it is not a WeChat ID, a name or a phone number, and cannot be guessed.

Result: delivery is "delivered" (WeChat accepted every part; this is no read receipt), "not-delivered" (nothing reached the follower) or "unknown" (it may have arrived, in whole or in part). Every call that is not a dry run sends a new message, unless it repeats an idempotency_key; this tool cannot recall one, so sending again after "unknown" may show the same text twice. window, where the server has an inbox, says whether the follower can be answered after this. A text that is certain to be refused is not sent. An error says what happened and what to do next.`;

export const annotations = SENDING;

export const inputSchema = z.strictObject({
  openid: sendingFields.openid,
  text: z
    .string()
    .describe(
      'The text to send, not empty. Plain text with real line breaks; links as <a href="https://…">label</a>; no Markdown.',
    ),
  idempotency_key: sendingFields.idempotency_key,
  dry_run: sendingFields.dry_run,
});

export const outputSchema = toolResult;
export const refusal = inputFailure;

/** A defect may show after the text has left. */
export const defect = unexpectedFailure(true);

export const contentOf = ({ text }: Readonly<Record<string, unknown>>) => (typeof text === "string" ? text : undefined);

/** What the tool needs of core's client. */
export interface TextSender {
  readonly messages: Pick<WeChatClient["messages"], "sendText" | "planText">;
}

/**
 * Sends the text, or says why not. Never throws: every failure is an outcome with `isError`.
 * @param input the arguments as the model gave them, unchecked
 */
export function handle(
  input: unknown,
  context: LabelledContext<TextSender>,
  call: ToolCall,
): Promise<ToolOutcome<ToolResult> | Question> {
  const { messages } = context.client;
  const options = { aiGenerated: context.aiLabel };
  return carryOutCall({ name, inputSchema }, input, context, call, ({ openid, text }) => ({
    needsInteraction: true,
    plan: () => {
      const { parts } = messages.planText(openid, text, options);
      return {
        parts,
        messages: parts.length,
        replies: parts.length,
        question: `Send this text to the WeChat follower ${openid}? 是否向该用户发送以下文本？\n\n${text}`,
        carryOut: async (signal: AbortSignal | undefined) => {
          const { parts } = await messages.sendText(openid, text, { ...options, signal });
          const message = `WeChat accepted the text${parts.length > 1 ? `, in ${parts.length} parts` : ""}.`;
          return { parts, message };
        },
      };
    },
  }));
}
