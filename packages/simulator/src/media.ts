import { randomBytes } from "node:crypto";
import type { Files } from "./files.js";
import { contentTypeOf, type UploadedFile } from "./media-formats.js";
import {
  fields,
  LONGEST,
  oneOf,
  optionalFlag,
  optionalString,
  optionalText,
  SimulatorOptionError,
  text,
} from "./options.js";

/** What a media_id or article_id stands for. `news` is the old 图文 material of mpnews, `article` a published one. */
export const MEDIA_TYPES = ["image", "voice", "video", "thumb", "news", "article"] as const;
export type MediaType = (typeof MEDIA_TYPES)[number];

/** The shelves of the material library. A thumb stands among the images: no list or count of WeChat has thumbs apart. */
export const MATERIAL_CLASSES = ["image", "voice", "video", "news"] as const;
export type MaterialClass = (typeof MATERIAL_CLASSES)[number];

export interface MediaOptions {
  /** The media_id (for `article` the article_id) that messages may use. */
  mediaId: string;
  type: MediaType;
  /** The account that owns it. Default: the first account. */
  appId?: string;
  /** False: temporary material, gone after three days (40007). Default true. */
  permanent?: boolean;
  /** File name; its ending decides the content type of a download. Default: the media_id. */
  name?: string;
  /** What a download gets; a string is base64. Default none: a download is refused (46001). */
  content?: Uint8Array | string;
}

export interface Media {
  readonly mediaId: string;
  readonly type: MediaType;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Milliseconds since 1970, Infinity for permanent material. */
  readonly expiresAt: number;
  /** Key of its content among the files. */
  readonly file?: string;
  /** Of a permanent video. */
  readonly title?: string;
  readonly introduction?: string;
}

const THREE_DAYS = 3 * 24 * 60 * 60_000;

export function readMediaOptions(value: unknown): MediaOptions {
  const given = fields(value, "media", ["mediaId", "type", "appId", "permanent", "name", "content"]);
  return {
    mediaId: text(given.mediaId, "mediaId"),
    type: oneOf(given.type, "type", MEDIA_TYPES),
    appId: optionalText(given.appId, "appId"),
    permanent: optionalFlag(given.permanent, "permanent"),
    name: optionalString(given.name, "name", LONGEST.fileName),
    content: readContent(given.content, "content"),
  };
}

/** The bytes of a file; a string is base64. */
export function readContent(content: unknown, field: string): Buffer | undefined {
  if (content === undefined) return undefined;
  if (typeof content === "string") return Buffer.from(content, "base64");
  if (content instanceof Uint8Array) return Buffer.from(content);
  throw new SimulatorOptionError(field, "give a Uint8Array, or a string in base64");
}

/** The media of one account. */
export class MediaStore {
  private readonly permanent = new Map<string, Media>();
  private readonly temporary = new Map<string, Media>();

  constructor(private readonly files: Files) {}

  /** Keeps what a caller uploaded, under a new id. */
  upload(
    type: MediaType,
    file: UploadedFile,
    permanent: boolean,
    now: number,
    about: Pick<Media, "title" | "introduction"> = {},
  ): Media {
    const mediaId = randomBytes(48).toString("base64url");
    const key = this.files.add(file.content, file.contentType, file.extension);
    return this.keep({ mediaId, type, name: file.name, file: key, ...about }, permanent, now);
  }

  /** Makes an id known, as a test wants it. */
  add({ mediaId, type, permanent = true, name = mediaId, content }: MediaOptions, now: number): void {
    this.remove(mediaId);
    const bytes = readContent(content, "content");
    const { contentType, extension } = contentTypeOf(name);
    const file = bytes === undefined ? {} : { file: this.files.add(bytes, contentType, extension) };
    this.keep({ mediaId, type, name, ...file }, permanent, now);
  }

  /** The media of an id that has not expired. */
  find(mediaId: unknown, now: number): Media | undefined {
    if (typeof mediaId !== "string") return undefined;
    const found = this.permanent.get(mediaId) ?? this.temporary.get(mediaId);
    return found !== undefined && now < found.expiresAt ? found : undefined;
  }

  remove(mediaId: string): void {
    for (const shelf of [this.permanent, this.temporary]) {
      this.files.remove(shelf.get(mediaId)?.file);
      shelf.delete(mediaId);
    }
  }

  /** The permanent material of a class, the newest first (no source gives the order). */
  materials(of: MaterialClass): readonly Media[] {
    return [...this.permanent.values()].filter(({ type }) => classOf(type) === of).reverse();
  }

  all(now: number): readonly Media[] {
    return [...this.permanent.values(), ...this.temporary.values()].filter(({ expiresAt }) => now < expiresAt);
  }

  private keep(media: Omit<Media, "createdAt" | "expiresAt">, permanent: boolean, now: number): Media {
    const expiresAt = permanent ? Number.POSITIVE_INFINITY : now + THREE_DAYS;
    const kept: Media = { ...media, createdAt: now, expiresAt };
    (permanent ? this.permanent : this.temporary).set(media.mediaId, kept);
    for (const old of this.temporary.values()) {
      if (now < old.expiresAt) break;
      this.remove(old.mediaId);
    }
    return kept;
  }
}

export function classOf(type: MediaType): MaterialClass | undefined {
  return type === "thumb" ? "image" : MATERIAL_CLASSES.find((known) => known === type);
}
