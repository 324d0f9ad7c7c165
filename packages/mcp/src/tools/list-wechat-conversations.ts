import * as z from "zod";
import { type FailureFacts, factsOf, factsOfInput } from "./failure-facts.js";
import { type NameSource, named, nameFields, namesOf } from "./follower-names.js";
import { reading, readingFailure, readingFields } from "./inbox-result.js";
import { messageView, PREVIEW, shownKey, viewOfMessage } from "./message-view.js";
import type { InboxReader, ToolOutcome } from "./tool.js";
import { viewOfWindow, windowView } from "./window-view.js";

export const name = "list_wechat_conversations";
export const title = "List conversations with WeChat Official Account followers (公众号会话列表)";

export const description = `Lists who has written to the WeChat Official Account (微信公众号), the conversation with the newest message first: openid, what people of the account call the follower (remark, tags) where WeChat tells, number of unread messages, the newest message, and whether the follower can be answered now.

Whether an answer is possible: WeChat lets the account write only for a while after the follower did something (a message: 48 hours and 5 answers; following, a menu click or a QR code: 1 minute and 3 answers). window says what is known of it; only the follower can open it again.

Reading changes nothing: unread counts stay as they are. The newest message is cut after ${PREVIEW} characters; read_wechat_conversation shows whole conversations.`;

export const annotations = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  // It shows what strangers wrote.
  openWorldHint: true,
} as const;

export const inputSchema = z.strictObject({
  limit: z.int().min(1).max(50).optional().describe("How many conversations at most, 1 to 50. Default 10."),
  before: z.string().optional().describe("For the next page: `older` of the page before. Without it: the newest."),
  unread_only: z.boolean().optional().describe("true: only conversations with unread messages. Default: false."),
});

const conversation = z.strictObject({
  openid: z.string().describe("The follower; the other tools take it."),
  ...nameFields,
  unread: z.number().describe("Messages of the follower that nobody has marked as read."),
  last: messageView.describe("The newest message, of the follower or the account."),
  window: windowView,
});

export const outputSchema = z.strictObject({
  status: z.enum(["ok", "failed"]).describe("ok or failed."),
  conversations: z.array(conversation).describe("The one with the newest message first. Empty on failure."),
  older: z.string().optional().describe("Give it as `before` for the next page. Absent: there are no more."),
  ...readingFields,
});

const NONE = { conversations: [] };
export const refusal = (facts: FailureFacts) => readingFailure(facts, NONE);
export const defect = refusal(factsOf(undefined));

/** Lists conversations. Never throws: every failure is an outcome with `isError`. */
export async function handle(
  input: unknown,
  { inbox, client }: { inbox: Pick<InboxReader, "conversations">; client: NameSource },
): Promise<ToolOutcome<z.infer<typeof outputSchema>>> {
  const parsed = inputSchema.safeParse(input ?? {});
  if (!parsed.success) return readingFailure(factsOfInput(name, inputSchema, parsed.error), NONE);
  const { limit = 10, before, unread_only: unreadOnly } = parsed.data;
  try {
    const { conversations, older } = await inbox.conversations({ limit, before, unreadOnly });
    const names = await namesOf(
      conversations.map(({ openid }) => openid),
      client,
    );
    return reading({
      status: "ok",
      conversations: conversations.map(({ openid, unread, last, window }) => ({
        openid: shownKey(openid),
        ...named(names.get(openid)),
        unread,
        last: viewOfMessage(last, PREVIEW),
        window: viewOfWindow(window),
      })),
      ...(older !== undefined && { older }),
    });
  } catch (error) {
    return readingFailure(factsOf(error), NONE);
  }
}
