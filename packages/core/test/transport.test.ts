import { createServer, type Server, type Socket } from "node:net";
import { inspect } from "node:util";
import { afterEach, describe, expect, it, vi } from "vitest";
import { WeChatClient, type WeChatClientOptions, type WeChatTransportError } from "../src/index.js";

const OPENID = "oSimFollower000000000000000001";
const json = (body: string, status = "200 OK", type = "application/json") =>
  `HTTP/1.1 ${status}\r\nContent-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const OK = json('{"errcode":0,"errmsg":"ok"}');

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of cleanUp.splice(0).reverse()) await end();
});

/** A raw TCP server: `answer` gets each complete request and does with the socket what it wants. */
async function server(answer: (socket: Socket, request: string) => void): Promise<{ url: string; requests: string[] }> {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  const tcp: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    let received = "";
    socket.on("data", (chunk) => {
      received += chunk.toString("latin1");
      const head = received.indexOf("\r\n\r\n");
      if (head < 0) return;
      const length = Number(/content-length: (\d+)/i.exec(received)?.[1] ?? 0);
      if (received.length < head + 4 + length) return;
      requests.push(received);
      answer(socket, received);
      received = "";
    });
  });
  await new Promise<void>((resolve) => tcp.listen(0, "127.0.0.1", resolve));
  cleanUp.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => tcp.close(resolve));
  });
  const address = tcp.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { url: `http://127.0.0.1:${address.port}`, requests };
}

function client(baseUrl: string, options: Partial<WeChatClientOptions> = {}): WeChatClient {
  const made = new WeChatClient({
    appId: "wx00000000000000a1",
    tokenSource: async () => "86_sentinel",
    baseUrl,
    ...options,
  });
  cleanUp.push(() => made.close());
  return made;
}

const failureOf = async (promise: Promise<unknown>): Promise<WeChatTransportError> =>
  promise.then(
    () => {
      throw new Error("it did not fail");
    },
    (error) => error,
  );

