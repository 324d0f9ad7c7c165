import * as z from "zod";
import type { Bilingual } from "../error-catalog.js";
import { IDENTIFIER_REMEDIES, isOpenid, openid } from "../identifiers.js";
import type { FieldRemedies } from "../validation.js";
import { once } from "../validation.js";

export { isOpenid, openid };

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

/** The parts of a file that is given as an object. */
const partsOf = (field: string): FieldRemedies => ({
  [`${field}.path`]: {
    en: "Give the path of one file on this machine, such as ./receipt.png.",
    zh: "请填写本机上某个文件的路径，例如 ./receipt.png。",
  },
  [`${field}.bytes`]: {
    en: "Give the whole file as a Buffer, Uint8Array or Blob.",
    zh: "请以 Buffer、Uint8Array 或 Blob 提供完整的文件内容。",
  },
  [`${field}.stream`]: {
    en: "Give a Node.js stream, a web stream or another async iterable of bytes.",
    zh: "请提供 Node.js 流、Web 流，或其他逐块产生字节的 async iterable。",
  },
  [`${field}.length`]: {
    en: "Give the exact number of bytes that the stream holds.",
    zh: "请填写流的准确字节数。",
  },
  [`${field}.filename`]: {
    en: "Give a name such as receipt.png, or leave filename out.",
    zh: "请填写文件名，例如 receipt.png，或不填 filename。",
  },
});

export const REMEDIES: FieldRemedies = {
  file: FILE,
  image: FILE,
  ...partsOf("file"),
  ...partsOf("image"),
  mediaId: {
    en: "Give the media_id that an upload, a list or a received message brought, whole and without spaces.",
    zh: "请完整填写上传、列表或收到的消息中的 media_id，不要带空格。",
  },
  title: {
    en: "Give the title as a text that is not empty.",
    zh: "请填写标题文字，不能为空。",
  },
  openid: IDENTIFIER_REMEDIES.openid,
  account: {
    en: "Write the agent's account as name@account-wechat-id, as listed at mp.weixin.qq.com.",
    zh: "客服账号格式为 名称@公众号微信号，可在 mp.weixin.qq.com 查看。",
  },
};

/** What an uploaded file is called. Which of the two a thumb gets is not documented: SDKs expect thumb_media_id. */
export const newMediaId = once(() =>
  z
    .union([z.object({ media_id: z.string() }), z.object({ thumb_media_id: z.string() })])
    .transform((answer) => ({ mediaId: "media_id" in answer ? answer.media_id : answer.thumb_media_id })),
);

/** WeChat counts seconds since 1970. */
export const seconds = z.number().transform((value) => new Date(value * 1000));

/** An endpoint that takes nothing. */
export const nothing = once(() => z.strictObject({}));

/** An answer of which only the errcode matters. */
export const done = once(() => z.unknown().transform(() => undefined));
