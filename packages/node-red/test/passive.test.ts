import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";

import type { Receiver } from "@wechat-offiaccount/core";

import {
  createSimulator,
  DEFAULT_APP_ID,
  DEFAULT_APP_SECRET,
  DEFAULT_FOLLOWER,
  type Simulator,
} from "@wechat-offiaccount/simulator";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";

import { Collector, helper, type Message } from "./support/flow.js";
import { place, type ReceivingOptions, startReceiving } from "./support/receiving.js";

let simulator: Simulator;
beforeEach(async () => {
  simulator = await createSimulator();
});
afterEach(async () => {
  await helper.unload();
  helper.settings({});
  await simulator.close();
});

/** receive, which waits → ask → send, which replies passively → messages. `answer` is what stands between. */
async function conversation(
  answer: (msg: Message) => Message | Promise<Message> | undefined,
  { receive, send, ...more }: Partial<ReceivingOptions> & { send?: object } = {},
) {
  const flow = await startReceiving({
    simulator,
    receive: { answer: "wait", waitSeconds: 4.5, wires: [["ask"], ["ask"]], ...receive },
    nodes: [
      place("ask", "helper", { wires: [["send"]] }),
      place("send", "wechat-oa-send", { account: "account", passive: true, wires: [["messages"]], ...send }),
    ],
    ...more,
  });
  const ask = helper.getNode("ask");
  ask.on("input", async (msg) => {
    const next = await answer(msg as Message);
    if (next) ask.send(next);
  });
  return flow;
}
const keepIn = (asked: Collector<Message>) => (msg: Message) => {
  asked.push(msg);
  return undefined;
};
const say = (payload: unknown) => (msg: Message) => ({ ...msg, payload });
const phone = () => simulator.ledger.messages.map(({ via, msgtype, text }) => [via ?? "api", text ?? msgtype]);

describe("a passive reply in time", () => {
  it("is WeChat's answer, encrypted as the message was, and says so", async () => {
    const { push, messages } = await conversation(say("你好 👋"));
    const { outcome, tries } = await push({ type: "text", text: "hi" });
    expect(outcome).toBe("replied");
    expect(tries[0]!.answer).toContain("<Encrypt>");
    const { payload, wechat } = await messages.first();
    expect(payload).toEqual({});
    expect(wechat).toMatchObject({
      type: "text",
      delivery: "delivered",
      way: "passive-reply",
      parts: [{ index: 0, delivery: "delivered" }],
    });
    expect(phone()).toEqual([["passive-reply", "你好 👋"]]);
    // The API was not asked, not even for a token.
    expect(simulator.ledger.calls).toEqual([]);
  });

  it.each([
    ["a picture", { type: "image", mediaId: "M1" }, "image"],
    ["a video without preview", { type: "video", mediaId: "M1", title: "t" }, "video"],
    ["a card", { type: "news", title: "t", url: "https://x.example/" }, "news"],
  ])("may be %s", async (_what, payload, msgtype) => {
    simulator.addMedia({ mediaId: "M1", type: msgtype === "video" ? "video" : "image" });
    const { push, messages } = await conversation(say(payload));
    expect((await push({ type: "text", text: "hi" })).outcome).toBe("replied");
    expect((await messages.first()).wechat!.way).toBe("passive-reply");
    expect(phone()).toEqual([["passive-reply", msgtype]]);
  });

  it("may answer an event", async () => {
    const { push } = await conversation(say("welcome"));
    expect((await push({ type: "menu", key: "HELP" })).outcome).toBe("replied");
    expect(phone()).toEqual([["passive-reply", "welcome"]]);
  });

  it("works in plain mode", async () => {
    const { push } = await conversation(say("plain"), {
      credentials: { encodingAESKey: "" },
      callback: { encodingAesKey: undefined },
    });
    expect((await push({ type: "text", text: "hi" })).outcome).toBe("replied");
  });

  it("hands the follower to a human agent", async () => {
    const { push, messages } = await conversation(say({ type: "transfer_customer_service" }));
    expect((await push({ type: "text", text: "a human, please" })).outcome).toBe("transferred");
    expect((await messages.first()).wechat).toMatchObject({ delivery: "delivered", way: "passive-reply" });
  });
});

