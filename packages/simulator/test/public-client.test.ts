import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEFAULT_APP_ID, DEFAULT_APP_SECRET, DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";
import { expect, it, onTestFinished } from "vitest";
import { account, FILES, start } from "./support.js";

/** What is used of co-wechat-api, a public client from npm that has no types. */
interface PublicClient {
  prefix: string;
  getAccessToken(): Promise<{ accessToken: string; expireTime: number }>;
  sendText(openid: string, text: string): Promise<unknown>;
  sendImage(openid: string, mediaId: string): Promise<unknown>;
  uploadMedia(content: Buffer | string, type: string, filename?: string, mime?: string): Promise<{ media_id: string }>;
  getMedia(mediaId: string): Promise<unknown>;
  uploadMaterial(path: string, type: string): Promise<{ media_id: string; url?: string }>;
  uploadVideoMaterial(path: string, description: object): Promise<{ media_id: string }>;
  getMaterial(mediaId: string): Promise<unknown>;
  getMaterials(type: string, offset: number, count: number): Promise<unknown>;
  getMaterialCount(): Promise<unknown>;
  removeMaterial(mediaId: string): Promise<unknown>;
  sendTemplate(openid: string, templateId: string, url: string, color: string, data: object): Promise<unknown>;
  getAllPrivateTemplate(): Promise<unknown>;
  getCustomServiceList(): Promise<unknown>;
  getOnlineCustomServiceList(): Promise<unknown>;
  getUser(openid: string): Promise<unknown>;
  batchGetUsers(openids: readonly string[]): Promise<unknown>;
  getFollowers(): Promise<unknown>;
  getIp(): Promise<unknown>;
}
type PublicClientClass = new (appId: string, secret: string) => PublicClient;

const load = createRequire(import.meta.url);
const CoWeChatApi = load("co-wechat-api") as PublicClientClass;

async function connected(options: Record<string, unknown> = {}) {
  const { sim } = await start({ accounts: [account(options)] });
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

it("it uploads and downloads media and materials, from a buffer and from a file", async () => {
  const { sim, api } = await connected();
  const folder = await mkdtemp(join(tmpdir(), "simulator-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "a.png"), FILES.png());
  await writeFile(join(folder, "v.mp4"), FILES.mp4());

  const { media_id } = await api.uploadMedia(FILES.jpg(), "image", "a.jpg", "image/jpeg");
  expect(await api.getMedia(media_id)).toEqual(FILES.jpg());
  await api.sendImage(DEFAULT_FOLLOWER, media_id);
  expect(sim.ledger.messages).toMatchObject([{ msgtype: "image", body: { image: { media_id } } }]);
  await expect(api.uploadMedia(FILES.jpg(), "video", "a.jpg", "image/jpeg")).rejects.toMatchObject({ code: 40005 });

  const image = await api.uploadMaterial(join(folder, "a.png"), "image");
  expect(await api.getMaterial(image.media_id)).toEqual(FILES.png());
  const video = await api.uploadVideoMaterial(join(folder, "v.mp4"), { title: "标题", introduction: "简介" });
  expect(await api.getMaterial(video.media_id)).toMatchObject({ title: "标题", description: "简介" });
  expect(await api.getMaterials("image", 0, 20)).toMatchObject({ total_count: 1, item: [{ name: "a.png" }] });
  await api.removeMaterial(image.media_id);
  expect(await api.getMaterialCount()).toMatchObject({ image_count: 0, video_count: 1 });
});

it("it sends a template, and lists templates, agents, followers and addresses", async () => {
  const template = { templateId: "T1", title: "提醒", content: "{{first.DATA}}" };
  const { sim, api } = await connected({ templates: [template], kfAccounts: ["anna@simulator"] });
  const first = { value: "您好", color: "#173177" };
  expect(await api.sendTemplate(DEFAULT_FOLLOWER, "T1", "http://x", "#FF0000", { first })).toMatchObject({
    errcode: 0,
  });
  expect(sim.ledger.messages).toMatchObject([{ msgtype: "template", text: "您好" }]);
  expect(await api.getAllPrivateTemplate()).toMatchObject({ template_list: [{ template_id: "T1" }] });
  expect(await api.getCustomServiceList()).toMatchObject({ kf_list: [{ kf_account: "anna@simulator" }] });
  expect(await api.getOnlineCustomServiceList()).toMatchObject({ kf_online_list: [{ status: 1 }] });
  expect(await api.getUser(DEFAULT_FOLLOWER)).toMatchObject({ subscribe: 1 });
  expect(await api.batchGetUsers([DEFAULT_FOLLOWER])).toMatchObject({ user_info_list: [{ openid: DEFAULT_FOLLOWER }] });
  expect(await api.getFollowers()).toMatchObject({ count: 1, data: { openid: [DEFAULT_FOLLOWER] } });
  expect(await api.getIp()).toEqual({ ip_list: ["127.0.0.1"] });
});
