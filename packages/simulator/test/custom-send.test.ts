import { DEFAULT_FOLLOWER, type SimulatorOptions } from "@wechat-offiaccount/simulator";
import { describe, expect, it } from "vitest";
import { account, type Caller, HOUR, RID, start, text } from "./support.js";

const ACCOUNT = account({ kfAccounts: ["anna@shop"], linkedMiniPrograms: ["wxmini0000000000001"] });
const ID = DEFAULT_FOLLOWER;

async function ready(options: SimulatorOptions = {}): Promise<{ caller: Caller; token: string }> {
  const caller = await start({ accounts: [ACCOUNT], ...options });
  for (const type of ["image", "voice", "video", "thumb", "news", "article"] as const) {
    caller.sim.addMedia({ mediaId: `${type}-1`, type });
  }
  return { caller, token: await caller.token() };
}

const VALID: Record<string, Record<string, unknown>> = {
  text: { content: "你好，世界 👋🏽\n第二行" },
  image: { media_id: "image-1" },
  voice: { media_id: "voice-1" },
  video: { media_id: "video-1", thumb_media_id: "thumb-1", title: "标题", description: "…" },
  music: { musicurl: "http://x/a.mp3", hqmusicurl: "http://x/b.mp3", thumb_media_id: "thumb-1", title: "t" },
  news: { articles: [{ title: "t", description: "d", url: "http://x", picurl: "http://x/p" }] },
  mpnews: { media_id: "news-1" },
  mpnewsarticle: { article_id: "article-1" },
  msgmenu: {
    head_content: "满意吗?",
    list: [
      { id: "101", content: "满意" },
      { id: "102", content: "不" },
    ],
    tail_content: "!",
  },
  wxcard: { card_id: "pjZ8Yt1XGILfi" },
  miniprogrampage: { title: "t", appid: "wxmini0000000000001", pagepath: "pages/index", thumb_media_id: "image-1" },
};

describe("POST /cgi-bin/message/custom/send delivers", () => {
  it.each(Object.entries(VALID))("a message of type %s", async (msgtype, content) => {
    const { caller, token } = await ready();
    const body = { touser: ID, msgtype, [msgtype]: content };
    expect(await caller.send(token, body)).toEqual({ errcode: 0, errmsg: "ok" });
    expect(caller.sim.ledger.messages).toEqual([
      {
        id: 1,
        callId: caller.sim.ledger.calls.at(-1)?.id,
        time: caller.sim.clock.now(),
        appId: ACCOUNT.appId,
        openid: ID,
        msgtype,
        body,
        ai: false,
        ...(msgtype === "text" ? { text: content.content } : {}),
      },
    ]);
  });

  it("the label of AI-made content and the customer-service account", async () => {
    const { caller, token } = await ready();
    const more = { aimsgcontext: { is_ai_msg: 1 }, customservice: { kf_account: "anna@shop" } };
    expect((await caller.send(token, text("hi", more))).errcode).toBe(0);
    expect((await caller.send(token, text("hi", { aimsgcontext: { is_ai_msg: 0 } }))).errcode).toBe(0);
    expect(caller.sim.ledger.messages.map(({ ai, kfAccount }) => ({ ai, kfAccount }))).toEqual([
      { ai: true, kfAccount: "anna@shop" },
      { ai: false, kfAccount: undefined },
    ]);
  });

  it("texts with links, and other angle brackets as they are", async () => {
    const { caller, token } = await ready();
    const contents = [
      'see <a href="http://www.qq.com">文字</a> and <a href=http://b>b</a>',
      '<a href="http://www.qq.com" data-miniprogram-appid="wxmini0000000000001" data-miniprogram-path="p">跳</a>',
      '<a href="weixin://bizmsgmenu?msgmenucontent=1&msgmenuid=1">1</a>',
      "1 < 2 <b>bold</b> <abc> <",
    ];
    for (const content of contents) expect((await caller.send(token, text(content))).errcode).toBe(0);
    expect(caller.sim.ledger.messages.map((message) => message.text)).toEqual(contents);
  });

  it("a text of 2048 bytes, and a backslash with u that is no escape", async () => {
    const { caller, token } = await ready();
    expect((await caller.send(token, text(`${"好".repeat(682)}12`))).errcode).toBe(0);
    expect((await caller.send(token, text("C:\\users \\u4f60"))).errcode).toBe(0);
    expect(caller.sim.ledger.messages.at(-1)?.text).toBe("C:\\users \\u4f60");
  });

  it("to the account that the token belongs to", async () => {
    const { caller } = await ready();
    caller.sim.addAccount({ appId: "wx2", secret: "s2" });
    caller.sim.addFollower({ openid: "oOnly2", appId: "wx2" });
    const [one, two] = [await caller.token(), await caller.token("wx2", "s2")];
    expect((await caller.send(one, text("x", { touser: "oOnly2" }))).errcode).toBe(40003);
    expect((await caller.send(two, text("x", { touser: "oOnly2" }))).errcode).toBe(0);
    expect(caller.sim.ledger.messages[0]).toMatchObject({ appId: "wx2", openid: "oOnly2" });
  });
});

