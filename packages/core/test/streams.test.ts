import { execFileSync } from "node:child_process";
import { getEventListeners, once } from "node:events";
import { constants } from "node:fs";
import fs, { type FileHandle } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { type DownloadedFile, WeChatClient, type WeChatClientOptions } from "../src/index.js";

const PNG = Buffer.from("\x89PNG\r\n\x1a\n12345678", "latin1");
const OK = JSON.stringify({ type: "image", media_id: "M1", created_at: 1 });
const json = (body: string) => `HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

/** A raw server that answers each complete request, and the client that asks it. */
async function desk(answer: (socket: Socket) => void, options: Partial<WeChatClientOptions> = {}) {
  const sockets = new Set<Socket>();
  let requests = 0;
  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => {}));
    let received = "";
    socket.on("data", (chunk) => {
      received += chunk.toString("latin1");
      const head = received.indexOf("\r\n\r\n");
      const length = Number(/content-length: (\d+)/i.exec(received)?.[1] ?? 0);
      if (head < 0 || received.length < head + 4 + length) return;
      received = "";
      requests++;
      answer(socket);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const client = new WeChatClient({
    appId: "wx0123456789abcdef",
    baseUrl: `http://127.0.0.1:${port}`,
    tokenSource: async () => "86_sentinel",
    readRetry: { retries: 0, baseDelay: 1, maxDelay: 1 },
    ...options,
  });
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await client.close();
  });
  return { client, requests: () => requests };
}

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => {
      throw new Error("it did not fail");
    },
    (error) => error,
  );

async function downloaded(client: WeChatClient, options = {}): Promise<DownloadedFile> {
  const got = await client.media.download("M1", options);
  if (got.kind !== "file") throw new Error("no file");
  onTestFinished(() => void got.stream.destroy());
  return got;
}

const takes = () => desk((socket) => void socket.write(json(OK)));

describe("a stream to upload", () => {
  it("that somebody else reads is told as such", async () => {
    const { client, requests } = await takes();
    const stream = new Blob([PNG]).stream();
    const reader = stream.getReader();
    const error = await failure(client.media.upload("image", { stream, length: PNG.length }));
    expect(error).toMatchObject({ code: "WECHAT_VALIDATION", field: "file.stream" });
    expect(error.remedy).toEqual({ en: expect.stringMatching(/only once/), zh: expect.stringMatching(/只能读取一次/) });
    expect((await reader.read()).done).toBe(false); // its reader still has it
    expect(requests()).toBe(0);
  });

  it("that was read before is told as such", async () => {
    const { client } = await takes();
    const generator = (async function* () {
      yield PNG;
    })();
    for await (const _ of generator);
    const error = await failure(client.media.upload("image", { stream: generator, length: 70 }));
    expect(error).toMatchObject({ field: "file.stream", message: expect.stringMatching(/gave nothing: 0 of 70/) });
    expect(error.remedy).toEqual({ en: expect.stringMatching(/read before/), zh: expect.stringMatching(/读取过/) });
  });

  it.each([
    ["returns at once", () => ({ done: true, value: undefined })],
    [
      "throws",
      () => {
        throw new Error("no return");
      },
    ],
  ])("whose iterator %s when it is ended is uploaded all the same", async (_what, end) => {
    const { client } = await takes();
    const source = [PNG];
    const iterator = {
      next: async () => {
        const value = source.shift();
        return value ? { done: false, value } : { done: true, value };
      },
      return: end,
    };
    const stream = { [Symbol.asyncIterator]: () => iterator } as unknown as AsyncIterable<Uint8Array>;
    expect(await client.media.upload("image", { stream, length: PNG.length })).toMatchObject({ mediaId: "M1" });
  });

  it("is ended where type or options are wrong", async () => {
    const { client } = await takes();
    const node = () => Readable.from([PNG]);
    const [wrongType, wrongOption, bare] = [node(), node(), node()];
    const length = PNG.length;
    await failure(client.media.upload("picture" as "image", { stream: wrongType, length }));
    await failure(client.media.upload("image", { stream: wrongOption, length }, { timeout: -1 }));
    await failure(client.media.upload("image", bare as never));
    let cancelled = false;
    const web = new ReadableStream<Uint8Array>({
      cancel() {
        cancelled = true;
      },
    });
    await failure(client.media.upload("picture" as "image", { stream: web, length }));
    await expect.poll(() => [wrongType, wrongOption, bare].every(({ destroyed }) => destroyed)).toBe(true);
    await expect.poll(() => cancelled).toBe(true);
  });

  it("that is silent is given up at the deadline, where that comes before the timeout", async () => {
    const { client } = await takes();
    const stream = (async function* (): AsyncGenerator<Uint8Array> {
      await new Promise(() => {});
      yield PNG;
    })();
    const upload = client.media.upload("image", { stream, length: 16 }, { timeout: 25_000, deadline: 30 });
    expect(await failure(upload)).toMatchObject({ code: "WECHAT_TIMEOUT", sent: false });
  }, 20_000);
});

