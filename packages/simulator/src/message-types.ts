import type { Account } from "./accounts.js";
import { checkAnchors } from "./anchors.js";
import { type Check, each, type FieldCheck, linkedMiniProgram, optional, required } from "./checks.js";
import { type Refusal, refuse } from "./errors.js";
import type { MediaType } from "./media.js";
import { type Fields, isObject } from "./options.js";

/** The message types of an Official Account's customer-service message (official page 发送客服消息). */
export const MESSAGE_TYPES = [
  "text",
  "image",
  "voice",
  "video",
  "music",
  "news",
  "mpnews",
  "mpnewsarticle",
  "msgmenu",
  "wxcard",
  "miniprogrampage",
] as const;
export type MessageType = (typeof MESSAGE_TYPES)[number];

/** `link` exists for mini programs only; its object beside another type is still the object of another type. */
const OTHER_OBJECTS: readonly string[] = [...MESSAGE_TYPES, "link"];

/** The media_id of material of one of these types that the account has and that has not expired. */
function media(...types: readonly MediaType[]): FieldCheck {
  return (value, account, now) => {
    if (typeof value !== "string" || value === "") return required(41006)(value);
    const found = account.media.find(value, now);
    return found !== undefined && types.includes(found.type) ? undefined : refuse(40007);
  };
}

const article: FieldCheck = (value, account, now) => {
  if (typeof value !== "string" || value === "") return required()(value);
  return account.media.find(value, now)?.type === "article" ? undefined : refuse(53600);
};

const text: Check = ({ content }, account) => {
  if (content === undefined || content === "") return refuse(44004);
  if (typeof content !== "string") return refuse(47001);
  if (Buffer.byteLength(content) > account.limits.textBytes) return refuse(45002);
  return content.includes("<a") ? checkAnchors(content, account.options.linkedMiniPrograms ?? []) : undefined;
};

const newsArticle = each({ title: optional, description: optional, url: optional, picurl: optional });

const news: Check = ({ articles }, account, now) => {
  if (articles === undefined || (Array.isArray(articles) && articles.length === 0)) return refuse(44003);
  if (!Array.isArray(articles)) return refuse(47001);
  if (articles.length > 1) return refuse(45008);
  const only: unknown = articles[0];
  return isObject(only) ? newsArticle(only, account, now) : refuse(47001);
};

const menuItem = each({ id: required(), content: required() });

const msgmenu: Check = ({ head_content, list, tail_content }, account, now) => {
  if (account.options.test === true) return refuse(40200);
  if (list === undefined || (Array.isArray(list) && list.length === 0)) return refuse(44005);
  if (!Array.isArray(list)) return refuse(47001);
  const frame = optional(head_content) ?? optional(tail_content);
  if (frame !== undefined) return frame;
  if (list.length > account.limits.menuItems) return refuse(45098);
  for (const item of list as unknown[]) {
    if (!isObject(item)) return refuse(47001);
    const refusal = menuItem(item, account, now);
    if (refusal !== undefined) return refusal;
    if (typeof item.content === "string" && Buffer.byteLength(item.content) > account.limits.menuItemBytes) {
      return refuse(45099);
    }
  }
  return undefined;
};

const CHECKS: Readonly<Record<MessageType, Check>> = {
  text,
  image: each({ media_id: media("image") }),
  voice: each({ media_id: media("voice") }),
  video: each({
    media_id: media("video"),
    thumb_media_id: media("thumb", "image"),
    title: optional,
    description: optional,
  }),
  music: each({
    title: optional,
    description: optional,
    musicurl: required(),
    hqmusicurl: optional,
    thumb_media_id: media("thumb", "image"),
  }),
  news,
  mpnews: each({ media_id: media("news") }),
  mpnewsarticle: each({ article_id: article }),
  msgmenu,
  wxcard: each({ card_id: required() }),
  miniprogrampage: each({
    title: required(),
    appid: linkedMiniProgram,
    pagepath: required(40165),
    thumb_media_id: media("thumb", "image"),
  }),
};

/** The message type of a body, or why its content is refused. */
export function checkContent(body: Fields, account: Account, now: number): MessageType | Refusal {
  const type = MESSAGE_TYPES.find((known) => known === body.msgtype);
  if (type === undefined) return refuse(40008);
  if (OTHER_OBJECTS.some((name) => name !== type && body[name] !== undefined)) return refuse(45162);
  const content = body[type] ?? {};
  if (!isObject(content)) return refuse(47001);
  return CHECKS[type](content, account, now) ?? type;
}
