import { type Bilingual, joined } from "../bilingual.js";
import { calls, type ObservedAttempt, observed } from "../call-events.js";
import type { Delivery } from "../delivery.js";
import { CLIENT_REMEDY, TRANSPORT_REMEDY } from "../error-catalog.js";
import { type Outcome, WeChatApiError, WeChatError, WeChatTransportError } from "../errors.js";
import { unlessGivenUp } from "../give-up.js";
import { pause, type RetryPolicy, retryDelay } from "../retry.js";
import type { TokenManager } from "../token/manager.js";
import type { JsonAnswer } from "../transport/answer.js";
import type { ExchangeAnswer, ExchangeRequest } from "../transport/exchange.js";
import type { IncomingFile } from "../transport/incoming-file.js";
import { type Form, type FormFile, formWith } from "../transport/multipart.js";
import type { Transport } from "../transport/transport.js";
import { type CallTarget, endpointName, type WireRequest } from "./endpoint.js";
import { Gate } from "./gate.js";
import { accepted, jsonOf, TokenPaths } from "./wire.js";

/** The bounds of one call. */
export interface CallLimits {
  /** Milliseconds for one attempt. */
  readonly timeout: number;
  /** The moment, on the clock of `performance.now()`, after which nothing more is tried. */
  readonly endAt: number;
  readonly signal?: AbortSignal | undefined;
  /** Whether -1 is tried again. */
  readonly retryBusy: boolean;
  /** Whether a send or write of unknown outcome is tried again, at the price of doubles. */
  readonly atLeastOnce: boolean;
}

export interface ApiCallerOptions {
  readonly appId: string;
  readonly transport: Transport;
  readonly tokens: TokenManager;
  /** What no error may show, beside the access token. */
  readonly secrets: readonly string[];
  /** After -1. */
  readonly busyRetry: RetryPolicy;
  /** Of reads, after anything that may pass. */
  readonly readRetry: RetryPolicy;
  /** Calls at the same time at most. */
  readonly maxConcurrent?: number | undefined;
  /** Sends a minute at most. */
  readonly messagesPerMinute?: number | undefined;
}

/** A call to an endpoint with everything around the exchange: token, its replacement, repetition. */
export class ApiCaller {
  readonly #options: ApiCallerOptions;
  readonly #paths = new TokenPaths();
  readonly #calls: Gate | undefined;
  readonly #sends: Gate | undefined;

  constructor(options: ApiCallerOptions) {
    const { maxConcurrent, messagesPerMinute } = options;
    this.#options = options;
    if (maxConcurrent !== undefined) this.#calls = new Gate({ atOnce: maxConcurrent });
    if (messagesPerMinute !== undefined) this.#sends = new Gate({ perWindow: messagesPerMinute });
  }

