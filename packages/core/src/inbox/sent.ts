import type { Delivery, PartResult } from "../delivery.js";
import { redact } from "../redact.js";

/** A message to a follower, by `type`, in core's names (a CustomMessage), or of another kind, such as `template`. */
export interface SentMessage {
  /** Such as `text`. */
  readonly type: string;
  /** The fields of its type. */
  readonly [field: string]: unknown;
}

/** A message that was sent, and what became of it. */
export interface Sent {
  /** As the follower reads it; a text as a whole. */
  readonly message: SentMessage;
  /** What became of it as a whole. */
  readonly delivery: Delivery;
  /** What became of each message that a text was split into. */
  readonly parts?: readonly PartResult[];
  /** WeChat's errcode, where it refused. */
  readonly errcode?: number;
  /** WeChat's request id, where it gave one. */
  readonly rid?: string;
  /** Who sent it: a program, an agent's account. */
  readonly by?: string;
  /** It was the answer to WeChat's push, which the reply window does not count. Default false. */
  readonly passive?: boolean;
}

/** Takes note of what a client sends; an Inbox is one. */
export interface SentLog {
  /** The account whose messages it takes. */
  readonly appId: string;
  /** Takes note, without waiting; must not throw, and sees itself to what goes wrong. */
  record(openid: string, sent: Sent): void;
}

/** How many of WeChat's replies it took: parts that arrived or may have; none for what the window does not count. */
export function repliesTaken({ message, delivery, parts = [], passive = false }: Sent): number {
  if (passive || message.type === "template") return 0;
  if (parts.length === 0) return delivery === "not-delivered" ? 0 : 1;
  return parts.filter((part) => part.delivery !== "not-delivered").length;
}

/** The errcodes with which WeChat refused it or parts of it. */
export function refusalsOf({ message, errcode, parts = [] }: Sent): readonly number[] {
  if (message.type === "template") return [];
  return [errcode, ...parts.map((part) => part.errcode)].flatMap((code) => code ?? []);
}

/** What is done with a failure that nobody waits for, where nobody asked to hear of it. */
export function warnOf(error: unknown): void {
  const message = redact(error instanceof Error ? error.message : String(error));
  process.emitWarning(`wechat-offiaccount inbox: ${message}`);
}
