import { DEFAULT_APP_ID, DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";
import { expect, it } from "vitest";
import { account, MINUTE, MORNING, ready, start, text } from "./support.js";

const SEND = "/cgi-bin/message/template/send";
const LIST = "/cgi-bin/template/get_all_private_template";
const ID = "V4Gx8O_WixAGUIkYwjm2EuWBbq-L-wz8KUJzhMoUJXk";

const ACCOUNT = {
  linkedMiniPrograms: ["wxmini0000000000001"],
  templates: [
    {
      templateId: ID,
      title: "订单支付成功",
      content: "{{first.DATA}}\n金额：{{keyword1.DATA}}",
      primaryIndustry: "IT科技",
      deputyIndustry: "互联网|电子商务",
      example: "您好\n金额：1元",
    },
    { templateId: "T2", title: "空", content: "no place" },
  ],
};
const data = { first: { value: "您好" }, keyword1: { value: "9.9元", color: "#173177" }, other: { value: "x" } };
const body = (more: Record<string, unknown> = {}) => ({ touser: DEFAULT_FOLLOWER, template_id: ID, data, ...more });

/** The answer as text: JSON.parse would round the msgid. */
async function send(sim: { url: string }, token: string, content: unknown): Promise<string> {
  const answer = await fetch(`${sim.url}${SEND}?access_token=${token}`, {
    method: "POST",
    body: JSON.stringify(content),
  });
  return answer.text();
}

it("delivers a filled template, with a msgid of 19 digits that JSON.parse would spoil", async () => {
  const { sim, token } = await ready(ACCOUNT);
  const answer = await send(sim, token, body({ url: "http://weixin.qq.com/download" }));
  const msgid = /^\{"errcode":0,"errmsg":"ok","msgid":(\d{19})\}$/.exec(answer)?.[1];
  expect(msgid).toBeDefined();
  expect(String(JSON.parse(msgid!))).not.toBe(msgid);
  expect(sim.ledger.messages).toEqual([
    {
      id: 1,
      callId: 2,
      time: MORNING,
      appId: DEFAULT_APP_ID,
      openid: DEFAULT_FOLLOWER,
      msgtype: "template",
      text: "您好\n金额：9.9元",
      body: body({ url: "http://weixin.qq.com/download" }),
      ai: false,
    },
  ]);
});

it("reaches a follower whose window is closed, and uses none of the replies", async () => {
  const { caller, sim, token } = await ready(ACCOUNT);
  sim.addFollower({ openid: "oQuiet", window: "closed" });
  expect((await caller.post(SEND, token, body({ touser: "oQuiet" }))).errcode).toBe(0);
  for (let i = 0; i < 6; i++) expect((await caller.post(SEND, token, body())).errcode).toBe(0);
  const answers: unknown[] = [];
  for (let i = 0; i < 6; i++) answers.push((await caller.send(token, text("x"))).errcode);
  expect(answers).toEqual([0, 0, 0, 0, 0, 45047]);
});

it("does not reach one who blocks the account, although the call succeeds", async () => {
  const { caller, sim, token } = await ready(ACCOUNT);
  sim.addFollower({ openid: "oRefuses", refuses: true });
  sim.addFollower({ openid: "oBlack", blacklisted: true });
  for (const touser of ["oRefuses", "oBlack"]) {
    expect((await caller.post(SEND, token, body({ touser }))).errcode).toBe(0);
  }
  expect(sim.ledger.messages).toEqual([]);
});

it("sends once for a client_msg_id to an openid, for ten minutes", async () => {
  const { sim, token } = await ready(ACCOUNT);
  sim.addFollower({ openid: "oOther" });
  const guarded = body({ client_msg_id: "MSG_000001" });
  const first = await send(sim, token, guarded);
  sim.clock.advance(10 * MINUTE - 1);
  expect(await send(sim, token, guarded)).toBe(first);
  expect(sim.ledger.messages).toHaveLength(1);
  expect(await send(sim, token, { ...guarded, touser: "oOther" })).not.toBe(first);
  expect(await send(sim, token, body({ client_msg_id: "MSG_000002" }))).not.toBe(first);
  expect(sim.ledger.messages).toHaveLength(3);
  sim.clock.advance(1);
  expect(await send(sim, token, guarded)).not.toBe(first);
  expect(sim.ledger.messages).toHaveLength(4);
});

it("guards a call that was delivered although the caller was told to try again", async () => {
  const { caller, sim, token } = await ready(ACCOUNT);
  sim.inject({ kind: "busy-delivered", path: SEND });
  const guarded = body({ client_msg_id: "1" });
  expect((await caller.post(SEND, token, guarded)).errcode).toBe(-1);
  expect((await caller.post(SEND, token, guarded)).errcode).toBe(0);
  expect(sim.ledger.messages).toHaveLength(1);
});

it.each([
  ["an unknown openid", body({ touser: "oNobody" }), 40003, /^invalid openid/],
  ["no openid", body({ touser: undefined }), 40003, /^invalid openid/],
  ["one who left", body({ touser: "oGone" }), 43004, /^require subscribe/],
  ["no template_id", body({ template_id: undefined }), 40036, /^invalid template_id size rid/],
  ["an unknown template_id", body({ template_id: "x" }), 40037, /^invalid template_id rid/],
  ["no data", body({ data: undefined }), 47001, /^data format error/],
  ["a missing value", body({ data: { first: { value: "x" } } }), 47003, /data\.keyword1\.value is empty rid/],
  ["an empty value", body({ data: { ...data, first: { value: "" } } }), 47003, /data\.first\.value is empty/],
  ["a value that is a number", body({ data: { ...data, first: { value: 1 } } }), 47001, /data format/],
  ["a bare value", body({ data: { ...data, first: "x" } }), 47001, /data format/],
  ["a url that is a number", body({ url: 1 }), 47001, /data format/],
  ["an unlinked mini program", body({ miniprogram: { appid: "wx9" } }), 40168, /rid/],
  ["a mini program without AppID", body({ miniprogram: { pagepath: "p" } }), 40166, /rid/],
  ["a mini program that is none", body({ miniprogram: "wx9" }), 47001, /rid/],
  ["a long client_msg_id", body({ client_msg_id: "x".repeat(65) }), 45067, /rid/],
  ["nothing", "", 44002, /^empty post data/],
])("refuses %s", async (_what, content, errcode, errmsg) => {
  const { caller, sim, token } = await ready(ACCOUNT);
  sim.addFollower({ openid: "oGone", subscribed: false });
  const answer = await caller.post(SEND, token, content);
  expect(answer).toMatchObject({ errcode, errmsg: expect.stringMatching(errmsg) });
  expect(sim.ledger.messages).toEqual([]);
});

it("takes a linked mini program", async () => {
  const { caller, token } = await ready(ACCOUNT);
  const miniprogram = { appid: "wxmini0000000000001", pagepath: "pages/index" };
  expect((await caller.post(SEND, token, body({ miniprogram }))).errcode).toBe(0);
});

it("lists the account's templates", async () => {
  const { caller, token } = await ready(ACCOUNT);
  expect(await caller.get(LIST, token)).toEqual({
    template_list: [
      {
        template_id: ID,
        title: "订单支付成功",
        primary_industry: "IT科技",
        deputy_industry: "互联网|电子商务",
        content: "{{first.DATA}}\n金额：{{keyword1.DATA}}",
        example: "您好\n金额：1元",
      },
      { template_id: "T2", title: "空", primary_industry: "", deputy_industry: "", content: "no place", example: "" },
    ],
  });
  const plain = await ready();
  expect(await plain.caller.get(LIST, plain.token)).toEqual({ template_list: [] });
});

it.each([
  [[{ templateId: "a", title: "t" }], /^accounts\[0\]\.templates\[0\]\.content: give a string/],
  [[{ templateId: "", title: "t", content: "" }], /templates\[0\]\.templateId: give a non-empty/],
  [Array(2).fill({ templateId: "a", title: "t", content: "" }), /templates: "a" is given twice/],
  ["x", /templates: give an array/],
])("refuses bad templates: %o", async (templates, message) => {
  await expect(start({ accounts: [account({ templates })] as never })).rejects.toThrow(message);
});
