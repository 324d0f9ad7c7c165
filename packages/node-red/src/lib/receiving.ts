import { AsyncLocalStorage } from "node:async_hooks";
import {
  type Arrival,
  Callback,
  type Delivery,
  type IncomingMessage,
  type PushedMessage,
  type RefusedRequest,
  type Reply,
  WeChatValidationError,
} from "@wechat-offiaccount/core";
import type { AccountInbox } from "./account-inbox.js";
import type { CallbackSettings } from "./account-settings.js";
import type { FlowsGate } from "./flows-gate.js";
import { type Exchange, type Held, HeldRequests, type Push } from "./held-requests.js";
import type { Beside } from "./incoming.js";
import { type PlainWindow, plainWindow } from "./plain-window.js";
import type { Listener, Routes } from "./routes.js";

/** How it stands with an account's pushes; also the name of the receive node's status in the catalogue. */
export type ReceivingState =
  | "off"
  | "checkAccount"
  | "pathTaken"
  | "noHttpNodes"
  | "behindPassword"
  | "inboxFailed"
  | "listening";

/** A receive node, as its account sees it. */
export interface Subscriber {
  readonly wants: (message: PushedMessage) => boolean;
  /** Milliseconds that WeChat's request waits for a passive reply; 0: it is answered at once. */
  readonly waits: number;
  /** Whether it wants to know if the follower can be answered. */
  readonly asksWindow: boolean;
  /** Beside the message the id of WeChat's request, for a node that waits; of a message of before a restart it is over. */
  readonly emit: (message: IncomingMessage, beside: Beside) => void;
  /** Called at once, and when it changes. */
  readonly show: (state: ReceivingState) => void;
}

/** What the account tells its log. */
export interface ReceivingLog {
  readonly error: (error: unknown) => void;
  readonly refused: (refused: RefusedRequest) => void;
  /** Another account has the path. */
  readonly pathTaken: (path: string, rival: string) => void;
}

export interface ReceivingOptions extends CallbackSettings {
  readonly appId: string;
  /** For another account that wants the same path. */
  readonly name: string;
  readonly inbox: AccountInbox;
  readonly routes: Routes;
  readonly gate: FlowsGate;
  /** The state while all is well with path and inbox. */
  readonly state: "listening" | "behindPassword";
  readonly log: ReceivingLog;
}

/** Core's own limit, above ours: what comes too late is the send node's to send, which then can tell how that ended. */
const REPLY_WITHIN = 5_000;

/** Takes an account's pushes and shares them out among its receive nodes. */
export class Receiving {
  readonly #held: HeldRequests;
  readonly #subscribers = new Set<Subscriber>();
  /** The request in which a push comes in. */
  readonly #exchanges = new AsyncLocalStorage<Exchange>();
  /** What was pushed and is not handed on yet, by the key that its repetitions share. */
  readonly #pushes = new Map<string, Push>();
  /** The same by message; one that is emitted after a restart has none. */
  readonly #pushOf = new WeakMap<PushedMessage, Push>();
  readonly #options: ReceivingOptions;
  readonly #callback: Callback;
  readonly #release: () => void;
  #rival: string | undefined;
  #inboxFailed = false;
  #closed = false;

