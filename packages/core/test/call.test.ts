import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { failure } from "../../../test/support/failure.js";
import { ApiCaller, type CallLimits } from "../src/api/call.js";
import { WeChatTransportError } from "../src/errors.js";
import { WeChatClient } from "../src/index.js";
import { RAPID_RETRY } from "../src/retry.js";
import { TokenManager } from "../src/token/manager.js";
import type { TokenGrant } from "../src/token/sources.js";
import type { ExchangeAnswer, ExchangeRequest } from "../src/transport/exchange.js";
import type { Transport } from "../src/transport/transport.js";

const SEND = { method: "POST", path: "/send", retry: "send" } as const;
const WRITE = { method: "POST", path: "/write", retry: "write" } as const;
const READ = { method: "GET", path: "/read", retry: "read" } as const;
const limits = (more: Partial<CallLimits> = {}): CallLimits => ({
  timeout: 1000,
  endAt: performance.now() + 10_000,
  retryBusy: true,
  atLeastOnce: false,
  ...more,
});

/** A wire that gives the scripted answers one after the other: an errcode, or how it fails. */
function wire(...script: (number | WeChatTransportError)[]) {
  const tokens: string[] = [];
  const transport = {
    async exchange({ path }: ExchangeRequest): Promise<ExchangeAnswer> {
      tokens.push(new URLSearchParams(path.split("?")[1]).get("access_token") ?? "");
      const next = script.shift() ?? 0;
      if (typeof next !== "number") throw next;
      const body = Buffer.from(JSON.stringify({ errcode: next, errmsg: "words" }));
      return { status: 200, contentType: "", body, host: "wechat" };
    },
  } as Pick<Transport, "exchange"> as Transport;
  return { transport, tokens };
}

function caller(transport: Transport, grants: (TokenGrant | Error)[] = [], now?: () => number) {
  let issued = 0;
  const source = {
    force: undefined,
    async fetch() {
      const grant = grants.shift() ?? { accessToken: `T${++issued}`, expiresIn: 7200 };
      if (grant instanceof Error) throw grant;
      return grant;
    },
  };
  const retry = { retries: 0, baseDelay: 0, maxDelay: 0 };
  const manager = new TokenManager(source, { retry, ...(now && { now }) });
  return new ApiCaller({
    appId: "wx1",
    transport,
    tokens: manager,
    secrets: [],
    busyRetry: RAPID_RETRY,
    readRetry: RAPID_RETRY,
  });
}

const reset = (sent = true) => new WeChatTransportError({ reason: "reset", message: "reset", sent });
const tokenTrouble = new WeChatTransportError({ reason: "connect", message: "no token", sent: false });

describe("after a -1 nothing proves that the message did not arrive", () => {
  it("not a refusal, not a lost connection, not a token that cannot be replaced", async () => {
    for (const second of [45047, reset(false)]) {
      expect(await failure(caller(wire(-1, second).transport).call(SEND, {}, limits()))).toMatchObject({
        delivery: "unknown",
      });
    }
    const { transport } = wire(-1, 42001);
    const grants = [{ accessToken: "T1", expiresIn: 7200 }, tokenTrouble];
    const error = await failure(caller(transport, grants).call(SEND, {}, limits()));
    expect(error).toMatchObject({ reason: "connect", delivery: "unknown" });
    expect(error.remedy.en).toContain("may have arrived");
    expect(error.remedy.en).not.toMatch(/not sent|nothing was sent/i);
  });

  it("not a token that is missing for the repetition", async () => {
    const { transport } = wire(-1);
    const grants = [{ accessToken: "T1", expiresIn: 0.0001 }, tokenTrouble];
    expect(await failure(caller(transport, grants).call(SEND, {}, limits()))).toMatchObject({ delivery: "unknown" });
  });
});

it("a token that could not be replaced, however far the question for it got, says that the message was not sent", async () => {
  for (const trouble of [reset(), tokenTrouble]) {
    const { transport, tokens } = wire(42001, 0);
    const grants = [{ accessToken: "T1", expiresIn: 7200 }, trouble];
    const error = await failure(caller(transport, grants).call(SEND, {}, limits()));
    expect(error).toMatchObject({ reason: trouble.reason, delivery: "not-delivered" });
    expect(tokens).toEqual(["T1"]);
  }
});

