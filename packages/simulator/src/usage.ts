const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** WeChat's days begin at midnight in China (UTC+8, no summer time). No source says so: the careful reading of "a day". */
const CHINA_OFFSET = 8 * 60 * MINUTE;

/** Counts calls within the current day (China time) or minute. */
export class Usage {
  private period = Number.NaN;
  private used = 0;

  constructor(private readonly per: "day" | "minute") {}

  /** How often `take` succeeded in the period of `now`. */
  count(now: number): number {
    return this.key(now) === this.period ? this.used : 0;
  }

  /** Takes one of `limit`; false when none is left. */
  take(limit: number, now: number): boolean {
    const key = this.key(now);
    if (key !== this.period) {
      this.period = key;
      this.used = 0;
    }
    if (this.used >= limit) return false;
    this.used++;
    return true;
  }

  private key(now: number): number {
    return this.per === "day" ? Math.floor((now + CHINA_OFFSET) / DAY) : Math.floor(now / MINUTE);
  }
}
