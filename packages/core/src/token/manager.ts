import { closedError, WeChatApiError, WeChatTransportError } from "../errors.js";
import { pause, type RetryPolicy, retryDelay, TOKEN_RETRY } from "../retry.js";
import { OVERLAP, type TokenRequest, type TokenSource } from "./sources.js";

/** After a failed refresh in the background the valid token is kept, and the next try waits this long. */
const REFRESH_AGAIN_AFTER = 10_000;
/** An error of the token endpoint answers all callers for this long, so that a wrong secret causes no storm of calls. */
const REFUSAL_MEMORY = 5_000;
const FAILURE_MEMORY = 1_000;
const DAY = 86_400_000;

interface HeldToken {
  readonly value: string;
  readonly expiresAt: number;
  refreshAt: number;
  /** WeChat refused it: nobody is to start with it while a replacement is on the way. */
  refused: boolean;
}

export interface TokenManagerOptions {
  readonly retry?: RetryPolicy;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

/**
 * Holds the access token of one account: one request however many callers wait, a refresh in the background before the
 * end, and replacement of a refused token only while it is still the current one.
 */
export class TokenManager {
  readonly #source: TokenSource;
  readonly #retry: RetryPolicy;
  readonly #now: () => number;
  readonly #closing = new AbortController();
  #held: HeldToken | undefined;
  #fetching: Promise<string> | undefined;
  #replacing: Promise<string | undefined> | undefined;
  #failure: { readonly error: unknown; readonly until: number } | undefined;
  /** A token that is not to be replaced before the time given: it could not be, or it is a replacement itself. */
  #settled: { readonly value: string; readonly until: number } | undefined;
  #forcedAt: number[] = [];

  constructor(source: TokenSource, { retry = TOKEN_RETRY, now = () => performance.now() }: TokenManagerOptions = {}) {
    this.#source = source;
    this.#retry = retry;
    this.#now = now;
  }

  /** The token, if one is at hand: the path of almost every call. Starts the refresh in the background when it is due. */
  current(): string | undefined {
    const now = this.#now();
    const held = this.#usable(now);
    if (held && now >= held.refreshAt && !this.#fetching) this.#refreshInBackground(held);
    return held?.value;
  }

  /** The token at hand that a call would use, for whoever only looks: nothing is fetched or refreshed. */
  peek(): string | undefined {
    return this.#usable(this.#now())?.value;
  }

  #usable(now: number): HeldToken | undefined {
    const held = this.#held;
    return held === undefined || held.refused || now >= held.expiresAt ? undefined : held;
  }

  /**
   * The token, fetched if none is at hand.
   * @throws what the token endpoint answered, or how the way there failed
   */
  async get(): Promise<string> {
    return this.current() ?? (await this.#replacing) ?? this.current() ?? this.#fetch({ force: false });
  }

  /**
   * A token in place of one that WeChat refused (40001, 40014, 42001, 42007); `undefined` if WeChat keeps handing out
   * the refused one.
   */
  async replace(refused: string): Promise<string | undefined> {
    const held = this.#held;
    if (held && held.value !== refused && !held.refused && this.#now() < held.expiresAt) return held.value;
    if (this.#settled?.value === refused && this.#now() < this.#settled.until) return undefined;
    this.#replacing ??= this.#replace(refused).finally(() => {
      this.#replacing = undefined;
    });
    return this.#replacing;
  }

  /** Stops what runs in the background; waiting callers get an error. */
  close(): void {
    this.#closing.abort();
  }

  async #replace(refused: string): Promise<string | undefined> {
    const held = this.#held;
    if (held?.value === refused) held.refused = true;
    try {
      const replacement = await this.#another(refused);
      // If WeChat refuses the replacement at once too, something else is wrong: no storm of token calls.
      this.#settled = { value: replacement ?? refused, until: this.#now() + REFUSAL_MEMORY };
      return replacement;
    } finally {
      // If it could not be replaced it is still the best there is: the next call shows WeChat's own words.
      if (this.#held?.value === refused) this.#held.refused = false;
    }
  }

  async #another(refused: string): Promise<string | undefined> {
    // What was asked before the refusal may be answered with the token that was refused since.
    const underWay = await this.#fetching?.catch(() => undefined);
    if (underWay !== undefined && underWay !== refused) return underWay;
    const normal = await this.#fetch({ force: false, refused });
    if (normal !== refused) return normal;
    if (!this.#mayForce()) return undefined;
    this.#forcedAt.push(this.#now());
    const forced = await this.#fetch({ force: true, refused });
    return forced === refused ? undefined : forced;
  }

  #mayForce(): boolean {
    const { force } = this.#source;
    if (!force) return false;
    const now = this.#now();
    this.#forcedAt = this.#forcedAt.filter((at) => now - at < DAY);
    const last = this.#forcedAt.at(-1);
    return this.#forcedAt.length < force.perDay && (last === undefined || now - last >= force.minInterval);
  }

  #refreshInBackground(held: HeldToken): void {
    held.refreshAt = this.#now() + REFRESH_AGAIN_AFTER;
    this.#fetch({ force: false }).catch(() => {}); // the token at hand is still valid
  }

  /** One request at a time. A forced one waits for the one under way, whose answer it already knows to be useless. */
  async #fetch(request: TokenRequest): Promise<string> {
    if (this.#fetching) {
      if (!request.force) return this.#fetching;
      await this.#fetching.catch(() => {});
    }
    const failure = this.#failure;
    if (failure && this.#now() < failure.until) throw failure.error;
    this.#fetching = this.#ask(request).finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  async #ask(request: TokenRequest): Promise<string> {
    const { signal } = this.#closing;
    for (let attempt = 0; ; attempt++) {
      if (signal.aborted) throw closedError();
      try {
        const { accessToken, expiresIn } = await this.#source.fetch({ ...request, signal }, attempt + 1);
        this.#keep(accessToken, expiresIn * 1000);
        return accessToken;
      } catch (error) {
        if (signal.aborted) throw closedError();
        if (attempt < this.#retry.retries && mayPass(error)) {
          await pause(retryDelay(this.#retry, attempt), signal);
          continue;
        }
        const memory = error instanceof WeChatApiError ? REFUSAL_MEMORY : FAILURE_MEMORY;
        this.#failure = { error, until: this.#now() + memory };
        throw error;
      }
    }
  }

  #keep(value: string, life: number): void {
    const now = this.#now();
    // A refused token that is handed out again must not look fresh to those who wait for its replacement.
    const refused = this.#held?.value === value && this.#held.refused;
    // Sources other than WeChat may give tokens that live shorter than the overlap.
    const margin = life > OVERLAP ? OVERLAP : life / 5;
    this.#held = { value, expiresAt: now + life, refreshAt: now + life - margin, refused };
  }
}

/** Trouble that may be over in a moment. Asking for a token twice does no harm. */
function mayPass(error: unknown): boolean {
  if (error instanceof WeChatApiError) return error.kind === "busy";
  if (!(error instanceof WeChatTransportError) || error.tooLarge) return false;
  return error.reason !== "aborted" && error.reason !== "timeout";
}
