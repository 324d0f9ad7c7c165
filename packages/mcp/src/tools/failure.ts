import { type ReplyWindow, WeChatError } from "@wechat-offiaccount/core";
import type { Remedy } from "../remedy.js";
import type { RecipientDecision } from "../safety/recipients.js";
import { type FailureFacts, factsOf } from "./failure-facts.js";
import { type ToolResult, toolOutcome } from "./result.js";
import type { ToolOutcome } from "./tool.js";
import { viewOfWindow } from "./window-view.js";

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
export function recipientFailure({ reason, until, remedy }: RecipientDecision & { allowed: false }): SendOutcome {
  return notAttempted(
    { code: "WECHAT_MCP_RECIPIENT_DENIED", message: reason, remedy_en: remedy.en, remedy_zh: remedy.zh },
    `Nothing was sent, and WeChat was not called. The same call is refused until ${until}.`,
  );
}

/** What is certain to fail, and what can be done instead. */
const CERTAIN: Readonly<Record<NonNullable<ReplyWindow["certain"]>, { message: string; remedy: Remedy }>> = {
  unsubscribed: {
    message: "The follower has unsubscribed from the account, so WeChat would refuse the message.",
    remedy: {
      en: "Only the follower can change that, by following the account again. Tell the user that this follower cannot be reached here.",
      zh: "只有用户重新关注公众号后才能再发送。请告知使用者：目前无法通过公众号联系该用户。",
    },
  },
  "no-interaction": {
    message:
      "The follower has not written or acted in the last 48 hours, during all of which the inbox was listening, so WeChat would refuse the message (45015).",
    remedy: {
      en: "Wait until the follower writes (wait_for_wechat_message with this openid), then answer. What has to reach the follower before can only go as a template message (模板消息), where the account has a template for just such a notice; this server does not send those.",
      zh: "请等待用户来信（wait_for_wechat_message 并指定该 openid）后再回复。确需先行通知时，只能使用与该通知相符的模板消息；本服务不发送模板消息。",
    },
  },
};

/** A send that WeChat is certain to refuse, so that it was not attempted. */
export function closedFailure(certain: NonNullable<ReplyWindow["certain"]>, window: ReplyWindow): SendOutcome {
  const { message, remedy } = CERTAIN[certain];
  return notAttempted(
    { code: "WECHAT_MCP_WINDOW_CLOSED", message, remedy_en: remedy.en, remedy_zh: remedy.zh },
    "Nothing was sent, and WeChat was not called. The same call is refused until the follower acts.",
    viewOfWindow(window),
  );
}

function notAttempted(facts: FailureFacts, nextStep: string, window?: ToolResult["window"]): SendOutcome {
  return toolOutcome({
    status: "failed",
    delivery: "not-delivered",
    parts: [],
    next_step: nextStep,
    ...facts,
    ...(window && { window }),
  });
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
