import {
  type Delivery,
  type ReplyWindow,
  WeChatApiError,
  WeChatError,
  WeChatTransportError,
} from "@wechat-offiaccount/core";
import type { Remedy } from "../remedy.js";
import type { ConfirmDecision } from "../safety/confirmation.js";
import type { Known } from "../safety/idempotency.js";
import type { RateDecision } from "../safety/rate.js";
import type { RecipientDecision } from "../safety/recipients.js";
import { type FailureFacts, factsOf } from "./failure-facts.js";
import { partsOf, type ToolResult, toolOutcome } from "./result.js";
import type { ToolOutcome } from "./tool.js";
import { viewOfWindow } from "./window-view.js";

type SendOutcome = ToolOutcome<ToolResult>;

const SAFE_TO_REPEAT =
  "Nothing reached the follower, so calling again cannot show it twice; it fails again until the cause is settled.";

const MAY_HAVE_ARRIVED =
  "The message may have reached the follower. Sending it again may show it twice: do not repeat it on your own. Tell the user that the outcome is unknown, and send again only if the user, or a reply of the follower, shows that it did not arrive.";

const MAY_BE_DONE =
  "WeChat may have done it all the same. Doing it twice is the same as doing it once: it can be called again once the cause is settled.";

/** The arguments do not fit the schema. */
export function inputFailure(facts: FailureFacts): SendOutcome {
  return notAttempted(facts, SAFE_TO_REPEAT);
}

/** The openid has not the form of one. */
export function openidFailure(): SendOutcome {
  return inputFailure({
    code: "WECHAT_VALIDATION",
    message: "openid: is not an openid",
    remedy_en:
      "Copy the follower's openid exactly: letters, digits, - and _, usually 28 characters. It is no WeChat ID, name or phone number, and cannot be guessed.",
    remedy_zh:
      "请逐字照抄用户的 openid：由字母、数字、- 和 _ 组成，通常 28 个字符。它不是微信号、昵称或手机号，也无法猜测。",
  });
}

/** The operator's rule does not allow this recipient. */
export const recipientFailure = (refusal: RecipientDecision & { allowed: false }): SendOutcome =>
  refused("WECHAT_MCP_RECIPIENT_DENIED", refusal);

/** A person was to agree, and did not. */
export const confirmFailure = (refusal: ConfirmDecision & { step: "stop" }): SendOutcome =>
  refused("WECHAT_MCP_NOT_CONFIRMED", refusal);

/** What a guard refuses: why, until when, and what to do. */
interface Refusal {
  readonly reason: string;
  readonly until: string;
  readonly remedy: Remedy;
}

function refused(code: string, { reason, until, remedy }: Refusal): SendOutcome {
  return notAttempted(
    { code, message: reason, remedy_en: remedy.en, remedy_zh: remedy.zh },
    `Nothing was sent, and WeChat was not called. The same call is refused until ${until}.`,
  );
}

/** The operator's limit is reached. */
export function rateFailure(
  { limit, scope, retryAt }: RateDecision & { allowed: false },
  messages: number,
): SendOutcome {
  const whose = scope === "perFollower" ? "to one follower" : "in all";
  const reason = `The operator of this server allows ${limit} message(s) a minute ${whose}, and this call is ${messages}.`;
  if (retryAt === undefined) {
    return notAttempted(
      {
        code: "WECHAT_MCP_RATE",
        message: reason,
        remedy_en: "Shorten the text so that it is fewer messages, or ask the operator of this server to allow more.",
        remedy_zh: "请缩短文本以减少消息条数，或请本服务的运维者提高上限。",
      },
      "Nothing was sent. The same call is always refused under this limit.",
    );
  }
  const seconds = Math.max(1, Math.ceil((retryAt - Date.now()) / 1000));
  return notAttempted(
    {
      code: "WECHAT_MCP_RATE",
      message: `${reason} There is room for it in ${seconds} s, at ${new Date(retryAt).toISOString()}.`,
      remedy_en: `Call again in ${seconds} seconds. If followers are written to so often by mistake, stop.`,
      remedy_zh: `请在 ${seconds} 秒后重试。如果是误操作导致频繁发送，请停止。`,
    },
    `Nothing was sent. The same call can go in ${seconds} s.`,
  );
}

/** The call's idempotency key is taken: by another call, or by the same one, of which no end is known. */
export function keyFailure(known: Exclude<Known<ToolResult>, { state: "done" }>): SendOutcome {
  if (known.state === "other") {
    return notAttempted(
      {
        code: "WECHAT_MCP_KEY_REUSED",
        message: "This idempotency_key was used for another call in the last 24 hours, with other arguments.",
        remedy_en: "Give each message a key of its own. Use a key again only to repeat the very same call.",
        remedy_zh: "请为每条消息使用不同的 idempotency_key；只有重复完全相同的调用时才沿用原值。",
      },
      "Nothing was sent by this call.",
    );
  }
  return toolOutcome({
    status: "failed",
    delivery: "unknown",
    parts: [],
    code: "WECHAT_MCP_KEY_UNDER_WAY",
    message: `The same call began at ${new Date(known.at).toISOString()} and has not told how it ended. This call sent nothing.`,
    next_step:
      "It may be under way: call once more with the same key after a minute, which gives its result. If it still has none, its process has ended, and the message may have arrived or not.",
    remedy_en:
      "If the outcome stays unknown, look into the conversation or ask the user before the message is sent again under another key.",
    remedy_zh: "若结果一直未知，请先查看会话或询问使用者，再决定是否换一个 idempotency_key 重发。",
  });
}

