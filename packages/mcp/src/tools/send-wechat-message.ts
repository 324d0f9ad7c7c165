import type { WeChatClient } from "@wechat-offiaccount/core";
import * as z from "zod";
import { inputFailure, unexpectedFailure } from "./failure.js";
import { describedMessage, messageFields, messageOf, TAKES } from "./message-fields.js";
import { carryOutCall } from "./ordering.js";
import type { LabelledContext } from "./outgoing.js";
import { type ToolResult, toolResult } from "./result.js";
import { SENDING, sendingFields } from "./sending-fields.js";
import type { Question, ToolCall, ToolOutcome } from "./tool.js";

export const name = "send_wechat_message";
export const title =
  "Send a picture, card, menu or other message to a WeChat Official Account follower (公众号客服消息：图片、图文、菜单等)";

const TYPES = Object.entries(TAKES).map(([type, takes]) => `- ${type}: ${takes.join(", ")}`);

export const description = `Sends one customer-service message (客服消息) that is no text to one follower of a WeChat Official Account (微信公众号): a picture, a card that opens a page, a menu to tap and others. Texts have their own tool, send_wechat_text.

type says what is sent, and which other arguments it takes (? marks those that may be left out):
${TYPES.join("\n")}

image, voice, video: a file that is at WeChat already. music: a link to a recording. news: a card with a title that opens your page. mpnews, mpnewsarticle: an article of the account, from its material library or published. msgmenu: a question with answers to tap; what the follower taps comes back as their text. wxcard: a coupon or card. miniprogrampage: a page of a mini program.

Where ids come from: a media_id stands in a message of a follower (kept by WeChat for 3 days) or is given by the user or the operator, like the ids of articles, cards and mini programs; none can be made up. This tool uploads nothing: it sends only what is at WeChat already and links to public pages, and no file of this computer, because a file that went out cannot be taken back.

When WeChat accepts it: only as a reply to something the follower did, just like a text; each message uses up one of the 5 within 48 hours after a message of the follower (3 within 1 minute after following, a menu click or a QR code). Recipient: the operator of this server decides which openids may be written to, often only those who can be answered now. WeChat labels the message as made by AI (内容由第三方AI生成), unless the operator turned that off.

Result: delivery is "delivered" (WeChat accepted it; this is no read receipt), "not-delivered" (nothing reached the follower) or "unknown" (it may have arrived: sending again may show it twice). Every call that is not a dry run sends a new message, unless it repeats an idempotency_key; this tool cannot recall one.`;

export const annotations = SENDING;

const { openid, idempotency_key, dry_run } = sendingFields;
export const inputSchema = z.strictObject({ openid, ...messageFields, idempotency_key, dry_run });

export const outputSchema = toolResult;
export const refusal = inputFailure;

/** A defect may show after the message has left. */
export const defect = unexpectedFailure(true);

const CONTENT = z.object(messageFields);

export function contentOf(input: Readonly<Record<string, unknown>>): string | undefined {
  const { data } = CONTENT.safeParse(input);
  return data && describedMessage(data);
}

/** What the tool needs of core's client. */
export interface MessageSender {
  readonly messages: Pick<WeChatClient["messages"], "send">;
}

/**
 * Sends the message, or says why not. Never throws: every failure is an outcome with `isError`.
 * @param input the arguments as the model gave them, unchecked
 */
export function handle(
  input: unknown,
  context: LabelledContext<MessageSender>,
  call: ToolCall,
): Promise<ToolOutcome<ToolResult> | Question> {
  const { messages } = context.client;
  const options = { aiGenerated: context.aiLabel };
  return carryOutCall(
    { name, inputSchema },
    input,
    context,
    call,
    ({ openid, dry_run: _dry, idempotency_key: _key, ...fields }) => ({
      needsInteraction: true,
      plan: () => {
        const message = messageOf(fields);
        const shown = describedMessage(fields);
        return {
          parts: [shown],
          messages: 1,
          replies: 1,
          question: `Send this message to the WeChat follower ${openid}? 是否向该用户发送以下消息？\n\n${shown}`,
          carryOut: async (signal: AbortSignal | undefined) => {
            const { parts } = await messages.send(openid, message, { ...options, signal });
            return { parts, message: `WeChat accepted the message (${fields.type}).` };
          },
        };
      },
    }),
  );
}
