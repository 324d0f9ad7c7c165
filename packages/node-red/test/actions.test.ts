import {
  createSimulator,
  DEFAULT_APP_ID,
  DEFAULT_APP_SECRET,
  DEFAULT_FOLLOWER,
  type Simulator,
} from "@wechat-offiaccount/simulator";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { type FlowOptions, helper, type Message, startFlow } from "./support/flow.js";

const OTHER = "oSimFollower000000000000000002";
const TEMPLATE = { templateId: "T1", title: "Order", content: "{{thing1.DATA}}: {{amount2.DATA}}" };

let simulator: Simulator;
beforeEach(async () => {
  const account = { appId: DEFAULT_APP_ID, secret: DEFAULT_APP_SECRET, templates: [TEMPLATE] };
  simulator = await createSimulator({ replyQuota: false, accounts: [account] });
  for (const openid of [DEFAULT_FOLLOWER, OTHER]) simulator.addFollower({ openid, window: "open" });
});
afterEach(async () => {
  await helper.unload();
  await simulator.close();
});

const start = (send: Record<string, unknown>, more: FlowOptions = {}) => startFlow({ simulator, ...more, send });
const bodies = (path: string) =>
  simulator.ledger.calls.filter((call) => call.path.endsWith(path)).map(({ body }) => body);
const phone = () => simulator.ledger.messages.map(({ openid, msgtype, text }) => [openid, text ?? msgtype]);

async function delivered(send: Record<string, unknown>, msg: object): Promise<Message> {
  const { out, caught, receive } = await start(send);
  receive(msg);
  const ended = await Promise.race([out.first(), caught.first()]);
  expect(ended.wechat).toMatchObject({ delivery: "delivered" });
  return ended;
}

async function refused(send: Record<string, unknown>, msg: object): Promise<Message> {
  const { caught, receive } = await start(send);
  receive(msg);
  const failed = await caught.first();
  expect(failed.wechat).toMatchObject({ delivery: "not-delivered", parts: [], error: { code: "WECHAT_VALIDATION" } });
  expect(failed.wechat!.error!.remedy!.en).not.toContain("__");
  expect(failed.wechat!.error!.remedy!.zh).toMatch(/\p{Script=Han}/u);
  expect(simulator.ledger.calls).toEqual([]);
  return failed;
}

describe("typing", () => {
  it("is shown and ended, and the message passes on unchanged", async () => {
    simulator.interact(DEFAULT_FOLLOWER, "message");
    const question = { type: "text", text: "would be sent by another node" };
    const { payload } = await delivered({ action: "typing-on" }, { payload: question });
    expect(payload).toBe(question);
    await helper.unload();
    await delivered({ action: "typing-off" }, { payload: question });
    expect(bodies("/typing")).toEqual([
      { touser: DEFAULT_FOLLOWER, command: "Typing" },
      { touser: DEFAULT_FOLLOWER, command: "CancelTyping" },
    ]);
    expect(phone()).toEqual([]);
  });

  it("that is shown already is no failure", async () => {
    simulator.interact(DEFAULT_FOLLOWER, "message");
    const { out, receive, statuses } = await start({ action: "typing-on" });
    receive({ payload: "1" });
    receive({ payload: "2" });
    await out.wait(2);
    expect(simulator.ledger.calls.map(({ errcode }) => errcode)).toContain(45081);
    expect(statuses.items.at(-1)!.text).toBe("wechat-oa-send.status.typingShown");
  });

  it("that WeChat refuses says so", async () => {
    simulator.clock.advance(31_000);
    const { caught, receive } = await start({ action: "typing-on" });
    receive({ payload: "hi" });
    expect(await caught.first()).toMatchObject({
      payload: "hi",
      wechat: { delivery: "not-delivered", error: { errcode: 45080 } },
    });
  });

  it("of which no answer came may be shown", async () => {
    simulator.inject({ kind: "reset-after", path: "/cgi-bin/message/custom/typing" });
    simulator.interact(DEFAULT_FOLLOWER, "message");
    const { caught, receive } = await start({ action: "typing-on" });
    receive({});
    expect((await caught.first()).wechat).toMatchObject({ delivery: "unknown", error: { code: "WECHAT_RESET" } });
  });

  it("that found no way to WeChat was surely not shown", async () => {
    const { caught, receive } = await start({ action: "typing-on" }, { account: { baseUrl: "http://127.0.0.1:1" } });
    receive({});
    expect((await caught.first()).wechat).toMatchObject({
      delivery: "not-delivered",
      error: { message: expect.stringContaining("ECONNREFUSED") },
    });
  });

  it("may be asked for by a message, and ends before the answer that follows it", async () => {
    simulator.interact(DEFAULT_FOLLOWER, "message");
    const { out, receive } = await start({});
    receive({ payload: { type: "typing" } });
    receive({ payload: { type: "typing", on: false } });
    receive({ payload: "answer" });
    await out.wait(3);
    const calls = simulator.ledger.calls.filter(({ path }) => !path.includes("token"));
    expect(calls.map(({ path }) => path.split("/").at(-1))).toEqual(["typing", "typing", "send"]);
  });
});

