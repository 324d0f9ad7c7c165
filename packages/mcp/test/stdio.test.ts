import {
  createSimulator,
  DEFAULT_APP_ID,
  DEFAULT_APP_SECRET,
  DEFAULT_FOLLOWER,
  type Simulator,
} from "@wechat-offiaccount/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  connectHost,
  HOST_KINDS,
  type Host,
  type HostKind,
  STARTED,
  serverWith,
  startProcess,
} from "./support/host.js";

let simulator: Simulator;
const hosts: Host[] = [];

beforeEach(async () => {
  simulator = await createSimulator();
});

afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.close()));
  await simulator.close();
});

const environment = () => ({
  WECHAT_APP_ID: DEFAULT_APP_ID,
  WECHAT_APP_SECRET: DEFAULT_APP_SECRET,
  WECHAT_API_BASE_URL: simulator.url,
  WECHAT_MCP_RECIPIENTS: "*",
});

async function connect(kind: HostKind, env: Record<string, string> = {}): Promise<Host> {
  const host = await connectHost(kind, serverWith({ ...environment(), ...env }));
  hosts.push(host);
  return host;
}

const texts = () => simulator.ledger.messages.map(({ text }) => text);
const calls = () => simulator.ledger.calls.length;

describe.each(HOST_KINDS)("a host on the %s client", (kind) => {
  it("learns what the server is and lists the tool", async () => {
    const host = await connect(kind);
    expect(host.info()).toMatchObject({ name: "@wechat-offiaccount/mcp", title: expect.stringContaining("公众号") });
    expect(host.instructions()).toContain("公众号");
    expect(host.era()).toBe(kind === "v2 auto" ? "modern" : "legacy");
    const { tools } = await host.listTools();
    expect(tools.map(({ name, annotations }) => ({ name, annotations }))).toEqual([
      {
        name: "send_wechat_text",
        annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
      },
      {
        name: "check_wechat_account",
        annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
      },
    ]);
  });

  it("sends a text, byte for byte and labelled as made by AI", async () => {
    const host = await connect(kind);
    await host.listTools();
    const text = '你好，<a href="https://example.com">看这里</a> 👩‍👩‍👧 "quoted" \\n\nnew line';
    const { isError, structured, texts: shown } = await host.callTool({ openid: DEFAULT_FOLLOWER, text });
    expect(isError).toBe(false);
    expect(structured).toMatchObject({
      status: "sent",
      delivery: "delivered",
      parts: [{ index: 0, delivery: "delivered", errcode: 0 }],
    });
    expect(JSON.parse(shown[0] ?? "")).toEqual(structured);
    expect(simulator.ledger.messages).toMatchObject([{ openid: DEFAULT_FOLLOWER, msgtype: "text", text, ai: true }]);
  });

  it("gets a refusal of WeChat as a tool error with errcode, rid, remedy and next step", async () => {
    const host = await connect(kind);
    await host.listTools();
    const openid = "oNoSuchFollower00000000000001";
    const { isError, structured, texts: shown } = await host.callTool({ openid, text: "hi" });
    expect(isError).toBe(true);
    expect(structured).toMatchObject({
      status: "failed",
      delivery: "not-delivered",
      code: "WECHAT_RECIPIENT",
      errcode: 40003,
      rid: expect.stringMatching(/^[0-9a-f]{8}-/),
      next_step: expect.any(String),
      remedy_en: expect.any(String),
      remedy_zh: expect.stringMatching(/\p{Script=Han}/u),
    });
    expect(shown[0]).toContain("delivery: not-delivered");
    expect(JSON.parse(shown[1] ?? "")).toEqual(structured);
    expect(texts()).toEqual([]);
  });

  it("gets wrong arguments as a tool error of the same kind", async () => {
    const host = await connect(kind);
    await host.listTools();
    const { isError, structured } = await host.callTool({ openid: DEFAULT_FOLLOWER, text: "hi", extra: 1 });
    expect(isError).toBe(true);
    expect(structured).toMatchObject({ delivery: "not-delivered", code: "WECHAT_VALIDATION" });
    expect(calls()).toBe(0);
  });
});

