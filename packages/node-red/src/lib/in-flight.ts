import { setMaxListeners } from "node:events";

/** The messages a node has taken in and not yet answered for. */
export class InFlight {
  readonly #controllers = new Set<AbortController>();
  #drained: (() => void)[] = [];

  get size(): number {
    return this.#controllers.size;
  }

  /** Runs `work` as one message in flight; its signal aborts when the node is closed and the time to finish is over. */
  async track<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    // A message to a list of followers is many sends, and each listens.
    setMaxListeners(0, controller.signal);
    this.#controllers.add(controller);
    try {
      return await work(controller.signal);
    } finally {
      this.#controllers.delete(controller);
      if (this.#controllers.size === 0) for (const resolve of this.#drained.splice(0)) resolve();
    }
  }

  /**
   * Waits until nothing is in flight. After `grace` ms what is left is aborted with `reason`, and gets as long again
   * to notice; the promise resolves then at the latest.
   */
  async drain(grace: number, reason: () => unknown): Promise<void> {
    if (await within(grace, this.#empty())) return;
    for (const controller of this.#controllers) controller.abort(reason());
    await within(grace, this.#empty());
  }

  #empty(): Promise<void> {
    if (this.#controllers.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#drained.push(resolve));
  }
}

/** Whether `done` resolved within `ms`. */
export async function within(ms: number, done: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  try {
    return await Promise.race([done.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * How long a node waits, when it is closed, for what is in flight: 5 s, or less where the runtime gives less time.
 * Aborting what is left and closing the client must fit into the rest of the runtime's limit.
 * @param settings the runtime's: `nodeCloseTimeout` is its limit in ms (default 15,000)
 */
export function closeGrace(settings: object): number {
  const nodeCloseTimeout: unknown = Reflect.get(settings, "nodeCloseTimeout");
  const limit = typeof nodeCloseTimeout === "number" && nodeCloseTimeout > 0 ? nodeCloseTimeout : 15_000;
  return Math.min(5_000, Math.floor(limit / 3));
}
