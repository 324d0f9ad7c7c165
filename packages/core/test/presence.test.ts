import { expect, it, onTestFinished } from "vitest";
import type { Listener } from "../src/inbox/listening.js";
import { MemoryStore } from "../src/inbox/memory.js";
import { Presence } from "../src/inbox/presence.js";
import { arrival, HOUR, inboxOn, MINUTE, testClock } from "./support/inbox.js";

const LEASE = 30_000;

it("a process that stood still past its lease has a gap, also if no push has come since", async () => {
  const clock = testClock();
  const inbox = inboxOn(undefined, { clock: clock.now, lease: LEASE });
  onTestFinished(() => inbox.close());
  await inbox.receive(arrival("oA"));
  const began = clock.time;
  clock.time += LEASE;
  await inbox.takeAbandoned();
  expect((await inbox.stats()).listeningSince).toBe(began);
  clock.time += LEASE + 1;
  await inbox.takeAbandoned();
  expect((await inbox.stats()).listeningSince).toBeUndefined();
  await inbox.receive(arrival("oA"));
  expect((await inbox.stats()).listeningSince).toBe(clock.time);
});

it("a push after an hour without one starts anew what was listened to, also where no sign of life was due", async () => {
  const clock = testClock();
  const told: Listener[] = [];
  const presence = new Presence({
    owner: "o1",
    lease: 2 * HOUR,
    clock: clock.now,
    beat: async (listener) => void told.push(listener),
    onBeat: () => {},
    onError: (error) => expect.unreachable(String(error)),
  });
  onTestFinished(() => presence.leave());
  const began = clock.time;
  await presence.heard();
  clock.time += HOUR;
  await presence.heard();
  clock.time += HOUR + MINUTE;
  await presence.heard();
  expect(told.map(({ since }) => since)).toEqual([began, began, clock.time]);
});

it("its farewell comes after a sign of life that is still on its way, which would take it back", async () => {
  const clock = testClock();
  const told: Listener[] = [];
  let arrive = () => {};
  let onWay = Promise.resolve();
  const presence = new Presence({
    owner: "o1",
    lease: LEASE,
    clock: clock.now,
    beat: async (listener) => {
      await onWay;
      told.push(listener);
    },
    onBeat: () => {},
    onError: (error) => expect.unreachable(String(error)),
  });
  await presence.heard();
  clock.time += LEASE / 3;
  onWay = new Promise((resolve) => {
    arrive = resolve;
  });
  const heard = presence.heard();
  onWay = Promise.resolve();
  const left = presence.leave();
  // The farewell is given every chance to be faster.
  await new Promise(setImmediate);
  arrive();
  await Promise.all([heard, left]);
  expect(told.map(({ gone }) => gone)).toEqual([false, false, true]);
});

it.each([12_000, 40_000, HOUR])(
  "after %i ms without the store nobody takes what belongs to others who could not show themselves either",
  async (outage) => {
    const { clock, one, other, store } = await twoOnOneStore();
    const [kept, left] = [arrival("oA"), arrival("oB")];
    await one.receive(kept);
    const gone = inboxOn(store, { clock: clock.now, lease: LEASE });
    await gone.receive(left);
    // The sign of life of who looks later is the youngest.
    clock.time += LEASE / 3 - 1;
    await other.takeAbandoned();
    store.away = true;
    for (const end = clock.time + outage; clock.time < end; clock.time += Math.min(5_000, end - clock.time)) {
      await expect(other.takeAbandoned()).rejects.toThrow("away");
    }
    store.away = false;
    clock.time += LEASE / 3;
    expect(await other.takeAbandoned()).toEqual([]);
    // Who is alive says so within a lease.
    const taken = [];
    for (const end = clock.time + 2 * LEASE; clock.time < end; clock.time += 5_000) {
      taken.push(...(await one.takeAbandoned()), ...(await other.takeAbandoned()));
    }
    expect(taken).toEqual([left]);
  },
);

it("a process that began while the store was away takes nothing of those who could not show themselves either", async () => {
  const { clock, one, store } = await twoOnOneStore();
  const [kept, left] = [arrival("oA"), arrival("oB")];
  await one.receive(kept);
  const gone = inboxOn(store, { clock: clock.now, lease: LEASE });
  await gone.receive(left);
  await gone.close();
  store.away = true;
  clock.time += LEASE;
  const fresh = inboxOn(store, { clock: clock.now, lease: LEASE });
  await expect(fresh.takeAbandoned()).rejects.toThrow("away");
  clock.time += LEASE;
  store.away = false;
  // Who said good-bye is not waited for.
  expect(await fresh.takeAbandoned()).toEqual([left]);
  clock.time += LEASE - 1;
  expect(await fresh.takeAbandoned()).toEqual([]);
  clock.time += 1;
  expect(await fresh.takeAbandoned()).toEqual([kept]);
});

it("after two outages in a row nobody is taken for dead who was reached between them by neither", async () => {
  const { clock, one, other, store } = await twoOnOneStore();
  await one.receive(arrival("oA"));
  clock.time += LEASE / 3;
  await other.takeAbandoned();
  for (let outage = 0; outage < 2; outage++) {
    store.away = true;
    clock.time += LEASE / 3;
    await expect(other.takeAbandoned()).rejects.toThrow("away");
    store.away = false;
    clock.time += 1_000;
    expect(await other.takeAbandoned()).toEqual([]);
  }
  // The lease to do so begins with the end of the last one.
  clock.time += LEASE - 1;
  expect(await other.takeAbandoned()).toEqual([]);
  clock.time += 1;
  expect(await other.takeAbandoned()).toHaveLength(1);
});

it("looks back by the latest of its own signs of life, for a lease, whatever came less late after it", async () => {
  const clock = testClock();
  const presence = new Presence({
    owner: "o1",
    lease: LEASE,
    clock: clock.now,
    beat: async () => {},
    onBeat: () => {},
    onError: (error) => expect.unreachable(String(error)),
  });
  onTestFinished(() => presence.leave());
  await presence.alive();
  expect(presence.aliveSince()).toBe(clock.time - LEASE);
  clock.time += 70_000;
  await presence.alive();
  expect(presence.aliveSince()).toBe(clock.time - LEASE - 60_000);
  clock.time += 12_000;
  await presence.alive();
  expect(presence.aliveSince()).toBe(clock.time - LEASE - 60_000);
  clock.time += LEASE - 12_000;
  expect(presence.aliveSince()).toBe(clock.time - LEASE);
});

/** Two processes' inboxes on one store, which can be away. */
async function twoOnOneStore() {
  const clock = testClock();
  class AwayStore extends MemoryStore {
    away = false;
    override async beat(...given: Parameters<MemoryStore["beat"]>) {
      if (this.away) throw new Error("away");
      return super.beat(...given);
    }
    override async takeAbandoned(...given: Parameters<MemoryStore["takeAbandoned"]>) {
      if (this.away) throw new Error("away");
      return super.takeAbandoned(...given);
    }
  }
  const store = new AwayStore();
  const [one, other] = [0, 1].map(() => inboxOn(store, { clock: clock.now, lease: LEASE }));
  return { clock, one: one!, other: other!, store };
}
