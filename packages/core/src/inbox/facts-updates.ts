import type { PushedMessage } from "./arrival.js";
import { afterPush, afterRefusal, afterReplies, NO_FACTS, type ReplyRule, type WindowFacts } from "./reply-window.js";
import { refusalsOf, repliesTaken, type Sent } from "./sent.js";
import type { FactsUpdate } from "./store.js";

/** Window facts from what a store keeps of them. */
export const factsOf = (stored: string | undefined): WindowFacts =>
  stored === undefined ? NO_FACTS : JSON.parse(stored);

/** What a push changes of the window. WeChat counts whole seconds; its clock may be ahead of ours. */
export function updatedByPush(message: PushedMessage, now: number, rule: ReplyRule): FactsUpdate {
  const at = Math.min(message.createdAt, now);
  return updated((facts) => afterPush(facts, message, at, rule));
}

/** What a message of ours changes of the window. */
export function updatedBySent(sent: Sent, now: number, rule: ReplyRule): FactsUpdate {
  const count = repliesTaken(sent);
  return updated((before) =>
    refusalsOf(sent).reduce(afterRefusal, count === 0 ? before : afterReplies(before, count, now, rule)),
  );
}

const updated =
  (update: (facts: WindowFacts) => WindowFacts): FactsUpdate =>
  (before) =>
    JSON.stringify(update(factsOf(before)));