it("is not kept from WeChat's request by a node beside it that shows typing, though its passive box is ticked", async () => {
  const asked = new Collector<Message>();
  const { push, messages } = await conversation(keepIn(asked), {
    nodes: [
      place("ask", "helper", { wires: [["typing"]] }),
      place("typing", "wechat-oa-send", { account: "account", action: "typing-on", passive: true, wires: [["shown"]] }),
      place("shown", "helper"),
      place("send", "wechat-oa-send", { account: "account", passive: true, wires: [["messages"]] }),
    ],
  });
  const shown = new Promise((resolve) => helper.getNode("shown").once("input", resolve));
  const pushed = push({ type: "text", text: "hi" });
  const msg = await asked.first();
  helper.getNode("typing").receive({ ...msg } as Message);
  await shown;
  helper.getNode("send").receive({ ...msg, payload: "in the request" } as Message);
  expect((await pushed).outcome).toBe("replied");
  expect((await messages.first()).wechat).toMatchObject({ way: "passive-reply" });
});

it("goes out as a customer-service message where core answered WeChat before it, and is called what it is", async () => {
  const simulator = await createSimulator({ limits: { pushTimeout: 6_000 } });
  onTestFinished(() => simulator.close());
  const { push, messages } = await conversation(say("late after all"), { simulator });
  const account = Reflect.get(helper.getNode("account"), "wechatOaAccount") as { inbox: Receiver };
  const { emitted } = account.inbox;
  // The store takes longer than WeChat waits to mark the message.
  account.inbox.emitted = async (key) => {
    await simulator.pushed();
    return emitted.call(account.inbox, key);
  };
  expect((await push({ type: "text", text: "hi" })).outcome).toBe("accepted");
  expect((await messages.first()).wechat).toMatchObject({ delivery: "delivered", way: "customer-service" });
  expect(simulator.ledger.messages).toMatchObject([{ text: "late after all" }]);
});

it("keeps its turn after what was sent to the follower before", async () => {
  const asked = new Collector<Message>();
  const { push, messages } = await conversation(keepIn(asked));
  const pushed = push({ type: "text", text: "hi" });
  const msg = await asked.first();
  simulator.inject({ kind: "slow", delayMs: 300, times: 1 });
  helper.getNode("send").receive({
    openid: msg.openid,
    payload: "first",
    wechat: { requestId: `${DEFAULT_APP_ID}:over` },
  } as unknown as Message);
  helper.getNode("send").receive({ ...msg, payload: "second" } as Message);
  await pushed;
  await messages.wait(2);
  expect(phone()).toEqual([
    ["api", "first"],
    ["passive-reply", "second"],
  ]);
});

it("goes into the newest request where WeChat pushes a message twice", async () => {
  const asked = new Collector<Message>();
  const { push, messages } = await conversation(keepIn(asked));
  simulator.inject({ kind: "push-duplicate" });
  const pushed = push({ type: "text", text: "hi" });
  // The older request is answered as soon as the newer one takes its place.
  const tries = () => simulator.ledger.pushes.at(-1)?.tries ?? [];
  while (!tries().some(({ answer }) => answer === "success")) await new Promise((resolve) => setImmediate(resolve));
  helper.getNode("send").receive({ ...(await asked.first()), payload: "once" } as Message);
  await pushed;
  expect((await messages.first()).wechat).toMatchObject({ delivery: "delivered", way: "passive-reply" });
  expect(asked.items).toHaveLength(1);
  expect(phone()).toEqual([["passive-reply", "once"]]);
  expect(simulator.ledger.calls).toEqual([]);
});

