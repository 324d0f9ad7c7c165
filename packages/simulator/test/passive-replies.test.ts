import { DEFAULT_FOLLOWER, type FollowerAction, SERVICE_FAILED, type Simulator } from "@wechat-offiaccount/simulator";
import { describe, expect, it } from "vitest";
import { Cipher, signatureOf } from "../src/push/cipher.js";
import { AES_KEY, type Answer, type Desk, desk, reply, TOKEN } from "./receiver.js";
import { account } from "./support.js";

const ID = DEFAULT_FOLLOWER;
const APP_ID = account().appId;

async function answered(
  answer: Answer,
  action: FollowerAction = { type: "text", text: "?" },
  more = {},
): Promise<Desk> {
  const made = await desk(more);
  const { sim, receiver } = made;
  for (const type of ["image", "voice", "video", "thumb"] as const) sim.addMedia({ mediaId: `a-${type}`, type });
  receiver.answer = () => answer;
  sim.act(ID, action);
  await sim.pushed();
  return made;
}

const shown = ({ sim }: Desk) => sim.ledger.lines.filter(({ from }) => from === "system").map(({ text }) => text);
const state = async ({ url }: Simulator) => (await fetch(`${url}/simulator/state`)).text();
const item = (title: string) => `<item><Title>${title}</Title><Url>http://u</Url></item>`;
const news = (count: number, titles: string[]) =>
  reply(ID, "news", `<ArticleCount>${count}</ArticleCount><Articles>${titles.map(item).join("")}</Articles>`);

describe("a passive reply", () => {
  it.each([
    ["text", "<Content><![CDATA[你好\n👋]]></Content>", { Content: "你好\n👋" }],
    ["image", "<Image><MediaId><![CDATA[a-image]]></MediaId></Image>", { Image: { MediaId: "a-image" } }],
    ["voice", "<Voice><MediaId><![CDATA[a-voice]]></MediaId></Voice>", { Voice: { MediaId: "a-voice" } }],
    [
      "video",
      "<Video><MediaId>a-video</MediaId><Title>T</Title><Description>D</Description></Video>",
      { Video: { MediaId: "a-video", Title: "T", Description: "D" } },
    ],
    [
      "music",
      "<Music><Title>T</Title><MusicUrl>http://m</MusicUrl><ThumbMediaId>a-thumb</ThumbMediaId></Music>",
      { Music: { Title: "T", MusicUrl: "http://m", ThumbMediaId: "a-thumb" } },
    ],
    [
      "news",
      `<ArticleCount>1</ArticleCount><Articles>${item("1")}</Articles>`,
      { ArticleCount: 1, Articles: [{ Title: "1", Url: "http://u" }] },
    ],
  ])("%s is on the phone, uses no quota and is in the ledger", async (type, content, body) => {
    const made = await answered(reply(ID, type, content));
    const { sim, push } = made;
    expect(push()).toMatchObject({ outcome: "replied" });
    expect(sim.ledger.messages).toEqual([
      {
        id: 2,
        via: "passive-reply",
        pushId: push().id,
        time: sim.clock.now(),
        appId: APP_ID,
        openid: ID,
        msgtype: type,
        ...(type === "text" ? { text: "你好\n👋" } : {}),
        body,
        ai: false,
      },
    ]);
    expect(shown(made)).toEqual([]);
    expect(await state(sim)).toContain('"scene":"message","remaining":5');
  });

  const followers: FollowerAction[] = [
    { type: "menu" },
    { type: "menu", button: "view" },
    { type: "scan" },
    { type: "position", latitude: 0, longitude: 0 },
  ];
  it.each(followers)("answers the event %o too", async (action) => {
    const { sim } = await answered(reply(ID, "text", "<Content>hi</Content>"), action);
    expect(sim.ledger.messages).toMatchObject([{ text: "hi" }]);
  });

  it("news: one article for a message, eight for an event; never more than ArticleCount", async () => {
    const titles = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];
    const counts = async (count: number, action?: FollowerAction) =>
      (await answered(news(count, titles), action)).sim.ledger.messages.map(({ body }) => body.ArticleCount);
    expect(await counts(9)).toEqual([1]);
    expect(await counts(9, { type: "menu" })).toEqual([8]);
    expect(await counts(2, { type: "menu" })).toEqual([2]);
  });

  it("stands in the chat records, and ends the typing state", async () => {
    const { sim, caller, receiver } = await desk({ wechatId: "shop", kfAccounts: ["anna@shop"] });
    const token = await caller.token();
    receiver.answer = async () => {
      await caller.post("/cgi-bin/message/custom/typing", token, { touser: ID, command: "Typing" });
      expect(await state(sim)).toContain('"typing":true');
      return reply(ID, "text", "<Content>hi</Content>");
    };
    sim.act(ID, { type: "text", text: "question" });
    await sim.pushed();
    expect(await state(sim)).toContain('"typing":false');
    const day = { starttime: sim.clock.now() / 1000, endtime: sim.clock.now() / 1000, msgid: 1, number: 10 };
    expect(await caller.post("/customservice/msgrecord/getmsglist", token, day)).toMatchObject({
      recordlist: [
        { opercode: 2003, text: "question" },
        { opercode: 2002, text: "hi" },
      ],
    });
  });

  it("each copy of a duplicated push that is answered is shown", async () => {
    const { sim, receiver } = await desk();
    receiver.answer = () => reply(ID, "text", "<Content>hi</Content>");
    sim.inject({ kind: "push-duplicate" });
    sim.act(ID, { type: "text", text: "?" });
    await sim.pushed();
    expect(sim.ledger.messages.map(({ text }) => text)).toEqual(["hi", "hi"]);
  });

  it("to one who leaves, or has left meanwhile, is ignored", async () => {
    const made = await answered(reply(ID, "text", "<Content>bye</Content>"), { type: "unfollow" });
    expect(made.push()).toMatchObject({ outcome: "ignored", problem: expect.stringMatching(/nobody waits/) });
    const { sim, receiver, push } = await desk();
    receiver.answer = async (_request, index) => {
      if (index > 0) return "success";
      sim.act(ID, { type: "unfollow" });
      return reply(ID, "text", "<Content>x</Content>");
    };
    sim.act(ID, { type: "text", text: "?" });
    await sim.pushed();
    expect(push(0)).toMatchObject({ outcome: "ignored", problem: "the follower has left" });
    expect(sim.ledger.messages).toEqual([]);
  });
});

