import { ApiCaller } from "../api/call.js";
import { Network } from "../api/network.js";
import { type CallDefaults, type CallOptions, Requester } from "../api/requester.js";
import { WeChatError, WeChatTransportError } from "../errors.js";
import { unlessGivenUp } from "../give-up.js";
import type { CheckedOptions } from "../options.js";
import { TokenManager } from "../token/manager.js";
import { externalTokenSource, stableTokenSource } from "../token/sources.js";
import type { ExchangeAnswer } from "../transport/exchange.js";
import type { Transport } from "../transport/transport.js";

/** The client that is diagnosed. */
export interface Setup {
  readonly options: CheckedOptions;
  readonly transport: Transport;
  /** What no error may show. */
  readonly secrets: readonly string[];
  /** The access token that the client's next call would use, if it has one at hand. */
  readonly heldToken: () => string | undefined;
}

/** How a piece of work ended. */
export type Tried<T> = { readonly value: T; readonly error?: undefined } | { readonly error: WeChatError };

/** @throws what is no error of ours, and that the caller stopped it */
export async function tried<T>(work: Promise<T>): Promise<Tried<T>> {
  try {
    return { value: await work };
  } catch (error) {
    if (!(error instanceof WeChatError) || wasStopped(error)) throw error;
    return { error };
  }
}

/** Calls to make with one token. */
type Work<T> = (requester: Requester, options: CallOptions) => Promise<T>;

const readOfAll = (requester: Requester, options: CallOptions) => new Network(requester).callbackIps(options);

export const wasStopped = (error: unknown): boolean =>
  error instanceof WeChatTransportError && error.reason === "aborted";

/**
 * One diagnosis: its bounds, and what several checks ask for. It has a token of its own and leaves that of the client
 * alone: a refused token is a finding here, not something to replace.
 */
export class Run {
  readonly setup: Setup;
  readonly signal: AbortSignal | undefined;
  readonly #timeout: number;
  readonly #endAt: number;
  #token: Promise<Tried<string>> | undefined;
  #acceptance: Promise<Tried<unknown>> | undefined;

  constructor(setup: Setup, { signal, timeout, deadline }: CallOptions) {
    this.setup = setup;
    this.signal = signal;
    this.#timeout = timeout ?? setup.options.timeout;
    this.#endAt = performance.now() + (deadline ?? setup.options.deadline);
  }

  /** Milliseconds until the deadline. */
  get remaining(): number {
    return this.#endAt - performance.now();
  }

  /** Milliseconds for one attempt that begins now. */
  get timeout(): number {
    return Math.max(1, Math.min(this.#timeout, this.remaining));
  }

  /** Where the client's tokens come from. */
  get tokenSource(): "stable" | "classic" | "function" {
    const { source } = this.setup.options.tokens;
    return typeof source === "function" ? "function" : source;
  }

  /** A call without access token: only WeChat can answer it with an errcode, and there is no secret in it. */
  knock(method: "GET" | "POST", path: string): Promise<Tried<ExchangeAnswer>> {
    const { timeout, signal } = this;
    return tried(this.setup.transport.exchange({ method, path, endpoint: `${method} ${path}`, timeout, signal }));
  }

  /**
   * A token for this diagnosis, asked for once. With the classic interface too it comes from stable_token in normal
   * mode, because a classic call would end the token of the account's other programs; WeChat keeps the two kinds apart
   * (developers.weixin.qq.com, getStableAccessToken).
   */
  token(): Promise<Tried<string>> {
    this.#token ??= tried(this.#fetchToken());
    return this.#token;
  }

  /** A read that every account may make, made once, with this diagnosis's token. */
  acceptance(): Promise<Tried<unknown>> {
    this.#acceptance ??= this.call(readOfAll);
    return this.#acceptance;
  }

  /** The same read with the token that the client holds; nothing is called if it holds none. */
  async heldAcceptance(): Promise<Tried<unknown> | undefined> {
    const held = this.setup.heldToken();
    return held === undefined ? undefined : this.#callWith(held, readOfAll);
  }

  /** Calls WeChat's API with this diagnosis's token. */
  async call<T>(work: Work<T>): Promise<Tried<T>> {
    const token = await this.token();
    return token.error ? token : this.#callWith(token.value, work);
  }

  /** The same, never repeated: for what counts among the day's sends. */
  async callOnce<T>(work: Work<T>): Promise<Tried<T>> {
    const token = await this.token();
    return token.error ? token : this.#callWith(token.value, work, { retryBusy: false, atLeastOnce: false });
  }

  #callWith<T>(token: string, work: Work<T>, defaults: Partial<CallDefaults> = {}): Promise<Tried<T>> {
    const options = { signal: this.signal, timeout: this.timeout, deadline: Math.max(1, this.remaining) };
    return tried(work(this.#requesterWith(token, defaults), options));
  }

  #requesterWith(accessToken: string, defaults: Partial<CallDefaults>): Requester {
    const { options, transport, secrets } = this.setup;
    const { appId, busyRetry, readRetry } = options;
    // It gives the same token again when asked for another one, so a refusal stays a refusal.
    const tokens = new TokenManager({ force: undefined, fetch: async () => ({ accessToken, expiresIn: 3600 }) });
    return new Requester(new ApiCaller({ appId, transport, tokens, secrets, busyRetry, readRetry }), {
      ...options,
      ...defaults,
    });
  }

  async #fetchToken(): Promise<string> {
    const { options, transport, secrets } = this.setup;
    const { appId, tokens, tokenRetry: retry } = options;
    const wire = { transport, timeout: this.timeout, secrets };
    const source =
      tokens.appSecret === undefined
        ? externalTokenSource(tokens.source, wire.timeout, secrets)
        : stableTokenSource({ appId, appSecret: tokens.appSecret }, wire);
    const manager = new TokenManager(source, { retry });
    try {
      return await unlessGivenUp(manager.get(), this.remaining, this.signal, (reason) => {
        const words = reason === "timeout" ? "the deadline passed" : "stopped by the caller";
        return new WeChatTransportError({ reason, message: `${words} while waiting for an access token`, sent: false });
      });
    } finally {
      manager.close();
    }
  }
}
