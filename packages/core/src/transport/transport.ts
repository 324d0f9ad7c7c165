import type { Dispatcher } from "undici";
import { CLIENT_REMEDY } from "../error-catalog.js";
import { WeChatClientError, WeChatTransportError } from "../errors.js";
import { createDispatcher } from "./dispatcher.js";

/** One HTTP request. The path may hold an access token and is never shown. */
export interface ExchangeRequest {
  readonly method: "GET" | "POST";
  /** Path and query below the base URL. */
  readonly path: string;
  /** JSON as UTF-8 bytes. */
  readonly body?: Buffer;
  /** What errors call this exchange: method and path without query. */
  readonly endpoint: string;
  /** Milliseconds until it is given up. */
  readonly timeout: number;
  readonly signal?: AbortSignal | undefined;
}

export interface ExchangeAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
}

/** Answers of WeChat's JSON endpoints are small; more than this is not one of them. */
const MAX_ANSWER_BYTES = 1024 * 1024;
const JSON_HEADERS = { "content-type": "application/json" };

export interface TransportOptions {
  /** Origin and path prefix of the API. */
  readonly baseUrl: URL;
  /** The caller's own dispatcher; it is not closed by us. */
  readonly dispatcher?: Dispatcher | undefined;
  /** A proxy URL, or `env` for HTTP(S)_PROXY and NO_PROXY. */
  readonly proxy?: string | undefined;
  /** Connections to the origin at most. */
  readonly connections: number;
}

/**
 * One HTTP exchange, and how far it got. Each request leaves at most once: nothing here repeats.
 * A failure is a {@link WeChatTransportError} whose `sent` says whether any byte may have left.
 */
export class Transport {
  readonly #origin: string;
  readonly #prefix: string;
  readonly #loading: Promise<Dispatcher>;
  readonly #owned: boolean;
  #dispatcher: Dispatcher | undefined;
  #closed = false;

  constructor(options: TransportOptions) {
    this.#origin = options.baseUrl.origin;
    this.#prefix = options.baseUrl.pathname.replace(/\/$/, "");
    this.#owned = options.dispatcher === undefined;
    this.#dispatcher = options.dispatcher;
    this.#loading = options.dispatcher
      ? Promise.resolve(options.dispatcher)
      : createDispatcher({ origin: this.#origin, proxy: options.proxy, connections: options.connections });
    this.#loading.then(
      (dispatcher) => {
        this.#dispatcher = dispatcher;
      },
      () => {}, // shown to whoever makes the first exchange
    );
  }

  /** @throws WeChatTransportError with `sent`; WeChatClientError after close() */
  async exchange(request: ExchangeRequest): Promise<ExchangeAnswer> {
    const dispatcher = this.#dispatcher ?? (await this.#loading);
    if (this.#closed) throw closedError();
    return new Promise((resolve, reject) => {
      const handler = new ExchangeHandler(request, resolve, reject);
      if (handler.settled) return;
      try {
        dispatcher.dispatch(
          {
            origin: this.#origin,
            path: this.#prefix + request.path,
            method: request.method,
            headers: JSON_HEADERS,
            body: request.body ?? null,
            // The handler has its own clock, which also covers the wait for a connection.
            headersTimeout: 0,
            bodyTimeout: 0,
          },
          handler,
        );
      } catch (error) {
        handler.fail("connect", `${request.endpoint}: the request could not be made`, error);
      }
    });
  }

  /** Ends the connections after the exchanges under way; later exchanges are refused. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (!this.#owned) return;
    const dispatcher = await this.#loading.catch(() => undefined);
    await dispatcher?.close();
  }
}

export function closedError(): WeChatClientError {
  return new WeChatClientError("WECHAT_CLOSED", "This WeChatClient was closed.", CLIENT_REMEDY.closed);
}

/**
 * Collects one answer. undici calls `onRequestStart` right before it writes to the socket: until then nothing has
 * left, and an abort there keeps it from leaving.
 */
class ExchangeHandler implements Dispatcher.DispatchHandler {
  settled = false;
  #sent = false;
  #controller: Dispatcher.DispatchController | undefined;
  #status = 0;
  #contentType = "";
  #size = 0;
  readonly #chunks: Buffer[] = [];
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #onAbort: (() => void) | undefined;

  constructor(
    readonly request: ExchangeRequest,
    readonly resolve: (answer: ExchangeAnswer) => void,
    readonly reject: (error: WeChatTransportError) => void,
  ) {
    const { endpoint, timeout, signal } = request;
    if (signal?.aborted) {
      this.fail("aborted", `${endpoint}: stopped by the caller before it was sent`);
      return;
    }
    this.#timer = setTimeout(
      () =>
        this.fail(
          "timeout",
          `${endpoint}: ${this.#sent ? "no complete answer" : "no connection"} within ${timeout} ms`,
        ),
      timeout,
    );
    if (signal) {
      this.#onAbort = () => this.fail("aborted", `${endpoint}: stopped by the caller`);
      signal.addEventListener("abort", this.#onAbort, { once: true });
    }
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.settled) {
      controller.abort(new Error("given up before it was sent"));
      return;
    }
    this.#controller = controller;
    this.#sent = true;
  }

  onResponseStart(
    _: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    this.#sent = true; // also where a dispatcher of the caller's leaves out onRequestStart, as undici's MockAgent does
    this.#status = status;
    this.#contentType = String(headers["content-type"] ?? "");
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.settled) return;
    this.#size += chunk.length;
    if (this.#size > MAX_ANSWER_BYTES) {
      this.fail("answer", `${this.request.endpoint}: the answer is larger than ${MAX_ANSWER_BYTES} bytes`);
      return;
    }
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    if (!this.#settle()) return;
    const [first] = this.#chunks;
    const body = this.#chunks.length === 1 && first ? first : Buffer.concat(this.#chunks);
    this.resolve({ status: this.#status, contentType: this.#contentType, body });
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    const { endpoint } = this.request;
    const code = "code" in error && typeof error.code === "string" ? ` (${error.code})` : "";
    if (this.#sent)
      this.fail("reset", `${endpoint}: the connection broke before the answer was complete${code}`, error);
    else this.fail("connect", `${endpoint}: no connection to the host${code}`, error);
  }

  fail(reason: WeChatTransportError["reason"], message: string, cause?: unknown): void {
    if (!this.#settle()) return;
    this.#controller?.abort(new Error(message));
    this.reject(
      new WeChatTransportError({ reason, message, sent: this.#sent, status: this.#status || undefined, cause }),
    );
  }

  #settle(): boolean {
    if (this.settled) return false;
    this.settled = true;
    clearTimeout(this.#timer);
    if (this.#onAbort) this.request.signal?.removeEventListener("abort", this.#onAbort);
    return true;
  }
}
