import type { DeliveredMessage, PhoneLine } from "../ledger.js";
import type { PhoneNews } from "../phone-news.js";

/** A message of the account, what the follower sent, or a system line. */
export type Entry = DeliveredMessage | PhoneLine;

/** More than anyone scrolls back; what is older is in the ledger. */
const KEPT = { calls: 500, pushes: 300, entries: 1000 };

/** What the page knows: what came, in the order of the ids. */
export type Known = PhoneNews;

/** Adds what came to what is there: an entry of a known id takes its place. */
export function merge(known: Known, news: PhoneNews): Known {
  return {
    state: news.state,
    calls: joined(known.calls, news.calls, KEPT.calls),
    pushes: joined(known.pushes, news.pushes, KEPT.pushes),
    messages: joined(known.messages, news.messages, KEPT.entries),
    lines: joined(known.lines, news.lines, KEPT.entries),
  };
}

function joined<T extends { readonly id: number }>(
  known: readonly T[],
  news: readonly T[],
  kept: number,
): readonly T[] {
  if (news.length === 0) return known;
  const byId = new Map([...known, ...news].map((entry) => [entry.id, entry]));
  return [...byId.values()].sort((a, b) => a.id - b.id).slice(-kept);
}

/** What stands on one follower's phone, in the order of the screen. */
export function entriesOf({ messages, lines }: Known, appId: string, openid: string): readonly Entry[] {
  const theirs = ({ appId: app, openid: id }: Entry) => app === appId && id === openid;
  return [...messages.filter(theirs), ...lines.filter(theirs)].sort((a, b) => a.id - b.id);
}
