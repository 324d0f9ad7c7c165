import * as z from "zod";
import { UNTRUSTED } from "../safety/foreign-text.js";
import { type FailureFacts, failureFields, sentences } from "./failure-facts.js";
import type { ToolImage, ToolOutcome } from "./tool.js";

/** What the results of all tools that read the inbox have. */
export const readingFields = {
  untrusted: z.string().describe("How to take what followers wrote."),
  message: z.string().optional().describe("What happened, where there is something to say."),
  ...failureFields,
};

/** What a reading tool returns; `untrusted` is added. */
export const reading = <Result extends object>(
  result: Result,
  images: readonly ToolImage[] = [],
): ToolOutcome<Result & { untrusted: string }> => ({
  structuredContent: { untrusted: UNTRUSTED, ...result },
  text: "",
  isError: false,
  ...(images.length > 0 && { images }),
});

/** Of the inbox, which no call changes unless it says so. */
const TRY_AGAIN = "Nothing was changed. Call again once the cause is settled.";

/** @param empty what the output schema asks for all the same */
export function readingFailure<Empty extends object>(facts: FailureFacts, empty: Empty, nextStep = TRY_AGAIN) {
  const failure = { status: "failed" as const, ...empty, untrusted: UNTRUSTED, next_step: nextStep, ...facts };
  return { structuredContent: failure, text: sentences(failure).join("\n"), isError: true };
}
