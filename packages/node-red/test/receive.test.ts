import { inspect } from "node:util";
import {
  createSimulator,
  DEFAULT_APP_SECRET,
  DEFAULT_FOLLOWER,
  type FollowerAction,
  type Simulator,
} from "@wechat-offiaccount/simulator";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { helper, logged, type Message } from "./support/flow.js";
import { AES_KEY, place, startReceiving, statusOf, TOKEN } from "./support/receiving.js";

let simulator: Simulator;
beforeEach(async () => {
  simulator = await createSimulator();
});
afterEach(async () => {
  await helper.unload();
  helper.settings({});
  await simulator.close();
});

const phone = () => simulator.ledger.messages.map(({ msgtype, text, body }) => text ?? { [msgtype]: body[msgtype] });

describe("what a follower writes", () => {
  it("comes out as text, openid and the message's facts, and WeChat is answered at once", async () => {
    const { push, messages, events } = await startReceiving({ simulator });
    const { outcome, msgId } = await push({ type: "text", text: "你好 <b>👋</b> & ]]>" });
    expect(outcome).toBe("accepted");
    const msg = await messages.first();
    expect(msg).toMatchObject({ payload: "你好 <b>👋</b> & ]]>", openid: DEFAULT_FOLLOWER });
    expect(msg.wechat).toEqual({
      type: "text",
      text: "你好 <b>👋</b> & ]]>",
      openid: DEFAULT_FOLLOWER,
      accountId: expect.stringMatching(/^gh_/),
      createdAt: expect.any(Number),
      msgId,
    });
    expect(JSON.parse(JSON.stringify(msg.wechat))).toEqual(msg.wechat);
    expect(events.items).toEqual([]);
  });

  it.each<[FollowerAction, object, object]>([
    [{ type: "image" }, { type: "image", mediaId: expect.any(String) }, { picUrl: expect.any(String) }],
    [
      { type: "voice", recognition: "早上好" },
      { type: "voice", mediaId: expect.any(String) },
      { recognition: "早上好", format: "amr" },
    ],
    [{ type: "video" }, { type: "video", mediaId: expect.any(String), thumbMediaId: expect.any(String) }, {}],
    [
      { type: "location", latitude: 39.9, longitude: 116.4, label: "天安门" },
      { type: "location", latitude: 39.9, longitude: 116.4, label: "天安门" },
      { scale: 15 },
    ],
    [{ type: "link", title: "t", url: "https://x.example/" }, { type: "link", title: "t" }, {}],
  ])("%j comes out as an object of its type", async (action, payload, facts) => {
    const { push, messages } = await startReceiving({ simulator });
    await push(action);
    const msg = await messages.first();
    expect(msg.payload).toMatchObject(payload);
    expect(msg.wechat).toMatchObject({ ...facts, type: action.type });
  });

  it.each<[FollowerAction, object]>([
    [
      { type: "menu", key: "HELP" },
      { type: "event", event: "click", eventKey: "HELP" },
    ],
    [
      { type: "scan", scene: "7" },
      { type: "event", event: "scan", eventKey: "7" },
    ],
    [{ type: "unfollow" }, { type: "event", event: "unsubscribe" }],
  ])("%j comes out of the second output", async (action, payload) => {
    const { push, messages, events } = await startReceiving({ simulator });
    await push(action);
    const msg = await events.first();
    expect(msg.payload).toMatchObject(payload);
    expect(msg.payload).not.toHaveProperty("openid");
    expect(msg).toMatchObject({ openid: DEFAULT_FOLLOWER, wechat: payload });
    expect(messages.items).toEqual([]);
  });

  it("is echoed by a send node: text, picture, voice and video alike", async () => {
    const send = place("send", "wechat-oa-send", { account: "account", wires: [["messages"]] });
    const { push, messages } = await startReceiving({ simulator, nodes: [send], receive: { wires: [["send"]] } });
    await push({ type: "text", text: "echo" });
    await push({ type: "image" });
    await push({ type: "voice" });
    await push({ type: "video" });
    await messages.wait(4);
    const media = { media_id: expect.any(String) };
    expect(phone()).toEqual([
      "echo",
      { image: media },
      { voice: media },
      { video: expect.objectContaining({ ...media, thumb_media_id: expect.any(String) }) },
    ]);
    // The facts of what is being answered stay, beside the outcome.
    expect(messages.items[0]!.wechat).toMatchObject({ type: "text", delivery: "delivered" });
  });

  it("comes once, though WeChat pushes it twice", async () => {
    const { push, messages } = await startReceiving({ simulator });
    simulator.inject({ kind: "push-duplicate" });
    await push({ type: "text", text: "twice" });
    await push({ type: "text", text: "next" });
    await messages.wait(2);
    expect(messages.items.map(({ payload }) => payload)).toEqual(["twice", "next"]);
  });

  it("is taken in plain mode too", async () => {
    const { push, messages } = await startReceiving({
      simulator,
      credentials: { encodingAESKey: "" },
      callback: { encodingAesKey: undefined },
    });
    expect((await push({ type: "text", text: "plain" })).outcome).toBe("accepted");
    expect((await messages.first()).payload).toBe("plain");
    // Once, at the start.
    expect(logged().match(/wechat-oa-account\.errors\.plainMode/g)).toHaveLength(1);
    expect(logged()).toContain("安全模式");
  });

  it("is not called unprotected in safe mode", async () => {
    await startReceiving({ simulator });
    expect(logged()).not.toContain("plainMode");
  });
});

