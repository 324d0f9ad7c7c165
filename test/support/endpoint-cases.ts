import type { DownloadedFile, WeChatClient } from "@wechat-offiaccount/core";
import { DEFAULT_APP_ID, DEFAULT_APP_SECRET, DEFAULT_FOLLOWER, type Simulator } from "@wechat-offiaccount/simulator";
import { expect } from "vitest";
import { AGENT, TEMPLATE } from "./desk.js";
import { FILES } from "./files.js";

/** A local WeChat with all that the cases need, and a client of it. */
export interface Desk {
  readonly simulator: Simulator;
  readonly client: WeChatClient;
}

/** What each method that calls one of WeChat's endpoints is tried with. */
export interface EndpointCase {
  /** What must be so before; what it gives is handed to `call`. */
  readonly arrange?: (desk: Desk) => unknown;
  /** The call through the public method, with good input. */
  readonly call: (client: WeChatClient, arranged?: unknown) => Promise<unknown>;
  /** It needs no access token. */
  readonly tokenless?: true;
  /** Its answer is a file, and so may be anything. */
  readonly answersWithFile?: true;
  /** What it gives back, as `toMatchObject` or `toEqual` take it. */
  readonly gives: unknown;
  /** A call that must not leave this machine, and the field that its error names. */
  readonly wrong: { readonly field: string; readonly call: (client: WeChatClient) => Promise<unknown> };
  /** A call that WeChat refuses, and how; without `call` the good one is made, and the simulator told to refuse it. */
  readonly refused: { readonly errcode: number; readonly call?: (client: WeChatClient) => Promise<unknown> };
}

const openid = DEFAULT_FOLLOWER;
const NOBODY = "oNobody";
const NO_AGENT = "nobody@simulator";
const MINUTE = 60_000;
/** A rid of the right form. */
const RID = "5f8a8d3f-23481cad-4cebf21e";

/** What an endpoint without input can be given wrong. */
const TIMEOUT = { timeout: -1 };

async function bytesOf(download: Promise<{ kind: string } | DownloadedFile>): Promise<Buffer> {
  const got = await download;
  return "toBuffer" in got ? got.toBuffer() : expect.fail(`a ${got.kind} instead of a file`);
}