describe("at-least-once: an attempt of unknown outcome is made good for", () => {
  const owing = () => limits({ atLeastOnce: true });

  it("though the repetition finds no connection", async () => {
    const { transport, tokens } = wire(reset(), reset(false), 0);
    await expect(caller(transport).call(SEND, {}, owing())).resolves.toMatchObject({ errcode: 0 });
    expect(tokens).toHaveLength(3);
  });

  it.each([
    ["there is no token for the repetition", [reset(), 0], 0.0001],
    ["none is to be had in place of a refused one", [reset(), 42001, 0], 7200],
  ])("though %s", async (_, script, expiresIn) => {
    const { transport } = wire(...script);
    // The manager does not ask again within a second of a failure: its clock runs.
    let now = 0;
    const call = caller(transport, [{ accessToken: "T1", expiresIn }, tokenTrouble], () => (now += 1_000));
    await expect(call.call(SEND, {}, owing())).resolves.toMatchObject({ errcode: 0 });
  });

  it("but what never left is not repeated, and is told as not delivered", async () => {
    const { transport, tokens } = wire(reset(false), 0);
    expect(await failure(caller(transport).call(SEND, {}, owing()))).toMatchObject({ delivery: "not-delivered" });
    expect(tokens).toHaveLength(1);
  });

  it("and what WeChat refuses then is not repeated", async () => {
    const { transport, tokens } = wire(reset(), 45047, 0);
    expect(await failure(caller(transport).call(SEND, {}, owing()))).toMatchObject({
      errcode: 45047,
      delivery: "unknown",
    });
    expect(tokens).toHaveLength(2);
  });
});

it("after a -1 of a write the caller's stop in the pause does not prove that nothing was done", async () => {
  const stopped = new WeChatTransportError({ reason: "aborted", message: "stopped before it was sent", sent: false });
  const error = await failure(caller(wire(-1, stopped).transport).call(WRITE, {}, limits()));
  expect(error).toMatchObject({ code: "WECHAT_ABORTED", sent: false });
  expect(error.remedy).toEqual({
    en: expect.stringMatching(/may have done/),
    zh: expect.stringMatching(/可能已经执行/),
  });
  const first = await failure(caller(wire(stopped).transport).call(WRITE, {}, limits()));
  expect(first.remedy.en).toMatch(/^Nothing was changed/);
});

describe("what is repeated", () => {
  it("-1 of a send: four attempts in all", async () => {
    const { transport, tokens } = wire(-1, -1, -1, -1, 0);
    expect(await failure(caller(transport).call(SEND, {}, limits()))).toMatchObject({
      errcode: -1,
      delivery: "unknown",
    });
    expect(tokens).toHaveLength(4);
  });

  it("no other trouble of WeChat's: 61450 is told as unknown after one attempt", async () => {
    const { transport, tokens } = wire(61450, 0);
    expect(await failure(caller(transport).call(SEND, {}, limits()))).toMatchObject({
      errcode: 61450,
      delivery: "unknown",
    });
    expect(tokens).toHaveLength(1);
  });

  it.each([40001, 40014, 42001, 42007])(
    "a send whose token was refused (%i): once, with another token",
    async (errcode) => {
      const { transport, tokens } = wire(errcode, 0);
      await caller(transport).call(SEND, {}, limits());
      expect(tokens).toEqual(["T1", "T2"]);
      const twice = wire(errcode, errcode, 0);
      expect(await failure(caller(twice.transport).call(SEND, {}, limits()))).toMatchObject({
        errcode,
        delivery: "not-delivered",
      });
      expect(twice.tokens).toHaveLength(2);
    },
  );

  it("a token twice refused, also where the second refusal comes after pauses: the remedy tells no time between them", async () => {
    for (const script of [
      [42001, 42001],
      [42001, -1, 42001],
    ]) {
      const { remedy } = await failure(caller(wire(...script).transport).call(SEND, {}, limits()));
      expect(remedy.en).toContain("the one got in its place was refused as well");
      expect(remedy.zh).toContain("新换的 token 同样被拒绝");
      expect(remedy.en).not.toMatch(/refused within|until then/);
      expect(remedy.zh).not.toMatch(/秒内同样|在此之前/);
    }
  });

  it("no call that names the AppSecret, which has no token to replace and whose remedy speaks of none", async () => {
    for (const errcode of [40001, 42001]) {
      const { transport, tokens } = wire(errcode, 0);
      const error = await failure(caller(transport).call(WRITE, { secret: "sentinel" }, limits()));
      expect(error).toMatchObject({ errcode });
      expect(error.remedy.en).not.toMatch(/no other one could be had|Wait 5 seconds/);
      expect(error.remedy.zh).not.toMatch(/换到可用的 token|等待 5 秒/);
      expect(tokens).toHaveLength(1);
    }
  });

  it("a read after what may pass, without an outcome", async () => {
    const { transport, tokens } = wire(reset(), -1, 0);
    await caller(transport).call(READ, {}, limits());
    expect(tokens).toHaveLength(3);
    const error = await failure(caller(wire(45009).transport).call(READ, {}, limits()));
    expect(error).toMatchObject({ errcode: 45009 });
    expect(error).not.toHaveProperty("delivery");
  });

  it("nothing for which no time is left, and nothing after the caller's stop", async () => {
    const late = wire(-1, 0);
    const slow = new ApiCaller({
      secrets: [],
      appId: "wx1",
      transport: late.transport,
      tokens: new TokenManager({ force: undefined, fetch: async () => ({ accessToken: "T", expiresIn: 7200 }) }),
      busyRetry: { retries: 3, baseDelay: 60_000, maxDelay: 60_000 },
      readRetry: RAPID_RETRY,
    });
    expect(await failure(slow.call(SEND, {}, limits({ endAt: performance.now() + 5_000 })))).toMatchObject({
      errcode: -1,
    });
    expect(late.tokens).toHaveLength(1);
    const stopped = wire(-1, 0);
    const error = await failure(caller(stopped.transport).call(SEND, {}, limits({ signal: AbortSignal.abort() })));
    expect(error).toMatchObject({ delivery: "not-delivered" });
    expect(stopped.tokens).toHaveLength(0);
  });
});

