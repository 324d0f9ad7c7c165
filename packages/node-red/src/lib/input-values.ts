/** What a text node cannot send, by the key of its text in the catalogue. */
export type ContentProblem = "contentMissing" | "contentObject" | "contentBinary";

/** The text to send, or why the value is none. */
export type Content = { readonly text: string } | { readonly problem: ContentProblem };

/**
 * Turns what a flow carries into the text to send: strings, numbers and booleans as they print, a Buffer as UTF-8.
 * Anything else is refused, never guessed: an object printed as "[object Object]" or JSON would reach a follower.
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
      return value instanceof Uint8Array ? decode(value) : { problem: "contentObject" };
  }
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
