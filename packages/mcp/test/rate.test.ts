import { Inbox } from "@wechat-offiaccount/core";
import { describe, expect, it } from "vitest";
import type { Notes } from "../src/safety/notes.js";
import { RateLimiter, type RateLimits } from "../src/safety/rate.js";
import { APP_ID } from "./support/conversations.js";

const START = Date.UTC(2026, 10, 1, 8);

function limiterOf(limits: Partial<RateLimits>, shared?: Notes) {
  let now = START;
  const own = new Inbox({ appId: APP_ID, clock: () => now });
  const all = { perFollower: undefined, total: undefined, ...limits };
  const make = () => new RateLimiter(all, { shared: shared ?? own, own }, () => now);
  return {
    limiter: make(),
    another: make,
    pass: (seconds: number) => {
      now += seconds * 1000;
    },
  };
}

describe("messages a minute", () => {
  it("are counted for each follower, and in all", async () => {
    const { limiter } = limiterOf({ perFollower: 2, total: 3 });
    const allowed = async (openid: string) => (await limiter.take(openid, 1)).allowed;
    expect([await allowed("oA"), await allowed("oA"), await allowed("oA")]).toEqual([true, true, false]);
    expect([await allowed("oB"), await allowed("oB"), await allowed("oC")]).toEqual([true, false, false]);
  });

  it("are those of the last 60 seconds, and a refusal says when there is room", async () => {
    const { limiter, pass } = limiterOf({ perFollower: 2 });
    await limiter.take("oA", 1);
    pass(20);
    await limiter.take("oA", 1);
    pass(20);
    expect(await limiter.take("oA", 1)).toEqual({
      allowed: false,
      scope: "perFollower",
      limit: 2,
      retryAt: START + 60_000,
    });
    expect(await limiter.take("oA", 2)).toMatchObject({ allowed: false, retryAt: START + 80_000 });
    pass(19.999);
    expect((await limiter.take("oA", 1)).allowed).toBe(false);
    pass(0.001);
    expect((await limiter.take("oA", 1)).allowed).toBe(true);
    expect((await limiter.take("oA", 1)).allowed).toBe(false);
  });

  it("of one text go all or none, and never if they are more than the limit", async () => {
    const { limiter } = limiterOf({ perFollower: 3 });
    expect(await limiter.take("oA", 4)).toMatchObject({ allowed: false, retryAt: undefined });
    expect((await limiter.take("oA", 2)).allowed).toBe(true);
    expect((await limiter.take("oA", 2)).allowed).toBe(false);
    expect((await limiter.take("oA", 1)).allowed).toBe(true);
  });

  it("that were not sent give their place back, also where only the second limit refused", async () => {
    const { limiter } = limiterOf({ perFollower: 1, total: 1 });
    const first = await limiter.take("oA", 1);
    expect((await limiter.take("oB", 1)).allowed).toBe(false);
    if (first.allowed) await first.release();
    expect((await limiter.take("oB", 1)).allowed).toBe(true);
  });

  it("are not bounded where the operator set off, and what is no message is not counted", async () => {
    const { limiter } = limiterOf({ perFollower: 1 });
    for (let call = 0; call < 3; call++) expect((await limiter.take("oA", 0)).allowed).toBe(true);
    const free = limiterOf({}).limiter;
    for (let call = 0; call < 300; call++) expect((await free.take("oA", 5)).allowed).toBe(true);
  });

  it("are counted together by all who share an inbox, and never above the limit at once", async () => {
    const { limiter, another } = limiterOf({ total: 5 });
    const decisions = await Promise.all(
      Array.from({ length: 20 }, (_, index) => (index % 2 ? limiter : another()).take(`o${index}`, 1)),
    );
    expect(decisions.filter(({ allowed }) => allowed)).toHaveLength(5);
  });

  it("are counted by this process alone where the store fails, which is waited for once in ten seconds", async () => {
    let asked = 0;
    const amendNote = () => {
      asked++;
      return Promise.reject(new Error("the store is gone"));
    };
    const { limiter, pass } = limiterOf({ perFollower: 1 }, { amendNote });
    expect((await limiter.take("oA", 1)).allowed).toBe(true);
    expect((await limiter.take("oA", 1)).allowed).toBe(false);
    expect((await limiter.take("oB", 1)).allowed).toBe(true);
    expect(asked).toBe(1);
    pass(10);
    await limiter.take("oC", 1);
    expect(asked).toBe(2);
  });
});
