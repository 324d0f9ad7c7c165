import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { createServer } from "node:net";
import { inspect } from "node:util";
import {
  CALL_CHANNEL,
  type CallEvent,
  ENDPOINTS,
  RAPID_RETRY,
  WeChatClient,
  type WeChatClientOptions,
  WeChatError,
} from "@wechat-offiaccount/core";
import { DEFAULT_APP_ID } from "@wechat-offiaccount/simulator";
import { describe, expect, it, onTestFinished } from "vitest";
import { ENDPOINT_CASES, type EndpointCase } from "./support/endpoint-cases.js";
import { BEHAVIOURS, hostile } from "./support/hostile.js";

const SECRET = "5e9714e15e9714e15e9714e15e9714e1";
const TOKEN = "99_5EnTiNeL-AcceSS-ToKeN_5EnTiNeL-AcceSS-ToKeN_5EnTiNeL-AcceSS-ToKeN-0123456789";
const PASSWORD = "pr0xy-pa55w0rd-5entinel";
const SENTINELS = [SECRET, TOKEN, PASSWORD];

/** Every form in which a program may print a value, and what hangs on it. */
function shown(value: unknown): string {
  const forms = [inspect(value, { depth: Number.POSITIVE_INFINITY, showHidden: true, getters: true })];
  forms.push(inspect(value), String(value), JSON.stringify(value) ?? "");
  for (let error = value; error instanceof Error; error = error.cause) {
    forms.push(error.message, error.stack ?? "", String(error), JSON.stringify(error));
    forms.push(...Object.values(Object.getOwnPropertyDescriptors(error)).map((property) => inspect(property)));
  }
  return forms.join("\n");
}

function expectClean(value: unknown, what: string): void {
  const text = shown(value);
  for (const sentinel of SENTINELS) expect(text, what).not.toContain(sentinel);
}

/** What is never answered is not waited for long. */
const patience = (behaviour: string) => (behaviour === "no answer" ? { timeout: 50 } : {});

interface Failed {
  readonly row: EndpointCase;
  readonly error: WeChatError;
}

/** Runs every method once, and holds what comes of it, what the client shows and what is published against the sentinels. */
async function walk(
  options: Partial<WeChatClientOptions>,
  {
    call = (row: EndpointCase) => row.call,
    fails = (_: EndpointCase): boolean => true,
    prepare = async (_: WeChatClient) => {},
  } = {},
): Promise<{ errors: Failed[]; events: unknown[] }> {
  const events: unknown[] = [];
  const listen = (event: unknown) => void events.push(event);
  subscribe(CALL_CHANNEL, listen);
  onTestFinished(() => void unsubscribe(CALL_CHANNEL, listen));
  const rapid = { retries: 1, baseDelay: 1, maxDelay: 1 };
  const errors: Failed[] = [];
  for (const [name, row] of Object.entries(ENDPOINT_CASES)) {
    const client = new WeChatClient({
      appId: DEFAULT_APP_ID,
      appSecret: SECRET,
      busyRetry: rapid,
      readRetry: rapid,
      tokenRetry: rapid,
      ...options,
    });
    await prepare(client);
    const outcome = await call(row)(client).catch((error: unknown) => error);
    if (fails(row)) expect(outcome, name).toBeInstanceOf(WeChatError);
    if (outcome instanceof WeChatError) errors.push({ row, error: outcome });
    if (outcome instanceof Error) expectClean(outcome, name);
    expectClean(client, name);
    for (const resource of Object.values(client)) expectClean(resource, name);
    await client.close();
  }
  for (const event of events) expectClean(event, "an event");
  return { errors, events };
}

it("the walk takes every endpoint", () => {
  expect(Object.keys(ENDPOINT_CASES)).toHaveLength(ENDPOINTS.length);
});

it("finds a secret, however deep it is", () => {
  const cause = Object.assign(new Error("x"), { hidden: { deep: { deeper: { deepest: [[TOKEN]] } } } });
  expect(shown(new Error("x", { cause }))).toContain(TOKEN);
  expect(shown(Object.defineProperty(new Error("x"), "hidden", { value: SECRET, enumerable: false }))).toContain(
    SECRET,
  );
});

describe("no method shows AppSecret, access token or a proxy's password, whatever WeChat's side does:", () => {
  it.each(Object.keys(BEHAVIOURS))("%s", async (name) => {
    const { host } = await hostile(BEHAVIOURS[name]!, "calls", TOKEN, [SECRET, PASSWORD]);
    // Of some endpoints an answer that says errcode 0 is a success, whatever else it says.
    const fails = ({ answersWithFile }: EndpointCase) => name !== "another JSON than documented" && !answersWithFile;
    const proxied = { ...patience(name), baseUrl: `http://${host}`, proxy: `http://user:${PASSWORD}@${host}` };
    const { errors, events } = await walk(proxied, { fails });
    expect(errors.length).toBeGreaterThan(0);
    if (name === "no answer") return; // a token may come too late as well
    const seen = new Set((events as CallEvent[]).map(({ endpoint }) => endpoint));
    expect(ENDPOINTS.map(({ method, path }) => `${method} ${path}`).filter((called) => !seen.has(called))).toEqual([]);
  });

  it.each(Object.keys(BEHAVIOURS))("%s, where tokens are asked for", async (name) => {
    for (const tokenSource of ["stable", "classic"] as const) {
      const { host } = await hostile(BEHAVIOURS[name]!, "tokens", TOKEN, [SECRET, PASSWORD]);
      const proxy = `http://user:${PASSWORD}@${host}`;
      const options = { ...patience(name), baseUrl: `http://${host}`, tokenSource, proxy };
      await walk(options, { fails: ({ tokenless }) => !tokenless });
    }
  });
});

