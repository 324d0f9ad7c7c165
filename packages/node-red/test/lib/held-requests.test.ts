import { request, type ServerResponse } from "node:http";
import type { IncomingMessage } from "@wechat-offiaccount/core";
import { afterEach, beforeEach, expect, it } from "vitest";
import { HeldRequests } from "../../src/lib/held-requests.js";
import { serve } from "../support/receiving.js";

const common = { openid: "oFollower", accountId: "gh_0123456789ab", createdAt: 1_700_000_000_000 };
const MESSAGE: IncomingMessage = { type: "text", text: "hi", msgId: "1", ...common };
const REPLY = { type: "text", text: "hello" } as const;

let arrived: (response: ServerResponse) => void;
let server: Awaited<ReturnType<typeof serve>>;
beforeEach(async () => {
  server = await serve((_request, response) => arrived(response));
});
afterEach(() => server.close());

/** A request that has arrived, and how to break it off. */
async function exchange() {
  const response = new Promise<ServerResponse>((resolve) => {
    arrived = resolve;
  });
  const sent = request(server.url).on("error", () => {});
  sent.end();
  return { response: await response, breakOff: () => sent.destroy(), since: performance.now() };
}

it("gives the reply to the request and tells that it was written", async () => {
  const requests = new HeldRequests();
  const { response, since } = await exchange();
  const { id, reply } = requests.hold(MESSAGE, { response, since }, 60_000);
  const held = requests.find(id);
  if (!held || held === "over") throw new Error("it does not wait");
  const outcome = held.reply(REPLY);
  expect(await reply).toBe(REPLY);
  response.end("the answer");
  expect(await outcome).toBe("delivered");
  expect(requests.find(id)).toBe("over");
});

it("does not know what became of a reply whose connection broke", async () => {
  const requests = new HeldRequests();
  const { response, since } = await exchange();
  const { id } = requests.hold(MESSAGE, { response, since }, 60_000);
  const held = requests.find(id);
  if (!held || held === "over") throw new Error("it does not wait");
  const outcome = held.reply(REPLY);
  response.destroy();
  expect(await outcome).toBe("unknown");
});

it("is over when WeChat hangs up", async () => {
  const requests = new HeldRequests();
  const { response, since, breakOff } = await exchange();
  const { id, reply } = requests.hold(MESSAGE, { response, since }, 60_000);
  breakOff();
  expect(await reply).toBeUndefined();
  expect(requests.find(id)).toBe("over");
  expect(requests.size).toBe(0);
});

it("counts the time from the beginning of the request", async () => {
  const requests = new HeldRequests();
  const { response, since } = await exchange();
  const { reply } = requests.hold(MESSAGE, { response, since: since - 4_500 }, 4_500);
  expect(await reply).toBeUndefined();
});

it("lets go of all when the account is closed, and knows no other", async () => {
  const requests = new HeldRequests();
  const { response, since } = await exchange();
  const before = response.listenerCount("close");
  const { reply } = requests.hold(MESSAGE, { response, since }, 60_000);
  requests.close();
  expect(await reply).toBeUndefined();
  expect(requests.find("another")).toBeUndefined();
  expect(response.listenerCount("close")).toBe(before);
});
