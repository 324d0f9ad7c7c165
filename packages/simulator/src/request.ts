import { isUtf8 } from "node:buffer";
import { withoutSecrets } from "./ledger.js";
import { type FormPart, readForm } from "./multipart.js";
import { type Fields, isObject } from "./options.js";
import { CLASSIC_TOKEN, STABLE_TOKEN } from "./paths.js";

/** One API request, complete and read. */
export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** The caller's address; IPv4 without the `::ffff:` prefix. */
  readonly address: string;
  /** The name and port under which the caller reached the simulator. */
  readonly host: string;
  readonly contentType: string | undefined;
  readonly raw: Buffer;
  readonly body: RequestBody;
}

/** A body that is a JSON object, a form, or the errcode with which every JSON endpoint refuses it. */
export type RequestBody =
  | { readonly json: Fields }
  | { readonly form: readonly FormPart[] }
  | { readonly refused: 44002 | 47001 | 47002 };

/** `\uXXXX` in the raw JSON, but not the two characters `\` and `u` in a row as `\\u` means them. */
const UNICODE_ESCAPE = /(?<!\\)(?:\\\\)*\\u[0-9a-fA-F]{4}/;

/** The body of an endpoint that takes a form; what cannot be read as one has no parts. */
export function readFormBody(contentType: string | undefined, raw: Buffer): RequestBody {
  return { form: readForm(contentType, raw) ?? [] };
}

export function readBody(raw: Buffer): RequestBody {
  if (raw.length === 0) return { refused: 44002 };
  if (!isUtf8(raw)) return { refused: 47001 };
  const text = raw.toString("utf8");
  // 47002: "do NOT use json unicode encode, please use utf8 encoded text".
  if (text.includes("\\u") && UNICODE_ESCAPE.test(text)) return { refused: 47002 };
  try {
    const json: unknown = JSON.parse(text);
    return isObject(json) ? { json } : { refused: 47001 };
  } catch {
    return { refused: 47001 };
  }
}

/** Bodies up to this many bytes cannot be nested so deep that keeping them does harm. */
const SHALLOW = 4096;

/** What the ledger may keep of a body. */
export function bodyForLedger(raw: Buffer, body: RequestBody): Fields | undefined {
  if ("form" in body) return masked(Object.fromEntries(body.form.map((part) => [part.name, partForLedger(part)])));
  if (!("json" in body)) return undefined;
  const mayHoldSecrets = /secret|token|password/i.test(raw.toString("latin1"));
  if (!mayHoldSecrets && raw.length <= SHALLOW) return body.json;
  return masked(body.json);
}

/** Their answers hold access tokens. */
const SECRET_ANSWERS: readonly string[] = [CLASSIC_TOKEN, STABLE_TOKEN, "/cgi-bin/openapi/rid/get"];
const LONGEST_ANSWER = 2000;

/** What the ledger may keep of the answer to a call that succeeded. */
export function answerForLedger(path: string, json: string): string | undefined {
  if (SECRET_ANSWERS.includes(path)) return undefined;
  if (json.length <= LONGEST_ANSWER) return json;
  // By way of bytes: a piece of a long string would keep the whole in memory.
  return `${Buffer.from(json.slice(0, LONGEST_ANSWER)).toString()}…`;
}

function masked(body: Fields): Fields | undefined {
  const kept = withoutSecrets(body);
  return isObject(kept) ? kept : undefined;
}

const LONGEST_FIELD = 1000;

/** A file's name and size; the text of another field. */
function partForLedger({ filename, content }: FormPart): unknown {
  return filename === undefined ? content.toString("utf8", 0, LONGEST_FIELD) : { filename, bytes: content.length };
}
