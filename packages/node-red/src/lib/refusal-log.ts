import type { RefusalReason, RefusedRequest } from "@wechat-offiaccount/core";

/** Milliseconds in which a reason is told once. */
const QUIET = 60_000;

/** Tells of refused requests without letting whoever makes them fill the log: each reason once a minute, with its count. */
export class RefusalLog {
  readonly #tell: (refused: RefusedRequest, more: number) => void;
  readonly #told = new Map<RefusalReason, { at: number; untold: number }>();

  /** @param tell `more`: as many were refused for this reason since it was told before */
  constructor(tell: (refused: RefusedRequest, more: number) => void) {
    this.#tell = tell;
  }

  note(refused: RefusedRequest): void {
    const now = performance.now();
    const told = this.#told.get(refused.reason);
    if (told && now - told.at < QUIET) {
      told.untold++;
      return;
    }
    this.#told.set(refused.reason, { at: now, untold: 0 });
    this.#tell(refused, told?.untold ?? 0);
  }
}
