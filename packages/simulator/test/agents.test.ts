import { DEFAULT_FOLLOWER, SimulatorOptionError } from "@wechat-offiaccount/simulator";
import { describe, expect, it } from "vitest";
import { account, FILES, HOUR, MORNING, ready, text, type Upload } from "./support.js";

const KF = "/customservice/kfaccount";
const LIST = "/cgi-bin/customservice/getkflist";
const ONLINE = "/cgi-bin/customservice/getonlinekflist";
const SHOP = { wechatId: "shop", kfAccounts: ["anna@shop"] };
const bob = { kf_account: "bob@shop", nickname: "客服 Bob" };
const DAY = 24 * HOUR;

describe("the list of agents", () => {
  it("has those of the account's options: bound to a user and online", async () => {
    const { caller, token } = await ready(SHOP);
    expect(await caller.get(LIST, token)).toEqual({
      kf_list: [
        {
          kf_account: "anna@shop",
          kf_headimgurl: "",
          kf_id: "1001",
          kf_nick: "anna",
          kf_wx: "wx_anna",
          kf_openid: expect.stringMatching(/^oSim/),
        },
      ],
    });
    expect(await caller.get(ONLINE, token)).toEqual({
      kf_online_list: [
        {
          kf_account: "anna@shop",
          status: 1,
          kf_id: "1001",
          accepted_case: 0,
          kf_openid: expect.stringMatching(/^oSim/),
        },
      ],
    });
  });

  it("follows a change of the options, and keeps what was added", async () => {
    const { caller, sim, token } = await ready(SHOP);
    await caller.post(`${KF}/add`, token, bob);
    const open = { kf_account: "anna@shop", openid: DEFAULT_FOLLOWER };
    await caller.post("/customservice/kfsession/create", token, open);
    sim.addAccount(account({ ...SHOP, kfAccounts: ["cleo@shop"] }));
    const { kf_list } = await caller.get(LIST, token);
    expect((kf_list as { kf_account: string }[]).map(({ kf_account }) => kf_account)).toEqual([
      "bob@shop",
      "cleo@shop",
    ]);
    const session = await caller.get("/customservice/kfsession/getsession", token, { openid: DEFAULT_FOLLOWER });
    expect(session).toEqual({ kf_account: "" });
  });
});

describe("kfaccount/add", () => {
  it("adds an agent, whom messages can name, and who is bound to nobody yet", async () => {
    const { caller, sim, token } = await ready(SHOP);
    expect(await caller.post(`${KF}/add`, token, { ...bob, business_id: "1" })).toEqual({ errcode: 0, errmsg: "ok" });
    const { kf_list } = await caller.get(LIST, token);
    expect(kf_list).toContainEqual({
      kf_account: "bob@shop",
      kf_headimgurl: "",
      kf_id: "1002",
      kf_nick: "客服 Bob",
    });
    const as = { customservice: { kf_account: "bob@shop" } };
    expect((await caller.send(token, text("x", as))).errcode).toBe(0);
    expect(sim.ledger.messages[0]?.kfAccount).toBe("bob@shop");
  });

  it.each([
    ["no name", { nickname: "x" }, 61451],
    ["a name without @", { kf_account: "bob", nickname: "x" }, 65404],
    ["another account's WeChat ID", { kf_account: "bob@other", nickname: "x" }, 65404],
    ["an empty prefix", { kf_account: "@shop", nickname: "x" }, 65404],
    ["a prefix of 11", { kf_account: "abcdefghijk@shop", nickname: "x" }, 61454],
    ["a prefix in Chinese", { kf_account: "客服@shop", nickname: "x" }, 61455],
    ["a prefix with a hyphen", { kf_account: "b-b@shop", nickname: "x" }, 61455],
    ["no nickname", { kf_account: "bob@shop" }, 61451],
    ["an empty nickname", { kf_account: "bob@shop", nickname: "" }, 65403],
    ["a nickname of 17", { kf_account: "bob@shop", nickname: "客".repeat(17) }, 65403],
    ["a business_id that is a number", { ...bob, business_id: 1 }, 47001],
    ["one that there is", { kf_account: "anna@shop", nickname: "x" }, 65406],
    ["nothing", "", 44002],
  ])("refuses %s", async (_what, body, errcode) => {
    const { caller, token } = await ready(SHOP);
    expect((await caller.post(`${KF}/add`, token, body)).errcode).toBe(errcode);
    expect((await caller.get(LIST, token)).kf_list).toHaveLength(1);
  });

  it("takes a prefix of 10 and a nickname of 16", async () => {
    const { caller, token } = await ready(SHOP);
    const most = { kf_account: "abcdefgh_0@shop", nickname: "客".repeat(16) };
    expect((await caller.post(`${KF}/add`, token, most)).errcode).toBe(0);
  });

  it("stops at 100", async () => {
    const { caller, token } = await ready();
    const errcodes: unknown[] = [];
    for (let i = 0; i <= 100; i++) {
      errcodes.push((await caller.post(`${KF}/add`, token, { kf_account: `a${i}@simulator`, nickname: "x" })).errcode);
    }
    expect(errcodes).toEqual([...Array(100).fill(0), 65405]);
  });

  it("does not work for a test account", async () => {
    const { caller, token } = await ready({ ...SHOP, test: true });
    expect((await caller.post(`${KF}/add`, token, bob)).errcode).toBe(61450);
  });
});

