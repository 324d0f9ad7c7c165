/** What the send and conversation nodes write into `msg.wechat`; all else there is the receive node's. */
const OUTCOME: ReadonlySet<string> = new Set(["delivery", "parts", "results", "way", "window", "error", "older"]);

/**
 * `msg.wechat` after such a node: its outcome, in place of that of an earlier one, beside the facts of the message that is
 * being answered.
 */
export function withOutcome(wechat: unknown, outcome: object): object {
  if (typeof wechat !== "object" || wechat === null) return outcome;
  const facts = Object.entries(wechat).filter(([name]) => !OUTCOME.has(name));
  return { ...Object.fromEntries(facts), ...outcome };
}
