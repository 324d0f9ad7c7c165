import type { Account } from "./accounts.js";
import type { LedgerEntry } from "./changes.js";
import type { FaultState } from "./faults.js";
import type { Call, DeliveredMessage, LedgerBook, PhoneLine, Totals } from "./ledger.js";
import type { CustomMenu } from "./menus.js";
import type { Push } from "./push/record.js";
import { type AccountSettings, describeFollower, describeSettings, type FollowerState } from "./state.js";
import type { World } from "./world.js";

/** How much of each list a page gets at first, and how much may wait for a slow one. */
export const SHOWN: Readonly<Record<LedgerEntry["list"], number>> = {
  calls: 200,
  pushes: 100,
  messages: 300,
  lines: 300,
};
const SHOWN_FOLLOWERS = 200;
const SHOWN_FAULTS = 50;
const LONGEST_BODY = 4000;

/** What the page knows beside the ledger. */
export interface PhoneState {
  /** Milliseconds since 1970 on the simulator's clock, and whether it runs by itself. */
  readonly clock: { readonly now: number; readonly runs: boolean };
  readonly accounts: readonly PhoneAccount[];
  /** Those that can still strike, the newest last. */
  readonly faults: readonly FaultState[];
  readonly totals: Totals;
}

export interface PhoneAccount extends AccountSettings {
  /** The newest. */
  readonly followers: readonly FollowerState[];
  /** All of them. */
  readonly followerCount: number;
  /** Null: the account has none. */
  readonly menu: CustomMenu | null;
}

/** A call as the page shows it. */
export interface ShownCall extends Omit<Call, "body"> {
  /** The request, as JSON, cut when it is long. */
  readonly request?: string;
}

/** Entries of the ledger, and what else is known: `full` begins anew, `change` adds to what is there or replaces it. */
export interface PhoneNews {
  readonly state: PhoneState;
  readonly calls: readonly ShownCall[];
  readonly pushes: readonly Push[];
  readonly messages: readonly DeliveredMessage[];
  readonly lines: readonly PhoneLine[];
}

export function phoneState(world: World, clock: PhoneState["clock"]): PhoneState {
  return {
    clock,
    accounts: [...world.accounts.values()].map((account) => phoneAccount(account, world, clock.now)),
    faults: world.faults
      .list()
      .filter(({ left }) => left !== 0)
      .slice(-SHOWN_FAULTS),
    totals: world.ledger.totals,
  };
}

function phoneAccount(account: Account, world: World, now: number): PhoneAccount {
  const followers = [...account.followers.values()];
  return {
    ...describeSettings(account, world, now),
    followers: followers.slice(-SHOWN_FOLLOWERS).map((follower) => describeFollower(follower, now)),
    followerCount: followers.length,
    menu: account.menu ?? null,
  };
}

/** The newest of the ledger. */
export function newest({ calls, pushes, messages, lines }: LedgerBook): Omit<PhoneNews, "state"> {
  return shown({
    calls: calls.slice(-SHOWN.calls),
    pushes: pushes.slice(-SHOWN.pushes),
    messages: messages.slice(-SHOWN.messages),
    lines: lines.slice(-SHOWN.lines),
  });
}

/** Entries as the page gets them: none is larger than a screen needs. */
export function shown(entries: {
  readonly calls: Iterable<Call>;
  readonly pushes: Iterable<Push>;
  readonly messages: Iterable<DeliveredMessage>;
  readonly lines: Iterable<PhoneLine>;
}): Omit<PhoneNews, "state"> {
  return {
    calls: Array.from(entries.calls, shownCall),
    pushes: Array.from(entries.pushes, (push) => ({ ...push, body: cut(push.body) })),
    messages: Array.from(entries.messages, (message) => ({ ...message, body: shortObject(message.body) })),
    lines: Array.from(entries.lines, (line) =>
      line.body === undefined ? line : { ...line, body: shortObject(line.body) },
    ),
  };
}

function shownCall({ body, ...call }: Call): ShownCall {
  return body === undefined ? call : { ...call, request: cut(JSON.stringify(shortened(body), undefined, 2)) };
}

function cut(words: string): string {
  return words.length > LONGEST_BODY ? `${words.slice(0, LONGEST_BODY)}…` : words;
}

/** Longer than any text WeChat shows, so that only what is not shown whole is cut. */
const LONGEST_STRING = 2100;
const MOST_ENTRIES = 20;
const DEEPEST = 8;

/** A copy without long strings, long lists and deep nesting. */
function shortened(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return value.length > LONGEST_STRING ? `${value.slice(0, LONGEST_STRING)}…` : value;
  if (typeof value !== "object" || value === null) return value;
  if (depth >= DEEPEST) return "…";
  if (Array.isArray(value)) return value.slice(0, MOST_ENTRIES).map((entry) => shortened(entry, depth + 1));
  return shortObject(value, depth);
}

function shortObject(value: object, depth = 0): Record<string, unknown> {
  const entries = Object.entries(value).slice(0, MOST_ENTRIES);
  return Object.fromEntries(entries.map(([name, entry]) => [name.slice(0, 100), shortened(entry, depth + 1)]));
}
