import { Readable } from "node:stream";
import type { Dispatcher } from "undici";
import { TRANSPORT_REMEDY } from "../error-catalog.js";
import { type TransportFacts, type TransportFailure, WeChatError, WeChatTransportError } from "../errors.js";
import { failedAtProxy, refusalOfProxy } from "./dispatcher.js";
import { headersOf, type IncomingHeaders, type RawHeaders } from "./headers.js";
import { beginsFile, HEAD_BYTES, IncomingFile } from "./incoming-file.js";
import type { Form } from "./multipart.js";
import type { Route } from "./proxy.js";

/** One HTTP request. The path may hold an access token and is never shown. */
export interface ExchangeRequest {
  readonly method: "GET" | "POST";
  /** Path and query below the base URL. */
  readonly path: string;
  /** JSON as UTF-8 bytes. */
  readonly body?: Buffer | undefined;
  /** Sent instead of JSON, and read while it is sent. */
  readonly form?: Form | undefined;
  /** Where the answer may be a file, which is handed out as it begins: milliseconds without a byte until it is given up. */
  readonly fileTimeout?: number | undefined;
  /** Bytes of an answer that are read at most, beside a file. Default {@link MAX_ANSWER_BYTES}. */
  readonly maxAnswerBytes?: number | undefined;
  /** What errors call this exchange: method and path without query. */
  readonly endpoint: string;
  /** Milliseconds until it is given up; while a form is sent, without a byte of it that moves. */
  readonly timeout: number;
  /** The moment, on the clock of `performance.now()`, after which a form is given up though its bytes still move. */
  readonly endAt?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ExchangeAnswer {
  readonly status: number;
  readonly contentType: string;
  /** Empty where there is a file. */
  readonly body: Buffer;
  /** A file that has begun to arrive. */
  readonly file?: IncomingFile | undefined;
  /** The host that answered: the base URL's, or a backup host. */
  readonly host: string;
  /** Where a redirect leads. It is not followed. */
  readonly location?: string | undefined;
}

class ReceivedAnswer implements ExchangeAnswer {
  readonly #headers: IncomingHeaders | RawHeaders;

  constructor(
    readonly status: number,
    headers: IncomingHeaders | RawHeaders,
    readonly body: Buffer,
    readonly host: string,
    readonly file: IncomingFile | undefined,
  ) {
    this.#headers = headers;
  }

