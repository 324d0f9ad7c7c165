import type { Bilingual, ErrorEntries } from "./entry.js";

const ADD_IP: Bilingual = {
  en: "Add {ip} to the API IP white list (微信开发者平台 → 我的业务 → 公众号 → API IP白名单), then try again.",
  zh: "请把 {ip} 加入 API IP 白名单（微信开发者平台 → 我的业务 → 公众号 → API IP白名单），然后重试。",
};

/** From where an account's interfaces may be called, and at which address WeChat answers. */
export const NETWORK_ERRORS: ErrorEntries = {
  40164: {
    name: "ip_not_allowed",
    kind: "permission",
    retry: "wait",
    meaning: { en: "this machine's IP address is not in the account's white list", zh: "调用方 IP 不在白名单中" },
    remedy: ADD_IP,
  },
  // WeChat's overview page names 61004 for this; all real answers seen hold 40164.
  61004: {
    name: "ip_not_registered",
    kind: "permission",
    retry: "wait",
    meaning: { en: "this machine's IP address is not in the account's white list", zh: "调用方 IP 不在白名单中" },
    remedy: ADD_IP,
  },
  48017: {
    name: "wechat_ip_retired",
    kind: "other",
    retry: "never",
    meaning: { en: "this IP address of WeChat's API is retired", zh: "所调用的微信接口 IP 已下线" },
    remedy: {
      en: "Call WeChat by its domain, https://api.weixin.qq.com; remove fixed IP addresses from the base URL, hosts file and proxy.",
      zh: "请使用域名 https://api.weixin.qq.com 调用，并去掉 API 地址、hosts 文件和代理中写死的 IP。",
    },
  },
  89501: {
    name: "ip_confirmation_pending",
    kind: "permission",
    retry: "wait",
    meaning: {
      en: "this IP address waits for the administrator's confirmation",
      zh: "此 IP 正在等待管理员确认",
    },
    remedy: {
      en: "Ask the account's administrator to confirm in WeChat, then try again.",
      zh: "请让公众号管理员在微信中确认后重试。",
    },
  },
  89503: {
    name: "ip_confirmation_required",
    kind: "permission",
    retry: "wait",
    meaning: {
      en: "this IP address needs the administrator's confirmation",
      zh: "此 IP 调用需要管理员确认",
    },
    remedy: {
      en: "WeChat has sent the administrator a message; ask them to confirm, then try again.",
      zh: "微信已向管理员发送确认消息，请在管理员确认后重试。",
    },
  },
  89506: {
    name: "ip_refused_for_a_day",
    kind: "permission",
    retry: "wait",
    meaning: {
      en: "the administrator refused this IP address twice; blocked for 24 hours",
      zh: "管理员 24 小时内两次拒绝该 IP，24 小时内不可调用",
    },
    remedy: {
      en: "Wait 24 hours and agree with the administrator before trying again.",
      zh: "请先与管理员沟通，24 小时后再试。",
    },
  },
  89507: {
    name: "ip_refused_for_an_hour",
    kind: "permission",
    retry: "wait",
    meaning: {
      en: "the administrator refused this IP address; blocked for 1 hour",
      zh: "管理员 1 小时内拒绝过该 IP，1 小时内不可调用",
    },
    remedy: {
      en: "Wait an hour and agree with the administrator before trying again.",
      zh: "请先与管理员沟通，1 小时后再试。",
    },
  },
};
