import {
  type Delivery,
  type PartResult,
  redact,
  WeChatApiError,
  WeChatError,
  WeChatTransportError,
  WeChatValidationError,
} from "@wechat-offiaccount/core";
import type { Bilingual } from "./texts.js";

/** The facts of a failed send as plain JSON, because messages are cloned: `msg.wechat.error` in a Catch node. */
export interface FailureDetails {
  readonly code: string;
  readonly message: string;
  readonly remedy?: Bilingual;
  readonly errcode?: number;
  readonly errmsg?: string;
  readonly rid?: string;
  readonly hint?: string;
  readonly endpoint?: string;
  readonly field?: string;
  readonly reason?: string;
  readonly status?: number;
}

/** One failed send, in the forms that the flow, the status and the log want. */
export interface Failure {
  readonly delivery: Delivery;
  readonly parts: readonly PartResult[];
  readonly details: FailureDetails;
  /** For `done()`: its message holds what happened and the remedy in the language of the runtime. */
  readonly error: Error & { readonly code: string };
}

/**
 * Node-RED copies only `toString()`, `code`, `stack` and `cause` of an error into the Catch node's `msg.error`
 * (Flow.handleError), so the facts travel in `cause` as well as in `msg.wechat`.
 * @param thrown anything; what is not one of ours is a bug, and then nothing is known about the delivery
 */
export function failureOf(thrown: unknown, language: keyof Bilingual): Failure {
  const known = thrown instanceof WeChatError ? thrown : undefined;
  const delivery = known ? (known.delivery ?? "not-delivered") : "unknown";
  const parts = (known?.parts ?? []).map((part) => ({ ...part }));
  return { delivery, parts, ...troubleOf(thrown, language, { delivery, parts }) };
}

/**
 * The same for what is no send, and so has no delivery.
 * @param more facts for the error's `cause`
 */
export function troubleOf(
  thrown: unknown,
  language: keyof Bilingual,
  more: object = {},
): Pick<Failure, "details" | "error"> {
  const details = detailsOf(thrown);
  const text = details.remedy ? `${sentence(details.message)} ${details.remedy[language]}` : details.message;
  const error = Object.assign(new Error(text, { cause: { ...details, ...more } }), { code: details.code });
  error.name = thrown instanceof Error ? thrown.name : "Error";
  if (thrown instanceof Error && thrown.stack) error.stack = redact(thrown.stack);
  return { details, error };
}

function detailsOf(thrown: unknown): FailureDetails {
  if (!(thrown instanceof WeChatError)) {
    return { code: "WECHAT_UNEXPECTED", message: redact(thrown instanceof Error ? thrown.message : String(thrown)) };
  }
  const { code, message, remedy } = thrown;
  const common = { code, message, remedy: { en: remedy.en, zh: remedy.zh } };
  if (thrown instanceof WeChatApiError) {
    const { errcode, errmsg, rid, hint, endpoint } = thrown;
    return { ...common, errcode, errmsg, ...(rid && { rid }), ...(hint && { hint }), endpoint };
  }
  if (thrown instanceof WeChatTransportError) {
    const { reason, status } = thrown;
    return { ...common, reason, ...(status !== undefined && { status }) };
  }
  return thrown instanceof WeChatValidationError ? { ...common, field: thrown.field } : common;
}

function sentence(text: string): string {
  return /[.!?。！？]$/.test(text) ? text : `${text}.`;
}
