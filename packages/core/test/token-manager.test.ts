import { describe, expect, it } from "vitest";
import { apiError, WeChatTransportError } from "../src/errors.js";
import { TokenManager } from "../src/token/manager.js";
import type { TokenGrant, TokenRequest, TokenSource } from "../src/token/sources.js";

/** A source that answers what the test queues, when the test lets it. */
function scripted({ mayForce = true } = {}) {
  const force = mayForce ? { minInterval: 30_000, perDay: 20 } : undefined;
  const requests: TokenRequest[] = [];
  const answers: (TokenGrant | Error)[] = [];
  let gate: Promise<void> = Promise.resolve();
  const source: TokenSource = {
    force,
    async fetch(request) {
      requests.push(request);
      await gate;
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      if (answer === undefined) throw new Error("the test queued no answer");
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
  const hold = () => {
    let open = () => {};
    gate = new Promise((resolve) => {
      open = resolve;
    });
    return () => open();
  };
  return { source, requests, answers, hold };
}

const grant = (accessToken: string, expiresIn = 7200): TokenGrant => ({ accessToken, expiresIn });
const NO_RETRY = { retries: 0, baseDelay: 0, maxDelay: 0 };
const settled = () => new Promise((resolve) => setImmediate(resolve));

function managed(script = scripted()) {
  const clock = { now: 0 };
  const manager = new TokenManager(script.source, { retry: NO_RETRY, now: () => clock.now });
  return { ...script, clock, manager };
}

describe("TokenManager", () => {
  it("makes one request however many callers wait", async () => {
    const { manager, answers, requests } = managed();
    answers.push(grant("T1"));
    const tokens = await Promise.all(Array.from({ length: 500 }, () => manager.get()));
    expect(new Set(tokens)).toEqual(new Set(["T1"]));
    expect(requests).toHaveLength(1);
    expect(manager.current()).toBe("T1");
  });

  it("shows whoever only looks the token that a call would use, and fetches nothing for it", async () => {
    const { manager, answers, requests, clock } = managed();
    answers.push(grant("T1"));
    expect(manager.peek()).toBeUndefined();
    await manager.get();
    clock.now = 7199 * 1000;
    expect(manager.peek()).toBe("T1");
    clock.now = 7200 * 1000;
    expect(manager.peek()).toBeUndefined();
    expect(requests).toHaveLength(1);
  });

  it("refreshes in the background in the last 300 s, while everyone goes on with the valid token", async () => {
    const { manager, answers, requests, clock, hold } = managed();
    answers.push(grant("T1"), grant("T2"));
    await manager.get();
    clock.now = (7200 - 301) * 1000;
    expect(manager.current()).toBe("T1");
    expect(requests).toHaveLength(1);
    clock.now = (7200 - 300) * 1000;
    const open = hold();
    for (let caller = 0; caller < 64; caller++) expect(manager.current()).toBe("T1");
    expect(requests).toHaveLength(2);
    open();
    await settled();
    expect(manager.current()).toBe("T2");
  });

  it("keeps a valid token when the refresh fails, and asks again 10 s later, not at once", async () => {
    const { manager, answers, requests, clock } = managed();
    answers.push(grant("T1"), new WeChatTransportError({ reason: "connect", message: "no", sent: false }));
    await manager.get();
    clock.now = 7_000_000;
    manager.current();
    await settled();
    clock.now += 9_000;
    expect(manager.current()).toBe("T1");
    expect(requests).toHaveLength(2);
    clock.now += 1_000;
    expect(manager.current()).toBe("T1");
    expect(requests).toHaveLength(3);
    await settled();
    clock.now = 7_200_000;
    expect(manager.current()).toBeUndefined();
  });

  it("shows an error of the token endpoint to all callers and remembers it for 5 s", async () => {
    const { manager, answers, requests, clock } = managed();
    const wrongSecret = apiError({ errcode: 40125, errmsg: "invalid appsecret", endpoint: "x", atTokenEndpoint: true });
    answers.push(wrongSecret, grant("T1"));
    const outcomes = await Promise.allSettled(Array.from({ length: 50 }, () => manager.get()));
    expect(outcomes.every((outcome) => outcome.status === "rejected" && outcome.reason === wrongSecret)).toBe(true);
    clock.now = 4_999;
    await expect(manager.get()).rejects.toBe(wrongSecret);
    expect(requests).toHaveLength(1);
    clock.now = 5_000;
    await expect(manager.get()).resolves.toBe("T1");
  });

  it("replaces a refused token once for all who were refused", async () => {
    const { manager, answers, requests } = managed();
    answers.push(grant("T1"), grant("T2"));
    await manager.get();
    const replaced = await Promise.all(Array.from({ length: 64 }, () => manager.replace("T1")));
    expect(new Set(replaced)).toEqual(new Set(["T2"]));
    expect(requests.map(({ force }) => force)).toEqual([false, false]);
    expect(await manager.replace("T1")).toBe("T2");
    expect(requests).toHaveLength(2);
  });

  it("lets nobody start with a refused token while its replacement is on the way", async () => {
    const { manager, answers, hold } = managed();
    answers.push(grant("T1"), grant("T2"));
    await manager.get();
    const open = hold();
    const replacing = manager.replace("T1");
    expect(manager.current()).toBeUndefined();
    const waiting = manager.get();
    open();
    expect(await replacing).toBe("T2");
    expect(await waiting).toBe("T2");
  });

  it("forces only when the normal way repeats the refused token", async () => {
    const { manager, answers, requests } = managed();
    answers.push(grant("T1"), grant("T1", 7100), grant("T2"));
    await manager.get();
    expect(await manager.replace("T1")).toBe("T2");
    expect(requests.map(({ force }) => force)).toEqual([false, false, true]);
  });

  it("forces at most once in 30 s and 20 times a day, and then says that there is no other token", async () => {
    const { manager, answers, requests, clock } = managed();
    answers.push(grant("T", 100_000));
    await manager.get();
    const forced = () => requests.filter(({ force }) => force).length;
    expect(await manager.replace("T")).toBeUndefined();
    expect(forced()).toBe(1);
    clock.now += 29_999;
    await manager.replace("T");
    expect(forced()).toBe(1);
    for (let again = 0; again < 40; again++) {
      clock.now += 30_000;
      await manager.replace("T");
    }
    expect(forced()).toBe(20);
    expect(manager.current()).toBe("T");
  });

  it("does not ask again within 5 s for a token that could not be replaced", async () => {
    const { manager, answers, requests, clock } = managed(scripted({ mayForce: false }));
    answers.push(grant("T1"));
    await manager.get();
    await manager.replace("T1");
    await manager.replace("T1");
    expect(requests).toHaveLength(2);
    clock.now += 5_000;
    await manager.replace("T1");
    expect(requests).toHaveLength(3);
  });

  it("tries again after -1 and a reset, not after a wrong secret", async () => {
    const { source, answers, requests } = scripted();
    const busy = apiError({ errcode: -1, errmsg: "system error", endpoint: "x", atTokenEndpoint: true });
    const reset = new WeChatTransportError({ reason: "reset", message: "reset", sent: true });
    answers.push(busy, reset, grant("T1"));
    const manager = new TokenManager(source, { retry: { retries: 2, baseDelay: 0, maxDelay: 0 } });
    expect(await manager.get()).toBe("T1");
    expect(requests).toHaveLength(3);
  });

  it("gives waiting callers an error when it is closed", async () => {
    const { source, answers } = scripted();
    answers.push(new WeChatTransportError({ reason: "reset", message: "reset", sent: true }));
    const manager = new TokenManager(source, { retry: { retries: 1, baseDelay: 1e8, maxDelay: 1e8 } });
    const waiting = manager.get();
    await settled();
    manager.close();
    await expect(waiting).rejects.toMatchObject({ code: "WECHAT_CLOSED" });
  });
});

describe("TokenManager under thrash", () => {
  it("asks normal mode once more before it forces, if the answer under way was asked for before the refusal", async () => {
    const { manager, answers, requests, clock, hold } = managed();
    answers.push(grant("T1"), grant("T1", 299), grant("T2"));
    await manager.get();
    clock.now = 7_000_000;
    const open = hold();
    expect(manager.current()).toBe("T1"); // starts the refresh in the background
    const replacing = manager.replace("T1");
    open();
    expect(await replacing).toBe("T2");
    expect(requests.map(({ force }) => force)).toEqual([false, false, false]);
  });

  it("does not replace a replacement that is refused at once: no storm of token calls", async () => {
    const script = scripted({ mayForce: false });
    let issued = 0;
    const source = { ...script.source, fetch: async () => grant(`T${++issued}`) };
    const clock = { now: 0 };
    const manager = new TokenManager(source, { retry: NO_RETRY, now: () => clock.now });
    let token: string | undefined = await manager.get();
    for (let send = 0; send < 50; send++) token = (await manager.replace(manager.current() ?? "")) ?? token;
    expect(issued).toBe(2);
    clock.now += 5_000;
    expect(await manager.replace("T2")).toBe("T3");
  });

  it("never hands out a held token that has expired in place of a refused one", async () => {
    const { manager, answers, clock } = managed();
    answers.push(grant("T2", 10), grant("T3"));
    await manager.get();
    clock.now = 10_000;
    expect(await manager.replace("T1")).toBe("T3");
  });

  it("lets nobody start with a refused token that normal mode hands out again, until it is forced", async () => {
    const opened: ((grant: TokenGrant) => void)[] = [];
    const force = { minInterval: 30_000, perDay: 20 };
    const source = { force, fetch: () => new Promise<TokenGrant>((resolve) => opened.push(resolve)) };
    const manager = new TokenManager(source, { retry: NO_RETRY });
    const first = manager.get();
    await settled();
    opened[0]?.(grant("T1"));
    await first;
    const replacing = manager.replace("T1");
    await settled();
    opened[1]?.(grant("T1"));
    await settled();
    expect(opened).toHaveLength(3);
    expect(manager.current()).toBeUndefined();
    opened[2]?.(grant("T2"));
    expect(await replacing).toBe("T2");
  });

  it("refreshes a token of short life in its last fifth, not all the time", async () => {
    const { manager, answers, requests, clock } = managed();
    answers.push(grant("T1", 100), grant("T2", 100));
    await manager.get();
    clock.now = 79_000;
    expect(manager.current()).toBe("T1");
    expect(requests).toHaveLength(1);
    clock.now = 80_000;
    manager.current();
    expect(requests).toHaveLength(2);
  });

  it("does not wait out a second time for an endpoint that did not answer in time", async () => {
    const { source, answers, requests } = scripted();
    answers.push(new WeChatTransportError({ reason: "timeout", message: "slow", sent: true }), grant("T1"));
    const manager = new TokenManager(source, { retry: { retries: 2, baseDelay: 0, maxDelay: 0 } });
    await expect(manager.get()).rejects.toMatchObject({ code: "WECHAT_TIMEOUT" });
    expect(requests).toHaveLength(1);
  });
});
