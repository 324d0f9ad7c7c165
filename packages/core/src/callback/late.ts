import type { CustomMessage } from "../api/custom-message.js";
import type { Bilingual } from "../error-catalog.js";
import { WeChatValidationError } from "../errors.js";
import type { Reply } from "./replies.js";

/** What the callback needs of a WeChatClient to send replies that cannot be WeChat's own answer. */
export interface ReplyClient {
  /** For replies. */
  readonly messages: {
    /** Sends a customer-service message; rejects if it may not have arrived. */
    send(openid: string, message: CustomMessage): Promise<unknown>;
  };
  /** For `transfer_customer_service` with an account. */
  readonly sessions?:
    | {
        /** Gives the follower to the agent `account`; rejects if that may not have been done. */
        create(input: { account: string; openid: string }): Promise<unknown>;
      }
    | undefined;
}

const NO_CLIENT: Bilingual = {
  en: 'Give the callback a client, or answer within replyWithin with reply: "wait". Accounts without the right to send customer-service messages have only the second way.',
  zh: '请为回调提供 client，或设置 reply: "wait" 并在 replyWithin 内回复。没有客服消息权限的账号只能用后一种方式。',
};
const NO_THUMB: Bilingual = {
  en: "Give thumbMediaId: a video that is not WeChat's own answer needs a preview picture.",
  zh: "请提供 thumbMediaId：视频不能作为被动回复时，需要缩略图。",
};
const NO_AGENT: Bilingual = {
  en: 'Give account, or transfer with reply: "wait" in answer to a message, not to an event.',
  zh: '请提供 account，或设置 reply: "wait" 并在回复消息（而非事件）时转接。',
};

/**
 * Sends a reply as customer-service message, or gives the follower to an agent.
 * @throws WeChatError with `delivery`: what the client throws, or WeChatValidationError where this cannot be done
 */
export async function sendLate(client: ReplyClient | undefined, openid: string, reply: Reply): Promise<void> {
  if (!client) throw impossible("client", "is missing, so the reply was not sent", NO_CLIENT);
  if (reply.type === "transfer_customer_service") {
    const { account } = reply;
    if (account === undefined || !client.sessions) {
      throw impossible("reply.account", "is missing, so the follower was not transferred", NO_AGENT);
    }
    await client.sessions.create({ account, openid });
    return;
  }
  if (reply.type !== "video") {
    await client.messages.send(openid, reply);
    return;
  }
  const { thumbMediaId } = reply;
  if (thumbMediaId === undefined) {
    throw impossible("reply.thumbMediaId", "is missing, so the video was not sent", NO_THUMB);
  }
  await client.messages.send(openid, { ...reply, thumbMediaId });
}

const impossible = (field: string, problem: string, remedy: Bilingual) =>
  new WeChatValidationError([{ field, problem, remedy }], { delivery: "not-delivered", parts: [] });
