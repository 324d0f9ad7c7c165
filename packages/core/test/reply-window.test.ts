import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PushedMessage } from "../src/inbox/arrival.js";
import {
  afterPush,
  afterReplies,
  NO_FACTS,
  type ReplyRule,
  type WindowFacts,
  windowOf,
} from "../src/inbox/reply-window.js";
import { REPLY_GRANTS, sceneOf } from "../src/inbox/scenes.js";

const T = 1_800_000_000_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const pushed = (fields: object): PushedMessage => ({
  type: "text",
  openid: "o1",
  accountId: "gh_1",
  createdAt: 0,
  ...fields,
});
const TEXT = pushed({});
const event = (name: string) => pushed({ type: "event", event: name });
const UNSUBSCRIBE = event("unsubscribe");

/** What happened, one after the other: a push or a number of replies, each at a time. */
function facts(rule: ReplyRule, ...steps: [at: number, what: PushedMessage | number][]): WindowFacts {
  return steps.reduce<WindowFacts>(
    (before, [at, what]) =>
      typeof what === "number" ? afterReplies(before, what, at, rule) : afterPush(before, what, at, rule),
    NO_FACTS,
  );
}

describe("the scene of a push", () => {
  it.each([
    [TEXT, "message"],
    [pushed({ type: "image" }), "message"],
    [pushed({ type: "location" }), "message"],
    [pushed({ bizMsgMenuId: "101" }), "menu"],
    [event("click"), "menu"],
    [event("scancode_push"), "menu"],
    [event("scancode_waitmsg"), "menu"],
    [event("subscribe"), "follow"],
    [event("scan"), "scan"],
    [event("view"), undefined],
    [event("location"), undefined],
    [event("pic_weixin"), undefined],
    [event("location_select"), undefined],
    [event("constructor"), undefined],
    [UNSUBSCRIBE, undefined],
  ])("%j is %s", (message, scene) => expect(sceneOf(message)).toBe(scene));
});

describe("the reply window", () => {
  it("is 5 replies in 48 h after a message, and ends on the millisecond", () => {
    const written = facts("reset", [T, TEXT]);
    expect(windowOf(written, T + 48 * HOUR - 1, "reset")).toMatchObject({
      state: "open",
      repliesLeft: 5,
      scene: "message",
      until: T + 48 * HOUR,
      estimated: true,
    });
    expect(windowOf(written, T + 48 * HOUR, "reset")).toEqual({
      state: "closed",
      repliesLeft: 0,
      grants: [],
      estimated: true,
    });
  });

  it.each([
    ["click", "menu"],
    ["subscribe", "follow"],
    ["scan", "scan"],
  ])("is 3 replies in 1 min after %s", (name, scene) => {
    const done = facts("reset", [T, event(name)]);
    expect(windowOf(done, T + MINUTE - 1, "reset")).toMatchObject({ state: "open", repliesLeft: 3, scene });
    expect(windowOf(done, T + MINUTE, "reset").state).toBe("closed");
  });

  it("counts replies, tells used-up from closed, and opens anew with the next message", () => {
    const used = facts("reset", [T, TEXT], [T + 1, 5]);
    expect(windowOf(used, T + 2, "reset")).toMatchObject({ state: "used-up", repliesLeft: 0, until: T + 48 * HOUR });
    const again = afterPush(used, TEXT, T + 10, "reset");
    expect(windowOf(again, T + 11, "reset")).toMatchObject({
      state: "open",
      repliesLeft: 5,
      until: T + 10 + 48 * HOUR,
    });
  });

  it("takes the careful reading by default, and the other on demand", () => {
    const steps: [number, PushedMessage | number][] = [
      [T, TEXT],
      [T + 1, TEXT],
      [T + 2, 4],
      [T + 3, event("click")],
      [T + 4, 2],
    ];
    expect(windowOf(facts("reset", ...steps), T + 5, "reset").repliesLeft).toBe(1);
    expect(windowOf(facts("add", ...steps), T + 5, "add").repliesLeft).toBe(5 + 5 + 3 - 4 - 2);
  });

  it("is not set back by a push that comes late", () => {
    const late = facts("reset", [T + 1000, TEXT], [T + 2000, 2], [T, TEXT]);
    expect(windowOf(late, T + 3000, "reset")).toMatchObject({ repliesLeft: 3, until: T + 1000 + 48 * HOUR });
  });

  it("is not opened by a push from before the follower unsubscribed, however late it comes", () => {
    const late = facts("reset", [T + 2000, UNSUBSCRIBE], [T + 1000, UNSUBSCRIBE], [T + 1500, TEXT]);
    expect(windowOf(late, T + 3000, "reset")).toMatchObject({ state: "closed", grants: [], certain: "unsubscribed" });
  });

  it("takes the newest sign of a follower for the last, in whatever order they come", () => {
    const late = facts("reset", [T, event("view")], [T - 49 * HOUR, event("view")]);
    expect(windowOf(late, T + 1, "reset", T - 99 * HOUR).certain).toBeUndefined();
  });

  it("counts a message against what ends soonest, where interactions add up", () => {
    const steps = facts("add", [T, TEXT], [T + 1, event("click")], [T + 2, 3]);
    expect(windowOf(steps, T + 3, "add").grants).toMatchObject([
      { scene: "menu", left: 0 },
      { scene: "message", left: 5 },
    ]);
    expect(windowOf(steps, T + 2 * MINUTE, "add").repliesLeft).toBe(5);
  });

  it("ends when the follower unsubscribes, unless that is older than what they did since", () => {
    const left = facts("reset", [T, TEXT], [T + 1000, UNSUBSCRIBE]);
    expect(windowOf(left, T + 1001, "reset")).toMatchObject({ state: "closed", certain: "unsubscribed" });
    const back = afterPush(left, event("subscribe"), T + 2000, "reset");
    expect(windowOf(back, T + 2001, "reset")).toMatchObject({ state: "open", scene: "follow" });
    expect(windowOf(back, T + 2001, "reset").certain).toBeUndefined();
    const late = facts("reset", [T + 2000, event("subscribe")], [T + 1000, UNSUBSCRIBE]);
    expect(windowOf(late, T + 2001, "reset")).toMatchObject({ state: "open" });
    expect(windowOf(late, T + 2001, "reset").certain).toBeUndefined();
    const unclear = facts("reset", [T, event("subscribe")], [T, UNSUBSCRIBE]);
    expect(windowOf(unclear, T + 1, "reset").certain).toBeUndefined();
  });

  it("is certainly closed without interaction only if nothing was missed for 48 h", () => {
    const certain = (known: WindowFacts, since?: number) => windowOf(known, T, "reset", since).certain;
    expect(certain(NO_FACTS, T - 48 * HOUR)).toBe("no-interaction");
    expect(certain(NO_FACTS, T - 48 * HOUR + 1)).toBeUndefined();
    expect(certain(NO_FACTS)).toBeUndefined();
    expect(certain(facts("reset", [T - 48 * HOUR, TEXT]), T - 99 * HOUR)).toBe("no-interaction");
    expect(certain(facts("reset", [T - HOUR, event("view")]), T - 99 * HOUR)).toBeUndefined();
    expect(certain(facts("reset", [T - HOUR, TEXT], [T, 5]), T - 99 * HOUR)).toBeUndefined();
  });
});

