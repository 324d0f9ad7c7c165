const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** WeChat's days begin at midnight in China (UTC+8, no summer time). No source says so: the careful reading of "a day". */
const CHINA_OFFSET = 8 * 60 * MINUTE;

type Period = "minute" | "day" | "month";

/** Counts calls within the current minute, day or month (China time). */
export class Usage {
  private period = Number.NaN;
  private used = 0;

  constructor(private readonly per: Period) {}

  /** How often `take` succeeded in the period of `now`. */
  count(now: number): number {
    return periodOf(this.per, now) === this.period ? this.used : 0;
  }

  /** Takes one of `limit`; false when none is left. */
  take(limit: number, now: number): boolean {
    const period = periodOf(this.per, now);
    if (period !== this.period) {
      this.period = period;
      this.used = 0;
    }
    if (this.used >= limit) return false;
    this.used++;
    return true;
  }
}

function periodOf(per: Period, now: number): number {
  if (per === "minute") return Math.floor(now / MINUTE);
  if (per === "day") return Math.floor((now + CHINA_OFFSET) / DAY);
  const inChina = new Date(now + CHINA_OFFSET);
  return inChina.getUTCFullYear() * 12 + inChina.getUTCMonth();
}

/** What an account has used of its limits. */
export class AccountUsage {
  readonly forcedRefreshes = new Usage("day");
  readonly stableTokensOfMinute = new Usage("minute");
  readonly quotaClears = new Usage("month");
  private readonly calls = new Map<string, Usage>();

  /** The calls of an endpoint in a day. */
  of(path: string): Usage {
    let usage = this.calls.get(path);
    if (usage === undefined) {
      usage = new Usage("day");
      this.calls.set(path, usage);
    }
    return usage;
  }

  /** As clear_quota does: the day begins anew for every endpoint. Forced refreshes are no calls of their own. */
  clear(): void {
    this.calls.clear();
  }
}
