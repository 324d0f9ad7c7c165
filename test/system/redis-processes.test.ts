import type { Simulator } from "@wechat-offiaccount/simulator";
import { describe, expect, it } from "vitest";
import { simulated, tokenCalls } from "../support/desk.js";
import {
  allSend,
  type Claims,
  closeAll,
  type HostSettings,
  startHosts,
  tokensUsed,
  witnessed,
} from "../support/hosts.js";
import { hasRedis, redisServer } from "../support/redis.js";

const SOURCES = ["stable", "classic"] as const;
const TOKEN_PATH = { stable: "/cgi-bin/stable_token", classic: "/cgi-bin/token" };

/** Four hosts that share their token, each connected with its Redis. */
async function sharing(settings: HostSettings = {}) {
  const redis = await redisServer();
  const simulator = await simulated({ replyQuota: false });
  const hosts = await startHosts(4, simulator, { tokens: redis.url, ...settings });
  // A store that does not answer in 1.5 seconds is done without: they begin when it does.
  for (const host of hosts) while (!(await host.connected()));
  return { redis, simulator, hosts };
}

/** No send failed, and WeChat was asked so often, for so many tokens. */
function expectClean(simulator: Simulator, claims: readonly Claims[], calls: number): void {
  expect(witnessed(simulator, claims)).toEqual([]);
  expect(tokenCalls(simulator)).toHaveLength(calls);
  expect(tokensUsed(simulator).size).toBe(calls);
}

describe.runIf(hasRedis).each(SOURCES)("four processes that share a %s token through Redis", (tokenSource) => {
  it("cold: one token call, no failed send", async () => {
    const { simulator, hosts } = await sharing({ tokenSource });
    expectClean(simulator, await allSend(simulator, hosts, { name: "cold", count: 250 }), 1);
    await closeAll(hosts);
  });

  it("the token killed under them: one of them replaces it, and nobody replaces what it brought", async () => {
    const { simulator, hosts } = await sharing({ tokenSource });
    const meanwhile = () => simulator.tokens.kill({ kind: tokenSource });
    expectClean(simulator, await allSend(simulator, hosts, { name: "killed", count: 250, meanwhile }), 2);
    await closeAll(hosts);
  });

  it("one killed while it asks WeChat: its right ends, another asks, and no send of the others fails", async () => {
    const { simulator, hosts } = await sharing({ tokenSource, timeout: 1_000 });
    const [victim, ...others] = hosts;
    simulator.inject({ kind: "stall", path: TOKEN_PATH[tokenSource], times: 1 });
    const unsaid = victim!.send("never", 1).catch((error: Error) => error.message);
    await expect.poll(() => tokenCalls(simulator)).toHaveLength(1);
    await victim!.kill();
    expect(await unsaid).toContain("ended");
    const claims = await allSend(simulator, others, { name: "after", count: 50 });
    expect(witnessed(simulator, claims)).toEqual([]);
    expect(tokenCalls(simulator)).toHaveLength(2);
    await closeAll(others);
  });

  it("Redis killed, then started empty: sends go on with the token at hand, and the next death costs one call", async () => {
    const { redis, simulator, hosts } = await sharing({ tokenSource });
    const claims = await allSend(simulator, hosts, { name: "gone", count: 250, meanwhile: redis.kill });
    for (const { told } of hosts) await expect.poll(() => told).toEqual([{ by: "token store", code: "WECHAT_STORE" }]);
    expectClean(simulator, claims, 1);
    await redis.start();
    for (const host of hosts) await expect.poll(() => host.connected()).toBe(true);
    simulator.tokens.kill({ kind: tokenSource });
    claims.push(...(await allSend(simulator, hosts, { name: "back", count: 250 })));
    expectClean(simulator, claims, 2);
    await closeAll(hosts);
  });

  it("Redis stands still, then goes on: sends go on with the token at hand", async () => {
    const { redis, simulator, hosts } = await sharing({ tokenSource });
    const claims = await allSend(simulator, hosts, { name: "still", count: 250, meanwhile: redis.pause });
    expectClean(simulator, claims, 1);
    redis.resume();
    simulator.tokens.kill({ kind: tokenSource });
    claims.push(...(await allSend(simulator, hosts, { name: "on", count: 250 })));
    expectClean(simulator, claims, 2);
    await closeAll(hosts);
  });
});

describe.runIf(hasRedis)("four processes whose Redis is away while they need a token", () => {
  it.each(["kill", "pause"] as const)(
    "stable (%s): each asks WeChat itself, which gives all of them the same; no failed send",
    async (away) => {
      const { redis, simulator, hosts } = await sharing();
      const meanwhile = async () => {
        await redis[away]();
        simulator.tokens.kill();
      };
      const claims = await allSend(simulator, hosts, { name: "away", count: 100, meanwhile });
      expect(witnessed(simulator, claims)).toEqual([]);
      expect(tokenCalls(simulator)).toHaveLength(5);
      expect(tokensUsed(simulator).size).toBe(2);
      await closeAll(hosts);
    },
  );
});
