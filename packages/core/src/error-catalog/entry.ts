import type { Bilingual } from "../bilingual.js";

export type { Bilingual } from "../bilingual.js";

/**
 * What an errcode is about, for callers who branch on it:
 * - `credential`: AppID, AppSecret or access token
 * - `permission`: the account, or this machine's IP address, may not do this
 * - `recipient`: the follower cannot be written to
 * - `reply-window`: the time to reply is over or its replies are used up
 * - `quota`: a daily or total allowance of the account is used up
 * - `rate`: too fast
 * - `content`: WeChat does not accept what was sent
 * - `busy`: WeChat's own trouble; whether the message went out is not known
 * - `other`: anything else
 */
export type ErrorKind =
  | "credential"
  | "permission"
  | "recipient"
  | "reply-window"
  | "quota"
  | "rate"
  | "content"
  | "busy"
  | "other";

/**
 * What has to happen before the same call can succeed:
 * - `token`: a new access token; repeat the call once
 * - `later`: nothing but a pause
 * - `never`: the call itself, or what the account may do, must change; repeating it does not help
 * - `wait`: somebody must act (follower, administrator, owner of the account) or a period must end
 * - `benign`: nothing at all: what was asked for is already so
 */
export type RetryAdvice = "token" | "later" | "never" | "wait" | "benign";

/** What is known of one errcode. */
export interface ErrorEntry {
  /** A stable identifier in English, such as `reply_window_closed`; no two errcodes share one. */
  readonly name: string;
  /** What it is about. */
  readonly kind: ErrorKind;
  /** What has to happen before the same call can succeed. */
  readonly retry: RetryAdvice;
  /** What WeChat says with it: half a sentence, without a full stop. */
  readonly meaning: Bilingual;
  /** What to do next. */
  readonly remedy: Bilingual;
}

/** Errcodes of one subject. */
export type ErrorEntries = Readonly<Record<number, ErrorEntry>>;

/** The request has a form that WeChat does not accept, and our own methods do not make such requests. */
export const CHECK_REQUEST: Bilingual = {
  en: "If your own program built this request, compare it with WeChat's page of the endpoint; otherwise please report it to this project with the rid.",
  zh: "若该请求由自有程序构造，请对照该接口的微信官方文档检查；否则请附上 rid 向本项目反馈。",
};

/** The account was punished or frozen by WeChat. */
export const READ_NOTICE: Bilingual = {
  en: "Log in at mp.weixin.qq.com, read the notice there and follow it to have the account restored.",
  zh: "请登录 mp.weixin.qq.com 查看通知，并按提示申请恢复。",
};

/** It may have been delivered although WeChat reported trouble. */
export const MAY_HAVE_ARRIVED: Bilingual = {
  en: "Try again later. A message may have arrived all the same: consider that before sending it again.",
  zh: "请稍后再试。若是发送消息，重发前请注意：消息可能已经送达。",
};

/** A mini program is named that this account may not show. */
export const LINK_MINI_PROGRAM: Bilingual = {
  en: "Link the mini program to this Official Account at mp.weixin.qq.com, and check its AppID.",
  zh: "请在 mp.weixin.qq.com 将该小程序与公众号关联，并检查小程序 AppID。",
};
