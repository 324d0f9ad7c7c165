import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Inbox } from "@wechat-offiaccount/core";
import { createSimulator, DEFAULT_APP_ID, DEFAULT_APP_SECRET, DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";
import { describe, expect, it, onTestFinished } from "vitest";
import { openCallbacks } from "../src/transports/callbacks.js";
import { serveOverHttp } from "../src/transports/http.js";
import { HttpAccess } from "../src/transports/http-access.js";
import { connectHttp, HOST_KINDS } from "./support/host.js";
import { ask, startHttp, TOKEN } from "./support/http.js";

const CALLBACK_TOKEN = "ca11backT0ken";
const AES_KEY = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ";
const ACCOUNT = { WECHAT_APP_ID: DEFAULT_APP_ID, WECHAT_APP_SECRET: DEFAULT_APP_SECRET };

/** A local WeChat that pushes to a server which answers, all in one process and its memory. */
async function desk(env: Record<string, string | undefined> = {}) {
  const simulator = await createSimulator();
  onTestFinished(() => simulator.close());
  const server = await startHttp(
    {
      ...ACCOUNT,
      WECHAT_API_BASE_URL: simulator.url,
      WECHAT_INBOX: "memory",
      WECHAT_CALLBACK_TOKEN: CALLBACK_TOKEN,
      WECHAT_ENCODING_AES_KEY: AES_KEY,
      ...env,
    },
    ["--callback-path", "/wechat"],
  );
  await simulator.setCallback({
    callback: `${server.origin}/wechat`,
    callbackToken: CALLBACK_TOKEN,
    ...(env.WECHAT_CALLBACK_MODE !== "plain" && { encodingAesKey: AES_KEY }),
  });
  return {
    simulator,
    server,
    /** A follower writes, and the push was answered. */
    async writes(text: string) {
      simulator.act(DEFAULT_FOLLOWER, { type: "text", text });
      await simulator.pushed();
    },
  };
}

describe.each(HOST_KINDS)("an agent on the %s client", (kind) => {
  it("waits for what WeChat pushes to the same process, and answers", async () => {
    const { simulator, server, writes } = await desk();
    const host = await connectHttp(kind, server.url, TOKEN);
    onTestFinished(() => host.close());
    const openid = DEFAULT_FOLLOWER;
    expect(await host.callTool({ openid, text: "too early" })).toMatchObject({
      structured: { code: "WECHAT_MCP_RECIPIENT_DENIED" },
    });

    const waiting = host.call("wait_for_wechat_message", { after: "0" });
    await writes("几点关门？");
    expect((await waiting).structured).toMatchObject({
      status: "received",
      messages: [{ openid, type: "text", text: "几点关门？" }],
    });
    const sent = await host.callTool({ openid, text: "九点。" });
    expect(sent.structured).toMatchObject({ delivery: "delivered", window: { replies_left: 4 } });
    expect(simulator.ledger.messages).toMatchObject([{ openid, text: "九点。", ai: true }]);
    expect(server.output.stdout).toBe("");
  });
});

it("the start says what to enter at WeChat, and does not say that nothing is received", async () => {
  const { server } = await desk();
  expect(server.output.stderr).toContain(`${server.origin}/wechat`);
  expect(server.output.stderr).toContain("http(s)://YOUR-PUBLIC-NAME/wechat");
  expect(server.output.stderr).toContain("安全模式");
  expect(server.output.stderr).not.toContain("receives nothing by itself");
  for (const secret of [CALLBACK_TOKEN, AES_KEY, TOKEN]) expect(server.output.stderr).not.toContain(secret);
});

it("plain mode has to be asked for, and the start says that it protects nothing", async () => {
  const { server, writes } = await desk({ WECHAT_CALLBACK_MODE: "plain", WECHAT_ENCODING_AES_KEY: undefined });
  expect(server.output.stderr).toContain("明文模式：消息内容不受保护");
  await writes("hi");
  const host = await connectHttp("v1", server.url, TOKEN);
  onTestFinished(() => host.close());
  expect((await host.call("list_wechat_conversations", {})).structured).toMatchObject({
    conversations: [{ unread: 1, last: { text: "hi" } }],
  });
});

it("whoever is not WeChat is refused there, by signature and not by name, and that is logged once", async () => {
  const { server } = await desk();
  const path = "/wechat?msg_signature=0123456789abcdef&timestamp=1500000000&nonce=sentinel";
  const asking = {
    path,
    headers: { host: "wechat.example.com", authorization: undefined },
    body: "<xml>sentinel</xml>",
  };
  for (let time = 0; time < 20; time++) expect((await ask(server.port, asking)).status).toBe(403);
  expect((await ask(server.port, { ...asking, path: "/wechat" })).status).toBe(400);
  await server.seen("stderr", "missing-parameter");
  expect(server.output.stderr.match(/was refused: clock/g)).toHaveLength(1);
  expect(server.output.stderr).toMatch(/时钟/);
  expect(server.output.stderr).not.toContain("sentinel");
  // MCP keeps its own checks.
  expect((await ask(server.port, { ...asking, path: "/mcp" })).status).toBe(403);
});

it("several accounts have paths of their own, and each inbox gets what is its own", async () => {
  const simulator = await createSimulator();
  onTestFinished(() => simulator.close());
  const other = { appId: "wxaaaaaaaaaaaaaaaa", secret: "a".repeat(32) };
  simulator.addAccount(other);
  const inboxes = [DEFAULT_APP_ID, other.appId].map((appId) => new Inbox({ appId }));
  const log: string[] = [];
  const settings = { token: CALLBACK_TOKEN, encodingAESKey: AES_KEY, mode: "safe" as const };
  const callbacks = openCallbacks(
    inboxes.map((inbox, index) => ({ ...settings, inbox, account: `account-${index}`, path: `/wechat/${index}` })),
    (line) => log.push(line),
  );
  const access = new HttpAccess({ host: "127.0.0.1", allowedHosts: [], token: TOKEN });
  const neverAsked = () => {
    throw new Error("MCP was not asked for");
  };
  const connection = await serveOverHttp(neverAsked, {
    host: "127.0.0.1",
    port: 0,
    access,
    callbacks: callbacks.paths,
  });
  onTestFinished(async () => {
    await connection.close(0);
    await callbacks.close();
    for (const inbox of inboxes) await inbox.close();
  });
  const push = async (index: number) => {
    const callback = `http://127.0.0.1:${connection.port}/wechat/${index}`;
    await simulator.setCallback({ callback, callbackToken: CALLBACK_TOKEN, encodingAesKey: AES_KEY });
    simulator.act(DEFAULT_FOLLOWER, { type: "text", text: `to ${index}` });
    await simulator.pushed();
  };
  await push(0);
  expect(await inboxes[0]?.unreadCount()).toBe(1);
  // Encrypted for another account.
  await push(1);
  expect(await inboxes[1]?.unreadCount()).toBe(0);
  expect(log.join()).toContain("/wechat/1 was refused: foreign-app");
  // Whoever else comes by does not hide it, and the next push of WeChat's ends it.
  await ask(connection.port, { path: "/wechat/1", body: "<xml/>" });
  expect(callbacks.lastRefusal("account-1")).toMatchObject({ reason: "foreign-app" });
  expect(callbacks.lastRefusal("account-0")).toBeUndefined();
  await ask(connection.port, { path: "/wechat/0", body: "<xml/>" });
  expect(callbacks.lastRefusal("account-0")).toMatchObject({ reason: "missing-parameter" });
  await push(0);
  expect(callbacks.lastRefusal("account-0")).toBeUndefined();
});

it("the server with an accounts file puts each account's pushes into its own inbox", async () => {
  const simulator = await createSimulator({
    accounts: [
      { appId: DEFAULT_APP_ID, secret: DEFAULT_APP_SECRET },
      { appId: "wxaaaaaaaaaaaaaaaa", secret: DEFAULT_APP_SECRET },
    ],
  });
  onTestFinished(() => simulator.close());
  const folder = await mkdtemp(join(tmpdir(), "wechat-mcp-pushes-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const entry = (appId: string) => ({ WECHAT_APP_ID: appId, WECHAT_APP_SECRET: DEFAULT_APP_SECRET });
  const file = join(folder, "accounts.json");
  await writeFile(file, JSON.stringify({ shop: entry(DEFAULT_APP_ID), help: entry("wxaaaaaaaaaaaaaaaa") }));
  const { origin, url } = await startHttp(
    {
      WECHAT_ACCOUNTS_FILE: file,
      WECHAT_API_BASE_URL: simulator.url,
      WECHAT_INBOX: "memory",
      WECHAT_CALLBACK_TOKEN: CALLBACK_TOKEN,
      WECHAT_ENCODING_AES_KEY: AES_KEY,
    },
    ["--callback-path", "/wechat/"],
  );
  await simulator.setCallback({
    callback: `${origin}/wechat/shop`,
    callbackToken: CALLBACK_TOKEN,
    encodingAesKey: AES_KEY,
  });
  simulator.act(DEFAULT_FOLLOWER, { type: "text", text: "for the shop" });
  await simulator.pushed();
  const host = await connectHttp("v2", url, TOKEN);
  onTestFinished(() => host.close());
  const conversations = async (account: string) =>
    (await host.call("list_wechat_conversations", { account })).structured.conversations;
  expect(await conversations("shop")).toMatchObject([{ last: { text: "for the shop" } }]);
  expect(await conversations("help")).toEqual([]);
});
