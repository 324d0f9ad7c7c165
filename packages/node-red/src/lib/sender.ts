import {
  checkMessage,
  type SendResult,
  type SendTextOptions,
  type WeChatClient,
  WeChatError,
  WeChatTransportError,
} from "@wechat-offiaccount/core";
import type { Node, NodeAPI, NodeMessage } from "node-red";
import type { Account } from "./account.js";
import { type Content, requestIdOf, toContent, toRecipient } from "./input-values.js";
import { notSentIfWrong } from "./not-sent.js";
import { letGo, type PassiveResult, replyPassively } from "./passive-reply.js";
import { type Bilingual, inputError, remedyOf, type Translate } from "./texts.js";
import { describe, evaluate, type TypedInput } from "./typed-input.js";

/** What the dialog of a send node holds. */
export interface SenderSettings {
  readonly recipient: TypedInput;
  readonly content: TypedInput;
  readonly options: SendTextOptions;
  /** Answers in WeChat's request while it waits; what cannot go there is sent as a customer-service message. */
  readonly passive: boolean;
}

/** What arrived; of a node that replies passively also by which way. */
export type Sent = PassiveResult | (SendResult & { readonly way?: "customer-service" });
type Sendable = Exclude<Content, { readonly problem: unknown }>;

/**
 * Messages one node may hold at a time. A flow that floods the node is told so, message by message, before the memory
 * of the runtime is full.
 */
const MAX_IN_FLIGHT = 10_000;

/** The node holds too many messages already; nothing was sent. */
class QueueFullError extends WeChatError {
  readonly code = "WECHAT_QUEUE_FULL";

  constructor(message: string, remedy: Bilingual) {
    super(message, remedy, { delivery: "not-delivered", parts: [] });
  }

  override withOutcome(): QueueFullError {
    return this;
  }
}

/** Why a message that had not left yet will not: its node was closed. */
export function stopped(translate: Translate): WeChatTransportError {
  const message = translate("wechat-oa-send.errors.stopped");
  return new WeChatTransportError(
    { reason: "aborted", message, sent: false },
    { delivery: "not-delivered", parts: [] },
  );
}

/** Takes messages in the order in which they come, reads recipient and content from each, and sends. */
export class Sender {
  readonly #RED: NodeAPI;
  readonly #node: Node;
  readonly #account: Account | undefined;
  readonly #settings: SenderSettings;
  readonly #translate: Translate;
  /** Resolves when the message before has its place in the queue. */
  #previous: Promise<unknown> = Promise.resolve();

  constructor(RED: NodeAPI, node: Node, account: Account | undefined, settings: SenderSettings, translate: Translate) {
    this.#RED = RED;
    this.#node = node;
    this.#account = account;
    this.#settings = settings;
    this.#translate = translate;
  }

  /**
   * @param inFlight how many messages the node holds, this one included
   * @throws WeChatError with the delivery of this message
   */
  async send(msg: NodeMessage, inFlight: number, signal: AbortSignal): Promise<Sent> {
    const { client, queue, receiving } = this.#openAccount();
    if (inFlight > MAX_IN_FLIGHT) {
      const parameters = { limit: String(MAX_IN_FLIGHT) };
      throw new QueueFullError(
        this.#translate("wechat-oa-send.errors.queueFull", parameters),
        remedyOf("wechat-oa-send", "queueFull", parameters),
      );
    }

    // Values are read at once, as they are when the message comes; its place in the queue waits for the messages
    // before it, whose values may take longer to read.
    const previous = this.#previous;
    let queued = () => {};
    this.#previous = new Promise<void>((resolve) => {
      queued = resolve;
    });
    const question = { receiving, requestId: requestIdOf(msg) };
    let recipient: string | undefined;
    let delivered = false;
    try {
      const { openid, content } = await unlessAborted(this.#read(msg), signal);
      recipient = openid;
      await unlessAborted(previous, signal);
      if (this.#settings.passive) {
        const replied = await replyPassively({ ...question, openid, content }, this.#translate);
        if (replied) return replied;
      }
      const sent = queue.run(openid, () => this.#send(client, openid, content, signal), signal);
      queued();
      const result = await sent;
      delivered = true;
      return this.#settings.passive ? { ...result, way: "customer-service" } : result;
    } finally {
      queued();
      if (this.#settings.passive) letGo(question, recipient, delivered);
    }
  }

  async #send(client: WeChatClient, openid: string, content: Sendable, signal: AbortSignal): Promise<SendResult> {
    const { split, ...others } = this.#settings.options;
    const options = { ...others, signal };
    const message = "text" in content ? undefined : notSentIfWrong(() => checkMessage(content.message));
    if (message && message.type !== "text") return client.messages.send(openid, message, options);
    const text = "text" in content ? content.text : (message?.text ?? "");
    return client.messages.sendText(openid, text, { ...options, split });
  }

  #openAccount() {
    if (!this.#account) throw inputError(this.#translate, "wechat-oa-send", "noAccount", "account");
    const { client, queue, problem, receiving } = this.#account;
    if (client) return { client, queue, receiving };
    // The account's own error, as the account reported it, with the outcome of this message.
    throw problem
      ? problem.withOutcome({ delivery: "not-delivered", parts: [] })
      : inputError(this.#translate, "wechat-oa-send", "noAccount", "account");
  }

  async #read(msg: NodeMessage): Promise<{ openid: string; content: Sendable }> {
    const { recipient, content } = this.#settings;
    const [to, what] = await Promise.all([
      this.#value("recipient", recipient, msg),
      this.#value("content", content, msg),
    ]);
    const addressee = toRecipient(to);
    if ("problem" in addressee) throw this.#inputError(addressee.problem, "recipient", recipient, to);
    const body = toContent(what);
    if ("problem" in body) throw this.#inputError(body.problem, "content", content, what);
    return { openid: addressee.openid, content: body };
  }

  async #value(field: "recipient" | "content", input: TypedInput, msg: NodeMessage): Promise<unknown> {
    try {
      return await evaluate(this.#RED, this.#node, input, msg);
    } catch (error) {
      throw this.#inputError("notReadable", field, input, undefined, reasonOf(error));
    }
  }

  #inputError(
    key: "recipientMissing" | "recipientNotText" | "contentMissing" | "contentObject" | "contentBinary" | "notReadable",
    field: "recipient" | "content",
    input: TypedInput,
    value: unknown,
    reason = "",
  ) {
    const parameters = { property: describe(input), kind: kindOf(value), reason };
    return inputError(this.#translate, "wechat-oa-send", key, field, parameters);
  }
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (value === "") return '""';
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  return Array.isArray(value) ? "array" : typeof value;
}

/** JSONata throws plain objects with a message. */
function reasonOf(error: unknown): string {
  const message = typeof error === "object" && error !== null && "message" in error ? error.message : error;
  return String(message);
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
