import * as z from "zod";

/** Arguments that the tools which write to a follower have in common. */
export const sendingFields = {
  openid: z
    .string()
    .describe(
      "The follower's openid in this Official Account, copied exactly; case matters. Letters, digits, - and _, usually 28 characters.",
    ),
  idempotency_key: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe(
      "A name of your own for this message, such as answer-to-412, new for each message. Repeating the very same call with the same key within 24 hours sends nothing more and gives the first result again (duplicate: true), so a call whose answer was lost can be repeated safely (a server without a lasting inbox forgets keys when it is restarted). A call that delivered nothing does not use the key up.",
    ),
  dry_run: z
    .boolean()
    .optional()
    .describe(
      "true: check recipient and content and return what would be sent, without sending or calling WeChat. Default: false.",
    ),
};

/** The hints of the tools that send a message. */
export const SENDING = {
  readOnlyHint: false,
  // A message that was sent cannot be taken back by these tools, so hosts should ask before.
  destructiveHint: true,
  // WeChat's send has no idempotency key; ours is the caller's choice.
  idempotentHint: false,
  openWorldHint: true,
} as const;
