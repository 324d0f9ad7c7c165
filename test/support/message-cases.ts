import type { CustomMessage, Messages, SendOptions, SendResult } from "@wechat-offiaccount/core";

/** What each type of message is tried with. */
export interface MessageCase {
  /** With every field that it may have. */
  readonly message: CustomMessage;
  /** The object that WeChat gets. */
  readonly content: object;
  /** Sends the same message by the method that its type has. */
  readonly own: (messages: Messages, openid: string, options: SendOptions) => Promise<SendResult>;
  /** The same message with one field wrong, and the name of the field in the error. */
  readonly wrong: { readonly field: string; readonly message: unknown };
  /** The same message as WeChat refuses it; without one the simulator is told to refuse the good one. */
  readonly refused: { readonly errcode: number; readonly message?: CustomMessage };
}

const url = "https://example.com/a";
const pictureUrl = "https://example.com/p.png";
const words = { title: "标题", description: "描述" };

/** Uploads and articles that the messages name. */
export const MESSAGE_MEDIA = [
  { mediaId: "IMG", type: "image" },
  { mediaId: "VOICE", type: "voice" },
  { mediaId: "VIDEO", type: "video" },
  { mediaId: "THUMB", type: "thumb" },
  { mediaId: "NEWS", type: "news" },
  { mediaId: "ARTICLE", type: "article" },
] as const;

/** AppID of the mini program that is linked to the account. */
export const MINI_PROGRAM = "wx0000000000000001";

const image = { type: "image", mediaId: "IMG" } as const;
const voice = { type: "voice", mediaId: "VOICE" } as const;
const video = { type: "video", mediaId: "VIDEO", thumbMediaId: "THUMB", ...words } as const;
const music = { type: "music", url, hqUrl: `${url}/hq`, thumbMediaId: "THUMB", ...words } as const;
const news = { type: "news", url, pictureUrl, ...words } as const;
const menu = { type: "msgmenu", head: "满意吗？", items: [{ id: "1", text: "满意" }], tail: "谢谢" } as const;
const mpnews = { type: "mpnews", mediaId: "NEWS" } as const;
const article = { type: "mpnewsarticle", articleId: "ARTICLE" } as const;
const card = { type: "wxcard", cardId: "CARD" } as const;
const page = {
  type: "miniprogrampage",
  title: "标题",
  appId: MINI_PROGRAM,
  pagePath: "pages/index/index",
  thumbMediaId: "THUMB",
} as const;

/** A message as the method of its type takes it. */
function own<M extends CustomMessage>({ type: _, ...message }: M): Omit<M, "type"> {
  return message;
}

/** A new type of message needs a row here. */
export const MESSAGE_CASES: Readonly<Record<CustomMessage["type"], MessageCase>> = {
  text: {
    message: { type: "text", text: "你好" },
    content: { content: "你好" },
    own: (messages, openid, options) => messages.sendText(openid, "你好", options),
    wrong: { field: "text", message: { type: "text", text: " \n" } },
    refused: { errcode: 40213, message: { type: "text", text: '<a href="">空</a>' } },
  },
  image: {
    message: image,
    content: { media_id: "IMG" },
    own: (messages, openid, options) => messages.sendImage(openid, own(image), options),
    wrong: { field: "message.media_id", message: { ...image, media_id: "IMG" } },
    refused: { errcode: 40007, message: { ...image, mediaId: "GONE" } },
  },
  voice: {
    message: voice,
    content: { media_id: "VOICE" },
    own: (messages, openid, options) => messages.sendVoice(openid, own(voice), options),
    wrong: { field: "message.mediaId", message: { ...voice, mediaId: "" } },
    refused: { errcode: 40007, message: { ...voice, mediaId: "IMG" } },
  },
  video: {
    message: video,
    content: { media_id: "VIDEO", thumb_media_id: "THUMB", ...words },
    own: (messages, openid, options) => messages.sendVideo(openid, own(video), options),
    wrong: { field: "message.thumbMediaId", message: { ...video, thumbMediaId: undefined } },
    refused: { errcode: 40007, message: { ...video, thumbMediaId: "GONE" } },
  },
  music: {
    message: music,
    content: { musicurl: url, hqmusicurl: `${url}/hq`, thumb_media_id: "THUMB", ...words },
    own: (messages, openid, options) => messages.sendMusic(openid, own(music), options),
    wrong: { field: "message.hqUrl", message: { ...music, hqUrl: "ftp://example.com/hq" } },
    refused: { errcode: 40007, message: { ...music, thumbMediaId: "VOICE" } },
  },
  news: {
    message: news,
    content: { articles: [{ url, picurl: pictureUrl, ...words }] },
    own: (messages, openid, options) => messages.sendNews(openid, own(news), options),
    wrong: { field: "message.url", message: { ...news, url: "javascript:alert(1)" } },
    refused: { errcode: 45008 },
  },
  mpnews: {
    message: mpnews,
    content: { media_id: "NEWS" },
    own: (messages, openid, options) => messages.sendMpNews(openid, own(mpnews), options),
    wrong: { field: "message.mediaId", message: { type: "mpnews", mediaId: 5 } },
    refused: { errcode: 40007, message: { type: "mpnews", mediaId: "IMG" } },
  },
  mpnewsarticle: {
    message: article,
    content: { article_id: "ARTICLE" },
    own: (messages, openid, options) => messages.sendMpNewsArticle(openid, own(article), options),
    wrong: { field: "message.articleId", message: { type: "mpnewsarticle", articleId: "" } },
    refused: { errcode: 53600, message: { type: "mpnewsarticle", articleId: "GONE" } },
  },
  msgmenu: {
    message: menu,
    content: { head_content: "满意吗？", list: [{ id: "1", content: "满意" }], tail_content: "谢谢" },
    own: (messages, openid, options) => messages.sendMenu(openid, own(menu), options),
    wrong: { field: "message.items.0.text", message: { ...menu, items: [{ id: "1", text: "\ud83d" }] } },
    refused: { errcode: 45099, message: { ...menu, items: [{ id: "1", text: "满".repeat(2_000) }] } },
  },
  wxcard: {
    message: card,
    content: { card_id: "CARD" },
    own: (messages, openid, options) => messages.sendCard(openid, own(card), options),
    wrong: { field: "message.cardId", message: { type: "wxcard", cardId: "a b" } },
    refused: { errcode: 45015 },
  },
  miniprogrampage: {
    message: page,
    content: { title: "标题", appid: MINI_PROGRAM, pagepath: "pages/index/index", thumb_media_id: "THUMB" },
    own: (messages, openid, options) => messages.sendMiniProgram(openid, own(page), options),
    wrong: { field: "message.pagePath", message: { ...page, pagePath: "" } },
    refused: { errcode: 40168, message: { ...page, appId: "wx0000000000000002" } },
  },
};
