import * as z from "zod";
import { checkMessage, MESSAGE_REMEDIES, VIDEO } from "../api/message-types.js";
import { agentAccount } from "../api/schemas.js";
import { type FieldRemedies, once, validate } from "../validation.js";
import type { IncomingMessage } from "./messages.js";
import { passiveOf, type Reply } from "./replies.js";

/** The replies that are no customer-service message as they stand. */
const OTHERS = once(() =>
  z.strictObject({
    message: z.discriminatedUnion("type", [
      z.strictObject({ type: z.literal("transfer_customer_service"), account: agentAccount.optional() }),
      VIDEO().partial({ thumbMediaId: true }),
    ]),
  }),
);
const REMEDIES: FieldRemedies = {
  ...MESSAGE_REMEDIES,
  "message.account": {
    en: "Give the agent's account as name@account-wechat-id, or leave it out to let any agent answer.",
    zh: "请按「账号@公众号微信号」填写客服账号；不填则由任意客服接待。",
  },
};

/**
 * Checks a reply that comes from outside the program, such as a flow.
 * @throws WeChatValidationError that names the field as `message.…`
 */
export function checkReply(reply: unknown): Reply {
  const type = typeof reply === "object" && reply !== null && "type" in reply ? reply.type : undefined;
  if (type !== "transfer_customer_service" && type !== "video") return checkMessage(reply);
  return validate(OTHERS(), { message: reply }, REMEDIES).message;
}

/**
 * Whether a reply fits into WeChat's own request: one of the passive types, a text of one message, a transfer not in
 * answer to an event.
 * @throws WeChatValidationError if it is no reply at all
 */
export function fitsPassively(reply: Reply, message: IncomingMessage): boolean {
  const passive = passiveOf(reply, message);
  return passive !== undefined && !passive.tooLong;
}
