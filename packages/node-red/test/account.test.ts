import { createSimulator, DEFAULT_APP_SECRET, type Simulator } from "@wechat-offiaccount/simulator";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { accountOf } from "../src/lib/account.js";
import { type FlowOptions, helper, logged, startFlow } from "./support/flow.js";
import { proxyServer } from "./support/proxy.js";

/** How a setting names an environment variable. */
const variable = (name: string) => `\${${name}}`;

let simulator: Simulator;
beforeAll(async () => {
  simulator = await createSimulator({ replyQuota: false });
});
afterAll(() => simulator.close());
afterEach(() => helper.unload());

describe("a send node without a usable account", () => {
  it.each<[string, FlowOptions]>([
    ["has none", { send: { account: "" } }],
    ["names one that does not exist", { account: null }],
    ["names a node of another type", { send: { account: "out" } }],
  ])("that %s shows it at once and reports each message", async (_what, options) => {
    const { statuses, caught, receive } = await startFlow({ simulator, ...options });
    expect(statuses.items).toEqual([{ fill: "red", shape: "ring", text: "wechat-oa-send.status.noAccount" }]);
    receive({ payload: "hi" });
    const { wechat, error } = await caught.first();
    expect(wechat).toMatchObject({ delivery: "not-delivered", parts: [] });
    expect(wechat!.error).toMatchObject({ code: "WECHAT_VALIDATION", field: "account" });
    expect(error!.message).toContain("wechat-oa-send.errors.noAccount");
    expect(error!.message).toContain(wechat!.error!.remedy!.en);
  });
});

describe("an account with wrong settings", () => {
  it.each<[string, FlowOptions, string, string]>([
    ["no AppID", { account: { appId: " " } }, "appId", "errors.appIdMissing"],
    ["no AppSecret", { credentials: {} }, "appSecret", "errors.appSecretMissing"],
    ["an AppID with a space inside", { account: { appId: "wx 1" } }, "appId", "appId"],
    ["a base URL that is none", { account: { baseUrl: "api.weixin.qq.com" } }, "baseUrl", "baseUrl"],
    ["a proxy that is none", { credentials: { appSecret: DEFAULT_APP_SECRET, proxy: "socks5://h" } }, "proxy", "proxy"],
    ["an unknown token source", { account: { tokenSource: "magic" } }, "tokenSource", "errors.tokenSourceInvalid"],
    [
      "a variable that is not set",
      { account: { appId: variable("NOT_SET_ANYWHERE") } },
      "appId",
      "errors.variableNotSet",
    ],
  ])("with %s does not stop the flow, and says so in status, log and error", async (_what, options, field, words) => {
    const { statuses, caught, receive } = await startFlow({ simulator, ...options });
    expect(statuses.items).toEqual([{ fill: "red", shape: "ring", text: "wechat-oa-send.status.checkAccount" }]);
    expect(logged()).toContain(words);
    receive({ payload: "hi" });
    const { wechat } = await caught.first();
    expect(wechat).toMatchObject({ delivery: "not-delivered", parts: [] });
    expect(wechat!.error).toMatchObject({ code: "WECHAT_VALIDATION", field });
    expect(wechat!.error!.remedy!.zh).toMatch(/\p{Script=Han}/u);
  });
});

it("takes each setting from the environment", async () => {
  Object.assign(process.env, {
    TEST_APP_ID: "wx0123456789abcdef",
    TEST_SECRET: DEFAULT_APP_SECRET,
    TEST_URL: `${simulator.url}/cgi-bin/`,
    TEST_SOURCE: "classic",
  });
  const { out, receive } = await startFlow({
    account: { appId: variable("TEST_APP_ID"), baseUrl: variable("TEST_URL"), tokenSource: variable("TEST_SOURCE") },
    credentials: { appSecret: variable("TEST_SECRET") },
  });
  receive({ payload: "hi" });
  expect((await out.first()).wechat!.delivery).toBe("delivered");
});

it("drops spaces around pasted settings", async () => {
  const { out, receive } = await startFlow({
    account: { appId: " wx0123456789abcdef ", baseUrl: ` ${simulator.url} ` },
    credentials: { appSecret: `${DEFAULT_APP_SECRET}\n` },
  });
  receive({ payload: "hi" });
  expect((await out.first()).wechat!.delivery).toBe("delivered");
});

it("sends through the proxy, whose password is in no output", async () => {
  const { host, asked } = await proxyServer();
  process.env.TEST_PROXY = `http://user:sent1nel@${host}`;
  const { out, receive } = await startFlow({
    simulator,
    credentials: { appSecret: DEFAULT_APP_SECRET, proxy: variable("TEST_PROXY") },
  });
  receive({ payload: "hi" });
  expect((await out.first()).wechat!.delivery).toBe("delivered");
  const authorization = `Basic ${Buffer.from("user:sent1nel").toString("base64")}`;
  expect(asked[0]).toEqual({ target: new URL(simulator.url).host, authorization });
  expect(logged()).not.toContain("sent1nel");
});

it.each([
  [true, true],
  ["true", true],
  [false, false],
  [undefined, false],
  ["no", false],
])("tells its nodes whether messages are labelled as written by an AI: %j", async (aiGenerated, told) => {
  await startFlow({ simulator, account: { aiGenerated } });
  expect(accountOf(helper.getNode("account"))?.aiGenerated).toBe(told);
});
