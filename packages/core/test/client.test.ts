import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { clientOptionsFromEnv, WeChatClient, type WeChatClientOptions, WeChatValidationError } from "../src/index.js";

const SECRET = "sentinel0123456789abcdef01234567";
const APP_ID = "wx00000000000000a1";
const OPENID = "oSimFollower000000000000000001";
const good: WeChatClientOptions = { appId: "wx0123456789abcdef", appSecret: SECRET, baseUrl: "http://127.0.0.1:9" };
const client = new WeChatClient(good);
afterAll(() => client.close());

function errorOf(make: () => unknown): WeChatValidationError {
  try {
    make();
  } catch (error) {
    expect(error).toBeInstanceOf(WeChatValidationError);
    return error as WeChatValidationError;
  }
  throw new Error("nothing was thrown");
}

describe("client options", () => {
  it.each<[string, object]>([
    ["appId", { appId: "" }],
    ["appId", { appId: "wx 1" }],
    ["appId", { appId: undefined }],
    ["appId", { appId: SECRET }],
    ["appId", { appId: "wx0123456789abcde" }],
    ["appId", { appId: "wx0123456789abcdef0" }],
    ["appSecret", { appSecret: undefined }],
    ["appSecret", { appSecret: `${SECRET}\n` }],
    ["baseUrl", { baseUrl: "api.weixin.qq.com" }],
    ["baseUrl", { baseUrl: `https://user:${SECRET}@host` }],
    ["baseUrl", { baseUrl: `https://host?access_token=${SECRET}` }],
    ["tokenSource", { tokenSource: "redis" }],
    ["dispatcher", { dispatcher: {} }],
    ["proxy", { proxy: "socks5://proxy:1080" }],
    ["proxy", { proxy: "env", dispatcher: { dispatch() {} } }],
    ["timeout", { timeout: 0 }],
    ["timeout", { timeout: "10" }],
    ["deadline", { deadline: -1 }],
    ["connections", { connections: 1.5 }],
    ["retryBusy", { retryBusy: "no" }],
    ["maxTextBytes", { maxTextBytes: 0 }],
    ["busyRetry.retries", { busyRetry: { retries: -1, baseDelay: 1, maxDelay: 1 } }],
    ["appsecret", { appsecret: SECRET }],
  ])("a wrong %s is refused by name, in both languages, without its value: %j", (field, wrong) => {
    const error = errorOf(() => new WeChatClient({ ...good, ...wrong } as WeChatClientOptions));
    expect(error.field).toBe(field);
    expect(error.message).toContain(field);
    expect(error.remedy.en).toMatch(/\w/);
    expect(error.remedy.zh).toMatch(/\p{Script=Han}/u);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(SECRET);
  });

  it("needs no secret with a token source of one's own", () => {
    const mine = new WeChatClient({ appId: APP_ID, tokenSource: async () => "token" });
    expect(mine.baseUrl).toBe("https://api.weixin.qq.com");
    return mine.close();
  });

  it("shows no secret of the client", () => {
    const shown = [inspect(client, { depth: 20, showHidden: true }), JSON.stringify(client), String(client)].join();
    expect(shown).not.toContain(SECRET);
    expect(inspect(client)).toBe("WeChatClient { appId: 'wx0123456789abcdef', baseUrl: 'http://127.0.0.1:9' }");
    expect(inspect(client.messages, { depth: 20, showHidden: true })).not.toContain(SECRET);
  });
});

describe("sendText refuses before anything is sent", () => {
  it.each<[string, string, unknown, unknown, object | undefined]>([
    ["an empty text", "text", OPENID, "", undefined],
    ["a blank text", "text", OPENID, " \n\t\u3000", undefined],
    ["a number", "text", OPENID, 5, undefined],
    ["half an emoji", "text", OPENID, "\ud83d", undefined],
    ["the other half", "text", OPENID, "\ude00", undefined],
    ["a control character", "text", OPENID, "a\u001b[31m", undefined],
    ["a text of more than 5 x 2048 bytes", "text", OPENID, "x".repeat(5 * 2048 + 1), undefined],
    ["a long text that may not be split", "text", OPENID, "x".repeat(2049), { split: false }],
    ["an empty openid", "openid", "", "hi", undefined],
    ["a nickname", "openid", "张三", "hi", undefined],
    ["no openid", "openid", undefined, "hi", undefined],
    ["a wrong timeout", "timeout", OPENID, "hi", { timeout: Number.NaN }],
    ["a wrong signal", "signal", OPENID, "hi", { signal: {} }],
    ["an unknown option", "kfAccount", OPENID, "hi", { kfAccount: "a@b" }],
  ])("%s", async (_, field, openid, text, options) => {
    const error = await client.messages.sendText(openid as string, text as string, options).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(WeChatValidationError);
    expect(error).toMatchObject({ code: "WECHAT_VALIDATION", field, delivery: "not-delivered", parts: [] });
    expect(error.message).toContain(field);
    expect(error.remedy.zh).toMatch(/\p{Script=Han}/u);
    expect(() => client.messages.planText(openid as string, text as string, options)).toThrow(error.message);
  });

  it("plans what it would send", () => {
    expect(client.messages.planText(OPENID, "x".repeat(3000)).parts.map((part) => part.length)).toEqual([2048, 952]);
  });
});

