import { decrypt, getSignature } from "@wecom/crypto";
import { describe, expect, it, vi } from "vitest";
import { xmlReader } from "../src/callback/xml.js";
import type { Reply } from "../src/index.js";
import {
  ACCOUNT,
  AES_KEY,
  APP_ID,
  answerOf,
  callbackWith,
  OPENID,
  pushOf,
  settled,
  TOKEN,
  textXml,
  xmlOf,
} from "./support/pushes.js";

const JSON_TEXT = `{"ToUserName":"${ACCOUNT}","FromUserName":"${OPENID}","CreateTime":1714112445,"MsgType":"text","Content":"x","MsgId":1}`;

/** A reply, what it is in XML, and what in JSON where that differs. */
const REPLIES: [Reply, object, object?][] = [
  [{ type: "text", text: '你好 ]]> <a href="x">&amp;</a>' }, { Content: '你好 ]]> <a href="x">&amp;</a>' }],
  [{ type: "image", mediaId: "m" }, { Image: { MediaId: "m" } }],
  [{ type: "voice", mediaId: "m" }, { Voice: { MediaId: "m" } }],
  [{ type: "video", mediaId: "m" }, { Video: { MediaId: "m" } }],
  [
    { type: "video", mediaId: "m", thumbMediaId: "t", title: "T", description: "D" },
    { Video: { MediaId: "m", Title: "T", Description: "D" } },
  ],
  [
    { type: "music", url: "http://u", hqUrl: "http://h", thumbMediaId: "t", title: "T", description: "D" },
    { Music: { Title: "T", Description: "D", MusicUrl: "http://u", HQMusicUrl: "http://h", ThumbMediaId: "t" } },
  ],
  [
    { type: "news", title: "T", description: "D", url: "http://u", pictureUrl: "http://p" },
    { ArticleCount: "1", Articles: { item: { Title: "T", Description: "D", PicUrl: "http://p", Url: "http://u" } } },
    { ArticleCount: 1, Articles: [{ Title: "T", Description: "D", PicUrl: "http://p", Url: "http://u" }] },
  ],
  [{ type: "transfer_customer_service" }, {}],
  [{ type: "transfer_customer_service", account: "a@b" }, { TransInfo: { KfAccount: "a@b" } }],
];
const parseXml = await xmlReader();
const AT = 1_714_112_500_000;
const waiting = (reply: unknown, more: object = {}) =>
  callbackWith({ reply: "wait", onMessage: () => reply as Reply, clock: () => AT, ...more });

describe.each(["plain", "compatible", "safe"] as const)("a passive reply in %s mode", (mode) => {
  /** What is in the envelope, which must be signed and encrypted for us. */
  const opened = (text: string, parse: (text: string) => Record<string, unknown>) => {
    if (mode === "plain") return parse(text);
    const { Encrypt, MsgSignature, TimeStamp, Nonce } = parse(text) as Record<string, string>;
    expect(MsgSignature).toBe(getSignature(TOKEN, TimeStamp!, Nonce!, Encrypt!));
    const { message, id } = decrypt(AES_KEY, Encrypt!);
    expect(id).toBe(APP_ID);
    return parse(message);
  };
  const head = { ToUserName: OPENID, FromUserName: ACCOUNT };

  it.each(REPLIES)("%j in XML", async (reply, content) => {
    const { callback, onError } = waiting(reply, { mode });
    const { text } = await answerOf(callback, pushOf(textXml(), { mode, at: AT }));
    expect(opened(text, parseXml)).toEqual({ ...head, CreateTime: "1714112500", MsgType: reply.type, ...content });
    expect(onError).not.toHaveBeenCalled();
  });

  it.each(REPLIES)("%j in JSON", async (reply, xml, json = xml) => {
    const { callback } = waiting(reply, { mode });
    const { text } = await answerOf(callback, pushOf(JSON_TEXT, { mode, at: AT }));
    expect(opened(text, JSON.parse)).toEqual({ ...head, CreateTime: 1714112500, MsgType: reply.type, ...json });
  });
});

it("is encrypted with the key that the push came with", async () => {
  const former = "Z".repeat(43);
  const { callback } = waiting({ type: "text", text: "你好" }, { previousEncodingAESKey: former });
  const { text } = await answerOf(callback, pushOf(textXml(), { key: former, at: AT }));
  expect(decrypt(former, parseXml(text).Encrypt as string).message).toContain("你好");
});

