import {
  createSimulator,
  DEFAULT_APP_ID,
  DEFAULT_APP_SECRET,
  DEFAULT_FOLLOWER,
  type Simulator,
} from "@wechat-offiaccount/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { helper, type Message } from "./support/flow.js";
import { place, startReceiving, statusOf } from "./support/receiving.js";

const ALICE = "alice@shop";
const BOB = "bob@shop";
const ISO = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);

let simulator: Simulator;
beforeEach(async () => {
  simulator = await createSimulator({
    accounts: [{ appId: DEFAULT_APP_ID, secret: DEFAULT_APP_SECRET, wechatId: "shop", kfAccounts: [ALICE, BOB] }],
  });
});
afterEach(async () => {
  await helper.unload();
  await simulator.close();
});

interface TalkOptions {
  /** Properties of the conversation node. */
  talk?: object;
  account?: Record<string, unknown>;
  credentials?: Record<string, unknown>;
}

/** The flow of `startReceiving`, and beside it talk → out, and look, which looks up a conversation, → out. */
async function start({ talk, ...options }: TalkOptions = {}) {
  const nodes = [
    place("talk", "wechat-oa-conversation", { account: "account", wires: [["out"]], ...talk }),
    place("look", "wechat-oa-conversation", { account: "account", wires: [["out"]] }),
    place("out", "helper"),
    place("send", "wechat-oa-send", { account: "account", wires: [["sent"]] }),
    place("sent", "helper"),
  ];
  const callback = options.credentials ? null : {};
  const flow = await startReceiving({ simulator, nodes, callback, ...options });
  const out = flow.collect("out");
  const sent = flow.collect("sent");
  const ask = (msg: object = {}) => {
    helper.getNode("talk").receive({ openid: DEFAULT_FOLLOWER, ...msg } as Message);
  };
  return { ...flow, out, sent, ask };
}

const status = (name: string) => ({ text: `wechat-oa-conversation.status.${name}` });
const error = (name: string) => `wechat-oa-conversation.errors.${name}`;

describe("looking up a conversation", () => {
  it("tells unread messages, the newest message and the window, as plain JSON", async () => {
    const { push, ask, out } = await start();
    await push({ type: "text", text: "one" });
    await push({ type: "text", text: "two" });
    ask({ topic: "kept", wechat: { requestId: "r" } });
    const msg = await out.first();
    expect(msg.payload).toEqual({
      openid: DEFAULT_FOLLOWER,
      unread: 2,
      last: {
        id: expect.any(String),
        at: ISO,
        direction: "in",
        message: expect.objectContaining({ type: "text", text: "two" }),
      },
      window: { open: true, state: "open", until: ISO, remaining: 5, scene: "message", estimated: true },
    });
    expect(JSON.parse(JSON.stringify(msg.payload))).toEqual(msg.payload);
    expect(msg).toMatchObject({ topic: "kept", wechat: { requestId: "r" } });
    expect(statusOf("talk")).toMatchObject({ fill: "green", ...status("windowOpen") });
  });

  it("brings messages along, and older ones by the cursor", async () => {
    const { push, ask, out, sent } = await start({
      talk: { messages: "2", cursor: "wechat.older", cursorType: "msg" },
    });
    await push({ type: "text", text: "one" });
    await push({ type: "text", text: "two" });
    helper.getNode("send").receive({ openid: DEFAULT_FOLLOWER, payload: "three" } as Message);
    await sent.first();
    ask();
    const first = await out.first();
    const newest = first.payload as { messages: { direction: string; message: { text: string } }[] };
    expect(newest.messages.map(({ direction, message }) => [direction, message.text])).toEqual([
      ["in", "two"],
      ["out", "three"],
    ]);
    expect(newest.messages[1]).toMatchObject({ at: ISO, delivery: "delivered" });
    expect(newest).toMatchObject({ window: { remaining: 4 } });
    ask({ wechat: first.wechat });
    const second = (await out.wait(2))[1]!;
    expect(second.payload).toMatchObject({ messages: [{ message: { text: "one" } }] });
    expect(second.wechat).not.toHaveProperty("older");
  });

  it("of a follower whom the inbox does not know says that the window is closed, as far as it knows", async () => {
    const { ask, out } = await start({ talk: { messages: 5 } });
    ask({ openid: "oNobodyEverHeardOf" });
    expect((await out.first()).payload).toEqual({
      openid: "oNobodyEverHeardOf",
      unread: 0,
      window: { open: false, state: "closed", remaining: 0, estimated: true },
      messages: [],
    });
    expect(statusOf("talk")).toMatchObject({ fill: "grey", ...status("windowClosed") });
  });
});