describe("the wire", () => {
  it("sends one POST with the body as UTF-8 bytes, their length, and nothing escaped", async () => {
    const { url, requests } = await server((socket) => socket.write(OK));
    const text = '你好 😀 "quoted" \\u4f60 <a href="https://example.com">x</a>\n';
    await client(url).messages.sendText(OPENID, text, { customerServiceAccount: "a@b", aiGenerated: true });
    expect(requests).toHaveLength(1);
    const [head = "", body = ""] = (requests[0] ?? "").split("\r\n\r\n");
    expect(head).toMatch(/^POST \/cgi-bin\/message\/custom\/send\?access_token=86_sentinel HTTP\/1.1/);
    expect(head).not.toMatch(/transfer-encoding/i);
    const bytes = Buffer.from(body, "latin1");
    expect(head).toMatch(new RegExp(`content-length: ${bytes.length}(\r|$)`, "i"));
    expect(bytes.toString("utf8")).toBe(
      JSON.stringify({
        touser: OPENID,
        msgtype: "text",
        text: { content: text },
        customservice: { kf_account: "a@b" },
        aimsgcontext: { is_ai_msg: 1 },
      }),
    );
  });

  it.each([
    ["", "/cgi-bin/"],
    ["/cgi-bin", "/cgi-bin/"],
    ["/cgi-bin/", "/cgi-bin/"],
    ["/wechat", "/wechat/cgi-bin/"],
    ["/wechat/cgi-bin/", "/wechat/cgi-bin/"],
  ])("accepts a base URL that ends in %j", async (suffix, prefix) => {
    const { url, requests } = await server((socket) => socket.write(OK));
    await client(url + suffix).messages.sendText(OPENID, "hi");
    expect(requests[0]).toContain(`POST ${prefix}message/custom/send?`);
  });

  it("keeps connections for the next messages (undici takes two in turn)", async () => {
    const sockets = new Set<Socket>();
    const { url } = await server((socket) => {
      sockets.add(socket);
      socket.write(OK);
    });
    const { messages } = client(url);
    for (let i = 0; i < 20; i++) await messages.sendText(OPENID, "hi");
    expect(sockets.size).toBeLessThanOrEqual(2);
  });

  it("honours HTTP_PROXY and NO_PROXY by choice only", async () => {
    const proxy = await server((socket, request) => {
      socket.write(request.startsWith("CONNECT ") ? "HTTP/1.1 200 OK\r\n\r\n" : OK);
    });
    const direct = await server((socket) => socket.write(OK));
    vi.stubEnv("HTTP_PROXY", proxy.url);
    vi.stubEnv("http_proxy", proxy.url);
    vi.stubEnv("NO_PROXY", "");
    vi.stubEnv("no_proxy", "");
    cleanUp.push(() => vi.unstubAllEnvs());
    await client(direct.url).messages.sendText(OPENID, "not chosen");
    expect(proxy.requests).toHaveLength(0);
    await client("http://wechat.invalid", { proxy: "env" }).messages.sendText(OPENID, "chosen");
    expect(proxy.requests).toHaveLength(2);
    vi.stubEnv("NO_PROXY", "127.0.0.1");
    vi.stubEnv("no_proxy", "127.0.0.1");
    await client(direct.url, { proxy: "env" }).messages.sendText(OPENID, "excepted");
    expect([proxy.requests.length, direct.requests.length]).toEqual([2, 2]);
  });

  it("sends through a proxy, and through a dispatcher of the caller that it leaves open", async () => {
    const proxy = await server((socket, request) => {
      socket.write(request.startsWith("CONNECT ") ? "HTTP/1.1 200 OK\r\n\r\n" : OK);
    });
    await client("http://wechat.invalid", { proxy: proxy.url }).messages.sendText(OPENID, "hi");
    expect(proxy.requests[0]).toMatch(/^CONNECT wechat.invalid:80 /);
    expect(proxy.requests[1]).toMatch(/^POST \/cgi-bin\/message\/custom\/send/);

    const { Agent } = await import("undici");
    const dispatcher = new Agent();
    cleanUp.push(() => dispatcher.close());
    const direct = await server((socket) => socket.write(OK));
    const mine = client(direct.url, { dispatcher });
    await mine.messages.sendText(OPENID, "hi");
    await mine.close();
    expect(dispatcher.closed).toBe(false);
  });
});

