import * as z from "zod";
import { once } from "../validation.js";

/** Left out by WeChat where it is empty. */
export const optionalText = z.string().default("");
/** As WeChat writes one. */
export const article = once(() =>
  z
    .object({
      title: optionalText,
      author: optionalText,
      digest: optionalText,
      content: optionalText,
      url: optionalText,
      content_source_url: optionalText,
      thumb_media_id: optionalText,
      show_cover_pic: z.number().default(0),
    })
    .transform((item) => ({
      title: item.title,
      author: item.author,
      digest: item.digest,
      content: item.content,
      url: item.url,
      sourceUrl: item.content_source_url,
      thumbMediaId: item.thumb_media_id,
      showsCover: item.show_cover_pic === 1,
    })),
);

/** One article of news material (图文). */
export interface Article {
  /** Its headline. */
  readonly title: string;
  /** Who wrote it, or empty. */
  readonly author: string;
  /** The summary below the headline, or empty. */
  readonly digest: string;
  /** HTML. */
  readonly content: string;
  /** Where followers read it. */
  readonly url: string;
  /** Behind "read the original" (阅读原文), or empty. */
  readonly sourceUrl: string;
  /** The material that is its cover. */
  readonly thumbMediaId: string;
  /** Whether the cover is shown above the text too. */
  readonly showsCover: boolean;
}

/** Articles of the library. */
export interface NewsMaterial {
  /** Tells them from a file and from a video. */
  readonly kind: "news";
  /** In their order. */
  readonly articles: readonly Article[];
}
