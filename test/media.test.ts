import { readdir, readFile, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import type { DownloadedFile, MediaType, UploadSource, WeChatClient } from "@wechat-offiaccount/core";
import type { Simulator } from "@wechat-offiaccount/simulator";
import { describe, expect, it } from "vitest";
import { clientOf, simulated } from "./support/desk.js";
import { failure } from "./support/failure.js";
import { FILES, folder, varied } from "./support/files.js";

const UPLOAD = "/cgi-bin/media/upload";
const GET = "/cgi-bin/media/get";

async function desk(): Promise<{ simulator: Simulator; client: WeChatClient }> {
  const simulator = await simulated();
  return { simulator, client: clientOf(simulator) };
}

async function downloaded(client: WeChatClient, mediaId: string): Promise<DownloadedFile> {
  const got = await client.media.download(mediaId);
  if (got.kind !== "file") throw new Error("no file");
  return got;
}

/** A stream that gives bytes in pieces of an odd size. */
async function* pieces(content: Uint8Array, size = 1001): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < content.length; at += size) yield content.subarray(at, at + size);
}

describe("media.upload and media.download", () => {
  it.each<[MediaType, string, Buffer, string]>([
    ["image", "image.png", FILES.png(5000), "image/png"],
    ["image", "image.jpg", FILES.jpg(), "image/jpeg"],
    ["image", "image.gif", FILES.gif(), "image/gif"],
    ["voice", "voice.amr", FILES.amr(3), "audio/amr"],
    ["voice", "voice.mp3", FILES.mp3(3), "audio/mpeg"],
    ["thumb", "thumb.jpg", FILES.jpg(64 * 1024), "image/jpeg"],
  ])("a %s goes up as %s and comes back byte for byte", async (type, filename, begin, contentType) => {
    const { simulator, client } = await desk();
    const content = type === "voice" ? begin : varied(begin, begin.length);
    const uploaded = await client.media.upload(type, content);
    expect(uploaded).toEqual({ type, mediaId: expect.stringMatching(/^\S+$/), createdAt: expect.any(Date) });
    expect(Math.abs(uploaded.createdAt.getTime() - simulator.clock.now())).toBeLessThan(5000);
    const body = { media: { filename, bytes: content.length } };
    expect(simulator.ledger.calls.find(({ path }) => path === UPLOAD)).toMatchObject({ errcode: 0, body });
    const file = await downloaded(client, uploaded.mediaId);
    expect(file).toMatchObject({
      contentType,
      length: content.length,
      filename: expect.stringMatching(/^[\w-]+\.\w+$/),
    });
    expect((await file.toBuffer()).equals(content)).toBe(true);
  });

  it("of a video the URL is told", async () => {
    const { client } = await desk();
    const content = varied(FILES.mp4(), 300_000);
    const { mediaId } = await client.media.upload("video", content);
    const got = await client.media.download(mediaId);
    if (got.kind !== "video") throw new Error("no video");
    const fetched = Buffer.from(await (await fetch(got.url)).arrayBuffer());
    expect(fetched.equals(content)).toBe(true);
  });

  const content = varied(FILES.png(), 200_001);
  const around = new Uint8Array(content.length + 20);
  around.set(content, 7);
  it.each<[string, UploadSource, string]>([
    ["a Uint8Array that is a part of another", around.subarray(7, 7 + content.length), "image.png"],
    ["a Blob", new Blob([new Uint8Array(content)]), "image.png"],
    ["a File with its name", new File([new Uint8Array(content)], "回执 1.PNG"), "回执 1.PNG"],
    ["bytes with a name", { bytes: content, filename: "a.png" }, "a.png"],
    ["a name without an ending", { bytes: content, filename: "receipt" }, "receipt.png"],
    ["a name that is a path", { bytes: content, filename: "C:\\photos\\..\\a.png" }, "a.png"],
    ["a name with quotation mark and line break", { bytes: content, filename: 'a"b\r\nc.png' }, "a%22b%0D%0Ac.png"],
    ["a Node.js stream", { stream: Readable.from(pieces(content)), length: content.length }, "image.png"],
    [
      "a web stream",
      { stream: new Blob([new Uint8Array(content)]).stream(), length: content.length, filename: "w.png" },
      "w.png",
    ],
    ["a generator that gives single bytes first", { stream: pieces(content, 1), length: content.length }, "image.png"],
  ])("takes %s", async (_what, source, filename) => {
    const { simulator, client } = await desk();
    const { mediaId } = await client.media.upload("image", source);
    expect(simulator.ledger.calls.find(({ path }) => path === UPLOAD)).toMatchObject({ body: { media: { filename } } });
    expect((await (await downloaded(client, mediaId)).toBuffer()).equals(content)).toBe(true);
  });

  it("takes a path, and writes a download to one, whole or not at all", async () => {
    const { client } = await desk();
    const path = await folder();
    await writeFile(join(path, "a.png"), content);
    const { mediaId } = await client.media.upload("image", { path: join(path, "a.png") });
    await (await downloaded(client, mediaId)).toFile(join(path, "b.png"));
    expect((await readFile(join(path, "b.png"))).equals(content)).toBe(true);

    const nowhere = await failure((await downloaded(client, mediaId)).toFile(join(path, "missing", "c.png")));
    expect(nowhere).toMatchObject({
      code: "WECHAT_VALIDATION",
      field: "path",
      message: expect.stringMatching(/ENOENT/),
    });
    const onFolder = await failure((await downloaded(client, mediaId)).toFile(path));
    expect(onFolder).toMatchObject({ field: "path" });
    expect((await readdir(path)).sort()).toEqual(["a.png", "b.png"]);
  });

  it("holds no more of a download in memory than allowed, and reads it once", async () => {
    const { client } = await desk();
    const { mediaId } = await client.media.upload("image", content);
    const file = await downloaded(client, mediaId);
    expect(await failure(file.toBuffer({ maxBytes: content.length - 1 }))).toMatchObject({ field: "maxBytes" });
    expect(await failure(file.toBuffer())).toMatchObject({ field: "stream" });
    const other = await downloaded(client, mediaId);
    expect(await other.toBuffer({ maxBytes: content.length })).toHaveLength(content.length);
    expect(await failure(other.toFile("x"))).toMatchObject({ field: "stream" });
  });
});

