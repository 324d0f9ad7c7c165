import type { PassiveReply } from "./replies.js";

/** Calls the listener when the request's connection is gone before its answer was given. */
export type OnGone = (listener: () => void) => void;

/**
 * A message whose handler is at work, and the one request that its reply may still go into: the newest, because WeChat
 * repeats a push only after it gave up the one before.
 */
export class Pending {
  #leave: ((reply: PassiveReply | undefined) => void) | undefined;

  /**
   * @param ms milliseconds that WeChat can still wait
   * @returns the reply; `undefined` if there is none, it is late, or a newer request or nobody waits for it
   */
  wait(ms: number, onGone: OnGone | undefined): Promise<PassiveReply | undefined> {
    this.#leave?.(undefined);
    if (ms <= 0) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const leave = (reply: PassiveReply | undefined) => {
        clearTimeout(timer);
        if (this.#leave === leave) this.#leave = undefined;
        resolve(reply);
      };
      const timer = setTimeout(leave, ms, undefined);
      this.#leave = leave;
      onGone?.(() => leave(undefined));
    });
  }

  /** @returns whether a request waited, and so took it */
  give(reply: PassiveReply | undefined): boolean {
    const leave = this.#leave;
    leave?.(reply);
    return leave !== undefined;
  }
}
