import * as z from "zod";
import type { Bilingual } from "../error-catalog.js";
import type { FieldRemedies } from "../validation.js";

/** A follower, as one account knows them. */
export const openid = z.string("must be a string").regex(/^[\w-]{1,128}$/, "is not an openid");

/** A human agent's account, `name@account-wechat-id` (官方文档 客服账号管理: prefix and suffix of letters, digits, _). */
export const agentAccount = z
  .string("must be a string")
  .regex(/^[^\s@]+@[^\s@]+$/, "is not an agent's account (name@account-wechat-id)");

export const mediaId = z.string("must be a string").regex(/^\S+$/, "is not a media_id");

export const text = (what: string) => z.string("must be a string").min(1, `is empty; give ${what}`);

const FILE: Bilingual = {
  en: "Give a Buffer, Uint8Array or Blob, { path }, { bytes, filename }, or { stream, length } with the number of bytes.",
  zh: "请提供 Buffer、Uint8Array、Blob、{ path }、{ bytes, filename }，或注明字节数的 { stream, length }。",
};

export const REMEDIES: FieldRemedies = {
  file: FILE,
  image: FILE,
  type: {
    en: "Use image, voice, video or thumb; in the lists of the library image, voice, video or news.",
    zh: "请使用 image、voice、video 或 thumb；素材列表请使用 image、voice、video 或 news。",
  },
  mediaId: {
    en: "Give the media_id that an upload, a list or a received message brought, whole and without spaces.",
    zh: "请完整填写上传、列表或收到的消息中的 media_id，不要带空格。",
  },

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
