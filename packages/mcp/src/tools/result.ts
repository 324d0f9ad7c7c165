import type { PartResult } from "@wechat-offiaccount/core";
import * as z from "zod";
import { failureFields, sentences } from "./failure-facts.js";
import type { ToolOutcome } from "./tool.js";
import { windowView } from "./window-view.js";

const delivery = z
  .enum(["delivered", "not-delivered", "unknown"])
  .describe("delivered: WeChat accepted it. not-delivered: it did not reach the follower. unknown: it may have.");

const part = z.strictObject({
  index: z.number().describe("Position in the message, counted from 0."),
  delivery,
  errcode: z.number().optional().describe("WeChat's answer for this part; 0 means accepted."),
  rid: z.string().optional().describe("WeChat's request id, for asking WeChat's support."),
  text: z
    .string()
    .optional()
    .describe(
      "What the follower would read, or in square brackets what is no text: in a dry run, and for parts that were not delivered beside others that were.",
    ),
});

/**
 * What a tool that does something to a follower returns, for success, dry run and failure alike. One flat object without alternatives, because hosts drop
 * tools whose output schema has `anyOf`, and clients check errors against it too.
 */
export const toolResult = z.strictObject({
  status: z.enum(["sent", "dry-run", "failed"]).describe("sent, dry-run (nothing was sent, as asked) or failed."),
  delivery: delivery.describe(
    "What became of the whole message. delivered: WeChat accepted every part. not-delivered: nothing reached the follower. unknown: it may have arrived, in whole or in part; parts says more where it is known.",
  ),
  parts: z.array(part).describe("What became of each part, in order. Empty if it did not come to that."),
  message: z.string().describe("What happened."),
  window: windowView
    .optional()
    .describe("Whether the follower can be answered after this call, where the server has an inbox that knows."),
  duplicate: z
    .boolean()
    .optional()
    .describe("true: this is the result of an earlier call with the same idempotency_key; this call sent nothing."),
  ...failureFields,
  next_step: z.string().optional().describe("On failure: whether it may be sent again, and what can be done instead."),
});

export type ToolResult = z.infer<typeof toolResult>;

/** What became of each part, without what only core has. */
export const partsOf = (parts: readonly PartResult[]): ToolResult["parts"] =>
  parts.map(({ index, delivery, errcode, rid }) => ({ index, delivery, errcode, rid }));

/** Adds to a result what its status implies: the error flag and, for a failure, plain sentences. */
export function toolOutcome(result: ToolResult): ToolOutcome<ToolResult> {
  const isError = result.status === "failed";
  return { structuredContent: result, text: isError ? allSentences(result) : "", isError };
}

const HEADLINE: Readonly<Record<ToolResult["delivery"], string>> = {
  delivered: "It was delivered.",
  "not-delivered": "It was not delivered.",
  unknown: "It is not known whether it was delivered.",
};

function allSentences(result: ToolResult): string {
  const partly = result.parts.some((part) => part.delivery === "delivered");
  return [
    partly ? "Only a part of it was surely delivered." : HEADLINE[result.delivery],
    `delivery: ${result.delivery}`,
    ...sentences(result),
  ].join("\n");
}