describe("how far a failed send got", () => {
  it("connection refused, unknown host: not delivered", async () => {
    const { url } = await server(() => {});
    await cleanUp.pop()?.(); // nobody listens there any more
    for (const baseUrl of [url, "http://wechat.invalid"]) {
      const error = await failureOf(client(baseUrl).messages.sendText(OPENID, "hi"));
      expect(error).toMatchObject({ code: "WECHAT_CONNECT", delivery: "not-delivered", sent: false });
      expect(error.parts).toEqual([{ index: 0, delivery: "not-delivered" }]);
      expect(error.message).toMatch(/no connection to [\w.:]+ \((ECONNREFUSED|ENOTFOUND|EAI_AGAIN)\)/);
    }
  });

  it.each<[string, (socket: Socket) => void, string]>([
    ["closes", (socket) => socket.end(), "ERR_PROXY_CLOSED"],
    ["resets", (socket) => socket.resetAndDestroy(), "ECONNRESET"],
    ["refuses", (socket) => socket.end("HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n"), "HTTP 407"],
  ])("a proxy that %s the tunnel: not delivered, after one connection", async (_, answer, code) => {
    const proxy = await server(answer);
    const error = await failureOf(
      client("http://wechat.invalid", { proxy: proxy.url }).messages.sendText(OPENID, "hi"),
    );
    expect(error).toMatchObject({ code: "WECHAT_CONNECT", delivery: "not-delivered", sent: false });
    expect(error.message).toContain(`the proxy ${new URL(proxy.url).host} gives no connection to wechat.invalid`);
    expect(error.message).toContain(`(${code})`);
    expect(error.remedy.en).toMatch(/proxy's address/);
    expect(proxy.requests).toHaveLength(1);
  });

  it("a proxy that is not there is named, without user and password", async () => {
    const { url } = await server(() => {});
    await cleanUp.pop()?.();
    const { host } = new URL(url);
    vi.stubEnv("http_proxy", `http://me:hunter2@${host}`);
    vi.stubEnv("no_proxy", "");
    cleanUp.push(() => vi.unstubAllEnvs());
    for (const proxy of [`http://me:hunter2@${host}`, "env"]) {
      const error = await failureOf(client("http://wechat.invalid", { proxy }).messages.sendText(OPENID, "hi"));
      expect(error.message).toContain(`the proxy ${host} gives no connection to wechat.invalid (ECONNREFUSED)`);
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("hunter2");
    }
  });

  it("without network the configured host is named first, then the backup hosts", async () => {
    const { url } = await server(() => {});
    await cleanUp.pop()?.();
    const error = await failureOf(client("https://api.weixin.qq.com", { proxy: url }).messages.sendText(OPENID, "hi"));
    const backups = ["api2", "sh.api", "sz.api", "hk.api"].map((name) => `${name}.weixin.qq.com`).join(", ");
    expect(error).toMatchObject({ code: "WECHAT_CONNECT", sent: false, delivery: "not-delivered" });
    expect(error.message).toContain("gives no connection to api.weixin.qq.com (ECONNREFUSED)");
    expect(error.message).toContain(`the backup hosts failed too: ${backups}`);
  });

  it("a server that closes every connection at once: one attempt", async () => {
    let connections = 0;
    const tcp = createServer((socket) => {
      connections++;
      socket.on("error", () => {}).destroy();
    });
    await new Promise<void>((resolve) => tcp.listen(0, "127.0.0.1", resolve));
    cleanUp.push(() => new Promise((resolve) => tcp.close(resolve)));
    const { port } = tcp.address() as { port: number };
    const error = await failureOf(
      client(`http://127.0.0.1:${port}`, { timeout: 2_000 }).messages.sendText(OPENID, "hi"),
    );
    expect(error).toMatchObject({ code: "WECHAT_RESET", delivery: "unknown" });
    expect(connections).toBe(1);
  });

  it.each<[string, (socket: Socket) => void, string]>([
    ["a reset", (socket) => socket.resetAndDestroy(), "WECHAT_RESET"],
    ["a closed connection", (socket) => socket.end(), "WECHAT_RESET"],
    ["half an answer", (socket) => socket.end(OK.slice(0, -5)), "WECHAT_RESET"],
    ["no answer in time", () => {}, "WECHAT_TIMEOUT"],
    ["half an answer and silence", (socket) => socket.write(OK.slice(0, -5)), "WECHAT_TIMEOUT"],
    [
      "HTTP 502 with HTML",
      (socket) => socket.write(json("<html>", "502 Bad Gateway", "text/html")),
      "WECHAT_HTTP_STATUS",
    ],
    [
      "HTTP 502 with JSON",
      (socket) => socket.write(json('{"errcode":40003}', "502 Bad Gateway")),
      "WECHAT_HTTP_STATUS",
    ],
    ["HTTP 302", (socket) => socket.write(json("", "302 Found")), "WECHAT_HTTP_STATUS"],
    ["HTTP 200 with HTML", (socket) => socket.write(json("<html>", "200 OK", "text/html")), "WECHAT_BAD_ANSWER"],
    ["truncated JSON", (socket) => socket.write(json('{"errcode":0,"err')), "WECHAT_BAD_ANSWER"],
    ["JSON without errcode", (socket) => socket.write(json('{"ok":true}')), "WECHAT_BAD_ANSWER"],
    ["an errcode that is no number", (socket) => socket.write(json('{"errcode":"0"}')), "WECHAT_BAD_ANSWER"],
    ["an empty body", (socket) => socket.write(json("")), "WECHAT_BAD_ANSWER"],
    ["an endless answer", (socket) => socket.write(json("x".repeat(2 ** 20 + 1))), "WECHAT_BAD_ANSWER"],
    ["no HTTP at all", (socket) => socket.write("SSH-2.0-OpenSSH\r\n\r\n"), "WECHAT_RESET"],
  ])("%s: unknown, and sent exactly once", async (_, answer, code) => {
    const { url, requests } = await server(answer);
    // Only where no answer comes is there something to wait for.
    const options = code === "WECHAT_TIMEOUT" ? { timeout: 1_000 } : {};
    const error = await failureOf(client(url, options).messages.sendText(OPENID, "hi"));
    expect(error).toMatchObject({ code, delivery: "unknown", parts: [{ index: 0, delivery: "unknown" }] });
    expect(error.remedy.en).toContain("may have arrived");
    expect(requests).toHaveLength(1);
  });

  it("reads no more of an answer than an answer of WeChat's can hold", async () => {
    const { url } = await server((socket) => socket.write(json("x".repeat(2 ** 20 + 1))));
    const error = await failureOf(client(url).messages.sendText(OPENID, "hi"));
    expect(error.message).toContain("larger than 1048576 bytes");
  });

  it("leaves no timer behind", async () => {
    const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === "Timeout").length;
    const { url } = await server((socket) => socket.write(OK));
    const { messages } = client(url);
    await messages.sendText(OPENID, "first"); // undici's own timers run from now on
    const before = timers();
    for (let n = 0; n < 50; n++) await messages.sendText(OPENID, "hi");
    expect(timers()).toBeLessThan(before + 50);
  });

  it("repeats an unknown outcome only at the caller's wish", async () => {
    let calls = 0;
    const { url, requests } = await server((socket) => {
      if (++calls < 3) socket.resetAndDestroy();
      else socket.write(OK);
    });
    const busyRetry = { retries: 3, baseDelay: 1, maxDelay: 1 };
    const { messages } = client(url, { busyRetry });
    await expect(messages.sendText(OPENID, "hi", { atLeastOnce: true })).resolves.toMatchObject({
      delivery: "delivered",
    });
    expect(requests).toHaveLength(3);
  });

  it("aborted before it left: not delivered; after: unknown", async () => {
    const controller = new AbortController();
    const { url, requests } = await server(() => controller.abort());
    const before = await failureOf(client(url).messages.sendText(OPENID, "hi", { signal: AbortSignal.abort() }));
    expect(before).toMatchObject({ code: "WECHAT_ABORTED", delivery: "not-delivered" });
    expect(requests).toHaveLength(0);
    const after = await failureOf(client(url).messages.sendText(OPENID, "hi", { signal: controller.signal }));
    expect(after).toMatchObject({ code: "WECHAT_ABORTED", delivery: "unknown" });
  });

  it("given up while it waited for a connection: not delivered, and it does not leave later", async () => {
    let release = () => {};
    const { url, requests } = await server((socket) => {
      release = () => socket.write(OK);
    });
    const { messages } = client(url, { connections: 1, timeout: 5_000 });
    const first = messages.sendText(OPENID, "first");
    const waiting = await failureOf(messages.sendText(OPENID, "second", { timeout: 50 }));
    expect(waiting).toMatchObject({ code: "WECHAT_TIMEOUT", delivery: "not-delivered", sent: false });
    release();
    await expect(first).resolves.toMatchObject({ delivery: "delivered" });
    const third = messages.sendText(OPENID, "third");
    while (requests.length < 2) await new Promise((resolve) => setImmediate(resolve));
    release();
    await third;
    expect(requests.map((request) => /first|second|third/.exec(request)?.[0])).toEqual(["first", "third"]);
  });

  it("does not begin a part for which no time is left", async () => {
    const { url, requests } = await server((socket) => setTimeout(() => socket.write(OK), 1_500));
    const error = await failureOf(client(url).messages.sendText(OPENID, "x".repeat(3 * 2048), { deadline: 1_000 }));
    expect(error.parts?.map((part) => part.delivery)).toEqual(["unknown", "not-delivered", "not-delivered"]);
    expect(requests).toHaveLength(1);
  });

  it("gives up at the deadline, whatever the attempts still could do", async () => {
    const { url } = await server(() => {});
    const error = await failureOf(client(url).messages.sendText(OPENID, "hi", { deadline: 1_000 }));
    expect(error).toMatchObject({ code: "WECHAT_TIMEOUT", delivery: "unknown" });
    const slowToken = client(url, { tokenSource: () => new Promise(() => {}) });
    const unsent = await failureOf(slowToken.messages.sendText(OPENID, "hi", { deadline: 100 }));
    expect(unsent).toMatchObject({ code: "WECHAT_TIMEOUT", delivery: "not-delivered", sent: false });
  });

  it("refuses calls after close, and lets those under way end truly", async () => {
    let answerNow = () => {};
    const arrived = new Promise<void>((resolve) => {
      answerNow = resolve;
    });
    let release = () => {};
    const { url } = await server((socket) => {
      release = () => socket.write(OK);
      answerNow();
    });
    const closing = client(url);
    const underWay = closing.messages.sendText(OPENID, "hi");
    await arrived;
    const closed = closing.close();
    const refused = await failureOf(closing.messages.sendText(OPENID, "hi"));
    expect(refused).toMatchObject({ code: "WECHAT_CLOSED", delivery: "not-delivered" });
    release();
    await expect(underWay).resolves.toMatchObject({ delivery: "delivered" });
    await closed;
  });
});