/** By name of the endpoint value: a new endpoint needs a row here. */
export const ENDPOINT_CASES: Readonly<Record<string, EndpointCase>> = {
  "messages.send": {
    call: ({ messages }) => messages.send(openid, { type: "text", text: "你好" }),
    gives: { delivery: "delivered", parts: [{ index: 0, delivery: "delivered", errcode: 0 }] },
    wrong: { field: "openid", call: ({ messages }) => messages.send("no openid", { type: "text", text: "你好" }) },
    refused: { errcode: 40003, call: ({ messages }) => messages.send(NOBODY, { type: "text", text: "你好" }) },
  },
  "messages.setTyping": {
    call: ({ messages }) => messages.setTyping(openid, true),
    gives: undefined,
    wrong: { field: "openid", call: ({ messages }) => messages.setTyping("", true) },
    refused: {
      errcode: 45081,
      call: async ({ messages }) => {
        await messages.setTyping(openid, true);
        await messages.setTyping(openid, true);
      },
    },
  },
  "templates.send": {
    call: ({ templates }) => templates.send({ openid, templateId: TEMPLATE, data: { first: "您好", no: "123" } }),
    gives: { messageId: expect.stringMatching(/^\d{17,20}$/) },
    wrong: {
      field: "data.no",
      call: ({ templates }) => templates.send({ openid, templateId: TEMPLATE, data: { no: 123 as never } }),
    },
    refused: { errcode: 40037, call: ({ templates }) => templates.send({ openid, templateId: "none", data: {} }) },
  },
  "templates.list": {
    call: ({ templates }) => templates.list(),
    gives: [{ id: TEMPLATE, title: "发货通知" }],
    wrong: { field: "timeout", call: ({ templates }) => templates.list(TIMEOUT) },
    refused: { errcode: 48001 },
  },
  "agents.add": {
    call: ({ agents }) => agents.add({ account: "bob@simulator", nickname: "小波" }),
    gives: undefined,
    wrong: { field: "account", call: ({ agents }) => agents.add({ account: "bob", nickname: "小波" }) },
    refused: { errcode: 65406, call: ({ agents }) => agents.add({ account: AGENT, nickname: "小波" }) },
  },
  "agents.update": {
    call: ({ agents }) => agents.update({ account: AGENT, nickname: "爱丽丝" }),
    gives: undefined,
    wrong: { field: "nickname", call: ({ agents }) => agents.update({ account: AGENT, nickname: "爱".repeat(17) }) },
    refused: { errcode: 65401, call: ({ agents }) => agents.update({ account: NO_AGENT, nickname: "无" }) },
  },
  "agents.delete": {
    call: ({ agents }) => agents.delete({ account: AGENT }),
    gives: undefined,
    wrong: { field: "account", call: ({ agents }) => agents.delete({ account: "" }) },
    refused: { errcode: 65401, call: ({ agents }) => agents.delete({ account: NO_AGENT }) },
  },
  "agents.invite": {
    arrange: ({ client }) => client.agents.add({ account: "bob@simulator", nickname: "小波" }),
    call: ({ agents }) => agents.invite({ account: "bob@simulator", wechatId: "bob-wechat" }),
    gives: undefined,
    wrong: { field: "wechatId", call: ({ agents }) => agents.invite({ account: AGENT, wechatId: "" }) },
    refused: { errcode: 65401, call: ({ agents }) => agents.invite({ account: NO_AGENT, wechatId: "bob-wechat" }) },
  },
  "agents.list": {
    call: ({ agents }) => agents.list(),
    gives: [{ account: AGENT, nickname: expect.any(String), id: expect.any(String) }],
    wrong: { field: "timeout", call: ({ agents }) => agents.list(TIMEOUT) },
    refused: { errcode: 65400 },
  },
  "agents.online": {
    arrange: ({ simulator }) => simulator.changeAgent({ kfAccount: AGENT, online: true }),
    call: ({ agents }) => agents.online(),
    gives: [{ account: AGENT, status: 1, sessions: 0 }],
    wrong: { field: "timeout", call: ({ agents }) => agents.online(TIMEOUT) },
    refused: { errcode: 65400 },
  },
  "sessions.create": {
    arrange: ({ simulator }) => simulator.changeAgent({ kfAccount: AGENT, online: true }),
    call: ({ sessions }) => sessions.create({ account: AGENT, openid }),
    gives: undefined,
    wrong: { field: "openid", call: ({ sessions }) => sessions.create({ account: AGENT, openid: "" }) },
    refused: { errcode: 65401, call: ({ sessions }) => sessions.create({ account: NO_AGENT, openid }) },
  },
  "sessions.close": {
    arrange: withSession,
    call: ({ sessions }) => sessions.close({ account: AGENT, openid }),
    gives: undefined,
    wrong: { field: "account", call: ({ sessions }) => sessions.close({ account: "alice", openid }) },
    refused: { errcode: 65413, call: ({ sessions }) => sessions.close({ account: AGENT, openid }) },
  },
  "sessions.get": {
    arrange: withSession,
    call: ({ sessions }) => sessions.get({ openid }),
    gives: { account: AGENT, createdAt: expect.any(Date) },
    wrong: { field: "openid", call: ({ sessions }) => sessions.get({ openid: "a b" }) },
    refused: { errcode: 40003, call: ({ sessions }) => sessions.get({ openid: NOBODY }) },
  },
  "sessions.list": {
    arrange: withSession,
    call: ({ sessions }) => sessions.list({ account: AGENT }),
    gives: [{ openid, createdAt: expect.any(Date) }],
    wrong: { field: "account", call: ({ sessions }) => sessions.list({ account: "@" }) },
    refused: { errcode: 65401, call: ({ sessions }) => sessions.list({ account: NO_AGENT }) },
  },
  "sessions.waiting": {
    arrange: ({ simulator }) => simulator.transfer(openid),
    call: ({ sessions }) => sessions.waiting(),
    gives: { count: 1, followers: [{ openid, lastMessageAt: expect.any(Date) }] },
    wrong: { field: "timeout", call: ({ sessions }) => sessions.waiting(TIMEOUT) },
    refused: { errcode: 65400 },
  },
  "records.page": {
    arrange: ({ simulator }) => simulator.interact(openid, "message", { text: "在吗" }),
    call: ({ records }) => records.page({ from: new Date(Date.now() - MINUTE), to: new Date(Date.now() + MINUTE) }),
    gives: { count: 1, records: [{ openid, direction: "in", text: "在吗", at: expect.any(Date) }] },
    wrong: {
      field: "count",
      call: ({ records }) => records.page({ from: new Date(0), to: new Date(MINUTE), count: 10_001 }),
    },
    refused: {
      errcode: 65417,
      call: ({ records }) => records.page({ from: new Date(0), to: new Date(25 * 60 * MINUTE) }),
    },
  },
  "users.get": {
    call: ({ users }) => users.get({ openid }),
    gives: { openid, following: true },
    wrong: { field: "language", call: ({ users }) => users.get({ openid, language: "de" as "en" }) },
    refused: { errcode: 40003, call: ({ users }) => users.get({ openid: NOBODY }) },
  },
  "users.getMany": {
    call: ({ users }) => users.getMany({ openids: [openid] }),
    gives: [{ openid, following: true }],
    wrong: { field: "openids", call: ({ users }) => users.getMany({ openids: Array(101).fill(openid) }) },
    refused: { errcode: 40003, call: ({ users }) => users.getMany({ openids: [openid, NOBODY] }) },
  },
  "users.tags": {
    call: ({ users }) => users.tags(),
    gives: [{ id: 100, name: "VIP", count: 0 }],
    wrong: { field: "timeout", call: ({ users }) => users.tags(TIMEOUT) },
    refused: { errcode: 48001 },
  },
  "users.page": {
    call: ({ users }) => users.page(),
    gives: { total: 1, openids: [openid] },
    wrong: { field: "after", call: ({ users }) => users.page({ after: "" }) },
    refused: { errcode: 40003, call: ({ users }) => users.page({ after: NOBODY }) },
  },
  "quota.get": {
    arrange: ({ client }) => client.messages.sendText(openid, "你好"),
    call: ({ quota }) => quota.get({ path: "/cgi-bin/message/custom/send" }),
    gives: { dailyLimit: 500_000, used: 1, remaining: 499_999 },
    wrong: { field: "path", call: ({ quota }) => quota.get({ path: "cgi-bin/message/custom/send" }) },
    refused: { errcode: 76021, call: ({ quota }) => quota.get({ path: "/cgi-bin/no/such/path" }) },
  },
  "quota.lookUp": {
    arrange: ({ client }) => client.messages.sendText(NOBODY, "你好").catch((error) => error.rid),
    call: ({ quota }, rid = RID) => quota.lookUp({ rid: String(rid) }),
    gives: { url: expect.stringContaining("access_token=***"), at: expect.any(Date) },
    wrong: { field: "rid", call: ({ quota }) => quota.lookUp({ rid: "4cebf21e" }) },
    refused: { errcode: 76001, call: ({ quota }) => quota.lookUp({ rid: RID }) },
  },
  "quota.clear": {
    call: ({ quota }) => quota.clear({ appId: DEFAULT_APP_ID }),
    gives: undefined,
    wrong: { field: "appId", call: ({ quota }) => quota.clear({ appId: "" }) },
    refused: { errcode: 48006 },
  },
  "network.callbackIps": {
    call: ({ network }) => network.callbackIps(),
    gives: expect.arrayContaining([expect.stringMatching(/^[\d.]+/)]),
    wrong: { field: "timeout", call: ({ network }) => network.callbackIps(TIMEOUT) },
    refused: { errcode: 48001 },
  },
  "network.apiIps": {
    call: ({ network }) => network.apiIps(),
    gives: expect.arrayContaining([expect.stringMatching(/^[\d.]+/)]),
    wrong: { field: "timeout", call: ({ network }) => network.apiIps(TIMEOUT) },
    refused: { errcode: 48001 },
  },
  "network.checkCallback": {
    call: ({ network }) => network.checkCallback(),
    gives: { dns: [{ ip: expect.any(String) }], ping: [{ fromOperator: "CAP" }] },
    wrong: { field: "action", call: ({ network }) => network.checkCallback({ action: "trace" as "all" }) },
    refused: { errcode: 40201 },
  },
  "agents.setHeadImage": {
    call: ({ agents }) => agents.setHeadImage({ account: AGENT, image: FILES.jpg() }),
    gives: undefined,
    wrong: { field: "image", call: ({ agents }) => agents.setHeadImage({ account: AGENT, image: FILES.png() }) },
    refused: {
      errcode: 65401,
      call: ({ agents }) => agents.setHeadImage({ account: NO_AGENT, image: FILES.jpg() }),
    },
  },
  "media.upload": {
    call: ({ media }) => media.upload("image", FILES.png()),
    gives: { type: "image", mediaId: expect.stringMatching(/\S/), createdAt: expect.any(Date) },
    wrong: { field: "file", call: ({ media }) => media.upload("image", FILES.mp3()) },
    refused: { errcode: 45001 },
  },
  "media.download": {
    arrange: async ({ client }) => (await client.media.upload("image", FILES.png())).mediaId,
    answersWithFile: true,
    call: ({ media }, mediaId) => bytesOf(media.download(String(mediaId))),
    gives: FILES.png(),
    wrong: { field: "mediaId", call: ({ media }) => media.download("") },
    refused: { errcode: 40007, call: ({ media }) => media.download("no-such-media") },
  },
  "materials.addImage": {
    call: ({ materials }) => materials.addImage(FILES.png()),
    gives: { mediaId: expect.stringMatching(/\S/), url: expect.stringMatching(/^http/) },
    wrong: { field: "file", call: ({ materials }) => materials.addImage(Buffer.alloc(0)) },
    refused: { errcode: 45074 },
  },
  "materials.addVoice": {
    call: ({ materials }) => materials.addVoice(FILES.mp3()),
    gives: { mediaId: expect.stringMatching(/\S/) },
    wrong: { field: "file", call: ({ materials }) => materials.addVoice(FILES.png()) },
    refused: { errcode: 45007 },
  },
  "materials.addVideo": {
    call: ({ materials }) => materials.addVideo(FILES.mp4(), { title: "开箱", introduction: "一分钟" }),
    gives: { mediaId: expect.stringMatching(/\S/) },
    wrong: { field: "title", call: ({ materials }) => materials.addVideo(FILES.mp4(), { title: "" }) },
    refused: { errcode: 40011 },
  },
  "materials.addThumb": {
    call: ({ materials }) => materials.addThumb(FILES.jpg()),
    gives: { mediaId: expect.stringMatching(/\S/) },
    wrong: { field: "file", call: ({ materials }) => materials.addThumb(FILES.jpg(65 * 1024)) },
    refused: { errcode: 40012 },
  },
  "materials.get": {
    arrange: async ({ client }) => (await client.materials.addImage(FILES.png())).mediaId,
    answersWithFile: true,
    call: ({ materials }, mediaId) => bytesOf(materials.get(String(mediaId))),
    gives: FILES.png(),
    wrong: { field: "mediaId", call: ({ materials }) => materials.get("two words") },
    refused: { errcode: 40007, call: ({ materials }) => materials.get("no-such-material") },
  },
  "materials.delete": {
    arrange: async ({ client }) => (await client.materials.addImage(FILES.png())).mediaId,
    call: ({ materials }, mediaId) => materials.delete(String(mediaId)),
    gives: undefined,
    wrong: { field: "mediaId", call: ({ materials }) => materials.delete("") },
    refused: { errcode: 40007, call: ({ materials }) => materials.delete("no-such-material") },
  },
  "materials.list": {
    // The newest comes first; the other is the account's own.
    arrange: ({ client }) => client.materials.addVoice(FILES.mp3()),
    call: ({ materials }) => materials.list({ type: "voice" }),
    gives: { total: 2, items: [{ mediaId: expect.stringMatching(/\S/), name: "voice.mp3" }, { mediaId: "VOICE" }] },
    wrong: { field: "count", call: ({ materials }) => materials.list({ type: "voice", count: 21 }) },
    refused: { errcode: 40004 },
  },
  "materials.count": {
    arrange: ({ client }) => client.materials.addVoice(FILES.mp3()),
    call: ({ materials }) => materials.count(),
    gives: { image: 2, voice: 2, video: 1, news: 1 },
    wrong: { field: "timeout", call: ({ materials }) => materials.count(TIMEOUT) },
    refused: { errcode: 48001 },
  },
  "quota.clearWithSecret": {
    tokenless: true,
    call: ({ quota }) => quota.clearWithSecret({ appId: DEFAULT_APP_ID, appSecret: DEFAULT_APP_SECRET }),
    gives: undefined,
    wrong: { field: "appSecret", call: ({ quota }) => quota.clearWithSecret({ appId: DEFAULT_APP_ID, appSecret: "" }) },
    refused: { errcode: 48006 },
  },
};

async function withSession({ simulator, client }: Desk): Promise<void> {
  simulator.changeAgent({ kfAccount: AGENT, online: true });
  await client.sessions.create({ account: AGENT, openid });
}
