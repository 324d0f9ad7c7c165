import type { Remedy } from "../remedy.js";

/** Whether a person is asked before something reaches a follower. */
export type ConfirmMode = "off" | "if-supported" | "required";

/**
 * What the host says of a question to the person behind it: it cannot ask, was not asked yet, or brought an answer.
 * `failed`: it was asked, and no answer came. `unkept`: a yes came, and could not be noted as used.
 */
export type Confirmation = "unsupported" | "unanswered" | "accepted" | "declined" | "failed" | "unkept";

/** What follows: go on, ask the person, or stop. */
export type ConfirmDecision =
  | { readonly step: "go" }
  | { readonly step: "ask" }
  | { readonly step: "stop"; readonly reason: string; readonly until: string; readonly remedy: Remedy };

const NOT_SUPPORTED: ConfirmDecision = {
  step: "stop",
  reason:
    "The operator of this server wants a person to confirm (WECHAT_MCP_CONFIRM=required), and this host cannot ask: it does not support elicitation on this connection.",
  until: "the server is used from a host that can ask, or its operator changes the setting",
  remedy: {
    en: "Use a host that supports elicitation (over HTTP one that speaks MCP 2026-07-28), or ask the operator of this server to set WECHAT_MCP_CONFIRM to if-supported or off.",
    zh: "请使用支持 elicitation 的客户端（HTTP 方式需支持 MCP 2026-07-28），或请本服务的运维者把 WECHAT_MCP_CONFIRM 设为 if-supported 或 off。",
  },
};

const DECLINED: ConfirmDecision = {
  step: "stop",
  reason: "The person who was asked did not agree.",
  until: "the person agrees",
  remedy: {
    en: "Ask the user what should be done instead. Do not repeat the call unless the user asks for it.",
    zh: "请询问使用者希望如何处理；除非使用者要求，不要再次调用。",
  },
};

const NO_ANSWER: ConfirmDecision = {
  step: "stop",
  reason: "The person who should confirm gave no answer.",
  until: "the person answers",
  remedy: {
    en: "Ask the user whether it should go out, then call the tool once more: the host asks again.",
    zh: "请询问使用者是否发送，然后再次调用该工具，客户端会再次请求确认。",
  },
};

const NOT_KEPT: ConfirmDecision = {
  step: "stop",
  reason:
    "The person agreed, and the inbox (WECHAT_INBOX) could not keep that this answer was used: it might count twice.",
  until: "the inbox can be reached",
  remedy: {
    en: "Tell the user that the server's inbox cannot be reached. Once it can, call the tool again; the person is then asked again.",
    zh: "请告知使用者：服务的收件箱无法访问。恢复后请再次调用该工具，届时会再次请求确认。",
  },
};

/** The one place that decides whether a person is asked. `required` fails closed. */
export function confirmDecision(mode: ConfirmMode, answer: Confirmation): ConfirmDecision {
  if (mode === "off") return { step: "go" };
  switch (answer) {
    case "unsupported":
      return mode === "required" ? NOT_SUPPORTED : { step: "go" };
    case "unanswered":
      return { step: "ask" };
    case "accepted":
      return { step: "go" };
    case "declined":
      return DECLINED;
    case "failed":
      return NO_ANSWER;
    case "unkept":
      return NOT_KEPT;
  }
}
