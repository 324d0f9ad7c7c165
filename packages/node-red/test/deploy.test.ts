import { createSimulator, DEFAULT_FOLLOWER, type Simulator } from "@wechat-offiaccount/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { InboxReader } from "../src/lib/account-inbox.js";
import { helper, logged } from "./support/flow.js";
import { AES_KEY, PATH, place, startReceiving, statusOf, TOKEN } from "./support/receiving.js";

const SECOND = "wxsecond0000000002";

let simulator: Simulator;
beforeEach(async () => {
  simulator = await createSimulator();
});
afterEach(async () => {
  await helper.unload();
  await simulator.close();
});

describe("two accounts on one path", () => {
  const second = { id: "second", type: "wechat-oa-account", appId: SECOND, callbackPath: PATH, name: "Zweites" };
  const nodes = [second, place("receive2", "wechat-oa-receive", { account: "second", wires: [[], []] })];
  const moreCredentials = { second: { appSecret: "s".repeat(32), callbackToken: TOKEN, encodingAESKey: AES_KEY } };

  it("are an error that names both; the first keeps the path", async () => {
    const { push, messages } = await startReceiving({ simulator, nodes, moreCredentials });
    expect(statusOf("receive")).toMatchObject({ fill: "green", text: "wechat-oa-receive.status.listening" });
    expect(statusOf("receive2")).toMatchObject({ fill: "red", text: "wechat-oa-receive.status.pathTaken" });
    expect(logged()).toContain("wechat-oa-account.errors.pathTaken");
    await push({ type: "text", text: "for the first" });
    expect((await messages.first()).payload).toBe("for the first");
  });

  it("the second gets it when the first is gone", async () => {
    const { flow, secrets, url } = await startReceiving({ simulator, nodes, moreCredentials });
    simulator.addAccount({ appId: SECOND, secret: "s".repeat(32) });
    const without = flow.filter(({ id }) => id !== "account" && id !== "receive");
    await helper.setFlows(without, "nodes", secrets);
    expect(statusOf("receive2")).toMatchObject({ fill: "green", text: "wechat-oa-receive.status.listening" });
    await simulator.setCallback({ callback: url + PATH, callbackToken: TOKEN, encodingAesKey: AES_KEY }, SECOND);
  });
});

