/** Work that must end before its owner may go. */
export class UnderWay {
  #count = 0;
  readonly #onNone = new Set<() => void>();
  readonly #end = () => {
    this.#count -= 1;
    if (this.#count > 0) return;
    for (const over of this.#onNone) over();
    this.#onNone.clear();
  };

  /** @param work may reject; whoever gave it hears of that */
  add(work: Promise<unknown>): void {
    this.#count += 1;
    work.then(this.#end, this.#end);
  }

  /** Waits until all of it, and what it begets, is over, at most `ms` milliseconds. */
  async over(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const bound = new Promise<"late">((resolve) => {
      timer = setTimeout(resolve, ms, "late");
    });
    while (this.#count > 0) {
      const none = new Promise<void>((resolve) => {
        this.#onNone.add(resolve);
      });
      if ((await Promise.race([none, bound])) === "late") break;
    }
    clearTimeout(timer);
  }
}
