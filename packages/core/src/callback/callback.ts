import { randomInt } from "node:crypto";
import type { IncomingMessage as HttpRequest, ServerResponse } from "node:http";
import { inspect } from "node:util";
import type { Receiver } from "../inbox/arrival.js";
import { Inbox } from "../inbox/inbox.js";
import type { Answer, Exchange } from "./exchange.js";
import { Handling, quietly } from "./handling.js";
import { answerNode, type NodeRequest } from "./node.js";
import { type CallbackOptions, type CheckedCallbackOptions, checkCallbackOptions } from "./options.js";
import { type OnGone, Pending } from "./pending.js";
import { type Push, PushReader } from "./push-reader.js";
import { Redelivery } from "./redelivery.js";
import { REFUSALS, Refusal } from "./refusals.js";
import { type PassiveReply, writeReply, writeSealed } from "./replies.js";
import { signatureOf } from "./signature.js";
import { Silence } from "./silence.js";
import { UnderWay } from "./under-way.js";
import { answerWeb } from "./web.js";
import { loadedXmlReader, xmlReader } from "./xml.js";

const TEXT = "text/plain; charset=utf-8";
const CONTENT_TYPE = { xml: "text/xml; charset=utf-8", json: "application/json; charset=utf-8" };
/** What WeChat takes for "received, nothing to show". */
const SUCCESS: Answer = { status: 200, contentType: TEXT, body: "success" };

interface InboxInUse {
  readonly inbox: Receiver;
  readonly close?: () => Promise<void>;
}

/**
 * Receives what WeChat pushes to an account's server URL: checks, decrypts and reads it, keeps it in the inbox, answers
 * WeChat in time, and hands each message on once. It knows no server and no path: mount {@link listener} or
 * {@link handle} where the URL points.
 *
 * @example
 * const callback = new Callback({ appId, token, encodingAESKey, inbox, client, onMessage, onError: console.error });
 * http.createServer(callback.listener).listen(80);
 */
export class Callback {
  /** The account's AppID. */
  readonly appId: string;
  /** How WeChat pushes, as set there. */
  readonly mode: "plain" | "compatible" | "safe";
  readonly #options: Omit<CheckedCallbackOptions, "token" | "keys" | "inbox">;
  readonly #inbox: Receiver;
  readonly #closeInbox: (() => Promise<void>) | undefined;
  readonly #token: string;
  readonly #reader: PushReader;
  readonly #handling: Handling;
  readonly #redelivery: Redelivery;
  readonly #pending = new Map<string, Pending>();
  readonly #underWay = new UnderWay();
  readonly #silence = new Silence();
  #closed = false;

