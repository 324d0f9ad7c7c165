import { EventEmitter, once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { Worker } from "node:worker_threads";
import express from "express";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import type { Callback } from "../src/callback/callback.js";
import { callbackWith, OPENID, pushOf, settled, textXml } from "./support/pushes.js";

async function served(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
async function post(url: string, { query, body }: { query: URLSearchParams; body: string }, type = "text/xml") {
  const response = await fetch(`${url}/wechat?${query}`, { method: "POST", body, headers: { "content-type": type } });
  return { status: response.status, text: await response.text() };
}
const OK = { status: 200, text: "success" };

describe("node:http", () => {
  it("verifies the URL, receives, and refuses", async () => {
    const { callback, messages } = callbackWith();
    const url = await served(callback.listener);
    const { query } = pushOf("", { mode: "plain" });
    query.set("echostr", "4375120948345356249");
    expect(await (await fetch(`${url}/?${query}`)).text()).toBe("4375120948345356249");
    expect(await post(url, pushOf(textXml()))).toEqual(OK);
    expect(await post(url, pushOf(textXml(), { token: "forged" }))).toEqual({ status: 401, text: "signature" });
    expect((await fetch(url)).status).toBe(400);
    expect((await fetch(url, { method: "PUT", body: "x" })).headers.get("allow")).toBe("GET, POST");
    await settled();
    expect(messages).toMatchObject([{ type: "text", text: "你好" }]);
  });

  it("answers with the reply", async () => {
    const { callback } = callbackWith({
      reply: "wait",
      mode: "plain",
      onMessage: () => ({ type: "text", text: "回复" }),
    });
    const response = await fetch(`${await served(callback.listener)}/?${pushOf(textXml(), { mode: "plain" }).query}`, {
      method: "POST",
      body: textXml(),
    });
    expect(response.headers.get("content-type")).toBe("text/xml; charset=utf-8");
    expect(await response.text()).toContain("<![CDATA[回复]]>");
  });

  it.each(["with its length", "in chunks"])(
    "lets a body that is too large %s end, and keeps the connection",
    async (how) => {
      const { callback } = callbackWith({ maxBodyBytes: 1000 });
      const { port } = new URL(await served(callback.listener));
      const socket = connect(Number(port), "127.0.0.1");
      onTestFinished(() => void socket.destroy());
      let heard = "";
      socket.on("data", (data) => {
        heard += data;
      });
      const answers = async (count: number) => {
        while (heard.split("HTTP/1.1 ").length <= count) await once(socket, "data");
        return heard;
      };
      const push = pushOf(textXml());
      const head = `POST /?${push.query} HTTP/1.1\r\nHost: x\r\n`;
      const half = "x".repeat(5000);
      socket.write(
        how === "in chunks"
          ? `${head}Transfer-Encoding: chunked\r\n\r\n1388\r\n${half}\r\n`
          : `${head}Content-Length: 10000\r\n\r\n${half}`,
      );
      // The answer comes although the body has not ended; then the rest is taken, and the connection serves again.
      expect(await answers(1)).toMatch(/^HTTP\/1\.1 413 /);
      socket.write(how === "in chunks" ? `1388\r\n${half}\r\n0\r\n\r\n` : half);
      socket.write(`${head}Content-Length: ${Buffer.byteLength(push.body)}\r\n\r\n${push.body}`);
      expect(await answers(2)).toMatch(/HTTP\/1\.1 200 /);
    },
  );

  it("cuts off what does not end", async () => {
    const { callback, onRefused } = callbackWith({ maxBodyBytes: 1000 });
    const { port } = new URL(await served(callback.listener));
    const socket = connect(Number(port), "127.0.0.1").on("error", () => {});
    socket.write(
      `POST /?${pushOf(textXml()).query} HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n${"x".repeat(100_000)}`,
    );
    socket.resume();
    // The reset itself must not fail the test: once() would reject with it.
    await new Promise<void>((resolve) => void socket.once("close", () => resolve()));
    expect(onRefused.mock.calls).toMatchObject([[{ reason: "too-large" }]]);
  });

  it("survives a sender that breaks off", async () => {
    const refusals = new EventEmitter();
    const { callback } = callbackWith({ onRefused: (refused) => void refusals.emit("refused", refused) });
    const { port } = new URL(await served(callback.listener));
    const socket = connect(Number(port), "127.0.0.1");
    const head = `POST /?${pushOf(textXml()).query} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n<xml>`;
    socket.write(head, () => socket.destroy());
    expect(await once(refusals, "refused")).toMatchObject([{ reason: "incomplete" }]);
  });
});

describe("Express 4", () => {
  const app = async (callback: Callback, ...before: ReturnType<typeof express.text>[]) => {
    const server = express();
    for (const parser of before) server.use(parser);
    server.all("/wechat", callback.listener);
    return served(server);
  };

  it.each([
    ["no body parser", []],
    ["express.text", [express.text({ type: () => true })]],
    ["express.raw", [express.raw({ type: () => true })]],
    ["parsers of other types, which leave {}", [express.json(), express.urlencoded({ extended: true })]],
  ])("with %s", async (_what, before) => {
    const { callback, messages } = callbackWith();
    const url = await app(callback, ...before);
    expect(await post(url, pushOf(textXml()))).toEqual(OK);
    await settled();
    expect(messages).toHaveLength(1);
  });

  it("explains a body that was parsed before", async () => {
    const { callback, onRefused } = callbackWith();
    const url = await app(callback, express.json());
    const json = `{"ToUserName":"g","FromUserName":"o","CreateTime":1,"MsgType":"text","Content":"x","MsgId":1}`;
    expect(await post(url, pushOf(json), "application/json")).toEqual({ status: 500, text: "body-taken" });
    expect(onRefused.mock.calls).toMatchObject([[{ remedy: { en: expect.stringContaining("express.json()") } }]]);
  });

  it("bounds what a parser let through", async () => {
    const { callback } = callbackWith({ maxBodyBytes: 100 });
    const url = await app(callback, express.text({ type: () => true }));
    expect(await post(url, pushOf(textXml()))).toEqual({ status: 413, text: "too-large" });
  });
});

it("a body that does not end is cut off when WeChat would have hung up", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  const { callback, onRefused } = callbackWith();
  const url = new URL(await served(callback.listener));
  const socket = connect(Number(url.port), "127.0.0.1");
  socket.on("error", () => {});
  const closed = once(socket, "close");
  const asked = vi.spyOn(globalThis, "setTimeout");
  socket.write(`POST /?${pushOf(textXml()).query} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n<xml>`);
  await vi.waitFor(() => expect(asked).toHaveBeenCalledWith(expect.any(Function), 5000), { timeout: 5000 });
  await vi.advanceTimersByTimeAsync(5000);
  await closed;
  expect(onRefused.mock.calls).toMatchObject([[{ reason: "incomplete" }]]);
});

it("a web request's body that does not end is given up at the same time", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  const { callback } = callbackWith();
  const cancelled = vi.fn();
  const body = new ReadableStream({ start: (part) => part.enqueue(Buffer.from("<xml>")), cancel: cancelled });
  const request = new Request(`http://x/?${pushOf(textXml()).query}`, {
    method: "POST",
    body,
    duplex: "half",
  } as RequestInit);
  const answer = callback.handle(request);
  await settled();
  await vi.advanceTimersByTimeAsync(5000);
  expect(await (await answer).text()).toBe("incomplete");
  expect(cancelled).toHaveBeenCalledTimes(1);
});

