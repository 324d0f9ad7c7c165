import type { Clock } from "./clock.js";

/**
 * How often at most the clock is looked at, in real milliseconds: a test may hold a clock that stands still, and move
 * it past us.
 */
const LOOK = 100;

interface Alarm {
  readonly at: number;
  ring(): void;
}

/** Waits on the simulator's clock: it rings when the clock gets there, by itself or because it was moved. */
export class Alarms {
  /** The clock that was given; who moves it through this one makes the alarms ring at once. */
  readonly clock: Clock;
  private readonly set = new Set<Alarm>();
  private timer: NodeJS.Timeout | undefined;

  /** @param moved hears of every move through `clock` */
  constructor(base: Clock, moved: () => void = () => {}) {
    this.clock = {
      now: () => base.now(),
      advance: (ms) => {
        base.advance(ms);
        moved();
        this.look();
      },
      set: (ms) => {
        base.set(ms);
        moved();
        this.look();
      },
    };
  }

  /** Calls `ring` once, `ms` milliseconds from now. @returns takes the alarm back */
  after(ms: number, ring: () => void): () => void {
    const alarm = { at: this.clock.now() + ms, ring };
    this.set.add(alarm);
    this.look();
    return () => {
      this.set.delete(alarm);
      if (this.set.size === 0) clearTimeout(this.timer);
    };
  }

  private look(): void {
    clearTimeout(this.timer);
    const now = this.clock.now();
    for (const alarm of [...this.set].sort((a, b) => a.at - b.at)) {
      if (alarm.at <= now && this.set.delete(alarm)) alarm.ring();
    }
    if (this.set.size === 0) return;
    const next = Math.min(...[...this.set].map(({ at }) => at - now), LOOK);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), next);
  }
}
