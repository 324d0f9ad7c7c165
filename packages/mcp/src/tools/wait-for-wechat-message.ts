import * as z from "zod";
import { type FailureFacts, factsOf, factsOfInput } from "./failure-facts.js";
import { reading, readingFailure, readingFields } from "./inbox-result.js";
import { messageView, viewOfMessage, WHOLE } from "./message-view.js";
import { type PictureSource, picturesArgument, picturesIn } from "./pictures.js";
import type { InboxReader, ToolCall, ToolOutcome } from "./tool.js";

/** Hosts give a call up after 60 s if nothing else is set, so that an answer must come before. */
const LONGEST = 55;
const PRESET = 45;
/** Milliseconds after which no picture is waited for any more, of a call that those hosts give 60 s. */
const PICTURES_UNTIL = 58_000;
/** Messages in one result; the rest comes with the next call at once. */
const MOST = 20;
const PROGRESS_EVERY = 10;

export const name = "wait_for_wechat_message";
export const title = "Wait for a message of a WeChat Official Account follower (等待公众号用户消息)";

export const description = `Waits until a follower writes to the WeChat Official Account (微信公众号) or does something there (follows it, taps its menu), and returns it, the oldest first; at once if something came after the cursor. If nothing comes in time, status is "nothing": that is no failure, call again.

To miss nothing and to see nothing twice, give as after the cursor of the former result, or the id of the newest message you have seen in another tool's result. Without after it waits for what comes from now on.

Pictures come as images behind the messages, the newest few.

Waiting consumes nothing and marks nothing as read: others who wait get the same messages.`;

export const annotations = {
  readOnlyHint: true,
  destructiveHint: false,
  // The same call may find more the next time, and changes nothing.
  idempotentHint: true,
  openWorldHint: true,
} as const;

export const inputSchema = z.strictObject({
  openid: z.string().optional().describe("Wait for this follower only. Without it: for any follower."),
  after: z.string().optional().describe("`cursor` of the former result, or the id of a message: wait for newer ones."),
  timeout_seconds: z
    .number()
    .min(1)
    .max(LONGEST)
    .optional()
    .describe(`How long to wait at most, 1 to ${LONGEST} seconds. Default ${PRESET}.`),
  pictures: picturesArgument,
});

export const outputSchema = z.strictObject({
  status: z.enum(["received", "nothing", "failed"]).describe("received, nothing (none came in time) or failed."),
  messages: z.array(messageView).describe(`At most ${MOST}, the oldest first. Empty if nothing came.`),
  cursor: z.string().optional().describe("Give it as `after` in the next call."),
  ...readingFields,
});

const NONE = { messages: [] };
export const refusal = (facts: FailureFacts) => readingFailure(facts, NONE);
export const defect = refusal(factsOf(undefined));

/** What the tool needs beside the call. */
export interface WaitContext extends ToolCall {
  readonly inbox: Pick<InboxReader, "waitForIncoming">;
  readonly client: PictureSource;
}

/** Waits. Never throws: every failure is an outcome with `isError`. */
export async function handle(
  input: unknown,
  { inbox, client, signal, progress }: WaitContext,
): Promise<ToolOutcome<z.infer<typeof outputSchema>>> {
  const parsed = inputSchema.safeParse(input ?? {});
  if (!parsed.success) return readingFailure(factsOfInput(name, inputSchema, parsed.error), NONE);
  const { openid, after, timeout_seconds: seconds = PRESET, pictures } = parsed.data;
  const begun = Date.now();
  const stopReporting = report(seconds, progress);
  try {
    const page = await inbox.waitForIncoming({ openid, after, limit: MOST, timeout: seconds * 1000, signal });
    const { messages, cursor } = page;
    if (messages.length === 0) {
      const next_step = "Nothing came. To go on waiting, call again with `after` set to cursor.";
      return reading({ status: "nothing", messages: [], cursor, next_step });
    }
    const patience = begun + PICTURES_UNTIL - Date.now();
    const { images, notes } = await picturesIn(messages, { client, pictures, signal, patience });
    const views = messages.map((found) => viewOfMessage(found, WHOLE, notes.get(found.id)));
    return reading({ status: "received", messages: views, cursor }, images);
  } catch (error) {
    return readingFailure(factsOf(error), NONE);
  } finally {
    stopReporting();
  }
}

/** Tells the host from time to time that the call is alive: some hosts then wait longer. */
function report(seconds: number, progress: ToolCall["progress"]): () => void {
  if (!progress) return () => {};
  let waited = 0;
  const timer = setInterval(() => {
    waited += PROGRESS_EVERY;
    progress(waited, seconds, "Waiting for a follower's message.");
  }, PROGRESS_EVERY * 1000);
  return () => clearInterval(timer);
}
