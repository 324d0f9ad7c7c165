import type { OnGone } from "./pending.js";

/** WeChat hangs up after 5 s. */
const AT_MOST = 5_500;

/**
 * Leaves requests without an answer until WeChat hangs up: that is when it pushes again, three times in all (official
 * page on receiving messages). No source says that it repeats a push which was answered with an error.
 */
export class Silence {
  readonly #ends = new Set<() => void>();

  /** Resolves when the other side has hung up, or has had the time to. */
  keep(onGone: OnGone): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.#ends.delete(end);
        resolve();
      };
      const timer = setTimeout(end, AT_MOST);
      this.#ends.add(end);
      onGone(end);
    });
  }

  /** Ends all of it now. */
  end(): void {
    for (const end of [...this.#ends]) end();
  }
}
