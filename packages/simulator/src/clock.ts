/** The simulator's time. Windows, quotas and token lives follow it; network delays do not. */
export interface Clock {
  /** Milliseconds since 1970-01-01 UTC. */
  now(): number;
  /** Moves the clock forward (or, with a negative number, back) by `ms` milliseconds. */
  advance(ms: number): void;
  /** Sets the clock to `ms` milliseconds since 1970-01-01 UTC. */
  set(ms: number): void;
}

/**
 * Makes a clock. Without `start` it runs with the system's clock and can be moved ahead of it;
 * with `start` (milliseconds since 1970) it stands still and moves only by `advance` and `set`.
 */
export function createClock(start?: number): Clock {
  if (start === undefined) return movable({ now: () => Date.now() });
  let time = finite(start, "start");
  return {
    now: () => time,
    advance: (ms) => {
      time += finite(ms, "advance");
    },
    set: (ms) => {
      time = finite(ms, "set");
    },
  };
}

/** The clock itself when it can be moved; one that can only be read gets an offset. */
export function movable(base: Clock | Pick<Clock, "now">): Clock {
  if ("advance" in base) return base;
  let offset = 0;
  return {
    now: () => base.now() + offset,
    advance: (ms) => {
      offset += finite(ms, "advance");
    },
    set: (ms) => {
      offset = finite(ms, "set") - base.now();
    },
  };
}

function finite(ms: number, what: string): number {
  if (!Number.isFinite(ms)) throw new RangeError(`clock ${what}: a finite number of milliseconds is needed, got ${ms}`);
  return ms;
}
