import type { RequestListener } from "node:http";
import { type AddressInfo, createServer, type Socket } from "node:net";
import {
  createSimulator,
  DEFAULT_APP_ID,
  DEFAULT_APP_SECRET,
  type Simulator,
  type SimulatorOptions,
} from "@wechat-offiaccount/simulator";
import type { NodeAPI } from "node-red";
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { TestLine, TestResult } from "../src/lib/connection-test.js";
import { watchEntries } from "./support/entries.js";
import { Collector, helper, NODES, startFlow } from "./support/flow.js";
import { serve } from "./support/receiving.js";

/** How a setting names an environment variable. */
const variable = (name: string) => `\${${name}}`;

const STORED = "__PWRD__";
const TYPED = { appId: DEFAULT_APP_ID, appSecret: DEFAULT_APP_SECRET };

beforeAll(() => helper.startServer());
afterAll(() => helper.stopServer());
afterEach(() => helper.unload());

type Account = Partial<NonNullable<SimulatorOptions["accounts"]>[number]>;

async function simulated(account: Account = {}): Promise<Simulator> {
  const callback = "https://callback.example/wechat";
  const accounts = [{ appId: DEFAULT_APP_ID, secret: DEFAULT_APP_SECRET, callback, ...account }];
  const simulator = await createSimulator({ accounts });
  onTestFinished(() => simulator.close());
  return simulator;
}

