import { createSimulator, DEFAULT_APP_ID, DEFAULT_FOLLOWER, type Simulator } from "@wechat-offiaccount/simulator";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { TestResult } from "../src/lib/connection-test.js";
import { NodeRed } from "./support/node-red.js";
import { proxyServer } from "./support/proxy.js";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
const RUNTIMES = ["node-red", ...(major > 22 || (major === 22 && minor >= 9) ? ["node-red-5"] : [])];

const PATH = "/wechat-oa-account/test";
const SECRET = "5ec4e75e471e15ec4e75e471e1000000";
const REDIS = "redis://user:r3dis-sent1nel@127.0.0.1:1/0";
/** How a setting names an environment variable. */
const variable = (name: string) => `\${${name}}`;

describe.each(RUNTIMES)("who may test a connection on %s", (runtime) => {
  // bcrypt of the password, with few rounds.
  const PASSWORD = "of the test";
  const password = "$2b$04$guKjSZ/bwhY/9n6OsTj1dOYwEBCWusb0I.LDDM8awSdjkMTLwEWVa";
  let nodeRed: NodeRed;
  beforeAll(async () => {
    const users = [
      { username: "reader", permissions: "read", password },
      { username: "deployer", permissions: ["flows.read", "flows.write"], password },
      { username: "tester", permissions: ["wechat-oa-account.write"], password },
      { username: "owner", permissions: "*", password },
    ];
    nodeRed = await NodeRed.start({ runtime, settings: { adminAuth: { type: "credentials", users } } });
  });
  afterAll(() => nodeRed.discard());

  it.each([
    [undefined, 401],
    ["reader", 401],
    ["deployer", 401],
    ["tester", 200],
    ["owner", 200],
  ])("%s: %i", async (username, status) => {
    const login = { client_id: "node-red-editor", grant_type: "password", scope: "", username, password: PASSWORD };
    const { body } = username ? await nodeRed.post("/auth/token", login) : { body: "{}" };
    const { access_token: token } = JSON.parse(body);
    const headers = token ? { authorization: `Bearer ${token}` } : undefined;
    const answer = await nodeRed.post(PATH, { dialog: "1", appId: "" }, headers);
    expect(answer.status).toBe(status);
    if (status !== 200) expect(answer.body).not.toContain("AppID");
  });
});

describe.each(RUNTIMES)("the secrets of an account on %s", (runtime) => {
  let simulator: Simulator;
  let nodeRed: NodeRed;
  beforeAll(async () => {
    simulator = await createSimulator({ accounts: [{ appId: DEFAULT_APP_ID, secret: SECRET }], replyQuota: false });
    nodeRed = await NodeRed.start({ runtime, env: { TEST_SECRET: SECRET, TEST_REDIS: REDIS } });
  });
  afterAll(async () => {
    await nodeRed.stop();
    await simulator.close();
  });

  it("are in no answer, file, log or status, though all of them are used", async () => {
    const { host, asked } = await proxyServer();
    const secrets = { appSecret: variable("TEST_SECRET"), redisUrl: variable("TEST_REDIS") };
    const proxy = `http://user:pr0xy-sent1nel@${host}`;
    const account = {
      id: "account",
      type: "wechat-oa-account",
      appId: DEFAULT_APP_ID,
      baseUrl: simulator.url,
      inboxType: "redis",
      credentials: { ...secrets, proxy, callbackToken: "t0kensent1nel", encodingAESKey: `${"sent1nel".repeat(5)}abc` },
    };
    const place = (id: string, type: string, more: object) => ({ id, z: "tab", x: 1, y: 1, type, ...more });
    await nodeRed.deploy([
      { id: "tab", type: "tab", label: "test" },
      account,
      place("in", "http in", { url: "/send", method: "post", wires: [["take"]] }),
      place("take", "change", {
        rules: [
          { t: "set", p: "openid", pt: "msg", to: "payload.openid", tot: "msg" },
          { t: "set", p: "payload", to: "hi", tot: "str" },
        ],
        wires: [["send"]],
      }),
      place("send", "wechat-oa-send", { account: "account", wires: [["answer"]] }),
      place("answer", "http response", { wires: [] }),
      place("watch", "status", { scope: null, wires: [["log"]] }),
      place("log", "debug", { complete: "true", console: true, tosidebar: true }),
    ]);
    expect((await nodeRed.post("/flow/send", { openid: DEFAULT_FOLLOWER })).body).toContain('"errcode":0');
    expect(asked).not.toEqual([]);

    const stored = Object.fromEntries(Object.keys(account.credentials).map((field) => [field, "__PWRD__"]));
    const { credentials: _typed, ...settings } = account;
    const test = await nodeRed.post(PATH, { ...settings, ...stored, dialog: "1" });
    const { lines }: TestResult = JSON.parse(test.body);
    expect(lines.find(({ title }) => title.en.startsWith("AppID"))).toMatchObject({ status: "ok" });
    expect(lines.at(-1)).toMatchObject({ status: "failed", title: { en: "Redis connection" } });

    const credentials = await nodeRed.get("/credentials/wechat-oa-account/account");
    expect(Object.keys(JSON.parse(credentials)).every((field) => field.startsWith("has_"))).toBe(true);
    expect(nodeRed.log).toContain("Redis: connect ECONNREFUSED");
    const shown = [test.body, credentials, await nodeRed.get("/flows"), await nodeRed.get("/settings")];
    shown.push(await nodeRed.file("flows.json"), nodeRed.log);
    for (const text of shown) {
      expect(text).not.toMatch(/sent1nel/);
      expect(text).not.toContain(SECRET);
    }
  });

  it("tells the dialog whether WeChat gets through", async () => {
    expect(JSON.parse(await nodeRed.get("/settings"))).toMatchObject({
      wechatOaAccountCallback: "ready",
      httpNodeRoot: "/flow",
    });
    const closed = await NodeRed.start({ runtime, settings: { httpNodeAuth: { user: "u", pass: "p" } } });
    onTestFinished(() => closed.stop());
    expect(JSON.parse(await closed.get("/settings"))).toMatchObject({ wechatOaAccountCallback: "behindPassword" });
  });
});
