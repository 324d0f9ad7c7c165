import { DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";
import { describe, expect, it } from "vitest";
import { HOST_KINDS, STARTED, startProcess } from "./support/host.js";
import { receivingDesk } from "./support/receiving-desk.js";

describe.each(HOST_KINDS)("an agent on the %s client", (kind) => {
  it("waits, reads, answers and waits on, and misses nothing", async () => {
    const { simulator, inbox, writes, connect } = await receivingDesk();
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
  const { simulator, writes, connect } = await receivingDesk();
  simulator.addFollower({ openid: "oOther", window: "open" });
  const host = await connect("v1");
  await writes("hi");
  const refused = await host.callTool({ openid: "oOther", text: "psst" });
  expect(refused).toMatchObject({ isError: true, structured: { code: "WECHAT_MCP_RECIPIENT_DENIED" } });
  expect(await host.callTool({ openid: DEFAULT_FOLLOWER, text: "hello" })).toMatchObject({ isError: false });
  expect(simulator.ledger.messages).toMatchObject([{ openid: DEFAULT_FOLLOWER, text: "hello" }]);
});

it("a wait that the host cancels ends, and the server goes on", async () => {
  const { writes, connect } = await receivingDesk();
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
  const { environment } = await receivingDesk();
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
  const answers = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(answers.find(({ id }) => id === 1)).toMatchObject({ result: { structuredContent: { status: "nothing" } } });
});

it("what is still being sent when the server ends is in the inbox, with what is known of it", async () => {
  const { simulator, inbox, writes, environment } = await receivingDesk();
  await writes("hi");
  simulator.inject({ kind: "stall", path: "/cgi-bin/message/custom/send" });
  const server = startProcess(environment);
  const params = { name: "send_wechat_text", arguments: { openid: DEFAULT_FOLLOWER, text: "stalled" } };
  server.write(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params }));
  await expect.poll(() => simulator.ledger.calls.some(({ fault }) => fault === "stall"), STARTED).toBe(true);
  server.child.kill("SIGTERM");
  expect(await server.ended).toMatchObject({ code: 0, signal: null, stdout: "" });
  const { messages } = await inbox.read(DEFAULT_FOLLOWER);
  expect(messages.at(-1)).toMatchObject({ direction: "out", message: { text: "stalled" }, delivery: "unknown" });
});

it("a send that is nearly done when the server is asked to end is done, and told as it is", async () => {
  const { simulator, inbox, writes, environment } = await receivingDesk();
  await writes("hi");
  simulator.inject({ kind: "slow", path: "/cgi-bin/message/custom/send", delayMs: 300 });
  const server = startProcess(environment);
  const params = { name: "send_wechat_text", arguments: { openid: DEFAULT_FOLLOWER, text: "slow" } };
  server.write(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params }));
  await expect.poll(() => simulator.ledger.calls.some(({ fault }) => fault === "slow"), STARTED).toBe(true);
  server.child.kill("SIGTERM");
  const { code, stdout } = await server.ended;
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ id: 1, result: { structuredContent: { delivery: "delivered" } } });
  const { messages } = await inbox.read(DEFAULT_FOLLOWER);
  expect(messages.at(-1)).toMatchObject({ message: { text: "slow" }, delivery: "delivered" });
});

it("a server in read-only mode reads, and cannot be made to send or to mark", async () => {
  const { simulator, inbox, writes, connect } = await receivingDesk({
    WECHAT_MCP_READ_ONLY: "on",
    WECHAT_MCP_RECIPIENTS: "*",
    WECHAT_MCP_TOOLS: "send_wechat_message,send_wechat_template,set_wechat_typing,transfer_to_human",
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
