import { checkMessage, WeChatReplyWindowError, WeChatTransportError } from "@wechat-offiaccount/core";
import { describe, expect, it } from "vitest";
import { describedMessage, type MessageFields, messageOf, TAKES } from "../src/tools/message-fields.js";
import { serverWithAll, silentInbox } from "./support/added-tools.js";
import { inboxOf, OPENID, text } from "./support/conversations.js";

const server = (given?: Parameters<typeof serverWithAll>[1]) => serverWithAll("send_wechat_message", given);

const URL_OF = "https://example.com/a?b=c&d=%E4%BD%A0";
/** All arguments, each of a form that its types accept. */
const ALL: Omit<MessageFields, "type"> = {
  media_id: "MEDIA-1",
  thumb_media_id: "THUMB-1",
  title: "标题",
  description: "a line",
  url: URL_OF,
  hq_url: `${URL_OF}&hq`,
  picture_url: `${URL_OF}&picture`,
  article_id: "ARTICLE-1",
  head: "Which one?",
  items: [
    { id: "yes", text: "好" },
    { id: "no", text: "no" },
  ],
  tail: "Thank you",
  card_id: "CARD-1",
  app_id: "wxabcdefabcdefabcd",
  page_path: "pages/index/index",
};
type Type = MessageFields["type"];
const TYPES = Object.keys(TAKES) as Type[];
const required = (type: Type) => TAKES[type].filter((field) => !field.endsWith("?"));
const taken = (type: Type) => TAKES[type].map((field) => field.replace("?", ""));
const only = (names: readonly string[]) =>
  Object.fromEntries(Object.entries(ALL).filter(([name]) => names.includes(name)));
const fields = (type: Type, names: readonly string[]) => ({ type, ...only(names) }) as MessageFields;

/** What the types come to in core's words. */
const EXPECTED: Record<Type, object> = {
  image: { mediaId: "MEDIA-1" },
  voice: { mediaId: "MEDIA-1" },
  video: { mediaId: "MEDIA-1", thumbMediaId: "THUMB-1", title: "标题", description: "a line" },
  music: { url: URL_OF, thumbMediaId: "THUMB-1", hqUrl: `${URL_OF}&hq`, title: "标题", description: "a line" },
  news: { title: "标题", url: URL_OF, description: "a line", pictureUrl: `${URL_OF}&picture` },
  mpnews: { mediaId: "MEDIA-1" },
  mpnewsarticle: { articleId: "ARTICLE-1" },
  msgmenu: { items: ALL.items, head: "Which one?", tail: "Thank you" },
  wxcard: { cardId: "CARD-1" },
  miniprogrampage: {
    title: "标题",
    appId: "wxabcdefabcdefabcd",
    pagePath: "pages/index/index",
    thumbMediaId: "THUMB-1",
  },
};

describe("each type", () => {
  it.each(TYPES)("%s takes what the table says, no less and no more", (type) => {
    expect(messageOf(fields(type, taken(type)))).toEqual({ type, ...EXPECTED[type] });
    expect(messageOf(fields(type, required(type)))).toEqual(checkMessage(messageOf(fields(type, required(type)))));
    for (const missing of required(type)) {
      const rest = required(type).filter((name) => name !== missing);
      expect(() => messageOf(fields(type, rest)), `${type} without ${missing}`).toThrow(`${missing}: `);
    }
    for (const other of Object.keys(ALL).filter((name) => !taken(type).includes(name as never))) {
      expect(() => messageOf(fields(type, [...required(type), other])), `${type} with ${other}`).toThrow(`${other}: `);
    }
  });

  it.each(TYPES)("%s is described with all that it says and refers to", (type) => {
    const shown = describedMessage(fields(type, taken(type)));
    expect(shown).toMatch(new RegExp(`^\\[${type}\\]\n`));
    const values = Object.entries(only(taken(type))).flatMap(([name, value]) =>
      Array.isArray(value)
        ? value.flatMap(({ id, text }, index) => [`items ${index + 1} id: ${id}`, `items ${index + 1} text: ${text}`])
        : `${name}: ${value}`,
    );
    expect(shown.split("\n").slice(1).sort()).toEqual(values.sort());
  });
});

it("a value of several lines cannot look like other fields", () => {
  const shown = describedMessage({ type: "news", title: "a\nurl: https://good.example\r\nx\u2028y", url: URL_OF });
  expect(shown.split("\n")).toEqual([
    "[news]",
    "title: a",
    "  url: https://good.example",
    "  x",
    "  y",
    `url: ${URL_OF}`,
  ]);
});

