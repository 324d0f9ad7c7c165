import { WeChatTransportError } from "../errors.js";
import { keepLongNumbers } from "../long-numbers.js";
import type { ExchangeAnswer } from "./transport.js";

/** A JSON object as WeChat answers it; `errcode` is absent in the success of some endpoints. */
export type JsonAnswer = Readonly<Record<string, unknown>> & { readonly errcode?: number; readonly errmsg?: string };

/**
 * Reads WeChat's JSON answer. WeChat refuses with HTTP 200 and an errcode, so a status of 500 and more, HTML, or
 * anything else that is not a JSON object does not come from its API, whatever its status says.
 * @throws WeChatTransportError with reason `status` or `answer`
 */
export function readAnswer({ status, contentType, body }: ExchangeAnswer, endpoint: string): JsonAnswer {
  if (status >= 500) throw unreadable("status", `${endpoint}: HTTP ${status}`, status);
  const parsed = parseObject(body);
  if (parsed) {
    const refused = typeof parsed.errcode === "number" && parsed.errcode !== 0;
    if (status < 300 || refused) return parsed;
    throw unreadable("status", `${endpoint}: HTTP ${status}`, status);
  }
  if (status >= 300) throw unreadable("status", `${endpoint}: HTTP ${status} without a WeChat answer`, status);
  const kind = /^[\w./+-]+/.exec(contentType)?.[0] ?? "no content type";
  throw unreadable("answer", `${endpoint}: the answer is not WeChat's JSON (${kind}, ${body.length} bytes)`, status);
}

function unreadable(reason: "status" | "answer", message: string, status: number): WeChatTransportError {
  return new WeChatTransportError({ reason, message, sent: true, status });
}

function parseObject(body: Buffer): JsonAnswer | undefined {
  try {
    const value: unknown = JSON.parse(keepLongNumbers(body.toString("utf8")));
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    const { errcode, errmsg } = value as Record<string, unknown>;
    if (errcode !== undefined && typeof errcode !== "number") return undefined;
    if (errmsg !== undefined && typeof errmsg !== "string") return undefined;
    return value as JsonAnswer;
  } catch {
    return undefined;
  }
}