describe("what does not go into WeChat's request is sent as a customer-service message", () => {
  it("comes too late", async () => {
    let late: (() => void) | undefined;
    const { push, messages } = await conversation(
      (msg) =>
        new Promise<Message>((resolve) => {
          late = () => resolve({ ...msg, payload: "late" });
        }),
      { receive: { waitSeconds: 0.1 } },
    );
    const { outcome, tries } = await push({ type: "text", text: "hi" });
    expect(outcome).toBe("accepted");
    expect(tries).toHaveLength(1);
    expect(messages.items).toEqual([]);
    late?.();
    const { wechat, payload } = await messages.first();
    expect(wechat).toMatchObject({ delivery: "delivered", way: "customer-service", type: "text" });
    expect(payload).toMatchObject({ errcode: 0 });
    expect(phone()).toEqual([["api", "late"]]);
  });

  it("is a second reply", async () => {
    const { push, messages } = await conversation((msg) => {
      helper.getNode("send").receive({ ...structuredClone(msg), payload: "first" } as Message);
      return { ...msg, payload: "second" };
    });
    await push({ type: "text", text: "hi" });
    await messages.wait(2);
    expect(phone()).toEqual([
      ["passive-reply", "first"],
      ["api", "second"],
    ]);
    expect(messages.items.map(({ wechat }) => wechat!.way)).toEqual(["passive-reply", "customer-service"]);
  });

  it.each([
    ["a text above one message", "字".repeat(1000), 2],
    ["a menu", { type: "msgmenu", items: [{ id: "1", text: "yes" }] }, 1],
  ])("is %s", async (_what, payload, count) => {
    const { push, messages } = await conversation(say(payload));
    const { outcome, tries } = await push({ type: "text", text: "hi" });
    expect(outcome).toBe("accepted");
    // The request is let go as soon as it is known that nothing comes.
    expect(tries[0]!.latencyMs).toBeLessThan(3_000);
    expect((await messages.first()).wechat).toMatchObject({ delivery: "delivered", way: "customer-service" });
    expect(phone().map(([via]) => via)).toEqual(Array(count).fill("api"));
  });

  it("comes after a deploy", async () => {
    const asked = new Collector<Message>();
    const { push, messages, flow, secrets, collect } = await conversation(keepIn(asked));
    const pushed = push({ type: "text", text: "hi" });
    const msg = await asked.first();
    await helper.setFlows(flow, "full", secrets);
    await pushed;
    const after = collect("messages");
    helper.getNode("send").receive({ ...msg, payload: "after the deploy" } as Message);
    expect((await after.first()).wechat).toMatchObject({ delivery: "delivered", way: "customer-service" });
    expect(messages.items).toEqual([]);
    expect(phone()).toEqual([["api", "after the deploy"]]);
  });

  it("finds no connection any more, and WeChat does not push again", async () => {
    simulator.addAccount({ appId: DEFAULT_APP_ID, secret: DEFAULT_APP_SECRET, limits: { pushTries: 1 } });
    const responses: ServerResponse[] = [];
    helper.settings({
      httpNodeMiddleware: (_request: IncomingMessage, response: ServerResponse, next: () => void) => {
        responses.push(response);
        next();
      },
    });
    const asked = new Collector<Message>();
    const { push, messages } = await conversation(keepIn(asked));
    const pushed = push({ type: "text", text: "hi" });
    const msg = await asked.first();
    const closed = once(responses.at(-1)!, "close");
    simulator.clock.advance(5_000);
    await closed;
    helper.getNode("send").receive({ ...msg, payload: "nobody waits" } as Message);
    expect((await messages.first()).wechat).toMatchObject({ delivery: "delivered", way: "customer-service" });
    expect((await pushed).outcome).toBe("no-answer");
    expect(phone()).toEqual([["api", "nobody waits"]]);
  });

  it("and is an error where the account may not send it, which says that nothing arrived", async () => {
    const { push, caught } = await conversation(say("字".repeat(1000)), { receive: { waitSeconds: 0.1 } });
    simulator.inject({ kind: "errcode", errcode: 48001 });
    await push({ type: "text", text: "hi" });
    expect((await caught.first()).wechat).toMatchObject({ delivery: "not-delivered", error: { errcode: 48001 } });
  });
});

it("lets WeChat go with success when nobody replies", async () => {
  const { push } = await conversation(() => undefined, { receive: { waitSeconds: 0.1 } });
  const { outcome, tries } = await push({ type: "text", text: "hi" });
  expect([outcome, tries.map(({ answer }) => answer)]).toEqual(["accepted", ["success"]]);
  expect(phone()).toEqual([]);
});