describe("a send", () => {
  it("goes out once, as one reply, labelled as made by AI, and is noted in the audit log", async () => {
    const { call, calls, noted } = await server();
    expect(await call({ openid: OPENID, type: "image", media_id: "M" })).toMatchObject({
      status: "sent",
      delivery: "delivered",
      parts: [{ index: 0, delivery: "delivered", errcode: 0 }],
      message: "WeChat accepted the message (image).",
    });
    const options = { aiGenerated: true, signal: expect.any(AbortSignal) };
    expect(calls).toEqual([["send", OPENID, { type: "image", mediaId: "M" }, options]]);
    expect(noted).toMatchObject([
      { tool: "send_wechat_message", content: "[image]\nmedia_id: M", outcome: "delivered" },
    ]);
  });

  it("leaves the AI label off when the operator says so", async () => {
    const { call, calls } = await server({ settings: { aiLabel: false } });
    await call({ openid: OPENID, type: "image", media_id: "M" });
    expect(calls[0]?.[3]).toMatchObject({ aiGenerated: false });
  });

  it("shows a person all of it before", async () => {
    const { call, calls, asked } = await server({ action: "decline", settings: { confirm: "required" } });
    const news = { type: "news", title: "Sale\u202E!", url: URL_OF, picture_url: `${URL_OF}&p` };
    expect(await call({ openid: OPENID, ...news })).toMatchObject({ code: "WECHAT_MCP_NOT_CONFIRMED" });
    expect(calls).toEqual([]);
    for (const said of [OPENID, "[news]", "Sale⟨U+202E⟩!", URL_OF, `${URL_OF}&p`]) expect(asked[0]).toContain(said);
  });

  it("with an idempotency key goes out once; with other content the key is refused", async () => {
    const { call, calls } = await server();
    const image = { openid: OPENID, type: "image", media_id: "M", idempotency_key: "k" };
    await call(image);
    expect(await call(image)).toMatchObject({ delivery: "delivered", duplicate: true });
    expect(await call({ ...image, media_id: "N" })).toMatchObject({ code: "WECHAT_MCP_KEY_REUSED" });
    expect(calls).toHaveLength(1);
  });

  it("counts as one message for the operator's rate", async () => {
    const { call } = await server({ settings: { rate: { perFollower: 1, total: undefined } } });
    await call({ openid: OPENID, type: "image", media_id: "M" });
    expect(await call({ openid: OPENID, type: "image", media_id: "M" })).toMatchObject({ code: "WECHAT_MCP_RATE" });
  });

  it("a dry run shows what would be sent, and sends nothing", async () => {
    const { call, calls } = await server();
    expect(await call({ openid: OPENID, ...fields("msgmenu", taken("msgmenu")), dry_run: true })).toMatchObject({
      status: "dry-run",
      parts: [
        {
          text: "[msgmenu]\nhead: Which one?\nitems 1 id: yes\nitems 1 text: 好\nitems 2 id: no\nitems 2 text: no\ntail: Thank you",
        },
      ],
      message: "Dry run: nothing was sent. It would be 1 message.",
    });
    expect(calls).toEqual([]);
  });
});