describe("the operator's rules", () => {
  it("keep WeChat from being called for a recipient who is not listed", async () => {
    const host = await connect("v1", { WECHAT_MCP_RECIPIENTS: "oSomebodyElse" });
    for (const dry_run of [false, true]) {
      const { isError, structured } = await host.callTool({ openid: DEFAULT_FOLLOWER, text: "hi", dry_run });
      expect(isError).toBe(true);
      expect(structured).toMatchObject({ code: "WECHAT_MCP_RECIPIENT_DENIED", delivery: "not-delivered", parts: [] });
      expect(JSON.stringify(structured)).not.toContain("oSomebodyElse");
    }
    expect(calls()).toBe(0);
  });

  it("deny everybody when none are set", async () => {
    const host = await connect("v1", { WECHAT_MCP_RECIPIENTS: "" });
    const { structured } = await host.callTool({ openid: DEFAULT_FOLLOWER, text: "hi" });
    expect(structured).toMatchObject({ code: "WECHAT_MCP_RECIPIENT_DENIED" });
    expect(calls()).toBe(0);
  });

  it("allow a listed recipient, and only that one", async () => {
    simulator.addFollower({ openid: "oOther", window: "open" });
    const host = await connect("v1", { WECHAT_MCP_RECIPIENTS: `oX, ${DEFAULT_FOLLOWER}` });
    expect(await host.callTool({ openid: DEFAULT_FOLLOWER, text: "yes" })).toMatchObject({ isError: false });
    expect(await host.callTool({ openid: "oOther", text: "no" })).toMatchObject({ isError: true });
    expect(texts()).toEqual(["yes"]);
  });

  it("turn every call into a dry run, which calls nobody", async () => {
    const host = await connect("v1", { WECHAT_MCP_DRY_RUN: "on" });
    const { isError, structured } = await host.callTool({ openid: DEFAULT_FOLLOWER, text: "hi", dry_run: false });
    expect(isError).toBe(false);
    expect(structured).toMatchObject({ status: "dry-run", delivery: "not-delivered", parts: [{ text: "hi" }] });
    expect(calls()).toBe(0);
  });

  it("take the AI label off", async () => {
    const host = await connect("v1", { WECHAT_MCP_AI_LABEL: "off" });
    await host.callTool({ openid: DEFAULT_FOLLOWER, text: "hi" });
    expect(simulator.ledger.messages).toMatchObject([{ text: "hi", ai: false }]);
  });
});

describe("a text", () => {
  it("of 3,000 bytes arrives as the two parts that a dry run shows, in order", async () => {
    const host = await connect("v2");
    const text = "一二三四五六七八九。".repeat(100);
    const planned = await host.callTool({ openid: DEFAULT_FOLLOWER, text, dry_run: true });
    expect(texts()).toEqual([]);
    const { structured } = await host.callTool({ openid: DEFAULT_FOLLOWER, text });
    expect(structured).toMatchObject({ delivery: "delivered", parts: [{ index: 0 }, { index: 1 }] });
    expect(texts()).toHaveLength(2);
    expect(texts().join("")).toBe(text);
    expect((planned.structured.parts as { text: string }[]).map((part) => part.text)).toEqual(texts());
  });

  it.each([
    ["empty", ""],
    ["of more than 5 × 2048 bytes", "长".repeat(3500)],
  ])("that is %s is refused before WeChat is called", async (_, text) => {
    const host = await connect("v1");
    const { isError, structured } = await host.callTool({ openid: DEFAULT_FOLLOWER, text });
    expect(isError).toBe(true);
    expect(structured).toMatchObject({
      code: "WECHAT_VALIDATION",
      delivery: "not-delivered",
      remedy_zh: expect.any(String),
    });
    expect(calls()).toBe(0);
  });

  it("of which only the first part arrives is reported so, with the rest to send later", async () => {
    const host = await connect("v1");
    for (let sent = 0; sent < 4; sent++) await host.callTool({ openid: DEFAULT_FOLLOWER, text: `${sent}` });
    const { isError, structured } = await host.callTool({
      openid: DEFAULT_FOLLOWER,
      text: "一二三四五六七八九。".repeat(100),
    });
    expect(isError).toBe(true);
    expect(structured).toMatchObject({
      delivery: "unknown",
      code: "WECHAT_REPLY_WINDOW",
      errcode: 45047,
      parts: [
        { index: 0, delivery: "delivered", errcode: 0 },
        { index: 1, delivery: "not-delivered", errcode: 45047, text: expect.stringContaining("一二三") },
      ],
      next_step: expect.stringContaining("1 of 2 parts reached the follower"),
    });
    expect(texts()).toHaveLength(5);
  });
});

describe("what WeChat refuses", () => {
  it("a follower whose window is closed", async () => {
    simulator.addFollower({ openid: "oClosed", window: "closed" });
    const host = await connect("v1");
    const { structured } = await host.callTool({ openid: "oClosed", text: "hi" });
    expect(structured).toMatchObject({
      code: "WECHAT_REPLY_WINDOW",
      errcode: 45015,
      delivery: "not-delivered",
      rid: expect.any(String),
    });
  });

  it("an AppSecret that is wrong", async () => {
    const host = await connect("v1", { WECHAT_APP_SECRET: "f".repeat(32) });
    const { structured } = await host.callTool({ openid: DEFAULT_FOLLOWER, text: "hi" });
    expect(structured).toMatchObject({ code: "WECHAT_CREDENTIAL", delivery: "not-delivered", rid: expect.any(String) });
    expect(JSON.stringify(structured)).not.toContain("ffffffff");
  });

  it("an IP address that is not in the white list", async () => {
    simulator.addAccount({ appId: "wxfedcba9876543210", secret: "s".repeat(32), ipWhitelist: ["203.0.113.1"] });
    const host = await connect("v1", { WECHAT_APP_ID: "wxfedcba9876543210", WECHAT_APP_SECRET: "s".repeat(32) });
    const { structured } = await host.callTool({ openid: DEFAULT_FOLLOWER, text: "hi" });
    expect(structured).toMatchObject({
      code: "WECHAT_PERMISSION",
      errcode: 40164,
      delivery: "not-delivered",
      rid: expect.any(String),
      remedy_en: expect.stringContaining("127.0.0.1"),
    });
  });
});

