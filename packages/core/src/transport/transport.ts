import type { Dispatcher } from "undici";
import { closedError, WeChatTransportError } from "../errors.js";
import { createDispatcher } from "./dispatcher.js";
import type { ExchangeAnswer, ExchangeRequest } from "./exchange.js";
import { DispatchedExchange, PooledExchange } from "./handlers.js";
import { proxyHost, type Route } from "./proxy.js";

const JSON_TYPE = "application/json";
/** As undici keeps them: names and values in turn. One for all requests, so only for a pool that shows it nobody. */
const JSON_HEADERS = ["content-type", JSON_TYPE];

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
    this.#prefix = baseUrl.pathname.replace(/\/$/, "");
  }

  /** @throws WeChatTransportError with `sent`; WeChatClientError after close() */
  exchange(request: ExchangeRequest): Promise<ExchangeAnswer> {
    if (this.#hosts.length === 1) return this.#exchangeWith(this.#hosts[0], request, request.timeout);
    if (this.#preferred !== 0 && performance.now() > this.#preferredUntil) this.#preferred = 0;
    const first = this.#preferred;
    const endAt = performance.now() + request.timeout;
    return this.#exchangeWith(this.#hosts[first] ?? this.#hosts[0], request, request.timeout, (error) =>
      this.#exchangeWithOthers(first, request, endAt, error),
    );
  }

  /** @param failure of the host that was asked first */
  async #exchangeWithOthers(
    first: number,
    request: ExchangeRequest,
    endAt: number,
    failure: unknown,
  ): Promise<ExchangeAnswer> {
    const failures = new Map<Host, WeChatTransportError>();
    let error = failure;
    for (let tried = 1, index = first; ; tried++) {
      if (!(error instanceof WeChatTransportError) || error.sent || error.reason === "aborted") throw error;
      failures.set(this.#hosts[index] ?? this.#hosts[0], error);
      const next = error.reason === "connect" && tried < this.#hosts.length && endAt - performance.now() > 0;
      if (!next) throw this.#unreached(failures, error);
      index = (first + tried) % this.#hosts.length;
      try {
        const host = this.#hosts[index] ?? this.#hosts[0];
        const answer = await this.#exchangeWith(host, request, endAt - performance.now());
        if (index !== this.#preferred) this.#prefer(index);
        return answer;
      } catch (another) {
        error = another;
      }
    }
  }

  /** No host could be reached: told of the configured one, with the names of those that stood in. */
  #unreached(failures: ReadonlyMap<Host, WeChatTransportError>, last: WeChatTransportError): WeChatTransportError {
    const [configured] = this.#hosts;
    const first = failures.get(configured);
    const others = [...failures.keys()].filter((host) => host !== configured).map(({ name }) => name);
    if (first === undefined || others.length === 0) return last;
    const message = `${first.message}; the backup hosts failed too: ${others.join(", ")}`;
    return new WeChatTransportError({
      reason: "connect",
      message,
      sent: false,
      cause: first.cause,
      remedy: first.remedy,
    });
  }

  /** @param instead what to do about a failure. Default: it is thrown */
  #exchangeWith(
    host: Host,
    request: ExchangeRequest,
    timeout: number,
    instead?: (error: unknown) => Promise<ExchangeAnswer>,
  ): Promise<ExchangeAnswer> {
    return new Promise((resolve, reject) => {
      const failed = instead ? (error: unknown) => resolve(instead(error)) : reject;
      if (host.dispatcher) this.#dispatch(host, host.dispatcher, request, timeout, resolve, failed);
      else host.load().then((loaded) => this.#dispatch(host, loaded, request, timeout, resolve, failed), failed);
    });
  }

  #dispatch(
    host: Host,
    dispatcher: Dispatcher,
    request: ExchangeRequest,
    timeout: number,
    resolve: (answer: ExchangeAnswer) => void,
    reject: (error: unknown) => void,
  ): void {
    if (this.#closed) {
      reject(closedError());
      return;
    }
    const Handler = host.pooled ? PooledExchange : DispatchedExchange;
    const handler = new Handler(request, timeout, host.route, resolve, reject);
    if (handler.settled) return;
    try {
      dispatcher.dispatch(
        {
          origin: host.origin,
          path: this.#prefix + request.path,
          method: request.method,
          headers: headersFor(request, host),
          body: request.form ? handler.reading(request.form) : (request.body ?? null),
          // The handler has its own clock, which also covers the wait for a connection.
          headersTimeout: 0,
          bodyTimeout: 0,
        },
        handler,
      );
    } catch (error) {
      handler.fail("connect", `${request.endpoint}: the request could not be made`, { cause: error });
    }
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

/** Where a dispatcher may have interceptors they are a plain object, new for each request: those read and change them. */
function headersFor({ form }: ExchangeRequest, { pooled }: Host): string[] | Record<string, string> {
  if (form) return { "content-type": form.contentType, "content-length": String(form.length) };
  return pooled ? JSON_HEADERS : { "content-type": JSON_TYPE };
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
  readonly route: Route;
  dispatcher: Dispatcher | undefined;
  /** Whether the dispatcher is a pool of our own. */
  readonly pooled: boolean;
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
    this.pooled = own === undefined && options.proxy === undefined;
    this.#options = options;
    this.route = { host: this.name, proxy: () => proxyHost(origin, own ? undefined : options.proxy) };
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
