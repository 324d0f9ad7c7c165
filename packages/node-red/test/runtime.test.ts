import { readFile } from "node:fs/promises";
import {
  createSimulator,
  DEFAULT_APP_ID,
  DEFAULT_FOLLOWER,
  type FollowerAction,
  type Simulator,
} from "@wechat-offiaccount/simulator";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { NodeRed, RUNTIMES } from "./support/node-red.js";

const SECRET = "5ec4e75e471e15ec4e75e471e1000000";
const TOKEN = "ca11backT0kenOfTheTest";
const AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
const RECEIVE_SECRETS = { appSecret: SECRET, callbackToken: TOKEN, encodingAESKey: AES_KEY };
const MODULE = "@wechat-offiaccount/node-red";
const TYPES = ["wechat-oa-account", "wechat-oa-conversation", "wechat-oa-receive", "wechat-oa-send"];

// A turn that is no busy one: it leaves the core to the Node-RED that the test waits for.
const turn = () => new Promise((resolve) => setTimeout(resolve, 5));

/** How a setting names an environment variable. */
const variable = (name: string) => `\${${name}}`;

/** POST /flow/send → wechat-oa-send → answer; failures answer through a Catch node. */
const FLOW = [
  { id: "tab", type: "tab", label: "test" },
  {
    id: "account",
    type: "wechat-oa-account",
    name: "",
    appId: variable("TEST_APP_ID"),
    baseUrl: variable("TEST_BASE_URL"),
    tokenSource: "stable",
    credentials: { appSecret: SECRET },
  },
  node("in", "http in", { url: "/send", method: "post", wires: [["prepare"]] }),
  node("prepare", "change", {
    rules: [
      { t: "set", p: "openid", pt: "msg", to: "payload.openid", tot: "msg" },
      { t: "move", p: "payload.text", pt: "msg", to: "payload", tot: "msg" },
    ],
    wires: [["send"]],
  }),
  node("send", "wechat-oa-send", { account: "account", wires: [["delivered"]] }),
  node("delivered", "change", {
    rules: [{ t: "set", p: "payload", pt: "msg", to: '{"payload": payload, "wechat": wechat}', tot: "jsonata" }],
    wires: [["answer"]],
  }),
  node("catch", "catch", { scope: null, wires: [["failed"]] }),
  node("failed", "change", {
    rules: [
      {
        t: "set",
        p: "payload",
        pt: "msg",
        to: '{"payload": payload, "wechat": wechat, "error": error}',
        tot: "jsonata",
      },
    ],
    wires: [["answer"]],
  }),
  node("answer", "http response", { wires: [] }),
  node("watch", "status", { scope: null, wires: [["log"]] }),
  node("log", "debug", { complete: "true", console: true, tosidebar: true }),
];

function node(id: string, type: string, more: object) {
  return { id, z: "tab", x: 100, y: 100, type, name: "", ...more };
}

