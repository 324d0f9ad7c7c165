import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import type { Callback } from "../src/callback/callback.js";
import type { Arrival } from "../src/inbox/arrival.js";
import type { Reply } from "../src/index.js";
import { inboxOn } from "./support/inbox.js";
import {
  answerOf,
  callbackWith,
  MemoryReceiver,
  OPENID,
  pushOf,
  requestOf,
  settled,
  textXml,
} from "./support/pushes.js";

const REPLY: Reply = { type: "text", text: "回复" };

beforeEach(() => {
  // Immediates stay: streams and the callback itself take their turns with them.
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
/** In steps, because between two moments of real time everything gets its turn. */
async function pass(ms: number): Promise<void> {
  await settled();
  for (let left = ms; left > 0; left -= 500) {
    await vi.advanceTimersByTimeAsync(Math.min(500, left));
    await settled();
  }
}

/** A client that keeps what it is told to send. */
const outbox = () => {
  const sent: unknown[] = [];
  return { sent, messages: { send: async (openid: string, message: unknown) => void sent.push([openid, message]) } };
};
const plainPush = (body: string) => pushOf(body, { mode: "plain" });

/** An answer with the time at which it came; WeChat hangs up after 5 s. */
function pushed(callback: Callback, body: string) {
  const began = Date.now();
  const answer = { text: "none", ms: Number.NaN };
  void answerOf(callback, plainPush(body)).then(({ text }) => Object.assign(answer, { text, ms: Date.now() - began }));
  return answer;
}

describe.each(["at-once", "wait"] as const)("with reply %s", (reply) => {
  it.each([0, 1, 4, 6, 30])("a handler of %i s is asked once and the follower gets one answer", async (seconds) => {
    const client = outbox();
    const handler = vi.fn(async () => {
      if (seconds > 0) await wait(seconds * 1000);
      return REPLY;
    });
    const { callback, onError } = callbackWith({ mode: "plain", reply, client, onMessage: handler });
    const body = textXml();
    const answers = [];
    // Whatever WeChat heard, it pushes three times, 5 s apart.
    for (let push = 0; push < 3; push++) {
      answers.push(pushed(callback, body));
      await pass(5000);
    }
    await pass(30_000);
    for (const { ms } of answers) expect(ms).toBeLessThanOrEqual(4500);
    const passive = answers.filter(({ text }) => text.includes("回复"));
    expect(passive.length + client.sent.length).toBe(1);
    expect(answers.filter(({ text }) => text === "success")).toHaveLength(3 - passive.length);
    expect(handler).toHaveBeenCalledTimes(1);
    expect(onError).not.toHaveBeenCalled();
    if (reply === "at-once") {
      expect(answers[0]).toEqual({ text: "success", ms: 0 });
      expect(client.sent).toEqual([[OPENID, REPLY]]);
    } else {
      // The second push, at 5 s, still takes what comes at 6 s.
      expect(passive).toHaveLength(seconds < 30 ? 1 : 0);
    }
  });

  it("a handler that throws is reported once, and WeChat gets success", async () => {
    const onMessage = async () => {
      await wait(1000);
      throw new Error("broken handler");
    };
    const { callback, inbox, onError } = callbackWith({ mode: "plain", reply, onMessage });
    const answer = pushed(callback, textXml());
    await pass(1000);
    expect(answer.text).toBe("success");
    expect(onError.mock.calls).toMatchObject([[new Error("broken handler"), { type: "text" }]]);
    expect(inbox.emittedKeys).toHaveLength(1);
  });
});

describe("with reply wait", () => {
  it("the inbox takes note of a passive reply, which the reply window does not count", async () => {
    const createdAt = 1_714_112_445_000; // of the push
    const inbox = inboxOn(undefined, { clock: () => createdAt + 1000 });
    const onMessage = async () => REPLY;
    const { callback } = callbackWith({ mode: "plain", reply: "wait", inbox, onMessage });
    const { text } = await answerOf(callback, plainPush(textXml()));
    expect(text).toContain("回复");
    const { messages } = await inbox.read(OPENID);
    expect(messages).toMatchObject([
      { message: { type: "text", text: "你好" } },
      { message: REPLY, delivery: "delivered", passive: true },
    ]);
    expect((await inbox.window(OPENID)).repliesLeft).toBe(5);
    await callback.close();
    await inbox.close();
  });

  it("one push alone gets success in time, and the reply goes out late", async () => {
    const client = outbox();
    const onMessage = () => wait(6000).then(() => REPLY);
    const { callback } = callbackWith({ mode: "plain", reply: "wait", client, onMessage });
    const answer = pushed(callback, textXml());
    await pass(4499);
    expect(answer.text).toBe("none");
    await pass(1);
    expect(answer).toEqual({ text: "success", ms: 4500 });
    await pass(1500);
    expect(client.sent).toEqual([[OPENID, REPLY]]);
  });

  it("two requests at the same time: the newer one gets the reply", async () => {
    const onMessage = () => wait(2000).then(() => REPLY);
    const { callback } = callbackWith({ mode: "plain", reply: "wait", onMessage });
    const body = textXml();
    const first = pushed(callback, body);
    await pass(1000);
    const second = pushed(callback, body);
    await pass(1000);
    expect(first).toEqual({ text: "success", ms: 1000 });
    expect(second.text).toContain("回复");
  });

  it("a connection that is gone does not take the reply", async () => {
    const client = outbox();
    const onMessage = () => wait(2000).then(() => REPLY);
    const { callback } = callbackWith({ mode: "plain", reply: "wait", client, onMessage });
    const gone = new AbortController();
    const answer = callback.handle(requestOf(plainPush(textXml()), { signal: gone.signal }));
    await pass(1000);
    gone.abort();
    expect(await (await answer).text()).toBe("success");
    await pass(1000);
    expect(client.sent).toEqual([[OPENID, REPLY]]);
  });

  it("a connection that was gone before the handler began does not take it either", async () => {
    const client = outbox();
    const inbox = new MemoryReceiver();
    const receive = inbox.receive.bind(inbox);
    inbox.receive = (arrival) => wait(1000).then(() => receive(arrival));
    const { callback } = callbackWith({ mode: "plain", reply: "wait", inbox, client, onMessage: () => REPLY });
    const gone = new AbortController();
    const answer = callback.handle(requestOf(plainPush(textXml()), { signal: gone.signal }));
    await pass(500);
    gone.abort();
    await pass(500);
    expect(await (await answer).text()).toBe("success");
    expect(client.sent).toEqual([[OPENID, REPLY]]);
  });

  it("a push that comes while the late reply is on its way has nothing to wait for", async () => {
    const client = { messages: { send: () => wait(20_000) } };
    const onMessage = () => wait(5000).then(() => REPLY);
    const { callback } = callbackWith({ mode: "plain", reply: "wait", client, onMessage });
    const body = textXml();
    pushed(callback, body);
    await pass(6000);
    const second = pushed(callback, body);
    await pass(0);
    expect(second).toEqual({ text: "success", ms: 0 });
  });

  it("time that the inbox takes is WeChat's too", async () => {
    const inbox = new MemoryReceiver();
    const receive = inbox.receive.bind(inbox);
    inbox.receive = (arrival) => wait(3000).then(() => receive(arrival));
    const client = outbox();
    const onMessage = () => wait(2000).then(() => REPLY);
    const { callback } = callbackWith({ mode: "plain", reply: "wait", inbox, client, onMessage });
    const answer = pushed(callback, textXml());
    await pass(5000);
    expect(answer).toEqual({ text: "success", ms: 4500 });
    expect(client.sent).toHaveLength(1);
  });

  it("an inbox that cannot mark the message takes no reply away", async () => {
    const inbox = new MemoryReceiver();
    inbox.emitted = () => Promise.reject(new Error("disk full"));
    const { callback, onError } = callbackWith({ mode: "plain", reply: "wait", inbox, onMessage: () => REPLY });
    expect((await answerOf(callback, plainPush(textXml()))).text).toContain("回复");
    await settled();
    expect(onError.mock.calls).toMatchObject([[new Error("disk full"), { type: "text" }]]);
  });
});

describe("with as many handlers at work as may be", () => {
  it("a new push is refused and not kept, one that waits for a reply is let in, and later there is room", async () => {
    const onMessage = () => wait(3000).then(() => REPLY);
    const { callback, inbox, onRefused } = callbackWith({ mode: "plain", reply: "wait", maxConcurrent: 1, onMessage });
    const [one, two] = [textXml("1"), textXml("2")];
    const first = pushed(callback, one);
    await pass(0);
    const refused = pushed(callback, two);
    await pass(1000);
    expect(refused.text).toBe("none");
    expect(inbox.kept.size).toBe(1);
    expect(onRefused.mock.calls).toMatchObject([[{ reason: "busy", status: 503 }]]);
    const again = pushed(callback, one);
    await pass(2000);
    expect(first.text).toBe("success");
    expect(again.text).toContain("回复");
    const later = pushed(callback, two);
    await pass(3000);
    expect(later.text).toContain("回复");
    expect(refused).toEqual({ text: "busy", ms: 5500 }); // to nobody: WeChat hung up before
  });

  it("what was kept before waits for room", async () => {
    const inbox = new MemoryReceiver();
    const onMessage = vi.fn(() => wait(3000));
    const { callback } = callbackWith({ mode: "plain", inbox, maxConcurrent: 1, redeliverEvery: 1000, onMessage });
    const limits: number[] = [];
    inbox.takeAbandoned = async (limit = Number.NaN) => {
      limits.push(limit);
      return [];
    };
    await answerOf(callback, plainPush(textXml()));
    await pass(2500);
    expect(onMessage).toHaveBeenCalledTimes(1);
    expect(limits).toEqual([1]); // before the push came
    await pass(2000);
    expect(limits).toEqual([1, 1]);
  });
});

describe("what was kept and not handed on", () => {
  const arrivals = (count: number): Arrival[] =>
    Array.from({ length: count }, (_, n) => ({
      key: `m:${n}`,
      message: { type: "text", openid: OPENID, accountId: "gh", createdAt: 0, text: String(n) } as Arrival["message"],
    }));

  it("is handed on at the start, all of it, and later at intervals", async () => {
    const inbox = new MemoryReceiver();
    inbox.abandoned.push(...arrivals(250));
    const { messages } = callbackWith({ inbox });
    await pass(0);
    await settled();
    expect(messages.map((message) => "text" in message && message.text)).toEqual(
      arrivals(250).map((_, n) => String(n)),
    );
    inbox.abandoned.push(...arrivals(1));
    await pass(29_000);
    expect(messages).toHaveLength(250);
    await pass(1000);
    expect(messages).toHaveLength(251);
    expect(inbox.emittedKeys).toHaveLength(251);
  });

  it("gets its reply as a customer-service message", async () => {
    const inbox = new MemoryReceiver();
    inbox.abandoned.push(...arrivals(1));
    const client = outbox();
    callbackWith({ inbox, client, reply: "wait", onMessage: () => REPLY });
    await pass(0);
    expect(client.sent).toEqual([[OPENID, REPLY]]);
  });

  it("is reported where the inbox fails or has what nobody knows, and looked for again", async () => {
    const inbox = new MemoryReceiver();
    const take = vi.spyOn(inbox, "takeAbandoned").mockRejectedValueOnce(new Error("locked"));
    const { messages, onError } = callbackWith({ inbox });
    await pass(0);
    expect(onError.mock.calls).toEqual([[new Error("locked"), undefined]]);
    const [known, odd] = arrivals(2);
    inbox.abandoned.push(known!, { ...odd!, message: { ...odd!.message, type: "hologram" } });
    await pass(30_000);
    expect(messages).toHaveLength(1);
    expect(String(onError.mock.calls[1]?.[0])).toContain("hologram");
    expect(take).toHaveBeenCalledTimes(2);
  });
});

describe("close", () => {
  it("waits for a handler under way and its reply, and looks no more", async () => {
    const client = outbox();
    const onMessage = () => wait(3000).then(() => REPLY);
    const { callback, inbox } = callbackWith({ mode: "plain", client, onMessage });
    const take = vi.spyOn(inbox, "takeAbandoned");
    await answerOf(callback, plainPush(textXml()));
    const closed = vi.fn();
    void callback.close().then(closed);
    await pass(2999);
    expect(closed).not.toHaveBeenCalled();
    await pass(1);
    expect(closed).toHaveBeenCalled();
    expect(client.sent).toHaveLength(1);
    await pass(60_000);
    expect(take).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("asked for twice, both end with the handler", async () => {
    const onMessage = () => wait(3000).then(() => REPLY);
    const { callback } = callbackWith({ mode: "plain", onMessage });
    await answerOf(callback, plainPush(textXml()));
    const closed = vi.fn();
    for (let time = 0; time < 2; time++) void callback.close().then(closed);
    await pass(2999);
    expect(closed).not.toHaveBeenCalled();
    await pass(1);
    expect(closed).toHaveBeenCalledTimes(2);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("does not wait for ever", async () => {
    const { callback } = callbackWith({ mode: "plain", onMessage: () => new Promise<void>(() => {}) });
    await answerOf(callback, plainPush(textXml()));
    const closed = vi.fn();
    void callback.close(500).then(closed);
    await pass(500);
    expect(closed).toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("ends the inbox that the callback made for itself, which tells duplicates as others do", async () => {
    const { callback, messages, onError } = callbackWith({ mode: "plain", inbox: undefined });
    const push = plainPush(textXml());
    for (let time = 0; time < 3; time++) expect((await answerOf(callback, push)).text).toBe("success");
    const other = pushOf(textXml("forged"), { mode: "plain", nonce: push.query.get("nonce") ?? "" });
    expect(await answerOf(callback, other)).toEqual({ status: 403, text: "replayed" });
    await settled();
    expect(messages).toMatchObject([{ type: "text", text: "你好" }]);
    expect(vi.getTimerCount()).toBeGreaterThan(0);
    await callback.close();
    expect(vi.getTimerCount()).toBe(0);
    expect(onError).not.toHaveBeenCalled();
  });

  it("leaves an inbox that was passed in open", async () => {
    const inbox = inboxOn(undefined);
    onTestFinished(() => inbox.close());
    const { callback } = callbackWith({ mode: "plain", inbox });
    await answerOf(callback, plainPush(textXml()));
    await settled();
    await callback.close();
    expect(await inbox.stats()).toMatchObject({ messages: 1, pending: 0 });
  });
});

it("an owner whose own reporters fail hurts nobody", async () => {
  const onError = () => Promise.reject(new Error("reporter")) as never;
  const onRefused = () => {
    throw new Error("reporter");
  };
  const onMessage = () => {
    throw new Error("handler");
  };
  const { callback } = callbackWith({ mode: "plain", onMessage, onError, onRefused });
  expect((await answerOf(callback, plainPush(textXml()))).text).toBe("success");
  expect((await answerOf(callback, pushOf(textXml(), { mode: "plain", token: "forged" }))).status).toBe(401);
  // An unhandled rejection would fail the run.
  await settled();
});
