/**
 * Calls that a store's server may have carried out although their answer was lost. What they left there as this
 * process's is not known to it, so a later call has to ask for it.
 */
export class Unanswered {
  readonly #calls = new Map<string, { readonly push: string | undefined; asked: boolean }>();

  /** @param push the key of the push that the attempt was for; undefined: for several */
  add(attempt: string, push?: string): void {
    this.#calls.set(attempt, { push, asked: false });
  }

  /** The attempts for a push, which are forgotten here: who takes them sees to them. */
  takeFor(push: string): readonly string[] {
    const attempts = [...this.#calls].filter(([, call]) => call.push === push).map(([attempt]) => attempt);
    for (const attempt of attempts) this.#calls.delete(attempt);
    return attempts;
  }

  /** All attempts. */
  all(): readonly string[] {
    return [...this.#calls.keys()];
  }

  /**
   * The server was asked for what these left. They are forgotten at the second time, because the first question may have
   * come over a new connection, before the server had read all of the old one.
   */
  askedFor(attempts: readonly string[]): void {
    for (const attempt of attempts) {
      const call = this.#calls.get(attempt);
      if (call?.asked) this.#calls.delete(attempt);
      else if (call) call.asked = true;
    }
  }
}