describe("several receive nodes", () => {
  it("each get their own copy of what they want", async () => {
    const more = [
      place("texts", "wechat-oa-receive", { account: "account", filter: "text", wires: [["onlyTexts"], []] }),
      place("others", "wechat-oa-receive", {
        account: "account",
        filter: " Image，event:subscribe, event:unsubscribe",
        wires: [["onlyOthers"], ["onlyOthers"]],
      }),
      place("onlyTexts", "helper"),
      place("onlyOthers", "helper"),
    ];
    const { push, messages, events, collect } = await startReceiving({ simulator, nodes: more });
    const onlyTexts = collect("onlyTexts");
    const onlyOthers = collect("onlyOthers");
    helper.getNode("messages").on("input", (msg) => {
      Object.assign((msg as unknown as { wechat: object }).wechat, { mine: true });
    });
    await push({ type: "text", text: "hi" });
    await push({ type: "image" });
    await push({ type: "menu" });
    await push({ type: "unfollow" });
    await Promise.all([messages.wait(2), events.wait(2), onlyTexts.wait(1), onlyOthers.wait(2)]);
    expect(onlyTexts.items.map(({ payload }) => payload)).toEqual(["hi"]);
    expect(onlyTexts.items[0]!.wechat).not.toHaveProperty("mine");
    expect(onlyOthers.items.map(({ wechat }) => wechat!.event ?? wechat!.type)).toEqual(["image", "unsubscribe"]);
    expect(messages.items).toHaveLength(2);
    expect(events.items).toHaveLength(2);
  });

  it("refuse a filter that means nothing, and say which word", async () => {
    await startReceiving({ simulator, receive: { filter: "text, subscribe" } });
    expect(statusOf("receive")).toMatchObject({ fill: "red", text: "wechat-oa-receive.status.checkFilter" });
    expect(logged()).toContain("wechat-oa-receive.errors.filterUnknown");
  });
});

describe("lists of openids", () => {
  it("let a receive node hear some followers and not others; another one hears them all the same", async () => {
    process.env.TEST_BLOCKED = "oBlocked, oAlsoBlocked";
    const { push, messages, events, collect } = await startReceiving({
      simulator,
      receive: { allow: `${DEFAULT_FOLLOWER}\noBlocked`, block: "${TEST_BLOCKED}" },
      nodes: [
        place("everybody", "wechat-oa-receive", { account: "account", wires: [["all"], ["all"]] }),
        place("all", "helper"),
      ],
    });
    const all = collect("all");
    for (const openid of ["oBlocked", "oStranger"]) {
      simulator.addFollower({ openid });
      simulator.act(openid, { type: "text", text: openid });
      simulator.act(openid, { type: "menu" });
    }
    await simulator.pushed();
    await push({ type: "text", text: "heard" });
    await push({ type: "menu" });
    await all.wait(6);
    await Promise.all([messages.first(), events.first()]);
    expect(messages.items.map(({ payload }) => payload)).toEqual(["heard"]);
    expect(events.items.map(({ openid }) => openid)).toEqual([DEFAULT_FOLLOWER]);
    expect(simulator.ledger.pushes.every(({ outcome }) => outcome === "accepted")).toBe(true);
  });

  it.each([
    ["a word that is no openid", { block: "oA; o.B" }, "openidWrong"],
    ["a variable that is not set", { allow: "${NOT_SET_AT_ALL}" }, "variableNotSet"],
    ["a variable that is empty", { allow: "${TEST_EMPTY}" }, "variableNotSet"],
    ["a variable among others that is not set", { allow: "oA, ${NOT_SET_AT_ALL}" }, "variableNotSet"],
  ])("with %s let nobody in, and say what to do", async (_what, receive, name) => {
    process.env.TEST_EMPTY = "";
    const { push, messages } = await startReceiving({ simulator, receive });
    expect((await push({ type: "text", text: "hi" })).outcome).toBe("accepted");
    expect(statusOf("receive")).toMatchObject({ fill: "red", text: "wechat-oa-receive.status.checkLists" });
    expect(logged()).toContain(`wechat-oa-receive.errors.${name}`);
    expect(messages.items).toEqual([]);
  });
});

