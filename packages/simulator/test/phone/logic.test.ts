import { describe, expect, it } from "vitest";
import { ERRMSG } from "../../src/errors.js";
import type { Call, DeliveredMessage, PhoneLine } from "../../src/ledger.js";
import { MESSAGE_TYPES } from "../../src/message-types.js";
import { contentOf, contentOfLine } from "../../src/phone/content.js";
import { meaningOf } from "../../src/phone/errcodes.js";
import { tapMenu } from "../../src/phone/forms.js";
import { entriesOf, merge } from "../../src/phone/news.js";
import { base64, LARGEST_FILE, pictureKind } from "../../src/phone/pictures.js";
import { piecesOf, webUrl } from "../../src/phone/rich-text.js";
import { firstLanguage, textsOf } from "../../src/phone/texts.js";
import { chatTime, countdown, showsTime } from "../../src/phone/time.js";
import type { PhoneNews } from "../../src/phone-news.js";
import { REPLY_TYPES } from "../../src/push/replies.js";

describe("a text", () => {
  it.each([
    [
      "a link among words",
      '见 <a href="https://example.com/a?b=1">这里</a>。',
      ["见 ", ["这里", "https://example.com/a?b=1"], "。"],
    ],
    ["other quotes", "<a target=_blank href='http://example.com/'>x</a>", [["x", "http://example.com/"]]],
    ["no quotes", "<a href=http://example.com/y>x</a>", [["x", "http://example.com/y"]]],
    ["an address", "看 https://example.com/a。好", ["看 ", ["https://example.com/a", "https://example.com/a"], "。好"]],
    ["a script", '<a href="javascript:alert(1)">x</a>', ["x"]],
    ["a script in disguise", '<a href=" java\nscript:alert(1)">x</a>', ["x"]],
    ["data", '<a href="data:text/html,x">x</a>', ["x"]],
    ["a link of its own kind", '<a href="weixin://bizmsgmenu?msgmenuid=1">x</a>', ["x"]],
    ["no href", "<a class='b'>x</a>", ["x"]],
    ["other markup", "<img src=x onerror=alert(1)> <b>y</b> & <", ["<img src=x onerror=alert(1)> <b>y</b> & <"]],
    ["markup within a link", '<a href="http://example.com/"><img src=x></a>', [["<img src=x>", "http://example.com/"]]],
    [
      "a link without end",
      '<a href="http://example.com/">x',
      ['<a href="', ["http://example.com/", "http://example.com/"], '">x'],
    ],
  ])("is taken apart: %s", (_what, text, pieces) => {
    const found = piecesOf(text).map(({ words, url }) => (url === undefined ? words : [words, url]));
    expect(found).toEqual(pieces);
  });

  it("takes no time to take apart, whatever it is", () => {
    const start = performance.now();
    for (const piece of ["<a ", "<a href=", '<a href="x">', "https://", "</a>"]) piecesOf(piece.repeat(700));
    expect(performance.now() - start).toBeLessThan(500);
  });

  it.each([["javascript:alert(1)"], ["vbscript:x"], ["//example.com"], ["/files/x"], [""], [undefined], [7]])(
    "%s is no URL to open",
    (value) => {
      expect(webUrl(value)).toBeUndefined();
    },
  );
});

describe("times", () => {
  const at = (...parts: [number, number, number, number?, number?]) => new Date(...parts).getTime();
  const now = at(2026, 10, 23, 14, 30);

  it.each([
    [at(2026, 10, 23, 9, 5), "09:05", "09:05"],
    [at(2026, 10, 22, 23, 59), "昨天 23:59", "Yesterday 23:59"],
    [at(2026, 10, 18, 8, 0), "星期三 08:00", "Wednesday 08:00"],
    [at(2026, 10, 16, 8, 0), "11月16日 08:00", "16 November 08:00"],
    [at(2025, 10, 23, 8, 0), "2025年11月23日 08:00", "23 November 2025 08:00"],
    [at(2026, 10, 24, 8, 0), "11月24日 08:00", "24 November 08:00"],
  ])("%d is written as WeChat does", (time, zh, en) => {
    expect([chatTime(time, now, "zh"), chatTime(time, now, "en")]).toEqual([zh, en]);
  });

  it("stand above the first message and after five minutes of silence", () => {
    expect([undefined, now, now - 299_999, now - 300_000].map((before) => showsTime(now, before))).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });

  it("count down", () => {
    expect([172_800_000, 3_599_001, 42_000, 1, -5].map(countdown)).toEqual([
      "48:00:00",
      "1:00:00",
      "0:42",
      "0:01",
      "0:00",
    ]);
  });
});

