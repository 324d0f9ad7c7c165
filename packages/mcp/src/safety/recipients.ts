import { type Inbox, isOpenid } from "@wechat-offiaccount/core";
import type { Remedy } from "../remedy.js";

/**
 * Who may be written to: nobody, or with an inbox `reply-only`, unless the operator says otherwise. `reply-only`: a
 * follower whose reply window is open, as the inbox knows.
 */
export type RecipientRule =
  | { readonly kind: "nobody" }
  | { readonly kind: "reply-only" }
  | { readonly kind: "anyone" }
  | { readonly kind: "list"; readonly openids: ReadonlySet<string> };

export type RecipientDecision =
  | { readonly allowed: true }
  | {
      readonly allowed: false;
      readonly reason: string;
      /** What would have to happen for another answer. */
      readonly until: string;
      readonly remedy: Remedy;
    };

/** The one place that decides whether a follower may be written to, whatever the tool and the transport. */
export interface RecipientPolicy {
  /**
   * `openid` is compared exactly as given: no trimming, no ignoring of case, no patterns.
   * @param replies how many of the replies that WeChat allows it would take; 0: none
   * @throws WeChatError if the inbox that must know cannot be read: then nobody may be written to
   */
  decide(openid: string, replies: number): Promise<RecipientDecision>;
}

/** `WECHAT_MCP_RECIPIENTS` as a rule, or why it is none. */
export type ParsedRecipients = { readonly rule: RecipientRule } | { readonly problem: string; readonly remedy: Remedy };

/** The settings that name recipients. */
export type RecipientSetting = "WECHAT_MCP_RECIPIENTS" | "WECHAT_MCP_TEMPLATE_RECIPIENTS";

const HOW_TO_WRITE: Readonly<Record<RecipientSetting, Remedy>> = {
  WECHAT_MCP_RECIPIENTS: {
    en: "Write openids separated by commas (WECHAT_MCP_RECIPIENTS=oAAA,oBBB), * alone to allow every follower, or, with an inbox, reply-only alone to allow those who can be answered.",
    zh: "请写以英文逗号分隔的 openid（WECHAT_MCP_RECIPIENTS=oAAA,oBBB），或单独写 * 表示允许所有关注者；有收件箱时也可单独写 reply-only，只允许回复可回复的用户。",
  },
  WECHAT_MCP_TEMPLATE_RECIPIENTS: {
    en: "Write openids separated by commas (WECHAT_MCP_TEMPLATE_RECIPIENTS=oAAA,oBBB), or * alone to allow every follower.",
    zh: "请写以英文逗号分隔的 openid（WECHAT_MCP_TEMPLATE_RECIPIENTS=oAAA,oBBB），或单独写 * 表示允许所有关注者。",
  },
};

const NEEDS_INBOX = {
  problem: "reply-only needs an inbox, which says who wrote to the account",
  remedy: {
    en: "Set WECHAT_INBOX to the inbox of the program that receives your followers' messages, such as sqlite:PATH, or name openids instead.",
    zh: "请把 WECHAT_INBOX 设为接收用户消息的程序所用的收件箱（例如 sqlite:文件路径），或改为列出 openid。",
  },
};

/**
 * Reads `WECHAT_MCP_RECIPIENTS`: openids separated by commas (trimmed), `*`, or `reply-only`; nothing means `reply-only`
 * with an inbox, else nobody.
 */
export function parseRecipients(value: string | undefined, hasInbox: boolean): ParsedRecipients {
  const entries = entriesOf(value);
  if (entries.length === 0) return { rule: { kind: hasInbox ? "reply-only" : "nobody" } };
  if (entries.length === 1 && entries[0] === "reply-only") {
    return hasInbox ? { rule: { kind: "reply-only" } } : NEEDS_INBOX;
  }
  return parseList(entries, "WECHAT_MCP_RECIPIENTS");
}

/**
 * Reads `WECHAT_MCP_TEMPLATE_RECIPIENTS`: openids separated by commas, or `*`; nothing means nobody. There is no
 * `reply-only`: template messages exist for those whose window is closed.
 */
export function parseTemplateRecipients(value: string | undefined): ParsedRecipients {
  const entries = entriesOf(value);
  return entries.length === 0 ? { rule: { kind: "nobody" } } : parseList(entries, "WECHAT_MCP_TEMPLATE_RECIPIENTS");
}

const entriesOf = (value: string | undefined) =>
  (value ?? "")
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");

function parseList(entries: readonly string[], setting: RecipientSetting): ParsedRecipients {
  const remedy = HOW_TO_WRITE[setting];
  if (entries.length === 1 && entries[0] === "*") return { rule: { kind: "anyone" } };
  if (entries.some((entry) => /^(all|any|anyone|everyone)$/i.test(entry))) {
    return { problem: "every follower is written *", remedy };
  }
  if (setting === "WECHAT_MCP_TEMPLATE_RECIPIENTS" && entries.some(isReplyOnly)) {
    return {
      problem: "reply-only is no rule for template messages, which are for those who cannot be answered",
      remedy,
    };
  }
  const rule = entries.find((entry) => entry === "*" || entry === "reply-only");
  if (rule !== undefined) {
    return { problem: `${rule} is mixed with other entries, so it is not clear who may be written to`, remedy };
  }
  if (entries.some(isReplyOnly)) return { problem: "who can be answered is written reply-only, alone", remedy };
  // A list with another separator, a quoted value or a pattern: taken as an openid it would match nobody, and the
  // operator would not learn why.
  const wrong = entries.findIndex((entry) => !isOpenid(entry));
  if (wrong !== -1) {
    return { problem: `entry ${wrong + 1} is not an openid, which has only letters, digits, - and _`, remedy };
  }
  return { rule: { kind: "list", openids: new Set(entries) } };
}

