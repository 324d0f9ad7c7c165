import { WeChatTransportError } from "../errors.js";
import { keepLongNumbers } from "../long-numbers.js";
import type { ExchangeAnswer } from "./exchange.js";

/** A JSON object as WeChat answers it. */
export type JsonAnswer = Readonly<Record<string, unknown>> & {
  /** 0 is success; absent in the success of some endpoints. */
  readonly errcode?: number;
  /** WeChat's words to the errcode. */
  readonly errmsg?: string;
};

/**
 * Reads WeChat's JSON answer. WeChat refuses with HTTP 200 and an errcode, so a status of 500 and more, HTML, or
 * anything else that is not a JSON object does not come from its API, whatever its status says.
 * @throws WeChatTransportError with reason `status` or `answer`
 */
export function readAnswer(answer: ExchangeAnswer, endpoint: string): JsonAnswer {
  const { status, body } = answer;
  if (status >= 500) throw unreadable("status", `${endpoint}: HTTP ${status}`, status);
  const parsed = parseObject(body);
  if (parsed) {
    const refused = typeof parsed.errcode === "number" && parsed.errcode !== 0;
    if (status < 300 || refused) return parsed;
    throw unreadable("status", `${endpoint}: HTTP ${status}`, status);
  }
  if (status >= 300) throw unreadable("status", `${endpoint}: HTTP ${status} without a WeChat answer`, status);
  const { contentType } = answer;
  const kind = contentType === "" ? "no content type" : (KNOWN_TYPE.exec(contentType)?.[0] ?? "another content type");
  throw unreadable("answer", `${endpoint}: the answer is not WeChat's JSON (${kind}, ${body.length} bytes)`, status);
}

/** A server may write anything into its header, also what it was sent. */
const KNOWN_TYPE = /^(?:text\/(?:html|plain|xml)|application\/(?:json|xml|octet-stream))\b/i;

function unreadable(reason: "status" | "answer", message: string, status: number): WeChatTransportError {
  return new WeChatTransportError({ reason, message, sent: true, status });
}

/** Without a byte order mark, which a parser of JSON may ignore (RFC 8259, 8.1) and JSON.parse does not. */
const textOf = (body: Buffer) => body.toString("utf8").replace(/^\ufeff/, "");

/** The answer to almost every send, byte for byte. */
const OK = Buffer.from('{"errcode":0,"errmsg":"ok"}');

function parseObject(body: Buffer): JsonAnswer | undefined {
  if (body.equals(OK)) return { errcode: 0, errmsg: "ok" };
  try {
    const value: unknown = JSON.parse(keepLongNumbers(textOf(body)));
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    const { errcode, errmsg } = value as Record<string, unknown>;
    if (errcode !== undefined && typeof errcode !== "number") return undefined;
    if (errmsg !== undefined && typeof errmsg !== "string") return undefined;
    return value as JsonAnswer;
  } catch {
    return undefined;
  }
}
