import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { describe, expect, it, onTestFinished } from "vitest";
import { ERROR_CATALOG, TRANSPORT_REMEDY } from "../src/error-catalog.js";
import { WeChatClient, type WeChatClientOptions } from "../src/index.js";

import { RAPID_RETRY } from "../src/retry.js";

const PNG = Buffer.from("\x89PNG\r\n\x1a\n12345678", "latin1");
const MAYBE = { en: /may have done it/, zh: /可能已经执行/ };
const NOT_DONE = { en: /^Nothing was changed/, zh: /未执行任何操作/ };

/** A server that answers its n-th request as it is told, and the client that asks it. */
async function desk(
  answers: ((response: ServerResponse, request: IncomingMessage) => void)[],
  options: Partial<WeChatClientOptions> = {},
) {
  let asked = 0;
  const server = createServer(async (request, response) => {
    const answer = answers[asked++];
    if (answer === undefined) throw new Error("one request too many");
    for await (const _ of request);
    answer(response, request);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const client = new WeChatClient({
    appId: "wx0123456789abcdef",
    baseUrl: `http://127.0.0.1:${port}`,
    tokenSource: async () => "86_sentinel",
    busyRetry: RAPID_RETRY,
    readRetry: RAPID_RETRY,
    ...options,
  });
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await client.close();
  });
  return { client, asked: () => asked };
}

const says = (body: object) => (response: ServerResponse) => void response.end(JSON.stringify(body));
const busy = says({ errcode: -1, errmsg: "system error" });
const breaks = (response: ServerResponse) => void response.destroy();

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => {
      throw new Error("it did not fail");
    },
    (error) => error,
  );
const said = (error: { remedy: { en: string; zh: string } }, { en, zh }: { en: RegExp; zh: RegExp }) => {
  expect(error.remedy.en).toMatch(en);
  expect(error.remedy.zh).toMatch(zh);
  expect(error.remedy.en).not.toMatch(/message/i);
  expect(error.remedy.zh).not.toMatch(/消息/);
};

describe("after an attempt of a write that may have been done, nothing proves that it was not", () => {
  it("not a refusal, and not a lost connection", async () => {
    const refused = await desk([busy, says({ errcode: 45009, errmsg: "quota" })]);
    said(await failure(refused.client.materials.delete("M1")), MAYBE);
    const lost = await desk([breaks, says({ errcode: 45009, errmsg: "quota" })], { atLeastOnce: true });
    const error = await failure(lost.client.materials.addImage(PNG));
    expect(error).toMatchObject({ errcode: 45009 });
    said(error, MAYBE);
  });
});

describe("a remedy speaks of what was called", () => {
  it("-1 of a write, of a read, and of an upload that may be repeated", async () => {
    const options = { retryBusy: false };
    said(await failure((await desk([busy], options)).client.materials.delete("M1")), MAYBE);
    const reads = { en: /only reads/, zh: /只是读取/ };
    said(await failure((await desk([busy], options)).client.materials.count()), reads);
    const again = { en: /nothing is lost by uploading/, zh: /不会有任何损失/ };
    said(await failure((await desk([busy], options)).client.media.upload("image", PNG)), again);
  });

  it("a refusal of the first attempt says nothing of outcomes", async () => {
    const { client } = await desk([says({ errcode: 45009, errmsg: "quota" })]);
    expect((await failure(client.materials.delete("M1"))).remedy.en).not.toMatch(/may have done|Nothing was/);
  });

  it("a read that failed, however and how often, says nothing of what may have been done", async () => {
    const options = { readRetry: { ...RAPID_RETRY, retries: 1 }, busyRetry: { ...RAPID_RETRY, retries: 1 } };
    const refusal = says({ errcode: 45009, errmsg: "quota" });
    const page = (response: ServerResponse) => void response.end("<html>");
    const after = async (...answers: ((response: ServerResponse) => void)[]) => {
      const { client, asked } = await desk(answers, options);
      const error = await failure(client.materials.count());
      expect(asked()).toBe(answers.length);
      expect(error.remedy.en).not.toMatch(/may have|all the same/);
      expect(error.remedy.zh).not.toMatch(/可能已/);
      return error.remedy;
    };
    const reads = { en: expect.stringMatching(/^The call only reads/), zh: expect.stringMatching(/^该调用只是读取/) };
    for (const broken of [busy, breaks]) {
      expect(await after(broken, broken)).toEqual(reads);
      expect(await after(broken, refusal)).toEqual(ERROR_CATALOG[45009]?.remedy);
    }
    expect(await after(page, page)).toEqual(TRANSPORT_REMEDY.notWeChat);
  });

  it("a read that gets no answer in time, and a write that is stopped before it leaves", async () => {
    const silent = await desk([() => {}], { timeout: 50, readRetry: { ...RAPID_RETRY, retries: 0 } });
    said(await failure(silent.client.media.download("M1")), { en: /only reads/, zh: /只是读取/ });
    const { client, asked } = await desk([]);
    said(await failure(client.materials.delete("M1", { signal: AbortSignal.abort() })), NOT_DONE);
    expect(asked()).toBe(0);
  });

  it("an own stream that stays silent", async () => {
    const { client } = await desk([], { timeout: 20 });
    const stream = (async function* (): AsyncGenerator<Uint8Array> {
      await new Promise(() => {});
      yield PNG;
    })();
    said(await failure(client.media.upload("image", { stream, length: 16 })), NOT_DONE);
  });

  it("a refused token and a stream: another token was got and could not be tried", async () => {
    let tokens = 0;
    const refusal = says({ errcode: 42001, errmsg: "access_token expired" });
    const { client } = await desk([refusal], { tokenSource: async () => `T${++tokens}` });
    const stream = (async function* () {
      yield PNG;
    })();
    const error = await failure(client.media.upload("image", { stream, length: PNG.length }));
    expect(error).toMatchObject({ errcode: 42001 });
    said(error, { en: /^A stream can be read only once/, zh: /^流只能读取一次/ });
    expect(error.remedy.en).not.toMatch(/token/i);
    expect(tokens).toBe(2);
  });

  it.each([40007, 46001])("%i of the library does not speak of temporary media as lost", async (errcode) => {
    const answer = says({ errcode, errmsg: "invalid media_id" });
    const { client } = await desk([answer, answer]);
    for (const call of [client.materials.get("M1"), client.materials.delete("M1")]) {
      said(await failure(call), { en: /materials\.list/, zh: /materials\.list/ });
    }
  });
});

