/** One process that takes pushes, as the store knows it. Times are milliseconds since 1970. */
export interface Listener {
  /** Names the process; a new one each time it starts. */
  readonly owner: string;
  /** Since when pushes have reached it without a gap; absent until the first one came. */
  readonly since?: number;
  /** When it last said that it is alive. */
  readonly beatAt: number;
  /** It ended in order, and takes nothing more. */
  readonly gone: boolean;
}

/** What a store knows of its own gaps. */
export interface Coverage {
  /** Those that are known, also those that are gone. */
  readonly listeners: readonly Listener[];
  /** Conversations that ended before this time may be missing, in milliseconds since 1970; 0: none. */
  readonly completeSince: number;
}

/**
 * Since when no push can have been missed: one process or another took them all. That a process lived is proven only up
 * to its last sign of life, so where one was killed there is a gap, unless another one listened.
 * @param lease milliseconds after its last sign of life for which a process counts as alive
 * @returns milliseconds since 1970, or undefined if nobody listens
 */
export function coveredSince({ listeners, completeSince }: Coverage, now: number, lease: number): number | undefined {
  const spans = listeners
    .flatMap(({ since, ...listener }) => (since === undefined ? [] : { since, ...listener }))
    .sort((a, b) => b.beatAt - a.beatAt);
  const latest = spans.find(({ beatAt, gone }) => !gone && beatAt >= now - lease);
  if (!latest) return undefined;
  const covered = spans.reduce(
    (from, { since, beatAt }) => (beatAt >= from ? Math.min(from, since) : from),
    latest.since,
  );
  return Math.max(covered, completeSince);
}
