import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WeChatClient } from "@wechat-offiaccount/core";
import { createSimulator, DEFAULT_FOLLOWER, type Simulator } from "@wechat-offiaccount/simulator";
import { demoAccount } from "./account.js";
import { startAgent } from "./agent.js";
import { type McpServer, startMcp } from "./mcp.js";
import { type NodeRed, startNodeRed } from "./node-red.js";
import type { Service } from "./service.js";

/** The local WeChat, and the three doors to it. */
export interface Demo {
  readonly simulator: Simulator;
  readonly client: WeChatClient;
  readonly nodeRed: NodeRed;
  readonly mcp: McpServer;
}

/**
 * Starts all of it: Node-RED answers frequent questions, an agent behind the MCP server answers who asks for it.
 * @param keep gets what has to be closed, the last first
 * @param onError gets why the agent could not answer
 */
export async function startDemo(keep: (service: Service) => void, onError: (words: string) => void): Promise<Demo> {
  const folder = await mkdtemp(join(tmpdir(), "wechat-demo-"));
  keep({ close: () => rm(folder, { recursive: true, force: true }) });
  const simulator = await onPort(8787, (port) => createSimulator({ port }));
  keep(simulator);
  const account = demoAccount(folder, simulator.url);
  const { callbackToken, encodingAESKey, env } = account;
  const client = new WeChatClient({
    appId: env.WECHAT_APP_ID,
    appSecret: env.WECHAT_APP_SECRET,
    baseUrl: env.WECHAT_API_BASE_URL,
  });
  keep(client);
  const nodeRed = await onPort(1880, (port) => startNodeRed(port, account, keep));
  await simulator.setCallback({ callback: nodeRed.callback, callbackToken, encodingAesKey: encodingAESKey });
  const mcp = await onPort(9967, (port) => startMcp(port, account, keep));
  keep(startAgent(mcp, onError));
  // The phone begins with a welcome.
  simulator.addFollower({ openid: DEFAULT_FOLLOWER, subscribed: false });
  simulator.act(DEFAULT_FOLLOWER, { type: "follow" });
  await simulator.pushed();
  return { simulator, client, nodeRed, mcp };
}

/** The usual port where it is free, else any: the demo must not fail because something else runs. */
async function onPort<T>(port: number, start: (port: number) => Promise<T>): Promise<T> {
  return start(port).catch((error) => {
    if (!/EADDRINUSE|EACCES|is taken/.test(String(error))) throw error;
    return start(0);
  });
}
