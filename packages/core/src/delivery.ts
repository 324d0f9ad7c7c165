/**
 * What became of a message. WeChat's send has no idempotency key and returns no message id, so every send ends in
 * exactly one of three states:
 * - `delivered`: WeChat answered errcode 0.
 * - `not-delivered`: WeChat refused it, or the request surely never left this machine.
 * - `unknown`: it left and no readable answer came (timeout, reset, 5xx, HTML, garbage), or WeChat said "busy" (-1).
 */
export type Delivery = "delivered" | "not-delivered" | "unknown";

/** What became of one part of a text. A text within the limit is one part, with index 0. */
export interface PartResult {
  /** 0 is the first part. */
  readonly index: number;
  /** What became of it. */
  readonly delivery: Delivery;
  /** WeChat's errcode for this part, where it answered. */
  readonly errcode?: number;
  /** WeChat's request id for this part, where it gave one; it can be looked up at WeChat for 7 days. */
  readonly rid?: string;
}

/**
 * The state of a whole text from the states of its parts. Parts in different states make the whole `unknown`: it is
 * neither there nor absent, and repeating it as a whole would send a part twice; `parts` tells which.
 */
export function deliveryOf(parts: readonly Pick<PartResult, "delivery">[]): Delivery {
  const first = parts[0]?.delivery ?? "not-delivered";
  return parts.every((part) => part.delivery === first) ? first : "unknown";
}
