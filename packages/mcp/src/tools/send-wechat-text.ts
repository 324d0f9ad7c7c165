import type { ReplyWindow, WeChatClient } from "@wechat-offiaccount/core";
import * as z from "zod";
import type { RecipientDecision, RecipientPolicy } from "../safety/recipients.js";
import type { Settings } from "../settings.js";
import { closedFailure, inputFailure, recipientFailure, sendFailure, unexpectedFailure } from "./failure.js";
import { factsOfInput } from "./failure-facts.js";
import { type ToolResult, toolOutcome, toolResult } from "./result.js";
import type { InboxReader, ToolCall, ToolOutcome } from "./tool.js";
import { viewOfWindow } from "./window-view.js";

export const name = "send_wechat_text";
export const title = "Send a text to a WeChat Official Account follower (公众号客服消息)";

export const description = `Sends one text to one follower of a WeChat Official Account (微信公众号), as a customer-service message (客服消息). It is not for WeCom (企业微信), for chats between personal WeChat accounts, or for groups.

When WeChat accepts it: only as a reply to something the follower did. A message from the follower opens 5 messages within 48 hours; following the account, clicking its custom menu or scanning its QR code opens 3 messages within 1 minute. Otherwise WeChat refuses (errcode 45015: the time is over; 45047: the messages are used up), and the follower has to act first. So this tool does not suit first contact, broadcasts, or reminders to followers who have not written recently.

Text: shown as it is; Markdown is not rendered. Links are written <a href="https://example.com">label</a>. A text above 2048 bytes of UTF-8 is split into at most 5 parts, sent in order; each part uses up one of the messages above. A longer text is refused before anything is sent. WeChat labels the message as made by AI (内容由第三方AI生成), unless the operator of this server turned that off.

Recipient: the operator of this server decides which openids may be written to, often only those who can be answered now; others are refused before anything is sent. An openid comes from the account itself, such as from list_wechat_conversations or the message the follower sent to it; it is not a WeChat ID, a name or a phone number, and cannot be guessed.

Result: delivery is "delivered" (WeChat accepted every part; this is no read receipt), "not-delivered" (nothing reached the follower) or "unknown" (it may have arrived, in whole or in part). Every call that is not a dry run sends a new message; this tool cannot recall one, so sending again after "unknown" may show the same text twice. window, where the server has an inbox, says whether the follower can be answered after this. A text that is certain to be refused is not sent. An error says what happened and what to do next.`;

export const annotations = {
  readOnlyHint: false,
  // A message that was sent cannot be taken back by this tool, so hosts should ask before.
  destructiveHint: true,
  // WeChat's send has no idempotency key.
  idempotentHint: false,
  openWorldHint: true,
} as const;

export const inputSchema = z.strictObject({
  openid: z
    .string()
    .describe(
      "The follower's openid in this Official Account, copied exactly; case matters. Letters, digits, - and _, usually 28 characters.",
    ),
  text: z
    .string()
    .describe(
      'The text to send, not empty. Plain text with real line breaks; links as <a href="https://…">label</a>; no Markdown.',
    ),
  dry_run: z
    .boolean()
    .optional()
    .describe(
      "true: check recipient and text and return the parts it would be sent as, without sending or calling WeChat. Default: false.",
    ),
});

export const outputSchema = toolResult;

/** A defect may show after the text has left. */
export const defect = unexpectedFailure(true);

/** What the tool needs of core's client. */
export interface TextSender {
  readonly messages: Pick<WeChatClient["messages"], "sendText" | "planText">;
}

export interface SendWeChatTextContext extends Pick<ToolCall, "signal"> {
  readonly client: TextSender;
  readonly policy: RecipientPolicy;
  readonly settings: Pick<Settings, "aiLabel" | "dryRun">;
  /** Knows the follower's reply window. */
  readonly inbox?: Pick<InboxReader, "window"> | undefined;
}

/**
 * Sends the text, or says why not. Never throws: every failure is an outcome with `isError`.
 * @param input the arguments as the model gave them, unchecked
 */
export async function handle(input: unknown, context: SendWeChatTextContext): Promise<ToolOutcome<ToolResult>> {
  const parsed = inputSchema.safeParse(input);
  if (!parsed.success) return inputFailure(factsOfInput(name, inputSchema, parsed.error));
  const { openid, text, dry_run } = parsed.data;

  let decision: RecipientDecision;
  try {
    decision = await context.policy.decide(openid);
  } catch (error) {
    return sendFailure(error, { sent: false, plan: [] });
  }
  if (!decision.allowed) return recipientFailure(decision);
  const before = await windowOf(openid, context);
  if (before?.certain) return closedFailure(before.certain, before);

  const { messages } = context.client;
  const options = { aiGenerated: context.settings.aiLabel };
  let plan: readonly string[];
  try {
    plan = messages.planText(openid, text, options).parts;
  } catch (error) {
    return sendFailure(error, { sent: false, plan: [] });
  }
  if (dry_run || context.settings.dryRun) return dryRun(plan, !dry_run);
  try {
    const { delivery, parts } = await messages.sendText(openid, text, { ...options, signal: context.signal });
    const window = await windowOf(openid, context);
    return toolOutcome({
      status: "sent",
      delivery,
      parts: parts.map(({ index, delivery, errcode, rid }) => ({ index, delivery, errcode, rid })),
      message: `WeChat accepted the text${parts.length > 1 ? `, in ${parts.length} parts` : ""}.`,
      ...(window && { window: viewOfWindow(window) }),
    });
  } catch (error) {
    return sendFailure(error, { sent: true, plan });
  }
}

/** Undefined where there is no inbox, or it cannot be read: only what is certain keeps a text from being sent. */
async function windowOf(openid: string, { inbox }: SendWeChatTextContext): Promise<ReplyWindow | undefined> {
  return inbox?.window(openid).catch(() => undefined);
}

function dryRun(parts: readonly string[], byOperator: boolean): ToolOutcome<ToolResult> {
  const count = parts.length === 1 ? "1 message" : `${parts.length} messages`;
  return toolOutcome({
    status: "dry-run",
    delivery: "not-delivered",
    parts: parts.map((text, index) => ({ index, delivery: "not-delivered", text })),
    message: byOperator
      ? `Dry run: nothing was sent, because the operator set WECHAT_MCP_DRY_RUN. It would be ${count}.`
      : `Dry run: nothing was sent. It would be ${count}.`,
  });
}
