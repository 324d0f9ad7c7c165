import { Inbox, type InboxOptions, type PushedMessage } from "@wechat-offiaccount/core";
import { onTestFinished } from "vitest";

export const APP_ID = "wx0123456789abcdef";
export const OPENID = "oSimFollower000000000000000001";
export const HOUR = 3_600_000;
const START = Date.UTC(2026, 10, 1, 8);

/** An inbox in memory at a time that the test sets, closed after the test, and what fills it. */
export function inboxOf(options: Partial<InboxOptions> = {}) {
  let now = START;
  let keys = 0;
  const inbox = new Inbox({ appId: APP_ID, clock: () => now, ...options });
  onTestFinished(() => inbox.close());
  return {
    inbox,
    /** Lets time pass. */
    pass: (ms: number) => {
      now += ms;
    },
    /** A follower writes or does something. */
    arrives: (message: { type: string; [field: string]: unknown }, openid = OPENID) => {
      const push: PushedMessage = { openid, accountId: "gh_0123456789ab", createdAt: now, ...message };
      return inbox.receive({ key: `m:${++keys}`, message: push });
    },
  };
}

export const text = (words: string) => ({ type: "text", text: words });
