/** A refused call as WeChat keeps it for whoever asks for its request id: with the access token and the whole body. */
export interface RefusedCall {
  readonly appId: string;
  /** Milliseconds since 1970 on the simulator's clock. */
  readonly time: number;
  readonly costInMs: number;
  /** The query, as it came. */
  readonly url: string;
  readonly body: string;
  readonly response: string;
  readonly address: string;
}

/** Official page getRidInfo: a rid can be looked up for seven days. */
const KEPT_FOR = 7 * 24 * 60 * 60_000;
const MOST = 5000;
/** Longer bodies are cut: no source says what WeChat does with them. */
const LONGEST_BODY = 8192;

/** What openapi/rid/get answers from. It holds secrets: only that endpoint reads it, no page, state or ledger. */
export class Rids {
  readonly #calls = new Map<string, RefusedCall>();

  add(rid: string, call: Omit<RefusedCall, "body">, body: Buffer): void {
    this.#calls.set(rid, { ...call, body: body.toString("utf8", 0, LONGEST_BODY) });
    for (const oldest of this.#calls.keys()) {
      if (this.#calls.size <= MOST) break;
      this.#calls.delete(oldest);
    }
  }

  find(rid: string, now: number): RefusedCall | undefined {
    const call = this.#calls.get(rid);
    return call !== undefined && now - call.time < KEPT_FOR ? call : undefined;
  }
}