it("update changes the nickname, del deletes, by POST and by the older GET", async () => {
  const { caller, token } = await ready({ wechatId: "shop", kfAccounts: ["anna@shop", "bob@shop"] });
  const nick = async () => {
    const { kf_list } = await caller.get(LIST, token);
    return (kf_list as { kf_nick: string }[]).map(({ kf_nick }) => kf_nick);
  };
  expect((await caller.post(`${KF}/update`, token, bob)).errcode).toBe(0);
  expect(await nick()).toEqual(["anna", "客服 Bob"]);
  expect((await caller.post(`${KF}/update`, token, { ...bob, nickname: "" })).errcode).toBe(65403);
  expect((await caller.post(`${KF}/update`, token, { ...bob, kf_account: "x@shop" })).errcode).toBe(65401);
  expect((await caller.post(`${KF}/update`, token, { nickname: "x" })).errcode).toBe(61451);
  expect((await caller.post(`${KF}/del`, token, { kf_account: "bob@shop" })).errcode).toBe(0);
  expect((await caller.post(`${KF}/del`, token, { kf_account: "bob@shop" })).errcode).toBe(65401);
  expect((await caller.get(`${KF}/del`, token, { kf_account: "x@shop" })).errcode).toBe(65401);
  expect((await caller.get(`${KF}/del`, token)).errcode).toBe(61451);
  expect((await caller.get(`${KF}/del`, token, { kf_account: "anna@shop" })).errcode).toBe(0);
  expect(await nick()).toEqual([]);
});

