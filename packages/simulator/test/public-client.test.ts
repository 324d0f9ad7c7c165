import { createRequire } from "node:module";
import { DEFAULT_APP_ID, DEFAULT_APP_SECRET, DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";
import { expect, it } from "vitest";
import { start } from "./support.js";

/** What is used of co-wechat-api, a public client from npm that has no types. */
interface PublicClient {
  prefix: string;
  getAccessToken(): Promise<{ accessToken: string; expireTime: number }>;
  sendText(openid: string, text: string): Promise<unknown>;
}
type PublicClientClass = new (appId: string, secret: string) => PublicClient;

const load = createRequire(import.meta.url);
const CoWeChatApi = load("co-wechat-api") as PublicClientClass;

async function connected() {
  const { sim } = await start();
  const api = new CoWeChatApi(DEFAULT_APP_ID, DEFAULT_APP_SECRET);
  api.prefix = `${sim.url}/cgi-bin/`;
  return { sim, api };
}

it("an existing public client, given only another base URL, fetches a token and sends a text", async () => {
  const { sim, api } = await connected();
  expect((await api.getAccessToken()).accessToken).toMatch(/^\d+_/);
  expect(await api.sendText(DEFAULT_FOLLOWER, "你好，世界 👋")).toEqual({ errcode: 0, errmsg: "ok" });
  expect(sim.ledger.messages.map(({ openid, text }) => [openid, text])).toEqual([[DEFAULT_FOLLOWER, "你好，世界 👋"]]);
  expect(sim.ledger.calls.map(({ path }) => path)).toEqual(["/cgi-bin/token", "/cgi-bin/message/custom/send"]);
});

it("it reports WeChat's refusals as its own errors", async () => {
  const { sim, api } = await connected();
  sim.addFollower({ openid: DEFAULT_FOLLOWER, window: "closed" });
  await expect(api.sendText(DEFAULT_FOLLOWER, "late")).rejects.toMatchObject({
    name: "WeChatAPIError",
    code: 45015,
    message: expect.stringMatching(/^response out of time limit or subscription is canceled rid: /),
  });
  expect(sim.ledger.messages).toEqual([]);
});

it("it recovers from a token that another program has replaced", async () => {
  const { sim, api } = await connected();
  await api.getAccessToken();
  sim.tokens.kill({ kind: "classic" });
  await api.sendText(DEFAULT_FOLLOWER, "again");
  expect(sim.ledger.calls.map(({ errcode }) => errcode)).toEqual([0, 40001, 0, 0]);
  expect(sim.ledger.messages.map(({ text }) => text)).toEqual(["again"]);
});
