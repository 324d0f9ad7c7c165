import { Inbox } from "@wechat-offiaccount/core";
import { openRedisStore, RedisTokenStore } from "@wechat-offiaccount/core/redis";
import { DEFAULT_APP_ID, DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { TestResult } from "../../packages/node-red/src/lib/connection-test.js";
import { helper, logged, NODES } from "../../packages/node-red/test/support/flow.js";
import { place, startReceiving } from "../../packages/node-red/test/support/receiving.js";
import { clientOf, simulated, tokenCalls } from "../support/desk.js";
import { hasRedis, redisServer } from "../support/redis.js";

beforeAll(() => helper.startServer());
afterAll(() => helper.stopServer());
afterEach(() => helper.unload());

const PASSWORD = "r3dis-sent1nel";

/** An account node whose inbox is in Redis, and which echoes what it receives. */
async function echoing(redisUrl: string) {
  const simulator = await simulated();
  const flow = await startReceiving({
    simulator,
    account: { inboxType: "redis", tokenSource: "classic" },
    credentials: { redisUrl },
    receive: { wires: [["messages", "echo"], ["events"]] },
    nodes: [place("echo", "wechat-oa-send", { account: "account", wires: [["events"]] })],
  });
  return { simulator, ...flow };
}

describe.runIf(hasRedis)("an account node with a real Redis", () => {
  it("shares inbox and token with other hosts", async () => {
    const { url } = await redisServer({ password: PASSWORD });
    const { simulator, push, events } = await echoing(url);
    expect(await push({ type: "text", text: "hi" })).toMatchObject({ outcome: "accepted" });
    await events.wait(1);

    const tokenStore = await RedisTokenStore.open({ url });
    onTestFinished(() => tokenStore.close());
    const elsewhere = clientOf(simulator, { tokenSource: "classic", tokenStore });
    await elsewhere.messages.sendText(DEFAULT_FOLLOWER, "from another host");
    expect(tokenCalls(simulator)).toHaveLength(1);

    const inbox = new Inbox({ appId: DEFAULT_APP_ID, store: await openRedisStore({ url }) });
    onTestFinished(() => inbox.close());
    await expect.poll(async () => (await inbox.read(DEFAULT_FOLLOWER)).messages.length).toBe(2);
    expect(logged()).not.toContain(PASSWORD);
  });

  it("sends while Redis is away, and receives again once it is back", async () => {
    const redis = await redisServer();
    const { push, messages, events, simulator } = await echoing(redis.url);
    await push({ type: "text", text: "before" });
    await events.wait(1);
    await redis.kill();
    expect((await push({ type: "text", text: "lost" })).outcome).not.toBe("accepted");
    simulator.tokens.kill({ kind: "classic" });
    const message = { payload: "sent all the same", openid: DEFAULT_FOLLOWER };
    helper.getNode("echo").receive(message);
    await events.wait(2);
    await redis.start();
    await expect
      .poll(async () => (await push({ type: "text", text: "again" })).outcome, { timeout: 20_000 })
      .toBe("accepted");
    expect((await messages.wait(2)).at(-1)).toMatchObject({ payload: "again" });
    expect(simulator.ledger.messages.map(({ text }) => text)).toContain("sent all the same");
  });

  it("is tested by the dialog's button: it answers, or the password is wrong", async () => {
    const { url } = await redisServer({ password: PASSWORD });
    const simulator = await simulated();
    await helper.load(NODES, [], {});
    const test = async (redisUrl: string) => {
      const asked = { dialog: "1", appId: DEFAULT_APP_ID, appSecret: "typed", baseUrl: simulator.url };
      const { text } = await helper
        .request()
        .post("/wechat-oa-account/test")
        .send({ ...asked, inboxType: "redis", redisUrl });
      expect(text).not.toContain(PASSWORD);
      const { lines }: TestResult = JSON.parse(text);
      return lines.at(-1);
    };
    expect(await test(url)).toMatchObject({ status: "ok", finding: { en: "Redis answers." } });
    expect(await test(url.replace(PASSWORD, "wr0ng"))).toMatchObject({
      status: "failed",
      finding: { en: expect.stringContaining("WRONGPASS") },
    });
  });
});
