import * as z from "zod";
import type { Bilingual } from "../error-catalog.js";
import { once } from "../validation.js";
import { type Article, article, type NewsMaterial, optionalText } from "./articles.js";
import type { DownloadedFile } from "./download.js";
import { endpoint } from "./endpoint.js";
import { inWords, type MediaType, PERMANENT } from "./media-formats.js";
import { fullText, words } from "./message-types.js";
import { type CallOptions, Resource } from "./requester.js";
import { done, mediaId, newMediaId, nothing, seconds } from "./schemas.js";
import { type UploadSource, uploadSource } from "./upload-source.js";

const SOURCE = "https://developers.weixin.qq.com/doc/service/api/material/permanent/";
const ERRCODES = [40004, 40005, 40006, 41005, 44001, 45001, 45034, 45074];
const PAGE = 20;

const added = once(() =>
  z
    .object({ url: z.string().optional() })
    .and(newMediaId())
    .transform(({ mediaId, url }) => ({ mediaId, url })),
);
/** Bytes of an answer with articles: 20 long ones are more than the usual 1 MiB. */
const WITH_ARTICLES = 32 * 1024 * 1024;
const NOT_IN_LIBRARY: Bilingual = {
  en: "Take the media_id from materials.list(): it was deleted, is of another account, or of temporary media, which media.download() fetches.",
  zh: "请使用 materials.list() 返回的 media_id：该素材可能已被删除、属于其他公众号，或是临时素材（请用 media.download() 下载）。",
};
const REMEDIES = { 40007: NOT_IN_LIBRARY, 46001: NOT_IN_LIBRARY };

/** What all kinds of material have in common when they are added. */
const adding = (type: MediaType, most: string) => ({
  method: "POST" as const,
  path: "/cgi-bin/material/add_material",
  retry: "write" as const,
  file: ({ file }: { file: UploadSource }) => ({ field: "file", source: file, rules: PERMANENT[type] }),
  answer: added,
  limits: `${inWords(PERMANENT[type])}; ${most} in all`,
  source: SOURCE,
});
const onlyFile = once(() => z.strictObject({ file: uploadSource }));

export const ADD_IMAGE = endpoint({
  name: "materials.addImage",
  ...adding("image", "100,000 images and articles"),
  input: onlyFile,
  wire: () => ({ query: { type: "image" } }),
  errcodes: [...ERRCODES, 40009],
});

export const ADD_VOICE = endpoint({
  name: "materials.addVoice",
  ...adding("voice", "at most 60 s; 1,000"),
  input: onlyFile,
  wire: () => ({ query: { type: "voice" } }),
  errcodes: [...ERRCODES, 40010, 45007],
});

export const ADD_VIDEO = endpoint({
  name: "materials.addVideo",
  ...adding("video", "1,000"),
  input: () => z.strictObject({ file: uploadSource, title: fullText, introduction: words.default("") }),
  wire: ({ title, introduction }) => ({
    query: { type: "video" },
    fields: { description: JSON.stringify({ title, introduction }) },
  }),
  errcodes: [...ERRCODES, 40011],
});

export const ADD_THUMB = endpoint({
  name: "materials.addThumb",
  ...adding("thumb", "1,000"),
  input: onlyFile,
  wire: () => ({ query: { type: "thumb" } }),
  errcodes: [...ERRCODES, 40012],
});

const MATERIAL_TYPES = ["image", "voice", "video", "news"] as const;
/** The parts of the library. */
export type MaterialType = (typeof MATERIAL_TYPES)[number];

const about = once(() => z.strictObject({ mediaId }));

