import { randomUUID } from "node:crypto";

/** A file as a form sends it. */
export interface FormFile {
  readonly filename: string;
  readonly contentType: string;
  /** Bytes. */
  readonly length: number;
  /** Its bytes from the beginning: exactly `length`, or it throws. */
  chunks(): AsyncIterable<Uint8Array>;
  /** Whether bytes were taken that cannot be read a second time. */
  readonly spent: boolean;
}

/** A multipart/form-data body. Its length is known: WeChat answers 412 to a chunked one. */
export interface Form {
  readonly contentType: string;
  /** Bytes. */
  readonly length: number;
  chunks(): AsyncIterable<Uint8Array>;
  /** Whether it can no longer be sent from the beginning. */
  readonly spent: boolean;
}

/** What WeChat calls the file in every form. */
const FILE_FIELD = "media";
const CRLF = "\r\n";

/**
 * A form with a file, and other fields behind it. The file is not held: its bytes are taken while they are sent.
 *
 * The boundary stands without and the file name within quotation marks, which is how WeChat reads them
 * (developers.weixin.qq.com/community, reports of 41005 to add_material).
 */
export function formWith(file: FormFile, fields: Readonly<Record<string, string>> = {}): Form {
  const boundary = `----------------${randomUUID()}`;
  const part = (disposition: string) => `--${boundary}${CRLF}Content-Disposition: form-data; ${disposition}${CRLF}`;
  const head = Buffer.from(
    `${part(`name="${FILE_FIELD}"; filename="${quoted(file.filename)}"`)}Content-Type: ${file.contentType}${CRLF}${CRLF}`,
  );
  const others = Object.entries(fields).map(
    ([name, value]) => `${part(`name="${quoted(name)}"`)}${CRLF}${value}${CRLF}`,
  );
  const tail = Buffer.from(`${CRLF}${others.join("")}--${boundary}--${CRLF}`);
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    length: head.length + file.length + tail.length,
    async *chunks() {
      yield head;
      yield* file.chunks();
      yield tail;
    },
    get spent() {
      return file.spent;
    },
  };
}

/** As browsers write names (WHATWG, multipart/form-data encoding): UTF-8, with three characters escaped. */
function quoted(name: string): string {
  return name.replaceAll("\r", "%0D").replaceAll("\n", "%0A").replaceAll('"', "%22");
}