describe("what a bubble shows", () => {
  const sent = (msgtype: string, content: object): DeliveredMessage => ({
    id: 1,
    callId: 1,
    time: 0,
    appId: "a",
    openid: "o",
    msgtype,
    body: { touser: "o", msgtype, [msgtype]: content },
    ai: false,
  });
  const reply = (msgtype: string, body: Record<string, unknown>): DeliveredMessage => ({
    ...sent(msgtype, {}),
    via: "passive-reply",
    body,
  });
  const line = (body: Record<string, unknown>): PhoneLine => ({
    id: 1,
    time: 0,
    appId: "a",
    openid: "o",
    from: "follower",
    text: "[x]",
    body,
  });

  it.each([
    [sent("image", { media_id: "m" }), { kind: "picture", mediaId: "m" }],
    [reply("image", { Image: { MediaId: "m" } }), { kind: "picture", mediaId: "m" }],
    [sent("video", { media_id: "m", title: "t" }), { kind: "video", mediaId: "m", title: "t", description: "" }],
    [
      reply("video", { Video: { MediaId: "m", Title: "t" } }),
      { kind: "video", mediaId: "m", title: "t", description: "" },
    ],
    [sent("music", { musicurl: "u", title: "t" }), { kind: "music", url: "u", title: "t", description: "" }],
    [
      reply("music", { Music: { MusicUrl: "u", Title: "t" } }),
      { kind: "music", url: "u", title: "t", description: "" },
    ],
    [
      sent("news", { articles: [{ title: "t", url: "u", picurl: "p" }] }),
      { kind: "news", articles: [{ title: "t", description: "", url: "u", picture: "p" }] },
    ],
    [
      reply("news", { ArticleCount: 1, Articles: [{ Title: "t", Url: "u", PicUrl: "p" }] }),
      { kind: "news", articles: [{ title: "t", description: "", url: "u", picture: "p" }] },
    ],
    [
      sent("msgmenu", { head_content: "h", list: [{ id: "1", content: "c" }] }),
      { kind: "menu", head: "h", items: [{ id: "1", words: "c" }], tail: "" },
    ],
    [sent("wxcard", { card_id: "c" }), { kind: "material", type: "wxcard", id: "c" }],
    [sent("voice", 7 as never), { kind: "voice", mediaId: "", recognition: "" }],
    [sent("later", {}), { kind: "unknown", type: "later" }],
  ])("%o", (message, content) => {
    expect(contentOf(message)).toEqual(content);
  });

  it("is known for every type that the simulator lets through", () => {
    for (const type of MESSAGE_TYPES) expect(contentOf(sent(type, {})).kind, type).not.toBe("unknown");
    for (const type of REPLY_TYPES) expect(contentOf(reply(type, {})).kind, type).not.toBe("unknown");
  });

  it.each([
    [
      { MsgType: "image", MediaId: "m" },
      { kind: "picture", mediaId: "m" },
    ],
    [
      { MsgType: "shortvideo", MediaId: "m" },
      { kind: "video", mediaId: "m", title: "", description: "" },
    ],
    [
      { MsgType: "location", Location_X: 1.5, Location_Y: 2, Label: "l" },
      { kind: "place", latitude: 1.5, longitude: 2, label: "l" },
    ],
    [
      { MsgType: "text", Content: "x" },
      { kind: "text", text: "[x]" },
    ],
  ])("of the follower's: %o", (body, content) => {
    expect(contentOfLine(line(body))).toEqual(content);
  });
});

