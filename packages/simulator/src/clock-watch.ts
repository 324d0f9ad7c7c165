import type { Clock } from "./clock.js";

/** Milliseconds of real time after which a clock that runs has moved. */
const LOOK_AFTER = 20;

/** Finds out whether a clock runs by itself or stands still: whoever shows its time must know. */
export class ClockWatch {
  private runs = true;
  private seen: { readonly time: number; readonly real: number };

  constructor(private readonly clock: Pick<Clock, "now">) {
    this.seen = this.read();
  }

  /** The clock was set or advanced: what it says now is no sign of running. */
  moved(): void {
    this.seen = this.read();
  }

  look(): { now: number; runs: boolean } {
    const read = this.read();
    if (read.real - this.seen.real >= LOOK_AFTER) {
      this.runs = read.time !== this.seen.time;
      this.seen = read;
    }
    return { now: read.time, runs: this.runs };
  }

  private read() {
    return { time: this.clock.now(), real: performance.now() };
  }
}
