import type { Bilingual, ErrorEntries } from "./entry.js";

const NEW_CODE: Bilingual = {
  en: "Send the user through the web login (OAuth) again and use the new code once.",
  zh: "请让用户重新进行网页授权，并使用新的 code；每个 code 只能使用一次。",
};
const LOGIN_AGAIN: Bilingual = {
  en: "Let the user log in again (OAuth) and keep the new refresh_token. A token for sending messages does not come from here.",
  zh: "请让用户重新进行网页授权，并保存新的 refresh_token。发送消息用的 access_token 与此无关。",
};

/** A user's login on a web page (OAuth), which has tokens of its own. */
export const WEB_LOGIN_ERRORS: ErrorEntries = {
  40029: {
    name: "oauth_code_invalid",
    kind: "credential",
    retry: "never",
    meaning: { en: "invalid OAuth code", zh: "无效的 oauth_code" },
    remedy: NEW_CODE,
  },
  40030: {
    name: "refresh_token_invalid",
    kind: "credential",
    retry: "never",
    meaning: { en: "invalid OAuth refresh_token", zh: "不合法的 refresh_token" },
    remedy: LOGIN_AGAIN,
  },
  40163: {
    name: "oauth_code_used",
    kind: "credential",
    retry: "never",
    meaning: { en: "the OAuth code was used before", zh: "oauth_code 已使用" },
    remedy: NEW_CODE,
  },
  41008: {
    name: "oauth_code_missing",
    kind: "credential",
    retry: "never",
    meaning: { en: "OAuth code missing", zh: "缺少 oauth_code" },
    remedy: {
      en: "Pass on the code that WeChat added to the page's address after the login.",
      zh: "请传入用户授权后微信附加在回调页面地址中的 code。",
    },
  },
  42002: {
    name: "refresh_token_expired",
    kind: "credential",
    retry: "never",
    meaning: { en: "OAuth refresh_token expired", zh: "refresh_token 已过期" },
    remedy: LOGIN_AGAIN,
  },
  42003: {
    name: "oauth_code_expired",
    kind: "credential",
    retry: "never",
    meaning: { en: "OAuth code expired", zh: "oauth_code 已过期" },
    remedy: NEW_CODE,
  },
};
