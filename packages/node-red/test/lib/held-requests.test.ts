import { request, type ServerResponse } from "node:http";
import type { IncomingMessage, Reply } from "@wechat-offiaccount/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Held, HeldRequests, type Push } from "../../src/lib/held-requests.js";
import { serve } from "../support/receiving.js";

const common = { openid: "oFollower", accountId: "gh_0123456789ab", createdAt: 1_700_000_000_000 };
const MESSAGE: IncomingMessage = { type: "text", text: "hi", msgId: "1", ...common };
const REPLY = { type: "text", text: "hello" } as const;

let arrived: (response: ServerResponse) => void;
let server: Awaited<ReturnType<typeof serve>>;
let requests: HeldRequests;
beforeEach(async () => {
  // Sockets keep their real clock.
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  server = await serve((_request, response) => arrived(response));
  requests = new HeldRequests("wxMine");
});
afterEach(() => {
  vi.useRealTimers();
  return server.close();
});

/** A request that has arrived, and how to break it off. */
async function exchange() {
  const coming = new Promise<ServerResponse>((resolve) => {
    arrived = resolve;
  });
  const sent = request(server.url).on("error", () => {});
  sent.end();
  const response = await coming;
  const breakOff = async () => {
    const closed = new Promise((resolve) => response.once("close", resolve));
    sent.destroy();
    await closed;
  };
  return { response, breakOff, since: performance.now() };
}
function waiting(id: string): Held {
  const held = requests.find(id);
  if (!held || held === "over") throw new Error("it does not wait");
  return held;
}
/** What has come of a hold so far. */
function watch(reply: Promise<Reply | undefined>) {
  const seen: { over: boolean; reply?: Reply | undefined } = { over: false };
  void reply.then((given) => Object.assign(seen, { over: true, reply: given }));
  return seen;
}

it("gives the reply to the request and tells that it was written", async () => {
  const newest = await exchange();
  const { id, reply } = requests.hold(MESSAGE, { newest }, 60_000);
  const outcome = waiting(id).reply(REPLY);
  expect(requests.decided(MESSAGE, true)).toBe(true);
  expect(await reply).toBe(REPLY);
  newest.response.end("the answer");
  expect(await outcome).toBe("delivered");
  expect(requests.find(id)).toBe("over");
});

it("does not know what became of a reply whose connection broke", async () => {
  const newest = await exchange();
  const { id } = requests.hold(MESSAGE, { newest }, 60_000);
  const outcome = waiting(id).reply(REPLY);
  expect(requests.decided(MESSAGE, true)).toBe(true);
  newest.response.destroy();
  expect(await outcome).toBe("unknown");
});

it("takes no reply into a connection that broke before, or was answered", async () => {
  const broken = await exchange();
  await broken.breakOff();
  expect(requests.find(requests.hold(MESSAGE, { newest: broken }, 60_000).id)).toBe("over");
  const answered = await exchange();
  const { id } = requests.hold(MESSAGE, { newest: answered }, 60_000);
  answered.response.end("success");
  expect(requests.find(id)).toBe("over");
});

it("takes the reply into the newest request, though the first is gone, and counts its time", async () => {
  const first = await exchange();
  const push: Push = { newest: first };
  const { id, reply } = requests.hold(MESSAGE, push, 4_500);
  const seen = watch(reply);
  await vi.advanceTimersByTimeAsync(3_000);
  await first.breakOff();
  expect(requests.find(id)).toBe("over");
  const second = await exchange();
  push.newest = second;
  await vi.advanceTimersByTimeAsync(4_400);
  expect(seen.over).toBe(false);
  const outcome = waiting(id).reply(REPLY);
  expect(requests.decided(MESSAGE, true)).toBe(true);
  expect(await reply).toBe(REPLY);
  second.response.end("the answer");
  expect(await outcome).toBe("delivered");
});

describe("the wait", () => {
  it("ends with the time, counted from the beginning of the request", async () => {
    const { response, since } = await exchange();
    await vi.advanceTimersByTimeAsync(1_000);
    const { id, reply } = requests.hold(MESSAGE, { newest: { response, since } }, 4_500);
    const seen = watch(reply);
    await vi.advanceTimersByTimeAsync(3_499);
    expect(seen.over).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(seen).toEqual({ over: true, reply: undefined });
    expect(requests.find(id)).toBe("over");
    expect(requests.size).toBe(0);
  });

  it("does not begin where the time is over", async () => {
    const { response, since } = await exchange();
    const { reply } = requests.hold(MESSAGE, { newest: { response, since: since - 4_500 } }, 4_500);
    expect(await reply).toBeUndefined();
    expect([requests.size, vi.getTimerCount()]).toEqual([0, 0]);
  });

  it("ends as soon as told, not later than it would have, and not for another follower", async () => {
    const { id, reply } = requests.hold(MESSAGE, { newest: await exchange() }, 4_500);
    const seen = watch(reply);
    requests.letGo(id, "oAnother", 0);
    requests.letGo(id, "oFollower", 1_000);
    requests.letGo(id, undefined, 2_000);
    await vi.advanceTimersByTimeAsync(999);
    expect(seen.over).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(seen).toEqual({ over: true, reply: undefined });

    const next = requests.hold(MESSAGE, { newest: await exchange() }, 4_500);
    requests.letGo(next.id, "oFollower", 0);
    expect(await next.reply).toBeUndefined();
  });

  it("ends when the account is closed, and leaves no timer", async () => {
    const { reply } = requests.hold(MESSAGE, { newest: await exchange() }, 60_000);
    requests.close();
    expect(await reply).toBeUndefined();
    expect([requests.size, vi.getTimerCount()]).toEqual([0, 0]);
  });
});

it("knows its own requests after a deploy as over, and no other account's", async () => {
  const { id } = requests.hold(MESSAGE, { newest: await exchange() }, 60_000);
  expect(new HeldRequests("wxMine").find(id)).toBe("over");
  expect(new HeldRequests("wxMine").find(requests.newId())).toBe("over");
  expect(new HeldRequests("wxAnother").find(id)).toBeUndefined();
});

it("tells that a reply is late where core answered WeChat before, whatever became of the connection", async () => {
  const newest = await exchange();
  const { id, reply } = requests.hold(MESSAGE, { newest }, 60_000);
  const outcome = waiting(id).reply(REPLY);
  expect(await reply).toBe(REPLY);
  newest.response.end("success");
  expect(requests.decided(MESSAGE, false)).toBe(true);
  expect(await outcome).toBe("late");
  expect(requests.decided(MESSAGE, false)).toBe(false);
});
