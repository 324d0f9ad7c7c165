import * as z from "zod";
import type { FieldRemedies } from "../validation.js";

/** A follower, as one account knows them. */
export const openid = z.string("must be a string").regex(/^[\w-]{1,128}$/, "is not an openid");

/** A human agent's account, `name@account-wechat-id` (官方文档 客服账号管理: prefix and suffix of letters, digits, _). */
export const agentAccount = z
  .string("must be a string")
  .regex(/^[^\s@]+@[^\s@]+$/, "is not an agent's account (name@account-wechat-id)");

export const text = (what: string) => z.string("must be a string").min(1, `is empty; give ${what}`);

export const REMEDIES: FieldRemedies = {
  openid: {
    en: "Give the follower's openid as your callback or WeChat's user list delivers it: letters, digits, - and _, usually 28 characters.",
    zh: "请填写用户的 openid（来自消息推送或用户列表）：由字母、数字、- 和 _ 组成，通常 28 个字符。",
  },
  account: {
    en: "Write the agent's account as name@account-wechat-id, as listed at mp.weixin.qq.com.",
    zh: "客服账号格式为 名称@公众号微信号，可在 mp.weixin.qq.com 查看。",
  },
};

/** WeChat counts seconds since 1970. */
export const seconds = z.number().transform((value) => new Date(value * 1000));

/** An endpoint that takes nothing. */
export const nothing = z.strictObject({});

/** An answer of which only the errcode matters. */
export const done = z.unknown().transform(() => undefined);