  /**
   * @returns WeChat's answer; of a send always with errcode 0
   * @throws WeChatError; of a send with `delivery`
   */
  call(target: CallTarget, wire: WireRequest, limits: CallLimits): Promise<JsonAnswer> {
    const body = jsonOf(wire);
    return this.#repeat(target, wire, limits, {
      request: (token, timeout) => this.#requestOf(target, wire, body, token, timeout, limits.signal),
      read: (answer, token) => accepted(target, wire, token, this.#options.secrets, answer),
    });
  }

  /**
   * A call that sends a file in a form.
   * @throws WeChatError
   */
  upload(target: CallTarget, wire: WireRequest, file: FormFile, limits: CallLimits): Promise<JsonAnswer> {
    const form = formWith(file, wire.fields);
    const { endAt, signal } = limits;
    const attempt: Attempt<JsonAnswer> = {
      request: (token, timeout) => ({
        ...this.#requestOf(target, wire, undefined, token, timeout, signal),
        form,
        endAt,
      }),
      read: (answer, token) => accepted(target, wire, token, this.#options.secrets, answer),
    };
    return this.#repeat(target, wire, limits, attempt, form);
  }

  /**
   * A call whose answer may be a file. It is repeated only until the file begins to arrive.
   * @throws WeChatError
   */
  download(target: CallTarget, wire: WireRequest, limits: CallLimits): Promise<IncomingFile | JsonAnswer> {
    const body = jsonOf(wire);
    const { timeout: fileTimeout, signal } = limits;
    return this.#repeat<IncomingFile | JsonAnswer>(target, wire, limits, {
      request: (token, timeout) => ({
        ...this.#requestOf(target, wire, body, token, timeout, signal),
        fileTimeout,
      }),
      read: (answer, token) => answer.file ?? accepted(target, wire, token, this.#options.secrets, answer),
    });
  }

  #requestOf(
    target: CallTarget,
    wire: WireRequest,
    body: Buffer | undefined,
    token: string,
    timeout: number,
    signal: AbortSignal | undefined,
  ): ExchangeRequest {
    const { method, maxAnswerBytes } = target;
    const path = this.#paths.of(target, token, wire);
    return { method, path, body, endpoint: endpointName(target), timeout, signal, maxAnswerBytes };
  }

  async #repeat<T>(
    target: CallTarget,
    { secret }: WireRequest,
    limits: CallLimits,
    attempt: Attempt<T>,
    form?: Form,
  ): Promise<T> {
    const tokens = secret === undefined ? this.#options.tokens : NO_TOKEN;
    // Once one attempt may have been delivered, no later refusal can prove that nothing arrived.
    let mayHaveArrived = false;
    let tokenReplaced = false;
    /** Got in place of a refused token. */
    let replacement: string | undefined;
    const failed = (failure: WeChatError, delivery: Delivery) => {
      if (target.retry === "send") return failure.withOutcome({ delivery: mayHaveArrived ? "unknown" : delivery });
      const maybeDone = mayHaveArrived || delivery === "unknown";
      const words = wordsOn(failure, { target, maybeDone, tokenReplaced: replacement !== undefined, form, limits });
      return words ? failure.withOutcome(words) : failure;
    };
    for (let attempts = 1, repetition = 0; ; attempts++) {
      let token: string | undefined;
      let failure: WeChatError;
      try {
        token = tokens.current() ?? (await withinLimits(tokens.get(), target, limits));
        if (!this.#calls && !this.#sends && !calls.hasSubscribers) {
          // Almost every call: it waits for nothing but the exchange.
          const request = attempt.request(token, timeoutOf(target, limits));
          return attempt.read(await this.#options.transport.exchange(request), token);
        }
        return await this.#watched(target, limits, attempt, token, attempts);
      } catch (error) {
        if (!(error instanceof WeChatError)) throw error;
        failure = error;
      }
      if (token !== undefined && !tokenReplaced && refusesToken(failure)) {
        tokenReplaced = true;
        try {
          replacement = await withinLimits(tokens.replace(token), target, limits);
          if (replacement !== undefined && !form?.spent) continue;
        } catch (error) {
          if (!(error instanceof WeChatError)) throw error;
          failure = error;
          token = undefined;
        }
      }
      if (token !== undefined && secret === undefined && refusesToken(failure)) {
        failure = failure.withCause(CLIENT_REMEDY.noOtherToken);
      }
      // Whatever went wrong on the way to a token, this attempt did not leave.
      const delivery = token === undefined ? "not-delivered" : deliveryAfter(failure);
      mayHaveArrived ||= delivery === "unknown";
      // An earlier attempt whose outcome nobody knows is made good for, however the present one failed.
      const owed = mayHaveArrived && limits.atLeastOnce;
      if (token === undefined && !owed) throw failed(failure, delivery);
      const policy = this.#policyFor(failure, target, limits, owed);
      if (!policy || repetition >= policy.retries || form?.spent || limits.signal?.aborted)
        throw failed(failure, delivery);
      const wait = retryDelay(policy, repetition);
      if (remaining(limits) <= wait) throw failed(failure, delivery);
      repetition++;
      await pause(wait, limits.signal);
    }
  }

  /** Runs an attempt in its turn, and publishes how it ended, where either is asked for. */
  #watched<T>(target: CallTarget, limits: CallLimits, attempt: Attempt<T>, token: string, count: number): Promise<T> {
    const run = async () => {
      const request = attempt.request(token, timeoutOf(target, limits));
      return attempt.read(await this.#options.transport.exchange(request), token);
    };
    const seen = calls.hasSubscribers ? () => observed(this.#aboutAttempt(target, count), run) : run;
    return this.#inTurn(target, limits, seen);
  }

  #aboutAttempt(target: CallTarget, attempt: number): ObservedAttempt {
    const about = { appId: this.#options.appId, endpoint: endpointName(target), attempt };
    return target.retry === "send" ? { ...about, deliveryAfter } : about;
  }

  /** Runs an attempt within the bounds on calls at the same time and on sends a minute, where there are any. */
  #inTurn<T>(target: CallTarget, limits: CallLimits, attempt: () => Promise<T>): Promise<T> {
    const calls = this.#calls;
    const sends = target.retry === "send" ? this.#sends : undefined;
    if (!calls && !sends) return attempt();
    const name = endpointName(target);
    const run = calls ? () => calls.run(name, limits, attempt) : attempt;
    return sends ? sends.run(name, limits, run) : run();
  }

  /** How a failure may be repeated, if at all. */
  #policyFor(failure: WeChatError, { retry }: CallTarget, limits: CallLimits, owed: boolean): RetryPolicy | undefined {
    const { busyRetry, readRetry } = this.#options;
    if (failure instanceof WeChatApiError) return failure.errcode === -1 && limits.retryBusy ? busyRetry : undefined;
    if (!(failure instanceof WeChatTransportError) || failure.reason === "aborted") return undefined;
    if (failure.tooLarge) return undefined;
    if (retry === "read") return readRetry;
    return owed || (failure.sent && limits.atLeastOnce) ? busyRetry : undefined;
  }
}

