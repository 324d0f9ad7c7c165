import { randomUUID } from "node:crypto";
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { Delivery, IncomingMessage, Reply } from "@wechat-offiaccount/core";

/** A request of WeChat, and when it came in, as `performance.now()` tells. */
export interface Exchange {
  readonly response: ServerResponse;
  readonly since: number;
}

/** A message that WeChat pushes, more than once where it got no answer. Core answers the newest request with the reply. */
export interface Push {
  newest: Exchange;
}

/** A push whose request waits for a passive reply. */
export interface Held {
  readonly message: IncomingMessage;
  /**
   * Gives the reply.
   * @returns `delivered`: it was written into the request, more than that WeChat does not tell. `unknown`: the connection
   *   broke meanwhile. `late`: WeChat got another answer before, so that it has to go another way
   */
  reply(reply: Reply): Promise<Delivery | "late">;
}

interface Hold {
  readonly held: Held;
  readonly push: Push;
  readonly end: () => void;
  readonly endWithin: (ms: number) => void;
}

/** WeChat's requests that wait for a passive reply, by the id that travels in `msg.wechat.requestId`. */
export class HeldRequests {
  readonly #held = new Map<string, Hold>();
  /** Replies of which core has not told yet whether they went into the request. */
  readonly #deciding = new WeakMap<IncomingMessage, (taken: boolean) => void>();
  readonly #prefix: string;

  /** @param appId an id says whose it is, so that a request of before a deploy or restart is known to be over */
  constructor(appId: string) {
    this.#prefix = `${appId}:`;
  }

  get size(): number {
    return this.#held.size;
  }

  /** The id of a request that does not wait. */
  newId(): string {
    return this.#prefix + randomUUID();
  }

  /**
   * @param ms milliseconds that a request may take, from its beginning. A connection that breaks does not end the wait:
   *   WeChat then pushes again
   * @returns `reply` resolves to nothing if none comes in time
   */
  hold(message: IncomingMessage, push: Push, ms: number) {
    const id = this.newId();
    const reply = new Promise<Reply | undefined>((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      let latest = Number.POSITIVE_INFINITY;
      const end = (given?: Reply) => {
        clearTimeout(timer);
        this.#held.delete(id);
        resolve(given);
      };
      const wait = () => {
        clearTimeout(timer);
        const left = Math.min(latest, push.newest.since + ms) - performance.now();
        if (left > 0) timer = setTimeout(wait, left);
        else end();
      };
      const held: Held = {
        message,
        reply: async (given) => {
          const decided = new Promise<boolean>((tell) => this.#deciding.set(message, tell));
          const written = outcome(push.newest.response);
          end(given);
          return (await decided) ? written : "late";
        },
      };
      const endWithin = (within: number) => {
        latest = Math.min(latest, performance.now() + within);
        wait();
      };
      this.#held.set(id, { held, push, end, endWithin });
      wait();
    });
    return { id, reply };
  }

  /** @returns `over` if the request of this account does not wait any more; undefined if it is another's */
  find(id: string): Held | "over" | undefined {
    const hold = this.#held.get(id);
    if (hold && isOpen(hold.push.newest.response)) return hold.held;
    return id.startsWith(this.#prefix) ? "over" : undefined;
  }

  /**
   * Ends the wait for a reply that went another way, in `ms` milliseconds at most.
   * @param openid whom it was for; nothing ends if that is another follower. Left out: not known
   */
  letGo(id: string, openid: string | undefined, ms: number): void {
    const hold = this.#held.get(id);
    if (openid === undefined || hold?.held.message.openid === openid) hold?.endWithin(ms);
  }

  /**
   * Core tells whether the reply to a message went into WeChat's request.
   * @returns whether there was one
   */
  decided(message: IncomingMessage, taken: boolean): boolean {
    const tell = this.#deciding.get(message);
    this.#deciding.delete(message);
    tell?.(taken);
    return tell !== undefined;
  }

  /** Nobody will reply any more. */
  close(): void {
    for (const { end } of this.#held.values()) end();
  }
}

function isOpen(response: ServerResponse): boolean {
  return !response.destroyed && !response.writableEnded;
}

async function outcome(response: ServerResponse): Promise<Delivery> {
  if (response.destroyed) return "unknown";
  await once(response, "close");
  // "close" comes after "finish", or without it.
  return response.writableFinished ? "delivered" : "unknown";
}