const isReplyOnly = (entry: string) => /^reply[-_]?only$/i.test(entry);

const RULE_CHANGES = "the operator changes the rule";

const nobody = (setting: RecipientSetting): RecipientDecision => ({
  allowed: false,
  reason: `This server may not write to anybody with this tool: its operator has not set ${setting}, and recipients are denied unless it allows them.`,
  until: RULE_CHANGES,
  remedy: {
    en: `Ask the operator of this server to set ${setting} to the openids that may be written to, separated by commas (or to * for every follower), and to start it again. Calling the tool again before that gives the same answer.`,
    zh: `请让本服务的运维者把 ${setting} 设为允许接收消息的 openid（以英文逗号分隔；* 表示所有关注者）并重启服务。在此之前再次调用结果不变。`,
  },
});

const notListed = (setting: RecipientSetting): RecipientDecision => ({
  allowed: false,
  reason: `This openid is not among the recipients that the operator of this server allows in ${setting}. The comparison is exact.`,
  until: RULE_CHANGES,
  remedy: {
    en: `Check that the openid is copied exactly, without guessing. If it is, ask the operator of this server to add it to ${setting} and to start the server again.`,
    zh: `请核对 openid 是否逐字照抄，不要猜测。若无误，请让本服务的运维者把它加入 ${setting} 并重启服务。`,
  },
});

const NOT_OPEN: RecipientDecision = {
  allowed: false,
  reason:
    "This server only answers (WECHAT_MCP_RECIPIENTS=reply-only): it may write to a follower who has written to the account, or acted there, so recently that WeChat lets the account reply, and who was not sent too many replies since. The inbox knows nothing of the kind for this openid.",
  until: "the follower writes to the account or acts there",
  remedy: {
    en: "Check that the openid is copied exactly from list_wechat_conversations, which also says who can be answered now. Then wait for the follower with wait_for_wechat_message. The operator of this server can name the openid in WECHAT_MCP_RECIPIENTS; WeChat then still refuses what is no answer (45015).",
    zh: "请核对 openid 是否逐字照抄自 list_wechat_conversations（其中也显示当前能否回复），然后用 wait_for_wechat_message 等待用户来信。本服务的运维者可把该 openid 写入 WECHAT_MCP_RECIPIENTS，但不在回复窗口内的消息仍会被微信拒绝（45015）。",
  },
};

const USED_UP: RecipientDecision = {
  allowed: false,
  reason:
    "This server only answers (WECHAT_MCP_RECIPIENTS=reply-only), and as many messages were sent since this follower last wrote or acted as WeChat allows, as far as the inbox knows.",
  until: "the follower writes to the account or acts there",
  remedy: {
    en: "Wait for the follower with wait_for_wechat_message; what they write opens new replies. Tell the user that no more can be sent until then.",
    zh: "请用 wait_for_wechat_message 等待用户来信，来信后即可继续回复。请告知使用者：在此之前无法再发送。",
  },
};

const LEFT: RecipientDecision = {
  allowed: false,
  reason:
    "This server only answers (WECHAT_MCP_RECIPIENTS=reply-only), and this follower has unsubscribed from the account, so that nothing can reach them.",
  until: "the follower follows the account again",
  remedy: {
    en: "Tell the user that this follower cannot be reached here any more. Only the follower can change that.",
    zh: "请告知使用者：该用户已取消关注，无法再联系；只有用户重新关注才能恢复。",
  },
};

const TOO_MANY: RecipientDecision = {
  allowed: false,
  reason:
    "This server only answers (WECHAT_MCP_RECIPIENTS=reply-only), and this text would take more messages than WeChat still accepts for this follower, as far as the inbox knows: a part of it would be lost.",
  until: "it is short enough, or the follower writes again",
  remedy: {
    en: "Shorten the text: a dry run shows how many messages it is, and list_wechat_conversations how many can still be sent (replies_left).",
    zh: "请缩短文本：dry_run 会显示拆成几条消息，list_wechat_conversations 会显示还可发送几条（replies_left）。",
  },
};

/**
 * The policy for a rule. A refusal says the rule and the remedy, never who is on the list.
 * @param setting what the operator wrote the rule in
 * @param inbox for `reply-only`; without it that rule allows nobody
 */
export function recipientPolicy(
  rule: RecipientRule,
  setting: RecipientSetting,
  inbox?: Pick<Inbox, "window">,
): RecipientPolicy {
  return {
    async decide(openid, replies) {
      switch (rule.kind) {
        case "nobody":
          return nobody(setting);
        case "anyone":
          return { allowed: true };
        case "list":
          return rule.openids.has(openid) ? { allowed: true } : notListed(setting);
        case "reply-only":
          return canBeAnswered(openid, replies, inbox);
      }
    },
  };
}

async function canBeAnswered(
  openid: string,
  replies: number,
  inbox: Pick<Inbox, "window"> | undefined,
): Promise<RecipientDecision> {
  // What is no openid is nobody's, and not worth an error of its own.
  if (!inbox || !isOpenid(openid)) return NOT_OPEN;
  const { state, repliesLeft, certain } = await inbox.window(openid);
  if (certain === "unsubscribed") return LEFT;
  // What takes no reply, such as handing over to a person, may also be done when the replies are used up.
  if (state === "closed") return NOT_OPEN;
  if (state === "used-up" && replies > 0) return USED_UP;
  return replies > repliesLeft ? TOO_MANY : { allowed: true };
}
