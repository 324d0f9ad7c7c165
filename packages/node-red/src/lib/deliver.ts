import {
  type CallOptions,
  checkMessage,
  type PartResult,
  WeChatApiError,
  type WeChatClient,
  WeChatError,
  WeChatTransportError,
} from "@wechat-offiaccount/core";
import { notSentIfWrong } from "./not-sent.js";
import type { Task } from "./order.js";

/** What arrived, at one follower. */
export interface Delivered {
  readonly delivery: "delivered";
  readonly parts: readonly PartResult[];
  /** What WeChat answered to the last part; nothing for typing. */
  readonly answer?: unknown;
  /** Of a node that replies passively: which way it went. */
  readonly way?: "passive-reply" | "customer-service";
}

/** "Typing" is shown already (45081): what was asked for holds. */
const TYPING_ALREADY = 45081;

/**
 * Does a task for one follower, by WeChat's API.
 * @throws WeChatError with the delivery
 */
export async function deliver(
  client: WeChatClient,
  openid: string,
  task: Task,
  { signal }: Pick<CallOptions, "signal">,
): Promise<Delivered> {
  switch (task.kind) {
    case "text":
      return client.messages.sendText(openid, task.text, { ...task.options, signal });
    case "message": {
      const { aiGenerated, customerServiceAccount } = task.options;
      const message = notSentIfWrong(() => checkMessage(task.message));
      return client.messages.send(openid, message, { aiGenerated, customerServiceAccount, signal });
    }
    case "template": {
      const answer = await withDelivery(client.templates.send({ ...task.template, openid }, { signal }));
      return { delivery: "delivered", parts: [{ index: 0, delivery: "delivered", errcode: 0 }], answer };
    }
    case "typing":
      await withDelivery(client.messages.setTyping(openid, task.on, { signal }).catch(unlessTypingAlready));
      return { delivery: "delivered", parts: [] };
  }
}

function unlessTypingAlready(error: unknown): void {
  if (!(error instanceof WeChatApiError) || error.errcode !== TYPING_ALREADY) throw error;
}

/**
 * Core gives a delivery to what it calls a send. What else a send node asks for has one too: it may have been done only
 * if it left.
 */
export async function withDelivery<T>(
  work: Promise<T>,
  maybeDone: "unknown" | "not-delivered" = "unknown",
): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof WeChatError) || error.delivery !== undefined) throw error;
    const left = error instanceof WeChatTransportError && error.sent;
    throw error.withOutcome({ delivery: left ? maybeDone : "not-delivered", parts: [] });
  }
}
