import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WeChatClient } from "@wechat-offiaccount/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FILES } from "./support/files.js";
import { readPage } from "./support/markdown.js";

interface CoWeChatApi {
  request(url: string, options?: { readonly data?: unknown }): Promise<unknown>;
}
const load = createRequire(new URL("../packages/simulator/package.json", import.meta.url));
const CoWeChatApi: new (
  appId: string,
  secret: string,
  getToken: () => Promise<unknown>,
  saveToken: () => Promise<void>,
) => CoWeChatApi = load("co-wechat-api");

/** What the calls of the table are given, by the names that stand there. */
const GIVEN: Record<string, unknown> = {
  openid: "oSimFollower000000000000000001",
  openids: ["oSimFollower000000000000000001"],
  text: "hello",
  mediaId: "media",
  thumbMediaId: "thumb",
  cardId: "card",
  templateId: "template",
  appId: "wx00000000000000a1",
  pagePath: "pages/index",
  url: "https://example.com/a",
  hqUrl: "https://example.com/b",
  pictureUrl: "https://example.com/c.png",
  title: "title",
  description: "description",
  introduction: "introduction",
  type: "image",
  account: "a@b",
  nick: "nick",
  nickname: "nick",
  offset: 0,
  count: 10,
  from: new Date(Date.now() - 60_000),
  to: new Date(),
  color: "#000000",
  ...Object.fromEntries(["music", "miniprogram", "data", "opts", "menu"].map((name) => [name, {}])),
  ...Object.fromEntries(["nextOpenid", "after"].map((name) => [name, "oSimFollower000000000000000001"])),
  articles: [],
};

/** The new place of what WeChat has moved. */
const MOVED: Readonly<Record<string, string>> = {
  "/customservice/msgrecord/getrecord": "/customservice/msgrecord/getmsglist",
};

/** What a request asks for: the endpoint, and the kind of message or file. */
function asked(url: string, body: unknown): string {
  const { pathname, searchParams } = new URL(url, "https://api.weixin.qq.com");
  const { msgtype }: { msgtype?: string } =
    typeof body === "string" && body.startsWith("{") ? JSON.parse(body) : ({} as const);
  return [MOVED[pathname] ?? pathname, searchParams.get("type"), msgtype].filter(Boolean).join(" ");
}

const requests: string[] = [];
const server = createServer(async (request, response) => {
  requests.push(asked(request.url ?? "", Buffer.concat(await request.toArray()).toString()));
  response.setHeader("content-type", "application/json").end('{"errcode":40003,"errmsg":"invalid openid"}');
});
let client: WeChatClient;
let folder: string;
const old = new CoWeChatApi(
  "wx00000000000000a1",
  "secret",
  async () => ({ accessToken: "token", expireTime: Date.now() + 7_200_000 }),
  async () => {},
);
old.request = async (url, { data } = {}) => {
  requests.push(asked(url, data));
  return {};
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "migrating-"));
  await writeFile(join(folder, "a.jpg"), FILES.jpg());
  await writeFile(join(folder, "a.mp4"), FILES.mp4());
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("no port");
  client = new WeChatClient({
    appId: "wx00000000000000a1",
    tokenSource: async () => "token",
    baseUrl: `http://127.0.0.1:${address.port}`,
  });
});
afterAll(async () => {
  await client.close();
  server.close();
  await rm(folder, { recursive: true });
});

/** The first request of a call, such as `api.sendText(openid, text)`; else why there is none. */
async function requestOf(call: string): Promise<string> {
  requests.length = 0;
  const file = join(folder, /Video/.test(call) ? "a.mp4" : "a.jpg");
  const names = { ...GIVEN, file, path: file, api: old, client };
  const refused = await Promise.resolve()
    .then(() => new Function(...Object.keys(names), `return ${call}`)(...Object.values(names)))
    .then(() => "nothing was asked", String);
  return requests[0] ?? refused;
}

it("tells apart what is asked for", async () => {
  expect(await requestOf("api.sendImage(openid, mediaId)")).toBe("/cgi-bin/message/custom/send image");
  expect(await requestOf("client.messages.sendVoice(openid, { mediaId })")).toBe("/cgi-bin/message/custom/send voice");
  expect(await requestOf("client.materials.addThumb({ path })")).toBe("/cgi-bin/material/add_material thumb");
  expect(await requestOf("client.messages.sendNothing(openid)")).toMatch(/is not a function/);
});

describe.each(["docs/migrating-from-wechat-api.md", "docs/migrating-from-wechat-api.zh-CN.md"])("%s", (path) => {
  const rows = [...readPage(path).text.matchAll(/^\| `(\w+\([^`]*\))`.*? +\| `(client\.[^`]+)`.* \|$/gm)].map(
    ([, before = "", after = ""]) => ({ before, after }),
  );

  it("has all calls", () => {
    expect(rows.length).toBeGreaterThan(30);
    expect(readPage(path).text.match(/^\| `\w+\(.*\| `client\./gm)).toHaveLength(rows.length);
  });

  it.each(rows)("$before asks WeChat for what $after asks for", async ({ before, after }) => {
    const wanted = await requestOf(`api.${before}`);
    expect(wanted).toMatch(/^\//);
    expect(await requestOf(after)).toBe(wanted);
  });
});