describe("a template message", () => {
  const DIALOG = { action: "template", templateId: "T1" };

  it("takes its id from the dialog and its values from the message, numbers too", async () => {
    const values = { thing1: "Tea", amount2: 12 };
    const { payload, wechat } = await delivered(DIALOG, { payload: values });
    expect(payload).toEqual({ messageId: expect.stringMatching(/^\d+$/) });
    expect(wechat).toEqual({ delivery: "delivered", parts: [{ index: 0, delivery: "delivered", errcode: 0 }] });
    expect(phone()).toEqual([[DEFAULT_FOLLOWER, "Tea: 12"]]);
  });

  it("takes values as WeChat writes them", async () => {
    await delivered(DIALOG, { payload: { thing1: { value: "Tea" }, amount2: { value: "12" } } });
    expect(phone()).toEqual([[DEFAULT_FOLLOWER, "Tea: 12"]]);
  });

  it("takes link, and id from elsewhere", async () => {
    const send = {
      action: "template",
      templateId: "which",
      templateIdType: "msg",
      templateUrl: "https://x.example/1",
      content: '{"thing1": "Tea", "amount2": "12"}',
      contentType: "json",
    };
    await delivered(send, { which: "T1" });
    expect(bodies("/template/send")).toMatchObject([{ template_id: "T1", url: "https://x.example/1" }]);
    expect(bodies("/template/send")[0]).not.toHaveProperty("miniprogram");
  });

  it("may come whole: what it says counts, what it does not say is the dialog's", async () => {
    const own = {
      type: "template",
      openid: OTHER,
      data: { thing1: "Tea", amount2: "1" },
      url: "https://x.example/own",
    };
    await delivered({ ...DIALOG, templateUrl: "https://x.example/dialog" }, { payload: own });
    expect(bodies("/template/send")).toMatchObject([
      { touser: OTHER, template_id: "T1", url: "https://x.example/own" },
    ]);
  });

  it("may have a value of the name type", async () => {
    const { caught, receive } = await start(DIALOG);
    receive({ payload: { type: "image", thing1: "Tea" } });
    // amount2 is missing: it went to WeChat as a template message.
    expect((await caught.first()).wechat!.error).toMatchObject({ errcode: 47003 });
  });

  it.each([
    ["has no id", { action: "template" }, { thing1: "Tea" }, "templateIdMissing"],
    ["has no values", DIALOG, "Tea", "templateData"],
    ["has a list as value", DIALOG, { thing1: ["Tea"] }, "templateValue"],
    ["has an unknown field", DIALOG, { type: "template", data: {}, miniprogram: {} }, "templateField"],
    ["has a link that is no text", DIALOG, { type: "template", data: {}, url: 7 }, "templateText"],
    ["has a page of no mini program", DIALOG, { type: "template", data: {}, miniProgram: { pagePath: "p" } }, "appId"],
  ])("is refused where it %s", async (_what, send, payload, words) => {
    expect((await refused(send, { payload })).error!.message).toContain(words);
  });

  it("whose answer did not come may have been sent", async () => {
    simulator.inject({ kind: "http-502", path: "/cgi-bin/message/template/send" });
    const { caught, receive } = await start(DIALOG);
    receive({ payload: { thing1: "Tea", amount2: "1" } });
    expect((await caught.first()).wechat).toMatchObject({ delivery: "unknown" });
  });

  it("that found no way to WeChat was surely not sent", async () => {
    const { caught, receive } = await start(DIALOG, { account: { baseUrl: "http://127.0.0.1:1" } });
    receive({ payload: { thing1: "Tea", amount2: "1" } });
    expect((await caught.first()).wechat).toMatchObject({
      delivery: "not-delivered",
      error: { message: expect.stringContaining("ECONNREFUSED") },
    });
  });

  it("under way when its node is closed is given up in time", async () => {
    // The runtime's own limit; a third of it is the time to finish.
    helper.settings({ nodeCloseTimeout: 300 });
    onTestFinished(() => helper.settings({}));
    const { node, receive } = await start(DIALOG);
    const ends: unknown[] = [];
    node.on("call:error" as "input", (call) => {
      ends.push((call as unknown as { firstArg: { cause: unknown } }).firstArg.cause);
    });
    simulator.inject({ kind: "stall", path: "/cgi-bin/message/template/send" });
    receive({ payload: { thing1: "Tea", amount2: "1" } });
    while (bodies("/template/send").length === 0) await new Promise((resolve) => setImmediate(resolve));
    await helper.clearFlows();
    expect(ends).toMatchObject([{ code: "WECHAT_ABORTED", delivery: "unknown" }]);
  });
});

