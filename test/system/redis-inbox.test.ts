import { openRedisStore } from "@wechat-offiaccount/core/redis";
import { describe } from "vitest";
import { describeStore } from "../../packages/core/test/support/store-contract.js";
import { testProcesses } from "../support/inbox-processes.js";
import { hasRedis, redisServer } from "../support/redis.js";

describe.runIf(hasRedis)("an inbox in a real Redis", () => {
  describeStore("Redis", async () => {
    const { url } = await redisServer();
    return { store: await openRedisStore({ url }), again: () => openRedisStore({ url }) };
  });

  testProcesses("Redis", async () => (await redisServer()).url);
});
