import { MARKS_A_PUSH, type NoteAmendment } from "./store.js";

/** Marks kept at least, where so many come before they run out; twice as many at most. About 10 MB an account. */
const MAX_MARKS = 50_000;

/** What stands for an account's pushes and nonces, with the push that they belong to. */
export class Marks {
  #young = new Map<string, string>();
  #youngUntil = 0;
  #old = new Map<string, string>();
  #oldUntil = 0;

  get(name: string, now: number): string | undefined {
    const found = now < this.#youngUntil ? this.#young.get(name) : undefined;
    return found ?? (now < this.#oldUntil ? this.#old.get(name) : undefined);
  }

  /** Remembered until `until`, or longer: all marks of a generation end with the last of them. */
  set(name: string, of: string, until: number, now: number): void {
    if (now >= this.#oldUntil || this.#young.size >= MAX_MARKS) {
      this.#old = this.#young;
      this.#oldUntil = this.#youngUntil;
      this.#young = new Map();
      this.#youngUntil = 0;
    }
    this.#young.set(name, of);
    this.#youngUntil = Math.max(until, this.#youngUntil);
  }
}

/** Notes of all accounts. */
export class Notes {
  readonly #notes = new Map<string, { readonly body: string; readonly until: number }>();

  /** How many there are, with some that have ended. */
  get size(): number {
    return this.#notes.size;
  }

  amend(name: string, { change, now, until }: Omit<NoteAmendment, "key">): string | undefined {
    const known = this.#notes.get(name);
    const before = known && known.until > now ? known.body : undefined;
    const after = change(before);
    if (after === undefined) return before;
    this.#notes.set(name, { body: after, until });
    this.#forget(now);
    return after;
  }

  /** Looks at a few in turn: so each is looked at before there are a quarter more. */
  #forget(now: number): void {
    let looks = 0;
    for (const [name, note] of this.#notes) {
      this.#notes.delete(name);
      if (note.until > now) this.#notes.set(name, note);
      if (++looks === MARKS_A_PUSH) return;
    }
  }
}