describe("listing conversations", () => {
  it("gives the newest first, and the next page by the cursor; then there is none", async () => {
    const { push, ask, out } = await start({
      talk: { action: "list", limit: 1, cursor: "wechat.older", cursorType: "msg" },
    });
    simulator.addFollower({ openid: "oSecond" });
    await push({ type: "text", text: "first" });
    simulator.act("oSecond", { type: "text", text: "second" });
    await simulator.pushed();
    ask();
    const first = await out.first();
    expect(first.payload).toMatchObject([{ openid: "oSecond", unread: 1, window: { open: true } }]);
    expect(statusOf("talk")).toMatchObject({ fill: "green", ...status("listed") });
    ask(first);
    const second = (await out.wait(2))[1]!;
    expect(second.payload).toMatchObject([{ openid: DEFAULT_FOLLOWER }]);
    expect(second.wechat).not.toHaveProperty("older");
  });

  it("leaves out what is read, and who cannot be answered", async () => {
    const { push, ask, out } = await start({ talk: { action: "list", unreadOnly: true, openOnly: true } });
    for (const openid of ["oLeft", "oFollows"]) simulator.addFollower({ openid });
    await push({ type: "text", text: "hi" });
    simulator.act("oLeft", { type: "text", text: "bye" });
    simulator.act("oLeft", { type: "unfollow" });
    simulator.act("oFollows", { type: "scan" });
    await simulator.pushed();
    ask();
    expect((await out.first()).payload).toMatchObject([{ openid: DEFAULT_FOLLOWER }]);
    expect((await out.first()).payload).toHaveLength(1);
  });
});

describe("marking as read", () => {
  it("takes all, or what came up to an id", async () => {
    const { push, ask, out } = await start({
      talk: { action: "markRead", cursor: "payload.last.id", cursorType: "msg" },
    });
    await push({ type: "text", text: "one" });
    helper.getNode("look").receive({ openid: DEFAULT_FOLLOWER } as Message);
    const { payload } = await out.first();
    await push({ type: "text", text: "two" });
    ask({ payload });
    expect((await out.wait(2))[1]!.payload).toEqual({ openid: DEFAULT_FOLLOWER, unread: 1 });
    ask();
    expect((await out.wait(3))[2]!.payload).toEqual({ openid: DEFAULT_FOLLOWER, unread: 0 });
    expect(statusOf("talk")).toMatchObject({ fill: "green", ...status("markedRead") });
  });
});

