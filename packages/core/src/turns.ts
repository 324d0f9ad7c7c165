/**
 * Keeps what belongs together in order: work of several steps for one key is not mixed with other work for it.
 * Work of a single step for a key that nobody holds begins at once, and costs one look-up.
 */
export class Turns {
  readonly #last = new Map<string, Promise<void>>();

  /** @param several whether the work has several steps, so that later work for the key waits for it */
  run<T>(key: string, several: boolean, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key);
    if (before === undefined && !several) return work();
    const result = before === undefined ? work() : before.then(work);
    const over: Promise<void> = result.then(
      () => this.#release(key, over),
      () => this.#release(key, over),
    );
    this.#last.set(key, over);
    return result;
  }

  #release(key: string, over: Promise<void>): void {
    if (this.#last.get(key) === over) this.#last.delete(key);
  }
}
