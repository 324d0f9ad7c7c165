import { setTimeout as sleep } from "node:timers/promises";

/** When to try again, as data. */
export interface RetryPolicy {
  /** Attempts after the first. */
  readonly retries: number;
  /** Milliseconds before the first repetition; doubled before each further one. */
  readonly baseDelay: number;
  /** Milliseconds that no delay exceeds. */
  readonly maxDelay: number;
}

/** For a send that WeChat answered with -1 ("system busy, try again later"): four attempts in all, about 3 seconds. */
export const BUSY_RETRY: RetryPolicy = { retries: 3, baseDelay: 500, maxDelay: 4000 };
/** For calls that change nothing: four attempts in all, within about two seconds. */
export const READ_RETRY: RetryPolicy = { retries: 3, baseDelay: 200, maxDelay: 2000 };
/** For the token endpoints, where a repetition does no harm: three attempts in all, within about a second. */
export const TOKEN_RETRY: RetryPolicy = { retries: 2, baseDelay: 200, maxDelay: 2000 };
/** The same number of attempts without noticeable delay, for tests. */
export const RAPID_RETRY: RetryPolicy = { retries: 3, baseDelay: 1, maxDelay: 2 };

/**
 * Milliseconds to wait before repetition `attempt` (0 is the first), between half and all of the step, so that callers
 * who failed together do not return together.
 */
export function retryDelay(
  { baseDelay, maxDelay }: RetryPolicy,
  attempt: number,
  random: () => number = Math.random,
): number {
  return Math.min(maxDelay, baseDelay * 2 ** attempt) * (0.5 + random() / 2);
}

/** Waits, unless the signal is or gets aborted; then it returns at once. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await sleep(ms, undefined, signal ? { signal } : undefined).catch(() => {});
}