describe("what is no reply", () => {
  it.each([
    ["reply", "你好"],
    ["reply", { text: "你好" }],
    ["reply.text", { type: "text", text: " " }],
    ["reply.text", { type: "text", text: "a\u0008" }],
    ["reply.text", { type: "text", text: "\ud83d" }],
    ["reply.mediaId", { type: "image" }],
    ["reply.url", { type: "news", title: "T" }],
    ["reply.title", { type: "video", mediaId: "m", title: 1 }],
  ])("%s of %j is reported, and WeChat gets success", async (field, reply) => {
    const client = { messages: { send: vi.fn(async () => {}) } };
    const { callback, onError } = waiting(reply, { client });
    expect((await answerOf(callback, pushOf(textXml(), { at: AT }))).text).toBe("success");
    await settled();
    expect(onError.mock.calls).toMatchObject([[{ code: "WECHAT_VALIDATION", field }, { type: "text" }]]);
    expect(client.messages.send).not.toHaveBeenCalled();
  });

  it.each([undefined, null])("%s is success and nothing more", async (reply) => {
    const { callback, onError } = waiting(reply);
    expect((await answerOf(callback, pushOf(textXml(), { at: AT }))).text).toBe("success");
    await settled();
    expect(onError).not.toHaveBeenCalled();
  });
});

describe("a reply that cannot be WeChat's own answer", () => {
  const clientOf = () => ({
    messages: { send: vi.fn(async () => ({})) },
    sessions: { create: vi.fn(async () => {}) },
  });

  it.each([
    { type: "msgmenu", items: [{ id: "1", text: "yes" }] },
    { type: "text", text: "长".repeat(700) },
  ] as Reply[])("is sent: %j", async (reply) => {
    const client = clientOf();
    const { callback } = waiting(reply, { client });
    expect((await answerOf(callback, pushOf(textXml(), { at: AT }))).text).toBe("success");
    await settled();
    expect(client.messages.send.mock.calls).toEqual([[OPENID, reply]]);
  });

  it("a long text is tried all the same where no client can send it", async () => {
    const { callback } = waiting({ type: "text", text: "长".repeat(700) }, { mode: "plain" });
    expect((await answerOf(callback, pushOf(textXml(), { mode: "plain", at: AT }))).text).toContain("长长");
  });

  it("a transfer in answer to an event is made by a session, if it names the agent", async () => {
    const client = clientOf();
    const click = () => pushOf(xmlOf("event", "<Event>CLICK</Event><EventKey>k</EventKey>"), { at: AT });
    const { callback } = waiting({ type: "transfer_customer_service", account: "a@b" }, { client });
    expect((await answerOf(callback, click())).text).toBe("success");
    await settled();
    expect(client.sessions.create.mock.calls).toEqual([[{ account: "a@b", openid: OPENID }]]);
    const nobody = waiting({ type: "transfer_customer_service" }, { client });
    await answerOf(nobody.callback, click());
    await settled();
    expect(nobody.onError.mock.calls).toMatchObject([
      [{ field: "reply.account", delivery: "not-delivered" }, { event: "click" }],
    ]);
  });

  it.each([
    ["thumbMediaId", { type: "video", mediaId: "m" }, clientOf()],
    ["account", { type: "transfer_customer_service" }, clientOf()],
    ["client", { type: "text", text: "x" }, undefined],
  ])("is reported where %s is missing", async (field, reply, client) => {
    const { callback, onError } = callbackWith({ onMessage: () => reply as Reply, client });
    expect((await answerOf(callback, pushOf(textXml()))).text).toBe("success");
    await settled();
    expect(onError.mock.calls).toMatchObject([
      [{ code: "WECHAT_VALIDATION", delivery: "not-delivered" }, { type: "text" }],
    ]);
    expect(String(onError.mock.calls[0]?.[0])).toContain(field);
  });

  it("is sent with its preview picture", async () => {
    const client = clientOf();
    const reply: Reply = { type: "video", mediaId: "m", thumbMediaId: "t" };
    const { callback } = callbackWith({ onMessage: () => reply, client });
    await answerOf(callback, pushOf(textXml()));
    await settled();
    expect(client.messages.send.mock.calls).toEqual([[OPENID, reply]]);
  });

  it("is reported with the client's own error", async () => {
    const refused = new Error("45015");
    const client = { messages: { send: () => Promise.reject(refused) } };
    const { callback, onError } = callbackWith({ onMessage: () => ({ type: "text", text: "x" }), client });
    await answerOf(callback, pushOf(textXml()));
    await settled();
    expect(onError.mock.calls).toMatchObject([[refused, { type: "text" }]]);
  });
});