describe("what WeChat would not take is refused before anything is sent", () => {
  const png = FILES.png();
  const stream = (bytes: Uint8Array, length = bytes.length) => ({ stream: pieces(bytes), length });
  it.each<[string, string, unknown, string, RegExp]>([
    ["another type", "picture", png, "type", /image, voice, video or thumb/],
    ["nothing", "image", undefined, "file", /no file/],
    ["a string", "image", "a.png", "file", /no file/],
    ["a stream without its length", "image", Readable.from(pieces(png)), "file", /without its length/],
    ["a length that is none", "image", { stream: pieces(png), length: -1 }, "file.length", /below 0/],
    ["a misspelt option", "image", { bytes: png, fileName: "a.png" }, "file.fileName", /no such option/],
    ["an empty name", "image", { bytes: png, filename: "" }, "file.filename", /empty/],
    ["a path that is a number", "image", { path: 5 }, "file.path", /string/],
    ["a path where nothing is", "image", { path: "/nowhere/a.png" }, "file.path", /does not exist/],
    ["a folder", "image", { path: "." }, "file.path", /folder/],
    ["an empty Buffer", "image", Buffer.alloc(0), "file", /empty/],
    ["an empty stream", "image", stream(Buffer.alloc(0)), "file", /empty/],
    ["a text", "image", Buffer.from("hello, world"), "file", /unknown format/],
    ["a single byte", "image", Buffer.from([0xff]), "file", /unknown format/],
    ["a WebP", "image", Buffer.from("RIFF\0\0\0\0WEBPVP8 "), "file", /WebP/],
    ["a HEIC", "image", Buffer.from("\0\0\0\x18ftypheic"), "file", /HEIC/],
    ["a BMP, which only the library takes", "image", FILES.bmp(), "file", /BMP/],
    ["a WAV, which only the library takes", "voice", FILES.wav(), "file", /WAV/],
    ["a PNG for a thumb", "thumb", png, "file", /PNG/],
    ["a QuickTime video", "video", Buffer.from("\0\0\0\x18ftypqt  "), "file", /QuickTime/],
    ["another format in a stream", "image", stream(FILES.mp4()), "file", /MP4/],
    ["too large an image", "image", FILES.png(10 * 1024 * 1024 + 1), "file", /10485761 bytes/],
    ["too large a voice, by what is said of the stream", "voice", stream(FILES.amr(), 2_097_153), "file", /2097153/],
    ["too large a thumb", "thumb", FILES.jpg(64 * 1024 + 1), "file", /65537/],
    ["an ending that does not fit", "image", { bytes: png, filename: "a.txt" }, "file.filename", /\.txt/],
    ["a stream that ends at once", "image", stream(png.subarray(0, 10), 100), "file.stream", /10 of 100/],
    ["a stream of text", "image", { stream: Readable.from(["text"]), length: 4 }, "file.stream", /other than bytes/],
  ])("%s", async (_what, type, file, field, problem) => {
    const { simulator, client } = await desk();
    const error = await failure(client.media.upload(type as MediaType, file as UploadSource));
    expect(error).toMatchObject({ code: "WECHAT_VALIDATION", field, message: expect.stringMatching(problem) });
    expect(error.remedy.en).toMatch(/\w{3}/);
    expect(error.remedy.zh).toMatch(/[\u4e00-\u9fff]{2}/);
    expect(simulator.ledger.calls).toHaveLength(0);
  });

  it("a refused stream is destroyed", async () => {
    const { client } = await desk();
    const source = Readable.from(pieces(FILES.mp4(9000)));
    await failure(client.media.upload("image", { stream: source, length: 9000 }));
    expect(source.destroyed).toBe(true);
  });

  it("wrong ids and options", async () => {
    const { simulator, client } = await desk();
    expect(await failure(client.media.download(""))).toMatchObject({ field: "mediaId" });
    expect(await failure(client.media.upload("image", FILES.png(), { timeout: 0 }))).toMatchObject({
      field: "timeout",
    });
    expect(simulator.ledger.calls).toHaveLength(0);
  });
});

