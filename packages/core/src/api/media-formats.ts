import type { Bilingual } from "../error-catalog.js";
import { HEAD_BYTES } from "../transport/incoming-file.js";

/** A file format that WeChat takes, or that people take for one. */
export interface Format {
  /** As people call it. */
  readonly name: string;
  /** Endings of file names, in lower case; the first is the usual one. */
  readonly extensions: readonly string[];
  /** As HTTP names it. */
  readonly contentType: string;
  /** How its files begin, as latin1; `?` is any byte. */
  readonly begins: readonly string[];
}

const format = (name: string, extensions: string, contentType: string, ...begins: string[]): Format => ({
  name,
  extensions: extensions.split(" "),
  contentType,
  begins,
});

/** The first that fits counts: the special ones of the MP4 family (ISO 14496-12, `ftyp`) stand before MP4. */
const FORMATS = {
  jpeg: format("JPEG", "jpg jpeg", "image/jpeg", "\xff\xd8\xff"),
  png: format("PNG", "png", "image/png", "\x89PNG\r\n\x1a\n"),
  gif: format("GIF", "gif", "image/gif", "GIF87a", "GIF89a"),
  bmp: format("BMP", "bmp", "image/bmp", "BM"),
  amr: format("AMR", "amr", "audio/amr", "#!AMR"),
  // An ID3 tag, or a first frame: eleven bits of synchronisation, then layer III.
  mp3: format("MP3", "mp3", "audio/mpeg", "ID3", ...[..."\xe2\xe3\xf2\xf3\xfa\xfb"].map((byte) => `\xff${byte}`)),
  wma: format("WMA", "wma", "audio/x-ms-wma", "\x30\x26\xb2\x75\x8e\x66\xcf\x11"),
  wav: format("WAV", "wav", "audio/wav", "RIFF????WAVE"),
  webp: format("WebP", "webp", "image/webp", "RIFF????WEBP"),
  heic: format("HEIC", "heic", "image/heic", "????ftyphei", "????ftyphev", "????ftypmif1", "????ftypmsf1"),
  avif: format("AVIF", "avif", "image/avif", "????ftypavi"),
  m4a: format("M4A", "m4a", "audio/mp4", "????ftypM4A", "????ftypM4B"),
  mov: format("QuickTime", "mov", "video/quicktime", "????ftypqt"),
  mp4: format("MP4", "mp4", "video/mp4", "????ftyp"),
  ogg: format("Ogg", "ogg", "audio/ogg", "OggS"),
  flac: format("FLAC", "flac", "audio/flac", "fLaC"),
  webm: format("WebM", "webm", "video/webm", "\x1a\x45\xdf\xa3"),
  pdf: format("PDF", "pdf", "application/pdf", "%PDF"),
} as const;
type FormatName = keyof typeof FORMATS;

/** The format of a file by its first 16 bytes; undefined for one that is not known here. */
export function recognise(head: Uint8Array): Format | undefined {
  const text = Buffer.from(head.subarray(0, HEAD_BYTES)).toString("latin1");
  const fits = (pattern: string) => [...pattern].every((byte, at) => byte === "?" || byte === text[at]);
  return Object.values(FORMATS).find(({ begins }) =>
    begins.some((pattern) => text.length >= pattern.length && fits(pattern)),
  );
}

/** What a file may be. */
export interface FileRules {
  /** What it is used for, which also names a file without a name. */
  readonly use: string;
  /** What WeChat takes. */
  readonly formats: readonly Format[];
  /** Bytes at most. */
  readonly maxBytes: number;
}

export const MEDIA_TYPES = ["image", "voice", "video", "thumb"] as const;
/** What a file is used for: `thumb` is the small picture of a video, a piece of music or a mini program. */
export type MediaType = (typeof MEDIA_TYPES)[number];

const KIB = 1024;
const MIB = 1024 * KIB;
const rule = (use: string, names: readonly FormatName[], maxBytes: number): FileRules => ({
  use,
  formats: names.map((name) => FORMATS[name]),
  maxBytes,
});

/**
 * Temporary media. Source: developers.weixin.qq.com, api_uploadtempmedia. One of its notes still says 2 MB for images,
 * the table 10 MB: what WeChat may take is not refused here. Voice has at most 60 seconds, which WeChat checks (45007).
 */
export const TEMPORARY: Readonly<Record<MediaType, FileRules>> = {
  image: rule("image", ["png", "jpeg", "gif"], 10 * MIB),
  voice: rule("voice", ["amr", "mp3"], 2 * MIB),
  video: rule("video", ["mp4"], 10 * MIB),
  thumb: rule("thumb", ["jpeg"], 64 * KIB),
};

/** Permanent material. Source: developers.weixin.qq.com, api_addmaterial. */
export const PERMANENT: Readonly<Record<MediaType, FileRules>> = {
  image: rule("image", ["bmp", "png", "jpeg", "gif"], 10 * MIB),
  voice: rule("voice", ["mp3", "wma", "wav", "amr"], 2 * MIB),
  video: rule("video", ["mp4"], 10 * MIB),
  thumb: rule("thumb", ["jpeg"], 64 * KIB),
};

/** An agent's picture. Source: developers.weixin.qq.com, api_uploadkfheadimg (5 MB; JPG: errcode 61457). */
export const HEAD_IMAGE: FileRules = rule("head-image", ["jpeg"], 5 * MIB);

const sizeOf = (bytes: number) => (bytes < MIB ? `${bytes / KIB} KB` : `${bytes / MIB} MB`);
const namesOf = ({ formats }: FileRules) => formats.map(({ name }) => name).join(", ");

/** The rules in few words, such as `PNG, JPEG, GIF, at most 10 MB`. */
export const inWords = (rules: FileRules): string => `${namesOf(rules)}, at most ${sizeOf(rules.maxBytes)}`;

/** What to give instead of a file that is not allowed. */
export const rightFile = (rules: FileRules): Bilingual => ({
  en: `Give a file of one of these formats: ${inWords(rules)}.`,
  zh: `请提供以下格式的文件：${namesOf(rules)}，不超过 ${sizeOf(rules.maxBytes)}。`,
});
