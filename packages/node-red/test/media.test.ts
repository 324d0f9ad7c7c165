import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSimulator, DEFAULT_FOLLOWER, type Simulator } from "@wechat-offiaccount/simulator";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { helper, logged, type Message, startFlow } from "./support/flow.js";
import { place, serve, startReceiving } from "./support/receiving.js";

const PNG = Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), Buffer.alloc(100, 1)]);
const JPEG = Buffer.concat([Buffer.from("\xff\xd8\xff\xe0", "latin1"), Buffer.alloc(100, 1)]);
const MP4 = Buffer.concat([Buffer.from("\0\0\0\x18ftypmp42", "latin1"), Buffer.alloc(100, 1)]);
const OTHER = "oSimFollower000000000000000002";

let simulator: Simulator;
let userDir: string;
beforeEach(async () => {
  simulator = await createSimulator({ replyQuota: false });
  simulator.addFollower({ openid: OTHER, window: "open" });
  userDir = await mkdtemp(join(tmpdir(), "media-"));
  helper.settings({ userDir });
});
afterEach(async () => {
  await helper.unload();
  helper.settings({});
  await simulator.close();
  await rm(userDir, { recursive: true, force: true });
});

const uploads = () => simulator.ledger.calls.filter(({ path }) => path.endsWith("/media/upload"));
const phone = () => simulator.ledger.messages.map(({ openid, msgtype }) => [openid, msgtype]);

async function web(listener: RequestListener): Promise<string> {
  const { url, close } = await serve(listener);
  onTestFinished(close);
  return url;
}

async function delivered(payload: unknown, send: Record<string, unknown> = {}): Promise<Message> {
  const { out, caught, receive } = await startFlow({ simulator, send });
  receive({ payload });
  const ended = await Promise.race([out.first(), caught.first()]);
  expect(ended.wechat).toMatchObject({ delivery: "delivered" });
  return ended;
}

async function failed(payload: unknown, send: Record<string, unknown> = {}): Promise<Message> {
  const { caught, receive } = await startFlow({ simulator, send });
  receive({ payload });
  const msg = await caught.first();
  expect(msg.wechat).toMatchObject({ delivery: "not-delivered", parts: [] });
  expect(msg.wechat!.error!.remedy!.en).not.toContain("__");
  expect(msg.wechat!.error!.remedy!.zh).toMatch(/\p{Script=Han}/u);
  expect(phone()).toEqual([]);
  return msg;
}

describe("media of a message", () => {
  it("may be a Buffer", async () => {
    await delivered({ type: "image", media: PNG });
    expect(phone()).toEqual([[DEFAULT_FOLLOWER, "image"]]);
  });

  it("may be a video and its preview", async () => {
    await delivered({ type: "video", media: MP4, thumb: JPEG, title: "t" });
    expect(uploads()).toHaveLength(2);
    expect(phone()).toEqual([[DEFAULT_FOLLOWER, "video"]]);
  });

  it("is uploaded once for a list of recipients", async () => {
    const { out, receive } = await startFlow({ simulator });
    receive({ openid: [DEFAULT_FOLLOWER, OTHER, DEFAULT_FOLLOWER], payload: { type: "image", media: PNG } });
    expect((await out.first()).wechat).toMatchObject({ delivery: "delivered" });
    expect(uploads()).toHaveLength(1);
    expect(phone()).toHaveLength(3);
  });

  it("whose upload fails fails for each recipient, and is tried once", async () => {
    simulator.inject({ kind: "errcode", errcode: 40005, path: "/cgi-bin/media/upload", every: 1 });
    const { caught, receive } = await startFlow({ simulator });
    receive({ openid: [DEFAULT_FOLLOWER, OTHER], payload: { type: "image", media: PNG } });
    const { wechat } = await caught.first();
    expect(wechat).toMatchObject({ delivery: "not-delivered", results: Array(2).fill({ error: { errcode: 40005 } }) });
    expect(uploads()).toHaveLength(1);
  });

  it("of which WeChat's answer is lost leaves the message surely not delivered", async () => {
    simulator.inject({ kind: "reset-after", path: "/cgi-bin/media/upload" });
    expect((await failed({ type: "image", media: PNG })).wechat!.error!.code).toBe("WECHAT_RESET");
  });

  it("does not keep another follower waiting", async () => {
    helper.settings({ userDir, nodeCloseTimeout: 300 });
    simulator.inject({ kind: "stall", path: "/cgi-bin/media/upload" });
    const { out, receive } = await startFlow({ simulator });
    receive({ payload: { type: "image", media: PNG } });
    receive({ openid: OTHER, payload: "passes" });
    expect((await out.first()).openid).toBe(OTHER);
  });

  it.each([
    ["nothing that could be a file", { type: "image", media: 7 }, "mediaKind"],
    ["a media id beside it", { type: "image", media: PNG, mediaId: "M1" }, "mediaTwice"],
    ["a format that WeChat does not take", { type: "image", media: MP4 }, "MP4"],
    ["a type that has no file", { type: "news", title: "t", url: "https://x.example/", media: PNG }, "message.media"],
    ["no preview of a video", { type: "video", media: MP4 }, "message.thumbMediaId"],
  ])("is refused with %s, before anything is sent", async (_what, payload, words) => {
    expect((await failed(payload)).error!.message).toContain(words);
    expect(simulator.ledger.calls).toEqual([]);
  });

  it("goes into WeChat's own request too", async () => {
    const { push, messages } = await startReceiving({
      simulator,
      receive: { answer: "wait", wires: [["ask"], []] },
      nodes: [
        place("ask", "helper"),
        place("send", "wechat-oa-send", { account: "account", passive: true, wires: [["messages"]] }),
      ],
    });
    helper.getNode("ask").on("input", (msg) => {
      helper.getNode("send").receive({ ...msg, payload: { type: "image", media: PNG } });
    });
    expect((await push({ type: "text", text: "hi" })).outcome).toBe("replied");
    expect((await messages.first()).wechat).toMatchObject({ way: "passive-reply", delivery: "delivered" });
    expect(simulator.ledger.messages).toMatchObject([{ via: "passive-reply", msgtype: "image" }]);
  });
});

