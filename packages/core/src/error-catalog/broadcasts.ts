import type { Bilingual, ErrorEntries } from "./entry.js";

const COPY_TEMPLATE_ID: Bilingual = {
  en: "Copy the template_id from this account's own list of templates; another account's id does not work.",
  zh: "请从本公众号的模板列表中复制 template_id；其他账号的模板 id 不可用。",
};
const ADMINISTRATOR_CONFIRMS: Bilingual = {
  en: "Ask the account's administrator to confirm the mass message in WeChat.",
  zh: "请让公众号管理员在微信中确认该次群发。",
};

/** Messages beyond a reply: templates, mass messages, publishing. */
export const BROADCAST_ERRORS: ErrorEntries = {
  40036: {
    name: "template_id_size_invalid",
    kind: "content",
    retry: "never",
    meaning: { en: "invalid length of template_id", zh: "不合法的 template_id 长度" },
    remedy: COPY_TEMPLATE_ID,
  },
  40037: {
    name: "template_id_invalid",
    kind: "content",
    retry: "never",
    meaning: { en: "invalid template_id", zh: "不合法的 template_id" },
    remedy: COPY_TEMPLATE_ID,
  },
  40130: {
    name: "too_few_openids",
    kind: "content",
    retry: "never",
    meaning: { en: "a mass message needs at least two openids", zh: "群发的 openid 至少需要两个" },
    remedy: {
      en: "Name two openids or more, or send a customer-service message to the one follower.",
      zh: "请至少填写两个 openid；只发给一位用户时，请改用客服消息。",
    },
  },
  40249: {
    name: "marketing_content_refused",
    kind: "content",
    retry: "wait",
    meaning: { en: "marketing content may not be sent", zh: "不支持下发营销、推广类内容" },
    remedy: {
      en: "Take advertising and promotion out of the message.",
      zh: "请去掉消息中的营销、推广内容。",
    },
  },
  40250: {
    name: "content_irregular",
    kind: "content",
    retry: "wait",
    meaning: {
      en: "the content does not keep to the rules (for example empty values)",
      zh: "下发内容不规范（例如包含空值）",
    },
    remedy: {
      en: "Fill in every value of the template with text that fits its field, then send again.",
      zh: "请为模板的每个字段填写符合要求的内容，然后再次下发。",
    },
  },
  40251: {
    name: "quota_cut_after_violations",
    kind: "quota",
    retry: "wait",
    meaning: {
      en: "WeChat lowered the account's limit after violations, and it is reached",
      zh: "账号因历史违规被限制下发额度，已达上限",
    },
    remedy: {
      en: "Read the notice at mp.weixin.qq.com, remove what it names, and send less until the limit is lifted.",
      zh: "请登录 mp.weixin.qq.com 查看通知并完成整改，在限制解除前减少下发。",
    },
  },
  40252: {
    name: "template_content_under_review",
    kind: "content",
    retry: "wait",
    meaning: {
      en: "WeChat is reviewing content sent with this template",
      zh: "该模板下发的部分内容正在平台审核中",
    },
    remedy: {
      en: "Wait until the review is complete, or send other content.",
      zh: "请等待审核完成，或改发其他内容。",
    },
  },
  45028: {
    name: "no_mass_message_quota",
    kind: "quota",
    retry: "wait",
    meaning: { en: "no mass messages left", zh: "无群发额度" },
    remedy: {
      en: "Wait until the account may send mass messages again, or answer followers one by one while their reply window is open.",
      zh: "请等待群发次数恢复；对仍在回复窗口内的用户，可改用客服消息逐一回复。",
    },
  },
  45065: {
    name: "mass_message_already_sent",
    kind: "other",
    retry: "benign",
    meaning: { en: "this clientmsgid was sent before", zh: "相同 clientmsgid 已有群发记录" },
    remedy: {
      en: "Nothing to do: the mass message exists, and the answer names its msg_id. Use a new clientmsgid for another message.",
      zh: "无需处理：该群发任务已存在，应答中带有其 msgid。如需发送另一条，请使用新的 clientmsgid。",
    },
  },
  45066: {
    name: "mass_message_repeated_too_soon",
    kind: "rate",
    retry: "later",
    meaning: { en: "the same clientmsgid was repeated within a minute", zh: "相同 clientmsgid 重试过快" },
    remedy: {
      en: "Wait a minute before repeating the call with the same clientmsgid.",
      zh: "请间隔 1 分钟后再用相同的 clientmsgid 重试。",
    },
  },
  45067: {
    name: "client_message_id_too_long",
    kind: "content",
    retry: "never",
    meaning: { en: "clientmsgid too long", zh: "clientmsgid 长度超过限制" },
    remedy: { en: "Use a shorter clientmsgid.", zh: "请缩短 clientmsgid。" },
  },
  48003: {
    name: "mass_message_terms_not_accepted",
    kind: "permission",
    retry: "wait",
    meaning: { en: "the terms of mass messages are not accepted", zh: "未同意群发协议" },
    remedy: {
      en: "Log in at mp.weixin.qq.com, open mass messages and accept the terms, then try again.",
      zh: "请登录 mp.weixin.qq.com，在群发功能中同意协议后重试。",
    },
  },
  53500: {
    name: "publishing_blocked",
    kind: "permission",
    retry: "wait",
    meaning: { en: "publishing is blocked for the account", zh: "发布功能被封禁" },
    remedy: {
      en: "Log in at mp.weixin.qq.com, read the notice there and follow it; publish again when the block has ended.",
      zh: "请登录 mp.weixin.qq.com 查看通知并按提示处理，待封禁解除后再发布。",
    },
  },
  53501: {
    name: "publishing_too_often",
    kind: "rate",
    retry: "later",
    meaning: { en: "published too often", zh: "发布请求过于频繁" },
    remedy: { en: "Wait some minutes, then publish again.", zh: "请稍等几分钟后再发布。" },
  },
  53502: {
    name: "publish_id_invalid",
    kind: "content",
    retry: "never",
    meaning: { en: "invalid publish_id", zh: "publish_id 无效" },
    remedy: {
      en: "Use the publish_id that WeChat's answer to the publishing call named.",
      zh: "请使用提交发布时微信返回的 publish_id。",
    },
  },
  53600: {
    name: "article_id_invalid",
    kind: "content",
    retry: "never",
    meaning: { en: "invalid article_id", zh: "article_id 无效" },
    remedy: {
      en: "Use the article_id of an article that this account has published and not deleted.",
      zh: "请使用本公众号已发布且未删除的文章的 article_id。",
    },
  },
  89504: {
    name: "mass_message_in_approval",
    kind: "permission",
    retry: "wait",
    meaning: { en: "the mass message is still being approved", zh: "群发仍在审批流程中" },
    remedy: ADMINISTRATOR_CONFIRMS,
  },
  89505: {
    name: "mass_message_awaits_confirmation",
    kind: "permission",
    retry: "wait",
    meaning: { en: "the mass message waits for the administrator's confirmation", zh: "群发已进入管理员确认流程" },
    remedy: ADMINISTRATOR_CONFIRMS,
  },
};
