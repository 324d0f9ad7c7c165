import { randomUUID } from "node:crypto";
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { Delivery, IncomingMessage, Reply } from "@wechat-offiaccount/core";

/** A request of WeChat, and when it came in, as `performance.now()` tells. */
export interface Exchange {
  readonly response: ServerResponse;
  readonly since: number;
}

/** A push whose request waits for a passive reply. */
export interface Held {
  readonly message: IncomingMessage;
  /**
   * Gives the reply.
   * @returns `delivered`: it was written into the request in time, more than that WeChat does not tell. `unknown`: the
   *   connection broke meanwhile
   */
  reply(reply: Reply): Promise<Delivery>;
}

/** Requests that are over and still known, so that a late reply can be told from a foreign one. */
const REMEMBERED = 10_000;

/** WeChat's requests that wait for a passive reply, by the id that travels in `msg.wechat.requestId`. */
export class HeldRequests {
  readonly #held = new Map<string, { readonly held: Held; readonly end: (reply?: Reply) => void }>();
  readonly #over = new Set<string>();

  get size(): number {
    return this.#held.size;
  }

  /**
   * @param ms milliseconds that the request may take, from its beginning
   * @returns `reply` resolves to nothing if none comes in time, or the connection ends
   */
  hold(message: IncomingMessage, { response, since }: Exchange, ms: number) {
    const id = randomUUID();
    const reply = new Promise<Reply | undefined>((resolve) => {
      const end = (given?: Reply) => {
        clearTimeout(timer);
        response.off("close", gone);
        this.#held.delete(id);
        this.#remember(id);
        resolve(given);
      };
      const gone = () => end();
      const timer = setTimeout(gone, Math.max(0, ms - (performance.now() - since)));
      response.once("close", gone);
      const held: Held = {
        message,
        reply: (given) => {
          const written = outcome(response);
          end(given);
          return written;
        },
      };
      this.#held.set(id, { held, end });
    });
    return { id, reply };
  }

  /** @returns `over` if the request was answered already; undefined if this account never had it, or long ago */
  find(id: string): Held | "over" | undefined {
    return this.#held.get(id)?.held ?? (this.#over.has(id) ? "over" : undefined);
  }

  /** Nobody will reply any more. */
  close(): void {
    for (const { end } of this.#held.values()) end();
  }

  #remember(id: string): void {
    this.#over.add(id);
    if (this.#over.size <= REMEMBERED) return;
    const [oldest] = this.#over;
    if (oldest !== undefined) this.#over.delete(oldest);
  }
}

async function outcome(response: ServerResponse): Promise<Delivery> {
  if (response.destroyed) return "unknown";
  await once(response, "close");
  // "close" comes after "finish", or without it.
  return response.writableFinished ? "delivered" : "unknown";
}
