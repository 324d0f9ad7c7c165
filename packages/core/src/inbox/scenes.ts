import type { PushedMessage } from "./arrival.js";

/**
 * What a follower did that lets the account reply: wrote (`message`), tapped a menu item (`menu`), began to follow
 * (`follow`), scanned a QR code (`scan`).
 */
export type Scene = "message" | "menu" | "follow" | "scan";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** What one interaction allows. */
export interface ReplyAllowance {
  /** Customer-service messages. */
  readonly replies: number;
  /** For so many milliseconds. */
  readonly ms: number;
}

/**
 * How many customer-service messages an interaction allows, and for how long, in milliseconds.
 * Official page 客服消息介绍, since 2023-06-12.
 */
export const REPLY_GRANTS: Readonly<Record<Scene, ReplyAllowance>> = {
  message: { replies: 5, ms: 48 * HOUR },
  menu: { replies: 3, ms: MINUTE },
  follow: { replies: 3, ms: MINUTE },
  scan: { replies: 3, ms: MINUTE },
};

/** Milliseconds of the longest time that any interaction allows replies: who did nothing for so long cannot be answered. */
export const LONGEST_WINDOW = Math.max(...Object.values(REPLY_GRANTS).map(({ ms }) => ms));

/** Only these menu items allow replies (客服消息介绍); view, location_select, pic_* and the rest do not. */
const SCENE_OF_EVENT: Readonly<Record<string, Scene>> = {
  subscribe: "follow",
  scan: "scan",
  click: "menu",
  scancode_push: "menu",
  scancode_waitmsg: "menu",
};

/** Reports that come by themselves and that nobody answers: they are handed on, but no part of a conversation. */
const REPORTS: ReadonlySet<string> = new Set([
  "location",
  "templatesendjobfinish",
  "masssendjobfinish",
  "subscribe_msg_sent_event",
]);

/** The interaction that a push tells of, if it allows replies. */
export function sceneOf(message: PushedMessage): Scene | undefined {
  if (message.type === "event") {
    const event = message.event ?? "";
    return Object.hasOwn(SCENE_OF_EVENT, event) ? SCENE_OF_EVENT[event] : undefined;
  }
  // A tap on a msgmenu item comes as a text, but counts as a menu click (客服消息介绍).
  const tapped = "bizMsgMenuId" in message && typeof message.bizMsgMenuId === "string";
  return tapped ? "menu" : "message";
}

/** Whether a push is part of the conversation with a follower. */
export const isShown = (message: PushedMessage): boolean =>
  message.type !== "event" || !REPORTS.has(message.event ?? "");

/** Whether a push waits to be read by somebody: a follower's words, not events. */
export const isReadable = (message: PushedMessage): boolean => message.type !== "event";