describe("what the page knows", () => {
  const call = (id: number, errcode?: number): Call => ({
    id,
    time: id,
    method: "POST",
    path: "/x",
    ...(errcode !== undefined && { errcode }),
  });
  const news = (more: Partial<PhoneNews>): PhoneNews => ({
    state: { clock: { now: 0, runs: true }, accounts: [], faults: [], totals: { calls: 0, messages: 0, pushes: 0 } },
    calls: [],
    pushes: [],
    messages: [],
    lines: [],
    ...more,
  });

  it("grows, and an entry of a known id takes its place", () => {
    const known = merge(news({ calls: [call(1), call(2)] }), news({ calls: [call(2, 0), call(3)] }));
    expect(known.calls.map(({ id, errcode }) => [id, errcode])).toEqual([
      [1, undefined],
      [2, 0],
      [3, undefined],
    ]);
  });

  it("does not grow without end", () => {
    const known = merge(news({}), news({ calls: Array.from({ length: 5000 }, (_, id) => call(id)) }));
    expect([known.calls.length, known.calls.at(-1)?.id]).toEqual([500, 4999]);
  });

  it("is one phone's in the order of the screen", () => {
    const entry = { time: 0, appId: "a", openid: "o" };
    const messages = [2, 4].map((id) => ({ ...entry, id, msgtype: "text", body: {}, ai: false }));
    const lines = [1, 3].map((id) => ({ ...entry, id, from: "follower" as const, text: "x" }));
    const other = { ...lines[0]!, id: 5, openid: "p" };
    const known = news({ messages, lines: [...lines, other] });
    expect(entriesOf(known, "a", "o").map(({ id }) => id)).toEqual([1, 2, 3, 4]);
  });
});

describe("words", () => {
  it("exist for every errcode, in one line and both languages", () => {
    for (const code of [0, ...Object.keys(ERRMSG).map(Number)]) {
      for (const language of ["en", "zh"] as const)
        expect(meaningOf(code, language), `${code}`).toMatch(/^[^\n]{2,90}$/);
    }
    expect(meaningOf(99_999, "en")).toBeUndefined();
  });

  it("are those of the browser until one chooses", () => {
    expect([
      firstLanguage(null, "zh-TW"),
      firstLanguage(null, "de"),
      firstLanguage("zh", "de"),
      firstLanguage("en", "zh-CN"),
      firstLanguage("xx", "en-US"),
    ]).toEqual(["zh", "en", "zh", "en", "en"]);
  });

  it("are Chinese where the page is Chinese", () => {
    const words = (value: unknown): string[] =>
      typeof value === "string"
        ? [value]
        : typeof value === "object" && value !== null
          ? Object.values(value).flatMap(words)
          : [];
    const same = ["English", "openid", "errcode", "Access token", ""];
    const left = words(textsOf("zh")).filter((text) => !same.includes(text) && !/[\u4e00-\u9fff]/.test(text));
    expect(left).toEqual([]);
  });
});

describe("the button that asks for a place", () => {
  it("pushes its event once, also when the place fails and is sent again", async () => {
    const done: string[] = [];
    const results = [true, false, true];
    let submit: (values: FormData) => Promise<boolean> = async () => false;
    const app = {
      t: textsOf("en"),
      show: (dialog: { submit: typeof submit }) => {
        ({ submit } = dialog);
      },
      act: async ({ type }: { type: string }) => {
        done.push(type);
        return results.shift();
      },
    };
    await tapMenu(app as never, { type: "location_select", name: "x", key: "K" }, () => {});
    const values = new FormData();
    expect([await submit(values), await submit(values)]).toEqual([false, true]);
    expect(done).toEqual(["menu", "location", "location"]);
  });
});

describe("a picture", () => {
  it.each([
    [[0x89, 0x50, 0x4e, 0x47, 0x0d], { ending: "png" }],
    [[0xff, 0xd8, 0xff, 0xe0], { ending: "jpg" }],
    [[0x47, 0x49, 0x46, 0x38], { ending: "gif" }],
    [[0x25, 0x50, 0x44, 0x46], "no-picture"],
    [[], "empty"],
  ])("that begins with %o", (bytes, kind) => {
    expect(pictureKind(Uint8Array.from(bytes))).toEqual(kind);
  });

  it("may be too large", () => {
    expect(pictureKind(new Uint8Array(LARGEST_FILE + 1))).toBe("too-large");
  });

  it("goes as base64, whatever its size", () => {
    const content = Uint8Array.from({ length: 20_000 }, (_, index) => index % 251);
    expect(base64(content)).toBe(Buffer.from(content).toString("base64"));
  });
});