/** Takes connections and says nothing. */
async function silentServer() {
  const connected = new Collector<Socket>();
  const closed = new Collector<Socket>();
  const server = createServer((socket) => {
    socket.on("error", () => {}).on("close", () => closed.push(socket));
    connected.push(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of connected.items) socket.destroy();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, connected, closed };
}

/** Presses the button. */
async function test(asked: object): Promise<TestResult & { text: string }> {
  const answer = await helper
    .request()
    .post("/wechat-oa-account/test")
    .send({ dialog: "1", id: "account", ...asked });
  expect(answer.status).toBe(200);
  expect(answer.headers).toMatchObject({ "cache-control": "no-store" });
  return { ...JSON.parse(answer.text), text: answer.text };
}

const faults = ({ lines }: TestResult) => lines.filter(({ status }) => status === "failed");
const titles = (lines: readonly TestLine[]) => lines.map(({ title }) => title.en);

describe("Test connection", () => {
  it("says of good settings that are not deployed that all is well", async () => {
    const simulator = await simulated();
    await startFlow({ account: null });
    const { ok, lines, text } = await test({ ...TYPED, baseUrl: simulator.url });
    expect(ok).toBe(true);
    expect(titles(lines)).toHaveLength(7);
    expect(new Set(lines.map(({ status }) => status))).toEqual(new Set(["ok"]));
    expect(text).not.toContain(DEFAULT_APP_SECRET);
    expect(text).not.toContain(simulator.tokens.forceRefresh());
  });

  it("takes what is stored where the dialog shows only that there is something", async () => {
    const simulator = await simulated();
    await startFlow({ simulator });
    const { ok } = await test({ appId: DEFAULT_APP_ID, appSecret: STORED, baseUrl: simulator.url });
    expect(ok).toBe(true);
  });

  it.each<[string, Account, object, string, RegExp, RegExp]>([
    ["a wrong AppSecret", {}, { appSecret: "wr0ng".repeat(6) }, "AppID and AppSecret", /40125|40001/, /AppSecret/],
    [
      "an address that is not on the white list",
      { ipWhitelist: ["192.0.2.1"] },
      {},
      "API IP white list",
      /40164/,
      /white list/i,
    ],
    ["a host that cannot be reached", {}, { baseUrl: "http://127.0.0.1:1" }, "Reachability", /ECONNREFUSED/, /host/],
    [
      "a proxy that cannot be reached",
      {},
      { proxy: "http://u:sent1nel@127.0.0.1:1" },
      "Reachability",
      /proxy/,
      /proxy/,
    ],
    ["an account without permission", { verified: false }, {}, "Permission", /48001/, /verif/i],
    ["no AppID", {}, { appId: " " }, "AppID", /empty/, /dialog/],
    ["an AppID that is none", {}, { appId: "gh_1" }, "AppID", /is not an AppID/, /wx/],
    ["a variable that is not set", {}, { appId: variable("NOT_SET") }, "AppID", /NOT_SET is not set/, /Set NOT_SET/],
    ["a token that is none", {}, { callbackToken: "!" }, "Token", /3 to 32/, /token/i],
    ["a key that is none", {}, { callbackToken: "abc", encodingAESKey: "short" }, "EncodingAESKey", /43/, /43/],
    [
      "a file that cannot be",
      {},
      { callbackToken: "abc", inbox: "/dev/null/x.db", inboxType: "sqlite" },
      "Inbox",
      /ENOTDIR/,
      /path of a file/,
    ],
    ["a folder as file", {}, { inbox: "/tmp", inboxType: "sqlite" }, "Inbox", /EISDIR/, /path of a file/],
    ["a path that is none", {}, { callbackToken: "abc", callbackPath: "x" }, "Path", /must begin with/, /dialog/],
  ])("names %s and the remedy", async (_what, account, asked, title, finding, remedy) => {
    const simulator = await simulated(account);
    await startFlow({ account: null });
    const result = await test({ ...TYPED, baseUrl: simulator.url, ...asked });
    const [fault] = faults(result);
    expect(result.ok).toBe(false);
    expect(fault!.title.en).toContain(title);
    expect(fault!.finding.en).toMatch(finding);
    expect(fault!.finding.zh).toMatch(/\p{Script=Han}/u);
    expect(fault!.remedy!.en).toMatch(remedy);
    expect(fault!.remedy!.zh).toMatch(/\p{Script=Han}/u);
    expect(result.text).not.toMatch(/sent1nel|wr0ng/);
  });

  it("sends a stored AppSecret nowhere but where it is deployed to", async () => {
    const simulator = await simulated();
    await startFlow({ simulator });
    const heard: string[] = [];
    const { url, close } = await serve((request, response) => {
      heard.push(`${request.url}`);
      response.end('{"errcode":41001}');
    });
    onTestFinished(close);
    for (const target of [{ baseUrl: url }, { baseUrl: simulator.url, proxy: url }]) {
      const { ok, lines, text } = await test({ appId: DEFAULT_APP_ID, appSecret: STORED, ...target });
      expect(ok).toBe(false);
      expect(titles(lines)).toEqual(["AppSecret"]);
      expect(lines[0]!.remedy!.en).toContain("Type the AppSecret itself");
      expect(text).not.toContain(DEFAULT_APP_SECRET);
    }
    expect(heard).toEqual([]);
  });

  it("gives no value of a variable to the browser", async () => {
    const simulator = await simulated();
    Object.assign(process.env, { TEST_APP_ID: DEFAULT_APP_ID, TEST_URL: simulator.url });
    await startFlow({ account: null });
    const { ok, text, lines } = await test({
      appId: variable("TEST_APP_ID"),
      appSecret: DEFAULT_APP_SECRET,
      baseUrl: variable("TEST_URL"),
    });
    expect(ok).toBe(true);
    expect(lines[0]!.finding.en).toContain(variable("TEST_URL"));
    expect(text).not.toContain(DEFAULT_APP_ID);
    expect(text).not.toContain(new URL(simulator.url).host);
  });

  it("knows no variable that settings.js excludes", async () => {
    process.env.TEST_EXCLUDED = DEFAULT_APP_ID;
    helper.settings({ envVarExcludes: ["TEST_EXCLUDED"] });
    onTestFinished(() => helper.settings({}));
    await startFlow({ account: null });
    const { lines } = await test({ ...TYPED, appId: variable("TEST_EXCLUDED") });
    expect(lines[0]!.finding.en).toContain("TEST_EXCLUDED is not set");
  });

  it("says that Redis is away, without its password", async () => {
    const simulator = await simulated();
    await startFlow({ account: null });
    const redisUrl = "redis://:sent1nel@127.0.0.1:1/0";
    const result = await test({ ...TYPED, baseUrl: simulator.url, inboxType: "redis", redisUrl });
    expect(titles(faults(result))).toEqual(["Redis connection"]);
    expect(faults(result)[0]!.finding).toMatchObject({
      en: "Redis cannot be used: connect ECONNREFUSED 127.0.0.1:1.",
      zh: "Redis 无法使用：connect ECONNREFUSED 127.0.0.1:1。",
    });
    expect(result.text).not.toContain("sent1nel");
  });

  it("has one test at a time for a dialog", async () => {
    await startFlow({ account: null });
    const { url, connected } = await silentServer();
    const asked = { ...TYPED, baseUrl: url };
    const began = performance.now();
    const first = test(asked);
    await connected.wait(1);
    const second = test({ ...TYPED, appId: "" });
    const { ok, lines } = await first;
    expect(ok).toBe(false);
    expect(lines.map(({ status }) => status)).toEqual(Array(7).fill("skipped"));
    expect(titles((await second).lines)).toEqual(["AppID"]);
    // A call has 5 s.
    expect(performance.now() - began).toBeLessThan(4_000);
  });

  it("keeps nothing of a dialog whose test is over", async () => {
    await startFlow({ account: null });
    const sizes = watchEntries((key) => key === "over soon");
    await test({ ...TYPED, appId: "", dialog: "over soon" });
    expect(sizes()).toEqual([0]);
  });

  it("ends when the dialog is closed", async () => {
    const apis: NodeAPI[] = [];
    await helper.load([...NODES, (api: NodeAPI) => apis.push(api)], [], {});
    const admin = await serve(apis[0]!.httpAdmin as unknown as RequestListener);
    onTestFinished(admin.close);
    const { url, connected, closed } = await silentServer();
    const dialog = new AbortController();
    const began = performance.now();
    const asking = fetch(`${admin.url}/wechat-oa-account/test`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ...TYPED, baseUrl: url }),
      signal: dialog.signal,
    });
    await connected.wait(1);
    dialog.abort();
    await expect(asking).rejects.toThrow("abort");
    await closed.wait(1);
    // A call has 5 s.
    expect(performance.now() - began).toBeLessThan(4_000);
  });

  it("takes JSON only", async () => {
    await startFlow({ account: null });
    const form = await helper.request().post("/wechat-oa-account/test").type("form").send(TYPED);
    expect(form.status).toBe(400);
  });
});