export const GET_MATERIAL = endpoint({
  name: "materials.get",
  method: "POST",
  path: "/cgi-bin/material/get_material",
  retry: "read",
  input: about,
  wire: ({ mediaId }) => ({ body: { media_id: mediaId } }),
  answer: () =>
    z.union([
      z
        .object({ title: optionalText, description: optionalText, down_url: z.string() })
        .transform(({ title, description, down_url }) => ({
          kind: "video" as const,
          title,
          description,
          url: down_url,
        })),
      z
        .object({ news_item: z.array(article()) })
        .transform(({ news_item }) => ({ kind: "news" as const, articles: news_item })),
    ]),
  maxAnswerBytes: WITH_ARTICLES,
  errcodes: [40007, 41006, 46001],
  remedies: REMEDIES,
  source: SOURCE,
});

/** A video of the library. */
export interface VideoMaterial {
  /** Tells it from a file and from articles. */
  readonly kind: "video";
  /** As it was added. */
  readonly title: string;
  /** The introduction that it was added with. */
  readonly description: string;
  /** Where it can be fetched. */
  readonly url: string;
}

export const DELETE_MATERIAL = endpoint({
  name: "materials.delete",
  method: "POST",
  path: "/cgi-bin/material/del_material",
  retry: "write",
  input: about,
  wire: ({ mediaId }) => ({ body: { media_id: mediaId } }),
  answer: done,
  errcodes: [40007, 41006, 48005, 48010],
  remedies: REMEDIES,
  source: SOURCE,
});

export const LIST_MATERIALS = endpoint({
  name: "materials.list",
  method: "POST",
  path: "/cgi-bin/material/batchget_material",
  retry: "read",
  input: () =>
    z.strictObject({
      type: z.enum(MATERIAL_TYPES, "must be image, voice, video or news"),
      offset: z.int("must be a whole number").nonnegative("must not be below 0").default(0),
      count: z.int("must be a whole number").min(1, "must be 1 or more").max(PAGE, "must be at most 20").default(PAGE),
    }),
  wire: (input) => ({ body: input }),
  answer: () =>
    z
      .object({
        total_count: z.number(),
        item: z
          .array(
            z.object({
              media_id: z.string(),
              name: z.string().optional(),
              url: z.string().optional(),
              update_time: seconds,
              content: z.object({ news_item: z.array(article()) }).optional(),
            }),
          )
          .default([]),
      })
      .transform(({ total_count, item }) => ({
        total: total_count,
        items: item.map(({ media_id, name, url, update_time, content }) => ({
          mediaId: media_id,
          name,
          url,
          updatedAt: update_time,
          articles: content?.news_item,
        })),
      })),
  maxAnswerBytes: WITH_ARTICLES,
  limits: "at most 20 a page",
  errcodes: [40004],
  source: SOURCE,
});

/** What a list tells of one piece of material. */
export interface Material {
  /** Names it in messages and calls. */
  readonly mediaId: string;
  /** The file's name; not of news. */
  readonly name: string | undefined;
  /** Of an image: where pages within WeChat may show it from. */
  readonly url: string | undefined;
  /** When it was added or changed last. */
  readonly updatedAt: Date;
  /** Of news. */
  readonly articles: readonly Article[] | undefined;
}

/** A page of the library. */
export interface MaterialPage {
  /** Of this type in the whole library. */
  readonly total: number;
  /** Up to 20. */
  readonly items: readonly Material[];
}

export const COUNT_MATERIALS = endpoint({
  name: "materials.count",
  method: "GET",
  path: "/cgi-bin/material/get_materialcount",
  retry: "read",
  input: nothing,
  wire: () => ({}),
  answer: () =>
    z
      .object({ image_count: z.number(), voice_count: z.number(), video_count: z.number(), news_count: z.number() })
      .transform((counts) => ({
        image: counts.image_count,
        voice: counts.voice_count,
        video: counts.video_count,
        news: counts.news_count,
      })),
  source: SOURCE,
});

/** How many pieces of material there are. */
export interface MaterialCounts {
  /** Images. */
  readonly image: number;
  /** Voice recordings. */
  readonly voice: number;
  /** Videos. */
  readonly video: number;
  /** News: each holds one or more articles. */
  readonly news: number;
}

