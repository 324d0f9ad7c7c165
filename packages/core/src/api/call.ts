import type { Delivery } from "../delivery.js";
import { lookUpErrcode } from "../error-catalog.js";
import { apiError, WeChatApiError, WeChatError, WeChatTransportError } from "../errors.js";
import { pause, type RetryPolicy, retryDelay } from "../retry.js";
import type { TokenManager } from "../token/manager.js";
import { type JsonAnswer, readAnswer } from "../transport/answer.js";
import type { Transport } from "../transport/transport.js";
import { type Endpoint, endpointName } from "./endpoint.js";

/** The bounds of one call. */
export interface CallLimits {
  /** Milliseconds for one attempt. */
  readonly timeout: number;
  /** The moment, on the clock of `performance.now()`, after which nothing more is tried. */
  readonly endAt: number;
  readonly signal?: AbortSignal | undefined;
  /** Whether -1 is tried again. */
  readonly retryBusy: boolean;
  /** Whether an unknown outcome is tried again, at the price of doubles. */
  readonly atLeastOnce: boolean;
}

/** A call to an endpoint with everything around the exchange: token, its replacement, repetition after -1. */
export class ApiCaller {
  constructor(
    readonly transport: Transport,
    readonly tokens: TokenManager,
    readonly busyRetry: RetryPolicy,
  ) {}

  /**
   * Sends a message once, as far as WeChat lets us know.
   * @returns WeChat's answer with errcode 0
   * @throws WeChatError with `delivery`
   */
  async send(endpoint: Endpoint, body: unknown, limits: CallLimits): Promise<JsonAnswer> {
    const bytes = Buffer.from(JSON.stringify(body));
    // Once one attempt may have been delivered, no later refusal can prove that nothing arrived.
    let mayHaveArrived = false;
    let tokenReplaced = false;
    for (let repetition = 0; ; ) {
      let token: string | undefined;
      let failure: WeChatError;
      try {
        token = this.tokens.current() ?? (await withinLimits(this.tokens.get(), endpoint, limits));
        const answer = await this.#attempt(endpoint, token, bytes, limits);
        if (answer.errcode === 0) return answer;
        failure = refusal(endpoint, answer, token);
      } catch (error) {
        if (!(error instanceof WeChatError)) throw error;
        failure = error;
        // Whatever went wrong on the way to a token, this attempt did not leave.
        if (token === undefined) throw failed(failure, mayHaveArrived ? "unknown" : "not-delivered");
      }
      if (token && !tokenReplaced && refusesToken(failure)) {
        tokenReplaced = true;
        if (await this.#replaceToken(token, endpoint, limits, mayHaveArrived)) continue;
      }
      const delivery = deliveryAfter(failure);
      mayHaveArrived ||= delivery === "unknown";
      const wait = retryDelay(this.busyRetry, repetition);
      const again = delivery === "unknown" && (isBusy(failure) ? limits.retryBusy : limits.atLeastOnce);
      if (!again || repetition >= this.busyRetry.retries || remaining(limits) <= wait || limits.signal?.aborted) {
        throw failed(failure, mayHaveArrived ? "unknown" : delivery);
      }
      repetition++;
      await pause(wait, limits.signal);
    }
  }

  async #attempt(endpoint: Endpoint, token: string, body: Buffer, limits: CallLimits): Promise<JsonAnswer> {
    const name = endpointName(endpoint);
    const left = remaining(limits);
    if (left <= 0) {
      const message = `${name}: the deadline passed before it was sent`;
      throw new WeChatTransportError({ reason: "timeout", message, sent: false });
    }
    const exchange = await this.transport.exchange({
      method: endpoint.method,
      path: `${endpoint.path}?access_token=${encodeURIComponent(token)}`,
      body,
      endpoint: name,
      timeout: Math.min(limits.timeout, left),
      signal: limits.signal,
    });
    const answer = readAnswer(exchange, name);
    if (answer.errcode !== undefined) return answer;
    const message = `${name}: the answer holds no errcode`;
    throw new WeChatTransportError({ reason: "answer", message, sent: true, status: exchange.status });
  }

  /** @returns whether there is another token now */
  async #replaceToken(
    refused: string,
    endpoint: Endpoint,
    limits: CallLimits,
    mayHaveArrived: boolean,
  ): Promise<boolean> {
    try {
      return (await withinLimits(this.tokens.replace(refused), endpoint, limits)) !== undefined;
    } catch (error) {
      throw error instanceof WeChatError ? failed(error, mayHaveArrived ? "unknown" : "not-delivered") : error;
    }
  }
}

function refusal(endpoint: Endpoint, answer: JsonAnswer, token: string): WeChatApiError {
  return apiError({
    errcode: answer.errcode ?? 0,
    errmsg: answer.errmsg ?? "",
    endpoint: endpointName(endpoint),
    secrets: [token],
  });
}

/** What one failed attempt says of the message. */
function deliveryAfter(failure: WeChatError): Delivery {
  if (failure instanceof WeChatApiError) return failure.kind === "busy" ? "unknown" : "not-delivered";
  return failure instanceof WeChatTransportError && failure.sent ? "unknown" : "not-delivered";
}

/** WeChat refused the access token, not the call. */
const refusesToken = (failure: WeChatError) =>
  failure instanceof WeChatApiError && lookUpErrcode(failure.errcode).retry === "token";
const isBusy = (failure: WeChatError) => failure instanceof WeChatApiError && failure.kind === "busy";
const failed = (failure: WeChatError, delivery: Delivery) => failure.withOutcome({ delivery });
const remaining = ({ endAt }: CallLimits) => endAt - performance.now();

/** Waits for a token that other callers wait for too: this caller may give up without stopping it for them. */
function withinLimits<T>(promise: Promise<T>, endpoint: Endpoint, limits: CallLimits): Promise<T> {
  const { signal } = limits;
  return new Promise((resolve, reject) => {
    const giveUp = (reason: "timeout" | "aborted", words: string) => {
      done();
      const message = `${endpointName(endpoint)}: ${words} while waiting for an access token`;
      reject(new WeChatTransportError({ reason, message, sent: false }));
    };
    const onAbort = () => giveUp("aborted", "stopped by the caller");
    const timer = setTimeout(() => giveUp("timeout", "the deadline passed"), Math.max(0, remaining(limits)));
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    };
    promise.then(resolve, reject).finally(done);
    if (signal?.aborted) onAbort();
    else signal?.addEventListener("abort", onAbort, { once: true });
  });
}