describe("a path", () => {
  beforeEach(async () => {
    await mkdir(join(userDir, "media"));
    await writeFile(join(userDir, "media", "a.png"), PNG);
    await writeFile(join(userDir, "secret.png"), PNG);
    await symlink(join(userDir, "secret.png"), join(userDir, "media", "link.png"));
  });

  it("begins at the media folder, which begins at the user directory", async () => {
    await delivered({ type: "image", media: "a.png" }, { mediaFolder: "media" });
    expect(phone()).toEqual([[DEFAULT_FOLLOWER, "image"]]);
  });

  it("may be absolute", async () => {
    await delivered({ type: "image", media: join(userDir, "media", "a.png") }, { mediaFolder: join(userDir, "media") });
    expect(uploads()).toHaveLength(1);
  });

  it.each([
    ["there is no media folder", "a.png", "", "mediaNoFolder"],
    ["it leads out of it", "../secret.png", "media", "mediaOutside"],
    ["it leads to nothing out of it, which is not told", "../none.png", "media", "mediaOutside"],
    ["it is absolute and elsewhere", "/etc/passwd", "media", "mediaOutside"],
    ["it is the folder itself", ".", "media", "mediaOutside"],
    ["a link leads out of it", "link.png", "media", "mediaOutside"],
    ["there is no such file", "none.png", "media", "mediaMissing"],
    ["there is no such folder", "a.png", "nowhere", "mediaMissing"],
    ["it is the URL of a file", "file:///etc/passwd", "media", "mediaUrl"],
  ])("is refused where %s", async (_what, media, mediaFolder, words) => {
    expect((await failed({ type: "image", media }, { mediaFolder })).error!.message).toContain(words);
    expect(simulator.ledger.calls).toEqual([]);
  });

  it("or URL is never read from a text", async () => {
    await delivered(join(userDir, "media", "a.png"), { mediaFolder: "media" });
    expect(simulator.ledger.messages).toMatchObject([{ msgtype: "text", text: join(userDir, "media", "a.png") }]);
    expect(uploads()).toEqual([]);
  });
});

describe("a URL", () => {
  it("is fetched, also after a redirect", async () => {
    const url = await web((request, response) => {
      if (request.url === "/old") response.writeHead(302, { location: "/new.php?x=1" }).end();
      else response.end(PNG);
    });
    await delivered({ type: "image", media: `${url}/old` });
    expect(phone()).toEqual([[DEFAULT_FOLLOWER, "image"]]);
  });

  it("that does not answer with the file is named by its host, without path and query", async () => {
    const url = await web((_request, response) => response.writeHead(404).end("no"));
    const { error, wechat } = await failed({ type: "image", media: `${url}/private?key=SENTINEL` });
    expect(wechat!.error!.code).toBe("WECHAT_FETCH");
    expect(error!.message).toContain("fetchStatus");
    expect(JSON.stringify(wechat) + logged()).not.toContain("SENTINEL");
    expect(simulator.ledger.calls).toEqual([]);
  });

  it.each([
    ["with a password", "http://user:SENTINEL@x.example/a.png", "mediaUrl"],
    ["of FTP", "ftp://x.example/a.png", "mediaUrl"],
    ["that is none", "http://", "mediaUrl"],
    ["that nobody answers", "http://127.0.0.1:9/a.png", "fetchConnect"],
  ])("%s is refused", async (_what, media, words) => {
    const { error, wechat } = await failed({ type: "image", media });
    expect(error!.message).toContain(words);
    expect(JSON.stringify(wechat) + logged()).not.toContain("SENTINEL");
  });

  it("of what is no picture is refused before it reaches WeChat", async () => {
    const url = await web((_request, response) => response.end("<html>intern</html>"));
    await failed({ type: "image", media: url });
    expect(simulator.ledger.calls).toEqual([]);
  });
});
