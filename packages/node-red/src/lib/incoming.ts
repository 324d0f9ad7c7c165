import type { CustomMessage, IncomingMessage } from "@wechat-offiaccount/core";
import type { PlainWindow } from "./plain-window.js";

/** What a receive node puts into a message of the flow. Plain JSON, because messages are cloned. */
export interface FlowMessage {
  /** As the send node takes it, so that receive wired to send echoes; an event, or what cannot be sent, as it came. */
  readonly payload: string | CustomMessage | Omit<IncomingMessage, "openid">;
  readonly openid: string;
  /** All that WeChat told, and what is known of it here. */
  readonly wechat: IncomingMessage & Beside;
}

/** What is known of a message beside what WeChat told. */
export interface Beside {
  /** Of the request that waits for a passive reply, if one does. */
  readonly requestId?: string | undefined;
  /** Whether the follower can be answered, where the node asks for it. */
  readonly window?: PlainWindow | undefined;
}

export function flowMessage(message: IncomingMessage, { requestId, window }: Beside): FlowMessage {
  // Each receive node's own copy, down to lists: what one flow changes, another does not see.
  const own = structuredClone(message);
  const { openid } = own;
  const beside = { ...(requestId !== undefined && { requestId }), ...(window && { window: { ...window } }) };
  return { payload: payloadOf(own), openid, wechat: { ...own, ...beside } };
}

function payloadOf(message: IncomingMessage): FlowMessage["payload"] {
  switch (message.type) {
    case "text":
      return message.text;
    case "image":
      return { type: "image", mediaId: message.mediaId };
    case "voice":
      return { type: "voice", mediaId: message.mediaId };
    case "video":
      if (message.thumbMediaId === undefined) break;
      return { type: "video", mediaId: message.mediaId, thumbMediaId: message.thumbMediaId };
  }
  const { openid: _, ...facts } = message;
  return structuredClone(facts);
}