describe("no method shows them where the caller's side fails:", () => {
  it("a proxy that is not there, one that refuses and one that hangs up", async () => {
    const refuses = await proxy(`HTTP/1.1 407 ${PASSWORD}\r\nx-echo: ${PASSWORD}\r\ncontent-length: 0\r\n\r\n`);
    const hangsUp = await proxy("");
    for (const port of [9, refuses, hangsUp]) {
      const { errors } = await walk({
        baseUrl: "http://192.0.2.1",
        proxy: `http://user:${PASSWORD}@127.0.0.1:${port}`,
      });
      for (const { error } of errors) expect(error).toMatchObject({ name: "WeChatTransportError" });
    }
  });

  it.each<[string, () => never]>([
    [
      "an error with them in its message",
      () => raise(new Error(`GET https://x/?access_token=${TOKEN} ${TOKEN} ${SECRET}`)),
    ],
    ["an error with them in its cause", () => raise(new Error("failed", { cause: new Error(SECRET + TOKEN) }))],
    ["an error with them beside it", () => raise(Object.assign(new Error("x"), { code: TOKEN, request: { SECRET } }))],
    ["no error, but text", () => raise(`${SECRET} ${TOKEN}`)],
    ["no error, but an object", () => raise({ token: TOKEN, toString: () => SECRET })],
  ])("a tokenSource that throws %s", async (_, tokenSource) => {
    const { errors } = await walk({ baseUrl: "http://127.0.0.1:9", tokenSource: tokenSource as never });
    for (const { row, error } of errors) if (!row.tokenless) expect(error.code).toBe("WECHAT_TOKEN_SOURCE");
  });

  it.each([
    ["something else than a token", { access_token: TOKEN }],
    ["a token that lives for no time", { accessToken: TOKEN, expiresIn: 0 }],
    ["a token that is none", `${TOKEN}\r\n`],
  ])("a tokenSource that gives %s", async (_, granted) => {
    await walk({ baseUrl: "http://127.0.0.1:9", tokenSource: (async () => granted) as never });
  });

  it("wrong input", async () => {
    const { errors } = await walk({ baseUrl: "http://127.0.0.1:9" }, { call: (row) => row.wrong.call });
    for (const { error } of errors) expect(error.code).toBe("WECHAT_VALIDATION");
  });

  it("a closed client", async () => {
    const { errors } = await walk({ baseUrl: "http://127.0.0.1:9" }, { prepare: (client) => client.close() });
    for (const { error } of errors) expect(error.code).toBe("WECHAT_CLOSED");
  });

  it("wrong options", () => {
    const options = { appId: DEFAULT_APP_ID, appSecret: SECRET };
    for (const wrong of [
      { appSecret: `${SECRET} ` },
      { appId: `${SECRET} ` },
      { baseUrl: `http://user:${PASSWORD}@127.0.0.1` },
      { baseUrl: `http://127.0.0.1/?secret=${SECRET}` },
      { proxy: `ftp://user:${PASSWORD}@127.0.0.1` },
      { proxy: `http://user:${PASSWORD}%@127.0.0.1` },
      { tokenSource: TOKEN },
    ]) {
      try {
        new WeChatClient({ ...options, ...wrong } as WeChatClientOptions);
        expect.fail("was accepted");
      } catch (error) {
        expect(error).toMatchObject({ code: "WECHAT_VALIDATION" });
        expectClean(error, Object.keys(wrong).join());
      }
    }
  });
});

it("the AppSecret that clears the quota by itself is not shown, whatever comes of it", async () => {
  for (const name of Object.keys(BEHAVIOURS)) {
    const { host } = await hostile(BEHAVIOURS[name]!, "calls", TOKEN, [SECRET]);
    const client = new WeChatClient({
      ...patience(name),
      busyRetry: RAPID_RETRY,
      appId: DEFAULT_APP_ID,
      tokenSource: async () => TOKEN,
      baseUrl: `http://${host}`,
    });
    const input = { appId: DEFAULT_APP_ID, appSecret: SECRET };
    const outcome = await client.quota.clearWithSecret(input).catch((error: unknown) => error);
    expectClean(outcome, name);
    await client.close();
  }
});

function raise(thrown: unknown): never {
  throw thrown;
}

/** A proxy that answers every connection so, and ends it. */
async function proxy(answer: string): Promise<number> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.end(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("no port");
  return address.port;
}