describe("what WeChat refuses is explained in both languages", () => {
  it("a recording that is too long, and a media_id that has expired", async () => {
    const { simulator, client } = await desk();
    const tooLong = await failure(client.media.upload("voice", FILES.amr(61)));
    expect(tooLong).toMatchObject({ code: "WECHAT_CONTENT", errcode: 45007 });
    expect(tooLong.remedy).toEqual({ en: expect.stringMatching(/60 seconds/), zh: expect.stringMatching(/60 秒/) });
    const { mediaId } = await client.media.upload("image", FILES.png());
    simulator.clock.advance(72 * 3_600_000);
    const expired = await failure(client.media.download(mediaId));
    expect(expired).toMatchObject({ code: "WECHAT_CONTENT", errcode: 40007 });
    expect(expired.remedy).toEqual({ en: expect.stringMatching(/3 days/), zh: expect.stringMatching(/3 天/) });
  });
});

describe("a refused token and -1", () => {
  const content = varied(FILES.png(), 150_000);

  it.each(["token-expired", "busy"] as const)("%s: what can be read again is sent again", async (kind) => {
    const path = join(await folder(), "a.png");
    await writeFile(path, content);
    for (const source of [content, new Blob([new Uint8Array(content)]), { path }]) {
      const { simulator, client } = await desk();
      simulator.inject({ kind, path: UPLOAD });
      const { mediaId } = await client.media.upload("image", source);
      expect((await (await downloaded(client, mediaId)).toBuffer()).equals(content)).toBe(true);
      expect(simulator.ledger.calls.filter(({ path }) => path === UPLOAD)).toHaveLength(2);
    }
  });

  it.each([
    ["token-expired", 42001],
    ["busy", -1],
  ] as const)("%s: a stream is not, and the error says so", async (kind, errcode) => {
    const { simulator, client } = await desk();
    simulator.inject({ kind, path: UPLOAD });
    const error = await failure(client.media.upload("image", { stream: pieces(content), length: content.length }));
    expect(error).toMatchObject({ errcode });
    expect(error.remedy.en).toMatch(/stream can be read only once.*Buffer/);
    expect(error.remedy.zh).toMatch(/流只能读取一次/);
    const again = { stream: pieces(content), length: content.length };
    expect(await client.media.upload("image", again)).toMatchObject({ type: "image" });
    expect(simulator.ledger.calls.filter(({ path }) => path === UPLOAD)).toHaveLength(2);
  });

  it("a refusal that no repetition would change says nothing of streams", async () => {
    const { simulator, client } = await desk();
    simulator.inject({ kind: "errcode", errcode: 45001, path: UPLOAD });
    const error = await failure(client.media.upload("image", { stream: pieces(content), length: content.length }));
    expect(error).toMatchObject({ errcode: 45001 });
    expect(error.remedy.en).not.toMatch(/stream/);
  });

  it("a download is asked for again until it begins", async () => {
    const { simulator, client } = await desk();
    const { mediaId } = await client.media.upload("image", content);
    for (const kind of ["token-expired", "busy", "reset-before", "http-502", "html-200"] as const) {
      simulator.inject({ kind, path: GET });
      expect((await (await downloaded(client, mediaId)).toBuffer()).equals(content), kind).toBe(true);
    }
  });

  it("an upload whose outcome is unknown is not repeated, and the remedy says that uploading again does no harm", async () => {
    const { simulator, client } = await desk();
    simulator.inject({ kind: "reset-after", path: UPLOAD });
    const error = await failure(client.media.upload("image", content));
    expect(error).toMatchObject({ code: "WECHAT_RESET" });
    expect(error.remedy).toEqual({
      en: expect.stringMatching(/may have taken the file.*nothing is lost/),
      zh: expect.stringMatching(/重新上传不会有任何损失/),
    });
    expect(simulator.ledger.calls.filter(({ path }) => path === UPLOAD)).toHaveLength(1);
  });

  it("an upload for which there was no token surely did nothing", async () => {
    const { simulator, client } = await desk();
    simulator.inject({ kind: "reset-after", path: "/cgi-bin/stable_token", times: 10 });
    const error = await failure(client.media.upload("image", content));
    expect(error).toMatchObject({ code: "WECHAT_RESET" });
    expect(error.remedy.en).not.toMatch(/may have done/);
  });
});