  /** @throws WeChatValidationError that names the wrong option */
  constructor(options: CallbackOptions) {
    const checked = checkCallbackOptions(options);
    this.appId = checked.appId;
    this.mode = checked.mode;
    this.#options = checked;
    this.#token = checked.token;
    this.#reader = new PushReader(checked);
    const { inbox, close } = inboxOf(checked);
    this.#inbox = inbox;
    this.#closeInbox = close;
    this.#handling = new Handling({ ...checked, inbox });
    this.#redelivery = new Redelivery({
      inbox,
      every: checked.redeliverEvery,
      handOn: (arrival) => this.#track(this.#handling.handOn(arrival)),
      room: () => this.#room(),
      onError: (error) => this.#handling.report(error),
    });
  }

  /**
   * Answers a web-standard request.
   * @returns what WeChat gets; never rejects
   */
  handle(request: Request): Promise<Response> {
    return answerWeb(request, (exchange) => this.#answer(exchange));
  }

  /**
   * Answers a request of node:http, and of what builds on it, such as Express. A body parser before it must leave text
   * or bytes in `request.body`.
   * @returns when the answer is written; never rejects
   */
  readonly listener = (request: NodeRequest, response: ServerResponse<HttpRequest>): Promise<void> =>
    answerNode(request, response, (exchange) => this.#answer(exchange));

  /**
   * Takes no further requests, waits for handlers and replies under way, and ends all timers. What a handler did not
   * finish in time is handed on again after a restart, if the inbox outlives the process. An inbox that was passed in is
   * not closed.
   * @param within milliseconds to wait at most. Default 10 000
   */
  async close(within = 10_000): Promise<void> {
    this.#closed = true;
    this.#silence.end();
    this.#underWay.add(this.#redelivery.stop());
    await this.#underWay.over(within);
    await this.#closeInbox?.();
  }

  [inspect.custom](): string {
    return `Callback { appId: '${this.appId}', mode: '${this.mode}' }`;
  }

  async #answer(exchange: Exchange): Promise<Answer> {
    try {
      return await this.#track(this.#take(exchange));
    } catch (error) {
      if (!(error instanceof Refusal)) this.#handling.report(error);
      return this.#refused(error instanceof Refusal ? error.reason : "not-kept", exchange.onGone);
    }
  }

  async #take({ method, search, body, onGone }: Exchange): Promise<Answer> {
    const began = performance.now();
    if (this.#closed) throw new Refusal("closed");
    if (method !== "POST" && method !== "GET") throw new Refusal("method");
    const query = new URLSearchParams(search);
    if (method === "GET") return { ...SUCCESS, body: this.#reader.echo(query) };
    const signed = this.#reader.check(query);
    const bytes = await body(this.#options.maxBodyBytes);
    const push = this.#reader.read(signed, bytes, loadedXmlReader() ?? (await xmlReader()));
    if (this.#closed) throw new Refusal("closed");
    const { key } = push.arrival;
    // Who waits for a reply that is in the making takes no further place.
    if (this.#room() <= 0 && !this.#pending.has(key)) throw new Refusal("busy");
    const verdict = await this.#inbox.receive(push.arrival);
    if (verdict === "replayed") throw new Refusal("replayed");
    if (this.#options.reply === "at-once") {
      if (verdict === "new") void this.#track(turn().then(() => this.#handling.handOn(push.arrival)));
      return SUCCESS;
    }
    const waitMs = this.#options.replyWithin - (performance.now() - began);
    const reply = await (verdict === "new" ? this.#begin(push, waitMs, onGone) : this.#join(key, waitMs, onGone));
    return reply ? this.#passive(reply, push) : SUCCESS;
  }

  /** The reply of a handler that begins now. */
  #begin({ arrival }: Push, ms: number, onGone: OnGone): Promise<PassiveReply | undefined> {
    const pending = new Pending();
    const reply = pending.wait(ms, onGone);
    this.#pending.set(arrival.key, pending);
    const handled = this.#handling.handOn(arrival, pending).finally(() => this.#pending.delete(arrival.key));
    void this.#track(handled);
    return reply;
  }

  /** WeChat pushed it again. The handler's reply goes here, if it is still at work; else nothing more is to be said. */
  async #join(key: string, ms: number, onGone: OnGone): Promise<PassiveReply | undefined> {
    return this.#pending.get(key)?.wait(ms, onGone);
  }

  #passive(reply: PassiveReply, { arrival, format, cipher }: Push): Answer {
    const { openid, accountId } = arrival.message;
    const seconds = Math.floor(this.#options.clock() / 1000);
    const body = writeReply(format, reply, { openid, accountId, seconds });
    const answer = { status: 200, contentType: CONTENT_TYPE[format] };
    if (!cipher) return { ...answer, body };
    const encrypted = cipher.encrypt(body);
    const nonce = String(randomInt(1_000_000_000, 10_000_000_000));
    const signature = signatureOf(this.#token, String(seconds), nonce, encrypted);
    return { ...answer, body: writeSealed(format, { encrypted, signature, seconds, nonce }) };
  }

  /** Handlers that may begin now. */
  #room(): number {
    return this.#options.maxConcurrent - this.#handling.atWork;
  }

  async #refused(reason: Refusal["reason"], onGone: OnGone): Promise<Answer> {
    const { onRefused } = this.#options;
    const refusal = REFUSALS[reason];
    if (onRefused) quietly(() => onRefused({ reason, ...refusal }));
    if ((reason === "busy" || reason === "not-kept") && !this.#closed) await this.#silence.keep(onGone);
    return { status: refusal.status, contentType: TEXT, body: reason };
  }

  #track<T>(work: Promise<T>): Promise<T> {
    this.#underWay.add(work);
    return work;
  }
}

/** The inbox that was passed in, or one of the callback's own, with how to close it. */
function inboxOf({ inbox, appId, clock, onError }: CheckedCallbackOptions): InboxInUse {
  if (inbox) return { inbox };
  const own = new Inbox({ appId, clock, onError: (error) => quietly(() => onError(error)) });
  return { inbox: own, close: () => own.close() };
}

/** Lets the answer leave before the handler begins. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
