import { createSimulator, DEFAULT_FOLLOWER, type Simulator } from "@wechat-offiaccount/simulator";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { helper, startFlow } from "./support/flow.js";

let simulator: Simulator;
beforeAll(async () => {
  simulator = await createSimulator({ replyQuota: false });
});
afterAll(() => simulator.close());
beforeEach(() => simulator.ledger.clear());
afterEach(() => helper.unload());

const phone = () => simulator.ledger.messages.map(({ openid, text }) => ({ openid, text }));

describe("a delivered text", () => {
  it("puts WeChat's answer into payload and leaves the rest of the message alone, down to the object", async () => {
    const { out, node } = await startFlow({ simulator });
    const customer = { name: "小明" };
    const msg = {
      openid: DEFAULT_FOLLOWER,
      payload: "你好 👋",
      topic: "orders",
      parts: { id: "x", index: 0 },
      customer,
    };
    node.receive(msg);
    const received = await out.first();
    expect(received).toBe(msg);
    expect(received).toMatchObject({
      openid: DEFAULT_FOLLOWER,
      topic: "orders",
      parts: { id: "x", index: 0 },
      customer,
    });
    expect(received.payload).toMatchObject({ errcode: 0, errmsg: "ok" });
    expect(received.wechat).toEqual({
      delivery: "delivered",
      parts: [{ index: 0, delivery: "delivered", errcode: 0 }],
    });
    expect(phone()).toEqual([{ openid: DEFAULT_FOLLOWER, text: "你好 👋" }]);
  });

  it("shows sending, then delivered, as catalogue keys", async () => {
    const { out, statuses, receive } = await startFlow({ simulator });
    receive({ payload: "hi" });
    await out.first();
    expect(statuses.items).toEqual([
      { fill: "blue", shape: "dot", text: "wechat-oa-send.status.sending" },
      { fill: "green", shape: "dot", text: "wechat-oa-send.status.delivered" },
    ]);
  });

  it("leaves out the AI label and the agent unless the dialog asks for them", async () => {
    const { out, receive } = await startFlow({ simulator });
    receive({ payload: "hi" });
    await out.first();
    expect(simulator.ledger.messages[0]!.body).toEqual({
      touser: DEFAULT_FOLLOWER,
      msgtype: "text",
      text: { content: "hi" },
    });
  });

  it("carries the AI label and the human agent", async () => {
    const kf = "agent1@simulated";
    simulator.addAccount({ appId: "wxagents000000000a", secret: "s".repeat(32), kfAccounts: [kf] });
    simulator.addFollower({ openid: "oAgents", appId: "wxagents000000000a", window: "open" });
    const { out, receive } = await startFlow({
      simulator,
      account: { appId: "wxagents000000000a" },
      credentials: { appSecret: "s".repeat(32) },
      send: { aiGenerated: true, customerServiceAccount: ` ${kf} ` },
    });
    receive({ openid: "oAgents", payload: "hi" });
    await out.first();
    expect(simulator.ledger.messages[0]).toMatchObject({ ai: true, kfAccount: kf });
  });

  it("goes out as two parts in order when it has 3,000 bytes", async () => {
    const text = "公众号".repeat(333).concat("end");
    const { out, receive } = await startFlow({ simulator });
    receive({ payload: text });
    const { wechat } = await out.first();
    expect(wechat!.parts).toEqual([
      { index: 0, delivery: "delivered", errcode: 0 },
      { index: 1, delivery: "delivered", errcode: 0 },
    ]);
    expect(
      phone()
        .map((message) => message.text)
        .join(""),
    ).toBe(text);
  });

  it("takes the classic token source", async () => {
    const { out, receive } = await startFlow({ simulator, account: { tokenSource: "classic" } });
    receive({ payload: "hi" });
    await out.first();
    expect(simulator.ledger.calls.map((call) => call.path)).toEqual(["/cgi-bin/token", "/cgi-bin/message/custom/send"]);
  });

  it("works for a flow that was written by hand and has the account only", async () => {
    const { out, receive } = await startFlow({
      simulator,
      account: { name: undefined, tokenSource: undefined },
      send: {
        recipient: undefined,
        recipientType: undefined,
        content: undefined,
        contentType: undefined,
        split: undefined,
        aiGenerated: undefined,
        customerServiceAccount: undefined,
      },
    });
    receive({ payload: "hi" });
    await out.first();
    expect(phone()).toEqual([{ openid: DEFAULT_FOLLOWER, text: "hi" }]);
  });
});