describe("dispatchers and proxies that misbehave", () => {
  it("a proxy from the environment that cannot be used: not delivered, and its password nowhere", async () => {
    for (const proxy of ["http://user:pa55word@proxy:99999", "//user:pa55word@proxy", "http://user:100%sure@proxy"]) {
      vi.stubEnv("HTTP_PROXY", proxy);
      vi.stubEnv("http_proxy", proxy);
      cleanUp.push(() => vi.unstubAllEnvs());
      const error = await failureOf(client("http://wechat.invalid", { proxy: "env" }).messages.sendText(OPENID, "hi"));
      expect(error).toMatchObject({ code: "WECHAT_CONNECT", delivery: "not-delivered" });
      expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/pa55word|100%sure/);
    }
    expect(() => client("http://wechat.invalid", { proxy: "http://user:100%sure@proxy" })).toThrow(/^proxy: /);
  });

  it("one that repeats by itself: the message goes out once, and the outcome is unknown", async () => {
    const { Agent, RetryAgent } = await import("undici");
    const { url, requests } = await server((socket) => socket.resetAndDestroy());
    const dispatcher = new RetryAgent(new Agent(), { methods: ["POST"], minTimeout: 1, maxRetries: 3 });
    cleanUp.push(() => dispatcher.close());
    const error = await failureOf(client(url, { dispatcher }).messages.sendText(OPENID, "hi"));
    expect(error).toMatchObject({ delivery: "unknown" });
    expect(requests).toHaveLength(1);
  });
});