  /** @throws WeChatValidationError that names the wrong setting */
  constructor(options: ReceivingOptions) {
    const { appId, token, encodingAESKey, inbox, log, routes, path, name } = options;
    this.#options = options;
    this.#held = new HeldRequests(appId);
    this.#callback = new Callback({
      appId,
      token,
      encodingAESKey,
      mode: encodingAESKey === undefined ? "plain" : "safe",
      // Without `record`: what became of a passive reply is known better here, where its connection is, see `reply`.
      inbox: {
        receive: (arrival) => this.#keep(arrival),
        emitted: (key) => {
          this.#pushes.delete(key);
          return inbox.emitted(key);
        },
        takeAbandoned: (limit) => inbox.takeAbandoned(limit),
      },
      reply: "wait",
      replyWithin: REPLY_WITHIN,
      onMessage: (message) => this.#take(message),
      onReplied: (message) => void this.#held.decided(message, true),
      onError: (error, message) => {
        // A reply that came too late is the send node's to send.
        if (error instanceof WeChatValidationError && message && this.#held.decided(message, false)) return;
        if (!inbox.tells(error)) log.error(error);
      },
      onRefused: log.refused,
    });
    const listener: Listener = (request, response, since) => {
      this.#exchanges.run({ response, since }, () => void this.#callback.listener(request, response));
    };
    const onHolder = (rival: string | undefined) => this.#onHolder(rival);
    this.#release = routes.claim(path, { name, listener, isServed: () => this.#isServed(), onHolder });
    inbox.opened().catch(() => {
      this.#inboxFailed = true;
      this.#show();
    });
  }

  get state(): ReceivingState {
    if (this.#rival !== undefined) return "pathTaken";
    return this.#inboxFailed ? "inboxFailed" : this.#options.state;
  }

  /** @returns ends it */
  subscribe(subscriber: Subscriber): () => void {
    this.#subscribers.add(subscriber);
    subscriber.show(this.state);
    return () => this.#subscribers.delete(subscriber);
  }

  /** The request that waits under this id, see {@link HeldRequests.find}. */
  request(id: string): Held | "over" | undefined {
    return this.#held.find(id);
  }

  /** Answers a request that waits, and takes note of it in the inbox. @returns see {@link Held.reply} */
  async reply(held: Held, reply: Reply): Promise<Delivery | "late"> {
    const delivery = await held.reply(reply);
    if (delivery === "late") return delivery;
    const parts = [{ index: 0, delivery }];
    this.#options.inbox.record(held.message.openid, { message: { ...reply }, delivery, parts, passive: true });
    return delivery;
  }

  /** A reply went another way, see {@link HeldRequests.letGo}. */
  letGo(id: string, openid: string | undefined, ms: number): void {
    this.#held.letGo(id, openid, ms);
  }

  /** Takes nothing more, answers WeChat's requests that wait with `success`, and ends within `ms` milliseconds. */
  async close(ms: number): Promise<void> {
    this.#closed = true;
    this.#release();
    this.#held.close();
    await this.#callback.close(ms);
  }

  /** Core hands on the first request's message, and answers the newest request. */
  async #keep(arrival: Arrival): Promise<"new" | "duplicate" | "replayed"> {
    const verdict = await this.#options.inbox.receive(arrival);
    const newest = this.#exchanges.getStore();
    const known = this.#pushes.get(arrival.key);
    if (newest && verdict === "new") {
      const push = { newest };
      this.#pushes.set(arrival.key, push);
      this.#pushOf.set(arrival.message, push);
    } else if (newest && known && verdict === "duplicate") known.newest = newest;
    return verdict;
  }

  async #take(message: IncomingMessage): Promise<Reply | undefined> {
    const { gate } = this.#options;
    const isServed = () => this.#isServed();
    let window: PlainWindow | undefined;
    // Its nodes are being replaced. If the account is too, this never ends: then the message counts as not emitted, and
    // the account that comes after gets it from the inbox.
    do {
      await gate.passes(isServed);
      if (this.#closed) return new Promise(() => {});
      window = await this.#windowFor(message);
    } while (!gate.lets(isServed) || this.#closed);
    const takers = [...this.#subscribers].filter(({ wants }) => wants(message));
    const push = this.#pushOf.get(message);
    const waits = Math.max(0, ...takers.map((taker) => taker.waits));
    const held = push && waits > 0 ? this.#held.hold(message, push, waits) : undefined;
    // A message of before a restart has a request too, but it is over: its reply goes another way.
    const id = held?.id ?? this.#held.newId();
    for (const { emit, waits, asksWindow } of takers) {
      const requestId = waits > 0 ? id : undefined;
      this.#emit(() => emit(message, { requestId, window: asksWindow ? window : undefined }));
    }
    return held?.reply;
  }

  /** Whether the follower can be answered, if a node asks. Not knowing it keeps no message back. */
  async #windowFor(message: IncomingMessage): Promise<PlainWindow | undefined> {
    const asked = [...this.#subscribers].some(({ asksWindow, wants }) => asksWindow && wants(message));
    if (!asked) return undefined;
    try {
      return plainWindow(await this.#options.inbox.window(message.openid));
    } catch (error) {
      this.#options.log.error(error);
      return undefined;
    }
  }

  #isServed(): boolean {
    return this.#subscribers.size > 0;
  }

  /** One receive node's failure is not another's. */
  #emit(emit: () => void): void {
    try {
      emit();
    } catch (error) {
      this.#options.log.error(error);
    }
  }

  #onHolder(rival: string | undefined): void {
    const { path, log } = this.#options;
    this.#rival = rival;
    if (rival !== undefined) log.pathTaken(path, rival);
    this.#show();
  }

  #show(): void {
    for (const { show } of this.#subscribers) show(this.state);
  }
}
