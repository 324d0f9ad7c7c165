import { type ErrorEntries, READ_NOTICE } from "./entry.js";

/** What the account itself may do: its kind, its permissions, and WeChat's penalties. */
export const ACCOUNT_ERRORS: ErrorEntries = {
  40200: {
    name: "account_type_unsupported",
    kind: "permission",
    retry: "never",
    meaning: { en: "invalid account type", zh: "账号类型不支持" },
    remedy: {
      en: "This kind of account (a test account, or one not verified) cannot use this message type or interface: use another message type, or a verified account.",
      zh: "该类型账号（测试号或未认证账号）不支持此消息类型或接口：请改用其他消息类型，或使用已认证的账号。",
    },
  },
  45087: {
    name: "customer_service_blocked",
    kind: "permission",
    retry: "wait",
    meaning: { en: "customer-service messages of this account are blocked", zh: "该公众号的客服消息被封禁" },
    remedy: READ_NOTICE,
  },
  45094: {
    name: "sending_penalized",
    kind: "permission",
    retry: "wait",
    meaning: { en: "the account may not send at the moment (penalty)", zh: "账号处于处罚期，暂不能下发消息" },
    remedy: READ_NOTICE,
  },
  45102: {
    name: "interface_blocked_for_a_time",
    kind: "permission",
    retry: "wait",
    meaning: { en: "this interface is blocked for the account for some time", zh: "接口被临时封禁" },
    remedy: {
      en: "Stop calling this interface, read the notice at mp.weixin.qq.com, and try again when the block has ended.",
      zh: "请停止调用该接口，登录 mp.weixin.qq.com 查看通知，待封禁结束后再试。",
    },
  },
  45103: {
    name: "interface_withdrawn",
    kind: "permission",
    retry: "never",
    meaning: { en: "WeChat no longer offers this interface", zh: "该接口已停用" },
    remedy: {
      en: "Use the interface that WeChat's page names as its successor.",
      zh: "请改用微信官方文档中给出的替代接口。",
    },
  },
  48001: {
    name: "interface_not_authorized",
    kind: "permission",
    retry: "never",
    meaning: { en: "the account has no permission for this interface", zh: "接口功能未授权" },
    remedy: {
      en: "Customer-service messages need a verified account (已认证的服务号、订阅号) or a test account (测试号); an unverified or personal account can only answer with passive replies. What else the account may call is listed at mp.weixin.qq.com (接口权限).",
      zh: "发送客服消息需要已认证的服务号或订阅号，也可使用测试号；未认证账号和个人账号只能使用被动回复。其他接口的权限请在 mp.weixin.qq.com 的「接口权限」中查看。",
    },
  },
  48004: {
    name: "interface_banned",
    kind: "permission",
    retry: "wait",
    meaning: { en: "this interface is banned for the account", zh: "接口被封禁" },
    remedy: READ_NOTICE,
  },
  48009: {
    name: "interface_expired",
    kind: "permission",
    retry: "never",
    meaning: { en: "this interface has expired", zh: "该接口已过期" },
    remedy: {
      en: "Use the interface that WeChat's page names as its successor.",
      zh: "请改用微信官方文档中给出的替代接口。",
    },
  },
  50001: {
    name: "user_has_not_authorized",
    kind: "permission",
    retry: "never",
    meaning: { en: "the user has not authorized this interface", zh: "用户未授权该接口" },
    remedy: {
      en: "Have access granted first: by the user in the web login (OAuth), or by the account's administrator to the third-party platform.",
      zh: "请先取得授权：网页授权需用户同意，第三方平台需公众号管理员授权。",
    },
  },
  50002: {
    name: "account_limited",
    kind: "permission",
    retry: "never",
    meaning: {
      en: "the account is limited (frozen or closed)",
      zh: "用户受限（账号被冻结或注销）",
    },
    remedy: READ_NOTICE,
  },
  50003: {
    name: "user_not_in_white_list",
    kind: "permission",
    retry: "never",
    meaning: { en: "the user is not in the interface's white list", zh: "用户不在该接口的白名单中" },
    remedy: {
      en: "Add the user to the white list of the interface, or call it for a user who is on it.",
      zh: "请将该用户加入该接口的白名单，或改用白名单内的用户。",
    },
  },
  50004: {
    name: "token_use_forbidden",
    kind: "permission",
    retry: "wait",
    meaning: { en: "the account may not use access tokens", zh: "禁止使用 token 接口" },
    remedy: READ_NOTICE,
  },
  50007: {
    name: "account_frozen",
    kind: "permission",
    retry: "wait",
    meaning: { en: "the account is frozen", zh: "账号已冻结" },
    remedy: READ_NOTICE,
  },
};
