import { isUtf8 } from "node:buffer";
import { withoutSecrets } from "./ledger.js";
import { type Fields, isObject } from "./options.js";

/** One API request, complete and read. */
export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** The caller's address; IPv4 without the `::ffff:` prefix. */
  readonly address: string;
  readonly body: RequestBody;
}

/** A body that is a JSON object, or the errcode with which every JSON endpoint refuses it. */
export type RequestBody = { readonly json: Fields } | { readonly refused: 44002 | 47001 | 47002 };

/** `\uXXXX` in the raw JSON, but not the two characters `\` and `u` in a row as `\\u` means them. */
const UNICODE_ESCAPE = /(?<!\\)(?:\\\\)*\\u[0-9a-fA-F]{4}/;

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
  if (!("json" in body)) return undefined;
  const mayHoldSecrets = /secret|token|password/i.test(raw.toString("latin1"));
  if (!mayHoldSecrets && raw.length <= SHALLOW) return body.json;
  const kept = withoutSecrets(body.json);
  return isObject(kept) ? kept : undefined;
}
