import { type Bilingual, CHECK_REQUEST, type ErrorEntries } from "./entry.js";

const CHECK_SECRET: Bilingual = {
  en: "Copy AppID and AppSecret again from the same account (WeChat developer platform, 开发密钥), without spaces; if the secret was reset, use the new one.",
  zh: "请在微信开发者平台的「开发密钥」中，从同一个公众号重新复制 AppID 和 AppSecret，注意不要带空格；若已重置 AppSecret，请使用新的。",
};

/** AppID, AppSecret and access token. */
export const CREDENTIAL_ERRORS: ErrorEntries = {
  40001: {
    name: "access_token_not_latest",
    kind: "credential",
    retry: "token",
    meaning: { en: "access token invalid or not the latest", zh: "access_token 无效或不是最新" },
    remedy: {
      en: "Another program may be fetching tokens for this account by the old interface: let every program use stable_token (the default here), or give them one shared token source.",
      zh: "可能有其他程序在用旧接口获取该公众号的 token：请让所有程序改用 stable_token（本项目默认），或共用同一个 token 来源。",
    },
  },
  40002: {
    name: "grant_type_invalid",
    kind: "credential",
    retry: "never",
    meaning: { en: "invalid grant_type", zh: "不合法的凭证类型" },
    remedy: CHECK_REQUEST,
  },
  40013: {
    name: "app_id_invalid",
    kind: "credential",
    retry: "never",
    meaning: { en: "invalid AppID", zh: "不合法的 AppID" },
    remedy: {
      en: "Check the AppID: it begins with wx, is 18 characters long, and case matters.",
      zh: "请检查 AppID：以 wx 开头，共 18 个字符，区分大小写。",
    },
  },
  40014: {
    name: "access_token_invalid",
    kind: "credential",
    retry: "token",
    meaning: { en: "invalid access token", zh: "不合法的 access_token" },
    remedy: {
      en: "The token source gave a token that WeChat does not know; check that base URL and token source belong to this account.",
      zh: "token 来源返回了微信无法识别的 token；请检查 API 地址和 token 来源是否对应该公众号。",
    },
  },
  40125: {
    name: "app_secret_invalid",
    kind: "credential",
    retry: "never",
    meaning: { en: "invalid AppSecret", zh: "无效的 AppSecret" },
    remedy: CHECK_SECRET,
  },
  40243: {
    name: "app_secret_frozen",
    kind: "credential",
    retry: "wait",
    meaning: { en: "AppSecret is frozen", zh: "AppSecret 已被冻结" },
    remedy: {
      en: "Unfreeze the AppSecret on the WeChat developer platform (开发密钥); it takes about 10 minutes to work.",
      zh: "请在微信开发者平台「开发密钥」中解冻 AppSecret，约 10 分钟后生效。",
    },
  },
  41001: {
    name: "access_token_missing",
    kind: "credential",
    retry: "never",
    meaning: { en: "access token missing", zh: "缺少 access_token" },
    remedy: CHECK_REQUEST,
  },
  41002: {
    name: "app_id_missing",
    kind: "credential",
    retry: "never",
    meaning: { en: "AppID missing", zh: "缺少 AppID" },
    remedy: { en: "Fill in the AppID.", zh: "请填写 AppID。" },
  },
  41004: {
    name: "app_secret_missing",
    kind: "credential",
    retry: "never",
    meaning: { en: "AppSecret missing", zh: "缺少 AppSecret" },
    remedy: { en: "Fill in the AppSecret.", zh: "请填写 AppSecret。" },
  },
  42001: {
    name: "access_token_expired",
    kind: "credential",
    retry: "token",
    meaning: { en: "access token expired", zh: "access_token 已过期" },
    remedy: {
      en: "No token that WeChat accepts could be got in its place: check the token source, and that no other program replaces the token.",
      zh: "未能换到微信接受的 token：请检查 token 来源，并确认没有其他程序在替换 token。",
    },
  },
  42007: {
    name: "token_ended_by_password_change",
    kind: "credential",
    retry: "token",
    meaning: { en: "token invalid after a password change", zh: "用户修改密码，token 失效" },
    remedy: {
      en: "Authorize again where the token comes from: the third-party platform, or the user's web login (OAuth).",
      zh: "请重新授权：token 来自第三方平台的，由公众号管理员重新授权；来自网页授权的，由用户重新授权。",
    },
  },
  48012: {
    name: "token_unusable",
    kind: "credential",
    retry: "never",
    meaning: { en: "invalid token", zh: "无效的 token" },
    remedy: {
      en: "Check that the token comes from this account's AppID and is of the kind that the interface asks for.",
      zh: "请检查 token 是否由该公众号的 AppID 获取，且是该接口要求的类型。",
    },
  },
};

/** Where the token endpoint means something else: there is no access token yet, and no message either. */
export const TOKEN_ENDPOINT_CATALOG: ErrorEntries = {
  [-1]: {
    name: "system_busy",
    kind: "busy",
    retry: "later",
    meaning: { en: "WeChat is busy", zh: "微信系统繁忙" },
    remedy: { en: "Try again later.", zh: "请稍后再试。" },
  },
  40001: {
    name: "app_secret_wrong",
    kind: "credential",
    retry: "never",
    meaning: { en: "AppSecret wrong, or not of this account", zh: "AppSecret 错误或不属于该公众号" },
    remedy: CHECK_SECRET,
  },
};