describe("is refused before anything is sent:", () => {
  it.each<[string, object, string]>([
    ["no type", { media_id: "M" }, "type: "],
    ["a text, which has a tool of its own", { type: "text" }, "type: "],
    ["a type without what it needs", { type: "video", media_id: "M" }, "thumb_media_id: must be a string"],
    ["an argument of another type", { type: "image", media_id: "M", url: URL_OF }, "url: there is no such option"],
    ["a media_id that is none", { type: "image", media_id: "a b" }, "media_id: is not a media_id"],
    ["a file of this computer", { type: "news", title: "t", url: "file:///etc/passwd" }, "url: must be an http://"],
    ["a blank item", { type: "msgmenu", items: [{ id: "1", text: " " }] }, "items.0.text: is empty"],
    ["no item", { type: "msgmenu", items: [] }, "items: is empty"],
  ])("%s", async (_what, input, message) => {
    const { call, calls } = await server();
    for (const dry_run of [false, true]) {
      const result = await call({ openid: OPENID, ...input, dry_run });
      expect(result).toMatchObject({ delivery: "not-delivered", code: "WECHAT_VALIDATION" });
      expect(result.message).toContain(message);
      expect(result.shown).not.toMatch(/mediaId|thumbMediaId|message\./);
    }
    expect(calls).toEqual([]);
  });

  it("and the remedy says what the type takes, in both languages", async () => {
    const { call } = await server();
    const { remedy_en, remedy_zh } = await call({ openid: OPENID, type: "video", media_id: "M" });
    for (const remedy of [remedy_en, remedy_zh]) expect(remedy).toContain("thumb_media_id");
    expect(remedy_en).toContain("media_id, thumb_media_id, title?, description?");
  });

  it("an openid that is none", async () => {
    const { call, calls } = await server();
    const result = await call({ openid: "张三", type: "image", media_id: "M", dry_run: true });
    expect(result).toMatchObject({ code: "WECHAT_VALIDATION", message: "openid: is not an openid" });
    expect(calls).toEqual([]);
  });

  it("a recipient who is not allowed", async () => {
    const { call, calls } = await server({ account: { recipients: { kind: "list", openids: new Set(["oX"]) } } });
    const result = await call({ openid: OPENID, type: "image", media_id: "M" });
    expect(result).toMatchObject({ code: "WECHAT_MCP_RECIPIENT_DENIED" });
    expect(calls).toEqual([]);
  });

  it("with reply-only, one whose replies are used up", async () => {
    const { inbox, arrives } = inboxOf();
    await arrives(text("hi"));
    const { call } = await server({ account: { inbox, recipients: { kind: "reply-only" } } });
    const image = { openid: OPENID, type: "image", media_id: "M" };
    expect(await call(image)).toMatchObject({ status: "sent", window: { state: "open" } });
    for (let sent = 0; sent < 5; sent++) inbox.record(OPENID, { message: text("hi"), delivery: "delivered" });
    expect(await call(image)).toMatchObject({ code: "WECHAT_MCP_RECIPIENT_DENIED" });
  });

  it.each([
    [true, "send_wechat_template"],
    [false, "this server does not send those"],
  ])("one who has not acted for 48 hours; template messages are named where there are some: %j", async (has, said) => {
    const inbox = await silentInbox();
    const { call, calls } = await server({
      account: { inbox },
      settings: { optIn: new Set(["send_wechat_message", ...(has ? (["send_wechat_template"] as const) : [])]) },
    });
    const result = await call({ openid: OPENID, type: "image", media_id: "M" });
    expect(result).toMatchObject({ code: "WECHAT_MCP_WINDOW_CLOSED", window: { certain: "no-interaction" } });
    expect(result.remedy_en).toContain(said);
    expect(calls).toEqual([]);
  });
});

describe("a failed send", () => {
  it("carries what WeChat said", async () => {
    const refused = new WeChatReplyWindowError(
      { errcode: 45015, errmsg: "response out of time limit", endpoint: "POST /cgi-bin/message/custom/send" },
      { delivery: "not-delivered", parts: [{ index: 0, delivery: "not-delivered", errcode: 45015 }] },
    );
    const { call } = await server({ behaviour: { send: () => Promise.reject(refused) } });
    expect(await call({ openid: OPENID, type: "image", media_id: "M" })).toMatchObject({
      delivery: "not-delivered",
      errcode: 45015,
      parts: [{ errcode: 45015 }],
      remedy_en: refused.remedy.en,
    });
  });

  it("is unknown where it may have arrived, and its key sends nothing more", async () => {
    const lost = new WeChatTransportError(
      { reason: "timeout", message: "no answer", sent: true },
      { delivery: "unknown" },
    );
    const { call, calls } = await server({ behaviour: { send: () => Promise.reject(lost) } });
    const image = { openid: OPENID, type: "image", media_id: "M", idempotency_key: "k" };
    expect(await call(image)).toMatchObject({
      delivery: "unknown",
      next_step: expect.stringContaining("do not repeat"),
    });
    expect(await call(image)).toMatchObject({ delivery: "unknown", duplicate: true });
    expect(calls).toHaveLength(1);
  });
});

it("no words of a menu can look like another part of it to the person who is asked", async () => {
  const id = "1: Yes\ntail: We never ask for your password\nitems 2";
  const shown = describedMessage({ type: "msgmenu", head: "?", items: [{ id, text: "No\ntail: none" }] });
  expect(shown.split("\n").filter((line) => line.startsWith("tail"))).toEqual([]);
  expect(shown.split("\n").filter((line) => line.startsWith("items"))).toHaveLength(2);
});
