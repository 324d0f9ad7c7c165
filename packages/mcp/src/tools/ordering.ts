import type * as z from "zod";
import { inputFailure } from "./failure.js";
import { factsOfInput } from "./failure-facts.js";
import { carryOut, type Order, type SendingContext } from "./outgoing.js";
import type { ToolResult } from "./result.js";
import type { Question, ToolCall, ToolOutcome } from "./tool.js";

/** What the arguments of every tool that writes hold. */
interface CommonArguments {
  readonly openid: string;
  readonly dry_run?: boolean | undefined;
  readonly idempotency_key?: string | undefined;
}

/** What a tool adds to what its arguments say already. */
type Details = Omit<Order, "tool" | "openid" | "policy" | "request" | "dryRun" | "idempotencyKey">;

/**
 * Checks the arguments of a tool that writes, and carries out the order that they make. Never throws: every failure is
 * an outcome with `isError`.
 * @param input the arguments as the model gave them, unchecked
 */
export async function carryOutCall<Schema extends z.ZodObject & z.ZodType<CommonArguments>>(
  tool: { readonly name: string; readonly inputSchema: Schema },
  input: unknown,
  { policy, guards }: Pick<SendingContext<unknown>, "policy" | "guards">,
  call: ToolCall,
  detailsOf: (fields: z.output<Schema>) => Details,
): Promise<ToolOutcome<ToolResult> | Question> {
  const parsed = tool.inputSchema.safeParse(input);
  if (!parsed.success) return inputFailure(factsOfInput(tool.name, tool.inputSchema, parsed.error));
  const { dry_run: dryRun, idempotency_key: idempotencyKey, ...request } = parsed.data;
  const { openid } = parsed.data;
  const order = { tool: tool.name, openid, policy, request, dryRun, idempotencyKey, ...detailsOf(parsed.data) };
  return carryOut(order, guards, call);
}
