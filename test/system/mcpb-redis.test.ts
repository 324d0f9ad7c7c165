import { openInbox } from "@wechat-offiaccount/core";
import { DEFAULT_APP_ID, DEFAULT_APP_SECRET, DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";
import { describe, expect, it, onTestFinished } from "vitest";
import { arrival } from "../../packages/core/test/support/inbox.js";
import { connectHost } from "../../packages/mcp/test/support/host.js";
import { simulated } from "../support/desk.js";
import { commandFor, installBundle } from "../support/mcpb.js";
import { hasRedis, redisServer } from "../support/redis.js";

describe.runIf(hasRedis)("the MCPB bundle with an inbox in Redis", () => {
  it("reads what another program received, and answers", async () => {
    const simulator = await simulated();
    const { url } = await redisServer({ password: "p@ss word" });
    const inbox = await openInbox(url, { appId: DEFAULT_APP_ID });
    onTestFinished(() => inbox.close());
    await inbox.receive(arrival(DEFAULT_FOLLOWER, { createdAt: Date.now(), text: "在吗？" }));

    const bundle = await installBundle();
    onTestFinished(() => bundle.remove());
    const account = { app_id: DEFAULT_APP_ID, app_secret: DEFAULT_APP_SECRET, api_base_url: simulator.url };
    const host = await connectHost("v2", await commandFor(bundle, { ...account, inbox: url }));
    onTestFinished(() => host.close());
    const { structured } = await host.call("list_wechat_conversations", {});
    expect(JSON.stringify(structured)).toContain("在吗？");
    // Nobody was named as recipient: the follower may be answered because the inbox says so.
    expect((await host.callTool({ openid: DEFAULT_FOLLOWER, text: "在的" })).structured).toMatchObject({
      delivery: "delivered",
    });
    expect(simulator.ledger.messages).toMatchObject([{ openid: DEFAULT_FOLLOWER, text: "在的" }]);
  });
});
