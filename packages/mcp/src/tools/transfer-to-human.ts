import type { WeChatClient } from "@wechat-offiaccount/core";
import * as z from "zod";
import { inputFailure, unexpectedFailure } from "./failure.js";
import { carryOutCall } from "./ordering.js";
import { DONE, type SendingContext } from "./outgoing.js";
import { type ToolResult, toolResult } from "./result.js";
import { sendingFields } from "./sending-fields.js";
import type { Question, ToolCall, ToolOutcome } from "./tool.js";

export const name = "transfer_to_human";
export const title = "Hand a WeChat Official Account follower over to a human agent (公众号转人工客服)";

export const description = `Hands one follower of a WeChat Official Account (微信公众号) over to a human customer-service agent (人工客服). Use it when the follower asks for a person, or when you cannot or may not help.

To whom: agent, if given; else the agent who serves the follower already; else, of the agents who are online, the one with the fewest sessions. If nobody is online it fails with code WECHAT_NO_AGENT: then tell the follower so, rather than promise a person.

Afterwards what the follower writes goes to the agent and no longer comes in here, until the agent ends the session. Stop answering this follower. This tool cannot take the follower back. It sends no message and uses up none: if the follower should know, send a text before.

Handing over again changes nothing. Recipient: as for texts, the operator of this server decides which openids are allowed.`;

export const annotations = {
  readOnlyHint: false,
  // No tool here takes the follower back, so hosts should ask before.
  destructiveHint: true,
  idempotentHint: true,
  openWorldHint: true,
} as const;

export const inputSchema = z.strictObject({
  openid: sendingFields.openid,
  agent: z
    .string()
    .regex(/^[^\s@]+@[^\s@]+$/, "is not an agent's account (name@account-wechat-id)")
    .optional()
    .describe("The agent's account (客服账号), written name@account-wechat-id, if it has to be this one."),
  dry_run: sendingFields.dry_run,
});

export const outputSchema = toolResult;
export const refusal = inputFailure;
export const defect = unexpectedFailure(true);

/** What the tool needs of core's client. */
export interface AgentTransfer {
  readonly sessions: Pick<WeChatClient["sessions"], "handOver">;
}

/** Hands the follower over, or says why not. Never throws: every failure is an outcome with `isError`. */
export function handle(
  input: unknown,
  context: SendingContext<AgentTransfer>,
  call: ToolCall,
): Promise<ToolOutcome<ToolResult> | Question> {
  const { sessions } = context.client;
  return carryOutCall({ name, inputSchema }, input, context, call, ({ openid, agent }) => {
    const whom = agent ?? "the agent who serves the follower already, else the least busy one who is online";
    return {
      needsInteraction: true,
      repeatable: true,
      plan: () => ({
        parts: [`[hand over to ${whom}]`],
        messages: 0,
        replies: 0,
        question: `Hand the WeChat follower ${openid} over to a human agent? 是否将该用户转接给人工客服？\n\nAgent 客服: ${whom}`,
        carryOut: async (signal: AbortSignal | undefined) => {
          const { account } = await sessions.handOver({ openid, account: agent }, { signal });
          const message = `The follower is with the agent ${account} now. What the follower writes goes to the agent until the session ends: stop answering this follower automatically.`;
          return { parts: DONE, message };
        },
      }),
    };
  });
}
