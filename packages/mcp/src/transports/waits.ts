import type { InboxReader } from "../tools/tool.js";

/** Ends waits when the server ends: they would keep it for up to a minute, and nothing is lost by them. */
export class Waits {
  readonly #open = new Set<AbortController>();
  #ended = false;

  /** The accounts, whose waits end with this. */
  endableIn<Account extends { readonly inbox?: InboxReader | undefined }>(accounts: readonly Account[]) {
    return accounts.map((account) => ({ ...account, inbox: account.inbox && this.endable(account.inbox) }));
  }

  /** The inbox, whose waits end with this. */
  endable(inbox: InboxReader): InboxReader {
    return {
      conversation: (openid) => inbox.conversation(openid),
      conversations: (options) => inbox.conversations(options),
      markRead: (openid, upTo) => inbox.markRead(openid, upTo),
      read: (openid, options) => inbox.read(openid, options),
      stats: () => inbox.stats(),
      waitForIncoming: (options) => this.#wait(inbox, options),
      window: (openid) => inbox.window(openid),
    };
  }

  /** Ends all, now and from now on: they come back with what is there. */
  end(): void {
    this.#ended = true;
    for (const wait of this.#open) wait.abort();
  }

  async #wait(inbox: InboxReader, options: Parameters<InboxReader["waitForIncoming"]>[0] = {}) {
    const { signal } = options;
    const ending = new AbortController();
    const end = () => ending.abort();
    if (this.#ended || signal?.aborted) end();
    signal?.addEventListener("abort", end, { once: true });
    this.#open.add(ending);
    try {
      return await inbox.waitForIncoming({ ...options, signal: ending.signal });
    } finally {
      this.#open.delete(ending);
      signal?.removeEventListener("abort", end);
    }
  }
}
