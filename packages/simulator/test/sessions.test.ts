import { DEFAULT_FOLLOWER, type Simulator } from "@wechat-offiaccount/simulator";
import { describe, expect, it } from "vitest";
import { type Caller, HOUR, MINUTE, MORNING, ready, text } from "./support.js";

const KF = "/customservice/kfsession";
const RECORDS = "/customservice/msgrecord/getmsglist";
const SHOP = { wechatId: "shop", kfAccounts: ["anna@shop", "bob@shop"] };
const ID = DEFAULT_FOLLOWER;
const SECONDS = MORNING / 1000;
const pair = (kf_account = "anna@shop", openid = ID) => ({ kf_account, openid });

describe("kfsession", () => {
  it("creates a session, shows it and closes it", async () => {
    const { caller, sim, token } = await ready(SHOP);
    expect(await caller.get(`${KF}/getsession`, token, { openid: ID })).toEqual({ kf_account: "" });
    expect(await caller.post(`${KF}/create`, token, pair())).toEqual({ errcode: 0, errmsg: "ok" });
    sim.clock.advance(MINUTE);
    expect((await caller.post(`${KF}/create`, token, pair())).errcode).toBe(0);
    expect(await caller.get(`${KF}/getsession`, token, { openid: ID })).toEqual({
      createtime: SECONDS,
      kf_account: "anna@shop",
    });
    expect(await caller.get(`${KF}/getsessionlist`, token, { kf_account: "anna@shop" })).toEqual({
      sessionlist: [{ createtime: SECONDS, openid: ID }],
    });
    expect(await caller.get(`${KF}/getsessionlist`, token, { kf_account: "bob@shop" })).toEqual({ sessionlist: [] });
    const online = await caller.get("/cgi-bin/customservice/getonlinekflist", token);
    expect(online.kf_online_list).toMatchObject([{ accepted_case: 1 }, { accepted_case: 0 }]);
    const { accounts } = (await (await fetch(`${sim.url}/simulator/state`)).json()) as { accounts: unknown[] };
    expect(accounts).toMatchObject([{ agents: [{ kfAccount: "anna@shop", sessions: [ID] }, { sessions: [] }] }]);
    expect((await caller.post(`${KF}/create`, token, pair("bob@shop"))).errcode).toBe(65414);
    expect((await caller.post(`${KF}/close`, token, pair("bob@shop"))).errcode).toBe(65414);
    expect((await caller.post(`${KF}/close`, token, pair())).errcode).toBe(0);
    expect((await caller.post(`${KF}/close`, token, pair())).errcode).toBe(65413);
    expect((await caller.post(`${KF}/create`, token, pair("bob@shop"))).errcode).toBe(0);
  });

  it("ends with the agent, and with a follower who leaves", async () => {
    const { caller, sim, token } = await ready(SHOP);
    await caller.post(`${KF}/create`, token, pair());
    await caller.post("/customservice/kfaccount/del", token, { kf_account: "anna@shop" });
    expect(await caller.get(`${KF}/getsession`, token, { openid: ID })).toEqual({ kf_account: "" });
    await caller.post(`${KF}/create`, token, pair("bob@shop"));
    sim.interact(ID, "unfollow");
    expect(await caller.get(`${KF}/getsessionlist`, token, { kf_account: "bob@shop" })).toEqual({ sessionlist: [] });
  });

  it.each([
    ["create", "an unknown agent", pair("x@shop"), 65401],
    ["create", "no agent", { openid: ID }, 61451],
    ["create", "an unknown openid", pair("anna@shop", "oNobody"), 40003],
    ["create", "one who left", pair("anna@shop", "oGone"), 40003],
    ["create", "no openid", { kf_account: "anna@shop" }, 40003],
    ["create", "an agent bound to nobody", pair("new@shop"), 65402],
    ["create", "an agent who is away", pair("bob@shop"), 65415],
    ["create", "nothing", "", 44002],
    ["close", "an unknown agent", pair("x@shop"), 65401],
    ["close", "an unknown openid", pair("anna@shop", "oNobody"), 40003],
    ["close", "no session", pair(), 65413],
  ])("%s refuses %s", async (what, _why, body, errcode) => {
    const { caller, sim, token } = await ready(SHOP);
    sim.addFollower({ openid: "oGone", subscribed: false });
    sim.changeAgent({ kfAccount: "bob@shop", online: false });
    await caller.post("/customservice/kfaccount/add", token, { kf_account: "new@shop", nickname: "x" });
    expect((await caller.post(`${KF}/${what}`, token, body)).errcode).toBe(errcode);
  });

  it("the queries refuse unknown openids and agents", async () => {
    const { caller, token } = await ready(SHOP);
    expect((await caller.get(`${KF}/getsession`, token, { openid: "oNobody" })).errcode).toBe(40003);
    expect((await caller.get(`${KF}/getsession`, token)).errcode).toBe(40003);
    expect((await caller.get(`${KF}/getsessionlist`, token, { kf_account: "x@shop" })).errcode).toBe(65401);
    expect((await caller.get(`${KF}/getsessionlist`, token)).errcode).toBe(65401);
  });

  it("shows who waits for an agent, at most 100, until an agent takes them", async () => {
    const { caller, sim, token } = await ready(SHOP);
    expect(await caller.get(`${KF}/getwaitcase`, token)).toEqual({ count: 0, waitcaselist: [] });
    sim.transfer(ID);
    sim.clock.advance(MINUTE);
    sim.interact(ID, "message");
    expect(await caller.get(`${KF}/getwaitcase`, token)).toEqual({
      count: 1,
      waitcaselist: [{ latest_time: SECONDS + 60, openid: ID }],
    });
    for (let i = 0; i < 120; i++) {
      sim.addFollower({ openid: `o${i}` });
      await fetch(`${sim.url}/simulator/transfer`, { method: "POST", body: JSON.stringify({ openid: `o${i}` }) });
    }
    const queue = await caller.get(`${KF}/getwaitcase`, token);
    expect(queue.count).toBe(121);
    expect(queue.waitcaselist).toHaveLength(100);
    await caller.post(`${KF}/create`, token, pair());
    sim.transfer(ID);
    expect((await caller.get(`${KF}/getwaitcase`, token)).count).toBe(120);
    sim.interact("o0", "unfollow");
    expect((await caller.get(`${KF}/getwaitcase`, token)).count).toBe(119);
    expect(() => sim.transfer("oNobody")).toThrow(/^openid: no account has the follower "oNobody"/);
  });
});

