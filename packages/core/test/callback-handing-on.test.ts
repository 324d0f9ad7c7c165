import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import type { CallbackOptions } from "../src/callback/options.js";
import type { Arrival } from "../src/inbox/arrival.js";
import type { Reply } from "../src/index.js";
import { inboxOn } from "./support/inbox.js";
import { answerOf, callbackWith, MemoryReceiver, OPENID, pushOf, settled, textXml } from "./support/pushes.js";

const REPLY: Reply = { type: "text", text: "回复" };
const plainPush = (body = textXml()) => pushOf(body, { mode: "plain" });

/** What the test lets happen. */
function gate() {
  let open = () => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open: () => open() };
}

afterEach(() => {
  vi.useRealTimers();
});

describe.each(["at-once", "wait"] as const)("with reply %s", (reply) => {
  it("the reply leaves only when the mark is kept: after a kill between the two there is no second one", async () => {
    const inbox = new MemoryReceiver();
    const mark = gate();
    inbox.emitted = () => mark.passed;
    const seen: string[] = [];
    const client = { messages: { send: async () => void seen.push("sent") } };
    const { callback } = callbackWith({ mode: "plain", reply, inbox, client, onMessage: () => REPLY });
    const answered = answerOf(callback, plainPush()).then(({ text }) => seen.push(text));
    if (reply === "at-once") await answered;
    await settled();
    expect(seen).toEqual(reply === "at-once" ? ["success"] : []);
    mark.open();
    await answered;
    await settled();
    expect(seen).toHaveLength(reply === "at-once" ? 2 : 1);
    expect(seen.at(-1)).toMatch(reply === "at-once" ? "sent" : "回复");
  });
});

it("a store too slow at marking makes the reply a late one, not a lost one", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  const inbox = new MemoryReceiver();
  const mark = gate();
  inbox.emitted = () => mark.passed;
  const send = vi.fn(async () => {});
  const client = { messages: { send } };
  const { callback } = callbackWith({ mode: "plain", reply: "wait", inbox, client, onMessage: () => REPLY });
  const answered = answerOf(callback, plainPush());
  await settled();
  await vi.advanceTimersByTimeAsync(4500);
  expect((await answered).text).toBe("success");
  expect(send).not.toHaveBeenCalled();
  mark.open();
  await settled();
  expect(send.mock.calls).toEqual([[OPENID, REPLY]]);
});

it.each(["plain", "safe"] as const)("a push in JSON may begin with a byte order mark, in %s mode", async (mode) => {
  const text = `{"ToUserName":"gh_1","FromUserName":"${OPENID}","CreateTime":1,"MsgType":"text","Content":"你好","MsgId":7}`;
  const { callback, messages } = callbackWith({ mode });
  const push = pushOf(`\uFEFF${text}`, { mode, format: "json" });
  const body = mode === "safe" ? `\uFEFF${push.body}` : push.body;
  expect(await answerOf(callback, { ...push, body })).toEqual({ status: 200, text: "success" });
  await settled();
  expect(messages).toMatchObject([{ type: "text", text: "你好" }]);
});

it("a transfer that went into WeChat's answer is no message of the conversation", async () => {
  const inbox = inboxOn(undefined);
  onTestFinished(() => inbox.close());
  const onMessage = (): Reply => ({ type: "transfer_customer_service" });
  const { callback } = callbackWith({ mode: "plain", reply: "wait", inbox, onMessage });
  expect((await answerOf(callback, plainPush())).text).toContain("transfer_customer_service");
  await callback.close();
  expect((await inbox.read(OPENID)).messages).toMatchObject([{ direction: "in" }]);
});

it("the end of an answered request takes the reply from no newer one, over node:http", async () => {
  const handler = gate();
  const onMessage = () => handler.passed.then(() => REPLY);
  const { callback } = callbackWith({ mode: "plain", reply: "wait", onMessage });
  const closed: Promise<unknown>[] = [];
  const server = createServer((request, response: ServerResponse) => {
    closed.push(once(response, "close"));
    void callback.listener(request, response);
  }).listen(0, "127.0.0.1");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const { query, body } = plainPush();
  const post = async () => (await fetch(`http://127.0.0.1:${port}/?${query}`, { method: "POST", body })).text();
  const first = post();
  await once(server, "request");
  const second = post();
  expect(await first).toBe("success");
  await closed[0];
  handler.open();
  expect(await second).toContain("回复");
});

describe("what was kept and not handed on", () => {
  const arrival = (n: number, type = "text"): Arrival => ({
    key: `m:${n}`,
    message: { type, openid: OPENID, accountId: "gh", createdAt: 0, text: String(n) } as Arrival["message"],
  });
  const EVERY = 1000;
  /** A callback with an inbox whose looks the test sees and holds. */
  function looking(options: Partial<CallbackOptions> = {}) {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const inbox = new MemoryReceiver();
    const look = gate();
    const take = vi.spyOn(inbox, "takeAbandoned").mockImplementation(async (limit) => {
      await look.passed;
      return inbox.abandoned.splice(0, limit);
    });
    return { ...callbackWith({ redeliverEvery: EVERY, ...options, inbox }), inbox, look, take };
  }

  it("is looked for by one look at a time, however slow the inbox is", async () => {
    const { take, look } = looking();
    await settled();
    await vi.advanceTimersByTimeAsync(3 * EVERY);
    expect(take).toHaveBeenCalledTimes(1);
    look.open();
    await settled();
    await vi.advanceTimersByTimeAsync(EVERY);
    expect(take).toHaveBeenCalledTimes(2);
  });

  it("is looked for no more after close, also where the last look found more than it took", async () => {
    const handler = gate();
    const { callback, inbox, take, look } = looking({ maxConcurrent: 1, onMessage: () => handler.passed });
    inbox.abandoned.push(arrival(1), arrival(2));
    look.open();
    await settled();
    const closed = callback.close();
    handler.open();
    await closed;
    await settled();
    expect(take).toHaveBeenCalledTimes(1);
    expect(inbox.emittedKeys).toEqual(["m:1"]);
  });

  it("is handed on before close ends, if a look was under way", async () => {
    const { callback, inbox, messages, look } = looking();
    inbox.abandoned.push(arrival(1));
    await settled();
    const over = vi.fn();
    const closed = callback.close().then(over);
    await settled();
    expect(over).not.toHaveBeenCalled();
    look.open();
    await closed;
    expect(messages).toHaveLength(1);
    expect(inbox.emittedKeys).toEqual(["m:1"]);
  });

  it("is marked where nobody here can read it, so that it does not come again for ever", async () => {
    const { inbox, onError, look } = looking();
    inbox.abandoned.push(arrival(1, "hologram"));
    look.open();
    await settled();
    expect(onError).toHaveBeenCalledTimes(1);
    expect(inbox.emittedKeys).toEqual(["m:1"]);
  });
});
