/*
 * The customer-service messages as a caller gives them. Each media_id may be of a temporary upload (kept for 3 days) or
 * of permanent material. Source: developers.weixin.qq.com, api_sendcustommessage.
 */

/** A text. One above the limit is split, see `Messages.sendText`. */
export interface TextMessage {
  /** What this is. */
  readonly type: "text";
  /** Raw text; `<a href="…">` works, Markdown is not rendered by WeChat. Not blank. */
  readonly text: string;
}

/** A picture. */
export interface ImageMessage {
  /** What this is. */
  readonly type: "image";
  /** The media_id of an uploaded picture. */
  readonly mediaId: string;
}

/** A voice recording. */
export interface VoiceMessage {
  /** What this is. */
  readonly type: "voice";
  /** The media_id of an uploaded recording. */
  readonly mediaId: string;
}

/** A video with a picture for its preview. */
export interface VideoMessage {
  /** What this is. */
  readonly type: "video";
  /** The media_id of an uploaded video. */
  readonly mediaId: string;
  /** The media_id of the picture for its preview. */
  readonly thumbMediaId: string;
  /** Shown with the video. Default: nothing. */
  readonly title?: string | undefined;
  /** Shown with the video. Default: nothing. */
  readonly description?: string | undefined;
}

/** A link to music with a picture for its preview. */
export interface MusicMessage {
  /** What this is. */
  readonly type: "music";
  /** Where the recording is, http:// or https://. */
  readonly url: string;
  /** The better recording, for Wi-Fi. Default: `url`. */
  readonly hqUrl?: string | undefined;
  /** The media_id of the picture for its preview. */
  readonly thumbMediaId: string;
  /** Shown with the music. Default: nothing. */
  readonly title?: string | undefined;
  /** Shown with the music. Default: nothing. */
  readonly description?: string | undefined;
}

/** A card that leads to a page of your own. WeChat allows exactly one article a message (45008). */
export interface NewsMessage {
  /** What this is. */
  readonly type: "news";
  /** The card's title. Not blank. */
  readonly title: string;
  /** A line below the title. Default: nothing. */
  readonly description?: string | undefined;
  /** What a tap opens, http:// or https://. */
  readonly url: string;
  /** Where the card's picture is, http:// or https://. Default: no picture. */
  readonly pictureUrl?: string | undefined;
}

/** An article of the material library. Accounts that use drafts (草稿箱) need an {@link ArticleMessage}. */
export interface MpNewsMessage {
  /** What this is. */
  readonly type: "mpnews";
  /** The media_id of the article. */
  readonly mediaId: string;
}

/** A published article. */
export interface ArticleMessage {
  /** What this is. */
  readonly type: "mpnewsarticle";
  /** The article id that publishing gave. */
  readonly articleId: string;
}

/** A menu to tap: what the follower taps comes back as their text message. */
export interface MenuMessage {
  /** What this is. */
  readonly type: "msgmenu";
  /** The line above the items. Default: none. */
  readonly head?: string | undefined;
  /** One or more items. WeChat bounds number and size (45098, 45099) and names no number. */
  readonly items: readonly MenuItem[];
  /** The line below the items. Default: none. */
  readonly tail?: string | undefined;
}

/** One item of a menu. */
export interface MenuItem {
  /** Your own name of it; WeChat pushes it back with what the follower tapped (bizmsgmenuid). */
  readonly id: string;
  /** What the follower reads. Not blank. */
  readonly text: string;
}

/** A coupon or card; only cards without codes of their own. */
export interface CardMessage {
  /** What this is. */
  readonly type: "wxcard";
  /** The card's id. */
  readonly cardId: string;
}

/** A page of a mini program that is linked to the account. */
export interface MiniProgramMessage {
  /** What this is. */
  readonly type: "miniprogrampage";
  /** The card's title. Not blank. */
  readonly title: string;
  /** The mini program's AppID. */
  readonly appId: string;
  /** The page, such as `pages/index/index`. */
  readonly pagePath: string;
  /** The media_id of the card's picture, best 520 × 416 pixels. */
  readonly thumbMediaId: string;
}

/** A customer-service message, by `type`: all that an Official Account can send. */
export type CustomMessage =
  | TextMessage
  | ImageMessage
  | VoiceMessage
  | VideoMessage
  | MusicMessage
  | NewsMessage
  | MpNewsMessage
  | ArticleMessage
  | MenuMessage
  | CardMessage
  | MiniProgramMessage;

/** A message of one type, such as `CustomMessageOf<"image">`. */
export type CustomMessageOf<Type extends CustomMessage["type"]> = Extract<CustomMessage, { type: Type }>;
