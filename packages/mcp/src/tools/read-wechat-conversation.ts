import type { MessagePage } from "@wechat-offiaccount/core";
import * as z from "zod";
import { type FailureFacts, factsOf, factsOfInput } from "./failure-facts.js";
import { type NameSource, named, nameFields, namesOf } from "./follower-names.js";
import { reading, readingFailure, readingFields } from "./inbox-result.js";
import { messageView, viewOfMessage, WHOLE } from "./message-view.js";
import { type PictureSource, picturesArgument, picturesIn } from "./pictures.js";
import type { InboxReader, ToolCall, ToolOutcome } from "./tool.js";
import { viewOfWindow, windowView } from "./window-view.js";

export const name = "read_wechat_conversation";
export const title = "Read a conversation with a WeChat Official Account follower (公众号会话)";

export const description = `Reads the conversation with one follower of the WeChat Official Account (微信公众号): what the follower wrote and did, and what the account sent (also by other programs that use the same inbox), the oldest message first. Without a cursor these are the newest messages.

The pictures that the follower sent come as images behind the messages, the newest few; WeChat keeps them for 3 days. A voice message shows the words that WeChat recognised. Of a video it says that there is one. remark and tags are what people of the account call the follower, where WeChat tells. window says whether the follower can be answered now.

What is unread stays unread, because people may work with the same inbox, unless mark_read says otherwise (a server in read-only mode does not have that argument).`;

/** Marking is seen by all who use the inbox, so a tool that can do it is not read-only; it can be done twice. */
const MARKING = { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: true } as const;
const READING = { ...MARKING, readOnlyHint: true } as const;
export const annotationsFor = (readOnly: boolean) => (readOnly ? READING : MARKING);

const readOnlySchema = z.strictObject({
  openid: z.string().describe("The follower's openid, copied exactly, such as from list_wechat_conversations."),
  limit: z.int().min(1).max(50).optional().describe("How many messages at most, 1 to 50. Default 20."),
  before: z.string().optional().describe("Only messages older than this: `older` of a page, or the id of a message."),
  after: z
    .string()
    .optional()
    .describe("Only messages newer than this: `newer` of a page, or the id of a message. Not together with before."),
  pictures: picturesArgument,
});
const markingSchema = readOnlySchema.extend({
  mark_read: z
    .boolean()
    .optional()
    .describe(
      "true: mark the follower's messages as read, up to the newest one of this result, for all who use the inbox. What came later stays unread. Default: false.",
    ),
});
export const inputSchemaFor = (readOnly: boolean) => (readOnly ? readOnlySchema : markingSchema);

export const outputSchema = z.strictObject({
  status: z.enum(["ok", "failed"]).describe("ok or failed."),
  messages: z.array(messageView).describe("The oldest first. Empty on failure."),
  older: z.string().optional().describe("Give it as `before` for the messages before these. Absent: there are none."),
  newer: z.string().optional().describe("Give it as `after` for the messages after these. Absent: there are none."),
  ...nameFields,
  unread: z.number().optional().describe("Messages of the follower that are still unread."),
  window: windowView.optional(),
  ...readingFields,
});

const NONE = { messages: [] };
export const refusal = (facts: FailureFacts) => readingFailure(facts, NONE);
export const defect = refusal(factsOf(undefined));

const NO_CONVERSATION: FailureFacts = {
  code: "WECHAT_MCP_NO_CONVERSATION",
  message: "The inbox knows no conversation with this openid.",
  remedy_en:
    "Copy the openid exactly from list_wechat_conversations. The inbox knows only who wrote, or was written to, since it was set up, and keeps messages for a limited time.",
  remedy_zh:
    "请从 list_wechat_conversations 的结果中逐字复制 openid。收件箱只包含启用之后的会话，且消息只保留一段时间。",
};

/** What the tool needs beside the call. */
export interface ReadContext extends Pick<ToolCall, "signal"> {
  readonly inbox: Pick<InboxReader, "conversation" | "markRead" | "read">;
  readonly client: PictureSource & NameSource;
  readonly readOnly: boolean;
}

/** Reads a conversation. Never throws: every failure is an outcome with `isError`. */
export async function handle(
  input: unknown,
  { inbox, client, readOnly, signal }: ReadContext,
): Promise<ToolOutcome<z.infer<typeof outputSchema>>> {
  const inputSchema = inputSchemaFor(readOnly);
  const parsed = inputSchema.safeParse(input);
  if (!parsed.success) return readingFailure(factsOfInput(name, inputSchema, parsed.error), NONE);
  const { openid, limit = 20, before, after, pictures: wanted } = parsed.data;
  try {
    const page = await inbox.read(openid, { limit, before, after });
    const conversation = await inbox.conversation(openid);
    if (!conversation) return readingFailure(NO_CONVERSATION, NONE);
    const [{ images, notes }, names] = await Promise.all([
      picturesIn(page.messages, { client, pictures: wanted, signal }),
      namesOf([openid], client),
    ]);
    // Last, so that a failure before it has changed nothing.
    const marks = "mark_read" in parsed.data && parsed.data.mark_read && !signal?.aborted;
    const unread = marks ? await markShown(inbox, openid, page) : undefined;
    const result = {
      status: "ok" as const,
      messages: page.messages.map((message) => viewOfMessage(message, WHOLE, notes.get(message.id))),
      ...(page.older !== undefined && { older: page.older }),
      ...(page.newer !== undefined && { newer: page.newer }),
      ...named(names.get(openid)),
      unread: unread ?? conversation.unread,
      window: viewOfWindow(conversation.window),
    };
    return reading(result, images);
  } catch (error) {
    return readingFailure(factsOf(error), NONE);
  }
}

async function markShown(inbox: Pick<InboxReader, "markRead">, openid: string, { messages }: MessagePage) {
  const newest = messages.at(-1);
  return newest && inbox.markRead(openid, newest.id);
}
