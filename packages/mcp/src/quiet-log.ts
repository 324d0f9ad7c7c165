/** Milliseconds in which what is the same is told once. */
const QUIET = 60_000;
/** Kinds that are remembered at most. */
const KINDS = 100;

/** Tells what strangers can make happen without letting it fill the log: each kind once a minute, with its count. */
export class QuietLog {
  readonly #tell: (line: string) => void;
  readonly #told = new Map<string, { readonly at: number; untold: number }>();

  constructor(tell: (line: string) => void) {
    this.#tell = tell;
  }

  note(kind: string, line: string): void {
    const now = performance.now();
    const told = this.#told.get(kind);
    if (told && now - told.at < QUIET) {
      told.untold++;
      return;
    }
    if (this.#told.size >= KINDS) this.#told.clear();
    this.#told.set(kind, { at: now, untold: 0 });
    this.#tell(told?.untold ? `${line} (${told.untold} more since the last time)` : line);
  }
}