describe.each(RUNTIMES)("on a real %s", (runtime) => {
  let simulator: Simulator;
  let nodeRed: NodeRed;
  beforeAll(async () => {
    const agents = { wechatId: "shop", kfAccounts: ["alice@shop"] };
    simulator = await createSimulator({
      replyQuota: false,
      accounts: [{ appId: DEFAULT_APP_ID, secret: SECRET, ...agents }],
    });
    nodeRed = await NodeRed.start({
      runtime,
      // A third of it is the time that messages in flight get to finish.
      settings: { nodeCloseTimeout: 1500 },
      env: {
        TEST_APP_ID: DEFAULT_APP_ID,
        TEST_BASE_URL: simulator.url,
        WECHAT_APP_ID: DEFAULT_APP_ID,
        WECHAT_API_BASE_URL: simulator.url,
      },
    });
    await nodeRed.deploy(FLOW);
  });
  afterAll(async () => {
    await nodeRed.stop();
    await simulator.close();
  });
  beforeEach(() => {
    simulator.ledger.clear();
    simulator.clearFaults();
  });

  const send = async (text: unknown, openid = DEFAULT_FOLLOWER) =>
    JSON.parse((await nodeRed.post("/flow/send", { openid, text })).body);

  it("loads all types without an error", async () => {
    expect(nodeRed.version).toMatch(runtime === "node-red" ? /^4\.1\./ : /^5\./);
    const sets: { module: string; types: string[]; enabled: boolean }[] = JSON.parse(await nodeRed.get("/nodes"));
    const ours = sets.filter((set) => set.module === MODULE);
    expect(ours.flatMap((set) => set.types).sort()).toEqual(TYPES);
    for (const set of ours) {
      expect(set.enabled).toBe(true);
      expect(set).not.toHaveProperty("err");
    }
  });

  it.each([
    ["en-US", "delivered", "Sends a text to a follower"],
    ["zh-CN", "已送达", "向微信公众号的用户发送文本"],
    ["zh", "已送达", "向微信公众号的用户发送文本"],
  ])("serves catalogue and help in %s", async (language, delivered, help) => {
    const catalogue = await nodeRed.get(`/locales/${MODULE}/wechat-oa-send?lng=${language}`);
    expect(JSON.parse(catalogue)["wechat-oa-send"].status.delivered).toBe(delivered);
    const html = await nodeRed.get("/nodes", "text/html", language);
    expect(html).toContain(help);
    for (const type of TYPES) expect(html).toContain(`data-help-name="${type}"`);
  });

  it("serves the node's icon", async () => {
    const icons = JSON.parse(await nodeRed.get("/icons"));
    expect(icons[MODULE]).toEqual(expect.arrayContaining(["wechat-oa-receive.svg", "wechat-oa-send.svg"]));
  });

  it("delivers a text byte for byte", async () => {
    const { payload, wechat } = await send("你好，<b>世界</b> 👩‍👩‍👧\n第二行");
    expect(payload).toMatchObject({ errcode: 0, errmsg: "ok" });
    expect(wechat).toEqual({ delivery: "delivered", parts: [{ index: 0, delivery: "delivered", errcode: 0 }] });
    expect(simulator.ledger.messages.map((message) => message.text)).toEqual(["你好，<b>世界</b> 👩‍👩‍👧\n第二行"]);
  });

  it("lets a Catch node see errcode, delivery, rid and remedy", async () => {
    const { payload, wechat, error } = await send("hi", "oNobody");
    expect(payload).toBe("hi");
    expect(wechat).toMatchObject({
      delivery: "not-delivered",
      parts: [{ index: 0, delivery: "not-delivered", errcode: 40003 }],
      error: { code: "WECHAT_RECIPIENT", errcode: 40003, remedy: { zh: expect.stringMatching(/\p{Script=Han}/u) } },
    });
    expect(wechat.error.rid).toMatch(/^[\da-f]{8}-/);
    expect(error).toMatchObject({
      message: expect.stringContaining("40003"),
      code: "WECHAT_RECIPIENT",
      source: { id: "send", type: "wechat-oa-send", count: 1 },
      cause: { errcode: 40003, delivery: "not-delivered" },
    });
    expect(error.message).toContain(wechat.error.remedy.en);
  });

  it("words its own errors in the runtime's language", async () => {
    const { error } = await send({ an: "object" });
    expect(error.message).toBe(
      'WeChatValidationError: content: msg.payload is of type object without a message type. Give a text, or an object with a type, such as {"type": "image", "mediaId": "…"}; or choose the property that holds it.',
    );
  });

  it("redeploys while a message stalls, without a timeout, and says in the log what is not known", async () => {
    await nodeRed.deploy(FLOW);
    simulator.inject({ kind: "stall", delivered: true });
    const pending = nodeRed.post("/flow/send", { openid: DEFAULT_FOLLOWER, text: "stalls" }).catch(() => undefined);
    while (simulator.ledger.messages.length === 0) await turn();
    await nodeRed.deploy(FLOW);
    expect(nodeRed.log).not.toMatch(/timed out/i);
    expect(nodeRed.log).toMatch(/\[warn\] \[wechat-oa-send:send\] .*custom\/send/);
    expect((await send("after")).wechat.delivery).toBe("delivered");
    // The runtime dropped the first request's answer with the old flow.
    void pending;
  });

  it("keeps the AppSecret and the token out of flows, admin API, files, log and status", async () => {
    await send("hi");
    await send("hi", "oNobody");
    const flows = await nodeRed.get("/flows");
    const credentials = await nodeRed.get("/credentials/wechat-oa-account/account");
    expect(JSON.parse(credentials)).toMatchObject({ has_appSecret: true });
    expect(credentials).not.toMatch(/"appSecret"/);
    const token = simulator.tokens.forceRefresh();
    const shown = [flows, credentials, await nodeRed.file("flows.json"), nodeRed.log].join("\n");
    expect(nodeRed.log).toContain("wechat-oa-send.status.errcode.40003");
    expect(shown).not.toContain(SECRET);
    expect(shown).not.toContain("access_token=");
    expect(token.length).toBeGreaterThan(20);
    expect(shown).not.toContain(token);
  });

  it("runs the example flow", async () => {
    const file = new URL("../examples/01 - Send a text.json", import.meta.url);
    const example: { id: string; type: string; payload?: string }[] = JSON.parse(await readFile(file, "utf8"));
    const flows = example.map((entry) =>
      entry.type === "wechat-oa-account" ? { ...entry, credentials: { appSecret: SECRET } } : entry,
    );
    await nodeRed.deploy(flows);
    const inject = example.find((entry) => entry.type === "inject");
    await nodeRed.post(`/inject/${inject!.id}`, {});
    while (simulator.ledger.messages.length === 0) await turn();
    expect(simulator.ledger.messages).toMatchObject([{ openid: DEFAULT_FOLLOWER, text: inject!.payload }]);
    await nodeRed.deploy(FLOW);
  });

  describe("receiving", () => {
    const RECEIVING = [
      ...FLOW.map((entry) =>
        entry.id === "account" ? { ...entry, name: "shop", credentials: RECEIVE_SECRETS } : entry,
      ),
      node("receive", "wechat-oa-receive", { account: "account", wires: [["echo"], []] }),
      node("echo", "wechat-oa-send", { account: "account", wires: [[]] }),
      node("passive", "wechat-oa-receive", {
        account: "account",
        filter: "event",
        answer: "wait",
        waitSeconds: 4.5,
        wires: [[], ["welcome"]],
      }),
      node("welcome", "change", {
        rules: [{ t: "set", p: "payload", pt: "msg", to: "welcome", tot: "str" }],
        wires: [["reply"]],
      }),
      node("reply", "wechat-oa-send", { account: "account", passive: true, wires: [[]] }),
    ];
    const follower = async (action: FollowerAction) => {
      const { pushId } = simulator.act(DEFAULT_FOLLOWER, action);
      await simulator.pushed();
      return simulator.ledger.pushes.find(({ id }) => id === pushId)!;
    };
    const phone = async (count: number) => {
      while (simulator.ledger.messages.length < count) await turn();
      return simulator.ledger.messages.map(({ via, text }) => [via ?? "api", text]);
    };
    beforeAll(async () => {
      await nodeRed.deploy(RECEIVING);
      const callback = `${nodeRed.url}/flow/wechat/${DEFAULT_APP_ID}`;
      await simulator.setCallback({ callback, callbackToken: TOKEN, encodingAesKey: AES_KEY });
    });
    afterAll(async () => {
      await simulator.setCallback({});
      await nodeRed.deploy(FLOW);
    });

    it("echoes a text, and answers an event in WeChat's own request", async () => {
      expect(await follower({ type: "text", text: "你好 👋" })).toMatchObject({ outcome: "accepted" });
      expect(await phone(1)).toEqual([["api", "你好 👋"]]);
      expect(await follower({ type: "menu", key: "HELP" })).toMatchObject({ outcome: "replied" });
      expect(await phone(2)).toContainEqual(["passive-reply", "welcome"]);
    });

    it("goes on after a deploy, of everything and of what changed", async () => {
      await nodeRed.deploy(RECEIVING);
      await follower({ type: "text", text: "after a full deploy" });
      await phone(1);
      const changed = RECEIVING.map((entry) => (entry.id === "receive" ? { ...entry, name: "changed" } : entry));
      await nodeRed.deploy(changed, "nodes");
      await follower({ type: "text", text: "after a small one" });
      expect((await phone(2)).map(([, text]) => text)).toEqual(["after a full deploy", "after a small one"]);
    });

    it("refuses what is forged, says why and what to do, and shows no secret anywhere", async () => {
      simulator.inject({ kind: "push-signature" });
      expect((await follower({ type: "text", text: "forged" })).tries[0]).toMatchObject({ status: 401 });
      const credentials = await nodeRed.get("/credentials/wechat-oa-account/account");
      expect(JSON.parse(credentials)).toEqual({
        has_appSecret: true,
        has_callbackToken: true,
        has_encodingAESKey: true,
        has_proxy: false,
        has_redisUrl: false,
      });
      expect(nodeRed.log).toMatch(/\[warn\] \[wechat-oa-account:shop\] refused a request .*signature, HTTP 401/);
      expect(nodeRed.log).toContain("服务器配置");
      const shown = [await nodeRed.get("/flows"), credentials, await nodeRed.file("flows.json"), nodeRed.log].join(
        "\n",
      );
      for (const secret of [TOKEN, AES_KEY, SECRET]) expect(shown).not.toContain(secret);
    });
  });

  it("is still the same process, after all this", () => {
    expect(nodeRed.running).toBe(true);
    expect(nodeRed.log).not.toMatch(/UnhandledPromise|uncaught/i);
  });
});

it("words its own errors in Chinese where LANG is zh_CN.UTF-8", async () => {
  const nodeRed = await NodeRed.start({ runtime: "node-red", env: { LANG: "zh_CN.UTF-8" } });
  try {
    const flow = FLOW.map((entry) => (entry.type === "wechat-oa-account" ? { ...entry, appId: "" } : entry));
    await nodeRed.deploy(flow.map((entry) => ({ ...entry, ...(entry.id === "account" && { baseUrl: "" }) })));
    const { error, wechat } = JSON.parse((await nodeRed.post("/flow/send", { openid: "o", text: "hi" })).body);
    expect(error.message).toContain("未填写 AppID");
    expect(error.message).toContain(wechat.error.remedy.zh);
    expect(nodeRed.log).toContain("未填写 AppID");
  } finally {
    await nodeRed.stop();
  }
});
