import { inspect } from "node:util";
import { RedisTokenStore } from "@wechat-offiaccount/core/redis";
import { DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { clientOf, inFlight, simulated, tokenCalls } from "../support/desk.js";
import { hasRedis, redisServer } from "../support/redis.js";

async function opened(url: string, onError?: (error: Error) => void) {
  const store = await RedisTokenStore.open({ url, onError });
  onTestFinished(() => store.close());
  return store;
}

describe.runIf(hasRedis)("tokens in a real Redis", () => {
  it("a token killed under two hosts is replaced by one of them", async () => {
    const { url } = await redisServer();
    const simulator = await simulated({ replyQuota: false });
    const hosts = await Promise.all(
      [1, 2].map(async () => clientOf(simulator, { tokenSource: "classic", tokenStore: await opened(url) })),
    );
    const sendFromAll = () =>
      inFlight(16, 100, async (n) => hosts[n % 2]?.messages.sendText(DEFAULT_FOLLOWER, `text ${n}`));
    await sendFromAll();
    simulator.tokens.kill({ kind: "classic" });
    await sendFromAll();
    expect(tokenCalls(simulator)).toHaveLength(2);
    expect(simulator.ledger.messages).toHaveLength(200);
  });

  it("the right of a process that died ends by itself", async () => {
    const { url } = await redisServer();
    const store = await opened(url);
    const first = await store.acquire("account", 300);
    expect(await store.acquire("account", 300)).toBeUndefined();
    await expect.poll(() => store.acquire("account", 300), { timeout: 10_000 }).toBeGreaterThan(first ?? Infinity);
  });

  it("what was asked for earlier never replaces what was asked for later", async () => {
    const { url } = await redisServer();
    const store = await opened(url);
    const asleep = (await store.acquire("account", 1)) ?? 0;
    const awake = await vi.waitUntil(() => store.acquire("account", 60_000));
    expect(awake).toBeGreaterThan(asleep);
    await store.keep("account", awake, { accessToken: "newer", remaining: 60_000 });
    await store.keep("account", asleep, { accessToken: "older", remaining: 60_000 });
    expect(await store.read("account")).toMatchObject({ accessToken: "newer" });
    expect((await store.read("account"))?.remaining).toBeGreaterThan(50_000);
  });

  it.each(["before", "after"])(
    "what was asked for before Redis lost all stands behind what was asked for after: the one %s is kept first",
    async (first) => {
      const redis = await redisServer();
      const store = await opened(redis.url);
      for (let n = 0; n < 3; n++) await store.release("account", (await store.acquire("account", 60_000)) ?? 0);
      const before = (await store.acquire("account", 60_000)) ?? 0;
      await redis.kill();
      await redis.start();
      const after = await vi.waitUntil(() => store.acquire("account", 60_000).catch(() => 0), { timeout: 9_000 });
      const kept = { before, after };
      for (const [name, ticket] of Object.entries(kept).sort(([name]) => (name === first ? -1 : 1))) {
        await store.keep("account", ticket, { accessToken: name, remaining: 60_000 });
      }
      expect(await store.read("account")).toMatchObject({ accessToken: "after" });
    },
  );

  it("a wrong AppSecret does not get the token of the right one", async () => {
    const { url } = await redisServer();
    const simulator = await simulated();
    const tokenStore = await opened(url);
    await clientOf(simulator, { tokenStore }).messages.sendText(DEFAULT_FOLLOWER, "hi");
    const wrong = clientOf(simulator, { tokenStore, appSecret: "f".repeat(32) });
    await expect(wrong.messages.sendText(DEFAULT_FOLLOWER, "hi")).rejects.toMatchObject({ errcode: 40125 });
  });

  it("Redis that goes away fails no send: not with the token at hand, not without one; and its owner is told once", async () => {
    const redis = await redisServer({ password: "sentinel-password" });
    const simulator = await simulated({ replyQuota: false });
    const told: Error[] = [];
    const tokenStore = await opened(redis.url, (error) => told.push(error));
    const client = clientOf(simulator, { tokenStore });
    await client.messages.sendText(DEFAULT_FOLLOWER, "before");
    await redis.kill();
    await client.messages.sendText(DEFAULT_FOLLOWER, "with the token at hand");
    await clientOf(simulator, { tokenStore }).messages.sendText(DEFAULT_FOLLOWER, "without one");
    expect(simulator.ledger.messages).toHaveLength(3);
    expect(told).toHaveLength(1);
    await redis.start();
    await expect.poll(() => tokenStore.read("any").catch(() => "not yet"), { timeout: 20_000 }).toBeUndefined();
    await redis.kill();
    await expect.poll(() => told.length, { timeout: 20_000 }).toBe(2);
    expect(inspect([told, tokenStore], { depth: Number.POSITIVE_INFINITY, showHidden: true })).not.toContain(
      "sentinel-password",
    );
  });

  it("a wrong password is told without repeating it, and no error carries a token", async () => {
    const redis = await redisServer({ password: "right" });
    const told: Error[] = [];
    const store = await opened(redis.url.replace("right", "sentinel-wrong"), (error) => told.push(error));
    const failure = await store
      .keep("key", 1, { accessToken: "sentinel-token", remaining: 1000 })
      .catch((error) => error);
    expect(failure).toMatchObject({ code: "WECHAT_STORE", remedy: { zh: expect.stringContaining("Redis") } });
    const shown = inspect([failure, told], { depth: Number.POSITIVE_INFINITY, showHidden: true });
    expect(shown).not.toContain("sentinel");
  });
});
