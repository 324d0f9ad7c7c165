import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Callback, openInbox } from "@wechat-offiaccount/core";
import { createSimulator, DEFAULT_APP_ID, DEFAULT_APP_SECRET, DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";
import { describe, expect, it, onTestFinished } from "vitest";
import { connectHost, HOST_KINDS, type HostKind, serverWith, startProcess } from "./support/host.js";

const CALLBACK_TOKEN = "ca11backT0ken";
const AES_KEY = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ";

/** A local WeChat, and a program that receives its pushes into the inbox file that the server reads too. */
async function desk(env: Record<string, string> = {}) {
  const simulator = await createSimulator();
  onTestFinished(() => simulator.close());
  const folder = await mkdtemp(join(tmpdir(), "wechat-mcp-desk-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const WECHAT_INBOX = `sqlite:${join(folder, "inbox.db")}`;
  const inbox = await openInbox(WECHAT_INBOX, { appId: DEFAULT_APP_ID });
  onTestFinished(() => inbox.close());
  const callback = new Callback({
    appId: DEFAULT_APP_ID,
    token: CALLBACK_TOKEN,
    encodingAESKey: AES_KEY,
    inbox,
    onMessage: () => {},
    onError: () => {},
  });
  onTestFinished(() => callback.close());
  const server = createServer(callback.listener).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await simulator.setCallback({
    callback: `http://127.0.0.1:${port}/`,
    callbackToken: CALLBACK_TOKEN,
    encodingAesKey: AES_KEY,
  });
  const environment = {
    WECHAT_APP_ID: DEFAULT_APP_ID,
    WECHAT_APP_SECRET: DEFAULT_APP_SECRET,
    WECHAT_API_BASE_URL: simulator.url,
    WECHAT_INBOX,
    ...env,
  };
  return {
    simulator,
    inbox,
    environment,
    /** A follower writes, and the push has arrived. */
    async writes(text: string, openid = DEFAULT_FOLLOWER) {
      simulator.act(openid, { type: "text", text });
      await simulator.pushed();
    },
    async connect(kind: HostKind) {
      const host = await connectHost(kind, serverWith(environment));
      onTestFinished(() => host.close());
      return host;
    },
  };
}

describe.each(HOST_KINDS)("an agent on the %s client", (kind) => {
  it("waits, reads, answers and waits on, and misses nothing", async () => {
    const { simulator, inbox, writes, connect } = await desk();
    const host = await connect(kind);
    const { structured: before } = await host.call("list_wechat_conversations", {});
    expect(before).toMatchObject({ status: "ok", conversations: [] });

    const waiting = host.call("wait_for_wechat_message", { after: "0" });
    await writes("几点关门？");
    const { structured: came } = await waiting;
    expect(came).toMatchObject({
      status: "received",
      messages: [{ openid: DEFAULT_FOLLOWER, from: "follower", type: "text", text: "几点关门？" }],
    });

    const { structured: conversation } = await host.call("read_wechat_conversation", {
      openid: DEFAULT_FOLLOWER,
      mark_read: true,
    });
    expect(conversation).toMatchObject({ messages: [{ text: "几点关门？" }], unread: 0, window: { state: "open" } });

    const sent = await host.callTool({ openid: DEFAULT_FOLLOWER, text: "九点。" });
    expect(sent.structured).toMatchObject({ status: "sent", delivery: "delivered", window: { replies_left: 4 } });
    expect(simulator.ledger.messages).toMatchObject([{ openid: DEFAULT_FOLLOWER, text: "九点。", ai: true }]);

    await writes("谢谢");
    const { structured: next } = await host.call("wait_for_wechat_message", { after: came.cursor });
    expect(next).toMatchObject({ status: "received", messages: [{ text: "谢谢" }] });

    const { messages } = await inbox.read(DEFAULT_FOLLOWER);
    expect(messages).toMatchObject([
      { direction: "in" },
      { direction: "out", message: { text: "九点。" }, delivery: "delivered" },
      { direction: "in" },
    ]);
  });
});

it("an agent may write to nobody before they write, and WeChat is not called", async () => {
  const { simulator, writes, connect } = await desk();
  simulator.addFollower({ openid: "oOther", window: "open" });
  const host = await connect("v1");
  await writes("hi");
  const refused = await host.callTool({ openid: "oOther", text: "psst" });
  expect(refused).toMatchObject({ isError: true, structured: { code: "WECHAT_MCP_RECIPIENT_DENIED" } });
  expect(await host.callTool({ openid: DEFAULT_FOLLOWER, text: "hello" })).toMatchObject({ isError: false });
  expect(simulator.ledger.messages).toMatchObject([{ openid: DEFAULT_FOLLOWER, text: "hello" }]);
});

it("a wait that the host cancels ends, and the server goes on", async () => {
  const { writes, connect } = await desk();
  const host = await connect("v1");
  const cancelled = new AbortController();
  const waiting = host.call("wait_for_wechat_message", {}, cancelled.signal);
  cancelled.abort();
  await expect(waiting).rejects.toThrow();
  await writes("hi");
  expect((await host.call("list_wechat_conversations", {})).structured).toMatchObject({
    conversations: [{ unread: 1, last: { text: "hi" } }],
  });
});

it.each(["stdin closes", "SIGTERM"])("the server ends when %s while somebody waits", async (how) => {
  const { environment } = await desk();
  const server = startProcess(environment);
  const call = (id: number, name: string) =>
    server.write(JSON.stringify({ jsonrpc: "2.0", id, method: "tools/call", params: { name, arguments: {} } }));
  call(1, "wait_for_wechat_message");
  call(2, "list_wechat_conversations");
  await server.seen("stdout", '"id":2');
  if (how === "SIGTERM") server.child.kill("SIGTERM");
  else server.child.stdin.end();
  const { code, signal, stdout } = await server.ended;
  expect({ code, signal }).toEqual({ code: 0, signal: null });
  expect(stdout).not.toContain('"id":1');
});

it("what is still being sent when the server ends is in the inbox, with what is known of it", async () => {
  const { simulator, inbox, writes, environment } = await desk();
  await writes("hi");
  simulator.inject({ kind: "stall", path: "/cgi-bin/message/custom/send" });
  const server = startProcess(environment);
  const params = { name: "send_wechat_text", arguments: { openid: DEFAULT_FOLLOWER, text: "stalled" } };
  server.write(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params }));
  await expect
    .poll(() => simulator.ledger.calls.some(({ fault }) => fault === "stall"), { timeout: 20_000 })
    .toBe(true);
  server.child.kill("SIGTERM");
  expect(await server.ended).toMatchObject({ code: 0, signal: null, stdout: "" });
  const { messages } = await inbox.read(DEFAULT_FOLLOWER);
  expect(messages.at(-1)).toMatchObject({ direction: "out", message: { text: "stalled" }, delivery: "unknown" });
});

it("a server in read-only mode reads, and cannot be made to send or to mark", async () => {
  const { simulator, inbox, writes, connect } = await desk({
    WECHAT_MCP_READ_ONLY: "on",
    WECHAT_MCP_RECIPIENTS: "*",
    WECHAT_MCP_TOOLS: "send_wechat_text",
  });
  const host = await connect("v2");
  await writes("hi");
  const openid = DEFAULT_FOLLOWER;
  await expect(host.callTool({ openid, text: "no" })).rejects.toThrow();
  const marking = await host.call("read_wechat_conversation", { openid, mark_read: true });
  expect(marking).toMatchObject({ isError: true, structured: { code: "WECHAT_VALIDATION" } });
  const { structured } = await host.call("read_wechat_conversation", { openid });
  expect(structured).toMatchObject({ messages: [{ text: "hi" }], unread: 1 });
  expect(simulator.ledger.messages).toEqual([]);
  expect(await inbox.unreadCount()).toBe(1);
});
