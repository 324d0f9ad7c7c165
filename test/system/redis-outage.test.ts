import type { Simulator, SimulatorOptions } from "@wechat-offiaccount/simulator";
import { describe, expect, it } from "vitest";
import { simulated, tokenCalls } from "../support/desk.js";
import { acknowledged, allSend, closeAll, type Host, push, startHosts, witnessed } from "../support/hosts.js";
import { hasRedis, redisServer } from "../support/redis.js";

/** A machine that is busy with other tests takes its time. */
const SLOW = { timeout: 20_000 };
const texts = (name: string, count: number) => Array.from({ length: count }, (_, n) => `${name} ${n}`);
const received = (hosts: readonly Host[]) => hosts.flatMap((host) => host.received).toSorted();
/** WeChat hangs up on who has not answered, and tries again. */
const hangUp = (simulator: Simulator) => simulator.clock.advance(5_000);

/** Four hosts that share inbox and token in a Redis that keeps each write over a restart. */
async function sharing({ limits, lease }: { limits?: SimulatorOptions["limits"]; lease?: number } = {}) {
  const redis = await redisServer({ durable: true });
  const simulator = await simulated({ replyQuota: false, limits });
  const hosts = await startHosts(4, simulator, { tokens: redis.url, inbox: redis.url, lease });
  for (const host of hosts) while (!(await host.connected()));
  return { redis, simulator, hosts };
}

/** Resolves when each host has refused so many requests. */
const refusing = (hosts: readonly Host[], each: number) =>
  expect.poll(() => Math.min(...hosts.map(({ refused }) => refused.length)), SLOW).toBeGreaterThanOrEqual(each);

/** All have said that the inbox fails. */
function expectDegraded(hosts: readonly Host[]): void {
  for (const { told, refused } of hosts) {
    expect(told).toContainEqual({ by: "callback", code: "WECHAT_STORE" });
    expect(new Set(told.map(({ code }) => code))).toEqual(new Set(["WECHAT_STORE"]));
    expect(new Set(refused)).toEqual(new Set(["not-kept"]));
  }
}

describe.runIf(hasRedis)("four processes that share an inbox and a token through Redis", () => {
  it.each(["kill", "pause"] as const)(
    "Redis fails (%s) and comes back in the middle of sends and pushes: no failed send, no push lost, none twice",
    async (away) => {
      // However long the outage takes here: WeChat's three tries are over after 15 s.
      const { redis, simulator, hosts } = await sharing({ limits: { pushTries: 20 } });
      const [before, during, after] = [texts("before", 200), texts("during", 20), texts("after", 20)];
      push(simulator, before);
      const meanwhile = async () => {
        await expect.poll(() => acknowledged(simulator).length, { ...SLOW, interval: 1 }).toBeGreaterThan(20);
        await redis[away]();
        push(simulator, during);
        await refusing(hosts, 5);
      };
      const claims = await allSend(simulator, hosts, { name: "away", count: 100, meanwhile });
      const kept = acknowledged(simulator);
      expect(kept.filter((text) => during.includes(text))).toEqual([]);
      expectDegraded(hosts);
      await (away === "kill" ? redis.start() : redis.resume());
      for (const host of hosts) await expect.poll(() => host.connected(), SLOW).toBe(true);
      hangUp(simulator);
      push(simulator, after);
      await simulator.pushed();
      claims.push(...(await allSend(simulator, hosts, { name: "back", count: 50 })));

      expect(witnessed(simulator, claims)).toEqual([]);
      expect(tokenCalls(simulator)).toHaveLength(1);
      const all = [...before, ...during, ...after].toSorted();
      expect(acknowledged(simulator).toSorted()).toEqual(all);
      await expect.poll(() => received(hosts), SLOW).toEqual(all);
      await closeAll(hosts);
      expect(received(hosts)).toEqual(all);
    },
  );

  it("Redis gone for good: sends go on, nothing is acknowledged that is not kept, and all end by themselves", async () => {
    const { redis, simulator, hosts } = await sharing();
    const [before, during] = [texts("before", 40), texts("during", 20)];
    push(simulator, before);
    await simulator.pushed();
    const claims = await allSend(simulator, hosts, { name: "gone", count: 100, meanwhile: redis.kill });
    push(simulator, during);
    for (const tries of [1, 2]) {
      await refusing(hosts, 5 * tries);
      hangUp(simulator);
    }
    await refusing(hosts, 15);
    hangUp(simulator);
    await simulator.pushed();
    expect(simulator.ledger.pushes.filter(({ outcome }) => outcome === "no-answer")).toHaveLength(during.length);
    expect(acknowledged(simulator).toSorted()).toEqual(before.toSorted());
    expectDegraded(hosts);
    await closeAll(hosts);
    expect(witnessed(simulator, claims)).toEqual([]);
    expect(tokenCalls(simulator)).toHaveLength(1);
    expect(received(hosts)).toEqual(before.toSorted());
  });

  it("one killed with pushes in hand: the others hand on what it acknowledged, each once", async () => {
    const { simulator, hosts } = await sharing({ lease: 3_000 });
    const [victim, ...others] = hosts;
    await victim!.hold();
    const names = texts("push", 40);
    push(simulator, names);
    await simulator.pushed();
    expect(acknowledged(simulator).toSorted()).toEqual(names.toSorted());
    await expect.poll(() => received(others).length, SLOW).toBe(30);
    await victim!.kill();
    await expect.poll(() => received(others), SLOW).toEqual(names.toSorted());
    await closeAll(others);
    expect(received(others)).toEqual(names.toSorted());
  });
});
