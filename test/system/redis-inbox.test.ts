import { openRedisStore } from "@wechat-offiaccount/core/redis";
import { describe, expect, it, onTestFinished } from "vitest";
import { arrival, inboxOn, MINUTE, type OpenedStore, testClock } from "../../packages/core/test/support/inbox.js";
import { describeNotes } from "../../packages/core/test/support/notes-contract.js";
import { describeStore } from "../../packages/core/test/support/store-contract.js";
import { testProcesses } from "../support/inbox-processes.js";
import { hasRedis, redisServer } from "../support/redis.js";

describe.runIf(hasRedis)("an inbox in a real Redis", () => {
  const redis = async (): Promise<OpenedStore> => {
    const { url } = await redisServer();
    return { store: await openRedisStore({ url }), again: () => openRedisStore({ url }) };
  };
  describeStore("Redis", redis);
  describeNotes("Redis", redis);

  it("does not pile up marks that have run out", async () => {
    const { url, command } = await redisServer();
    const clock = testClock();
    const inbox = inboxOn(await openRedisStore({ url }), { clock: clock.now });
    onTestFinished(() => inbox.close());
    for (let n = 0; n < 100; n++) {
      await inbox.receive({ ...arrival("oA"), nonce: String(n), timestamp: 1 });
      clock.time += MINUTE;
    }
    // Two of each push of the last 20 minutes, of which one is a nonce's.
    expect(await command("ZCARD", await command("KEYS", "*:marks"))).toBe("40");
    expect(await command("HLEN", await command("KEYS", "*:nonces"))).toBe("20");
  });

  it("lets Redis itself end a note, an hour after the inbox does", async () => {
    const { url, command } = await redisServer();
    const inbox = inboxOn(await openRedisStore({ url }), { clock: testClock().now });
    onTestFinished(() => inbox.close());
    await inbox.amendNote("n", () => "x", 10.5 * MINUTE);
    const left = Number(await command("PTTL", await command("KEYS", "*:note:*")));
    expect(left).toBeGreaterThan(70 * MINUTE);
    expect(left).toBeLessThanOrEqual(70.5 * MINUTE);
  });

  testProcesses("Redis", async () => (await redisServer()).url);
});