describe("the window", () => {
  it("is told where the dialog asks for it, counted with the message itself, and only there", async () => {
    const { push, messages, collect } = await startReceiving({
      simulator,
      receive: { window: true },
      nodes: [
        place("plain", "wechat-oa-receive", { account: "account", wires: [["without"], []] }),
        place("without", "helper"),
      ],
    });
    const without = collect("without");
    await push({ type: "text", text: "hi" });
    const { wechat } = await messages.first();
    expect(wechat!.window).toEqual({
      open: true,
      state: "open",
      until: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      remaining: 5,
      scene: "message",
      estimated: true,
    });
    expect((await without.first()).wechat).not.toHaveProperty("window");
  });

  it("shrinks with each reply", async () => {
    const send = place("send", "wechat-oa-send", { account: "account", wires: [["sent"]] });
    const { push, messages, events, collect } = await startReceiving({
      simulator,
      receive: { window: true, wires: [["messages", "send"], ["events"]] },
      nodes: [send, place("sent", "helper")],
    });
    const sent = collect("sent");
    await push({ type: "text", text: "hi" });
    await messages.first();
    await sent.first();
    await push({ type: "menu" });
    expect((await events.first()).wechat!.window).toMatchObject({ remaining: 4, scene: "message" });
  });

  it("that the inbox cannot tell keeps no message back", async () => {
    const { push, messages } = await startReceiving({ simulator, receive: { window: true } });
    const inbox: { window: unknown } = Reflect.get(helper.getNode("account"), "wechatOaAccount").inbox;
    inbox.window = () => Promise.reject(new Error("the store is away"));
    await push({ type: "text", text: "hi" });
    expect((await messages.first()).wechat).not.toHaveProperty("window");
    expect(logged()).toContain("the store is away");
  });
});

it("shows when something last came out", async () => {
  const { push, messages } = await startReceiving({ simulator });
  await push({ type: "text", text: "hi" });
  await messages.first();
  expect(statusOf("receive")).toMatchObject({
    fill: "green",
    text: expect.stringMatching(/^\d{4}(-\d\d){2} \d\d:\d\d$/),
  });
});

