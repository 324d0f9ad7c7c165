import type { Dispatcher } from "undici";
import { closedError, WeChatTransportError } from "../errors.js";
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
  /** The host that answered: the base URL's, or a backup host. */
  readonly host: string;
  /** Where a redirect leads. It is not followed. */
  readonly location?: string | undefined;
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
 * One HTTP exchange, and how far it got. A request is repeated only at another host of WeChat's, and only if surely
 * nothing of it left. A failure is a {@link WeChatTransportError} whose `sent` says whether any byte may have left.
 */
export class Transport {
  /** The first is the one to ask, the others stand in for it. */
  readonly #hosts: readonly [Host, ...Host[]];
  readonly #prefix: string;
  /** The host that answers at present. */
  #preferred = 0;
  #preferredUntil = 0;
  #closed = false;

  constructor(options: TransportOptions) {
    const { baseUrl, dispatcher, proxy, connections } = options;
    const hostAt = (origin: string) => new Host(origin, dispatcher, { proxy, connections });
    const backups = baseUrl.host === WECHAT_HOST ? BACKUP_ORIGINS : [];
    this.#hosts = [hostAt(baseUrl.origin), ...backups.map(hostAt)];
    this.#hosts[0].load();
    this.#prefix = baseUrl.pathname.replace(/\/$/, "");
  }

  /** @throws WeChatTransportError with `sent`; WeChatClientError after close() */
  exchange(request: ExchangeRequest): Promise<ExchangeAnswer> {
    return this.#hosts.length === 1
      ? this.#exchangeWith(this.#hosts[0], request, request.timeout)
      : this.#exchangeInTurn(request);
  }

  async #exchangeInTurn(request: ExchangeRequest): Promise<ExchangeAnswer> {
    if (this.#preferred !== 0 && performance.now() > this.#preferredUntil) this.#preferred = 0;
    const first = this.#preferred;
    const endAt = performance.now() + request.timeout;
    for (let tried = 0; ; tried++) {
      const index = (first + tried) % this.#hosts.length;
      const host = this.#hosts[index] ?? this.#hosts[0];
      const left = tried === 0 ? request.timeout : endAt - performance.now();
      try {
        const answer = await this.#exchangeWith(host, request, left);
        if (index !== this.#preferred) this.#prefer(index);
        return answer;
      } catch (error) {
        const next = error instanceof WeChatTransportError && error.reason === "connect" && !error.sent;
        if (!next || tried + 1 >= this.#hosts.length || endAt - performance.now() <= 0) throw error;
      }
    }
  }

  async #exchangeWith(host: Host, request: ExchangeRequest, timeout: number): Promise<ExchangeAnswer> {
    const dispatcher = host.dispatcher ?? (await host.load());
    if (this.#closed) throw closedError();
    return new Promise((resolve, reject) => {
      const handler = new ExchangeHandler(request, timeout, host.name, resolve, reject);
      if (handler.settled) return;
      try {
        dispatcher.dispatch(
          {
            origin: host.origin,
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

  #prefer(index: number): void {
    this.#preferred = index;
    this.#preferredUntil = performance.now() + PREFERENCE;
  }

  /** Ends the connections after the exchanges under way; later exchanges are refused. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.all(this.#hosts.map((host) => host.close()));
  }
}

/** WeChat's own hosts: the nearest, and those for disaster recovery (developers.weixin.qq.com, 接口调用概述). */
const WECHAT_HOST = "api.weixin.qq.com";
const BACKUP_ORIGINS = ["api2", "sh.api", "sz.api", "hk.api"].map((name) => `https://${name}.weixin.qq.com`);
/** Milliseconds that a backup host is asked first after it answered where the first host could not be reached. */
const PREFERENCE = 60_000;

/** One origin, and the dispatcher that reaches it. */
class Host {
  readonly origin: string;
  readonly name: string;
  dispatcher: Dispatcher | undefined;
  readonly #options: { proxy: string | undefined; connections: number };
  readonly #owned: boolean;
  #loading: Promise<Dispatcher> | undefined;

  constructor(
    origin: string,
    own: Dispatcher | undefined,
    options: { proxy: string | undefined; connections: number },
  ) {
    this.origin = origin;
    this.name = new URL(origin).host;
    this.dispatcher = own;
    this.#owned = own === undefined;
    this.#options = options;
  }

  load(): Promise<Dispatcher> {
    if (this.dispatcher) return Promise.resolve(this.dispatcher);
    if (this.#loading) return this.#loading;
    this.#loading = createDispatcher({ origin: this.origin, ...this.#options }).catch(() => {
      // What undici throws may quote the proxy's URL with its password.
      const message = "The proxy settings cannot be used: a proxy's URL is not valid.";
      throw new WeChatTransportError({ reason: "connect", message, sent: false });
    });
    this.#loading.then(
      (dispatcher) => {
        this.dispatcher = dispatcher;
      },
      () => {}, // shown to whoever makes the first exchange
    );
    return this.#loading;
  }

  async close(): Promise<void> {
    if (!this.#owned) return;
    const dispatcher = await this.#loading?.catch(() => undefined);
    await dispatcher?.close();
  }
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
  #location: string | undefined;
  #size = 0;
  readonly #chunks: Buffer[] = [];
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #onAbort: (() => void) | undefined;

  constructor(
    readonly request: ExchangeRequest,
    timeout: number,
    readonly host: string,
    readonly resolve: (answer: ExchangeAnswer) => void,
    readonly reject: (error: WeChatTransportError) => void,
  ) {
    const { endpoint, signal } = request;
    if (signal?.aborted) {
      this.fail("aborted", `${endpoint}: stopped by the caller before it was sent`);
      return;
    }
    this.#timer = setTimeout(
      () =>
        this.fail(
          "timeout",
          `${endpoint}: ${this.#sent ? "no complete answer" : `no connection to ${this.host}`} within ${Math.round(timeout)} ms`,
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
    if (this.#sent) {
      // A dispatcher of the caller's that repeats by itself would send the message twice.
      this.fail("reset", `${this.request.endpoint}: the dispatcher tried to send the request again`);
      controller.abort(new Error("not repeated"));
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
    if (headers.location !== undefined) this.#location = String(headers.location);
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
    this.resolve({
      status: this.#status,
      contentType: this.#contentType,
      body,
      host: this.host,
      location: this.#location,
    });
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    const { endpoint } = this.request;
    const code = "code" in error && typeof error.code === "string" ? ` (${error.code})` : "";
    if (this.#sent)
      this.fail("reset", `${endpoint}: the connection broke before the answer was complete${code}`, error);
    else this.fail("connect", `${endpoint}: no connection to ${this.host}${code}`, error);
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