describe("a whole message", () => {
  it("says to whom and how, in place of the dialog", async () => {
    const payload = { type: "text", text: "**a**\\nb", openid: OTHER, markdown: true, interpretEscapes: true };
    await delivered({ recipient: "nowhere" }, { payload: { ...payload, aiGenerated: true } });
    expect(simulator.ledger.messages).toMatchObject([{ openid: OTHER, text: "a\nb", ai: true }]);
  });

  it("may come as JSON of the dialog", async () => {
    const content = '{"type": "msgmenu", "items": [{"id": "1", "text": "good"}]}';
    await delivered({ action: "message", content, contentType: "json" }, {});
    expect(phone()).toEqual([[DEFAULT_FOLLOWER, "msgmenu"]]);
  });

  it.each([
    ["a text where a message is asked for", { action: "message" }, "hi", "messageObject"],
    ["an option that is no flag", {}, { type: "text", text: "hi", split: "no" }, "optionNotFlag"],
    ["an agent that is no text", {}, { type: "text", text: "hi", customerServiceAccount: 7 }, "optionNotText"],
    ["a field that it does not have", {}, { type: "text", text: "hi", texts: 1 }, "message.texts"],
    ["a typing with another field", {}, { type: "typing", off: true }, "fieldUnknown"],
    ["a typing that is neither on nor off", {}, { type: "typing", on: "yes" }, "optionNotFlag"],
    ["an openid that is none", {}, { type: "text", text: "hi", openid: 7 }, "recipientNotText"],
  ])("is refused with %s", async (_what, send, payload, words) => {
    expect((await refused(send, { payload })).error!.message).toContain(words);
  });
});

describe("the options of the dialog", () => {
  it("turn Markdown and the characters \\n into text", async () => {
    await delivered({ markdown: true, interpretEscapes: true }, { payload: "# Title\\n\\n- **one**" });
    expect(phone()[0]![1]).toBe("Title\n• one");
  });

  it("leave both as they are unless asked", async () => {
    await delivered({}, { payload: "# a\\nb" });
    expect(phone()[0]![1]).toBe("# a\\nb");
  });

  it.each([
    ["on", true],
    [true, true],
    ["off", false],
    ["account", false],
    [false, false],
    [undefined, false],
  ])("the AI label %s", async (aiGenerated, ai) => {
    await delivered({ aiGenerated }, { payload: "hi" });
    expect(simulator.ledger.messages).toMatchObject([{ ai }]);
  });
});
