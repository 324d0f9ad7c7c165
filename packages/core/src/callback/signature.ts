import { hash, timingSafeEqual } from "node:crypto";

/**
 * WeChat's signature: SHA-1 of the parts in string order, without anything between them. The parts are token,
 * timestamp and nonce; for an encrypted body also the encrypted text.
 */
export function signatureOf(...parts: readonly string[]): string {
  return hash("sha1", parts.toSorted().join(""));
}

/** Whether it is the signature of the parts; takes the same time wherever it differs. */
export function isSignatureOf(given: string, ...parts: readonly string[]): boolean {
  const signature = Buffer.from(signatureOf(...parts), "latin1");
  const claimed = Buffer.from(given, "latin1");
  return claimed.length === signature.length && timingSafeEqual(claimed, signature);
}
