/** Wakes those in this process who wait for messages. */
export class Wakeups {
  readonly #waiting = new Set<() => void>();

  wake(): void {
    for (const wake of this.#waiting) wake();
  }

  /** The next wake-up from now on, also one that comes before `within` is called. */
  next(): { within(ms: number, signal?: AbortSignal): Promise<void>; drop(): void } {
    let over = () => {};
    const woken = new Promise<void>((resolve) => {
      over = resolve;
    });
    const wake = () => {
      this.#waiting.delete(wake);
      over();
    };
    this.#waiting.add(wake);
    return {
      /** Ends with it, after `ms` milliseconds, or when the signal is aborted. */
      async within(ms, signal) {
        const timer = setTimeout(wake, ms);
        signal?.addEventListener("abort", wake, { once: true });
        if (signal?.aborted) wake();
        await woken;
        clearTimeout(timer);
        signal?.removeEventListener("abort", wake);
      },
      drop: wake,
    };
  }
}
