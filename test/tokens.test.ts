import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { DEFAULT_APP_ID, DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";
import { describe, expect, it, onTestFinished } from "vitest";
import { clientOf, inFlight, simulated, tokenCalls } from "./support/desk.js";

describe("access tokens under fire", () => {
  it.each(["stable", "classic"] as const)(
    "500 concurrent sends with a cold cache: one %s token call",
    async (source) => {
      const simulator = await simulated({ replyQuota: false });
      const { messages } = clientOf(simulator, { tokenSource: source });
      await Promise.all(Array.from({ length: 500 }, (_, n) => messages.sendText(DEFAULT_FOLLOWER, `text ${n}`)));
      expect(tokenCalls(simulator)).toHaveLength(1);
      expect(simulator.ledger.messages).toHaveLength(500);
    },
  );

  it.each([
    ["killed by another party's force_refresh", 2],
    ["dead while normal mode still repeats it", 3],
  ])("the token %s in the middle of 2,000 sends: no failed send, %i token calls in all", async (how, calls) => {
    const simulator = await simulated({ replyQuota: false });
    const { messages } = clientOf(simulator);
    await inFlight(64, 2000, async (n) => {
      if (n === 1000 && calls === 3) simulator.tokens.kill({ repeat: true });
      if (n === 1000 && calls === 2) {
        // Two forced refreshes, 30 s apart, end the older token at once.
        simulator.tokens.forceRefresh();
        simulator.clock.advance(30_000);
        simulator.tokens.forceRefresh();
      }
      await messages.sendText(DEFAULT_FOLLOWER, `text ${n}`);
    });
    expect(tokenCalls(simulator), how).toHaveLength(calls);
    expect(simulator.ledger.calls.some((call) => call.errcode === 40001)).toBe(true);
    expect(new Set(simulator.ledger.messages.map((message) => message.text)).size).toBe(2000);
    expect(simulator.ledger.messages).toHaveLength(2000);
  });

  it("expired tokens (42001) and classic tokens superseded by another program are replaced too", async () => {
    const simulator = await simulated({ replyQuota: false });
    for (const tokenSource of ["stable", "classic"] as const) {
      const { messages } = clientOf(simulator, { tokenSource });
      await messages.sendText(DEFAULT_FOLLOWER, "before");
      if (tokenSource === "stable") simulator.tokens.expire();
      else simulator.tokens.kill({ kind: "classic" });
      await messages.sendText(DEFAULT_FOLLOWER, "after");
    }
    expect(simulator.ledger.messages.map((message) => message.text)).toEqual(["before", "after", "before", "after"]);
    expect(tokenCalls(simulator)).toHaveLength(4);
  });

  it("a token that cannot be replaced fails the send as not delivered, with WeChat's words, and without a storm", async () => {
    const simulator = await simulated();
    const { messages } = clientOf(simulator, { tokenSource: async () => "never-issued" });
    const errors = await inFlight(8, 50, (n) => messages.sendText(DEFAULT_FOLLOWER, `${n}`).catch((error) => error));
    for (const error of errors) {
      expect(error).toMatchObject({ code: "WECHAT_CREDENTIAL", delivery: "not-delivered" });
      expect(error.rid).toMatch(/^[0-9a-f-]{26}$/);
      expect(error.message).not.toContain("never-issued");
    }
    expect(simulator.ledger.messages).toHaveLength(0);
  });

  it("a wrong secret is told by every send, with one call to the token endpoint", async () => {
    const simulator = await simulated();
    const { messages } = clientOf(simulator, { appSecret: "f".repeat(32) });
    const errors = await inFlight(64, 500, (n) => messages.sendText(DEFAULT_FOLLOWER, `${n}`).catch((error) => error));
    for (const error of errors) {
      expect(error).toMatchObject({ code: "WECHAT_CREDENTIAL", errcode: 40125, delivery: "not-delivered" });
      expect(error.parts).toEqual([expect.objectContaining({ index: 0, delivery: "not-delivered", errcode: 40125 })]);
    }
    expect(simulator.ledger.calls.map((call) => call.path)).toEqual(["/cgi-bin/stable_token"]);
  });

  it.each(["busy", "reset-before", "http-502", "html-200", "truncated-json"] as const)(
    "a passing fault of the token endpoint (%s) fails no send",
    async (kind) => {
      const simulator = await simulated();
      simulator.inject({ kind, path: "/cgi-bin/stable_token", times: 2 });
      await clientOf(simulator).messages.sendText(DEFAULT_FOLLOWER, "hi");
      expect(tokenCalls(simulator)).toHaveLength(3);
      expect(simulator.ledger.messages).toHaveLength(1);
    },
  );

  it("two processes on one account: no more than two token calls, no failed send", async () => {
    const simulator = await simulated({ replyQuota: false });
    const script = fileURLToPath(new URL("support/send-many.mjs", import.meta.url));
    const start = () => {
      const child = fork(script, [simulator.url, "500"]);
      onTestFinished(() => void child.kill());
      return child;
    };
    const exitCode = (child: ChildProcess) => new Promise((resolve) => child.once("exit", resolve));
    expect(await Promise.all([start(), start()].map(exitCode))).toEqual([0, 0]);
    expect(tokenCalls(simulator).length).toBeLessThanOrEqual(2);
    expect(simulator.ledger.messages).toHaveLength(1000);
    expect(simulator.ledger.messages.every((message) => message.appId === DEFAULT_APP_ID)).toBe(true);
  });
});
