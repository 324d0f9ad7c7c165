import { WeChatTransportError } from "../errors.js";

export interface GateOptions {
  /** What may be inside at the same time. */
  readonly atOnce?: number | undefined;
  /** What may enter within `window`. */
  readonly perWindow?: number | undefined;
  /** Milliseconds. Default 60 000. */
  readonly window?: number;
}

/** Who waits, until when, and whose signal ends the wait. */
export interface GateLimits {
  readonly endAt: number;
  readonly signal?: AbortSignal | undefined;
}

interface Waiter {
  enter(): void;
}

/** Lets a bounded number in at a time, and a bounded number within a window; the others wait in order. */
export class Gate {
  readonly #atOnce: number;
  readonly #perWindow: number;
  readonly #window: number;
  readonly #waiting: Waiter[] = [];
  /** When those of the present window entered, the oldest first. */
  #entered: number[] = [];
  #inside = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor({ atOnce, perWindow, window = 60_000 }: GateOptions) {
    this.#atOnce = atOnce ?? Number.POSITIVE_INFINITY;
    this.#perWindow = perWindow ?? Number.POSITIVE_INFINITY;
    this.#window = window;
  }

  /**
   * Runs `work` when there is room; at once, if there is.
   * @param what who waits, for the message of the error
   * @throws WeChatTransportError that nothing was sent, if the deadline passes or the signal aborts before
   */
  async run<T>(what: string, limits: GateLimits, work: () => Promise<T>): Promise<T> {
    if (this.#waiting.length > 0 || this.#roomIn() > 0) await this.#wait(what, limits);
    else this.#enter();
    try {
      return await work();
    } finally {
      this.#inside--;
      this.#admit();
    }
  }

  #enter(): void {
    this.#inside++;
    if (this.#perWindow !== Number.POSITIVE_INFINITY) this.#entered.push(performance.now());
  }

  /** Milliseconds until one more may enter; Infinity if somebody has to leave first. */
  #roomIn(): number {
    if (this.#inside >= this.#atOnce) return Number.POSITIVE_INFINITY;
    if (this.#entered.length < this.#perWindow) return 0;
    const now = performance.now();
    this.#entered = this.#entered.filter((at) => now - at < this.#window);
    const [oldest] = this.#entered;
    return oldest === undefined || this.#entered.length < this.#perWindow ? 0 : oldest + this.#window - now;
  }

  #admit(): void {
    clearTimeout(this.#timer);
    for (let wait = this.#roomIn(); this.#waiting.length > 0; wait = this.#roomIn()) {
      if (wait > 0) {
        if (Number.isFinite(wait)) this.#timer = setTimeout(() => this.#admit(), wait);
        return;
      }
      this.#enter();
      this.#waiting.shift()?.enter();
    }
  }

  #wait(what: string, { endAt, signal }: GateLimits): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
      };
      const giveUp = (reason: "timeout" | "aborted", words: string) => {
        end();
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        const message = `${what}: ${words} while waiting for its turn (maxConcurrent, messagesPerMinute)`;
        reject(new WeChatTransportError({ reason, message, sent: false }));
      };
      const waiter: Waiter = {
        enter: () => {
          end();
          resolve();
        },
      };
      const onAbort = () => giveUp("aborted", "stopped by the caller");
      const timer = setTimeout(() => giveUp("timeout", "the deadline passed"), Math.max(0, endAt - performance.now()));
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#waiting.push(waiter);
      if (signal?.aborted) onAbort();
      else this.#admit();
    });
  }
}
