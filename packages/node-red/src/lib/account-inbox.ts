import {
  type Arrival,
  Inbox,
  type MemoryStore,
  openInbox,
  type Receiver,
  type Sent,
  type SentLog,
} from "@wechat-offiaccount/core";

/** The inbox of an account node. It can be used at once; what is asked of it waits until it is open. */
export class AccountInbox implements Receiver, SentLog {
  readonly appId: string;
  readonly #opening: Promise<Inbox>;
  readonly #onError: (error: unknown) => void;
  /** The causes of what fails, by what was asked for, until that works again. */
  readonly #causes = new Map<string, Set<string>>();
  readonly #own = new WeakSet<object>();

  /**
   * @param word `memory`, or `sqlite:` and a path
   * @param memory the store for `memory`
   * @param onError hears of each cause of a failure once, until it works again: pushes and looks for what was left
   *   behind would tell it over and over
   */
  constructor(word: string, memory: MemoryStore, appId: string, onError: (error: unknown) => void) {
    this.appId = appId;
    this.#onError = onError;
    // A push that is kept writes, and so tells whether the rest that writes unasked works again.
    const options = { appId, onError: (error: unknown) => this.#fails("receive", error) };
    this.#opening =
      word === "memory" ? Promise.resolve(new Inbox({ ...options, store: memory })) : openInbox(word, options);
    this.#opening.catch((error: unknown) => this.#fails("open", error));
  }

  /** Resolves when it is open. @throws WeChatError if it cannot be opened */
  async opened(): Promise<void> {
    await this.#opening;
  }

  /** Whether an error came from here: then it was told. */
  tells(error: unknown): boolean {
    return typeof error === "object" && error !== null && this.#own.has(error);
  }

  receive(arrival: Arrival): Promise<"new" | "duplicate" | "replayed"> {
    return this.#ask("receive", (inbox) => inbox.receive(arrival));
  }

  emitted(key: string): Promise<void> {
    return this.#ask("emitted", (inbox) => inbox.emitted(key));
  }

  takeAbandoned(limit?: number): Promise<readonly Arrival[]> {
    return this.#ask("takeAbandoned", (inbox) => inbox.takeAbandoned(limit));
  }

  record(openid: string, sent: Sent): void {
    // That it could not be opened was told already.
    this.#opening.then((inbox) => inbox.record(openid, sent)).catch(() => {});
  }

  async close(): Promise<void> {
    const inbox = await this.#opening.catch(() => undefined);
    await inbox?.close().catch((error: unknown) => this.#fails("close", error));
  }

  async #ask<T>(what: string, ask: (inbox: Inbox) => Promise<T>): Promise<T> {
    try {
      const answer = await ask(await this.#opening);
      this.#causes.delete(what);
      return answer;
    } catch (error) {
      this.#fails(what, error);
      throw error;
    }
  }

  #fails(what: string, error: unknown): void {
    const cause = String(error);
    const told = [...this.#causes.values()].some((causes) => causes.has(cause));
    this.#causes.set(what, (this.#causes.get(what) ?? new Set()).add(cause));
    if (typeof error === "object" && error !== null) this.#own.add(error);
    if (!told) this.#onError(error);
  }
}
