import { channel } from "node:diagnostics_channel";
import type { Delivery } from "./delivery.js";
import { WeChatApiError, WeChatError } from "./errors.js";

/**
 * What is published about each attempt of each call, also of those to the token endpoints; no secret and no text of a
 * message. What a `tokenSource` function of your own does is not published: it is no call of this client's.
 */
export interface CallEvent {
  /** The account's AppID. */
  readonly appId: string;
  /** Method and path, such as `POST /cgi-bin/message/custom/send` or `POST /cgi-bin/stable_token`. */
  readonly endpoint: string;
  /** 1 is the first. */
  readonly attempt: number;
  /** Milliseconds from the first byte to the answer, or to the failure. */
  readonly duration: number;
  /** The `code` of the failure, where it failed. */
  readonly code?: string;
  /** WeChat's number, where it answered; 0 is success. */
  readonly errcode?: number;
  /** WeChat's request id of a refusal; WeChat keeps it for 7 days. */
  readonly rid?: string;
  /** For a send: what this attempt says of the message. */
  readonly delivery?: Delivery;
}

/** The `node:diagnostics_channel` on which every attempt of every call is published as a {@link CallEvent}. */
export const CALL_CHANNEL = "wechat-offiaccount:call";
export const calls = channel(CALL_CHANNEL);

/** An attempt that is published. */
export interface ObservedAttempt extends Pick<CallEvent, "appId" | "endpoint" | "attempt"> {
  /** Of a send: what a failure says of the message. */
  readonly deliveryAfter?: (failure: WeChatError) => Delivery;
}

/** Runs an attempt and publishes how it ended. */
export async function observed<T>(attempt: ObservedAttempt, run: () => Promise<T>): Promise<T> {
  const { deliveryAfter, ...about } = attempt;
  const began = performance.now();
  const publish = (facts: Partial<CallEvent>) =>
    calls.publish({ ...about, duration: performance.now() - began, ...facts } satisfies CallEvent);
  try {
    const result = await run();
    publish({ errcode: 0, ...(deliveryAfter && { delivery: "delivered" }) });
    return result;
  } catch (error) {
    if (error instanceof WeChatError) {
      const { errcode, rid } = error instanceof WeChatApiError ? error : {};
      publish({
        code: error.code,
        ...(errcode !== undefined && { errcode }),
        ...(rid && { rid }),
        ...(deliveryAfter && { delivery: deliveryAfter(error) }),
      });
    }
    throw error;
  }
}