describe("an answer that WeChat cannot use", () => {
  const answers: [string, Answer, RegExp][] = [
    ["words", "ok", /neither success, nor empty, nor XML/],
    ["success with a line break", "success\n", /neither/],
    ["JSON", '{"ToUserName":"x"}', /neither/],
    ["a page", "<html><body>502</body></html>", /neither/],
    ["HTTP 500", { status: 500, body: "success" }, /HTTP 500/],
    ["HTTP 204", { status: 204, body: "" }, /HTTP 204/],
    ["another openid", reply("oOther", "text", "<Content>x</Content>"), /ToUserName/],
    ["another account", reply(ID, "text", "<Content>x</Content>", APP_ID), /FromUserName/],
    ["no CreateTime", reply(ID, "text", "<Content>x</Content>").replace("12345678", ""), /CreateTime/],
    ["another type", reply(ID, "markdown", "<Content>x</Content>"), /MsgType/],
    ["an empty text", reply(ID, "text", "<Content></Content>"), /Content is empty/],
    ["no content", reply(ID, "text", ""), /Content is empty/],
    ["a long text", reply(ID, "text", `<Content>${"你".repeat(683)}</Content>`), /more than 2048 bytes/],
    ["an unknown picture", reply(ID, "image", "<Image><MediaId>x</MediaId></Image>"), /Image\.MediaId/],
    ["a voice as picture", reply(ID, "image", "<Image><MediaId>a-voice</MediaId></Image>"), /Image\.MediaId/],
    ["a picture without object", reply(ID, "image", "<MediaId>a-image</MediaId>"), /Image is missing/],
    ["music without thumb", reply(ID, "music", "<Music><Title>T</Title></Music>"), /Music\.ThumbMediaId/],
    ["news without count", reply(ID, "news", `<Articles>${item("1")}</Articles>`), /ArticleCount/],
    ["news without articles", reply(ID, "news", "<ArticleCount>1</ArticleCount>"), /Articles has no item/],
    ["a transfer to nobody", reply(ID, "transfer_customer_service", "<TransInfo></TransInfo>"), /TransInfo has no/],
    ["an encrypted reply", "<xml><Encrypt>x</Encrypt></xml>", /the mode is plain/],
    ["more than a megabyte", "x".repeat(1024 * 1024 + 1), /neither/],
  ];
  it.each(answers)(
    "%s: said in the ledger and on the phone, and not asked for again",
    async (_what, answer, problem) => {
      const made = await answered(answer);
      expect(made.push()).toMatchObject({ outcome: "bad-answer", problem: expect.stringMatching(problem) });
      expect(made.receiver.got).toHaveLength(1);
      expect(shown(made)).toEqual([SERVICE_FAILED]);
      expect(made.sim.ledger.messages).toEqual([]);
    },
  );
});