/** The audit log cannot be written: what leaves no line behind is not done. */
export function auditFailure(): SendOutcome {
  return notAttempted(
    {
      code: "WECHAT_MCP_AUDIT",
      message: "The audit log of this server cannot be written, so that nothing may be sent.",
      remedy_en: "Ask the operator of this server to look at WECHAT_MCP_AUDIT_FILE: the disk may be full.",
      remedy_zh: "请让本服务的运维者检查 WECHAT_MCP_AUDIT_FILE：磁盘可能已满。",
    },
    SAFE_TO_REPEAT,
  );
}

/** What is certain to fail, and what can be done instead. */
const CERTAIN: Readonly<Record<NonNullable<ReplyWindow["certain"]>, { message: string; remedy: Remedy }>> = {
  unsubscribed: {
    message: "The follower has unsubscribed from the account, so WeChat would refuse this.",
    remedy: {
      en: "Only the follower can change that, by following the account again. Tell the user that this follower cannot be reached here.",
      zh: "只有用户重新关注公众号后才能再发送。请告知使用者：目前无法通过公众号联系该用户。",
    },
  },
  "no-interaction": {
    message:
      "The follower has not written or acted in the last 48 hours, during all of which the inbox was listening, so WeChat would refuse this (a message with 45015).",
    remedy: {
      en: "Wait until the follower writes (wait_for_wechat_message with this openid), then answer.",
      zh: "请等待用户来信（wait_for_wechat_message 并指定该 openid）后再回复。",
    },
  },
};

/** What can reach a follower who has not acted lately. */
const NOTICE: Readonly<Record<"sent" | "notSent", Remedy>> = {
  sent: {
    en: "What has to reach the follower before can only go as a template message (send_wechat_template), where the account has a template for just such a notice.",
    zh: "确需先行通知时，只能用 send_wechat_template 发送与该通知相符的模板消息。",
  },
  notSent: {
    en: "What has to reach the follower before can only go as a template message (模板消息), where the account has a template for just such a notice; this server does not send those.",
    zh: "确需先行通知时，只能使用与该通知相符的模板消息；本服务不发送模板消息。",
  },
};

/** A send that WeChat is certain to refuse, so that it was not attempted. */
export function closedFailure(
  certain: NonNullable<ReplyWindow["certain"]>,
  window: ReplyWindow,
  hasTemplates: boolean,
): SendOutcome {
  const { message, remedy } = CERTAIN[certain];
  const notice = certain === "no-interaction" ? NOTICE[hasTemplates ? "sent" : "notSent"] : { en: "", zh: "" };
  return notAttempted(
    {
      code: "WECHAT_MCP_WINDOW_CLOSED",
      message,
      remedy_en: `${remedy.en} ${notice.en}`.trim(),
      remedy_zh: remedy.zh + notice.zh,
    },
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

/** What was attempted. */
interface Attempt {
  /** Whether a request may have gone out: without a word from core the outcome is then unknown. */
  readonly sent: boolean;
  /** The texts of the parts. */
  readonly plan: readonly string[];
  /** Whether doing it twice is the same as doing it once; core then says no `delivery`, because it is no send. */
  readonly repeatable?: boolean;
}

/** A send or a dry run that threw. */
export function sendFailure(error: unknown, { sent, plan, repeatable = false }: Attempt): SendOutcome {
  if (!(error instanceof WeChatError)) return unexpectedFailure(sent);
  const unsaid = repeatable ? deliveryOfWrite(error) : "unknown";
  const delivery = error.delivery ?? (sent ? unsaid : "not-delivered");
  const parts = withMissingTexts(partsOf(error.parts ?? []), plan);
  return toolOutcome({
    status: "failed",
    delivery,
    parts,
    next_step: repeatable && delivery === "unknown" ? MAY_BE_DONE : nextStep(delivery, parts),
    ...factsOf(error),
  });
}

/** WeChat refused it, or it did not leave, or nobody knows. */
function deliveryOfWrite(error: WeChatError): Delivery {
  if (error instanceof WeChatApiError) return error.kind === "busy" ? "unknown" : "not-delivered";
  return error instanceof WeChatTransportError && error.sent ? "unknown" : "not-delivered";
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
function withMissingTexts(parts: ToolResult["parts"], plan: readonly string[]): ToolResult["parts"] {
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
