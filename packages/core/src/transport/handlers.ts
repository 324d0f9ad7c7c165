import type { Dispatcher } from "undici";
import { Exchange } from "./exchange.js";
import type { IncomingHeaders } from "./headers.js";

/** An exchange for any dispatcher: undici's documented handler. */
export class DispatchedExchange extends Exchange implements Dispatcher.DispatchHandler {
  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.started(controller);
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: IncomingHeaders): void {
    this.answered(status, headers);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.received(controller, chunk);
  }

  onResponseEnd(controller: Dispatcher.DispatchController): void {
    this.ended(controller);
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.broken(error);
  }
}

const NOTHING_TO_DO = () => {};

/**
 * An exchange for a pool of our own. undici 7 still calls the handlers of undici 6 at its core, and gives the
 * documented ones a wrapper that reads every header; without it a send costs a tenth less. undici 8 has only the
 * others: then this class goes.
 */
export class PooledExchange extends Exchange implements Dispatcher.DispatchHandler, Dispatcher.DispatchController {
  aborted = false;
  paused = false;
  reason: Error | null = null;
  #abort: (error: Error) => void = NOTHING_TO_DO;
  #goOn: () => void = NOTHING_TO_DO;

  onConnect(abort: (error?: Error) => void): void {
    this.#abort = abort;
    this.started(this);
  }

  onHeaders(status: number, headers: Buffer[], goOn: () => void): boolean {
    this.#goOn = goOn;
    this.answered(status, headers);
    return !this.paused;
  }

  onData(chunk: Buffer): boolean {
    this.received(this, chunk);
    return !this.paused;
  }

  onComplete(): void {
    this.ended(this);
  }

  onError(error: Error): void {
    this.broken(error);
  }

  abort(reason: Error): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    this.#abort(reason);
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    this.#goOn();
  }
}
