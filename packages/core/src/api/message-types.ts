import * as z from "zod";
import type { Bilingual } from "../error-catalog.js";
import { type FieldRemedies, once, validate } from "../validation.js";
import type { CustomMessage } from "./custom-message.js";
import { mediaId } from "./schemas.js";

/** JSON would write most of these as \\uxxxx, which WeChat refuses (40033, 47002). */
const CONTROL = /[^\P{Cc}\t\n\r]/u;

function problemOf(value: string, mayBeBlank: boolean): string | undefined {
  if (!mayBeBlank && value.trim() === "") return "is empty";
  const control = CONTROL.exec(value);
  if (control) {
    const hex = control[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
    return `holds the control character U+${hex} at position ${control.index}`;
  }
  return value.isWellFormed() ? undefined : "holds half of a character (an unpaired surrogate, mostly a cut emoji)";
}

const readable = (mayBeBlank: boolean) =>
  z.string("must be a string").superRefine((value, context) => {
    const problem = problemOf(value, mayBeBlank);
    if (problem) context.addIssue({ code: "custom", message: problem });
  });

/** Whether {@link fullText} takes it. */
export const isFullText = (value: string): boolean =>
  typeof value === "string" && problemOf(value, false) === undefined;

/** Words that a follower reads. */
export const words = readable(true);
/** The same, and not blank. */
export const fullText = readable(false);
const url = z.url({ protocol: /^https?$/, error: "must be an http:// or https:// URL" });

export const VIDEO = once(() =>
  z.strictObject({
    type: z.literal("video"),
    mediaId,
    thumbMediaId: mediaId,
    title: words.optional(),
    description: words.optional(),
  }),
);

/**
 * Checks every customer-service message that an Official Account can send. Names are ours; {@link contentOf} puts them
 * into WeChat's.
 */
export const MESSAGE = once(
  () =>
    z.discriminatedUnion(
      "type",
      [
        z.strictObject({ type: z.literal("text"), text: fullText }),
        z.strictObject({ type: z.literal("image"), mediaId }),
        z.strictObject({ type: z.literal("voice"), mediaId }),
        VIDEO(),
        z.strictObject({
          type: z.literal("music"),
          url,
          hqUrl: url.optional(),
          thumbMediaId: mediaId,
          title: words.optional(),
          description: words.optional(),
        }),
        // WeChat allows exactly one article (45008).
        z.strictObject({
          type: z.literal("news"),
          title: fullText,
          description: words.optional(),
          url,
          pictureUrl: url.optional(),
        }),
        z.strictObject({ type: z.literal("mpnews"), mediaId }),
        z.strictObject({
          type: z.literal("mpnewsarticle"),
          articleId: z.string("must be a string").regex(/^\S+$/, "is not an article id"),
        }),
        z.strictObject({
          type: z.literal("msgmenu"),
          head: words.optional(),
          items: z
            .array(z.strictObject({ id: z.string("must be a string").min(1, "is empty"), text: fullText }))
            .min(1, "is empty"),
          tail: words.optional(),
        }),
        z.strictObject({
          type: z.literal("wxcard"),
          cardId: z.string("must be a string").regex(/^\S+$/, "is not a card id"),
        }),
        z.strictObject({
          type: z.literal("miniprogrampage"),
          title: fullText,
          appId: z.string("must be a string").regex(/^\S+$/, "is not an AppID"),
          pagePath: z.string("must be a string").min(1, "is empty"),
          thumbMediaId: mediaId,
        }),
      ],
      {
        error:
          "must be text, image, voice, video, music, news, mpnews, mpnewsarticle, msgmenu, wxcard or miniprogrampage",
      },
    ) satisfies z.ZodType<CustomMessage>,
);

/**
 * The object of the chosen type in WeChat's words. The body holds it alone: WeChat refuses one of another type beside it
 * (45162).
 */
export function contentOf(message: CustomMessage): object {
  switch (message.type) {
    case "text":
      return { content: message.text };
    case "image":
    case "voice":
    case "mpnews":
      return { media_id: message.mediaId };
    case "video": {
      const { mediaId, thumbMediaId, title, description } = message;
      return { media_id: mediaId, thumb_media_id: thumbMediaId, title, description };
    }
    case "music": {
      const { url, hqUrl, thumbMediaId, title, description } = message;
      return { title, description, musicurl: url, hqmusicurl: hqUrl ?? url, thumb_media_id: thumbMediaId };
    }
    case "news": {
      const { title, description, url, pictureUrl } = message;
      return { articles: [{ title, description, url, picurl: pictureUrl }] };
    }
    case "mpnewsarticle":
      return { article_id: message.articleId };
    case "msgmenu": {
      const list = message.items.map(({ id, text }) => ({ id, content: text }));
      return { head_content: message.head, list, tail_content: message.tail };
    }
    case "wxcard":
      return { card_id: message.cardId };
    case "miniprogrampage": {
      const { title, appId, pagePath, thumbMediaId } = message;
      return { title, appid: appId, pagepath: pagePath, thumb_media_id: thumbMediaId };
    }
  }
}

const TEXT: Bilingual = {
  en: "Give a text that is not empty, as whole Unicode characters, without control characters other than line break and tab.",
  zh: "请填写非空文本：须为完整的 Unicode 字符，除换行和制表符外不得含控制字符。",
};
const MEDIA: Bilingual = {
  en: "Give the media_id that WeChat returned for an upload: of a temporary upload (kept for 3 days) or of permanent material.",
  zh: "请填写上传素材后微信返回的 media_id：临时素材（保留 3 天）或永久素材均可。",
};

export const MESSAGE_REMEDIES: FieldRemedies = {
  text: TEXT,
  "message.text": TEXT,
  "message.mediaId": MEDIA,
  "message.thumbMediaId": MEDIA,
  message: {
    en: 'Give an object with a type, such as { type: "image", mediaId }.',
    zh: '请提供带 type 的对象，例如 { type: "image", mediaId }。',
  },
};

const ANY = once(() => z.strictObject({ message: MESSAGE() }));

/**
 * Checks a message that comes from outside the program, such as a flow.
 * @throws WeChatValidationError that names the field as `message.…`
 */
export function checkMessage(message: unknown): CustomMessage {
  return validate(ANY(), { message }, MESSAGE_REMEDIES).message;
}
