import { type Refusal, refuse } from "./errors.js";
import type { FormPart } from "./multipart.js";
import { amrSeconds, mp3Seconds, wavSeconds } from "./voice-length.js";

/** What can be uploaded. */
export const UPLOAD_TYPES = ["image", "voice", "video", "thumb"] as const;
export type UploadType = (typeof UPLOAD_TYPES)[number];

interface Format {
  readonly extensions: readonly string[];
  readonly contentType: string;
  begins(content: Buffer): boolean;
  seconds?(content: Buffer): number;
}

export interface UploadedFile {
  readonly content: Buffer;
  readonly contentType: string;
  readonly extension: string;
  /** As the caller named it. */
  readonly name: string;
}

const bytesAt =
  (at: number, bytes: string) =>
  (content: Buffer): boolean =>
    content.toString("latin1", at, at + bytes.length) === bytes;

const FORMATS = {
  jpeg: { extensions: ["jpg", "jpeg"], contentType: "image/jpeg", begins: bytesAt(0, "\xff\xd8\xff") },
  png: { extensions: ["png"], contentType: "image/png", begins: bytesAt(0, "\x89PNG\r\n\x1a\n") },
  gif: { extensions: ["gif"], contentType: "image/gif", begins: bytesAt(0, "GIF8") },
  bmp: { extensions: ["bmp"], contentType: "image/bmp", begins: bytesAt(0, "BM") },
  amr: { extensions: ["amr"], contentType: "audio/amr", begins: bytesAt(0, "#!AMR\n"), seconds: amrSeconds },
  mp3: {
    extensions: ["mp3"],
    contentType: "audio/mp3",
    begins: (content) => bytesAt(0, "ID3")(content) || (content[0] === 0xff && ((content[1] ?? 0) & 0xe6) === 0xe2),
    seconds: mp3Seconds,
  },
  wma: { extensions: ["wma"], contentType: "audio/x-ms-wma", begins: bytesAt(0, "\x30\x26\xb2\x75\x8e\x66\xcf\x11") },
  wav: {
    extensions: ["wav"],
    contentType: "audio/wav",
    begins: (content) => bytesAt(0, "RIFF")(content) && bytesAt(8, "WAVE")(content),
    seconds: wavSeconds,
  },
  mp4: { extensions: ["mp4"], contentType: "video/mp4", begins: bytesAt(4, "ftyp") },
} as const satisfies Record<string, Format>;
type FormatName = keyof typeof FORMATS;

interface TypeRule {
  readonly temporary: readonly FormatName[];
  readonly permanent: readonly FormatName[];
  readonly bytes: number;
  /** The errcode for more bytes. */
  readonly tooLarge: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;

/** Official pages uploadTempMedia and addMaterial. (A note on the former still says 2 MB for images.) */
const RULES: Readonly<Record<UploadType, TypeRule>> = {
  image: {
    temporary: ["png", "jpeg", "gif"],
    permanent: ["bmp", "png", "jpeg", "gif"],
    bytes: 10 * MIB,
    tooLarge: 40009,
  },
  voice: { temporary: ["amr", "mp3"], permanent: ["mp3", "wma", "wav", "amr"], bytes: 2 * MIB, tooLarge: 40010 },
  video: { temporary: ["mp4"], permanent: ["mp4"], bytes: 10 * MIB, tooLarge: 40011 },
  thumb: { temporary: ["jpeg"], permanent: ["jpeg"], bytes: 64 * KIB, tooLarge: 40012 },
};
const LONGEST_VOICE = 60;

/** Beyond this no type has room, and WeChat does not look at the file any more (45001); no source has the number. */
const LARGEST_FILE = 15 * MIB;
/** The largest body of an upload that is read: a file of `LARGEST_FILE` and more than its form needs. */
export const LARGEST_UPLOAD = 20 * MIB;

/** The file of a form's field `media`, or why it is refused whatever its type: 41005, 44001, 40006, 45001. */
export function mediaPart(form: readonly FormPart[]): Required<Omit<FormPart, "filelength">> | Refusal {
  const part = form.find(({ name }) => name === "media");
  if (part?.filename === undefined) return refuse(41005);
  const { name, filename, filelength, content } = part;
  if (content.length === 0) return refuse(44001);
  // 40006 "invalid file size" is not tied to a cause in any source: here for a part that misstates its length.
  if (filelength !== undefined && filelength !== content.length) return refuse(40006);
  return content.length > LARGEST_FILE ? refuse(45001) : { name, filename, content };
}

/** Checks format (by content and by name: both must be allowed), size and length of a file. */
export function checkUpload(form: readonly FormPart[], type: UploadType, permanent: boolean): UploadedFile | Refusal {
  const part = mediaPart(form);
  if ("errcode" in part) return part;
  const { content, filename } = part;
  const rule = RULES[type];
  const file = recognise(filename, content, rule[permanent ? "permanent" : "temporary"]);
  if (file === undefined) return refuse(40005);
  if (content.length > rule.bytes) return refuse(rule.tooLarge);
  const tooLong = type === "voice" && (file.format.seconds?.(content) ?? 0) > LONGEST_VOICE;
  return tooLong ? refuse(45007) : { content, name: filename, ...file.kind };
}

/** 61457 "invalid head-image type" is for pictures other than JPG; what is no picture at all is 40005, as its page says. */
export function checkHeadImage(form: readonly FormPart[]): UploadedFile | Refusal {
  const part = mediaPart(form);
  if ("errcode" in part) return part;
  const { content, filename } = part;
  // Official page uploadkfheadimg: at most 5 MB; 40009 "媒体文件长度不合法".
  if (content.length > 5 * MIB) return refuse(40009);
  const jpeg = recognise(filename, content, ["jpeg"]);
  if (jpeg !== undefined) return { content, name: filename, ...jpeg.kind };
  return recognise(filename, content, RULES.image.permanent) === undefined ? refuse(40005) : refuse(61457);
}

function recognise(filename: string, content: Buffer, allowed: readonly FormatName[]) {
  const extension = /\.([a-z0-9]+)$/i.exec(filename)?.[1]?.toLowerCase() ?? "";
  const formats = allowed.map((name): Format => FORMATS[name]);
  const format = formats.find(({ begins }) => begins(content));
  const named = formats.some(({ extensions }) => extensions.includes(extension));
  if (format === undefined || !named) return undefined;
  return { format, kind: { contentType: format.contentType, extension: format.extensions[0] ?? extension } };
}

/** The content type of a file by its name; for media that a test adds. */
export function contentTypeOf(name: string): { contentType: string; extension: string } {
  const extension = /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase() ?? "bin";
  const format = Object.values<Format>(FORMATS).find(({ extensions }) => extensions.includes(extension));
  return { contentType: format?.contentType ?? "application/octet-stream", extension };
}
