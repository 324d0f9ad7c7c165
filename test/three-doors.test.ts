import { createRequire } from "node:module";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { RAPID_RETRY, WeChatClient, WeChatError } from "@wechat-offiaccount/core";
import { DEFAULT_APP_ID, DEFAULT_APP_SECRET, DEFAULT_FOLLOWER, type Simulator } from "@wechat-offiaccount/simulator";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { simulated } from "./support/desk.js";

const require = createRequire(import.meta.url);

/** What a door tells of a failed send, under the names of core's error. */
interface Told {
  code: string;
  errcode?: number;
  rid?: string;
  delivery: string;
  remedy: { en: string; zh: string };
}

/** Sends one text; returns what the door tells, or undefined if it says that the text was delivered. */
type Door = (appSecret: string, baseUrl: string, openid: string, text: string) => Promise<Told | undefined>;

const code: Door = async (appSecret, baseUrl, openid, text) => {
  const client = new WeChatClient({ appId: DEFAULT_APP_ID, appSecret, baseUrl, busyRetry: RAPID_RETRY });
  onTestFinished(() => client.close());
  try {
    await client.messages.sendText(openid, text);
    return undefined;
  } catch (error) {
    if (!(error instanceof WeChatError)) throw error;
    return error as unknown as Told;
  }
};

const mcp: Door = async (appSecret, baseUrl, openid, text) => {
  const client = new Client({ name: "test", version: "1" });
  const env = {
    PATH: process.env.PATH ?? "",
    WECHAT_APP_ID: DEFAULT_APP_ID,
    WECHAT_APP_SECRET: appSecret,
    WECHAT_API_BASE_URL: baseUrl,
    WECHAT_MCP_RECIPIENTS: "*",
  };
  const args = [require.resolve("@wechat-offiaccount/mcp").replace(/index\.js$/, "cli.js")];
  await client.connect(new StdioClientTransport({ command: process.execPath, args, env, stderr: "ignore" }));
  onTestFinished(() => client.close());
  const result = await client.callTool({ name: "send_wechat_text", arguments: { openid, text } });
  if (!result.isError) return undefined;
  const told = result.structuredContent as Omit<Told, "remedy"> & { remedy_en: string; remedy_zh: string };
  return { ...told, remedy: { en: told.remedy_en, zh: told.remedy_zh } };
};

interface Helper {
  init(runtime: string): void;
  startServer(): Promise<void>;
  stopServer(): Promise<void>;
  load(nodes: unknown[], flow: object[], credentials: object): Promise<void>;
  unload(): Promise<void>;
  getNode(id: string): NodeJS.EventEmitter & { receive(msg: object): void };
}
const helper = require("node-red-node-test-helper") as Helper;
const nodeFile = (type: string) => require(`@wechat-offiaccount/node-red/dist/nodes/${type}.js`).default as unknown;

const nodeRed: Door = async (appSecret, baseUrl, openid, text) => {
  // A node without a place is none of a flow's nodes for Node-RED, and no Catch node hears of it.
  const at = { z: "tab", x: 0, y: 0 };
  const flow = [
    { id: "tab", type: "tab", label: "test" },
    { id: "account", type: "wechat-oa-account", appId: DEFAULT_APP_ID, baseUrl, tokenSource: "stable" },
    { id: "send", ...at, type: "wechat-oa-send", account: "account", wires: [["sent"]] },
    { id: "catch", ...at, type: "catch", scope: ["send"], wires: [["caught"]] },
    { id: "sent", ...at, type: "helper" },
    { id: "caught", ...at, type: "helper" },
  ];
  await helper.load([nodeFile("wechat-oa-account"), nodeFile("wechat-oa-send")], flow, { account: { appSecret } });
  onTestFinished(() => helper.unload());
  type Ended = { wechat: { delivery: string; error?: Omit<Told, "delivery"> } };
  const ended = new Promise<Ended>((resolve) => {
    for (const id of ["sent", "caught"]) helper.getNode(id).once("input", resolve);
  });
  helper.getNode("send").receive({ openid, payload: text });
  const { wechat } = await ended;
  return wechat.error && { ...wechat.error, delivery: wechat.delivery };
};

beforeAll(async () => {
  helper.init(require.resolve("node-red"));
  await helper.startServer();
});
afterAll(() => helper.stopServer());

const doors: [string, Door][] = [
  ["code", code],
  ["Node-RED", nodeRed],
  ["MCP", mcp],
];

interface Situation {
  name: string;
  prepare?: (simulator: Simulator) => void;
  appSecret?: string;
  openid?: string;
  text?: string;
  expected: { code: string; errcode?: number };
}

const situations: Situation[] = [
  { name: "a wrong secret", appSecret: "f".repeat(32), expected: { code: "WECHAT_CREDENTIAL", errcode: 40125 } },
  {
    name: "an IP address that is not in the white list",
    prepare: (simulator) =>
      simulator.addAccount({ appId: DEFAULT_APP_ID, secret: DEFAULT_APP_SECRET, ipWhitelist: ["192.0.2.1"] }),
    expected: { code: "WECHAT_PERMISSION", errcode: 40164 },
  },
  { name: "an unknown openid", openid: "oUnknown", expected: { code: "WECHAT_RECIPIENT", errcode: 40003 } },
  { name: "an empty text", text: "", expected: { code: "WECHAT_VALIDATION" } },
  { name: "a text of more than 5 × 2048 bytes", text: "x".repeat(10_241), expected: { code: "WECHAT_VALIDATION" } },
  {
    name: "a closed window",
    prepare: (simulator) => simulator.addFollower({ openid: DEFAULT_FOLLOWER, window: "closed" }),
    expected: { code: "WECHAT_REPLY_WINDOW", errcode: 45015 },
  },
];

describe.each(doors)("through %s", (_, door) => {
  it("a text with Chinese and an emoji arrives byte for byte", async () => {
    const simulator = await simulated();
    const text = '你好 😀👩‍👩‍👧‍👦 "quoted" \\n <a href="https://example.com">x</a>\nsecond line';
    expect(await door(DEFAULT_APP_SECRET, simulator.url, DEFAULT_FOLLOWER, text)).toBeUndefined();
    expect(simulator.ledger.messages.map((message) => message.text)).toEqual([text]);
  });

  it("a text of 3,000 bytes arrives as two parts, in order", async () => {
    const simulator = await simulated();
    const text = "一二三四五".repeat(200);
    expect(await door(DEFAULT_APP_SECRET, simulator.url, DEFAULT_FOLLOWER, text)).toBeUndefined();
    const parts = simulator.ledger.messages.map((message) => message.text);
    expect(parts).toHaveLength(2);
    expect(parts.join("")).toBe(text);
  });

  it.each(situations)("$name: the right class, a remedy in both languages, nothing sent", async (situation) => {
    const simulator = await simulated();
    situation.prepare?.(simulator);
    const { appSecret = DEFAULT_APP_SECRET, openid = DEFAULT_FOLLOWER, text = "你好", expected } = situation;
    const told = await door(appSecret, simulator.url, openid, text);
    expect(told).toMatchObject({ ...expected, delivery: "not-delivered" });
    expect(told?.remedy.en).toMatch(/[a-z]/);
    expect(told?.remedy.zh).toMatch(/\p{Script=Han}/u);
    if (expected.errcode === undefined) expect(told).not.toHaveProperty("errcode");
    else expect(told?.rid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}$/);
    if (expected.errcode === 40164) expect(told?.remedy.en).toContain("Add 127.0.0.1 to");
    expect(simulator.ledger.messages).toEqual([]);
  });
});