describe("a deploy", () => {
  it("twenty times leaves no route, listener, timer or connection behind", async () => {
    const { RED, flow, secrets, push, messages } = await startReceiving({ simulator });
    const app = RED.httpNode as unknown as { _router: { stack: unknown[] } };
    const held = () => ({
      routes: app._router.stack.length,
      listeners: RED.events.eventNames().map((name) => [name, RED.events.listenerCount(name)]),
      // Connections of the client and of the simulator come and go by themselves.
      timers: process.getActiveResourcesInfo().filter((kind) => !/TCP/.test(kind)).length,
    });
    await helper.setFlows(flow, "full", secrets);
    const before = held();
    for (let round = 0; round < 20; round++) await helper.setFlows(flow, "full", secrets);
    const { timers, ...others } = held();
    expect(others).toEqual({ routes: before.routes, listeners: before.listeners });
    expect(timers).toBeLessThanOrEqual(before.timers);
    expect(logged()).not.toMatch(/timed out/i);
    await push({ type: "text", text: "still there" });
    const heard = new Promise((resolve) => helper.getNode("messages").once("input", resolve));
    await push({ type: "text", text: "once" });
    expect(await heard).toMatchObject({ payload: expect.stringMatching(/still there|once/) });
    expect(messages.items).toEqual([]);
  });

  it("moves the path", async () => {
    const { flow, secrets, url } = await startReceiving({ simulator });
    const moved = flow.map((node) => (node.id === "account" ? { ...node, callbackPath: "/elsewhere/" } : node));
    await helper.setFlows(moved, "full", secrets);
    expect((await fetch(url + PATH)).status).toBe(404);
    await simulator.setCallback({ callback: `${url}/elsewhere`, callbackToken: TOKEN, encodingAesKey: AES_KEY });
  });

  it("lets WeChat's request wait until the flows run again, and loses nothing", async () => {
    const { flow, secrets } = await startReceiving({ simulator });
    const { length } = simulator.ledger.pushes;
    // Deploys while pushes come in: the helper's node of before hears none, the one after all of the rest.
    const deployed = helper.setFlows(flow, "full", secrets);
    for (const text of ["1", "2", "3"]) simulator.act(DEFAULT_FOLLOWER, { type: "text", text });
    const heard: unknown[] = [];
    const all = new Promise<void>((resolve) => {
      deployed.then(() => {
        helper.getNode("messages").on("input", (msg) => {
          heard.push(msg.payload);
          if (heard.length === 3) resolve();
        });
      });
    });
    await deployed;
    await simulator.pushed();
    await all;
    expect(heard.sort()).toEqual(["1", "2", "3"]);
    const pushes = simulator.ledger.pushes.slice(length);
    expect(pushes.map(({ outcome, tries }) => [outcome, tries.length])).toEqual(Array(3).fill(["accepted", 1]));
  });

  it("that begins while the window is looked up lets the message wait for the new nodes", async () => {
    const { RED, flow, secrets, messages, collect } = await startReceiving({ simulator, receive: { window: true } });
    const { inbox } = Reflect.get(helper.getNode("account"), "wechatOaAccount") as { inbox: InboxReader };
    const lookUp = inbox.window.bind(inbox);
    const lookedUp = new Promise<void>((asked) => {
      inbox.window = async (openid) => {
        asked();
        // Answers as soon as the deploy begins, before the old nodes are closed.
        await new Promise((resolve) => RED.events.once("flows:stopping", resolve));
        inbox.window = lookUp;
        return lookUp(openid);
      };
    });
    simulator.act(DEFAULT_FOLLOWER, { type: "text", text: "meanwhile" });
    await lookedUp;
    const changed = flow.map((node) =>
      node.id === "receive" || node.id === "messages" ? { ...node, name: "new" } : node,
    );
    const fresh = new Promise<ReturnType<typeof collect>>((resolve) => {
      RED.events.prependOnceListener("flows:started", () => resolve(collect("messages")));
    });
    await helper.setFlows(changed, "nodes", secrets);
    expect(await (await fresh).first()).toMatchObject({ payload: "meanwhile", wechat: { window: { open: true } } });
    expect(messages.items).toEqual([]);
  });

  it("that Node-RED gives up for a missing type keeps receiving with what still runs", async () => {
    const { flow, secrets, push, messages } = await startReceiving({ simulator });
    const strange = [...flow, place("strange", "type-of-no-module")];
    // The helper waits for the flows to start.
    await expect(helper.setFlows(strange, "nodes", secrets)).rejects.toThrow("timeout");
    expect(logged()).toContain("type-of-no-module");
    const { outcome, tries } = await push({ type: "text", text: "still heard" });
    expect([outcome, tries.length]).toEqual(["accepted", 1]);
    expect(await messages.first()).toMatchObject({ payload: "still heard" });
    expect(statusOf("receive")).toMatchObject({ fill: "green" });
  });

  it("of a flow that waits to reply ends the wait at once", async () => {
    const receive = { answer: "wait", waitSeconds: 4.5 };
    const { flow, secrets, messages } = await startReceiving({ simulator, receive });
    simulator.act(DEFAULT_FOLLOWER, { type: "text", text: "hi" });
    await messages.first();
    await helper.setFlows(flow, "full", secrets);
    await simulator.pushed();
    expect(simulator.ledger.pushes.at(-1)).toMatchObject({ outcome: "accepted" });
    expect(simulator.ledger.pushes.at(-1)!.tries[0]!.latencyMs).toBeLessThan(3000);
  });
});
