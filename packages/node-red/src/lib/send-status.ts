import type { Delivery } from "@wechat-offiaccount/core";
import type { NodeStatus } from "node-red";
import { SENDING_FIELDS } from "./account-settings.js";
import type { Failure } from "./failure.js";
import type { Translate } from "./texts.js";

const KEY = "wechat-oa-send.status";

/** Errcodes with a few words of their own in the catalogue. */
export const EXPLAINED_ERRCODES = new Set([
  -1, 40001, 40003, 40013, 40125, 40164, 43004, 45002, 45009, 45011, 45015, 45047, 48001,
]);
/** Fields of the account: what is wrong with them is not the message's fault. */
export const ACCOUNT_FIELDS = new Set<string>(["account", ...SENDING_FIELDS]);
/** Error codes without errcode that have words of their own in the catalogue. */
export const EXPLAINED_CODES = new Set([
  "WECHAT_CONNECT",
  "WECHAT_TIMEOUT",
  "WECHAT_ABORTED",
  "WECHAT_QUEUE_FULL",
  "WECHAT_FETCH",
]);

// Texts are keys where the catalogue has one: the editor translates them into the language of the one who looks.
const SENDING: NodeStatus = { fill: "blue", shape: "dot", text: `${KEY}.sending` };
export const DELIVERED: NodeStatus = { fill: "green", shape: "dot", text: `${KEY}.delivered` };
export const TYPING_SHOWN: NodeStatus = { fill: "green", shape: "dot", text: `${KEY}.typingShown` };
export const TYPING_ENDED: NodeStatus = { fill: "green", shape: "dot", text: `${KEY}.typingEnded` };
export const NO_ACCOUNT: NodeStatus = { fill: "red", shape: "ring", text: `${KEY}.noAccount` };
export const CHECK_ACCOUNT: NodeStatus = { fill: "red", shape: "ring", text: `${KEY}.checkAccount` };

const lookOf = (delivery: Delivery) => ({ fill: delivery === "unknown" ? "yellow" : "red", shape: "ring" }) as const;

/** The status after a list of followers of whom some did not surely get the message. */
export function someFailed(
  counts: { readonly failed: string; readonly total: string },
  delivery: Delivery,
  translate: Translate,
): NodeStatus {
  return { ...lookOf(delivery), text: translate(`${KEY}.someFailed`, { failed: counts.failed, total: counts.total }) };
}

/** The status of a node whose last message was not surely delivered. */
export function failureStatus({ delivery, details }: Failure, translate: Translate): NodeStatus {
  const { code, errcode, field } = details;
  const look = lookOf(delivery);
  if (errcode !== undefined) {
    if (EXPLAINED_ERRCODES.has(errcode)) return { ...look, text: `${KEY}.errcode.${errcode}` };
    // A key cannot carry a number, so this one text comes in the language of the runtime.
    return { ...look, text: translate(`${KEY}.otherErrcode`, { errcode: String(errcode) }) };
  }
  if (delivery === "unknown") return { ...look, text: `${KEY}.unknown` };
  if (code === "WECHAT_VALIDATION") {
    return { ...look, text: ACCOUNT_FIELDS.has(field ?? "") ? CHECK_ACCOUNT.text : `${KEY}.checkInput` };
  }
  return { ...look, text: EXPLAINED_CODES.has(code) ? `${KEY}.code.${code}` : `${KEY}.notDelivered` };
}

const RANK = { delivered: 0, "not-delivered": 1, unknown: 2 } as const;

/**
 * Shows "sending" while messages are in flight, then the worst outcome among those that were in flight together, so
 * that in a burst one failure is not painted over by the next success.
 */
export class SendStatus {
  readonly #show: (status: NodeStatus) => void;
  #inFlight = 0;
  #worst: { rank: number; status: NodeStatus } | undefined;
  #closed = false;

  constructor(show: (status: NodeStatus) => void) {
    this.#show = show;
  }

  begin(): void {
    this.#inFlight++;
    if (this.#inFlight > 1) return;
    this.#worst = undefined;
    if (!this.#closed) this.#show(SENDING);
  }

  end(delivery: keyof typeof RANK, status: NodeStatus): void {
    const rank = RANK[delivery];
    if (!this.#worst || rank >= this.#worst.rank) this.#worst = { rank, status };
    this.#inFlight--;
    if (this.#inFlight === 0 && !this.#closed) this.#show(this.#worst.status);
  }

  /** Clears the status; from now on nothing is shown. */
  close(): void {
    this.#closed = true;
    this.#show({});
  }
}
