import type { RefusalReason, RefusedRequest } from "@wechat-offiaccount/core";
import type { Remedy } from "./remedy.js";

/** Remedies of core's that name its options, in the words of this server's settings. */
const IN_VARIABLES: Partial<Readonly<Record<RefusalReason, Remedy>>> = {
  signature: {
    en: "Check that WECHAT_CALLBACK_TOKEN is the token (令牌) set at WeChat. If it is, the request was not made by WeChat.",
    zh: "请检查 WECHAT_CALLBACK_TOKEN 与微信后台的令牌（Token）一致；若一致，则该请求不是微信发出的。",
  },
  "too-large": {
    en: "WeChat's pushes are far smaller than 1 MiB, so this was none.",
    zh: "微信推送远小于 1 MiB，因此这不是微信的推送。",
  },
  "not-encrypted": {
    en: "The message came without its encrypted part: choose safe mode (安全模式) at WeChat, or set WECHAT_CALLBACK_MODE=plain, which is unprotected.",
    zh: "消息不含密文：请在微信后台选择「安全模式」，或设置 WECHAT_CALLBACK_MODE=plain（不受保护）。",
  },
  "only-encrypted": {
    en: "The message came encrypted: set WECHAT_ENCODING_AES_KEY to the key set at WeChat (消息加解密密钥), and leave WECHAT_CALLBACK_MODE out.",
    zh: "消息为密文：请把 WECHAT_ENCODING_AES_KEY 设为微信后台的「消息加解密密钥」，并去掉 WECHAT_CALLBACK_MODE。",
  },
  undecipherable: {
    en: "Check that WECHAT_ENCODING_AES_KEY is the key set at WeChat (消息加解密密钥).",
    zh: "请检查 WECHAT_ENCODING_AES_KEY 与微信后台的「消息加解密密钥」一致。",
  },
  "foreign-app": {
    en: "The message is for another AppID: check that WECHAT_APP_ID is the account whose console names this URL.",
    zh: "消息属于其他 AppID：请检查 WECHAT_APP_ID 是否为后台填写了本 URL 的公众号。",
  },
  "not-kept": {
    en: "The inbox (WECHAT_INBOX) could not keep the message, so WeChat got no answer and tries again.",
    zh: "收件箱（WECHAT_INBOX）未能保存消息，未应答微信，微信会重试。",
  },
};

/** What can be done about a refused push, in this server's words. */
export const remedyOf = ({ reason, remedy }: Pick<RefusedRequest, "reason" | "remedy">): Remedy =>
  IN_VARIABLES[reason] ?? remedy;

const SIGNED: ReadonlySet<RefusalReason> = new Set([
  "not-encrypted",
  "only-encrypted",
  "undecipherable",
  "foreign-app",
  "busy",
  "not-kept",
]);

/** Whether WeChat surely signed what was refused; else it may be anybody's. */
export const isSigned = ({ reason }: Pick<RefusedRequest, "reason">): boolean => SIGNED.has(reason);