describe("a source that is not as it was stated", () => {
  const content = varied(FILES.png(), 300_000);
  const cases: [string, () => UploadSource, string, RegExp][] = [
    ["ends early", () => ({ stream: pieces(content), length: content.length + 1 }), "file.stream", /300000 of 300001/],
    ["goes on", () => ({ stream: pieces(content), length: content.length - 1 }), "file.stream", /more bytes/],
    [
      "breaks",
      () => ({
        stream: (async function* () {
          yield content.subarray(0, 100_000);
          throw new Error("disk https://user:pw@host/ failed");
        })(),
        length: content.length,
      }),
      "file.stream",
      /cannot be read \(disk https:\/\/\*\*\*@host\/ failed\)/,
    ],
  ];
  it.each(cases)(
    "a stream that %s is an error, and nothing is kept at WeChat",
    async (_what, source, field, problem) => {
      const { simulator, client } = await desk();
      const error = await failure(client.media.upload("image", source()));
      expect(error).toMatchObject({ code: "WECHAT_VALIDATION", field, message: expect.stringMatching(problem) });
      expect(error.remedy.zh).toMatch(/[\u4e00-\u9fff]{2}/);
      const state = await (await fetch(`${simulator.url}/simulator/state`)).json();
      expect(state.accounts[0].media).toEqual([]);
      // The connection is of no use any more; the next call takes another.
      expect(await client.media.upload("image", content)).toMatchObject({ type: "image" });
    },
  );

  it.each<[string, (path: string) => Promise<unknown>, RegExp]>([
    ["becomes shorter", (path) => writeFile(path, content.subarray(0, 1000)), /ended early: 1000 of 300000/],
    ["is written anew", (path) => utimes(path, new Date(1), new Date(1)), /changed while it was read/],
  ])("a file that %s after it was checked is an error", async (_what, change, problem) => {
    const simulator = await simulated();
    const path = join(await folder(), "a.png");
    await writeFile(path, content);
    // A token is asked for once the file is open and checked.
    const tokenSource = async () => {
      await change(path);
      return simulator.tokens.forceRefresh();
    };
    const error = await failure(clientOf(simulator, { tokenSource }).media.upload("image", { path }));
    expect(error).toMatchObject({ field: "file.path", message: expect.stringMatching(problem) });
    const state = await (await fetch(`${simulator.url}/simulator/state`)).json();
    expect(state.accounts[0].media).toEqual([]);
  });
});