/** What differs from call to call in an attempt. */
interface Attempt<T> {
  readonly request: (token: string, timeout: number) => ExchangeRequest;
  /** @throws WeChatError if the answer is no success */
  readonly read: (answer: ExchangeAnswer, token: string) => T;
}

/** Of a call that names the AppSecret instead: there is no token to ask for, and none to replace. */
const NO_TOKEN: Pick<TokenManager, "current" | "get" | "replace"> = {
  current: () => "",
  get: async () => "",
  replace: async () => undefined,
};

/** What is known of a read or write that failed. */
interface Failed {
  readonly target: CallTarget;
  /** Whether WeChat may have done it, in this attempt or an earlier one. */
  readonly maybeDone: boolean;
  /** Whether another token was got in place of a refused one. */
  readonly tokenReplaced: boolean;
  readonly form: Form | undefined;
  readonly limits: CallLimits;
}

/** What a remedy says of the outcome of a read or write, beside its cause or in its place. */
function wordsOn(failure: WeChatError, facts: Failed): Outcome | undefined {
  const { target, form, limits, tokenReplaced } = facts;
  const busy = failure instanceof WeChatApiError && failure.kind === "busy";
  // These two know nothing but messages.
  const wordless = busy || failure.remedy === TRANSPORT_REMEDY.safeToRepeat;
  const outcome = outcomeWords(target, facts.maybeDone);
  if (form?.spent && tokenReplaced && refusesToken(failure)) return { instead: TRANSPORT_REMEDY.streamSpent };
  if (form?.spent && busy && failure.errcode === -1 && limits.retryBusy)
    return { instead: joined(TRANSPORT_REMEDY.streamSpent, outcome) };
  if (wordless) return { instead: outcome };
  return target.retry === "write" && facts.maybeDone ? { first: outcome } : undefined;
}

function outcomeWords({ retry, maybeDone }: CallTarget, unknown: boolean): Bilingual {
  if (retry === "read") return TRANSPORT_REMEDY.readAgain;
  return unknown ? (maybeDone ?? TRANSPORT_REMEDY.maybeDone) : TRANSPORT_REMEDY.notDone;
}

/** WeChat refused the access token, not the call. */
const refusesToken = (failure: WeChatError): failure is WeChatApiError =>
  failure instanceof WeChatApiError && failure.retry === "token";

/** What one failed attempt says of the message. */
function deliveryAfter(failure: WeChatError): Delivery {
  if (failure instanceof WeChatApiError) return failure.kind === "busy" ? "unknown" : "not-delivered";
  return failure instanceof WeChatTransportError && failure.sent && !failure.incomplete ? "unknown" : "not-delivered";
}

const remaining = ({ endAt }: CallLimits) => endAt - performance.now();

/** @throws WeChatTransportError if no time is left: the request is not sent */
function timeoutOf(target: CallTarget, limits: CallLimits): number {
  const left = remaining(limits);
  if (left > 0) return Math.min(limits.timeout, left);
  const message = `${endpointName(target)}: the deadline passed before it was sent`;
  throw new WeChatTransportError({ reason: "timeout", message, sent: false });
}

/** Waits for a token that other callers wait for too. */
function withinLimits<T>(work: Promise<T>, target: CallTarget, limits: CallLimits): Promise<T> {
  return unlessGivenUp(work, remaining(limits), limits.signal, (reason) => {
    const words = reason === "timeout" ? "the deadline passed" : "stopped by the caller";
    const message = `${endpointName(target)}: ${words} while waiting for an access token`;
    return new WeChatTransportError({ reason, message, sent: false });
  });
}