/** Sends what it is given to a port and hangs up, all while nobody else in this process gets a turn. */
const HANGS_UP = `
const { workerData: { port, request, flag } } = require("node:worker_threads");
const socket = require("node:net").connect(port, "127.0.0.1");
socket.write(request, () => socket.destroy());
socket.once("close", () => {
  Atomics.store(flag, 0, 1);
  Atomics.notify(flag, 0);
});
`;

it("a reply does not count as WeChat's answer where WeChat hung up while this process stood still", async () => {
  const sent: unknown[] = [];
  const client = { messages: { send: async (openid: string, message: unknown) => void sent.push([openid, message]) } };
  const onReplied = vi.fn();
  const { callback } = callbackWith({
    reply: "wait",
    mode: "plain",
    client,
    onReplied,
    onMessage: () => ({ type: "text", text: "回复" }),
  });
  const port = Number(new URL(await served(callback.listener)).port);
  const { query, body } = pushOf(textXml(), { mode: "plain" });
  const request = `POST /wechat?${query} HTTP/1.1\r\nhost: x\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
  const flag = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(HANGS_UP, { eval: true, workerData: { port, request, flag } });
  const exit = once(worker, "exit");
  // A worker begins without this thread; what comes meanwhile is in the kernel's hands.
  expect(Atomics.wait(flag, 0, 0, 9_000)).not.toBe("timed-out");
  await exit;
  await expect.poll(() => sent).toEqual([[OPENID, { type: "text", text: "回复" }]]);
  expect(onReplied).not.toHaveBeenCalled();
});
