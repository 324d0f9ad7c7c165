/** Milliseconds in which what is the same is told once. */
const QUIET = 60_000;
/** Kinds that are remembered at most: those of troubles come from outside. */
const KINDS = 100;

/**
 * Tells what may happen often, such as what a callback refuses, without letting it fill the log: each kind once a minute,
 * with its count.
 * @example
 * const log = new QuietLog<RefusedRequest>(({ reason }, more) => console.warn(reason, more));
 * new Callback({ …, onRefused: (refused) => log.note(refused.reason, refused) });
 */
export class QuietLog<Entry> {
  readonly #tell: (entry: Entry, more: number) => void;
  readonly #told = new Map<string, { at: number; untold: number }>();

  /** @param tell `more`: as many of this kind came since it was told before */
  constructor(tell: (entry: Entry, more: number) => void) {
    this.#tell = tell;
  }

  /** Tells the entry, unless one of this kind was told within the last minute. */
  note(kind: string, entry: Entry): void {
    const now = performance.now();
    const told = this.#told.get(kind);
    if (told && now - told.at < QUIET) {
      told.untold++;
      return;
    }
    if (this.#told.size >= KINDS) this.#told.clear();
    this.#told.set(kind, { at: now, untold: 0 });
    this.#tell(entry, told?.untold ?? 0);
  }
}