describe("a path to upload", () => {
  async function folder(): Promise<string> {
    const made = await fs.mkdtemp(join(tmpdir(), "wechat-upload-"));
    onTestFinished(() => fs.rm(made, { recursive: true }));
    return made;
  }

  /** What is opened from now on by fs/promises. A FileHandle that was closed has the descriptor -1. */
  function watchOpened(): () => Promise<FileHandle[]> {
    const open = vi.spyOn(fs, "open");
    syncBuiltinESMExports();
    onTestFinished(() => {
      open.mockRestore();
      syncBuiltinESMExports();
    });
    return () => Promise.all(open.mock.results.map(({ value }) => value));
  }

  it.each<[string, Buffer, string, object]>([
    ["succeeded", PNG, json(OK), { mediaId: "M1" }],
    ["was refused by WeChat", PNG, json('{"errcode":45001,"errmsg":"too large"}'), { errcode: 45001 }],
    ["was refused for its format", Buffer.from("no image"), json(OK), { code: "WECHAT_VALIDATION", field: "file" }],
    ["was refused for its emptiness", Buffer.alloc(0), json(OK), { code: "WECHAT_VALIDATION", field: "file" }],
  ])("leaves no open descriptor behind after an upload that %s", async (_how, content, answer, outcome) => {
    const { client } = await desk((socket) => void socket.write(answer));
    const path = join(await folder(), "a.png");
    await fs.writeFile(path, content);
    const opened = watchOpened();
    expect(await client.media.upload("image", { path }).catch((error) => error)).toMatchObject(outcome);
    const handles = await opened();
    expect(handles).toHaveLength(1);
    await expect.poll(() => handles.map(({ fd }) => fd)).toEqual([-1]);
  });

  it("that is a pipe is refused without waiting for who writes to it", async () => {
    const { client, requests } = await takes();
    const path = join(await folder(), "pipe.png");
    execFileSync("mkfifo", [path]);
    // Whoever would wait for a writer has one at the end.
    onTestFinished(async () => (await fs.open(path, constants.O_RDWR)).close());
    expect(await failure(client.media.upload("image", { path }))).toMatchObject({
      code: "WECHAT_VALIDATION",
      field: "file.path",
      message: expect.stringMatching(/is not a file \(a device or pipe\)/),
      remedy: { en: expect.stringMatching(/path of one file/), zh: expect.stringMatching(/单个文件/) },
    });
    expect(requests()).toBe(0);
  }, 20_000);
});

describe("a file that comes", () => {
  const begins = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n";
  const chunk = (bytes: Buffer) =>
    Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]);
  it("broken off before its last chunk is not whole", async () => {
    const { client } = await desk((socket) => {
      socket.write(Buffer.concat([Buffer.from(begins), chunk(PNG)]), () => socket.end());
    });
    expect(await failure(downloaded(client).then((file) => file.toBuffer()))).toMatchObject({ code: "WECHAT_RESET" });
  });

  it("of fewer than 16 bytes is a file too", async () => {
    const { client } = await desk((socket) => void socket.write(json("BM12")));
    expect(await (await downloaded(client)).toBuffer()).toEqual(Buffer.from("BM12"));
  });

  it("without a length is bounded by maxBytes, and read once", async () => {
    const { client } = await desk((socket) =>
      socket.write(Buffer.concat([Buffer.from(begins), chunk(PNG), chunk(PNG), Buffer.from("0\r\n\r\n")])),
    );
    const file = await downloaded(client);
    expect(file.length).toBeUndefined();
    expect(await failure(file.toBuffer({ maxBytes: 31 }))).toMatchObject({ field: "maxBytes" });
    const read = await downloaded(client);
    await once(read.stream, "data");
    read.stream.pause();
    expect(await failure(read.toBuffer())).toMatchObject({ field: "stream" });
  });

  it("leaves no listener on the signal once it is whole, read or not", async () => {
    const { client } = await desk(
      (socket) => void socket.write(json(PNG.toString("latin1").replaceAll(/[^ -~]/g, "x"))),
    );
    const { signal } = new AbortController();
    await downloaded(client, { signal });
    await expect.poll(() => getEventListeners(signal, "abort").length).toBe(0);
  });
});