describe("a clear error, and nothing is sent", () => {
  // Where the error is another one once WeChat's request is over, a busy machine needs longer than a tenth of a second.
  const longer = { receive: { waitSeconds: 1 } };
  it.each<[string, (msg: Message) => Message, object, string]>([
    ["the receive node answers at once", say("hi"), { receive: { answer: "at-once" } }, "requestMissing"],
    [
      "the request is of another account's",
      (msg) => ({ ...msg, wechat: { ...msg.wechat!, requestId: "foreign" } }),
      {},
      "requestUnknown",
    ],
    [
      "it is for another follower",
      (msg) => ({ ...msg, openid: "oSomebodyElse00000000000000" }),
      longer,
      "requestForeign",
    ],
    [
      "an event is handed to agents",
      say({ type: "transfer_customer_service" }),
      { event: true, ...longer },
      "transferEvent",
    ],
    ["the picture has no media id", say({ type: "image" }), {}, "message.mediaId"],
    ["the type cannot be sent", say({ type: "location" }), {}, "message.type"],
    ["the text is empty", say(" "), {}, "text: is empty"],
  ])("%s", async (_what, answer, { event, ...options }: { event?: boolean; receive?: object }, words) => {
    const receive = { waitSeconds: 0.1, ...options.receive };
    const { push, caught } = await conversation(answer, { receive });
    const { outcome } = await push(event ? { type: "menu" } : { type: "text", text: "hi" });
    expect(outcome).toBe("accepted");
    const { wechat, error } = await caught.first();
    expect(wechat).toMatchObject({ delivery: "not-delivered", parts: [], error: { code: "WECHAT_VALIDATION" } });
    expect(error!.message).toContain(words);
    expect(wechat!.error!.remedy!.zh).toMatch(/\p{Script=Han}/u);
    expect(phone()).toEqual([]);
  });

  it("and WeChat's request is let go soon, as nothing comes", async () => {
    const { push, caught } = await conversation(say({ an: "object" }));
    const { outcome, tries } = await push({ type: "text", text: "hi" });
    expect(outcome).toBe("accepted");
    expect(tries[0]!.latencyMs).toBeLessThan(3_000);
    expect((await caught.first()).error!.message).toContain("contentObject");
  });

  it("and one for another follower leaves WeChat's request waiting", async () => {
    const { caught } = await conversation((msg) => {
      return msg.payload === "first" ? { ...msg, openid: "oSomebodyElse00000000000000" } : { ...msg, payload: " " };
    });
    const write = (text: string) => {
      const { pushId } = simulator.act(DEFAULT_FOLLOWER, { type: "text", text });
      return () => simulator.ledger.pushes.find(({ id }) => id === pushId)!.outcome;
    };
    const first = write("first");
    const failed = await caught.first();
    // This one's request is let go a while after its failure, and the other's would have been before.
    const second = write("second");
    await expect.poll(second, { timeout: 3_000 }).toBe("accepted");
    helper.getNode("send").receive({ ...failed, openid: DEFAULT_FOLLOWER, payload: "found" } as Message);
    await simulator.pushed();
    expect(first()).toBe("replied");
  });

  it("but a Catch node may still answer in WeChat's request", async () => {
    const { push, caught } = await conversation(say(" "));
    void caught.first().then((msg) => helper.getNode("send").receive({ ...msg, payload: "sorry" } as Message));
    expect((await push({ type: "text", text: "hi" })).outcome).toBe("replied");
    expect(phone()).toEqual([["passive-reply", "sorry"]]);
  });

  it("a transfer comes too late", async () => {
    let late: (() => void) | undefined;
    const { push, caught } = await conversation(
      (msg) =>
        new Promise<Message>((resolve) => {
          late = () => resolve({ ...msg, payload: { type: "transfer_customer_service" } });
        }),
      { receive: { waitSeconds: 0.05 } },
    );
    await push({ type: "text", text: "hi" });
    late?.();
    expect((await caught.first()).error!.message).toContain("transferLate");
  });
});
