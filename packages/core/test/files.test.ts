import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { inspect } from "node:util";
import type { Dispatcher } from "undici";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { failure } from "../../../test/support/failure.js";
import {
  type CallOptions,
  type DownloadedFile,
  WeChatApiError,
  WeChatClient,
  type WeChatClientOptions,
} from "../src/index.js";

const PNG = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
const png = (bytes: number) => Buffer.concat([PNG, Buffer.alloc(bytes - PNG.length, 1)]);
const MIB = 1024 * 1024;
const OK = JSON.stringify({ type: "image", media_id: "M1", created_at: 1 });

/** A server that answers as it is told, and the client that asks it. */
async function desk(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  options: Partial<WeChatClientOptions> = {},
): Promise<WeChatClient> {
  const server = createServer(answer);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return clientOf({ baseUrl: `http://127.0.0.1:${address.port}`, ...options });
}

function clientOf(options: Partial<WeChatClientOptions>): WeChatClient {
  const retry = { retries: 1, baseDelay: 1, maxDelay: 1 };
  const client = new WeChatClient({
    appId: "wx00000000000000a1",
    tokenSource: async () => "86_sentinel",
    readRetry: retry,
    ...options,
  });
  onTestFinished(() => client.close());
  return client;
}

async function downloaded(client: WeChatClient, options = {}): Promise<DownloadedFile> {
  const got = await client.media.download("M1", options);
  if (got.kind !== "file") throw new Error("no file");
  onTestFinished(() => void got.stream.destroy());
  return got;
}

/** A wire that takes and brings bytes only when it is told to. */
function handWire() {
  let body: Readable | undefined;
  let handler: Dispatcher.DispatchHandler | undefined;
  const controller = {
    aborted: false,
    paused: false,
    reason: null,
    abort() {},
    pause: () => void Object.assign(controller, { paused: true }),
    resume: () => void Object.assign(controller, { paused: false }),
  };
  const dispatcher = {
    dispatch(options: Dispatcher.DispatchOptions, given: Dispatcher.DispatchHandler) {
      handler = given;
      body = options.body as Readable;
      given.onRequestStart?.(controller, {});
      return true;
    },
  } as unknown as Dispatcher;
  return {
    dispatcher,
    controller,
    /** The body of the request, once there is one. */
    async body(): Promise<Readable> {
      while (handler === undefined) await new Promise(setImmediate);
      return body as Readable;
    },
    brings(bytes: Buffer, headers: Record<string, string> = {}) {
      handler?.onResponseStart?.(controller, 200, headers, "");
      handler?.onResponseData?.(controller, bytes);
    },
    ends() {
      handler?.onResponseEnd?.(controller, {});
    },
  };
}

/** Time passes only as the test says; what happens in it is waited for. */
function stoppedClock(): (ms: number) => Promise<void> {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  onTestFinished(() => void vi.useRealTimers());
  return async (ms) => {
    for (let n = 0; n < 20; n++) await new Promise(setImmediate);
    await vi.advanceTimersByTimeAsync(ms);
    for (let n = 0; n < 20; n++) await new Promise(setImmediate);
  };
}

describe("what an upload puts on the wire", () => {
  it("is one form of known length, and nothing chunked", async () => {
    const requests: { headers: IncomingMessage["headers"]; url: string | undefined; body: Buffer }[] = [];
    const client = await desk(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      requests.push({ headers: request.headers, url: request.url, body: Buffer.concat(chunks) });
      response.end(JSON.stringify({ media_id: "M1" }));
    });
    const title = "标题 😀";
    const video = Buffer.concat([Buffer.from("\0\0\0\x18ftypmp42"), Buffer.alloc(200_000, 7)]);
    await client.materials.addVideo({ bytes: video, filename: '开 "箱".mp4' }, { title });
    expect(requests).toHaveLength(1);
    const [{ headers, url, body }] = requests as [(typeof requests)[0]];
    expect(url).toBe("/cgi-bin/material/add_material?access_token=86_sentinel&type=video");
    expect(headers).not.toHaveProperty("transfer-encoding");
    expect(headers["content-length"]).toBe(String(body.length));
    const boundary = /^multipart\/form-data; boundary=([\w-]+)$/.exec(headers["content-type"] ?? "")?.[1];
    const lines = [
      `--${boundary}`,
      'Content-Disposition: form-data; name="media"; filename="开 %22箱%22.mp4"',
      "Content-Type: video/mp4",
      "",
      video.toString("latin1"),
      `--${boundary}`,
      'Content-Disposition: form-data; name="description"',
      "",
      JSON.stringify({ title, introduction: "" }),
      `--${boundary}--`,
      "",
    ];
    const expected = Buffer.concat(
      lines.flatMap((line, at) => [at === 4 ? video : Buffer.from(line), Buffer.from(at < 10 ? "\r\n" : "")]),
    );
    expect(body.equals(expected)).toBe(true);
  });
});

