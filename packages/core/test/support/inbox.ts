import { onTestFinished } from "vitest";
import type { Arrival, PushedMessage } from "../../src/inbox/arrival.js";
import { Inbox } from "../../src/inbox/inbox.js";
import type { InboxOptions } from "../../src/inbox/inbox-options.js";
import type { InboxStore } from "../../src/inbox/store.js";

export const APP_ID = "wx0123456789abcdef";
export const T = 1_800_000_000_000;
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** A clock that the test moves. */
export function testClock() {
  const clock = { time: T, now: () => clock.time };
  return clock;
}

/** An inbox whose regular work would tell of its failures, until the test is over and takes the store away. */
export function inboxOn(store: InboxStore | undefined, options: Partial<InboxOptions> = {}): Inbox {
  let over = false;
  onTestFinished(() => {
    over = true;
  });
  return new Inbox({
    appId: APP_ID,
    store,
    onError: (error) => {
      if (!over) throw error;
    },
    ...options,
  });
}

/** A store for one test, and a second one on the same data, as another process has it. */
export interface OpenedStore {
  readonly store: InboxStore;
  readonly again: () => Promise<InboxStore>;
}

/** Two inboxes on one store, as two processes have them, and their clock. */
export async function twoInboxes(open: () => Promise<OpenedStore>, options: Partial<InboxOptions> = {}) {
  const clock = testClock();
  const { store, again } = await open();
  const one = inboxOn(store, { clock: clock.now, pollInterval: 20, ...options });
  const other = inboxOn(await again(), { clock: clock.now, pollInterval: 20, ...options });
  onTestFinished(async () => {
    await other.close();
    await one.close();
  });
  return { clock, one, other };
}

let count = 0;
/** A push that is like no other; `createdAt` is to be given where the window matters. */
export function arrival(openid: string, fields: Partial<PushedMessage> & Record<string, unknown> = {}): Arrival {
  const msgId = String(++count);
  const message = { type: "text", openid, accountId: "gh_1", createdAt: T, msgId, text: `text ${msgId}`, ...fields };
  return { key: `m:${msgId}`, message };
}

/**
 * Inboxes that listen until the clock shows `end`: they give signs of life at every step, and every hour a push comes in
 * that belongs to no conversation.
 */
export async function listeningIn(
  step: number,
  clock: { time: number },
  end: number,
  ...inboxes: readonly Inbox[]
): Promise<void> {
  for (let pushAt = clock.time; clock.time < end; clock.time = Math.min(end, clock.time + step)) {
    for (const inbox of inboxes) await inbox.takeAbandoned();
    if (clock.time < pushAt) continue;
    pushAt = clock.time + HOUR - step;
    for (const inbox of inboxes) {
      const location = arrival("oMoving", { type: "event", event: "location", createdAt: clock.time });
      await inbox.receive(location);
      await inbox.emitted(location.key);
    }
  }
}

/** With a step below the hour after which silence counts. */
export const listening = (clock: { time: number }, end: number, ...inboxes: readonly Inbox[]) =>
  listeningIn(50 * MINUTE, clock, end, ...inboxes);

export const textOf = (message: { readonly message: object }): unknown =>
  "text" in message.message ? message.message.text : undefined;

/** A text of one part that arrived. */
export const delivered = (text: string) =>
  ({
    message: { type: "text", text },
    delivery: "delivered",
    parts: [{ index: 0, delivery: "delivered", errcode: 0 }],
  }) as const;
