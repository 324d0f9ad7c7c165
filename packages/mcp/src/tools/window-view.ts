import type { ReplyWindow } from "@wechat-offiaccount/core";
import * as z from "zod";

/** A reply window as results show it. */
export const windowView = z
  .strictObject({
    state: z
      .enum(["open", "used-up", "closed"])
      .describe(
        "open: a message can be sent now. used-up: too many were sent since the follower last acted. closed: the follower has not acted recently enough.",
      ),
    until: z.string().optional().describe("When it ends (ISO 8601, UTC). Absent if it is closed."),
    replies_left: z.number().describe("Messages that can still be sent; each part of a long text is one."),
    estimated: z
      .boolean()
      .describe("Always true: WeChat does not tell its own count, and other programs or people may have answered too."),
    certain: z
      .enum(["unsubscribed", "no-interaction"])
      .optional()
      .describe(
        "Only where sending is certain to fail. unsubscribed: the follower left the account. no-interaction: the follower did nothing in the last 48 hours.",
      ),
  })
  .describe("Whether this follower can be answered now. A new message from the follower opens it again.");

export type WindowView = z.infer<typeof windowView>;

export const viewOfWindow = ({ state, until, repliesLeft, estimated, certain }: ReplyWindow): WindowView => ({
  state,
  ...(until !== undefined && { until: new Date(until).toISOString() }),
  replies_left: repliesLeft,
  estimated,
  ...(certain && { certain }),
});
