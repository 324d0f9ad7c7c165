import { type CustomMessage, checkMessage } from "@wechat-offiaccount/core";
import * as z from "zod";
import type { Remedy } from "../remedy.js";
import { described } from "./described.js";
import { inOwnNames } from "./own-names.js";

/** All but text, which has a tool of its own. */
type MessageType = Exclude<CustomMessage["type"], "text">;

/** The arguments that each type takes; a `?` marks those that may be left out. What core says decides; a test compares. */
export const TAKES = {
  image: ["media_id"],
  voice: ["media_id"],
  video: ["media_id", "thumb_media_id", "title?", "description?"],
  music: ["url", "thumb_media_id", "hq_url?", "title?", "description?"],
  news: ["title", "url", "description?", "picture_url?"],
  mpnews: ["media_id"],
  mpnewsarticle: ["article_id"],
  msgmenu: ["items", "head?", "tail?"],
  wxcard: ["card_id"],
  miniprogrampage: ["title", "app_id", "page_path", "thumb_media_id"],
} as const satisfies Readonly<Record<MessageType, readonly string[]>>;

const TYPES = Object.keys(TAKES) as [MessageType, ...MessageType[]];

const MEDIA_ID = "copied from a message of the follower or given by the user or operator; it cannot be made up";
const words = (meaning: string) => z.string().optional().describe(meaning);

/** The arguments that make a message: flat, because strict hosts drop tools whose schemas have alternatives. */
export const messageFields = {
  type: z.enum(TYPES).describe("What to send."),
  media_id: words(`image, voice, video, mpnews: the file or article at WeChat, ${MEDIA_ID}.`),
  thumb_media_id: words(`video, music, miniprogrampage: the picture at WeChat that is shown for it, ${MEDIA_ID}.`),
  title: words("news, miniprogrampage: the title. video, music: a title, if wanted."),
  description: words("news, video, music: a line below the title, if wanted."),
  url: words("news: the page that a tap opens. music: the recording. A public http:// or https:// URL."),
  hq_url: words("music: the same in better quality, for Wi-Fi, if there is one."),
  picture_url: words("news: the card's picture, a public http:// or https:// URL, if wanted."),
  article_id: words("mpnewsarticle: the id that publishing the article gave."),
  head: words("msgmenu: the line above the items, if wanted."),
  items: z
    .array(
      z.strictObject({
        id: z.string().describe("A name of your own; it comes back with what the follower tapped."),
        text: z.string().describe("What the follower reads, and sends by tapping it."),
      }),
    )
    .optional()
    .describe("msgmenu: what to choose from, one item or more."),
  tail: words("msgmenu: the line below the items, if wanted."),
  card_id: words("wxcard: the id of a coupon or card without codes of its own."),
  app_id: words("miniprogrampage: the AppID of a mini program that is linked to the account."),
  page_path: words("miniprogrampage: its page, such as pages/index/index."),
};

const message = z.strictObject(messageFields);
export type MessageFields = z.infer<typeof message>;

/** What core calls an argument, where that is another name. */
const CORE_NAMES: Readonly<Record<string, string>> = {
  media_id: "mediaId",
  thumb_media_id: "thumbMediaId",
  hq_url: "hqUrl",
  picture_url: "pictureUrl",
  article_id: "articleId",
  card_id: "cardId",
  app_id: "appId",
  page_path: "pagePath",
};
const OWN_NAMES = new Map(Object.entries(CORE_NAMES).map(([own, core]) => [core, own]));

/**
 * The message that the arguments make.
 * @throws WeChatValidationError that names the arguments, and says which ones the type takes
 */
export function messageOf(fields: MessageFields): CustomMessage {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  const named = Object.fromEntries(given.map(([name, value]) => [CORE_NAMES[name] ?? name, value]));
  return inOwnNames(() => checkMessage(named), ownName, remedyFor(fields.type));
}

/** `message.items.0.text` is `items.0.text`. */
function ownName(field: string): string {
  const [, name = field, ...rest] = field.split(".");
  return [OWN_NAMES.get(name) ?? name, ...rest].join(".");
}

function remedyFor(type: MessageType): Remedy {
  const takes = TAKES[type];
  return {
    en: `Beside openid, type, idempotency_key and dry_run, a message of type ${type} takes these arguments and no others (? marks those that may be left out): ${takes.join(", ")}. URLs are http:// or https://; ids have no spaces; texts are not blank and have no control characters.`,
    zh: `除 openid、type、idempotency_key 和 dry_run 外，${type} 类型的消息仅使用以下参数（带 ? 的可省略）：${takes.join("、")}。网址须为 http:// 或 https://；id 不含空格；文字不能为空，不得含控制字符。`,
  };
}

/** The message as a person can read it: its type and all that it says and refers to. */
export function describedMessage({ type, items = [], ...fields }: MessageFields): string {
  const lines = Object.entries(fields).map(([name, value]) => [name, value] as const);
  const choices = items.flatMap(({ id, text }, index) => [
    [`items ${index + 1} id`, id] as const,
    [`items ${index + 1} text`, text] as const,
  ]);
  const after = lines.filter(([name]) => name === "tail");
  const before = lines.filter(([name]) => name !== "tail");
  return described(`[${type}]`, [...before, ...choices, ...after]);
}
