import type { WeChatClient } from "@wechat-offiaccount/core";
import * as z from "zod";
import { inputFailure, unexpectedFailure } from "./failure.js";
import { carryOutCall } from "./ordering.js";
import { DONE, type SendingContext } from "./outgoing.js";
import { type ToolResult, toolResult } from "./result.js";
import { sendingFields } from "./sending-fields.js";
import type { Question, ToolCall, ToolOutcome } from "./tool.js";

export const name = "set_wechat_typing";
export const title = 'Show "typing" to a WeChat Official Account follower (公众号“正在输入”状态)';

export const description = `Shows "对方正在输入" (typing) in one follower's chat with the WeChat Official Account (微信公众号), or hides it. Use it when an answer is on its way but takes some seconds.

It lasts 15 seconds, and a message that is sent ends it. WeChat shows it only within 30 seconds after the follower wrote or acted (else errcode 45080), and does not set it again while it is shown (45081: there is nothing to do). It says nothing to the follower, sends no message and uses up none; whatever becomes of it, an answer can be sent.

Recipient: as for texts, the operator of this server decides which openids are allowed.`;

export const annotations = {
  readOnlyHint: false,
  // It passes by itself, and loses nothing.
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: true,
} as const;

export const inputSchema = z.strictObject({
  openid: sendingFields.openid,
  on: z.boolean().optional().describe("true: show it. false: hide it. Default: true."),
  dry_run: sendingFields.dry_run,
});

export const outputSchema = toolResult;
export const refusal = inputFailure;
export const defect = unexpectedFailure(true);

/** What the tool needs of core's client. */
export interface TypingSetter {
  readonly messages: Pick<WeChatClient["messages"], "setTyping">;
}

/** Shows or hides it, or says why not. Never throws: every failure is an outcome with `isError`. */
export function handle(
  input: unknown,
  context: SendingContext<TypingSetter>,
  call: ToolCall,
): Promise<ToolOutcome<ToolResult> | Question> {
  const { messages } = context.client;
  return carryOutCall({ name, inputSchema }, input, context, call, ({ openid, on = true }) => ({
    // WeChat documents the 30 seconds for showing it.
    needsInteraction: on,
    repeatable: true,
    plan: () => ({
      parts: [on ? "[typing is shown]" : "[typing is hidden]"],
      messages: 0,
      replies: 0,
      carryOut: async (signal: AbortSignal | undefined) => {
        await messages.setTyping(openid, on, { signal });
        const shown = "Typing is shown for 15 seconds, or until a message is sent.";
        return { parts: DONE, message: on ? shown : "Typing is no longer shown." };
      },
    }),
  }));
}
