/** What cannot be sent, by the key of its text in the catalogue. */
export type ContentProblem = "contentMissing" | "contentObject" | "contentBinary";

/** The text to send, or the message, of which only core can tell whether it is whole; or why the value is neither. */
export type Content =
  | { readonly text: string }
  | { readonly message: { readonly type: string } }
  | { readonly problem: ContentProblem };

/**
 * Turns what a flow carries into what to send: strings, numbers and booleans as they print, a Buffer as UTF-8, an object
 * with a `type` as a message of that type. Anything else is refused, never guessed: an object printed as
 * "[object Object]" or JSON would reach a follower.
 */
export function toContent(value: unknown): Content {
  switch (typeof value) {
    case "string":
      return { text: value };
    case "number":
      return Number.isFinite(value) ? { text: String(value) } : { problem: "contentMissing" };
    case "boolean":
    case "bigint":
      return { text: String(value) };
    case "undefined":
      return { problem: "contentMissing" };
    default:
      if (value === null) return { problem: "contentMissing" };
      if (value instanceof Uint8Array) return decode(value);
      return isTyped(value) ? { message: value } : { problem: "contentObject" };
  }
}

function isTyped(value: unknown): value is { readonly type: string } {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

function decode(bytes: Uint8Array): Content {
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    return { problem: "contentBinary" };
  }
}

/** The openid, or why the value is none. */
export type Recipient = { readonly openid: string } | { readonly problem: "recipientMissing" | "recipientNotText" };

export function toRecipient(value: unknown): Recipient {
  if (value === undefined || value === null) return { problem: "recipientMissing" };
  if (typeof value !== "string") return { problem: "recipientNotText" };
  const openid = value.trim();
  return openid === "" ? { problem: "recipientMissing" } : { openid };
}

/** One follower, or a list of them; or why the value is neither. What is no openid in a list is told in its place. */
export type Recipients =
  | { readonly openid: string }
  | { readonly list: readonly Recipient[] }
  | { readonly problem: "recipientMissing" | "recipientNotText" | "recipientsEmpty" };

export function toRecipients(value: unknown): Recipients {
  if (!Array.isArray(value)) return toRecipient(value);
  return value.length === 0 ? { problem: "recipientsEmpty" } : { list: value.map(toRecipient) };
}

/** The id of WeChat's request that waits for the answer to a message, as the receive node put it there. */
export function requestIdOf(msg: object): string | undefined {
  const wechat: unknown = Reflect.get(msg, "wechat");
  const id = typeof wechat === "object" && wechat !== null && "requestId" in wechat ? wechat.requestId : undefined;
  return typeof id === "string" ? id : undefined;
}