it("leaves no listener on the caller's signal, however the call ends", async () => {
  const { signal } = new AbortController();
  for (const script of [[0], [45015], [reset()], [-1, 0], [42001, 0]]) {
    await caller(wire(...script).transport)
      .call(SEND, {}, limits({ signal }))
      .catch(() => {});
  }
  const client = new WeChatClient({
    appId: "wx00000000000000a1",
    tokenSource: async () => "T",
    baseUrl: "http://127.0.0.1:9",
  });
  await client.messages.sendText("o1", "hi", { signal }).catch(() => {});
  await client.close();
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

it("a status of 300 and more is no success, whatever its errcode", async () => {
  for (const status of [302, 404, 412, 500]) {
    const body = Buffer.from('{"errcode":0,"errmsg":"ok"}');
    const answer = { status, contentType: "application/json", body, host: "wechat" };
    const transport = { exchange: async () => answer } as Pick<Transport, "exchange"> as Transport;
    const error = await failure(caller(transport).call(SEND, {}, limits()));
    expect(error).toMatchObject({ code: "WECHAT_HTTP_STATUS", status, delivery: "unknown" });
  }
});

describe("a token source of one's own", () => {
  const options = { appId: "wx00000000000000a1", baseUrl: "http://127.0.0.1:9", timeout: 50 };

  it("that hangs is given up, and asked again by the next send", async () => {
    let calls = 0;
    const tokenSource = () => (++calls === 1 ? new Promise<string>(() => {}) : Promise.resolve("T"));
    const client = new WeChatClient({ ...options, tokenSource });
    const hung = await failure(client.messages.sendText("o1", "hi"));
    expect(hung).toMatchObject({ code: "WECHAT_TOKEN_SOURCE", delivery: "not-delivered" });
    expect(hung.message).toContain("no answer within 50 ms");
    await new Promise((resolve) => setTimeout(resolve, 1_000)); // the failure is remembered for a second
    expect(await failure(client.messages.sendText("o1", "hi"))).toMatchObject({ code: "WECHAT_CONNECT" });
    expect(calls).toBe(2);
    await client.close();
  });

  it("may give its token without a promise, as JavaScript allows", async () => {
    const tokenSource = (() => "T") as unknown as () => Promise<string>;
    const client = new WeChatClient({ ...options, tokenSource });
    expect(await failure(client.messages.sendText("o1", "hi"))).toMatchObject({ code: "WECHAT_CONNECT" });
    await client.close();
  });

  it("lets waiting sends go when the client is closed", async () => {
    const client = new WeChatClient({ ...options, timeout: 60_000, tokenSource: () => new Promise(() => {}) });
    const waiting = failure(client.messages.sendText("o1", "hi"));
    await new Promise((resolve) => setImmediate(resolve));
    await client.close();
    expect(await waiting).toMatchObject({ code: "WECHAT_CLOSED", delivery: "not-delivered" });
  });
});