describe("an outcome that nobody can know", () => {
  it.each([
    { kind: "reset-after" },
    { kind: "http-502", delivered: true },
    { kind: "html-200", delivered: true },
    { kind: "truncated-json", delivered: true },
  ] as const)("($kind) is reported as unknown, once, with the advice not to repeat", async (fault) => {
    const host = await connect("v1");
    simulator.inject({ ...fault, path: "/cgi-bin/message/custom/send" });
    const { isError, structured } = await host.callTool({ openid: DEFAULT_FOLLOWER, text: fault.kind });
    expect(isError).toBe(true);
    expect(structured).toMatchObject({ delivery: "unknown", next_step: expect.stringContaining("do not repeat it") });
    expect(texts()).toEqual([fault.kind]);
  });
});

it("a call that the host cancels sends no further part, and the server goes on", async () => {
  const host = await connect("v1");
  // Part 1 arrives and its answer comes late: without the cancellation part 2 would follow.
  simulator.inject({ kind: "slow", delayMs: 1_500, path: "/cgi-bin/message/custom/send" });
  const cancelled = new AbortController();
  const call = host.callTool({ openid: DEFAULT_FOLLOWER, text: "x".repeat(3_000) }, cancelled.signal);
  const rejected = expect(call).rejects.toThrow();
  await expect.poll(() => simulator.ledger.calls.some(({ fault }) => fault === "slow"), { timeout: 20_000 }).toBe(true);
  cancelled.abort();
  await rejected;
  // Messages to one follower keep their order: had part 2 been sent, it would stand before the next text.
  expect(await host.callTool({ openid: DEFAULT_FOLLOWER, text: "next" })).toMatchObject({ isError: false });
  expect(texts()).toEqual(["x".repeat(2_048), "next"]);
});

it("calls made at the same time each get their own answer", async () => {
  const openids = Array.from({ length: 20 }, (_, index) => `oParallel${index}`);
  for (const openid of openids) simulator.addFollower({ openid, window: openid.endsWith("5") ? "closed" : "open" });
  const host = await connect("v1");
  const results = await Promise.all(openids.map((openid) => host.callTool({ openid, text: `for ${openid}` })));
  for (const [index, openid] of openids.entries()) expect(results[index]?.isError).toBe(openid.endsWith("5"));
  for (const { openid, text } of simulator.ledger.messages) expect(text).toBe(`for ${openid}`);
  expect(simulator.ledger.messages).toHaveLength(18);
});

it.each(["stdin closes", "SIGTERM"])("the server ends when %s in the middle of a call", async (how) => {
  simulator.inject({ kind: "stall", path: "/cgi-bin/message/custom/send" });
  const server = startProcess(environment());
  const params = { name: "send_wechat_text", arguments: { openid: DEFAULT_FOLLOWER, text: "stalled" } };
  server.write(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params }));
  await expect.poll(() => simulator.ledger.calls.some(({ fault }) => fault === "stall"), STARTED).toBe(true);
  if (how === "SIGTERM") server.child.kill("SIGTERM");
  else server.child.stdin.end();
  expect(await server.ended).toMatchObject({ code: 0, signal: null, stdout: "" });
});

it("takes no further call once it is asked to end, while the one under way may end", async () => {
  simulator.inject({ kind: "slow", path: "/cgi-bin/message/custom/send", delayMs: 500 });
  const server = startProcess(environment());
  const send = (id: number, text: string) => {
    const params = { name: "send_wechat_text", arguments: { openid: DEFAULT_FOLLOWER, text } };
    server.write(JSON.stringify({ jsonrpc: "2.0", id, method: "tools/call", params }));
  };
  send(1, "under way");
  await expect.poll(() => simulator.ledger.calls.some(({ fault }) => fault === "slow"), STARTED).toBe(true);
  server.child.kill("SIGTERM");
  await new Promise((resolve) => setImmediate(resolve));
  send(2, "too late");
  const { code, stdout } = await server.ended;
  expect(code).toBe(0);
  const answered = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).id);
  expect(answered).toContain(1);
  // It may have been read before the signal; then it was answered as well.
  expect(texts()).toEqual(answered.includes(2) ? ["under way", "too late"] : ["under way"]);
});
