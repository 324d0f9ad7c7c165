import { DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";
import { describe, expect, it } from "vitest";
import { type Desk, desk, element, reply } from "./receiver.js";
import { MINUTE } from "./support.js";

const ID = DEFAULT_FOLLOWER;
const KF = "/customservice/kfsession";
const SHOP = { wechatId: "shop", kfAccounts: ["anna@shop", "bob@shop"] };
const hello = { type: "text", text: "你好" } as const;
const TO_AGENT = { notPushed: "the message went to the human agent with whom the follower is in a session" };
const named = (account: string) => `<TransInfo><KfAccount><![CDATA[${account}]]></KfAccount></TransInfo>`;

/** Event or MsgType, and the agents, of all that came. */
function got({ receiver }: Desk): (string | undefined)[][] {
  return receiver.got.map(({ body }) =>
    ["Event", "Content", "KfAccount", "FromKfAccount", "ToKfAccount"]
      .map((name) => element(body, name))
      .filter((value) => value !== undefined),
  );
}

async function transferred(transInfo = "", more = {}): Promise<Desk & { token: string }> {
  const made = await desk({ ...SHOP, ...more });
  made.receiver.answer = (_request, index) =>
    index === 0 ? reply(ID, "transfer_customer_service", transInfo) : "success";
  made.sim.act(ID, hello);
  await made.sim.pushed();
  return { ...made, token: await made.caller.token() };
}

describe("transfer_customer_service", () => {
  it("queues the follower, whose messages still come to the callback until an agent takes the session", async () => {
    const made = await transferred();
    const { sim, caller, token, push } = made;
    expect(push()).toMatchObject({ outcome: "transferred" });
    expect(await caller.get(`${KF}/getwaitcase`, token)).toMatchObject({ count: 1, waitcaselist: [{ openid: ID }] });
    sim.act(ID, { type: "text", text: "waiting" });
    await caller.post(`${KF}/create`, token, { kf_account: "bob@shop", openid: ID });
    expect(sim.act(ID, { type: "text", text: "to the agent" })).toEqual(TO_AGENT);
    expect(sim.act(ID, { type: "image" })).toEqual({ ...TO_AGENT, mediaId: expect.any(String) });
    sim.act(ID, { type: "menu", key: "K" });
    await sim.pushed();
    expect(got(made).sort()).toEqual([["CLICK"], ["kf_create_session", "bob@shop"], ["waiting"], ["你好"]]);
    const seconds = sim.clock.now() / 1000;
    const records = { starttime: seconds, endtime: seconds, msgid: 1, number: 10 };
    expect((await caller.post("/customservice/msgrecord/getmsglist", token, records)).recordlist).toMatchObject([
      { text: "你好", worker: "" },
      { text: "waiting", worker: "" },
      { text: "to the agent", worker: "bob@shop" },
      { text: "[image]", worker: "bob@shop" },
    ]);
    expect(sim.ledger.lines.map(({ text }) => text)).toEqual(["你好", "waiting", "to the agent", "[image]"]);
  });

  it("to a named agent who is there opens the session at once", async () => {
    const made = await transferred(named("anna@shop"));
    expect(got(made)).toEqual([["你好"], ["kf_create_session", "anna@shop"]]);
    expect(made.sim.act(ID, hello)).toEqual(TO_AGENT);
  });

  it("to a named agent who is away waits for that one, whoever else comes", async () => {
    const made = await desk(SHOP);
    const { sim, receiver } = made;
    for (const kfAccount of SHOP.kfAccounts) sim.changeAgent({ kfAccount, online: false });
    receiver.answer = (_request, index) =>
      index === 0 ? reply(ID, "transfer_customer_service", named("anna@shop")) : "success";
    sim.act(ID, hello);
    await sim.pushed();
    sim.changeAgent({ kfAccount: "bob@shop", online: true });
    await sim.pushed();
    expect(got(made)).toEqual([["你好"]]);
    sim.changeAgent({ kfAccount: "anna@shop", online: true });
    await sim.pushed();
    expect(got(made)).toEqual([["你好"], ["kf_create_session", "anna@shop"]]);
  });

  it("is for messages only, and for accounts with customer service", async () => {
    const { sim, receiver, push, caller } = await desk(SHOP);
    receiver.answer = () => reply(ID, "transfer_customer_service", named("anna@shop"));
    sim.act(ID, { type: "menu" });
    await sim.pushed();
    expect(push()).toMatchObject({ outcome: "ignored", problem: expect.stringMatching(/not for events/) });
    expect(await caller.get(`${KF}/getsession`, await caller.token(), { openid: ID })).toEqual({ kf_account: "" });
    const off = await transferred("", { customerService: false });
    expect(off.push()).toMatchObject({ outcome: "ignored", problem: expect.stringMatching(/switched off/) });
  });

  it("after 30 minutes that nobody ended the session in, messages come to the callback again", async () => {
    const made = await transferred(named("anna@shop"));
    const { sim, receiver } = made;
    sim.clock.advance(30 * MINUTE - 1);
    expect(sim.act(ID, hello)).toEqual(TO_AGENT);
    sim.clock.advance(1);
    expect(sim.act(ID, hello).pushId).toBeDefined();
    await sim.pushed();
    receiver.answer = (_request, index) =>
      index === 3 ? reply(ID, "transfer_customer_service", named("bob@shop")) : "success";
    sim.act(ID, { type: "text", text: "again" });
    await sim.pushed();
    expect(got(made).slice(3)).toEqual([
      ["again"],
      ["kf_close_session", "anna@shop"],
      ["kf_create_session", "bob@shop"],
    ]);
  });
});

describe("events of sessions", () => {
  it("come when the API opens and closes one, and when an agent hands it on", async () => {
    const made = await desk(SHOP);
    const { sim, caller } = made;
    const token = await caller.token();
    await caller.post(`${KF}/create`, token, { kf_account: "anna@shop", openid: ID });
    await sim.pushed();
    await caller.post(`${KF}/create`, token, { kf_account: "anna@shop", openid: ID });
    sim.switchSession(ID, "bob@shop");
    await sim.pushed();
    await caller.post(`${KF}/close`, token, { kf_account: "bob@shop", openid: ID });
    await sim.pushed();
    expect(got(made)).toEqual([
      ["kf_create_session", "anna@shop"],
      ["kf_switch_session", "anna@shop", "bob@shop"],
      ["kf_close_session", "bob@shop"],
    ]);
    expect(made.receiver.got[0]?.body).toMatch(
      /<MsgType><!\[CDATA\[event\]\]><\/MsgType><Event>.*<\/Event><KfAccount><!\[CDATA\[anna@shop\]\]><\/KfAccount><\/xml>$/,
    );
    sim.act(ID, hello);
    await sim.pushed();
    expect(got(made)).toHaveLength(4);
  });

  it("come when the agent's account is deleted", async () => {
    const made = await desk(SHOP);
    const { sim, caller } = made;
    const token = await caller.token();
    await caller.post(`${KF}/create`, token, { kf_account: "anna@shop", openid: ID });
    await sim.pushed();
    await caller.post("/customservice/kfaccount/del", token, { kf_account: "anna@shop" });
    await sim.pushed();
    expect(got(made)[1]).toEqual(["kf_close_session", "anna@shop"]);
  });

  it("a session can be switched only when there is one, to an agent who is there", async () => {
    const { sim } = await desk(SHOP);
    expect(() => sim.switchSession(ID, "bob@shop")).toThrow(/^openid: \S+ is in no session/);
    sim.changeAgent({ kfAccount: "bob@shop", online: false });
    expect(() => sim.switchSession(ID, "bob@shop")).toThrow(/^kfAccount: no agent "bob@shop" is online/);
  });

  it("answers to them are not shown", async () => {
    const { sim, caller, receiver, push } = await desk(SHOP);
    receiver.answer = () => reply(ID, "text", "<Content>x</Content>");
    await caller.post(`${KF}/create`, await caller.token(), { kf_account: "anna@shop", openid: ID });
    await sim.pushed();
    expect(push()).toMatchObject({ event: "kf_create_session", outcome: "ignored" });
    expect(sim.ledger.messages).toEqual([]);
  });
});

describe("TEMPLATESENDJOBFINISH", () => {
  const templates = [{ templateId: "T1", title: "t", content: "{{a.DATA}}" }];
  const body = { touser: ID, template_id: "T1", data: { a: { value: "1" } }, client_msg_id: "once" };

  it.each([
    ["success", {}],
    ["failed:user block", { refuses: true }],
    ["failed:user block", { blacklisted: true }],
  ])("says %s of %o, once for a message that is guarded against repeats", async (status, follower) => {
    const { sim, caller, receiver } = await desk({ templates });
    sim.addFollower({ openid: ID, ...follower });
    const init = { method: "POST", body: JSON.stringify(body) };
    const path = `/cgi-bin/message/template/send?access_token=${await caller.token()}`;
    const msgid = /"msgid":(\d+)/.exec(await (await fetch(sim.url + path, init)).text())?.[1];
    await fetch(sim.url + path, init);
    await sim.pushed();
    expect(receiver.got).toHaveLength(1);
    expect(receiver.got[0]?.body).toContain(
      `<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[TEMPLATESENDJOBFINISH]]></Event><MsgID>${msgid}</MsgID><Status><![CDATA[${status}]]></Status></xml>`,
    );
  });
});