describe("an answer that is large", () => {
  const page = (bytes: number) =>
    says({
      total_count: 1,
      item: [{ media_id: "N1", update_time: 1, content: { news_item: [{ content: "x".repeat(bytes) }] } }],
    });

  it("of 20 long articles is read", async () => {
    const { client } = await desk([page(5 * 1024 * 1024)]);
    const { items } = await client.materials.list({ type: "news" });
    expect(items[0]?.articles?.[0]?.content).toHaveLength(5 * 1024 * 1024);
  });

  it("and more than that is asked for once, and told as too large", async () => {
    const { client, asked } = await desk([page(33 * 1024 * 1024)]);
    const error = await failure(client.materials.list({ type: "news" }));
    expect(error).toMatchObject({ code: "WECHAT_BAD_ANSWER", tooLarge: true });
    said(error, { en: /smaller count/, zh: /count/ });
    expect(error.remedy.en).not.toMatch(/base URL/);
    expect(asked()).toBe(1);
  });
});

describe("the walk through the library", () => {
  const page = (total: number, ...ids: string[]) =>
    says({ total_count: total, item: ids.map((media_id) => ({ media_id, name: media_id, update_time: 1 })) });
  const walked = async (client: WeChatClient) => {
    const ids: string[] = [];
    for await (const { mediaId } of client.materials.all("image")) ids.push(mediaId);
    return ids;
  };

  it("tells nothing twice if the library grows between two pages", async () => {
    const { client } = await desk([page(3, "A", "B"), page(4, "B", "C")]);
    expect(await walked(client)).toEqual(["A", "B", "C"]);
  });

  it("ends at an empty page although WeChat counts more", async () => {
    const { client, asked } = await desk([page(9, "A"), page(9)]);
    expect(await walked(client)).toEqual(["A"]);
    expect(asked()).toBe(2);
  });
});

describe("wrong input", () => {
  it("is told with a remedy that says more than the problem", async () => {
    const { client } = await desk([]);
    const cases: [Promise<unknown>, string, RegExp, RegExp][] = [
      [client.media.upload("image", { path: "" }), "file.path", /Give the path/, /路径/],
      [client.materials.addVideo(PNG, { title: 5 as unknown as string }), "title", /Give the title/, /标题/],
      [client.materials.list({ type: "thumb" as "image" }), "type", /image, voice, video or news/, /video、news 之一/],
      [client.materials.list({ type: "image", count: 21 }), "count", /at most 20/, /不能大于 20/],
      [client.materials.list(undefined as never), "input", /input/, /input/],
      [client.quota.clearWithSecret(undefined as never), "input", /input/, /input/],
    ];
    for (const [call, field, en, zh] of cases) {
      const error = await failure(call);
      expect(error).toMatchObject({ code: "WECHAT_VALIDATION", field });
      said(error, { en, zh });
      expect(error.remedy.en).not.toMatch(/thumb/);
    }
  });

  it.each([undefined, 5, "cgi-bin/menu/get", "/cgi-bin/menu get"])(
    "of quota.get, %j, speaks of an endpoint's path",
    async (path) => {
      const { client, asked } = await desk([]);
      const error = await failure(client.quota.get({ path: path as string }));
      expect(error).toMatchObject({ code: "WECHAT_VALIDATION", field: "path" });
      expect(error.remedy.en).toMatch(/endpoint's address, such as \/cgi-bin\//);
      expect(error.remedy.zh).toMatch(/接口地址/);
      expect(error.remedy.en).not.toMatch(/file|machine/);
      expect(error.remedy.zh).not.toMatch(/文件|本机/);
      expect(asked()).toBe(0);
    },
  );

  it("an error of the tokenSource function does not show the configured AppSecret", async () => {
    const appSecret = "5f4dcc3b5aa765d61d8327deb882cf99";
    const tokenSource = async () => {
      throw new Error(`server said: bad ${appSecret}`);
    };
    const { client } = await desk([], { appSecret, tokenSource });
    const error = await failure(client.materials.count());
    expect(error).toMatchObject({ code: "WECHAT_TOKEN_SOURCE", message: expect.stringContaining("bad ***") });
  });
});
