import type { PassiveReply } from "./replies.js";

/** Calls the listener when the request's connection is gone before its answer was given; at once if it is already. */
export type OnGone = (listener: () => void) => void;

/**
 * A message whose handler is at work, and the one request that its reply may still go into: the newest, because WeChat
 * repeats a push only after it gave up the one before.
 */
export class Pending {
  #leave: ((reply: PassiveReply | undefined) => void) | undefined;
  #over = false;

  /**
   * @param ms milliseconds that WeChat can still wait
   * @returns the reply; `undefined` if there is none, it is late, or a newer request or nobody waits for it
   */
  wait(ms: number, onGone: OnGone | undefined): Promise<PassiveReply | undefined> {
    this.#leave?.(undefined);
    if (ms <= 0 || this.#over) return Promise.resolve(undefined);
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

  /**
   * Ends all waiting: who comes later has nothing to wait for.
   * @returns whether a request waited, and so took it
   */
  give(reply: PassiveReply | undefined): boolean {
    this.#over = true;
    const leave = this.#leave;
    leave?.(reply);
    return leave !== undefined;
  }
}