describe("an upload is not held in memory", () => {
  it("a stream of 9 MB is taken as fast as the wire takes it, and no faster", async () => {
    const wire = handWire();
    const client = clientOf({ dispatcher: wire.dispatcher });
    const length = 9 * MIB;
    let pulled = 0;
    const stream = (async function* () {
      for (; pulled < length; ) {
        const chunk = pulled === 0 ? png(64 * 1024) : Buffer.alloc(64 * 1024);
        pulled += chunk.length;
        yield chunk;
      }
    })();
    const upload = client.media.upload("image", { stream, length });
    let sent = 0;
    let most = 0;
    for await (const chunk of await wire.body()) {
      sent += chunk.length;
      most = Math.max(most, pulled - sent);
      await new Promise(setImmediate); // whatever would read ahead has the time to
    }
    wire.brings(Buffer.from(OK));
    wire.ends();
    expect(await upload).toEqual({ type: "image", mediaId: "M1", createdAt: new Date(1000) });
    expect(pulled).toBe(length);
    expect(sent).toBeGreaterThan(length);
    expect(most).toBeLessThanOrEqual(4 * 64 * 1024);
  });
});

describe("an upload that does not get through", () => {
  /** An upload of four chunks, each of which comes when the test says. */
  async function chunkwise(options: CallOptions, chunk = 1024, settings: Partial<WeChatClientOptions> = {}) {
    const wire = handWire();
    const pass = stoppedClock();
    const given: (() => void)[] = [];
    const stream = (async function* () {
      yield png(chunk);
      for (let n = 0; n < 3; n++) {
        await new Promise<void>((resolve) => given.push(resolve));
        yield Buffer.alloc(chunk);
      }
    })();
    const client = clientOf({ dispatcher: wire.dispatcher, ...settings });
    const upload = client.media.upload("image", { stream, length: 4 * chunk }, options);
    upload.catch(() => {});
    (await wire.body()).resume();
    return { wire, pass, upload, give: () => given.shift()?.() };
  }

  it("is given up when no byte moves, not when it is merely long", async () => {
    const { wire, pass, upload, give } = await chunkwise({ timeout: 1000, deadline: 60_000 });
    for (let n = 0; n < 3; n++) {
      await pass(900);
      give();
    }
    await pass(900);
    wire.brings(Buffer.from(OK));
    wire.ends();
    expect(await upload).toMatchObject({ type: "image" });

    const stalled = await chunkwise({ timeout: 1000, deadline: 60_000 });
    await stalled.pass(900);
    stalled.give();
    await stalled.pass(1100);
    expect(await failure(stalled.upload)).toMatchObject({
      code: "WECHAT_TIMEOUT",
      sent: true,
      incomplete: true,
      remedy: { en: expect.stringMatching(/^Nothing was changed/), zh: expect.stringMatching(/未执行/) },
    });
  });

  it("is of unknown outcome once the whole of it left", async () => {
    const whole = await chunkwise({ timeout: 1000, deadline: 60_000 });
    for (let n = 0; n < 3; n++) {
      await whole.pass(10);
      whole.give();
    }
    await whole.pass(1100);
    const error = await failure(whole.upload);
    expect(error).toMatchObject({ code: "WECHAT_TIMEOUT", sent: true });
    expect(error).not.toHaveProperty("incomplete");
    expect(error.remedy.en).toMatch(/may have taken the file/);
  });

  it("is given up at the deadline although bytes move", async () => {
    const { pass, upload, give } = await chunkwise({ timeout: 1000, deadline: 2000 });
    for (let n = 0; n < 2; n++) {
      await pass(900);
      give();
    }
    await pass(250);
    expect(await failure(upload)).toMatchObject({ code: "WECHAT_TIMEOUT" });
  });

  describe("and has no deadline of its own", () => {
    const settings = { timeout: 1000, deadline: 1000 };
    /** 100 000 bytes: a second more. */
    const chunk = 25_000;

    it("is given a second more for each 100 KB", async () => {
      const { wire, pass, upload, give } = await chunkwise({}, chunk, settings);
      for (const ms of [900, 900, 150]) {
        await pass(ms);
        give();
      }
      await pass(1);
      wire.brings(Buffer.from(OK));
      wire.ends();
      expect(await upload).toMatchObject({ mediaId: "M1" });
    });

    it("is given up after that", async () => {
      const { pass, upload, give } = await chunkwise({}, chunk, settings);
      for (const ms of [900, 900]) {
        await pass(ms);
        give();
      }
      await pass(250);
      expect(await failure(upload)).toMatchObject({ code: "WECHAT_TIMEOUT", incomplete: true });
    });

    it("is given none where the call has one", async () => {
      const { pass, upload, give } = await chunkwise({ deadline: 1000 }, chunk, settings);
      await pass(900);
      give();
      await pass(150);
      expect(await failure(upload)).toMatchObject({ code: "WECHAT_TIMEOUT", incomplete: true });
    });
  });

  it("leaves no timer behind when it is refused while its stream is still read", async () => {
    const { wire, pass, upload, give } = await chunkwise({ timeout: 1000, deadline: 60_000 });
    await pass(10);
    expect(vi.getTimerCount()).toBe(1);
    wire.brings(Buffer.from('{"errcode":45001,"errmsg":"too large"}'));
    wire.ends();
    expect(await failure(upload)).toMatchObject({ errcode: 45001 });
    give();
    await pass(10);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("by a stream that gives nothing at all ends before anything is sent", async () => {
    let asked = 0;
    const client = await desk(() => asked++, { timeout: 50 });
    const stream = (async function* (): AsyncGenerator<Uint8Array> {
      await new Promise(() => {});
      yield PNG;
    })();
    expect(await failure(client.media.upload("image", { stream, length: 8 }))).toMatchObject({
      code: "WECHAT_TIMEOUT",
      message: expect.stringMatching(/^file: gave no first bytes/),
      sent: false,
    });
    const aborted = client.media.upload("image", { stream, length: 8 }, { signal: AbortSignal.abort() });
    expect(await failure(aborted)).toMatchObject({ code: "WECHAT_ABORTED" });
    expect(asked).toBe(0);
  });

  it("is stopped by the signal, and the stream is destroyed", async () => {
    const stop = new AbortController();
    const client = await desk((request) => void request.once("data", () => stop.abort()));
    let ended = false;
    const stream = (async function* () {
      try {
        for (;;) yield png(64 * 1024);
      } finally {
        ended = true;
      }
    })();
    const error = await failure(client.media.upload("image", { stream, length: 9 * MIB }, { signal: stop.signal }));
    expect(error).toMatchObject({ code: "WECHAT_ABORTED" });
    await expect.poll(() => ended).toBe(true);
  });

  it("hears a refusal that comes before the file is complete", async () => {
    const client = await desk((request, response) => {
      request.once("data", () => response.end('{"errcode":45001,"errmsg":"too large"}'));
    });
    let pulled = 0;
    const stream = (async function* () {
      for (; pulled < 9 * MIB; pulled += 64 * 1024) {
        yield pulled === 0 ? png(64 * 1024) : Buffer.alloc(64 * 1024);
        await new Promise(setImmediate);
      }
    })();
    expect(await failure(client.media.upload("image", { stream, length: 9 * MIB }))).toMatchObject({ errcode: 45001 });
    expect(pulled).toBeLessThan(9 * MIB);
  });
});

describe("a download that does not get through", () => {
  const half = (response: ServerResponse, bytes = 100_000) => {
    response.writeHead(200, { "content-type": "text/plain", "content-length": 300_000 });
    response.write(png(bytes));
  };

  it("broken in the middle is an error of the stream, of toBuffer and of toFile, and no file is left", async () => {
    const client = await desk((_, response) => {
      half(response);
      setImmediate(() => response.destroy());
    });
    const broken = {
      code: "WECHAT_RESET",
      message: expect.stringMatching(/GET \/cgi-bin\/media\/get: .* after \d+ bytes/),
      remedy: { en: expect.stringMatching(/part of the file/), zh: expect.stringMatching(/只收到/) },
    };
    const file = await downloaded(client);
    expect(file).toMatchObject({ contentType: "image/png", length: 300_000, filename: undefined });
    const seen: string[] = [];
    file.stream.on("data", () => seen.push("data")).on("end", () => seen.push("end"));
    const [error] = await once(file.stream, "error").catch((thrown) => [thrown]);
    expect(error).toMatchObject(broken);
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain("86_sentinel");
    expect(seen).not.toContain("end");

    expect(await failure((await downloaded(client)).toBuffer())).toMatchObject(broken);
    const folder = await mkdtemp(join(tmpdir(), "wechat-download-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    expect(await failure((await downloaded(client)).toFile(join(folder, "a.png")))).toMatchObject(broken);
    expect(await readdir(folder)).toEqual([]);
  });

  it("breaking before anybody reads ends no program, and is told to who reads then", async () => {
    const client = await desk((_, response) => {
      half(response, 1000);
      setImmediate(() => response.destroy());
    });
    const file = await downloaded(client);
    await expect.poll(() => file.stream.destroyed).toBe(true);
    expect(await failure(file.toBuffer())).toMatchObject({ code: "WECHAT_RESET" });
  });

  it("that stalls is given up after the timeout, even where the deadline was nearly over when it began", async () => {
    const wire = handWire();
    const pass = stoppedClock();
    const download = downloaded(clientOf({ dispatcher: wire.dispatcher }), { timeout: 300, deadline: 100 });
    await wire.body();
    await pass(90);
    wire.brings(png(1000));
    const reading = failure((await download).toBuffer());
    await pass(290);
    wire.brings(png(1000));
    await pass(290);
    expect((await download).stream.destroyed).toBe(false);
    await pass(20);
    expect(await reading).toMatchObject({ code: "WECHAT_TIMEOUT", message: expect.stringMatching(/300 ms/) });
  });

  it("that ends before its stated length is not whole, though the dispatcher says that it ended", async () => {
    const wire = handWire();
    const download = downloaded(clientOf({ dispatcher: wire.dispatcher }));
    await wire.body();
    wire.brings(png(100), { "content-length": "300" });
    const file = await download;
    wire.ends();
    expect(await failure(file.toBuffer())).toMatchObject({
      code: "WECHAT_RESET",
      message: expect.stringMatching(/100 of 300 bytes/),
      remedy: { en: expect.stringMatching(/part of the file/), zh: expect.stringMatching(/只收到/) },
    });
  });

  it("has no timeout once it came whole, however late it is read", async () => {
    const wire = handWire();
    const pass = stoppedClock();
    const download = downloaded(clientOf({ dispatcher: wire.dispatcher }), { timeout: 300 });
    await wire.body();
    wire.brings(png(1000), { "content-length": "1000" });
    const file = await download;
    wire.ends();
    await pass(60_000);
    expect(await file.toBuffer()).toHaveLength(1000);
  });

  it("waits without a timeout for a reader who is slower than the wire, and takes no more meanwhile", async () => {
    const wire = handWire();
    const pass = stoppedClock();
    const download = downloaded(clientOf({ dispatcher: wire.dispatcher }), { timeout: 300 });
    await wire.body();
    wire.brings(png(100_000));
    const file = await download;
    expect(wire.controller.paused).toBe(true);
    await pass(60_000);
    const reading = file.toBuffer();
    await pass(1);
    expect(wire.controller.paused).toBe(false);
    wire.ends();
    expect(await reading).toHaveLength(100_000);
  });

  it("stays with the server for the most part while nobody reads it, and comes whole when somebody does", async () => {
    const chunk = png(MIB / 16);
    const total = 64 * MIB;
    let taken = 0;
    const client = await desk((_, response) => {
      response.writeHead(200, { "content-type": "image/png", "content-length": total });
      const body = Readable.from(
        (function* () {
          for (; taken < total; taken += chunk.length) yield chunk;
        })(),
        { highWaterMark: 1 },
      );
      body.pipe(response);
    });
    const { stream } = await downloaded(client, { timeout: 20_000 });
    let before = 0;
    const growth = () => {
      const grown = taken - before;
      before = taken;
      return grown;
    };
    await expect.poll(growth).toBe(0);
    // What is on its way is in the buffers of two sockets.
    expect(taken).toBeLessThan(total / 2);
    let read = 0;
    for await (const { length } of stream) read += length;
    expect(read).toBe(total);
  });

  it("is stopped by the signal, also after it began", async () => {
    const client = await desk((_, response) => half(response));
    const stop = new AbortController();
    const file = await downloaded(client, { signal: stop.signal });
    const reading = failure(file.toBuffer());
    stop.abort();
    expect(await reading).toMatchObject({ code: "WECHAT_ABORTED" });
  });

  it("that is destroyed ends its connection", async () => {
    let closed = false;
    const client = await desk((_, response) => {
      half(response);
      response.on("close", () => {
        closed = true;
      });
    });
    (await downloaded(client)).stream.destroy();
    await expect.poll(() => closed).toBe(true);
  });

  it.each<[string, string, Buffer | string, object]>([
    ["an errcode as text/plain", "text/plain", '{"errcode":40007,"errmsg":"invalid media_id"}', { errcode: 40007 }],
    ["an errcode that calls itself an image", "image/jpeg", '{"errcode":40007}', { errcode: 40007 }],
    ["a page", "text/html", "<html></html>", { code: "WECHAT_BAD_ANSWER" }],
    ["a page that begins with a line break", "application/octet-stream", "\n<html>", { code: "WECHAT_BAD_ANSWER" }],
    ["a page that does not look like one", "text/html; charset=utf-8", "sorry", { code: "WECHAT_BAD_ANSWER" }],
    ["nothing", "image/png", "", { code: "WECHAT_BAD_ANSWER" }],
    ["JSON of another kind", "application/json", '{"ok":1}', { code: "WECHAT_BAD_ANSWER" }],
  ])("%s is no file", async (_what, type, body, expected) => {
    const client = await desk((_, response) => response.writeHead(200, { "content-type": type }).end(body));
    expect(await failure(client.media.download("M1"))).toMatchObject(expected);
  });

  it("a file under an error status is no file", async () => {
    const client = await desk((_, response) => response.writeHead(404).end(png(100)));
    expect(await failure(client.media.download("M1"))).toMatchObject({ code: "WECHAT_HTTP_STATUS", status: 404 });
  });
});

describe("how an answer begins", () => {
  const bringing = async (...pieces: Buffer[]) => {
    const wire = handWire();
    const download = clientOf({
      dispatcher: wire.dispatcher,
      readRetry: { retries: 0, baseDelay: 1, maxDelay: 1 },
    }).media.download("M1");
    await wire.body();
    for (const piece of pieces) wire.brings(piece);
    wire.ends();
    return download;
  };

  it.each([1, 3, 15, 16])("is looked at whole, also where only %i bytes come first", async (bytes) => {
    const content = png(100);
    const got = await bringing(content.subarray(0, bytes), content.subarray(bytes));
    if (got.kind !== "file") throw new Error("no file");
    expect(got.contentType).toBe("image/png");
    expect((await got.toBuffer()).equals(content)).toBe(true);
  });

  it.each([1, 3, 41])(
    "with a byte order mark is an error where it holds an errcode, also in pieces of %i",
    async (bytes) => {
      const body = Buffer.from('\ufeff{"errcode":40007,"errmsg":"invalid media_id"}');
      const error = await failure(bringing(body.subarray(0, bytes), body.subarray(bytes)));
      expect(error).toBeInstanceOf(WeChatApiError);
      expect(error).toMatchObject({ errcode: 40007 });
    },
  );

  it.each([1, 2, 3])("with a byte order mark is no file, also in pieces of %i", async (bytes) => {
    const page = Buffer.from("\ufeff<html>a page that is longer than that</html>");
    expect(await failure(bringing(page.subarray(0, bytes), page.subarray(bytes)))).toMatchObject({
      code: "WECHAT_BAD_ANSWER",
    });
  });
});

describe("the name of a downloaded file", () => {
  it.each([
    ['attachment; filename="M1.jpg"', "M1.jpg"],
    ["attachment; filename=M1.jpg", "M1.jpg"],
    ['attachment; filename="../../etc/pass\twd"', "passwd"],
    ['attachment; filename="C:\\\\x\\\\.."', undefined],
    ['attachment; filename=""', undefined],
    ["attachment", undefined],
  ])("%s", async (disposition, filename) => {
    const client = await desk((_, response) => {
      response.writeHead(200, { "content-disposition": disposition }).end(png(10));
    });
    expect((await downloaded(client)).filename).toBe(filename);
  });
});
