import type { Remedy } from "../remedy.js";

/** Who may be written to. Nobody unless the operator says otherwise. */
export type RecipientRule =
  | { readonly kind: "nobody" }
  | { readonly kind: "anyone" }
  | { readonly kind: "list"; readonly openids: ReadonlySet<string> };

export type RecipientDecision =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly reason: string; readonly remedy: Remedy };

/** The one place that decides whether a follower may be written to, whatever the tool and the transport. */
export interface RecipientPolicy {
  /** `openid` is compared exactly as given: no trimming, no ignoring of case, no patterns. */
  decide(openid: string): RecipientDecision;
}

/** `WECHAT_MCP_RECIPIENTS` as a rule, or why it is none. */
export type ParsedRecipients = { readonly rule: RecipientRule } | { readonly problem: string; readonly remedy: Remedy };

const HOW_TO_WRITE: Remedy = {
  en: "Write openids separated by commas (WECHAT_MCP_RECIPIENTS=oAAA,oBBB), or * alone to allow every follower.",
  zh: "请写以英文逗号分隔的 openid（WECHAT_MCP_RECIPIENTS=oAAA,oBBB），或单独写 * 表示允许所有关注者。",
};

// What core accepts as an openid. Anything else is a list with another separator, a quoted value or a pattern: taken as
// an openid it would match nobody, and the operator would not learn why.
const OPENID = /^[\w-]{1,128}$/;

/** Reads `WECHAT_MCP_RECIPIENTS`: openids separated by commas (trimmed), `*`, or nothing for nobody. */
export function parseRecipients(value: string | undefined): ParsedRecipients {
  const entries = (value ?? "")
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
  if (entries.length === 0) return { rule: { kind: "nobody" } };
  if (entries.length === 1 && entries[0] === "*") return { rule: { kind: "anyone" } };
  if (entries.includes("*")) {
    return { problem: "* is mixed with openids, so it is not clear who may be written to", remedy: HOW_TO_WRITE };
  }
  if (entries.includes("reply-only")) {
    return {
      problem: "reply-only is not available in this version: the server does not yet know who wrote to the account",
      remedy: HOW_TO_WRITE,
    };
  }
  if (entries.some((entry) => /^(all|any|anyone|everyone)$/i.test(entry))) {
    return { problem: "every follower is written *", remedy: HOW_TO_WRITE };
  }
  const wrong = entries.findIndex((entry) => !OPENID.test(entry));
  if (wrong !== -1) {
    return {
      problem: `entry ${wrong + 1} is not an openid, which has only letters, digits, - and _`,
      remedy: HOW_TO_WRITE,
    };
  }
  return { rule: { kind: "list", openids: new Set(entries) } };
}

const NOBODY: RecipientDecision = {
  allowed: false,
  reason:
    "This server may not write to anybody: its operator has not set WECHAT_MCP_RECIPIENTS, and recipients are denied unless it allows them.",
  remedy: {
    en: "Ask the operator of this server to set WECHAT_MCP_RECIPIENTS to the openids that may be written to, separated by commas (or to * for every follower), and to start it again. Calling the tool again before that gives the same answer.",
    zh: "请让本服务的运维者把 WECHAT_MCP_RECIPIENTS 设为允许接收消息的 openid（以英文逗号分隔；* 表示所有关注者）并重启服务。在此之前再次调用结果不变。",
  },
};

const NOT_LISTED: RecipientDecision = {
  allowed: false,
  reason:
    "This openid is not among the recipients that the operator of this server allows in WECHAT_MCP_RECIPIENTS. The comparison is exact.",
  remedy: {
    en: "Check that the openid is copied exactly, without guessing. If it is, ask the operator of this server to add it to WECHAT_MCP_RECIPIENTS and to start the server again.",
    zh: "请核对 openid 是否逐字照抄，不要猜测。若无误，请让本服务的运维者把它加入 WECHAT_MCP_RECIPIENTS 并重启服务。",
  },
};

/** The policy for a rule. A refusal says the rule and the remedy, never who is on the list. */
export function recipientPolicy(rule: RecipientRule): RecipientPolicy {
  return {
    decide(openid) {
      switch (rule.kind) {
        case "nobody":
          return NOBODY;
        case "anyone":
          return { allowed: true };
        case "list":
          return rule.openids.has(openid) ? { allowed: true } : NOT_LISTED;
      }
    },
  };
}
