import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openInbox } from "@wechat-offiaccount/core";
import { createSimulator, DEFAULT_APP_ID, DEFAULT_APP_SECRET, DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";
import { describe, expect, it, onTestFinished } from "vitest";
import { connectHttp, HOST_KINDS, type HostKind, startProcess } from "./support/host.js";
import { begin, call, callOf, startHttp, TOKEN } from "./support/http.js";

const HAN = /\p{Script=Han}/u;
const SEND = "/cgi-bin/message/custom/send";
/** This machine may be busy. */
const SOON = { timeout: 20_000 };

/** A local WeChat, and a server that may write to all its followers. */
async function desk(env: Record<string, string> = {}, args: string[] = []) {
  const simulator = await createSimulator();
  onTestFinished(() => simulator.close());
  const folder = await mkdtemp(join(tmpdir(), "wechat-mcp-http-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const WECHAT_INBOX = `sqlite:${join(folder, "inbox.db")}`;
  const server = await startHttp(
    {
      WECHAT_APP_ID: DEFAULT_APP_ID,
      WECHAT_APP_SECRET: DEFAULT_APP_SECRET,
      WECHAT_API_BASE_URL: simulator.url,
      WECHAT_MCP_RECIPIENTS: "*",
      WECHAT_INBOX,
      ...env,
    },
    args,
  );
  return {
    simulator,
    server,
    async connect(kind: HostKind) {
      const host = await connectHttp(kind, server.url, TOKEN);
      onTestFinished(() => host.close());
      return host;
    },
    /** What the inbox knows of the newest message to a follower, seen from another process. */
    async lastSent(openid = DEFAULT_FOLLOWER) {
      const inbox = await openInbox(WECHAT_INBOX, { appId: DEFAULT_APP_ID });
      try {
        const { messages } = await inbox.read(openid);
        return messages.findLast(({ direction }) => direction === "out");
      } finally {
        await inbox.close();
      }
    },
    /** Resolves when WeChat has got a send that it does not answer at once. */
    underWay: () => expect.poll(() => simulator.ledger.calls.some(({ fault }) => fault !== undefined), SOON).toBe(true),
  };
}

describe.each(HOST_KINDS)("a host on the %s client, over HTTP", (kind) => {
  it("lists the tools and sends a text", async () => {
    const { simulator, server, connect } = await desk();
    const host = await connect(kind);
    expect(host.info()).toMatchObject({ name: "@wechat-offiaccount/mcp" });
    expect(host.era()).toBe(kind === "v2 auto" ? "modern" : "legacy");
    const { tools } = await host.listTools();
    expect(tools.map(({ name }) => name)).toContain("wait_for_wechat_message");
    const text = "你好 👩‍👩‍👧";
    const sent = await host.callTool({ openid: DEFAULT_FOLLOWER, text });
    expect(sent).toMatchObject({ isError: false, structured: { delivery: "delivered" } });
    expect(simulator.ledger.messages).toMatchObject([{ openid: DEFAULT_FOLLOWER, text, ai: true }]);
    expect(server.output.stdout).toBe("");
  });

  it("is refused with another token", async () => {
    const { server } = await desk();
    await expect(connectHttp(kind, server.url, `${TOKEN}x`)).rejects.toThrow();
  });

  it("waits, and gets nothing if nothing comes", async () => {
    const { connect } = await desk();
    const host = await connect(kind);
    const { structured } = await host.call("wait_for_wechat_message", { timeout_seconds: 1 });
    expect(structured).toMatchObject({ status: "nothing", cursor: "0" });
  });
});

it("two clients that call at the same time, under the same ids, get only their own answers", async () => {
  const { simulator, connect } = await desk();
  const hosts = await Promise.all([connect("v1"), connect("v2 auto")]);
  const calls = Array.from({ length: 50 }, (_, index) => `oParallel${index}`);
  for (const openid of calls) simulator.addFollower({ openid, window: "open" });
  const results = await Promise.all(
    calls.map((openid, index) =>
      hosts[index % 2]?.callTool({ openid, text: `for ${openid}`, dry_run: index % 3 === 0 }),
    ),
  );
  for (const [index, result] of results.entries()) {
    const dry = index % 3 === 0;
    expect(result?.structured).toMatchObject({ status: dry ? "dry-run" : "sent" });
    if (dry) expect(result?.structured.parts).toMatchObject([{ text: `for oParallel${index}` }]);
  }
  for (const { openid, text } of simulator.ledger.messages) expect(text).toBe(`for ${openid}`);
  expect(simulator.ledger.messages).toHaveLength(33);
});

const ON_SIGNAL = `import { setFlagsFromString } from "node:v8"; import { runInNewContext } from "node:vm";
setFlagsFromString("--expose-gc"); const collect = runInNewContext("gc"); let left = 5;
const again = () => { collect(); if (--left > 0) setTimeout(again, 20); else console.error("collected"); };
process.on("SIGUSR2", again);`;

describe.each(["2025", "2026"] as const)("a client of the %s revision that goes away", (era) => {
  it("cancels its call, also after a garbage collection: no further part is sent", async () => {
    const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(ON_SIGNAL)}`;
    const { simulator, server, connect, underWay } = await desk({ NODE_OPTIONS });
    // Part 1 arrives and its answer comes late: without the cancellation part 2 would follow.
    simulator.inject({ kind: "slow", delayMs: 5_000, path: SEND });
    const text = "x".repeat(3_000);
    const { answer, goAway } = begin(server.port, callOf(era, "send_wechat_text", { openid: DEFAULT_FOLLOWER, text }));
    const lost = expect(answer).rejects.toThrow();
    await underWay();
    server.child.kill("SIGUSR2");
    await server.seen("stderr", "collected");
    goAway();
    await lost;
    // Messages to one follower keep their order: had part 2 been sent, it would stand before the next text.
    const host = await connect("v1");
    expect(await host.callTool({ openid: DEFAULT_FOLLOWER, text: "next" })).toMatchObject({ isError: false });
    expect(simulator.ledger.messages.map(({ text }) => text)).toEqual(["x".repeat(2_048), "next"]);
  });

  it("leaves in the inbox what is known of its send", async () => {
    const { simulator, server, lastSent, underWay } = await desk();
    simulator.inject({ kind: "stall", path: SEND });
    const asking = callOf(era, "send_wechat_text", { openid: DEFAULT_FOLLOWER, text: "stalled" });
    const { answer, goAway } = begin(server.port, asking);
    const lost = expect(answer).rejects.toThrow();
    await underWay();
    goAway();
    await lost;
    await expect.poll(() => lastSent(), SOON).toMatchObject({ message: { text: "stalled" }, delivery: "unknown" });
  });
});

describe("a signal", () => {
  it.each(["SIGTERM", "SIGINT"] as const)(
    "%s ends waits with nothing, lets a send finish, then ends the server",
    async (signal) => {
      const { simulator, server, lastSent, underWay } = await desk();
      simulator.inject({ kind: "slow", delayMs: 2_000, path: SEND });
      const waiting = begin(server.port, { body: call("wait_for_wechat_message", { timeout_seconds: 55 }) });
      const sending = begin(
        server.port,
        callOf("2026", "send_wechat_text", { openid: DEFAULT_FOLLOWER, text: "last" }),
      );
      await underWay();
      server.child.kill(signal);
      expect((await waiting.answer).text).toContain('"status":"nothing"');
      expect((await sending.answer).text).toContain('"delivery":"delivered"');
      expect(await server.ended).toMatchObject({ code: 0, signal: null, stdout: "" });
      expect(await lastSent()).toMatchObject({ message: { text: "last" }, delivery: "delivered" });
    },
  );

  it("does not wait for ever: what is still under way is noted as unknown", async () => {
    const { simulator, server, lastSent, underWay } = await desk();
    simulator.inject({ kind: "stall", path: SEND });
    const { answer } = begin(server.port, {
      body: call("send_wechat_text", { openid: DEFAULT_FOLLOWER, text: "stalled" }),
    });
    const lost = expect(answer).rejects.toThrow();
    await underWay();
    server.child.kill("SIGTERM");
    await lost;
    expect(await server.ended).toMatchObject({ code: 0, signal: null });
    expect(await lastSent()).toMatchObject({ message: { text: "stalled" }, delivery: "unknown" });
  });

  it("that is the second one ends the server at once", async () => {
    const { simulator, server, underWay } = await desk();
    simulator.inject({ kind: "stall", path: SEND });
    const waiting = begin(server.port, { body: call("wait_for_wechat_message") });
    const { answer } = begin(server.port, {
      body: call("send_wechat_text", { openid: DEFAULT_FOLLOWER, text: "stalled" }),
    });
    const lost = expect(answer).rejects.toThrow();
    await underWay();
    server.child.kill("SIGTERM");
    // The first one has arrived.
    await waiting.answer;
    server.child.kill("SIGINT");
    expect(await server.ended).toMatchObject({ code: null, signal: "SIGINT" });
    await lost;
  });
});

const ACCOUNT = { WECHAT_APP_ID: DEFAULT_APP_ID, WECHAT_APP_SECRET: DEFAULT_APP_SECRET };

async function refusedStart(env: Record<string, string>, args: string[]) {
  const { code, stdout, stderr } = await startProcess({ ...ACCOUNT, ...env }, ["--http", ...args]).ended;
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(HAN);
  expect(stderr).not.toMatch(/sentinel|^\s+at /im);
  return [...stderr.matchAll(/^- (\S+):/gm)].map(([, name]) => name);
}

describe("a start that fails", () => {
  it("because the port is taken says so", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => void other.close());
    await once(other, "listening");
    const address = other.address();
    const port = typeof address === "object" ? String(address?.port) : "";
    expect(await refusedStart({ WECHAT_MCP_HTTP_TOKEN: TOKEN }, ["--port", port])).toEqual(["--port"]);
  });

  it("because the host is another machine says so", async () => {
    const args = ["--port", "0", "--host", "192.0.2.7"];
    expect(await refusedStart({ WECHAT_MCP_HTTP_TOKEN: TOKEN }, args)).toEqual(["--host"]);
  });

  it("names all that is wrong at once, and shows none of it", async () => {
    const env = {
      WECHAT_MCP_HTTP_TOKEN: "sentinel with space",
      WECHAT_MCP_HTTP_TOKEN_FILE: "/sentinel",
      WECHAT_MCP_ALLOWED_HOSTS: "mcp.example.com, http://sentinel/",
      WECHAT_CALLBACK_TOKEN: "sentinel!",
      WECHAT_CALLBACK_MODE: "sentinel",
      WECHAT_MCP_DRY_RUN: "sentinel",
    };
    expect(await refusedStart(env, ["--port", "sentinel", "--callback-path", "/wechat"])).toEqual([
      "--port",
      "WECHAT_MCP_ALLOWED_HOSTS",
      "WECHAT_INBOX",
      "WECHAT_ENCODING_AES_KEY",
      "WECHAT_CALLBACK_MODE",
      "WECHAT_CALLBACK_TOKEN",
      "WECHAT_MCP_HTTP_TOKEN_FILE",
      "WECHAT_MCP_HTTP_TOKEN",
      "WECHAT_MCP_DRY_RUN",
    ]);
  });
});

it("the start says where MCP is and where its token stands, and never the token", async () => {
  const { server, connect } = await desk();
  const host = await connect("v2");
  const result = await host.call("check_wechat_account", {});
  await host.call("no_such_tool", {}).catch(() => {});
  await begin(server.port, { headers: { authorization: `Bearer ${TOKEN}x` } }).answer;
  server.child.kill("SIGTERM");
  const { stderr, stdout } = await server.ended;
  expect(stdout).toBe("");
  expect(stderr).toContain(`MCP is at http://127.0.0.1:${server.port}/mcp.`);
  expect(stderr).toContain("WECHAT_MCP_HTTP_TOKEN");
  expect(stderr).toMatch(HAN);
  expect(stderr + JSON.stringify(result)).not.toContain(TOKEN);
});
