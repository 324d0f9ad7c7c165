import { Readable } from "node:stream";
import type { Dispatcher } from "undici";
import { TRANSPORT_REMEDY } from "../error-catalog.js";
import { type TransportFailure, WeChatTransportError } from "../errors.js";

/** What of an exchange its file still needs. */
interface FileRequest {
  readonly endpoint: string;
  /** Milliseconds without a byte until it is given up. */
  readonly timeout: number;
  readonly signal?: AbortSignal | undefined;
}

/** So many first bytes tell a file from JSON and HTML, and its format. */
export const HEAD_BYTES = 16;

/** How JSON and HTML may begin: byte order mark or white space, `{` or `<`. No format of WeChat's files does. */
const BEGINS_TEXT = /^(?:\xef\xbb\xbf|[\s{<])/;

/**
 * Whether an answer is a file. Its bytes tell, because WeChat sends files and errors alike as text/plain
 * (w7corp/easywechat#290, node-webot/wechat-api#204).
 */
export function beginsFile(status: number, contentType: string, head: Buffer): boolean {
  const success = status >= 200 && status < 300;
  return success && !/^text\/html\b/i.test(contentType) && !BEGINS_TEXT.test(head.toString("latin1", 0, 3));
}

/**
 * A file of WeChat's while it arrives. What ends it before it is whole is an error of the stream, a
 * WeChatTransportError; nobody listening to that error ends no program.
 */
export class IncomingFile extends Readable {
  /** As WeChat named it, which may be wrong. */
  readonly contentType: string;
  /** As WeChat wrote it. */
  readonly disposition: string;
  /** Bytes in all, where WeChat said so. */
  readonly length: number | undefined;
  /** Its first bytes: {@link HEAD_BYTES} or more, or all. */
  readonly head: Buffer;
  readonly #request: FileRequest;
  readonly #controller: Dispatcher.DispatchController;
  readonly #onAbort = () => this.#giveUp("aborted", "stopped by the caller");
  #received = 0;
  #complete = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    request: FileRequest,
    controller: Dispatcher.DispatchController,
    headers: Readonly<Record<string, string | string[] | undefined>>,
    head: Buffer,
  ) {
    super();
    this.#request = request;
    this.#controller = controller;
    this.contentType = String(headers["content-type"] ?? "");
    this.disposition = String(headers["content-disposition"] ?? "");
    const length = headers["content-length"];
    this.length = typeof length === "string" && /^\d+$/.test(length) ? Number(length) : undefined;
    this.head = head;
    this.on("error", () => {});
    request.signal?.addEventListener("abort", this.#onAbort, { once: true });
    this.receive(head);
  }

  /** Bytes have come; if the reader is slower, no further ones are taken from the connection. */
  receive(chunk: Buffer): void {
    if (this.destroyed) return;
    this.#received += chunk.length;
    if (this.push(chunk)) {
      this.#watch();
      return;
    }
    clearTimeout(this.#timer);
    this.#controller.pause();
  }

  /** The connection says that this was all. */
  finish(): void {
    if (this.length !== undefined && this.length !== this.#received) {
      this.#giveUp("reset", `${this.#received} of ${this.length} bytes came`);
      return;
    }
    this.#complete = true;
    this.#letGo();
    this.push(null);
  }

  /** The connection broke. */
  breakOff(cause: Error): void {
    this.#giveUp("reset", `the connection broke after ${this.#received} bytes of the file`, cause);
  }

  override _read(): void {
    if (this.#complete || !this.#controller.paused) return;
    this.#watch();
    this.#controller.resume();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#letGo();
    if (!this.#complete) this.#controller.abort(new Error("the file is not wanted any more"));
    callback(error);
  }

  /** Nothing more is waited for. */
  #letGo(): void {
    clearTimeout(this.#timer);
    this.#request.signal?.removeEventListener("abort", this.#onAbort);
  }

  #watch(): void {
    const { timeout } = this.#request;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => this.#giveUp("timeout", `no further byte of the file within ${Math.round(timeout)} ms`),
      timeout,
    );
  }

  #giveUp(reason: TransportFailure, words: string, cause?: unknown): void {
    const message = `${this.#request.endpoint}: ${words}`;
    const remedy = TRANSPORT_REMEDY.partOfFile;
    this.destroy(new WeChatTransportError({ reason, message, sent: true, cause, remedy }));
  }
}