describe("clientOptionsFromEnv", () => {
  const folder = mkdtempSync(join(tmpdir(), "wechat-env-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "secret");
  writeFileSync(file, `${SECRET}\n`);
  const picture = join(folder, "big.png");
  writeFileSync(picture, Buffer.concat([Buffer.from("89504e470d0a1a0a", "hex"), Buffer.alloc(100_000, "\u0001 x")]));

  it("reads the fixed names, trims them, and takes the secret from a file", () => {
    expect(
      clientOptionsFromEnv({
        WECHAT_APP_ID: ` ${APP_ID} `,
        WECHAT_APP_SECRET_FILE: file,
        WECHAT_API_BASE_URL: "http://127.0.0.1:8787/cgi-bin/",
        WECHAT_TOKEN_SOURCE: "classic",
        WECHAT_PROXY: " env ",
      }),
    ).toEqual({
      appId: APP_ID,
      appSecret: SECRET,
      baseUrl: "http://127.0.0.1:8787/cgi-bin/",
      tokenSource: "classic",
      proxy: "env",
    });
  });

  it("tells all that is wrong at once", () => {
    const { problems, remedy } = errorOf(() => clientOptionsFromEnv({ WECHAT_API_BASE_URL: "x" }));
    const fields = ["WECHAT_APP_ID", "WECHAT_APP_SECRET", "WECHAT_API_BASE_URL"];
    expect(problems.map(({ field }) => field)).toEqual(fields);
    for (const field of fields.slice(0, 2)) expect(remedy.zh).toContain(field);
  });

  it.each<[string, NodeJS.ProcessEnv]>([
    ["WECHAT_APP_ID", {}],
    ["WECHAT_APP_SECRET", { WECHAT_APP_ID: APP_ID }],
    ["WECHAT_APP_SECRET_FILE", { WECHAT_APP_ID: APP_ID, WECHAT_APP_SECRET_FILE: join(folder, "missing") }],
    ["WECHAT_APP_ID", { WECHAT_APP_ID: SECRET, WECHAT_APP_SECRET: APP_ID }],
    ["WECHAT_APP_SECRET_FILE", { WECHAT_APP_ID: APP_ID, WECHAT_APP_SECRET_FILE: picture }],
    ["WECHAT_PROXY", { WECHAT_APP_ID: APP_ID, WECHAT_APP_SECRET: SECRET, WECHAT_PROXY: `socks5://u:${SECRET}@h:1` }],
    ["WECHAT_API_BASE_URL", { WECHAT_APP_ID: APP_ID, WECHAT_APP_SECRET: SECRET, WECHAT_API_BASE_URL: "localhost" }],
    ["WECHAT_TOKEN_SOURCE", { WECHAT_APP_ID: APP_ID, WECHAT_APP_SECRET: SECRET, WECHAT_TOKEN_SOURCE: "redis" }],
  ])("names %s when it is wrong", (variable, env) => {
    const error = errorOf(() => clientOptionsFromEnv(env));
    expect(error.field).toBe(variable);
    expect(error.problems.map(({ field }) => field)).not.toContain(
      variable === "WECHAT_APP_SECRET_FILE" ? "WECHAT_APP_SECRET" : "WECHAT_APP_SECRET_FILE",
    );
    for (const { problemInChinese } of error.problems) expect(problemInChinese).toMatch(/\p{Script=Han}/u);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(SECRET);
    expect(error.message).toContain(variable);
    expect(inspect(error)).not.toContain(SECRET);
  });
});