describe("a dispatcher of the caller's", () => {
  /** A client whose requests pass an interceptor, which may do with the headers what it wants. */
  async function intercepted(change: (headers: Record<string, string>) => Record<string, string>) {
    const { Agent } = await import("undici");
    const { url, requests } = await server((socket) => socket.write(OK));
    const dispatcher = new Agent().compose((dispatch) => (options, handler) => {
      const headers = change(options.headers as Record<string, string>);
      return dispatch({ ...options, headers }, handler);
    });
    cleanUp.push(() => dispatcher.close());
    return { messages: client(url, { dispatcher }).messages, requests };
  }

  it("may add a header of its own", async () => {
    const { messages, requests } = await intercepted((headers) => ({ ...headers, "x-trace": "1" }));
    await messages.sendText(OPENID, "hi");
    expect(requests[0]).toMatch(/\r\nx-trace: 1\r\n/);
    expect(requests[0]).toMatch(/\r\ncontent-type: application\/json\r\n/);
  });

  it("changes with the headers of one request those of no other", async () => {
    let count = 0;
    const { messages, requests } = await intercepted((headers) => Object.assign(headers, { [`x-${++count}`]: "1" }));
    const other = await server((socket) => socket.write(OK));
    for (const sender of [messages, messages, client(other.url).messages]) await sender.sendText(OPENID, "hi");
    const own = [...requests, ...other.requests].map((request) => request.match(/\r\nx-\d/g) ?? []);
    expect(own).toEqual([["\r\nx-1"], ["\r\nx-2"], []]);
  });
});