describe("POST /cgi-bin/message/custom/send refuses", () => {
  const anchors = (content: string) => text(content);
  const with_ = (msgtype: string, content: unknown) => ({ touser: ID, msgtype, [msgtype]: content });
  const without = (msgtype: string, field: string) =>
    with_(msgtype, Object.fromEntries(Object.entries(VALID[msgtype]!).filter(([name]) => name !== field)));
  const item = { id: "1", content: "x" };

  const cases: [string, unknown, number, RegExp][] = [
    ["an empty body", "", 44002, /^empty post data rid/],
    ["a body that is not JSON", "touser=x", 47001, /^data format error hint: \[\w{14}\] rid: /],
    ["a JSON array", [], 47001, /^data format error/],
    [
      "\\u escapes",
      `{"touser":"${ID}","msgtype":"text","text":{"content":"\\u4f60"}}`,
      47002,
      /do NOT use json unicode/,
    ],
    [
      "an escape after a backslash",
      `{"touser":"${ID}","msgtype":"text","text":{"content":"\\\\\\u4f60"}}`,
      47002,
      /NOT/,
    ],
    ["an unknown openid", text("x", { touser: "oNobody" }), 40003, /^invalid openid rid/],
    ["no openid", { msgtype: "text", text: { content: "x" } }, 40003, /^invalid openid rid/],
    ["an openid that is a number", text("x", { touser: 7 }), 40003, /^invalid openid rid/],
    ["a follower who left", text("x", { touser: "oGone" }), 43004, /^require subscribe rid/],
    ["a follower who refuses messages", text("x", { touser: "oRefuses" }), 48002, /rid/],
    ["a blacklisted follower", text("x", { touser: "oBlack" }), 43019, /rid/],
    ["a follower whose window is closed", text("x", { touser: "oQuiet" }), 45015, /^response out of time limit or/],
    ["an unknown msgtype", with_("markdown", { content: "x" }), 40008, /^invalid message type rid/],
    ["no msgtype", { touser: ID, text: { content: "x" } }, 40008, /^invalid message type rid/],
    ["a mini program's link", with_("link", { title: "x" }), 40008, /^invalid message type rid/],
    ["the object of another msgtype", text("x", { image: { media_id: "image-1" } }), 45162, /^invalid type hint: \[/],
    ["the empty object of another msgtype", text("x", { news: null }), 45162, /^invalid type hint: \[/],
    ["an object that is none", with_("text", "x"), 47001, /^data format error/],
    ["an empty text", text(""), 44004, /^empty content hint: \[\w+\] rid/],
    ["no content", with_("text", {}), 44004, /^empty content/],
    ["no text object", { touser: ID, msgtype: "text" }, 44004, /^empty content/],
    ["content that is a number", with_("text", { content: 5 }), 47001, /^data format error/],
    ["2049 bytes", text("好".repeat(683)), 45002, /^content size out of limit rid/],
    ["an anchor without href", anchors("<a>x</a>"), 40213, /^invalid href tag rid/],
    ["an anchor without end", anchors('<a href="http://x">x'), 40213, /^invalid href tag rid/],
    ["an unfinished tag", anchors('<a href="http://x'), 40213, /^invalid href tag rid/],
    ["an anchor in an anchor", anchors('<a href="a">1<a href="b">2</a></a>'), 40213, /^invalid href tag/],
    ["an anchor without text", anchors('<a href="http://x"> </a>'), 40214, /^invalid href text rid/],
    ["an unlinked mini program in an anchor", anchors('<a href="x" data-miniprogram-appid="wx9">x</a>'), 45086, /rid/],
    ["no media_id", with_("image", {}), 41006, /rid/],
    ["an unknown media_id", with_("image", { media_id: "nope" }), 40007, /^invalid media_id rid/],
    ["the media_id of another kind", with_("voice", { media_id: "image-1" }), 40007, /^invalid media_id rid/],
    ["a video without thumb", without("video", "thumb_media_id"), 41006, /rid/],
    ["a video's title that is a number", with_("video", { ...VALID.video, title: 1 }), 47001, /data format/],
    ["music without URL", without("music", "musicurl"), 40101, /^missing parameter rid/],
    ["music without thumb", without("music", "thumb_media_id"), 41006, /rid/],
    ["news without articles", with_("news", {}), 44003, /rid/],
    ["empty news", with_("news", { articles: [] }), 44003, /rid/],
    ["two articles", with_("news", { articles: [{ title: "1" }, { title: "2" }] }), 45008, /rid/],
    ["an article that is none", with_("news", { articles: ["x"] }), 47001, /data format/],
    ["an article's url that is none", with_("news", { articles: [{ url: {} }] }), 47001, /data format/],
    ["an unknown mpnews", with_("mpnews", { media_id: "x" }), 40007, /rid/],
    ["no article_id", with_("mpnewsarticle", {}), 40101, /rid/],
    ["an unknown article_id", with_("mpnewsarticle", { article_id: "x" }), 53600, /rid/],
    ["a menu without list", with_("msgmenu", { head_content: "x" }), 44005, /^empty list rid/],
    ["a menu of four", with_("msgmenu", { list: [item, item, item, item] }), 45098, /rid/],
    [
      "a menu item that is too long",
      with_("msgmenu", { list: [{ id: "1", content: "好".repeat(683) }] }),
      45099,
      /rid/,
    ],
    ["a menu item without id", with_("msgmenu", { list: [{ content: "x" }] }), 40101, /rid/],
    ["a menu item's id that is a number", with_("msgmenu", { list: [{ id: 1, content: "x" }] }), 47001, /rid/],
    ["a menu's head that is a number", with_("msgmenu", { head_content: 1, list: [item] }), 47001, /rid/],
    ["no card_id", with_("wxcard", {}), 40101, /rid/],
    ["a mini program card without title", without("miniprogrampage", "title"), 40101, /rid/],
    ["a mini program card without page", without("miniprogrampage", "pagepath"), 40165, /rid/],
    ["a mini program card without appid", without("miniprogrampage", "appid"), 40166, /rid/],
    ["an unlinked mini program", with_("miniprogrampage", { ...VALID.miniprogrampage, appid: "wx9" }), 40168, /rid/],
    [
      "an unknown kf_account",
      text("x", { customservice: { kf_account: "bob@shop" } }),
      65401,
      /^invalid custom service/,
    ],
    ["an empty customservice", text("x", { customservice: {} }), 65401, /^invalid custom service account rid/],
    ["an AI label of true", text("x", { aimsgcontext: { is_ai_msg: true } }), 47003, /aimsgcontext\.is_ai_msg/],
    ["an AI label without value", text("x", { aimsgcontext: {} }), 47003, /aimsgcontext\.is_ai_msg/],
    ["an AI label that is no object", text("x", { aimsgcontext: 1 }), 47001, /data format/],
    ["a businessid that is a number", text("x", { businessid: 1 }), 47001, /data format/],
  ];

  it.each(cases)("%s", async (_what, body, errcode, errmsg) => {
    const { caller, token } = await ready();
    caller.sim.addFollower({ openid: "oGone", subscribed: false });
    caller.sim.addFollower({ openid: "oRefuses", refuses: true });
    caller.sim.addFollower({ openid: "oBlack", blacklisted: true });
    caller.sim.addFollower({ openid: "oQuiet", window: "closed" });
    const answer = await caller.send(token, body);
    expect(answer.errcode).toBe(errcode);
    expect(answer.errmsg).toMatch(errmsg);
    const rid = RID.exec(answer.errmsg ?? "")?.[1];
    expect(caller.sim.ledger.calls.at(-1)).toMatchObject({ errcode, rid, httpStatus: 200 });
    expect(rid).toBeDefined();
    expect(caller.sim.ledger.messages).toEqual([]);
  });

  it("bytes that are not UTF-8", async () => {
    const { caller, token } = await ready();
    const body = Buffer.concat([
      Buffer.from(JSON.stringify(text("ab")).slice(0, -3)),
      Buffer.from([0xff]),
      Buffer.from('"}}'),
    ]);
    const answer = await caller.json(`/cgi-bin/message/custom/send?access_token=${token}`, { method: "POST", body });
    expect(answer.errcode).toBe(47001);
  });

  it("temporary material after three days", async () => {
    const { caller } = await ready();
    caller.sim.addMedia({ mediaId: "temporary", type: "image", permanent: false });
    const body = { touser: ID, msgtype: "image", image: { media_id: "temporary" } };
    caller.sim.clock.advance(72 * HOUR - 1);
    caller.sim.interact(ID, "message");
    expect((await caller.send(await caller.token(), body)).errcode).toBe(0);
    caller.sim.clock.advance(1);
    expect((await caller.send(await caller.token(), body)).errcode).toBe(40007);
  });

  it("a GET", async () => {
    const { caller, token } = await ready();
    expect((await caller.json(`/cgi-bin/message/custom/send?access_token=${token}`)).errcode).toBe(43002);
  });

  it("no token, a malformed one, one of another WeChat, an expired one", async () => {
    const { caller, token } = await ready();
    const missing = await caller.json("/cgi-bin/message/custom/send", {
      method: "POST",
      body: JSON.stringify(text("x")),
    });
    expect(missing).toMatchObject({ errcode: 41001, errmsg: expect.stringMatching(/^access_token missing rid/) });
    expect(await caller.send("abc", text("x"))).toMatchObject({
      errcode: 40014,
      errmsg: expect.stringMatching(/^invalid access_token rid/),
    });
    const other = await start();
    const unknown = await caller.send(await other.token(), text("x"));
    expect(unknown.errcode).toBe(40001);
    expect(unknown.errmsg).toMatch(
      /^invalid credential, access_token is invalid or not latest, could get access_token by getStableAccessToken, more details at https:\/\/mmbizurl\.cn\/s\/JtxxFh33r rid: /,
    );
    caller.sim.clock.advance(2 * HOUR);
    expect((await caller.send(token, text("x"))).errcode).toBe(42001);
  });

  it("an unverified account, with the comma of the real text", async () => {
    const { caller, token } = await ready({ accounts: [account({ verified: false })] });
    const answer = await caller.send(token, text("x"));
    expect(answer.errcode).toBe(48001);
    expect(answer.errmsg).toMatch(/^api unauthorized, rid: /);
  });

  it("a menu from a test account", async () => {
    const { caller, token } = await ready({ accounts: [account({ test: true })] });
    const answer = await caller.send(token, { touser: ID, msgtype: "msgmenu", msgmenu: VALID.msgmenu });
    expect(answer.errcode).toBe(40200);
    expect((await caller.send(token, text("x"))).errcode).toBe(0);
  });

  it("more calls than a day allows", async () => {
    const { caller, token } = await ready({ limits: { customSendsPerDay: 2 } });
    await caller.send(token, text("1"));
    await caller.send(token, text("2"));
    expect((await caller.send(token, text("3"))).errcode).toBe(45009);
    expect(caller.sim.ledger.messages).toHaveLength(2);
  });
});

describe("POST /cgi-bin/message/custom/typing", () => {
  const path = "/cgi-bin/message/custom/typing";
  const typing = (command = "Typing") => ({ touser: ID, command });

  it("shows typing for 15 seconds, not twice at a time, and a message ends it", async () => {
    const { caller, token } = await ready();
    expect((await caller.post(path, token, typing())).errcode).toBe(0);
    caller.sim.clock.advance(14_999);
    expect((await caller.post(path, token, typing())).errcode).toBe(45081);
    caller.sim.clock.advance(1);
    expect((await caller.post(path, token, typing())).errcode).toBe(0);
    await caller.send(token, text("x"));
    expect((await caller.post(path, token, typing())).errcode).toBe(0);
    expect((await caller.post(path, token, typing("CancelTyping"))).errcode).toBe(0);
    expect((await caller.post(path, token, typing())).errcode).toBe(0);
  });

  it("wants an interaction within 30 seconds and an open window", async () => {
    const { caller, token } = await ready();
    caller.sim.clock.advance(30_000);
    expect((await caller.post(path, token, typing())).errcode).toBe(0);
    caller.sim.clock.advance(15_001);
    expect((await caller.post(path, token, typing())).errcode).toBe(45080);
    caller.sim.addFollower({ openid: ID, window: "closed" });
    expect((await caller.post(path, token, typing())).errcode).toBe(45015);
  });

  it("refuses what is wrong", async () => {
    const { caller, token } = await ready();
    expect((await caller.post(path, token, typing("typing"))).errcode).toBe(45072);
    expect((await caller.post(path, token, { command: "Typing" })).errcode).toBe(40003);
    expect((await caller.post(path, "abc", typing())).errcode).toBe(40014);
    expect((await caller.post(path, token, "")).errcode).toBe(44002);
    expect((await caller.json(`${path}?access_token=${token}`)).errcode).toBe(43002);
  });
});