describe("encrypted replies", () => {
  const cipher = new Cipher(AES_KEY, APP_ID);
  const plain = reply(ID, "text", "<Content>hi</Content>");
  const sealed = (encrypt: string, { token = TOKEN, timestamp = "1713424427", nonce = "415670741" } = {}) =>
    `<xml><Encrypt><![CDATA[${encrypt}]]></Encrypt><MsgSignature><![CDATA[${signatureOf(token, timestamp, nonce, encrypt)}]]></MsgSignature><TimeStamp>${timestamp}</TimeStamp><Nonce><![CDATA[${nonce}]]></Nonce></xml>`;
  const safe = { encodingAesKey: AES_KEY };
  const text: FollowerAction = { type: "text", text: "?" };

  it.each([
    ["safe", sealed(cipher.encrypt(plain))],
    ["compatible", sealed(cipher.encrypt(plain))],
    ["compatible", plain],
    ["safe", ""],
    ["safe", "success"],
  ])("%s takes %s", async (callbackMode, answer) => {
    const made = await answered(answer, text, { ...safe, callbackMode });
    expect(made.sim.ledger.messages.map(({ text: words }) => words)).toEqual(answer.startsWith("<") ? ["hi"] : []);
    expect(shown(made)).toEqual([]);
  });

  const bad: [string, string, RegExp][] = [
    ["a plain reply", plain, /not encrypted/],
    ["a wrong signature", sealed(cipher.encrypt(plain), { token: "other" }), /MsgSignature is wrong/],
    ["a TimeStamp in words", sealed(cipher.encrypt(plain), { timestamp: "now" }), /TimeStamp/],
    ["another AppID", sealed(new Cipher(AES_KEY, "wx1").encrypt(plain)), /AppID inside Encrypt/],
    ["another key", sealed(new Cipher("C".repeat(43), APP_ID).encrypt(plain)), /PKCS#7|length|AppID/],
    ["no XML inside", sealed(cipher.encrypt("hi")), /inside Encrypt there is no XML/],
    ["no signature", `<xml><Encrypt>${cipher.encrypt(plain)}</Encrypt></xml>`, /needs Encrypt, MsgSignature/],
  ];
  it.each(bad)("safe refuses %s", async (_what, answer, problem) => {
    const made = await answered(answer, text, safe);
    expect(made.push()).toMatchObject({ outcome: "bad-answer", problem: expect.stringMatching(problem) });
    expect(shown(made)).toEqual([SERVICE_FAILED]);
  });
});

describe("replies in JSON", () => {
  const frame = { ToUserName: ID, FromUserName: "gh_desk", CreateTime: 12345678 };
  const articles = { ArticleCount: 2, Articles: [{ Title: "1" }, { Title: "2" }] };

  it.each([
    [{ ...frame, MsgType: "text", Content: "hi" }, [{ text: "hi" }]],
    [{ ...frame, MsgType: "image", Image: { MediaId: "a-image" } }, [{ body: { Image: { MediaId: "a-image" } } }]],
    [{ ...frame, MsgType: "news", ...articles }, [{ body: { ArticleCount: 1, Articles: [{ Title: "1" }] } }]],
    [{ ...frame, MsgType: "text", Content: 1 }, []],
    [{ MsgType: "text", Content: "hi" }, []],
  ])("%o", async (answer, messages) => {
    const { sim } = await answered(JSON.stringify(answer), undefined, { callbackFormat: "json" });
    expect(sim.ledger.messages).toMatchObject(messages);
  });

  it("XML is none", async () => {
    const made = await answered(reply(ID, "text", "<Content>x</Content>"), undefined, { callbackFormat: "json" });
    expect(made.push().problem).toMatch(/nor JSON/);
  });
});

it("transfer_biz_ai_ivr hands the follower to WeChat's own AI", async () => {
  const made = await answered(reply(ID, "transfer_biz_ai_ivr", ""));
  expect(made.push().outcome).toBe("handed-to-ai");
  expect(shown(made)).toEqual([]);
});