const step = fc.oneof(
  fc.constantFrom(
    TEXT,
    event("click"),
    event("subscribe"),
    event("scan"),
    event("view"),
    pushed({ bizMsgMenuId: "1" }),
  ),
  fc.integer({ min: 1, max: 4 }),
);
const history = fc.array(fc.tuple(fc.integer({ min: 0, max: 30 * HOUR }), step), { maxLength: 30 });
const inTime = (gaps: [number, PushedMessage | number][]) => {
  let at = T;
  return gaps.map(([gap, what]): [number, PushedMessage | number] => {
    at += gap % 7 === 0 ? gap : gap % (2 * MINUTE);
    return [at, what];
  });
};

/** The careful reading, told from the whole history instead of from facts. */
function carefully(steps: [number, PushedMessage | number][], now: number): number {
  const left = Object.entries(REPLY_GRANTS).map(([scene, { replies, ms }]) => {
    const last = steps.findLastIndex(([, what]) => typeof what !== "number" && sceneOf(what) === scene);
    const began = steps[last];
    if (!began || now >= began[0] + ms) return 0;
    const sent = steps.slice(last + 1).filter(([at]) => at < began[0] + ms);
    return replies - sent.reduce((sum, [, what]) => sum + (typeof what === "number" ? what : 0), 0);
  });
  return Math.max(0, ...left);
}

describe("for any history", () => {
  it("the facts tell what the whole history tells", () => {
    fc.assert(
      fc.property(history, fc.integer({ min: 0, max: 50 * HOUR }), (gaps, wait) => {
        const steps = inTime(gaps);
        const now = (steps.at(-1)?.[0] ?? T) + wait;
        expect(windowOf(facts("reset", ...steps), now, "reset").repliesLeft).toBe(carefully(steps, now));
      }),
    );
  });

  it("the careful reading never allows more than the other, and neither ever less than nothing", () => {
    fc.assert(
      fc.property(history, fc.integer({ min: 0, max: HOUR }), (gaps, wait) => {
        const steps = inTime(gaps);
        const now = (steps.at(-1)?.[0] ?? T) + wait;
        const [careful, other] = (["reset", "add"] as const).map((rule) => windowOf(facts(rule, ...steps), now, rule));
        expect(careful!.repliesLeft).toBeLessThanOrEqual(other!.repliesLeft);
        for (const window of [careful!, other!]) {
          expect(window.state === "open").toBe(window.repliesLeft > 0);
          expect(window.grants.length).toBeLessThanOrEqual(20);
          for (const { left, until } of window.grants) {
            expect(left).toBeGreaterThanOrEqual(0);
            expect(until).toBeGreaterThan(now);
          }
        }
      }),
    );
  });
});
