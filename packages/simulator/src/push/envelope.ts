import { type Fields, isObject } from "../options.js";
import type { Callback, CallbackFormat } from "./callback.js";
import { signatureOf } from "./cipher.js";
import { readXml } from "./xml.js";

/** Why WeChat can do nothing with an answer. */
export interface Problem {
  readonly problem: string;
}

/**
 * The fields of a reply, taken out of its envelope where the mode asks for one: safe needs it, plain has none, and in
 * compatible mode no source forbids either.
 */
export function openReply(body: string, callback: Callback): Fields | Problem {
  const { format, mode, cipher } = callback;
  const outer = parse(body, format);
  if (outer === undefined) return { problem: `the answer is neither success, nor empty, nor ${format.toUpperCase()}` };
  if (outer.Encrypt === undefined) {
    return mode === "safe" ? { problem: "the reply is not encrypted, as the mode safe asks" } : outer;
  }
  if (cipher === undefined) return { problem: "the reply is encrypted, but the mode is plain" };
  const { Encrypt, MsgSignature } = outer;
  const [timestamp, nonce] = [plainText(outer.TimeStamp), plainText(outer.Nonce)];
  if (typeof Encrypt !== "string" || typeof MsgSignature !== "string" || timestamp === undefined || !nonce) {
    return { problem: "an encrypted reply needs Encrypt, MsgSignature, TimeStamp and Nonce" };
  }
  if (!/^\d+$/.test(timestamp)) return { problem: "TimeStamp is no whole number" };
  if (MsgSignature !== signatureOf(callback.token, timestamp, nonce, Encrypt))
    return { problem: "MsgSignature is wrong" };
  const opened = cipher.decrypt(Encrypt);
  if ("problem" in opened) return opened;
  return parse(opened.message, format) ?? { problem: `inside Encrypt there is no ${format.toUpperCase()}` };
}

export function isProblem(value: object): value is Problem {
  return "problem" in value && typeof value.problem === "string";
}

/** The text of a field that JSON may also hold as a number. */
export function plainText(value: unknown): string | undefined {
  return typeof value === "number" ? String(value) : typeof value === "string" ? value : undefined;
}

function parse(body: string, format: CallbackFormat): Fields | undefined {
  if (format === "xml") return readXml(body);
  try {
    const value: unknown = JSON.parse(body);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
