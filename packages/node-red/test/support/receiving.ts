import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import {
  type CallbackOptions,
  DEFAULT_APP_ID,
  DEFAULT_APP_SECRET,
  DEFAULT_FOLLOWER,
  type FollowerAction,
  type Simulator,
} from "@wechat-offiaccount/simulator";
import type { NodeAPI, NodeStatus } from "node-red";
import { onTestFinished } from "vitest";
import { Collector, helper, type Message, NODES, watchStatus } from "./flow.js";

export const TOKEN = "ca11backT0ken";
export const AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
export const PATH = `/wechat/${DEFAULT_APP_ID}`;

/** A node of the test's tab. */
export function place(id: string, type: string, more: object = {}): Record<string, unknown> {
  return { id, z: "tab", x: 0, y: 0, type, ...more };
}

export interface ReceivingOptions {
  simulator: Simulator;
  /** Properties of the account node that differ. */
  account?: Record<string, unknown>;
  /** Credentials of the account node that differ; `undefined` takes one away. */
  credentials?: Record<string, unknown>;
  /** Properties of the receive node that differ. */
  receive?: Record<string, unknown>;
  /** More nodes, with their credentials by id. */
  nodes?: Record<string, unknown>[];
  moreCredentials?: Record<string, object>;
  /** How WeChat pushes; null: it does not. */
  callback?: Partial<CallbackOptions> | null;
  /** Whether the simulator verifies the URL first; default true. Where it is impatient, a busy machine would fail that. */
  verified?: boolean;
}

/**
 * account ← receive → messages, events, and a Catch node → caught, served on a port of its own; the simulator is told
 * where. What `nodes` brings may be wired from `receive` by its `wires`.
 */
export async function startReceiving(options: ReceivingOptions) {
  const { simulator, account, credentials, receive, nodes = [], moreCredentials, callback = {} } = options;
  const flow = [
    { id: "tab", type: "tab", label: "test" },
    { id: "account", type: "wechat-oa-account", appId: DEFAULT_APP_ID, baseUrl: simulator.url, ...account },
    place("receive", "wechat-oa-receive", { account: "account", wires: [["messages"], ["events"]], ...receive }),
    place("messages", "helper"),
    place("events", "helper"),
    place("catcher", "catch", { scope: null, wires: [["caught"]] }),
    place("caught", "helper"),
    ...nodes,
  ];
  const secrets = {
    account: { appSecret: DEFAULT_APP_SECRET, callbackToken: TOKEN, encodingAESKey: AES_KEY, ...credentials },
    ...moreCredentials,
  };
  const collect = (id: string) => {
    const collector = new Collector<Message & { openid: string }>();
    helper.getNode(id).on("input", (msg) => collector.push(msg as Message & { openid: string }));
    return collector;
  };
  const apis: NodeAPI[] = [];
  const collected = new Map<string, ReturnType<typeof collect>>();
  // What comes from before a restart comes as soon as the flows run.
  const onLoad = (api: NodeAPI) => {
    apis.push(api);
    api.events.once("flows:started", () => {
      for (const id of ["messages", "events", "caught"]) collected.set(id, collect(id));
    });
  };
  await helper.load([...NODES, onLoad], flow, secrets);
  const RED = apis[0]!;
  const { url, close } = await serve(RED.httpNode as unknown as RequestListener);
  onTestFinished(close);
  if (callback) {
    const settings = { callback: url + PATH, callbackToken: TOKEN, encodingAesKey: AES_KEY, ...callback };
    if (options.verified ?? true) await simulator.setCallback(settings);
    else simulator.addAccount({ appId: DEFAULT_APP_ID, secret: DEFAULT_APP_SECRET, ...settings });
  }
  return {
    RED,
    flow,
    secrets,
    url,
    messages: collected.get("messages")!,
    events: collected.get("events")!,
    caught: collected.get("caught")!,
    collect,
    /** The follower does something; resolves when WeChat has its answer. */
    push: async (action: FollowerAction) => {
      const { pushId } = simulator.act(DEFAULT_FOLLOWER, action);
      await simulator.pushed();
      return simulator.ledger.pushes.find(({ id }) => id === pushId)!;
    },
  };
}

export async function serve(listener: RequestListener) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server, close };
}

/** What the node shows now. */
export function statusOf(id: string): NodeStatus | undefined {
  return watchStatus(helper.getNode(id), () => {}).at(-1);
}
