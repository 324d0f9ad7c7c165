import type { TokenGrant } from "@wechat-offiaccount/core";
import { DEFAULT_FOLLOWER, type Simulator } from "@wechat-offiaccount/simulator";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { clientOf, currentToken, inFlight, simulated, tokenCalls } from "./support/desk.js";

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

  it.each<[number, (simulator: Simulator) => void]>([
    [40001, ({ tokens }) => tokens.kill()],
    [40014, ({ tokens }) => tokens.kill({ errcode: 40014 })],
    [42001, ({ tokens }) => tokens.expire()],
  ])("a token that dies (%i) at the 1,000th of 2,000 sends costs one token call and no message", async (code, kill) => {
    const simulator = await simulated({ replyQuota: false });
    const { messages } = clientOf(simulator);
    await inFlight(64, 2000, async (n) => {
      if (n === 1000) kill(simulator);
      await messages.sendText(DEFAULT_FOLLOWER, `text ${n}`);
    });
    expect(simulator.ledger.calls.some(({ errcode }) => errcode === code)).toBe(true);
    // The first one, and one for the death.
    expect(tokenCalls(simulator)).toHaveLength(2);
    expect(simulator.ledger.messages).toHaveLength(2000);
    expect(new Set(simulator.ledger.messages.map(({ text }) => text)).size).toBe(2000);
  });

  it("at the rollover with 64 in flight one call is made, and no send waits for it", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    onTestFinished(() => void vi.useRealTimers());
    const simulator = await simulated({ replyQuota: false });
    const grants: Promise<TokenGrant>[] = [
      Promise.resolve({ accessToken: await currentToken(simulator), expiresIn: 7200 }),
    ];
    let bring = (_: TokenGrant) => {};
    grants.push(new Promise((resolve) => (bring = resolve)));
    const tokenSource = vi.fn(() => grants[tokenSource.mock.calls.length - 1]!);
    const { messages } = clientOf(simulator, { tokenSource });
    const sendMany = (name: string) => inFlight(64, 640, (n) => messages.sendText(DEFAULT_FOLLOWER, `${name} ${n}`));
    await sendMany("before");
    vi.advanceTimersByTime(6_950_000);
    // All of them arrive while the answer of the token call is still out.
    await sendMany("meanwhile");
    expect(tokenSource).toHaveBeenCalledTimes(2);
    expect(simulator.ledger.messages).toHaveLength(1280);
    simulator.clock.advance(6_950_000);
    bring({ accessToken: await currentToken(simulator), expiresIn: 7200 });
    await sendMany("after");
    expect(tokenSource).toHaveBeenCalledTimes(2);
    expect(simulator.ledger.messages).toHaveLength(1920);
    expect(simulator.ledger.calls.filter(({ errcode }) => errcode !== 0)).toEqual([]);
  });

  it("5 % of -1: the caller sees none of them", async () => {
    // One after the other, so that the seed decides which call is struck; four in a row would be seen.
    const simulator = await simulated({ replyQuota: false, seed: 7 });
    simulator.inject({ kind: "busy", rate: 0.05 });
    const { messages } = clientOf(simulator);
    await inFlight(1, 2000, (n) => messages.sendText(DEFAULT_FOLLOWER, `text ${n}`));
    expect(simulator.ledger.calls.filter(({ errcode }) => errcode === -1).length).toBeGreaterThan(60);
    expect(simulator.ledger.messages).toHaveLength(2000);
  });

  it("a token that dies twice within 5 s fails a send with what happened and what to do; 5 s later sends go on", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    onTestFinished(() => void vi.useRealTimers());
    const simulator = await simulated();
    const { messages } = clientOf(simulator);
    await messages.sendText(DEFAULT_FOLLOWER, "one");
    simulator.tokens.kill();
    await messages.sendText(DEFAULT_FOLLOWER, "two");
    simulator.tokens.kill();
    const error = await messages.sendText(DEFAULT_FOLLOWER, "three").catch((error) => error);
    expect(error).toMatchObject({ code: "WECHAT_CREDENTIAL", errcode: 40001, delivery: "not-delivered" });
    expect(error.remedy.en).toMatch(/^WeChat refused the access token, .*refused as well.*Wait 5 seconds/);
    expect(error.remedy.en).toMatch(/let every program use stable_token/);
    expect(error.remedy.zh).toMatch(/^微信拒绝了 access_token.*同样被拒绝.*等待 5 秒后重试.*stable_token/);
    vi.advanceTimersByTime(5_000);
    await messages.sendText(DEFAULT_FOLLOWER, "three");
    expect(simulator.ledger.messages.map(({ text }) => text)).toEqual(["one", "two", "three"]);
    expect(tokenCalls(simulator)).toHaveLength(3);
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
});
