/** Work that must end before its owner may go. */
export class UnderWay {
  readonly #works = new Set<Promise<unknown>>();

  /** @param work must not reject */
  add(work: Promise<unknown>): void {
    this.#works.add(work);
    void work.then(() => this.#works.delete(work));
  }

  /** Waits until all of it, and what it begets, is over, at most `ms` milliseconds. */
  async over(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const bound = new Promise<"late">((resolve) => {
      timer = setTimeout(resolve, ms, "late");
    });
    while (this.#works.size > 0) {
      const ended = await Promise.race([Promise.all(this.#works), bound]);
      if (ended === "late") break;
    }
    clearTimeout(timer);
  }
}