  get contentType(): string {
    return String(headersOf(this.#headers)["content-type"] ?? "");
  }

  get location(): string | undefined {
    const { location } = headersOf(this.#headers);
    return location === undefined ? undefined : String(location);
  }
}

/** Answers of most of WeChat's JSON endpoints are small; more than this is not one of them. */
const MAX_ANSWER_BYTES = 1024 * 1024;
const NOTHING = Buffer.alloc(0);

/**
 * Collects one answer. undici says that a request starts right before it writes to the socket: until then nothing has
 * left, and an abort there keeps it from leaving.
 */
export abstract class Exchange {
  settled = false;
  #sent = false;
  /** Whether the last byte of a form was handed to the wire. Before that WeChat cannot have all of it. */
  #whole = true;
  #controller: Dispatcher.DispatchController | undefined;
  #status = 0;
  #headers: IncomingHeaders | RawHeaders = [];
  #size = 0;
  readonly #chunks: Buffer[] = [];
  /** Whether it was looked at for the beginning of a file. */
  #judged = false;
  /** The file that was handed out, and that further bytes belong to. */
  #file: IncomingFile | undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #onAbort: (() => void) | undefined;

  constructor(
    readonly request: ExchangeRequest,
    timeout: number,
    readonly route: Route,
    readonly resolve: (answer: ExchangeAnswer) => void,
    readonly reject: (error: WeChatError) => void,
  ) {
    const { endpoint, signal } = request;
    if (signal?.aborted) {
      this.fail("aborted", `${endpoint}: stopped by the caller before it was sent`);
      return;
    }
    this.#giveUpAfter(timeout);
    if (signal) {
      this.#onAbort = () => this.fail("aborted", `${endpoint}: stopped by the caller`);
      signal.addEventListener("abort", this.#onAbort, { once: true });
    }
  }

  #giveUpAfter(ms: number): void {
    this.#timer = setTimeout(
      () =>
        this.fail(
          "timeout",
          `${this.request.endpoint}: ${this.#sent ? "no complete answer" : `no connection to ${this.route.host}`} within ${Math.round(ms)} ms`,
        ),
      ms,
    );
  }

  /** The bytes of a form; each that is taken starts the clock anew. */
  reading(form: Form): Readable {
    this.#whole = false;
    const body = Readable.from(this.#watched(form), { objectMode: false });
    // undici hands the failure to `broken`; what comes after the end of the exchange is nobody's.
    return body.on("error", () => {});
  }

  async *#watched(form: Form): AsyncGenerator<Uint8Array, void, undefined> {
    const { timeout, endAt = Number.POSITIVE_INFINITY } = this.request;
    let given = 0;
    for await (const chunk of form.chunks()) {
      if (this.settled) return;
      given += chunk.length;
      this.#whole = given >= form.length;
      clearTimeout(this.#timer);
      this.#giveUpAfter(Math.max(0, Math.min(timeout, endAt - performance.now())));
      yield chunk;
    }
  }

  /** The request is about to leave. */
  protected started(controller: Dispatcher.DispatchController): void {
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

  protected answered(status: number, headers: IncomingHeaders | RawHeaders): void {
    this.#sent = true; // also where a dispatcher of the caller's leaves out the start, as undici's MockAgent does
    this.#status = status;
    this.#headers = headers;
  }

  protected received(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.settled) {
      this.#file?.receive(chunk);
      return;
    }
    this.#size += chunk.length;
    this.#chunks.push(chunk);
    // A file is told by how it begins, and its first bytes may come one by one.
    if (!this.#judged && this.#size >= HEAD_BYTES && this.#handOut(controller)) return;
    const { endpoint, maxAnswerBytes = MAX_ANSWER_BYTES } = this.request;
    if (this.#size <= maxAnswerBytes) return;
    this.fail("answer", `${endpoint}: the answer is larger than ${maxAnswerBytes} bytes`, { tooLarge: true });
  }

  /** Hands the answer out as a file, if it is one. */
  #handOut(controller: Dispatcher.DispatchController): boolean {
    const { endpoint, signal, fileTimeout: timeout } = this.request;
    this.#judged = true;
    if (timeout === undefined || this.#size === 0) return false;
    const head = this.#collected();
    const headers = headersOf(this.#headers);
    if (!beginsFile(this.#status, String(headers["content-type"] ?? ""), head)) return false;
    this.#settle();
    this.#file = new IncomingFile({ endpoint, timeout, signal }, controller, headers, head);
    this.resolve(this.#answer(NOTHING, this.#file));
    return true;
  }

  #collected(): Buffer {
    const [first] = this.#chunks;
    return this.#chunks.length === 1 && first ? first : Buffer.concat(this.#chunks);
  }

  protected ended(controller: Dispatcher.DispatchController): void {
    if (!this.settled && !this.#judged) this.#handOut(controller);
    if (this.#settle()) this.resolve(this.#answer(this.#collected()));
    else this.#file?.finish();
  }

  #answer(body: Buffer, file?: IncomingFile): ExchangeAnswer {
    return new ReceivedAnswer(this.#status, this.#headers, body, this.route.host, file);
  }

  protected broken(error: Error): void {
    if (error instanceof WeChatError) {
      // The form's own: what it read from was not as stated.
      if (this.#settle()) this.reject(error);
      return;
    }
    this.#file?.breakOff(error);
    const { endpoint } = this.request;
    const code = "code" in error && typeof error.code === "string" ? ` (${error.code})` : "";
    if (this.#sent) {
      this.fail("reset", `${endpoint}: the connection broke before the answer was complete${code}`, { cause: error });
    } else if (failedAtProxy(error)) {
      this.#failAtProxy(error, code);
    } else {
      this.fail("connect", `${endpoint}: no connection to ${this.route.host}${code}`, { cause: error });
    }
  }

  #failAtProxy(error: Error, code: string): void {
    const status = refusalOfProxy(error);
    const proxy = this.route.proxy() ?? "of the dispatcher";
    const why = status === undefined ? code : ` (HTTP ${status})`;
    const message = `${this.request.endpoint}: the proxy ${proxy} gives no connection to ${this.route.host}${why}`;
    this.fail("connect", message, { cause: error, remedy: TRANSPORT_REMEDY.proxy });
  }

  fail(
    reason: TransportFailure,
    message: string,
    more: Pick<TransportFacts, "cause" | "remedy" | "tooLarge"> = {},
  ): void {
    if (!this.#settle()) return;
    this.#controller?.abort(new Error(message));
    const sent = this.#sent;
    const facts = { reason, message, sent, incomplete: sent && !this.#whole, status: this.#status || undefined };
    this.reject(new WeChatTransportError({ ...facts, ...more }));
  }

  #settle(): boolean {
    if (this.settled) return false;
    this.settled = true;
    clearTimeout(this.#timer);
    if (this.#onAbort) this.request.signal?.removeEventListener("abort", this.#onAbort);
    return true;
  }
}
