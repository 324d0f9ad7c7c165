import type { Inbox } from "@wechat-offiaccount/core";
import type * as z from "zod";
import type { Confirmation } from "../safety/confirmation.js";
import type { FailureFacts } from "./failure-facts.js";

/** A picture in a result. */
export interface ToolImage {
  /** Says what it is, as a text right before it. */
  readonly caption: string;
  /** In base64. */
  readonly data: string;
  readonly mimeType: string;
}

/** What a tool's handler returns; the server wraps it for the protocol. */
export interface ToolOutcome<Result extends object = object> {
  readonly structuredContent: Result;
  /** For hosts that show text only: on failure in plain sentences, else empty. The JSON comes beside it. */
  readonly text: string;
  readonly isError: boolean;
  /** Shown behind the text, in this order. Default: none. */
  readonly images?: readonly ToolImage[] | undefined;
}

/** What a tool wants a person to agree to, before it goes on: it is then called again with the answer. */
export interface Question {
  readonly question: string;
}

/** What a tool learns of the call it is in, beside its arguments. */
export interface ToolCall {
  /** Ends the call when the host cancels it. */
  readonly signal?: AbortSignal | undefined;
  /** Tells the host how far it is; absent if the host did not ask for it. */
  readonly progress?: ((done: number, total: number, message: string) => void) | undefined;
  /** What the person behind the host says to a {@link Question}. Default: `unsupported`. */
  readonly confirmation?: Confirmation | undefined;
}

/** How a tool is shown to hosts. */
export interface ToolDescription {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly annotations: Readonly<
    Record<"readOnlyHint" | "destructiveHint" | "idempotentHint" | "openWorldHint", boolean>
  >;
  readonly inputSchema: z.ZodObject;
  /** Absent for a tool that shows images: its result is then not only structured content, see `server.ts`. */
  readonly outputSchema?: z.ZodObject | undefined;
}

/** A tool as the server registers it. */
export interface Tool extends ToolDescription {
  /** @param input the arguments as the model gave them, unchecked */
  handle(input: unknown, call: ToolCall): Promise<ToolOutcome | Question>;
  /** The answer to a call that was not begun. */
  refusal(facts: FailureFacts): ToolOutcome;
  /** The answer to a call that failed by a defect of ours. */
  readonly defect: ToolOutcome;
  /** What a call says to a follower, for the audit log; absent: nothing. */
  contentOf?(input: Readonly<Record<string, unknown>>): string | undefined;
}

/** What the tools ask the inbox. */
export type InboxReader = Pick<
  Inbox,
  "conversation" | "conversations" | "markRead" | "read" | "stats" | "waitForIncoming" | "window"
>;
