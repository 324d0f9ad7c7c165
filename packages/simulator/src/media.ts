import { fields, oneOf, optionalFlag, optionalText, text } from "./options.js";

/** What a media_id or article_id stands for. `news` is the old 图文 material of mpnews, `article` a published one. */
export const MEDIA_TYPES = ["image", "voice", "video", "thumb", "news", "article"] as const;
export type MediaType = (typeof MEDIA_TYPES)[number];

export interface MediaOptions {
  /** The media_id (for `article` the article_id) that messages may use. */
  mediaId: string;
  type: MediaType;
  /** The account that owns it. Default: the first account. */
  appId?: string;
  /** False: temporary material, gone after three days (40007). Default true. */
  permanent?: boolean;
}

export interface Media {
  readonly type: MediaType;
  /** Milliseconds since 1970, Infinity for permanent material. */
  readonly expiresAt: number;
}

const THREE_DAYS = 3 * 24 * 60 * 60_000;

export function readMediaOptions(value: unknown): MediaOptions {
  const given = fields(value, "media", ["mediaId", "type", "appId", "permanent"]);
  return {
    mediaId: text(given.mediaId, "mediaId"),
    type: oneOf(given.type, "type", MEDIA_TYPES),
    appId: optionalText(given.appId, "appId"),
    permanent: optionalFlag(given.permanent, "permanent"),
  };
}

export function createMedia(options: MediaOptions, now: number): Media {
  return { type: options.type, expiresAt: options.permanent === false ? now + THREE_DAYS : Number.POSITIVE_INFINITY };
}
