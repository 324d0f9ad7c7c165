import { WeChatApiError, WeChatError } from "@wechat-offiaccount/core";
import type * as z from "zod";
import { plainLine } from "../safety/plain-line.js";
import type { RecipientDecision } from "../safety/recipients.js";
import { type ToolOutcome, type ToolResult, toolOutcome } from "./result.js";

const SAFE_TO_REPEAT =
  "Nothing reached the follower, so sending again cannot show the text twice; it fails again until the cause is settled.";

const MAY_HAVE_ARRIVED =
  "The text may have reached the follower. Sending it again may show it twice: do not repeat it on your own. Tell the user that the outcome is unknown, and send again only if the user, or a reply of the follower, shows that it did not arrive.";

/** The arguments do not fit the schema. Names the fields, never their values. */
export function inputFailure(tool: string, error: z.ZodError): ToolOutcome {
  const faults = error.issues.map((issue) => {
    if (issue.code === "unrecognized_keys") return "there are arguments that it does not have";
    const field = issue.path.join(".");
    return field === "" ? "they are not an object" : `${field}: ${issue.message}`;
  });
  return toolOutcome({
    status: "failed",
    delivery: "not-delivered",
    parts: [],
    code: "WECHAT_VALIDATION",
    message: `The arguments of ${tool} are not valid: ${faults.join("; ")}.`,
    next_step: SAFE_TO_REPEAT,
    remedy_en: "Call it with openid (string), text (string) and, if wanted, dry_run (boolean), and nothing else.",
    remedy_zh: "请仅使用参数 openid（字符串）、text（字符串）以及可选的 dry_run（布尔值）重新调用。",
  });
}

/** The operator's rule does not allow this recipient. */
export function recipientFailure({ reason, remedy }: RecipientDecision & { allowed: false }): ToolOutcome {
  return toolOutcome({
    status: "failed",
    delivery: "not-delivered",
    parts: [],
    code: "WECHAT_MCP_RECIPIENT_DENIED",
    message: reason,
    next_step:
      "Nothing was sent, and WeChat was not called. The same call is refused until the operator changes the rule.",
    remedy_en: remedy.en,
    remedy_zh: remedy.zh,
  });
}

/**
 * A send or a dry run that threw.
 * @param attempt.sent whether a request may have gone out: without a word from core the outcome is then unknown
 * @param attempt.plan the texts of the parts
 */
export function sendFailure(error: unknown, attempt: { sent: boolean; plan: readonly string[] }): ToolOutcome {
  if (!(error instanceof WeChatError)) return unexpectedFailure(attempt.sent);
  const delivery = error.delivery ?? (attempt.sent ? "unknown" : "not-delivered");
  const parts = partsOf(error, attempt.plan);
  const { errcode, rid } = error instanceof WeChatApiError ? error : {};
  return toolOutcome({
    status: "failed",
    delivery,
    parts,
    message: plainLine(error.message),
    code: error.code,
    errcode,
    rid,
    next_step: nextStep(delivery, parts),
    remedy_en: error.remedy.en,
    remedy_zh: error.remedy.zh,
  });
}

/** A defect of ours. Its message is not repeated: nobody has checked what stands in it. */
export function unexpectedFailure(sent: boolean): ToolOutcome {
  return toolOutcome({
    status: "failed",
    delivery: sent ? "unknown" : "not-delivered",
    parts: [],
    code: "WECHAT_MCP_INTERNAL",
    message: "The server failed in a way it does not know.",
    next_step: sent ? MAY_HAVE_ARRIVED : SAFE_TO_REPEAT,
    remedy_en: "This is a defect of the server. Report it with the version of the server and what was called.",
    remedy_zh: "这是本服务的缺陷，请附上服务版本和调用方式反馈。",
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
