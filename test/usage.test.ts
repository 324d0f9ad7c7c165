import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { CALL_CHANNEL, type CallEvent } from "@wechat-offiaccount/core";
import { DEFAULT_APP_ID, DEFAULT_APP_SECRET, DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";
import { expect, it, onTestFinished } from "vitest";
import { clientOf, simulated } from "./support/desk.js";

it("publishes every attempt of every call, without secrets and texts", async () => {
  const simulator = await simulated();
  const events: CallEvent[] = [];
  const listen = (event: unknown) => void events.push(event as CallEvent);
  subscribe(CALL_CHANNEL, listen);
  onTestFinished(() => void unsubscribe(CALL_CHANNEL, listen));
  const client = clientOf(simulator);
  simulator.inject({ kind: "busy", path: "/cgi-bin/stable_token" });
  simulator.inject({ kind: "busy", path: "/cgi-bin/message/custom/send" });
  await client.messages.sendText(DEFAULT_FOLLOWER, "the text");
  await client.messages.sendText("oNobody", "the text").catch(() => {});
  simulator.inject({ kind: "reset-after" });
  await client.messages.sendText(DEFAULT_FOLLOWER, "the text").catch(() => {});
  await client.users.get({ openid: DEFAULT_FOLLOWER });

  const send = { appId: DEFAULT_APP_ID, endpoint: "POST /cgi-bin/message/custom/send" };
  const token = { appId: DEFAULT_APP_ID, endpoint: "POST /cgi-bin/stable_token" };
  expect(events).toMatchObject([
    { ...token, attempt: 1, code: "WECHAT_BUSY", errcode: -1 },
    { ...token, attempt: 2, errcode: 0 },
    { ...send, attempt: 1, code: "WECHAT_BUSY", errcode: -1, delivery: "unknown" },
    { ...send, attempt: 2, errcode: 0, delivery: "delivered" },
    { ...send, attempt: 1, code: "WECHAT_RECIPIENT", errcode: 40003, delivery: "not-delivered" },
    { ...send, attempt: 1, code: "WECHAT_RESET", delivery: "unknown" },
    { appId: DEFAULT_APP_ID, endpoint: "GET /cgi-bin/user/info", attempt: 1, errcode: 0 },
  ]);
  expect(events[0]).not.toHaveProperty("delivery");
  for (const { duration } of events) expect(duration).toBeGreaterThan(0);
  expect(JSON.stringify(events)).not.toMatch(/the text|access_token|secret/);
  expect(JSON.stringify(events)).not.toContain(DEFAULT_APP_SECRET);
});
