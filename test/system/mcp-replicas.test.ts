import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { openInbox } from "@wechat-offiaccount/core";
import { DEFAULT_APP_ID, DEFAULT_APP_SECRET, DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";
import { describe, expect, it, onTestFinished } from "vitest";
import { connectHttp, HOST_KINDS, type HostKind } from "../../packages/mcp/test/support/host.js";
import { startHttp, TOKEN } from "../../packages/mcp/test/support/http.js";
import { simulated } from "../support/desk.js";
import { hasRedis, redisServer } from "../support/redis.js";
import { roundRobin } from "../support/round-robin.js";

const CALLBACK = { callbackToken: "ca11backT0ken", encodingAesKey: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ" };
const SEND = "/cgi-bin/message/custom/send";
const PASSWORD = "sentinel-of-redis";
const openid = DEFAULT_FOLLOWER;

/** Two servers on one Redis behind a balancer, which clients and WeChat's pushes go through. */
async function replicas(env: Record<string, string> = {}) {
  const simulator = await simulated();
  const redis = await redisServer({ password: PASSWORD, durable: true });
  const environment = {
    WECHAT_APP_ID: DEFAULT_APP_ID,
    WECHAT_APP_SECRET: DEFAULT_APP_SECRET,
    WECHAT_API_BASE_URL: simulator.url,
    WECHAT_INBOX: redis.url,
    WECHAT_CALLBACK_TOKEN: CALLBACK.callbackToken,
    WECHAT_ENCODING_AES_KEY: CALLBACK.encodingAesKey,
    ...env,
  };
  const start = () => startHttp(environment, ["--callback-path", "/wechat"]);
  const servers = [await start(), await start()] as const;
  const { origin, served } = await roundRobin(servers.map(({ port }) => port));
  await simulator.setCallback({ callback: `${origin}/wechat`, ...CALLBACK });
  const connectTo = async (url: string, kind: HostKind = "v2 auto") => {
    const host = await connectHttp(kind, url, TOKEN);
    onTestFinished(() => host.close());
    return host;
  };
  return {
    simulator,
    redis,
    served,
    origin,
    /** A host that does not know that there are two. */
    connect: (kind: HostKind) => connectTo(`${origin}/mcp`, kind),
    /** One host on each. */
    each: async () => [await connectTo(servers[0].url), await connectTo(servers[1].url)] as const,
    sent: () => simulator.ledger.messages.map(({ text }) => text),
    writes(text: string) {
      simulator.act(openid, { type: "text", text });
      return simulator.pushed();
    },
    stderr: () => servers.map(({ output }) => output.stderr).join(""),
  };
}

describe.runIf(hasRedis)("two MCP servers over HTTP on one Redis", () => {
  it.each(HOST_KINDS)(
    "an agent on the %s client waits, reads and answers, whichever gets its requests",
    async (kind) => {
      const { connect, writes, served, sent } = await replicas();
      const host = await connect(kind);
      let cursor: unknown = "0";
      for (let round = 1; round <= 4; round++) {
        const waiting = host.call("wait_for_wechat_message", { after: cursor });
        await writes(`question ${round}`);
        const { structured: came } = await waiting;
        expect(came).toMatchObject({ status: "received", messages: [{ openid, text: `question ${round}` }] });
        cursor = came.cursor;
        const { structured: page } = await host.call("read_wechat_conversation", { openid, limit: 1, mark_read: true });
        expect(page).toMatchObject({ messages: [{ text: `question ${round}` }], unread: 0 });
        const { structured: answer } = await host.callTool({ openid, text: `answer ${round}` });
        expect(answer).toMatchObject({ delivery: "delivered", window: { replies_left: 4 } });
        // With it and the push a round has 5 requests, so that the same step goes to the other one in the next.
        const { structured: listed } = await host.call("list_wechat_conversations", {});
        expect(listed).toMatchObject({ conversations: [{ unread: 0, last: { text: `answer ${round}` } }] });
      }
      expect(sent()).toEqual([1, 2, 3, 4].map((round) => `answer ${round}`));
      for (const step of ["wait_for", "read_", "send_", "<xml"]) {
        const steps = served.filter(({ body }) => body.includes(step));
        expect(new Set(steps.map(({ server }) => server)).size, step).toBe(2);
      }
    },
  );

  it("send once what comes to both under one idempotency key", async () => {
    const { each, sent, simulator } = await replicas({ WECHAT_MCP_RECIPIENTS: "*" });
    const hosts = await each();
    // So that the second call comes while the first is under way.
    simulator.inject({ kind: "slow", delayMs: 500, path: SEND });
    const args = { openid, text: "once", idempotency_key: "k" };
    const first = await Promise.all(hosts.map((host) => host.callTool(args)));
    const outcomes = first.map(({ structured }) => structured.code ?? structured.delivery);
    expect(outcomes.sort()).toEqual(["WECHAT_MCP_KEY_UNDER_WAY", "delivered"]);
    for (const host of hosts) {
      expect((await host.callTool(args)).structured).toMatchObject({ delivery: "delivered", duplicate: true });
      expect((await host.callTool({ ...args, text: "other" })).structured).toMatchObject({
        code: "WECHAT_MCP_KEY_REUSED",
      });
    }
    expect(sent()).toEqual(["once"]);
  });

  it("count messages together, also such as come at the same time", async () => {
    const { each, sent } = await replicas({ WECHAT_MCP_RECIPIENTS: "*", WECHAT_MCP_RATE_PER_FOLLOWER: "3" });
    const hosts = await each();
    const calls = [0, 1, 2, 3, 4, 5].map((index) => hosts[index % 2]?.callTool({ openid, text: `${index}` }));
    const results = await Promise.all(calls);
    const refused = results.filter((result) => result?.structured.code === "WECHAT_MCP_RATE");
    expect(refused).toHaveLength(3);
    expect(sent()).toHaveLength(3);
    for (const host of hosts) {
      expect((await host.callTool({ openid, text: "more" })).structured).toMatchObject({ code: "WECHAT_MCP_RATE" });
    }
  });

  it("take a person's answer to the question of the other one, for what was shown", async () => {
    const { origin, served, sent } = await replicas({ WECHAT_MCP_RECIPIENTS: "*", WECHAT_MCP_CONFIRM: "required" });
    const host = new Client(
      { name: "test-host", version: "1.0.0" },
      { capabilities: { elicitation: {} }, versionNegotiation: { mode: "auto" } },
    );
    const asked: string[] = [];
    host.setRequestHandler("elicitation/create", async ({ params }) => {
      asked.push(params.message);
      return { action: "accept", content: {} };
    });
    const options = { requestInit: { headers: { authorization: `Bearer ${TOKEN}` } } };
    await host.connect(new StreamableHTTPClientTransport(new URL(`${origin}/mcp`), options));
    onTestFinished(() => host.close());
    for (const text of ["one", "two"]) {
      const { structuredContent } = await host.callTool({ name: "send_wechat_text", arguments: { openid, text } });
      expect(structuredContent).toMatchObject({ delivery: "delivered" });
      const [question, answer] = served.filter(({ body }) => body.includes(`"${text}"`));
      expect(answer?.body).toContain("inputResponses");
      expect(answer?.server).not.toBe(question?.server);
    }
    expect(asked).toHaveLength(2);
    expect(sent()).toEqual(["one", "two"]);
  });
});

describe.runIf(hasRedis)("when Redis is gone, two MCP servers", () => {
  it("say so, answer nobody whose window they cannot know, and go on when it is back", async () => {
    const { simulator, each, redis, writes, sent, stderr } = await replicas();
    const hosts = await each();
    await writes("hi");
    expect(await hosts[0].callTool({ openid, text: "before" })).toMatchObject({ isError: false });
    await redis.kill();
    for (const host of hosts) {
      const failures = await Promise.all([
        host.callTool({ openid, text: "without" }),
        host.callTool({ openid, text: "without", idempotency_key: "k" }),
        host.call("list_wechat_conversations", {}),
        host.call("wait_for_wechat_message", { timeout_seconds: 1 }),
      ]);
      for (const { isError, structured } of failures) {
        expect({ isError, structured }).toMatchObject({ isError: true, structured: { code: "WECHAT_STORE" } });
      }
      for (const { structured } of failures.slice(0, 2)) expect(structured.delivery).toBe("not-delivered");
      expect(JSON.stringify(failures)).not.toContain(PASSWORD);
    }
    expect(sent()).toEqual(["before"]);
    // A push is not taken as kept either: WeChat is told to come again.
    simulator.act(openid, { type: "text", text: "lost?" });
    const tried = () => simulator.ledger.pushes.at(-1)?.tries[0];
    await expect.poll(() => tried()?.latencyMs).toBeGreaterThan(0);
    expect(tried()?.status ?? 0).not.toBe(200);
    await redis.start();
    for (const host of hosts) {
      const answered = () => host.callTool({ openid, text: "after" });
      await expect.poll(answered).toMatchObject({ structured: { delivery: "delivered" } });
    }
    expect(sent()).toEqual(["before", "after", "after"]);
    for (const secret of [PASSWORD, TOKEN, ...Object.values(CALLBACK)]) expect(stderr()).not.toContain(secret);
  });

  it("send nothing twice: what was under way is told as it ended, and its key stays taken", async () => {
    const { each, redis, simulator, sent } = await replicas({ WECHAT_MCP_RECIPIENTS: "*" });
    const hosts = await each();
    simulator.inject({ kind: "slow", delayMs: 2_000, path: SEND });
    const args = { openid, text: "once", idempotency_key: "k" };
    const sending = hosts[0].callTool(args);
    await expect.poll(sent).toEqual(["once"]);
    await redis.kill();
    // It arrived, whatever became of the notes.
    expect((await sending).structured).toMatchObject({ delivery: "delivered" });
    for (const host of hosts) {
      expect((await host.callTool(args)).structured).toMatchObject({ delivery: "not-delivered", code: "WECHAT_STORE" });
    }
    await redis.start();
    const inbox = await openInbox(redis.url, { appId: DEFAULT_APP_ID });
    onTestFinished(() => inbox.close());
    for (const host of hosts) {
      const again = async () => (await host.callTool(args)).structured.code;
      await expect.poll(again).toBe("WECHAT_MCP_KEY_UNDER_WAY");
    }
    expect(sent()).toEqual(["once"]);
  });
});
