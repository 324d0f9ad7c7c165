export interface FormPart {
  readonly name: string;
  /** Undefined for a field that is no file. */
  readonly filename?: string;
  /** What the part itself says of its length. */
  readonly filelength?: number;
  readonly content: Buffer;
}

const CRLF = Buffer.from("\r\n");
const HEAD_END = Buffer.from("\r\n\r\n");
/** More parts, and longer heads of a part, than any WeChat form has. */
const MOST_PARTS = 20;
const LONGEST_HEAD = 8192;

/**
 * The parts of a multipart/form-data body; undefined when it is none, or not whole.
 * Quotation marks around the boundary are refused: a developer reports 41005 until they were gone
 * (developers.weixin.qq.com/community, add_material from C#).
 */
export function readForm(contentType: string | undefined, raw: Buffer): readonly FormPart[] | undefined {
  const boundary = /^multipart\/form-data\s*;(?:.*;)?\s*boundary=([^\s";,]+)/i.exec(contentType ?? "")?.[1];
  if (boundary === undefined) return undefined;
  const mark = Buffer.from(`--${boundary}`);
  const inner = Buffer.concat([CRLF, mark]);
  const parts: FormPart[] = [];
  let at = raw.indexOf(mark);
  while (at >= 0) {
    at += mark.length;
    const end = raw.toString("latin1", at, at + 2);
    if (end === "--") return parts;
    if (end !== "\r\n" || parts.length >= MOST_PARTS) return undefined;
    const next = raw.indexOf(inner, at);
    const headEnd = raw.indexOf(HEAD_END, at);
    if (next < 0 || headEnd < 0 || headEnd > next || headEnd - at > LONGEST_HEAD) return undefined;
    const part = readPart(
      raw.toString("utf8", at + CRLF.length, headEnd),
      raw.subarray(headEnd + HEAD_END.length, next),
    );
    if (part === undefined) return undefined;
    parts.push(part);
    at = next + CRLF.length;
  }
  return undefined;
}

function readPart(head: string, content: Buffer): FormPart | undefined {
  const disposition = /^content-disposition:\s*form-data\s*(;.*)$/im.exec(head)?.[1];
  if (disposition === undefined) return undefined;
  const name = parameter(disposition, "name");
  if (name === undefined) return undefined;
  // Without quotation marks around the file name WeChat saw no file (same report as above).
  const filename = parameter(disposition, "filename");
  const filelength = /;\s*filelength="?(\d+)"?/i.exec(disposition)?.[1];
  return {
    name,
    ...(filename === undefined ? {} : { filename }),
    ...(filelength === undefined ? {} : { filelength: Number(filelength) }),
    content,
  };
}

function parameter(disposition: string, name: string): string | undefined {
  return new RegExp(`;\\s*${name}="((?:[^"\\\\]|\\\\.)*)"`, "i").exec(disposition)?.[1];
}
