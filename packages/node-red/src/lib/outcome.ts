/** What the send node writes into `msg.wechat`; all else there is the receive node's. */
const OUTCOME: ReadonlySet<string> = new Set(["delivery", "parts", "results", "way", "window", "error"]);

/**
 * `msg.wechat` after a send: its outcome, in place of that of an earlier send, beside the facts of the message that is
 * being answered.
 */
export function withOutcome(wechat: unknown, outcome: object): object {
  if (typeof wechat !== "object" || wechat === null) return outcome;
  const facts = Object.entries(wechat).filter(([name]) => !OUTCOME.has(name));
  return { ...Object.fromEntries(facts), ...outcome };
}
