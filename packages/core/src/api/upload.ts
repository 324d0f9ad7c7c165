import { TRANSPORT_REMEDY } from "../error-catalog.js";
import { WeChatTransportError } from "../errors.js";
import { unlessGivenUp } from "../give-up.js";
import type { FormFile } from "../transport/multipart.js";
import { fieldError, fileError } from "./file-trouble.js";
import { type FileRules, type Format, recognise, rightFile } from "./media-formats.js";
import { type FileReader, openSource } from "./upload-reader.js";
import type { UploadSource } from "./upload-source.js";

/** A file of an endpoint's input. */
export interface FileToSend {
  /** What the input calls it. */
  readonly field: string;
  /** What the caller gave. */
  readonly source: UploadSource;
  /** What WeChat takes there. */
  readonly rules: FileRules;
}

/** How long it may take to see how a file begins. */
interface OpeningLimits {
  readonly timeout: number;
  /** The moment, on the clock of `performance.now()`, after which it is given up in any case. */
  readonly endAt: number;
  readonly signal?: AbortSignal | undefined;
}

/** A file that may be sent. It has to be closed. */
export interface OpenFile extends FormFile {
  close(): void;
}

/**
 * Opens a file and checks its size, its format by its first bytes, and the ending of its name.
 * @throws WeChatValidationError that names the field; WeChatTransportError if a stream gives no first bytes in time
 */
export async function openUpload({ field, source, rules }: FileToSend, limits: OpeningLimits): Promise<OpenFile> {
  const reader = await openSource(source, field);
  try {
    if (reader.length === 0) throw fileError(field, "empty");
    if (reader.length > rules.maxBytes) {
      throw fieldError(field, `has ${reader.length} bytes, more than WeChat takes`, rightFile(rules));
    }
    const format = formatOf(await headOf(reader, field, limits), field, rules);
    return opened(reader, nameOf(reader.filename, format, field, rules), format.contentType);
  } catch (error) {
    reader.close();
    throw error;
  }
}

function headOf(reader: FileReader, field: string, { timeout, endAt, signal }: OpeningLimits): Promise<Uint8Array> {
  const ms = Math.max(0, Math.min(timeout, endAt - performance.now()));
  return unlessGivenUp(reader.head(), ms, signal, (reason) => {
    const words = reason === "timeout" ? `gave no first bytes within ${Math.round(ms)} ms` : "stopped by the caller";
    const remedy = TRANSPORT_REMEDY.notDone;
    return new WeChatTransportError({ reason, message: `${field}: ${words}`, sent: false, remedy });
  });
}

function formatOf(head: Uint8Array, field: string, rules: FileRules): Format {
  const format = recognise(head);
  if (format && rules.formats.includes(format)) return format;
  const found = format ? `is ${format.name}` : "is of an unknown format";
  throw fieldError(field, `${found}, which WeChat does not take here`, rightFile(rules));
}

/** A name whose ending WeChat takes: of a name without one that of the format. */
function nameOf(given: string | undefined, format: Format, field: string, rules: FileRules): string {
  // Only the last part: a name is no path.
  const name = given?.replace(/^.*[/\\]/s, "") || rules.use;
  const ending = /\.(\w+)$/.exec(name)?.[1];
  if (ending === undefined) return `${name}.${format.extensions[0]}`;
  if (rules.formats.some(({ extensions }) => extensions.includes(ending.toLowerCase()))) return name;
  const usual = format.extensions[0];
  throw fieldError(`${field}.filename`, `ends in .${ending}, which WeChat does not take here`, {
    en: `The content is ${format.name}: give a filename that ends in .${usual}.`,
    zh: `文件内容为 ${format.name}：请将 filename 的扩展名改为 .${usual}。`,
  });
}

const opened = (reader: FileReader, filename: string, contentType: string): OpenFile => ({
  filename,
  contentType,
  length: reader.length,
  chunks: () => reader.chunks(),
  get spent() {
    return reader.spent;
  },
  close: () => reader.close(),
});
