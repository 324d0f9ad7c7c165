import { redact } from "@wechat-offiaccount/core";

const URL_IN_TEXT = /\b[a-z][a-z0-9+.-]*:\/\/\S+/gi;
const MAX_LENGTH = 1000;

/**
 * A message from elsewhere as one line for a model: no secret, no URL (WeChat's own error texts hold links), no
 * control characters, bounded.
 */
export function plainLine(text: string): string {
  return redact(text)
    .replace(URL_IN_TEXT, "(link)")
    .replace(/[\p{Cc}\u2028\u2029]+/gu, " ")
    .trim()
    .slice(0, MAX_LENGTH);
}