describe("typed inputs", () => {
  const OTHER = "oSimFollower000000000000000002";
  beforeAll(() => simulator.addFollower({ openid: OTHER, window: "open" }));

  const sources: [type: string, recipient: string, content: string][] = [
    ["msg", "customer.id", "answer.text"],
    ["flow", "customer", "answer"],
    ["global", "customer", "answer"],
    ["str", OTHER, "fixed text"],
    ["env", "TEST_FOLLOWER", "TEST_TEXT"],
    ["jsonata", "customer.id & ''", "'fixed' & ' text'"],
  ];
  it.each(sources)("reads both from %s", async (type, recipient, content) => {
    process.env.TEST_FOLLOWER = OTHER;
    process.env.TEST_TEXT = "fixed text";
    const { out, node } = await startFlow({
      simulator,
      send: { recipient, recipientType: type, content, contentType: type },
    });
    for (const scope of ["flow", "global"] as const) {
      node.context()[scope].set("customer", OTHER);
      node.context()[scope].set("answer", "fixed text");
    }
    node.receive({ customer: { id: OTHER }, answer: { text: "fixed text" } });
    await out.first();
    expect(phone()).toEqual([{ openid: OTHER, text: "fixed text" }]);
  });

  it("drops spaces around a pasted openid", async () => {
    const { out, receive } = await startFlow({ simulator });
    receive({ openid: ` ${DEFAULT_FOLLOWER}\n`, payload: "hi" });
    await out.first();
    expect(phone()[0]!.openid).toBe(DEFAULT_FOLLOWER);
  });

  it.each([
    ["a number", 42, "42"],
    ["zero", 0, "0"],
    ["a boolean", false, "false"],
    ["a Buffer in UTF-8", Buffer.from("你好 👋"), "你好 👋"],
  ])("sends %s as text", async (_what, payload, text) => {
    const { out, receive } = await startFlow({ simulator });
    receive({ payload });
    await out.first();
    expect(phone()[0]!.text).toBe(text);
  });

  it.each([
    ["undefined", undefined, "contentMissing"],
    ["null", null, "contentMissing"],
    ["an object", { text: "hi" }, "contentObject"],
    ["an array", ["hi"], "contentObject"],
    ["a Buffer that is no UTF-8", Buffer.from([0xff, 0xd8, 0xff, 0xe0]), "contentBinary"],
  ])("refuses %s and names property and remedy", async (_what, payload, name) => {
    const { caught, receive } = await startFlow({ simulator });
    receive({ payload });
    const { wechat, error } = await caught.first();
    expect(wechat).toMatchObject({ delivery: "not-delivered", parts: [] });
    expect(wechat!.error).toMatchObject({ code: "WECHAT_VALIDATION", field: "content" });
    expect(error!.message).toContain(`wechat-oa-send.errors.${name}`);
    expect(wechat!.error!.remedy!.en).not.toContain("__");
    expect(wechat!.error!.remedy!.zh).toMatch(/\p{Script=Han}/u);
    expect(simulator.ledger.messages).toHaveLength(0);
  });

  it.each([
    ["undefined", undefined, "recipientMissing"],
    ["null", null, "recipientMissing"],
    ["blank", "  ", "recipientMissing"],
    ["a number", 7, "recipientNotText"],
    ["an object", { openid: DEFAULT_FOLLOWER }, "recipientNotText"],
    ["an empty list", [], "recipientsEmpty"],
  ])("refuses a recipient that is %s", async (_what, openid, name) => {
    const { caught, receive } = await startFlow({ simulator });
    receive({ openid, payload: "hi" });
    const { wechat, error } = await caught.first();
    expect(wechat!.error).toMatchObject({ code: "WECHAT_VALIDATION", field: "recipient" });
    expect(wechat!.error!.remedy!.en).toContain("msg.openid");
    expect(error!.message).toContain(`wechat-oa-send.errors.${name}`);
  });

  it("reports a broken expression, and goes on with the next message", async () => {
    const { caught, out, receive } = await startFlow({
      simulator,
      send: { content: "$number(payload)", contentType: "jsonata" },
    });
    receive({ payload: "not a number" });
    receive({ payload: "7" });
    const { wechat } = await caught.first();
    await out.first();
    expect(wechat!.error).toMatchObject({ code: "WECHAT_VALIDATION", field: "content" });
    expect(phone()).toEqual([{ openid: DEFAULT_FOLLOWER, text: "7" }]);
  });
});
