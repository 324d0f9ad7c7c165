import { within } from "../within.js";

/** Calls under way, so that the end of a connection can wait for them. */
export class UnderWay {
  readonly #calls = new Set<Promise<unknown>>();

  /** The call itself, which counts as under way until it ends. */
  track<Result>(call: Promise<Result>): Promise<Result> {
    this.#calls.add(call);
    const over = () => void this.#calls.delete(call);
    call.then(over, over);
    return call;
  }

  /** Resolves when the calls that are under way now have ended, or after so many milliseconds. */
  async ended(withinMs: number): Promise<void> {
    await within(withinMs, Promise.allSettled(this.#calls));
  }
}