describe("handing over", () => {
  it("gives the follower to the named agent: what they write no longer comes out, the event does", async () => {
    const { push, ask, out, messages, events } = await start({ talk: { action: "handOver", agent: ` ${BOB} ` } });
    ask();
    expect((await out.first()).payload).toEqual({ openid: DEFAULT_FOLLOWER, account: BOB });
    expect(statusOf("talk")).toMatchObject({ fill: "green", ...status("handedOver") });
    expect((await events.first()).payload).toMatchObject({ event: "kf_create_session", account: BOB });
    const { pushId } = simulator.act(DEFAULT_FOLLOWER, { type: "text", text: "to Bob" });
    expect(pushId).toBeUndefined();
    await push({ type: "menu" });
    expect((await events.wait(2))[1]!.payload).toMatchObject({ event: "click" });
    expect(messages.items).toEqual([]);
  });

  it("without a name chooses the one with the fewest sessions; who is served already stays there", async () => {
    const { ask, out } = await start({ talk: { action: "handOver" } });
    for (const openid of ["oSecond", "oThird"]) simulator.addFollower({ openid });
    ask();
    const [first] = await out.wait(1);
    ask({ openid: "oSecond" });
    const [, second] = await out.wait(2);
    ask();
    const [, , again] = await out.wait(3);
    expect([first, second, again].map((msg) => (msg!.payload as { account: string }).account)).toEqual([
      ALICE,
      BOB,
      ALICE,
    ]);
  });

  it("says so when nobody is online, and how the follower can wait", async () => {
    for (const kfAccount of [ALICE, BOB]) simulator.changeAgent({ kfAccount, online: false });
    const { ask, caught } = await start({ talk: { action: "handOver" } });
    ask();
    const { error: told, wechat } = await caught.first();
    expect(told).toMatchObject({
      message: expect.stringContaining("No human agent is online"),
      code: "WECHAT_NO_AGENT",
    });
    expect(wechat!.error!.remedy!.en).toContain("transfer_customer_service");
    expect(wechat!.error!.remedy!.zh).toContain("transfer_customer_service");
    expect(statusOf("talk")).toMatchObject({ fill: "red", ...status("noAgent") });
  });

  it("hands WeChat's refusal to a Catch node, with errcode and remedy, and the payload as it was", async () => {
    simulator.changeAgent({ kfAccount: BOB, online: false });
    const { ask, caught } = await start({ talk: { action: "handOver", agent: "who", agentType: "msg" } });
    ask({ who: BOB, payload: "as it was" });
    const { error: told, wechat, payload } = await caught.first();
    expect(payload).toBe("as it was");
    expect(told).toMatchObject({ message: expect.stringContaining("65415"), cause: { errcode: 65415 } });
    // It is no send, so there is no delivery to tell.
    expect(told!.cause).not.toHaveProperty("delivery");
    expect(wechat).toEqual({ error: expect.objectContaining({ errcode: 65415, remedy: expect.any(Object) }) });
    expect(statusOf("talk")).toMatchObject({ fill: "red", ...status("errcode") });
  });
});

describe("taking back", () => {
  const takeBack = { action: "takeBack" };

  it("ends the session, whoever serves the follower; what they write comes out again", async () => {
    const { push, ask, out, messages } = await start({ talk: takeBack });
    expect(await handedOver(BOB)).toBe(0);
    ask();
    expect((await out.first()).payload).toEqual({ openid: DEFAULT_FOLLOWER, account: BOB, ended: true });
    expect(statusOf("talk")).toMatchObject({ fill: "green", ...status("takenBack") });
    await push({ type: "text", text: "back again" });
    expect((await messages.first()).payload).toBe("back again");
  });

  it.each([
    ["nobody is named", {}],
    ["an agent is named", { agent: ALICE }],
  ])("tells that there is no session where %s", async (_who, agent) => {
    const { ask, out, caught } = await start({ talk: { ...takeBack, ...agent } });
    ask();
    expect((await out.first()).payload).toEqual({ openid: DEFAULT_FOLLOWER, ended: false });
    expect(statusOf("talk")).toMatchObject({ fill: "grey", ...status("noSession") });
    expect(caught.items).toEqual([]);
  });

  it("takes nothing from another agent than the named one", async () => {
    const { ask, caught } = await start({ talk: { ...takeBack, agent: ALICE } });
    await handedOver(BOB);
    ask();
    expect((await caught.first()).wechat!.error).toMatchObject({ errcode: 65414 });
  });
});

/** As if a program had handed the follower over. @returns the errcode */
async function handedOver(agent: string): Promise<number> {
  const token = simulator.tokens.forceRefresh();
  const answer = await fetch(`${simulator.url}/customservice/kfsession/create?access_token=${token}`, {
    method: "POST",
    body: JSON.stringify({ kf_account: agent, openid: DEFAULT_FOLLOWER }),
  });
  return ((await answer.json()) as { errcode: number }).errcode;
}

