import type { Arrival, Receiver } from "../inbox/arrival.js";

const AT_A_TIME = 100;

interface RedeliveryOptions {
  readonly inbox: Receiver;
  /** Milliseconds between looks. */
  readonly every: number;
  /** Messages that may be taken now. */
  readonly room: () => number;
  /** Must not reject. */
  readonly handOn: (arrival: Arrival) => Promise<void>;
  readonly onError: (error: unknown) => void;
}

/** Hands on what was kept and not handed on, by a process that is gone or by this one before its restart. */
export class Redelivery {
  readonly #options: RedeliveryOptions;
  readonly #timer: NodeJS.Timeout;
  #first: NodeJS.Immediate | undefined;
  #looking: Promise<void> | undefined;
  #stopped = false;

  constructor(options: RedeliveryOptions) {
    this.#options = options;
    this.#first = setImmediate(() => this.#look());
    this.#timer = setInterval(() => this.#look(), options.every);
    this.#timer.unref();
  }

  /** Looks no more. Resolves when a look under way is over: what it took is then with the handlers. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearImmediate(this.#first);
    clearInterval(this.#timer);
    await this.#looking;
  }

  #look(): void {
    this.#first = undefined;
    if (this.#stopped || this.#looking) return;
    this.#looking = this.#take().finally(() => {
      this.#looking = undefined;
    });
  }

  async #take(): Promise<void> {
    const { inbox, room, handOn, onError } = this.#options;
    const limit = Math.min(AT_A_TIME, room());
    if (limit <= 0) return;
    try {
      const arrivals = await inbox.takeAbandoned(limit);
      const handed = Promise.all(arrivals.map(handOn));
      // A full catch means that there is more; but a handler that hangs leaves the next look to the timer.
      if (arrivals.length >= limit) void handed.then(() => this.#look());
    } catch (error) {
      onError(error);
    }
  }
}
