import type { Inbox } from "@wechat-offiaccount/core";
import type * as z from "zod";

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

/** What a tool learns of the call it is in, beside its arguments. */
export interface ToolCall {
  /** Ends the call when the host cancels it. */
  readonly signal?: AbortSignal | undefined;
  /** Tells the host how far it is; absent if the host did not ask for it. */
  readonly progress?: ((done: number, total: number, message: string) => void) | undefined;
}

/** A tool as the server registers it. */
export interface Tool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly annotations: Readonly<
    Record<"readOnlyHint" | "destructiveHint" | "idempotentHint" | "openWorldHint", boolean>
  >;
  readonly inputSchema: z.ZodType;
  /** Absent for a tool that shows images: its result is then not only structured content, see `server.ts`. */
  readonly outputSchema?: z.ZodType | undefined;
  /** @param input the arguments as the model gave them, unchecked */
  handle(input: unknown, call: ToolCall): Promise<ToolOutcome>;
  /** The answer to a call that failed by a defect of ours. */
  readonly defect: ToolOutcome;
}

/** What the tools ask the inbox. */
export type InboxReader = Pick<
  Inbox,
  "conversation" | "conversations" | "markRead" | "read" | "stats" | "waitForIncoming" | "window"
>;