describe("what is wrong goes to a Catch node, and the next message is served", () => {
  it.each<[string, TalkOptions, object, string, string]>([
    ["no account", { talk: { account: "" } }, {}, "noAccount", "checkAccount"],
    ["no openid", {}, { openid: " " }, "recipientMissing", "checkInput"],
    ["no property for it", { talk: { openid: "" } }, {}, "recipientMissing", "checkInput"],
    ["a list of openids", {}, { openid: ["o1"] }, "recipientNotText", "checkInput"],
    ["an expression", { talk: { openid: "$number('x')", openidType: "jsonata" } }, {}, "notReadable", "checkInput"],
    [
      "an agent of another type",
      { talk: { action: "takeBack", agent: "a", agentType: "msg" } },
      { a: 7 },
      "agentNotText",
      "checkInput",
    ],
    [
      "a cursor of another type",
      { talk: { action: "list", cursor: "a", cursorType: "msg" } },
      { a: 7 },
      "cursorNotText",
      "checkInput",
    ],
    ["no limit", { talk: { action: "list", limit: "" } }, {}, "numberWrong", "checkInput"],
    ["a limit of 0", { talk: { action: "list", limit: 0 } }, {}, "numberWrong", "checkInput"],
    ["too many messages", { talk: { messages: 501 } }, {}, "numberWrong", "checkInput"],
    ["an action of another version", { talk: { action: "forget" } }, {}, "actionUnknown", "checkInput"],
  ])("%s", async (_what, options, msg, name, shown) => {
    const { ask, caught, out } = await start(options);
    ask(msg);
    ask(msg);
    await caught.wait(2);
    const { error: told, wechat } = await caught.first();
    expect(told).toMatchObject({ code: "WECHAT_VALIDATION", message: expect.stringContaining(error(name)) });
    expect(wechat!.error!.remedy!.en).not.toContain("__");
    expect(wechat!.error!.remedy!.zh).toMatch(/\p{Script=Han}/u);
    expect(statusOf("talk")).toMatchObject({ fill: "red", ...status(shown) });
    expect(out.items).toEqual([]);
  });

  it("a cursor that is none", async () => {
    const { ask, caught } = await start({ talk: { action: "list", cursor: "newest" } });
    ask();
    expect((await caught.first()).wechat!.error).toMatchObject({ code: "WECHAT_VALIDATION", field: "before" });
  });

  it("an account without a callback token, in the words of its setting; agents work all the same", async () => {
    const credentials = { callbackToken: "", encodingAESKey: "" };
    const { ask, caught } = await start({ credentials });
    ask();
    expect((await caught.first()).error!.message).toContain(error("noInbox"));
    await helper.unload();
    const second = await start({ credentials, talk: { action: "takeBack" } });
    second.ask();
    expect((await second.out.first()).payload).toMatchObject({ ended: false });
  });

  it("an account with wrong settings, in the account's own words", async () => {
    const { ask, caught } = await start({ credentials: { appSecret: "" } });
    expect(statusOf("talk")).toMatchObject(status("checkAccount"));
    ask();
    expect((await caught.first()).error!.message).toContain("wechat-oa-account.errors.appSecretMissing");
    expect(statusOf("talk")).toMatchObject(status("checkAccount"));
  });

  it("an inbox that cannot be opened", async () => {
    const { ask, caught } = await start({ account: { inbox: "sqlite:/dev/null/inbox.db" } });
    ask();
    expect((await caught.first()).error).toMatchObject({ code: "WECHAT_STORE" });
    expect(statusOf("talk")).toMatchObject(status("failed"));
  });
});

it("is the same for a flow that was written by hand and names the account only", async () => {
  const { ask, out } = await start();
  ask();
  expect((await out.first()).payload).toMatchObject({ openid: DEFAULT_FOLLOWER, window: { estimated: true } });
});

it("closes in time while WeChat says nothing, and tells the log what became of the call", async () => {
  helper.settings({ nodeCloseTimeout: 900 });
  try {
    const { ask, flow, secrets } = await start({ talk: { action: "takeBack", agent: ALICE } });
    simulator.inject({ kind: "stall", path: "/customservice/kfsession/close" });
    ask();
    while (!simulator.ledger.calls.some(({ path }) => path.endsWith("/close"))) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    await helper.setFlows(flow, "full", secrets);
    const told = helper.log().args.map(([entry]) => String(entry.msg));
    expect(told.join("\n")).toMatch(/kfsession\/close/);
    expect(told.join("\n")).not.toMatch(/timed out/i);
  } finally {
    helper.settings({});
  }
});