/** What WeChat made of a file. */
export interface AddedMaterial {
  /** Names it in messages and calls. */
  readonly mediaId: string;
  /** Of an image: where pages within WeChat may show it from. */
  readonly url: string | undefined;
}

/**
 * The account's library (永久素材): files kept until they are deleted, which also mp.weixin.qq.com shows. Uploads are
 * checked before anything is sent; one of unknown outcome may be in the library all the same.
 */
export class Materials extends Resource {
  /**
   * Adds an image; its `url` may be used in pages within WeChat.
   * @throws WeChatValidationError that names the field; WeChatError
   */
  addImage(file: UploadSource, options?: CallOptions): Promise<AddedMaterial> {
    return this.request(ADD_IMAGE, { file }, options);
  }

  /**
   * Adds a recording of at most 60 seconds.
   * @throws WeChatValidationError that names the field; WeChatError
   */
  addVoice(file: UploadSource, options?: CallOptions): Promise<AddedMaterial> {
    return this.request(ADD_VOICE, { file }, options);
  }

  /**
   * Adds a video.
   * @param about what followers read beside it
   * @throws WeChatValidationError that names the field; WeChatError
   */
  addVideo(
    file: UploadSource,
    about: { title: string; introduction?: string },
    options?: CallOptions,
  ): Promise<AddedMaterial> {
    return this.request(ADD_VIDEO, { file, ...about }, options);
  }

  /**
   * Adds a small picture, for a video or an article.
   * @throws WeChatValidationError that names the field; WeChatError
   */
  addThumb(file: UploadSource, options?: CallOptions): Promise<AddedMaterial> {
    return this.request(ADD_THUMB, { file }, options);
  }

  /**
   * A file of the library as it arrives (see `media.download`); of a video its title and URL; of news its articles.
   * @throws WeChatError, such as a WeChatContentError with errcode 40007 for a media_id that is not in the library
   */
  get(mediaId: string, options?: CallOptions): Promise<DownloadedFile | VideoMaterial | NewsMaterial> {
    return this.requestFile(GET_MATERIAL, { mediaId }, options);
  }

  /**
   * Deletes it for good; also what was added at mp.weixin.qq.com.
   * @throws WeChatApiError 40007 (not in the library), 48005 (in use) and others
   */
  delete(mediaId: string, options?: CallOptions): Promise<void> {
    return this.request(DELETE_MATERIAL, { mediaId }, options);
  }

  /**
   * One page of up to 20. Of an answer up to 32 MiB is read; a smaller `count` makes a page of long articles smaller.
   * @throws WeChatValidationError that names the field; WeChatError
   */
  list(input: { type: MaterialType; offset?: number; count?: number }, options?: CallOptions): Promise<MaterialPage> {
    return this.request(LIST_MATERIALS, input, options);
  }

  /**
   * All material of a type, page by page as it is read, each once.
   *
   * WeChat counts pages by position. If the library becomes smaller between two pages, also by your own loop, the walk
   * goes back by as much, so that what moved forward is not left out; what is added meanwhile may be.
   * @example for await (const { mediaId, name } of client.materials.all("image")) console.log(name, mediaId);
   */
  async *all(type: MaterialType, options?: CallOptions): AsyncGenerator<Material, void, undefined> {
    const told = new Set<string>();
    let total = 0;
    for (let offset = 0; ; ) {
      const page = await this.list({ type, offset }, options);
      const gone = Math.max(0, total - page.total);
      total = page.total;
      if (gone > 0 && offset > 0) {
        offset = Math.max(0, offset - gone);
        continue;
      }
      for (const item of page.items) {
        if (told.has(item.mediaId)) continue;
        told.add(item.mediaId);
        yield item;
      }
      offset += page.items.length;
      if (page.items.length === 0 || offset >= total) return;
    }
  }

  /**
   * How many there are of each type.
   * @throws WeChatError
   */
  count(options?: CallOptions): Promise<MaterialCounts> {
    return this.request(COUNT_MATERIALS, {}, options);
  }
}
