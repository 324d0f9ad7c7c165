import type { Call, DeliveredMessage, PhoneLine } from "./ledger.js";
import type { Push } from "./push/record.js";

/** An entry of one of the ledger's lists. */
export type LedgerEntry =
  | { readonly list: "calls"; readonly entry: Call }
  | { readonly list: "pushes"; readonly entry: Push }
  | { readonly list: "messages"; readonly entry: DeliveredMessage }
  | { readonly list: "lines"; readonly entry: PhoneLine };

/** Hears of what happens in this WeChat, while it happens: it must only take a note. */
export interface Listener {
  /** An entry is new, or has learnt more. */
  entry(changed: LedgerEntry): void;
  /** Something else: accounts, followers, faults, tokens. */
  state(): void;
  /** The ledger was cleared. */
  cleared(): void;
  /** The clock was moved. */
  clockMoved(): void;
}

/** Where changes are reported. Without a listener that costs next to nothing: load tests run through here. */
export class Changes {
  // Hidden also from inspect and JSON: a listener knows the accounts and their secrets, and the ledger reports here.
  #listener: Listener | undefined;

  /** At most one listens. */
  set listener(listener: Listener | undefined) {
    this.#listener = listener;
  }

  get listened(): boolean {
    return this.#listener !== undefined;
  }

  call(entry: Call): void {
    this.#listener?.entry({ list: "calls", entry });
  }

  push(entry: Push): void {
    this.#listener?.entry({ list: "pushes", entry });
  }

  message(entry: DeliveredMessage): void {
    this.#listener?.entry({ list: "messages", entry });
  }

  line(entry: PhoneLine): void {
    this.#listener?.entry({ list: "lines", entry });
  }

  state(): void {
    this.#listener?.state();
  }

  cleared(): void {
    this.#listener?.cleared();
  }

  clockMoved(): void {
    this.#listener?.clockMoved();
  }
}
