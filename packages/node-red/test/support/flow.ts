import { createRequire } from "node:module";
import { DEFAULT_APP_ID, DEFAULT_APP_SECRET, DEFAULT_FOLLOWER, type Simulator } from "@wechat-offiaccount/simulator";
import type { Node, NodeMessage, NodeStatus } from "node-red";
import type { FailureDetails } from "../../src/lib/failure.js";

// Nodes are tested as they are published: the built CommonJS files, loaded by require as Node-RED 4 does.
const require = createRequire(import.meta.url);

interface Helper {
  init(runtimePath: string): void;
  settings(settings: object): void;
  load(modules: unknown[], flow: object[], credentials: object): Promise<void>;
  unload(): Promise<void>;
  getNode(id: string): Node;
  clearFlows(): Promise<void>;
  setFlows(flow: object[], type: "full" | "nodes" | "flows", credentials: object): Promise<void>;
  startServer(): Promise<void>;
  stopServer(): Promise<void>;
  /** Asks the admin side. */
  request(): { post(path: string): AdminRequest };
  log(): { args: [{ level: number; msg: unknown; type?: string }][] };
}

interface AdminRequest extends Promise<{ status: number; text: string; headers: Record<string, string> }> {
  send(body: object): AdminRequest;
  type(kind: "form"): AdminRequest;
}

export const helper: Helper = require("node-red-node-test-helper");
helper.init(require.resolve("node-red"));

export const NODES = ["wechat-oa-account", "wechat-oa-conversation", "wechat-oa-receive", "wechat-oa-send"].map(
  (type) => {
    const file: { default: unknown } = require(`../../dist/nodes/${type}.js`);
    return file.default;
  },
);

export type Message = NodeMessage & {
  error?: { message: string; code?: string; cause?: Record<string, unknown>; stack?: string };
  wechat?: {
    delivery: string;
    parts: { index: number; delivery: string; errcode?: number }[];
    way?: string;
    error?: FailureDetails;
    [fact: string]: unknown;
  };
};

/** Collects what arrives, and lets a test wait for it. Assertions belong outside: the runtime swallows those inside. */
export class Collector<T> {
  readonly items: T[] = [];
  #waiting: { count: number; resolve: () => void }[] = [];

  push(item: T): void {
    this.items.push(item);
    this.#waiting = this.#waiting.filter(({ count, resolve }) => {
      if (this.items.length < count) return true;
      resolve();
      return false;
    });
  }

  async wait(count = 1): Promise<T[]> {
    if (this.items.length < count) {
      await new Promise<void>((resolve) => this.#waiting.push({ count, resolve }));
    }
    return this.items;
  }

  async first(): Promise<T> {
    const [item] = await this.wait(1);
    return item as T;
  }
}

export interface FlowOptions {
  simulator?: Simulator;
  /** Properties of the account node that differ; null: there is no account node. */
  account?: Record<string, unknown> | null;
  credentials?: Record<string, unknown>;
  /** Properties of the send node that differ. */
  send?: Record<string, unknown>;
  /** More nodes. */
  nodes?: object[];
}

/** account ← send → out, and a Catch node → caught. */
export async function startFlow({ simulator, account = {}, credentials, send = {}, nodes = [] }: FlowOptions = {}) {
  const flow = [
    { id: "tab", type: "tab", label: "test" },
    ...(account === null
      ? []
      : [
          {
            id: "account",
            type: "wechat-oa-account",
            appId: DEFAULT_APP_ID,
            baseUrl: simulator?.url ?? "",
            ...account,
          },
        ]),
    {
      id: "send",
      z: "tab",
      x: 0,
      y: 0,
      type: "wechat-oa-send",
      account: "account",
      recipient: "openid",
      recipientType: "msg",
      content: "payload",
      contentType: "msg",
      split: true,
      aiGenerated: false,
      customerServiceAccount: "",
      wires: [["out"]],
      ...send,
    },
    { id: "out", z: "tab", x: 0, y: 0, type: "helper" },
    { id: "catcher", z: "tab", x: 0, y: 0, type: "catch", scope: null, wires: [["caught"]] },
    { id: "caught", z: "tab", x: 0, y: 0, type: "helper" },
    ...nodes,
  ];
  const secrets = credentials ?? { appSecret: DEFAULT_APP_SECRET };
  await helper.load(NODES, flow, account === null ? {} : { account: secrets });
  const out = new Collector<Message>();
  const caught = new Collector<Message>();
  const statuses = new Collector<NodeStatus>();
  helper.getNode("out").on("input", (msg) => out.push(msg));
  helper.getNode("caught").on("input", (msg) => caught.push(msg as Message));
  const node = helper.getNode("send");
  for (const shown of watchStatus(node, (status) => statuses.push(status))) statuses.push(shown);
  return { node, out, caught, statuses, receive: (msg: object) => node.receive({ openid: DEFAULT_FOLLOWER, ...msg }) };
}

/** @returns what the node has shown before; what it shows from now on goes to `show` */
export function watchStatus(node: Node, show: (status: NodeStatus) => void): NodeStatus[] {
  node.on("call:status" as "input", (call) => show((call as unknown as { firstArg: NodeStatus }).firstArg));
  const spy = node.status as unknown as { getCalls(): { thisValue: Node; firstArg: NodeStatus }[] };
  return spy.getCalls().flatMap((call) => (call.thisValue === node ? call.firstArg : []));
}

/** Everything that went to the runtime's log, as text. */
export function logged(): string {
  return helper
    .log()
    .args.map(([entry]) => (entry.msg instanceof Error ? `${entry.msg.stack}` : String(entry.msg)))
    .join("\n");
}
