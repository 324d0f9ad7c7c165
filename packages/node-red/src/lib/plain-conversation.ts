import type { Conversation, InboxMessage } from "@wechat-offiaccount/core";
import { type PlainWindow, plainWindow } from "./plain-window.js";

/** A message of a conversation; when the inbox got to know of it as ISO text. */
export type PlainMessage = Omit<InboxMessage, "at" | "openid"> & { readonly at: string };

/** A conversation at a glance. */
export interface PlainConversation {
  readonly openid: string;
  readonly unread: number;
  /** The newest message; missing where the inbox knows none of this follower. */
  readonly last?: PlainMessage;
  readonly window: PlainWindow;
}

export function plainMessage({ openid: _, at, ...message }: InboxMessage): PlainMessage {
  return { ...message, at: isoOf(at) };
}

export function plainConversation(known: Omit<Conversation, "last"> & Partial<Conversation>): PlainConversation {
  const { openid, unread, last, window } = known;
  return { openid, unread, ...(last && { last: plainMessage(last) }), window: plainWindow(window) };
}

function isoOf(at: number): string {
  return new Date(at).toISOString();
}