describe("WeChat's backup hosts", () => {
  /** A dispatcher for which some hosts cannot be reached, and others fail once the request has left. */
  async function wechat(unreachable: string[], dying: string[] = []) {
    const { Dispatcher } = await import("undici");
    const asked: string[] = [];
    class Fake extends Dispatcher {
      override dispatch(
        options: { origin?: string | URL },
        handler: import("undici").Dispatcher.DispatchHandler,
      ): boolean {
        const { host } = new URL(String(options.origin));
        asked.push(host);
        const controller = {
          abort() {},
          pause() {},
          resume() {},
          aborted: false,
          paused: false,
          reason: null,
          rawHeaders: null,
          rawTrailers: null,
        };
        if (unreachable.includes(host)) {
          handler.onResponseError?.(controller, Object.assign(new Error("no"), { code: "ECONNREFUSED" }));
          return true;
        }
        handler.onRequestStart?.(controller, {});
        if (dying.includes(host)) {
          handler.onResponseError?.(controller, Object.assign(new Error("gone"), { code: "ECONNRESET" }));
          return true;
        }
        handler.onResponseStart?.(controller, 200, {}, "OK");
        handler.onResponseData?.(controller, Buffer.from('{"errcode":0,"errmsg":"ok"}'));
        handler.onResponseEnd?.(controller, {});
        return true;
      }
    }
    const options = { appId: "wx00000000000000a1", tokenSource: async () => "T", dispatcher: new Fake() };
    return { asked, options };
  }

  it("are asked in turn where a host cannot be reached, and the one that answered is kept", async () => {
    const { asked, options } = await wechat(["api.weixin.qq.com", "api2.weixin.qq.com"]);
    const { messages } = new WeChatClient(options);
    await messages.sendText(OPENID, "one");
    await messages.sendText(OPENID, "two");
    expect(asked).toEqual(["api.weixin.qq.com", "api2.weixin.qq.com", "sh.api.weixin.qq.com", "sh.api.weixin.qq.com"]);
  });

  it("are not asked once the request may have left, nor for another base URL", async () => {
    const { asked, options } = await wechat(["proxy.example"], ["api.weixin.qq.com"]);
    const error = await failureOf(new WeChatClient(options).messages.sendText(OPENID, "hi"));
    expect(error).toMatchObject({ code: "WECHAT_RESET", delivery: "unknown" });
    const other = new WeChatClient({ ...options, baseUrl: "https://proxy.example" });
    expect(await failureOf(other.messages.sendText(OPENID, "hi"))).toMatchObject({ delivery: "not-delivered" });
    expect(asked).toEqual(["api.weixin.qq.com", "proxy.example"]);
  });

  it("a diagnosis says that one of them stands in", async () => {
    const { options } = await wechat(["api.weixin.qq.com"]);
    const { checks } = await new WeChatClient(options).diagnose();
    expect(checks[0]).toMatchObject({ status: "warning", details: { backup: "api2.weixin.qq.com" } });
    expect(checks[0]?.finding.en).toContain("api.weixin.qq.com cannot be reached; api2.weixin.qq.com");
    expect(checks[0]?.finding.zh).toContain("无法连接 api.weixin.qq.com");
  });

  it("all out of reach: not delivered, and the message names one of them", async () => {
    const hosts = ["api", "api2", "sh.api", "sz.api", "hk.api"].map((name) => `${name}.weixin.qq.com`);
    const { asked, options } = await wechat(hosts);
    const error = await failureOf(new WeChatClient(options).messages.sendText(OPENID, "hi"));
    expect(error).toMatchObject({ code: "WECHAT_CONNECT", delivery: "not-delivered" });
    expect(error.message).toContain("weixin.qq.com (ECONNREFUSED)");
    expect(asked).toEqual(hosts);
  });
});