describe("kfaccount/inviteworker", () => {
  const invite = { kf_account: "bob@shop", invite_wx: "bob_wx-1" };

  async function withBob() {
    const made = await ready(SHOP);
    await made.caller.post(`${KF}/add`, made.token, bob);
    return made;
  }
  type Made = Awaited<ReturnType<typeof withBob>>;
  const listed = async ({ caller, token }: Made) =>
    ((await caller.get(LIST, token)).kf_list as Record<string, unknown>[]).find(({ kf_id }) => kf_id === "1002");

  it("invites a user, who accepts and can then come online", async () => {
    const made = await withBob();
    const { caller, sim, token } = made;
    expect((await caller.post(`${KF}/inviteworker`, token, invite)).errcode).toBe(0);
    expect(await listed(made)).toMatchObject({
      invite_wx: "bob_wx-1",
      invite_expire_time: MORNING / 1000 + 7 * 24 * 3600,
      invite_status: "waiting",
    });
    expect(() => sim.changeAgent({ kfAccount: "bob@shop", online: true })).toThrow(/^online: bob@shop is bound to no/);
    sim.changeAgent({ kfAccount: "bob@shop", invitation: "accepted", online: true });
    const bound = await listed(made);
    expect(bound).toMatchObject({ kf_wx: "bob_wx-1", kf_openid: expect.stringMatching(/^oSim/) });
    expect(bound).not.toHaveProperty("invite_wx");
    expect((await caller.get(ONLINE, token)).kf_online_list).toHaveLength(2);
    sim.changeAgent({ kfAccount: "bob@shop", online: false });
    expect((await caller.get(ONLINE, token)).kf_online_list).toHaveLength(1);
    expect((await caller.post(`${KF}/inviteworker`, token, invite)).errcode).toBe(65412);
  });

  it("lets a rejected or expired invitation be repeated", async () => {
    const made = await withBob();
    const { caller, sim, token } = made;
    await caller.post(`${KF}/inviteworker`, token, invite);
    await fetch(`${sim.url}/simulator/agents`, {
      method: "POST",
      body: JSON.stringify({ kfAccount: "bob@shop", invitation: "rejected" }),
    });
    expect((await listed(made))?.invite_status).toBe("rejected");
    expect((await caller.post(`${KF}/inviteworker`, token, invite)).errcode).toBe(0);
    sim.clock.advance(7 * DAY);
    expect((await listed({ ...made, token: await caller.token() }))?.invite_status).toBe("expired");
    expect((await caller.post(`${KF}/inviteworker`, await caller.token(), invite)).errcode).toBe(0);
  });

  it.each([
    ["an unknown agent", { ...invite, kf_account: "x@shop" }, 65401],
    ["no agent", { invite_wx: "bob_wx-1" }, 61451],
    ["no user", { kf_account: "bob@shop" }, 65409],
    ["what is no WeChat ID", { ...invite, invite_wx: "1bob" }, 65409],
    ["an agent who is bound", { ...invite, kf_account: "anna@shop" }, 65412],
    ["one who already works for the account", { ...invite, invite_wx: "wx_anna" }, 65407],
  ])("refuses %s", async (_what, body, errcode) => {
    const { caller, token } = await withBob();
    expect((await caller.post(`${KF}/inviteworker`, token, body)).errcode).toBe(errcode);
  });

  it("refuses while an invitation waits: the user's or the agent's", async () => {
    const { caller, token } = await withBob();
    await caller.post(`${KF}/add`, token, { kf_account: "cleo@shop", nickname: "Cleo" });
    await caller.post(`${KF}/inviteworker`, token, invite);
    expect((await caller.post(`${KF}/inviteworker`, token, invite)).errcode).toBe(65408);
    const forCleo = { ...invite, kf_account: "cleo@shop" };
    expect((await caller.post(`${KF}/inviteworker`, token, forCleo)).errcode).toBe(65408);
    expect((await caller.post(`${KF}/inviteworker`, token, { ...invite, invite_wx: "another" })).errcode).toBe(65411);
  });

  it("refuses a user who works as too many agents elsewhere", async () => {
    const made = await withBob();
    const { caller, sim, token } = made;
    for (const appId of ["wx1", "wx2", "wx3", "wx4", "wx5"]) {
      sim.addAccount({ appId, secret: appId, kfAccounts: ["anna@other"] });
    }
    const many = { ...invite, invite_wx: "wx_anna" };
    expect((await caller.post(`${KF}/del`, token, { kf_account: "anna@shop" })).errcode).toBe(0);
    expect((await caller.post(`${KF}/inviteworker`, token, many)).errcode).toBe(65410);
    sim.addAccount({ appId: "wx5", secret: "wx5" });
    expect((await caller.post(`${KF}/inviteworker`, token, many)).errcode).toBe(0);
  });

  it("refuses answers to no invitation and unknown agents, for whoever moves agents", async () => {
    const { sim } = await withBob();
    const change = (options: object) => () => sim.changeAgent(options as never);
    expect(change({ kfAccount: "bob@shop", invitation: "accepted" })).toThrow(/^invitation: bob@shop has no waiting/);
    expect(change({ kfAccount: "x@shop", online: true })).toThrow(/^kfAccount: there is no agent "x@shop"/);
    expect(change({ kfAccount: "bob@shop", invitation: "yes" })).toThrow(SimulatorOptionError);
  });
});

describe("kfaccount/uploadheadimg", () => {
  const path = `${KF}/uploadheadimg`;
  const jpg: Upload = { filename: "me.jpg", content: FILES.jpg(5 * 1024 * 1024) };

  it("sets a picture, which the list links to", async () => {
    const { caller, token } = await ready(SHOP);
    const query = { kf_account: "anna@shop" };
    expect((await caller.upload(path, token, query, jpg)).errcode).toBe(0);
    const [anna] = (await caller.get(LIST, token)).kf_list as { kf_headimgurl: string }[];
    const picture = await fetch(anna!.kf_headimgurl);
    expect(picture.headers.get("content-type")).toBe("image/jpeg");
    expect((await caller.upload(path, token, query, { ...jpg, content: FILES.jpg() })).errcode).toBe(0);
    expect((await fetch(anna!.kf_headimgurl)).status).toBe(404);
  });

  it.each([
    ["an unknown agent", "x@shop", jpg, 65401],
    ["no agent", "", jpg, 65401],
    ["no file", "anna@shop", { ...jpg, name: "file" }, 41005],
    ["an empty file", "anna@shop", { ...jpg, content: "" }, 44001],
    ["a picture that is no JPG", "anna@shop", { filename: "me.png", content: FILES.png() }, 61457],
    ["what is no picture", "anna@shop", { filename: "me.jpg", content: "x" }, 40005],
    ["more than 5 MB", "anna@shop", { ...jpg, content: FILES.jpg(5 * 1024 * 1024 + 1) }, 40009],
  ] as [string, string, Upload, number][])("refuses %s", async (_what, kf_account, file, errcode) => {
    const { caller, token } = await ready(SHOP);
    expect((await caller.upload(path, token, { kf_account }, file)).errcode).toBe(errcode);
  });
});
