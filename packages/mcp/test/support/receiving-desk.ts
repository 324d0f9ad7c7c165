import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Callback, openInbox } from "@wechat-offiaccount/core";
import {
  type AccountOptions,
  createSimulator,
  DEFAULT_APP_ID,
  DEFAULT_APP_SECRET,
  DEFAULT_FOLLOWER,
  type FollowerAction,
} from "@wechat-offiaccount/simulator";
import { onTestFinished } from "vitest";
import { connectHost, type HostKind, serverWith } from "./host.js";

const CALLBACK_TOKEN = "ca11backT0ken";
const AES_KEY = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ";

/** A local WeChat, and a program that receives its pushes into the inbox file that the server reads too. */
export async function receivingDesk(env: Record<string, string> = {}, account: Partial<AccountOptions> = {}) {
  const simulator = await createSimulator({
    accounts: [{ appId: DEFAULT_APP_ID, secret: DEFAULT_APP_SECRET, ...account }],
  });
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
  /** A follower does something, and the push has arrived. */
  async function acts(action: FollowerAction, openid = DEFAULT_FOLLOWER) {
    simulator.act(openid, action);
    await simulator.pushed();
  }
  return {
    simulator,
    inbox,
    environment,
    acts,
    /** A follower writes, and the push has arrived. */
    writes: (text: string, openid?: string) => acts({ type: "text", text }, openid),
    async connect(kind: HostKind) {
      const host = await connectHost(kind, serverWith(environment));
      onTestFinished(() => host.close());
      return host;
    },
  };
}
