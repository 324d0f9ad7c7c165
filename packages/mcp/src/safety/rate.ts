import * as z from "zod";
import type { Notes } from "./notes.js";

const MINUTE = 60_000;
/** Milliseconds after a failure of the shared store during which this process counts for itself. */
const ALONE = 10_000;

/** Messages that may be sent in any 60 seconds; undefined: as many as one likes. */
export interface RateLimits {
  readonly perFollower: number | undefined;
  /** To all followers of an account. */
  readonly total: number | undefined;
}

export type RateDecision =
  | {
      readonly allowed: true;
      /** Gives the places back: nothing was sent. */
      release(): Promise<void>;
    }
  | {
      readonly allowed: false;
      readonly limit: number;
      readonly scope: keyof RateLimits;
      /** From when on there is room, in milliseconds since 1970; undefined: so many never go at once. */
      readonly retryAt: number | undefined;
    };

type Taken =
  | { readonly allowed: true; giveBack(): Promise<void> }
  | { readonly allowed: false; readonly retryAt: number | undefined };

const times = z.array(z.number());

/**
 * Counts messages in the last 60 seconds, for each follower and in all. Processes that share an inbox count together;
 * where its store fails, this process counts for itself: a rate is a brake, and no reason to leave followers without
 * an answer.
 */
export class RateLimiter {
  readonly #limits: RateLimits;
  readonly #shared: Notes;
  readonly #own: Notes;
  readonly #clock: () => number;
  #aloneUntil = 0;

  /**
   * @param notes.shared with other processes
   * @param notes.own of this process
   */
  constructor(limits: RateLimits, notes: { shared: Notes; own: Notes }, clock: () => number = Date.now) {
    this.#limits = limits;
    this.#shared = notes.shared;
    this.#own = notes.own;
    this.#clock = clock;
  }

  /** Takes places for so many messages, all of them or none. */
  async take(openid: string, messages: number): Promise<RateDecision> {
    const held: (() => Promise<void>)[] = [];
    const release = async () => void (await Promise.all(held.map((giveBack) => giveBack())));
    for (const [scope, limit, key] of [
      ["perFollower", this.#limits.perFollower, `rate of ${openid}`],
      ["total", this.#limits.total, "rate"],
    ] as const) {
      if (limit === undefined || messages === 0) continue;
      const taken = await this.#takeOne(key, limit, messages);
      if (!taken.allowed) {
        await release();
        return { allowed: false, scope, limit, retryAt: taken.retryAt };
      }
      held.push(taken.giveBack);
    }
    return { allowed: true, release };
  }

  async #takeOne(key: string, limit: number, messages: number): Promise<Taken> {
    if (messages > limit) return { allowed: false, retryAt: undefined };
    const now = this.#clock();
    let refusedUntil: number | undefined;
    await this.#amend(key, (before) => {
      const recent = recentOf(before, now);
      refusedUntil = roomFrom(recent, limit, messages);
      return refusedUntil === undefined ? JSON.stringify([...recent, ...Array(messages).fill(now)]) : undefined;
    });
    if (refusedUntil !== undefined) return { allowed: false, retryAt: refusedUntil };
    const giveBack = () =>
      this.#amend(key, (before) => JSON.stringify(without(recentOf(before, now), now, messages))).then(() => {});
    return { allowed: true, giveBack };
  }

  async #amend(key: string, change: (before: string | undefined) => string | undefined): Promise<unknown> {
    if (this.#clock() < this.#aloneUntil) return this.#own.amendNote(key, change, MINUTE);
    try {
      return await this.#shared.amendNote(key, change, MINUTE);
    } catch {
      // A store that is gone is waited for once, and not by every message.
      this.#aloneUntil = this.#clock() + ALONE;
      return this.#own.amendNote(key, change, MINUTE);
    }
  }
}

/** Times of the last minute, the oldest first. What is ahead of our clock counts: another machine's may be. */
function recentOf(body: string | undefined, now: number): readonly number[] {
  const kept = body === undefined ? [] : times.parse(JSON.parse(body));
  return kept.filter((at) => at > now - MINUTE).sort((one, other) => one - other);
}

/** Undefined: there is room now; else from when on. */
function roomFrom(recent: readonly number[], limit: number, messages: number): number | undefined {
  const inTheWay = recent[recent.length + messages - limit - 1];
  return inTheWay === undefined ? undefined : inTheWay + MINUTE;
}

function without(recent: readonly number[], at: number, messages: number): readonly number[] {
  let left = messages;
  return recent.filter((time) => time !== at || left-- <= 0);
}
