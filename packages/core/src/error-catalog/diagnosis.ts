import type { Bilingual, ErrorEntries } from "./entry.js";

/** How to write the path of an endpoint that is asked about. */
export const CHECK_PATH: Bilingual = {
  en: "Write the path as in the endpoint's address, such as /cgi-bin/message/custom/send, without domain and query.",
  zh: "请按接口地址填写路径，例如 /cgi-bin/message/custom/send，不含域名和查询参数。",
};

/** Interfaces that look into others: callback check, rid lookup, quota query. */
export const DIAGNOSIS_ERRORS: ErrorEntries = {
  40201: {
    name: "callback_url_unusable",
    kind: "other",
    retry: "never",
    meaning: { en: "the callback URL is wrong or not set", zh: "回调 URL 不正确或未设置" },
    remedy: {
      en: "Set the callback URL of the account first, then check it.",
      zh: "请先为公众号设置回调 URL，再进行检查。",
    },
  },
  40202: {
    name: "callback_check_action_invalid",
    kind: "content",
    retry: "never",
    meaning: { en: "invalid action of the callback check", zh: "回调检查的 action 不正确" },
    remedy: { en: "Use dns, ping or all as the action.", zh: "action 请使用 dns、ping 或 all。" },
  },
  40203: {
    name: "callback_check_operator_invalid",
    kind: "content",
    retry: "never",
    meaning: { en: "invalid operator of the callback check", zh: "回调检查的 check_operator 不正确" },
    remedy: {
      en: "Use CHINANET, UNICOM, CAP or DEFAULT as the operator.",
      zh: "check_operator 请使用 CHINANET、UNICOM、CAP 或 DEFAULT。",
    },
  },
  76001: {
    name: "rid_not_found",
    kind: "other",
    retry: "never",
    meaning: { en: "the rid does not exist", zh: "rid 不存在" },
    remedy: {
      en: "Use a rid of the last 7 days; WeChat keeps them no longer.",
      zh: "请使用最近 7 天内的 rid；超过 7 天的无法查询。",
    },
  },
  76002: {
    name: "rid_invalid",
    kind: "content",
    retry: "never",
    meaning: { en: "the rid is wrong", zh: "rid 错误" },
    remedy: {
      en: "Copy the rid whole from WeChat's answer: three groups of eight hexadecimal digits, such as 64a774ce-020c072d-6c820ec0.",
      zh: "请从微信的应答中完整复制 rid：三组八位十六进制数，例如 64a774ce-020c072d-6c820ec0。",
    },
  },
  76003: {
    name: "rid_of_another_account",
    kind: "permission",
    retry: "never",
    meaning: { en: "no permission to look up this rid", zh: "无权查询该 rid" },
    remedy: {
      en: "Look the rid up with the AppID of the account that made the call.",
      zh: "请使用发起该次调用的账号的 AppID 查询。",
    },
  },
  76021: {
    name: "api_path_not_found",
    kind: "content",
    retry: "never",
    meaning: { en: "WeChat does not know this path", zh: "cgi_path 不存在" },
    remedy: CHECK_PATH,
  },
  76022: {
    name: "api_path_not_permitted",
    kind: "permission",
    retry: "never",
    meaning: { en: "the account may not query this path", zh: "无权查询该 cgi_path" },
    remedy: {
      en: "Query only paths of interfaces that this account may call.",
      zh: "只能查询该账号有权限调用的接口路径。",
    },
  },
};