describe("a receive node that cannot receive says why", () => {
  it.each([
    ["no account", { receive: { account: "" } }, "noAccount", ""],
    ["no token", { credentials: { callbackToken: "", encodingAESKey: "" } }, "off", ""],
    ["a wrong AppSecret", { credentials: { appSecret: "" } }, "checkAccount", "errors.appSecretMissing"],
    ["a key without token", { credentials: { callbackToken: " " } }, "checkAccount", "errors.callbackTokenMissing"],
    ["a wrong token", { credentials: { callbackToken: "no token" } }, "checkAccount", "token"],
    ["a wrong key", { credentials: { encodingAESKey: "short" } }, "checkAccount", "encodingAESKey"],
    ["a wrong path", { account: { callbackPath: "wechat?x" } }, "checkAccount", "errors.callbackPathInvalid"],
    ["the root as path", { account: { callbackPath: " / " } }, "checkAccount", "errors.callbackPathInvalid"],
    ["a space in the AppID", { account: { appId: "wx 123", callbackPath: "/wechat" } }, "checkAccount", "appId"],
    ["an unknown inbox", { account: { inbox: "postgres://user:pa55@host" } }, "checkAccount", "errors.inboxInvalid"],
    ["a variable not set", { account: { inbox: "${NOT_SET_AT_ALL}" } }, "checkAccount", "errors.variableNotSet"],
  ])("%s", async (_what, options, state, words) => {
    await startReceiving({ simulator, callback: null, ...options });
    expect(statusOf("receive")!.text).toBe(`wechat-oa-receive.status.${state}`);
    expect(logged()).toContain(words);
    expect(logged()).not.toContain("pa55");
  });

  it("a wrong callback does not keep the account from sending", async () => {
    const nodes = [place("send", "wechat-oa-send", { account: "account", wires: [["messages"]] })];
    const options = { credentials: { encodingAESKey: "short" }, nodes, callback: null };
    const { messages } = await startReceiving({ simulator, ...options });
    simulator.addFollower({ openid: DEFAULT_FOLLOWER, window: "open" });
    helper.getNode("send").receive({ openid: DEFAULT_FOLLOWER, payload: "hi" } as Message);
    expect((await messages.first()).wechat!.delivery).toBe("delivered");
  });

  it("HTTP nodes are switched off", async () => {
    helper.settings({ httpNodeRoot: false });
    const { url } = await startReceiving({ simulator, callback: null });
    expect(statusOf("receive")).toMatchObject({ fill: "red", text: "wechat-oa-receive.status.noHttpNodes" });
    expect(logged()).toContain("wechat-oa-account.errors.noHttpNodes");
    expect((await fetch(`${url}/wechat/wx0123456789abcdef`)).status).toBe(404);
  });

  it("a password stands before the HTTP nodes", async () => {
    helper.settings({ httpNodeAuth: { user: "me", pass: "$2b$08$5ec4e7" } });
    await startReceiving({ simulator });
    expect(statusOf("receive")).toMatchObject({ fill: "yellow", text: "wechat-oa-receive.status.behindPassword" });
    expect(logged()).toContain("wechat-oa-account.errors.behindPassword");
    expect(logged()).not.toContain("5ec4e7");
  });

  it("the inbox's file cannot be opened; WeChat gets no answer, and tries again", async () => {
    const account = { inbox: "sqlite:/dev/null/inbox.db" };
    const simulator = await createSimulator({ limits: { pushTimeout: 300 } });
    onTestFinished(() => simulator.close());
    const { push } = await startReceiving({ simulator, account, verified: false });
    for (const text of ["hi", "again"]) {
      const { tries } = await push({ type: "text", text });
      expect(tries.map(({ error }) => error)).toEqual(["timeout", "timeout", "timeout"]);
    }
    expect(statusOf("receive")!.text).toBe("wechat-oa-receive.status.inboxFailed");
    // Told once, though opening, looking for what was left behind and both pushes met it.
    expect(logged().match(/^WeChatClientError.*/gm)).toHaveLength(1);
  });
});

describe("a request that is not WeChat's", () => {
  it("is refused, and told to the log once, without a secret", async () => {
    const { push, messages } = await startReceiving({ simulator });
    for (let round = 0; round < 3; round++) {
      simulator.inject({ kind: "push-signature" });
      expect((await push({ type: "text", text: "forged" })).tries[0]).toMatchObject({ status: 401 });
    }
    await push({ type: "text", text: "true" });
    await messages.first();
    expect(messages.items.map(({ payload }) => payload)).toEqual(["true"]);
    expect(logged().match(/wechat-oa-account\.refused/g)).toHaveLength(1);
    for (const secret of [TOKEN, AES_KEY]) expect(logged()).not.toContain(secret);
  });

  it("is told to the log in words of the account's dialog", async () => {
    const { push } = await startReceiving({ simulator, callback: { encodingAesKey: undefined } });
    expect((await push({ type: "text", text: "plain" })).tries[0]).toMatchObject({ status: 403 });
    expect(logged()).toContain("in WeChat's console under server configuration");
    expect(logged()).not.toContain("mode:");
  });

  it("finds no secret in what the account shares with its nodes", async () => {
    await startReceiving({ simulator });
    const account: unknown = Reflect.get(helper.getNode("account"), "wechatOaAccount");
    const shown = inspect(account, { depth: 20, showHidden: true, getters: true });
    expect(shown).toContain("receiving");
    for (const secret of [TOKEN, AES_KEY, DEFAULT_APP_SECRET]) expect(shown).not.toContain(secret);
  });

  it("does not reach another path or a path's end", async () => {
    const { url } = await startReceiving({ simulator });
    for (const path of ["/", "/wechat", "/wechat/wx0123456789abcdef/x", "/wechat/wx0123456789abcde"]) {
      expect((await fetch(url + path)).status, path).toBe(404);
    }
  });
});

it("runs httpNodeMiddleware first, as for http in nodes, and only for its own path", async () => {
  const seen: string[] = [];
  helper.settings({
    httpNodeMiddleware: (request: { path: string }, _response: unknown, next: () => void) => {
      seen.push(request.path);
      next();
    },
  });
  const { url } = await startReceiving({ simulator });
  await fetch(`${url}/elsewhere`);
  expect(seen).toEqual(["/wechat/wx0123456789abcdef"]);
});
