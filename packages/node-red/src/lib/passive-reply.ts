import {
  fitsPassively,
  type Reply,
  type SendResult,
  type WeChatClient,
  WeChatTransportError,
} from "@wechat-offiaccount/core";
import type { Account } from "./account.js";
import { notSentIfWrong } from "./not-sent.js";
import type { ReplyTask } from "./order.js";
import { inputError, type Translate } from "./texts.js";

/** A reply that WeChat got as the answer to its own request. */
export interface PassiveResult extends SendResult {
  readonly way: "passive-reply";
}

/** Where a reply belongs. */
interface Question {
  readonly receiving: Account["receiving"];
  /** As the message of the flow carries it. */
  readonly requestId: string | undefined;
}

interface Answer extends Question {
  readonly client: WeChatClient;
  readonly openid: string;
  readonly task: ReplyTask;
}

/**
 * Answers a follower in WeChat's own request, which needs no right to send customer-service messages and counts as no
 * reply of the window.
 * @returns undefined if it has to be sent as a customer-service message: the request is over, or it cannot carry it
 * @throws WeChatError with the delivery
 */
export async function replyPassively(answer: Answer, translate: Translate): Promise<PassiveResult | undefined> {
  const { client, receiving, requestId, openid, task } = answer;
  const refuse = (key: "requestMissing" | "requestUnknown" | "requestForeign" | "transferLate" | "transferEvent") =>
    inputError(translate, "wechat-oa-send", key, "wechat.requestId");
  if (requestId === undefined) throw refuse("requestMissing");
  const request = typeof receiving === "string" ? undefined : receiving.request(requestId);
  if (typeof receiving === "string" || !request) throw refuse("requestUnknown");
  const reply = replyOf(client, openid, task);
  const transfers = reply.type === "transfer_customer_service";
  const late = () => {
    if (transfers) throw refuse("transferLate");
    return undefined;
  };
  if (request === "over") return late();
  if (request.message.openid !== openid) throw refuse("requestForeign");
  if (!notSentIfWrong(() => fitsPassively(reply, request.message))) {
    if (transfers) throw refuse("transferEvent");
    return undefined;
  }
  const delivery = await receiving.reply(request, reply);
  if (delivery === "late") return late();
  const parts = [{ index: 0, delivery }];
  if (delivery === "delivered") return { delivery, parts, answer: {}, way: "passive-reply" };
  const message = translate("wechat-oa-send.errors.requestBroken");
  throw new WeChatTransportError({ reason: "reset", message, sent: true }, { delivery, parts });
}

/** The reply as the follower would read it: parts joined are the text. */
function replyOf(client: WeChatClient, openid: string, task: ReplyTask): Reply {
  if (task.kind === "message") return task.message;
  return { type: "text", text: client.messages.planText(openid, task.text, task.options).parts.join("") };
}

/**
 * Milliseconds that a request still waits when its reply failed: a Catch node may lead to another one, and an account
 * without the right to send customer-service messages has no other way to answer.
 */
const SECOND_CHANCE = 1_000;

/**
 * Lets a request go whose reply went out as a customer-service message, or failed.
 * @param openid whom the reply was for, if known
 */
export function letGo({ receiving, requestId }: Question, openid: string | undefined, delivered: boolean): void {
  if (requestId === undefined || typeof receiving === "string") return;
  receiving.letGo(requestId, openid, delivered ? 0 : SECOND_CHANCE);
}
