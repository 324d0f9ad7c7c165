import { setImmediate as nextTurn } from "node:timers/promises";
import type { Arrival, Receiver } from "../inbox/arrival.js";
import { sendLate } from "./late.js";
import { type IncomingMessage, isIncoming } from "./messages.js";
import type { CheckedCallbackOptions } from "./options.js";
import type { Pending } from "./pending.js";
import { passiveOf, type Reply } from "./replies.js";

type HandlingOptions = Pick<CheckedCallbackOptions, "onMessage" | "onError" | "onReplied" | "client"> & {
  readonly inbox: Receiver;
};

/** Hands messages to the handler and brings its replies on their way. Nothing in here rejects. */
export class Handling {
  readonly #options: HandlingOptions;
  #atWork = 0;

  constructor(options: HandlingOptions) {
    this.#options = options;
  }

  /** Messages that are being handled. */
  get atWork(): number {
    return this.#atWork;
  }

  /** @param pending the request that may still take the reply */
  async handOn(arrival: Arrival, pending?: Pending): Promise<void> {
    this.#atWork += 1;
    await this.#handle(arrival, pending);
    this.#atWork -= 1;
  }

  async #handle({ key, message }: Arrival, pending: Pending | undefined): Promise<void> {
    if (!isIncoming(message)) {
      this.report(new Error(`the inbox gave a message of the unknown type ${JSON.stringify(message.type)}`));
      // Nothing here will ever read it: unmarked, it would come again with every restart.
      await this.#markEmitted(key);
      return;
    }
    const reply = await this.#ask(message);
    // Kept before the reply is on its way: a kill between the two leaves the follower without an answer, never with two.
    // The time is taken from WeChat's 5 s; a store so slow that they run out makes the reply a late one.
    await this.#markEmitted(key, message);
    if (reply || pending) await this.#answer(reply, message, pending);
  }

  /** Tells the owner, who may fail at it. */
  report(error: unknown, message?: IncomingMessage): void {
    quietly(() => this.#options.onError(error, message));
  }

  async #ask(message: IncomingMessage): Promise<Reply | undefined> {
    try {
      return (await this.#options.onMessage(message)) ?? undefined;
    } catch (error) {
      this.report(error, message);
      return undefined;
    }
  }

  async #markEmitted(key: string, message?: IncomingMessage): Promise<void> {
    try {
      await this.#options.inbox.emitted(key);
    } catch (error) {
      this.report(error, message);
    }
  }

  /** WeChat gives no receipt for a passive reply: that it went into the answer is all that is known of it. */
  #note(reply: Reply, { openid }: IncomingMessage): void {
    if (reply.type === "transfer_customer_service") return;
    this.#options.inbox.record?.(openid, { message: { ...reply }, delivery: "delivered", passive: true });
  }

  async #answer(reply: Reply | undefined, message: IncomingMessage, pending: Pending | undefined): Promise<void> {
    try {
      const passive = reply && passiveOf(reply, message);
      const fits = passive && !(passive.tooLong && this.#options.client);
      if (fits && pending) await hangUpsSeen();
      if (pending?.give(fits ? passive : undefined) && fits) {
        this.#note(reply, message);
        const { onReplied } = this.#options;
        if (onReplied) quietly(() => onReplied(message));
        return;
      }
      if (reply) await sendLate(this.#options.client, message.openid, reply);
    } catch (error) {
      pending?.give(undefined);
      this.report(error, message);
    }
  }
}

/**
 * After a standstill (a paused container, a machine that slept) a push is read before WeChat's hanging up, which came
 * long ago too: that is read in the next turn of the event loop, answered in one more, and told in the third.
 */
async function hangUpsSeen(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await nextTurn();
}

/** Calls what belongs to the owner: a report that fails has nobody to be reported to. */
export function quietly(call: () => unknown): void {
  try {
    Promise.resolve(call()).catch(() => {});
  } catch {
    // See above.
  }
}
