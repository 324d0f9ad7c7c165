import { WeChatError } from "@wechat-offiaccount/core";
import type { RecipientDecision } from "../safety/recipients.js";
import { type FailureFacts, factsOf } from "./failure-facts.js";
import { type ToolResult, toolOutcome } from "./result.js";
import type { ToolOutcome } from "./tool.js";

type SendOutcome = ToolOutcome<ToolResult>;

const SAFE_TO_REPEAT =
  "Nothing reached the follower, so sending again cannot show the text twice; it fails again until the cause is settled.";

const MAY_HAVE_ARRIVED =
  "The text may have reached the follower. Sending it again may show it twice: do not repeat it on your own. Tell the user that the outcome is unknown, and send again only if the user, or a reply of the follower, shows that it did not arrive.";

/** The arguments do not fit the schema. */
export function inputFailure(facts: FailureFacts): SendOutcome {
  return notAttempted(facts, SAFE_TO_REPEAT);
}

/** The operator's rule does not allow this recipient. */
export function recipientFailure({ reason, remedy }: RecipientDecision & { allowed: false }): SendOutcome {
  return notAttempted(
    { code: "WECHAT_MCP_RECIPIENT_DENIED", message: reason, remedy_en: remedy.en, remedy_zh: remedy.zh },
    "Nothing was sent, and WeChat was not called. The same call is refused until the operator changes the rule.",
  );
}

function notAttempted(facts: FailureFacts, nextStep: string): SendOutcome {
  return toolOutcome({ status: "failed", delivery: "not-delivered", parts: [], next_step: nextStep, ...facts });
}

/**
 * A send or a dry run that threw.
 * @param attempt.sent whether a request may have gone out: without a word from core the outcome is then unknown
 * @param attempt.plan the texts of the parts
 */
export function sendFailure(error: unknown, attempt: { sent: boolean; plan: readonly string[] }): SendOutcome {
  if (!(error instanceof WeChatError)) return unexpectedFailure(attempt.sent);
  const delivery = error.delivery ?? (attempt.sent ? "unknown" : "not-delivered");
  const parts = partsOf(error, attempt.plan);
  return toolOutcome({
    status: "failed",
    delivery,
    parts,
    next_step: nextStep(delivery, parts),
    ...factsOf(error),
  });
}

/** A defect of ours. */
export function unexpectedFailure(sent: boolean): SendOutcome {
  return toolOutcome({
    status: "failed",
    delivery: sent ? "unknown" : "not-delivered",
    parts: [],
    next_step: sent ? MAY_HAVE_ARRIVED : SAFE_TO_REPEAT,
    ...factsOf(undefined),
  });
}

/** Where only some parts arrived, the others carry their text, so that exactly these can be sent later. */
function partsOf(error: WeChatError, plan: readonly string[]): ToolResult["parts"] {
  const parts = (error.parts ?? []).map(({ index, delivery, errcode, rid }) => ({ index, delivery, errcode, rid }));
  if (!parts.some(({ delivery }) => delivery === "delivered")) return parts;
  return parts.map((part) => (part.delivery === "delivered" ? part : { ...part, text: plan[part.index] }));
}

function nextStep(delivery: ToolResult["delivery"], parts: ToolResult["parts"]): string {
  const arrived = parts.filter((part) => part.delivery === "delivered").length;
  if (arrived === 0) return delivery === "not-delivered" ? SAFE_TO_REPEAT : MAY_HAVE_ARRIVED;
  const unsure = parts.some((part) => part.delivery === "unknown");
  return `${arrived} of ${parts.length} parts reached the follower; do not send the whole text again.${
    unsure ? " For a part whose delivery is unknown, sending again may show it twice: ask the user first." : ""
  } The texts of the parts that are not delivered stand in parts, to be sent on their own once the cause is settled.`;
}
