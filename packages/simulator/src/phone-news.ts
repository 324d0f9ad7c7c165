import type { Account } from "./accounts.js";
import type { LedgerEntry } from "./changes.js";
import type { FaultState } from "./faults.js";
import type { Follower } from "./followers.js";
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
  /** The first, those that open pages have chosen, and the newest: as many as SHOWN_FOLLOWERS, in the order they came. */
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

/** @param chosen openids of the followers that must be among those shown */
export function phoneState(world: World, clock: PhoneState["clock"], chosen: readonly string[] = []): PhoneState {
  return {
    clock,
    accounts: [...world.accounts.values()].map((account) => phoneAccount(account, world, clock.now, chosen)),
    faults: world.faults
      .list()
      .filter(({ left }) => left !== 0)
      .slice(-SHOWN_FAULTS),
    totals: world.ledger.totals,
  };
}

function phoneAccount(account: Account, world: World, now: number, chosen: readonly string[]): PhoneAccount {
  return {
    ...describeSettings(account, world, now),
    followers: shownFollowers(account, chosen).map((follower) => describeFollower(follower, now)),
    followerCount: account.followers.size,
    menu: account.menu ?? null,
  };
}

/** A page falls back on the first when none is chosen: that must not become another as followers are added. */
function shownFollowers({ followers }: Account, chosen: readonly string[]): readonly Follower[] {
  const all = [...followers.values()];
  if (all.length <= SHOWN_FOLLOWERS) return all;
  const kept = new Set(all.slice(0, 1).concat(chosen.flatMap((openid) => followers.get(openid) ?? [])));
  const others = all.filter((follower) => !kept.has(follower));
  const taken = new Set([...kept, ...others.slice(kept.size - SHOWN_FOLLOWERS)]);
  return all.filter((follower) => taken.has(follower));
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
  return body === undefined
    ? call
    : { ...call, request: cut(JSON.stringify(shortened(body, { left: LARGEST }), undefined, 2)) };
}

function cut(words: string): string {
  return words.length > LONGEST_BODY ? `${words.slice(0, LONGEST_BODY)}…` : words;
}

/** What an event carries; whatever it is that holds a long string, that is cut. */
export function eventJson(news: PhoneNews): string {
  return JSON.stringify(news, (_name, value: unknown) => (typeof value === "string" ? cut(value) : value));
}

/** Longer than any text WeChat shows, so that only what is not shown whole is cut. */
const LONGEST_STRING = 2100;
const MOST_ENTRIES = 20;
const DEEPEST = 8;
/** Characters of one entry's body, about. */
const LARGEST = 12_000;
/** What a value takes of them beside its words. */
const EACH = 8;

/** How many characters are left for a body. */
interface Room {
  left: number;
}

/** A copy without long strings, long lists and deep nesting, and without what there is no room for. */
function shortened(value: unknown, room: Room, depth = 0): unknown {
  room.left -= EACH;
  if (typeof value === "string") return shortString(value, room);
  if (typeof value !== "object" || value === null) return value;
  if (depth >= DEEPEST || room.left <= 0) return "…";
  if (Array.isArray(value)) return value.slice(0, MOST_ENTRIES).map((entry) => shortened(entry, room, depth + 1));
  return shortObject(value, room, depth);
}

function shortString(value: string, room: Room): string {
  const most = Math.max(0, Math.min(LONGEST_STRING, room.left));
  room.left -= value.length;
  return value.length > most ? `${value.slice(0, most)}…` : value;
}

function shortObject(value: object, room: Room = { left: LARGEST }, depth = 0): Record<string, unknown> {
  const entries = Object.entries(value).slice(0, MOST_ENTRIES);
  return Object.fromEntries(
    entries.map(([name, entry]) => {
      const short = name.slice(0, 100);
      room.left -= short.length;
      return [short, shortened(entry, room, depth + 1)];
    }),
  );
}