it.each([
  ["POST", "/customservice/kfaccount/add"],
  ["POST", "/customservice/kfaccount/update"],
  ["POST", "/customservice/kfaccount/del"],
  ["POST", "/customservice/kfaccount/inviteworker"],
  ["POST", "/customservice/kfaccount/uploadheadimg"],
  ["GET", "/cgi-bin/customservice/getkflist"],
  ["GET", "/cgi-bin/customservice/getonlinekflist"],
  ["POST", `${KF}/create`],
  ["POST", `${KF}/close`],
  ["GET", `${KF}/getsession`],
  ["GET", `${KF}/getsessionlist`],
  ["GET", `${KF}/getwaitcase`],
  ["POST", RECORDS],
])("%s %s answers 65400 while the customer service is switched off", async (method, path) => {
  const { caller, token } = await ready({ ...SHOP, customerService: false });
  const answer = await (method === "GET" ? caller.get(path, token) : caller.post(path, token, {}));
  expect(answer).toMatchObject({ errcode: 65400, errmsg: expect.stringMatching(/^please enable new custom service/) });
});

describe("msgrecord/getmsglist", () => {
  const day = { starttime: SECONDS, endtime: SECONDS + 24 * 3600, msgid: 1, number: 10_000 };

  /** Four records: one in a session, one before, and what the follower wrote. */
  async function conversation(caller: Caller, sim: Simulator, token: string) {
    sim.interact(ID, "message", { text: "你好" });
    await caller.send(token, text("您好"));
    await caller.post(`${KF}/create`, token, pair());
    sim.clock.advance(MINUTE);
    sim.interact(ID, "message", { text: "有什么事情?" });
    sim.addMedia({ mediaId: "i", type: "image" });
    const as = { customservice: { kf_account: "anna@shop" } };
    await caller.send(token, { touser: ID, msgtype: "image", image: { media_id: "i" }, ...as });
  }

  it("has what was delivered and what followers wrote, in order", async () => {
    const { caller, sim, token } = await ready(SHOP);
    await conversation(caller, sim, token);
    const answer = await caller.post(RECORDS, token, day);
    const openid = ID;
    expect(answer).toEqual({
      recordlist: [
        { openid, opercode: 2003, text: "你好", time: SECONDS, worker: "" },
        { openid, opercode: 2002, text: "您好", time: SECONDS, worker: "" },
        { openid, opercode: 2003, text: "有什么事情?", time: SECONDS + 60, worker: "anna@shop" },
        { openid, opercode: 2002, text: "[image]", time: SECONDS + 60, worker: "anna@shop" },
      ],
      number: 4,
      msgid: expect.any(Number),
    });
    expect(answer.msgid).toBeGreaterThan(1);
  });

  it("has no refused message, no interaction without words, and none of another account", async () => {
    const { caller, sim, token } = await ready(SHOP);
    await caller.send(token, text(""));
    sim.interact(ID, "message");
    sim.interact(ID, "menu-click");
    sim.addAccount({ appId: "wx2", secret: "s" });
    sim.interact(ID, "message", { appId: "wx2", text: "elsewhere" });
    expect(await caller.post(RECORDS, token, day)).toEqual({ recordlist: [], number: 0, msgid: 0 });
    expect((await caller.post(RECORDS, await caller.token("wx2", "s"), day)).number).toBe(1);
  });

  it("pages by the msgid of the page before, until a page is empty", async () => {
    const { caller, sim, token } = await ready(SHOP);
    await conversation(caller, sim, token);
    const pages: unknown[] = [];
    for (let msgid = 1; msgid !== 0; ) {
      const page = await caller.post(RECORDS, token, { ...day, msgid, number: 3 });
      pages.push((page.recordlist as { text: string }[]).map((record) => record.text));
      msgid = page.msgid as number;
    }
    expect(pages).toEqual([["你好", "您好", "有什么事情?"], ["[image]"], []]);
  });

  it("gives only what lies between the times, both included", async () => {
    const { caller, sim, token } = await ready(SHOP);
    await conversation(caller, sim, token);
    const count = async (starttime: number, endtime: number) =>
      (await caller.post(RECORDS, token, { ...day, starttime, endtime })).number;
    expect(await count(SECONDS, SECONDS + 59)).toBe(2);
    expect(await count(SECONDS + 60, SECONDS + 60)).toBe(2);
    expect(await count(SECONDS + 1, SECONDS + 59)).toBe(0);
    sim.clock.advance(HOUR);
    expect(await count(SECONDS, SECONDS + 3600)).toBe(4);
  });

  it.each([
    ["more than 24 hours", { ...day, endtime: day.endtime + 1 }, 65417],
    ["an end before the beginning", { ...day, endtime: SECONDS - 1 }, 65416],
    ["msgid 0", { ...day, msgid: 0 }, 65416],
    ["number 0", { ...day, number: 0 }, 65416],
    ["number 10001", { ...day, number: 10_001 }, 65416],
    ["no number", { ...day, number: undefined }, 65416],
    ["times that are text", { ...day, starttime: String(SECONDS) }, 65416],
    ["half a second", { ...day, starttime: SECONDS + 0.5 }, 65416],
    ["nothing", "", 44002],
  ])("refuses %s", async (_what, body, errcode) => {
    const { caller, token } = await ready(SHOP);
    expect((await caller.post(RECORDS, token, body)).errcode).toBe(errcode);
  });

  it("takes a follower's words over the control API, with the scene message only", async () => {
    const { caller, sim, token } = await ready(SHOP);
    const act = (body: object) =>
      fetch(`${sim.url}/simulator/interact`, { method: "POST", body: JSON.stringify(body) });
    expect((await act({ openid: ID, scene: "message", text: "hi there" })).status).toBe(200);
    expect((await act({ openid: ID, scene: "scan", text: "hi" })).status).toBe(400);
    expect((await act({ openid: ID, scene: "message", text: 1 })).status).toBe(400);
    expect(() => sim.interact(ID, "follow", { text: "x" })).toThrow(/^text: is for the scene "message"/);
    expect((await caller.post(RECORDS, token, day)).recordlist).toMatchObject([{ text: "hi there" }]);
  });
});
