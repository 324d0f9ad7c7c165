import { DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";
import { describe, expect, it } from "vitest";
import { account, HOUR, MORNING, ready } from "./support.js";

const INFO = "/cgi-bin/user/info";
const BATCH = "/cgi-bin/user/info/batchget";
const LIST = "/cgi-bin/user/get";
const SECONDS = MORNING / 1000;

describe("user/info/updateremark", () => {
  const UPDATE = "/cgi-bin/user/info/updateremark";

  it("sets the remark that user/info then tells", async () => {
    const { caller, token } = await ready();
    const openid = DEFAULT_FOLLOWER;
    expect(await caller.post(UPDATE, token, { openid, remark: "老客户" })).toEqual({ errcode: 0, errmsg: "ok" });
    expect(await caller.get(INFO, token, { openid })).toMatchObject({ remark: "老客户", language: "zh_CN" });
  });

  it("refuses an unknown openid, and what is no text", async () => {
    const { caller, token } = await ready();
    expect((await caller.post(UPDATE, token, { openid: "oNobody", remark: "x" })).errcode).toBe(40003);
    expect((await caller.post(UPDATE, token, { openid: DEFAULT_FOLLOWER, remark: 1 })).errcode).toBe(40097);
  });
});

describe("user/info", () => {
  it("says what WeChat still says of a follower", async () => {
    const { caller, sim, token } = await ready();
    sim.addFollower({
      openid: "oAnna",
      nickname: "安娜",
      remark: "老客户",
      tags: [128, 2],
      unionid: "u-1",
      language: "en",
    });
    expect(await caller.get(INFO, token, { openid: "oAnna", lang: "zh_CN" })).toEqual({
      subscribe: 1,
      openid: "oAnna",
      nickname: "",
      sex: 0,
      language: "en",
      city: "",
      province: "",
      country: "",
      headimgurl: "",
      subscribe_time: SECONDS,
      unionid: "u-1",
      remark: "老客户",
      groupid: 128,
      tagid_list: [128, 2],
      subscribe_scene: "ADD_SCENE_SEARCH",
      qr_scene: 0,
      qr_scene_str: "",
    });
    const plain = await caller.get(INFO, token, { openid: DEFAULT_FOLLOWER });
    expect(plain).toMatchObject({ subscribe: 1, language: "zh_CN", remark: "", groupid: 0, tagid_list: [] });
    expect(plain).not.toHaveProperty("unionid");
  });

  it("says of one who left nothing but that, and anew of one who comes back", async () => {
    const { caller, sim, token } = await ready();
    sim.interact(DEFAULT_FOLLOWER, "unfollow");
    const openid = DEFAULT_FOLLOWER;
    expect(await caller.get(INFO, token, { openid })).toEqual({ subscribe: 0, openid, tagid_list: [] });
    sim.clock.advance(HOUR);
    sim.interact(openid, "scan");
    expect(await caller.get(INFO, token, { openid })).toMatchObject({
      subscribe: 1,
      subscribe_time: SECONDS + 3600,
      subscribe_scene: "ADD_SCENE_QR_CODE",
    });
    sim.clock.advance(60_000);
    sim.interact(openid, "scan");
    expect((await caller.get(INFO, token, { openid })).subscribe_time).toBe(SECONDS + 3600);
  });

  it("refuses an unknown openid, and none", async () => {
    const { caller, token } = await ready();
    expect((await caller.get(INFO, token, { openid: "oNobody" })).errcode).toBe(40003);
    expect((await caller.get(INFO, token)).errcode).toBe(40003);
  });

  it.each([
    [{ tags: "1" }, /^tags: give an array of tag ids/],
    [{ tags: ["1"] }, /^tags: give an array of tag ids/],
    [{ remark: 1 }, /^remark: give a string/],
    [{ unionid: "" }, /^unionid: give a non-empty/],
    [{ avatar: "x" }, /^follower\.avatar: is not an option/],
  ])("the follower option %o is refused clearly", async (options, message) => {
    const { sim } = await ready();
    expect(() => sim.addFollower({ openid: "o", ...options } as never)).toThrow(message);
  });
});

describe("user/info/batchget", () => {
  const list = (...openids: unknown[]) => ({ user_list: openids.map((openid) => ({ openid, lang: "zh_CN" })) });

  it("gives up to 100, in the order asked for", async () => {
    const { caller, sim, token } = await ready();
    const openids = Array.from({ length: 100 }, (_, i) => `o${i}`);
    for (const openid of openids) sim.addFollower({ openid });
    sim.interact("o7", "unfollow");
    const { user_info_list } = await caller.post(BATCH, token, list(...openids.reverse()));
    const users = user_info_list as { openid: string; subscribe: number }[];
    expect(users.map(({ openid }) => openid)).toEqual(openids);
    expect(users.filter(({ subscribe }) => subscribe === 0)).toEqual([{ subscribe: 0, openid: "o7", tagid_list: [] }]);
  });

  it.each([
    ["101", list(...Array(101).fill(DEFAULT_FOLLOWER)), 40032],
    ["none", { user_list: [] }, 40031],
    ["no list", {}, 40031],
    ["an unknown openid among them", list(DEFAULT_FOLLOWER, "oNobody"), 40003],
    ["bare openids", { user_list: [DEFAULT_FOLLOWER] }, 40003],
    ["nothing", "", 44002],
  ])("refuses %s", async (_what, body, errcode) => {
    const { caller, token } = await ready();
    expect((await caller.post(BATCH, token, body)).errcode).toBe(errcode);
  });
});

describe("tags/get", () => {
  it("gives the account's tags, and how many followers have each", async () => {
    const { caller, sim, token } = await ready({
      tags: [
        { id: 2, name: "星标组" },
        { id: 100, name: "VIP" },
      ],
    });
    sim.addFollower({ openid: "oAnna", tags: [100] });
    sim.addFollower({ openid: "oGone", tags: [100], subscribed: false });
    expect(await caller.get("/cgi-bin/tags/get", token)).toEqual({
      tags: [
        { id: 2, name: "星标组", count: 0 },
        { id: 100, name: "VIP", count: 1 },
      ],
    });
  });

  it("has one tag to begin with", async () => {
    const { caller, token } = await ready();
    expect(await caller.get("/cgi-bin/tags/get", token)).toEqual({ tags: [{ id: 2, name: "星标组", count: 0 }] });
  });

  it.each([
    [{}, /^account\.tags: give an array of tags/],
    [[{ name: "VIP" }], /^account\.tags\[0\]\.id: give a whole number/],
    [[{ id: 100, name: "" }], /^account\.tags\[0\]\.name: give a non-empty string/],
  ])("the tags %j are refused clearly", async (tags, message) => {
    const { sim } = await ready();
    expect(() => sim.addAccount(account({ tags } as never))).toThrow(message);
  });
});

describe("user/get", () => {
  it("pages through the followers, without those who left", async () => {
    const { caller, sim, token } = await ready({ limits: { followersPerPage: 2 } });
    for (const openid of ["o1", "o2", "o3", "o4"]) sim.addFollower({ openid });
    sim.interact("o2", "unfollow");
    const page = (next_openid: string) => caller.get(LIST, token, next_openid === "" ? {} : { next_openid });
    expect(await page("")).toEqual({
      total: 4,
      count: 2,
      data: { openid: [DEFAULT_FOLLOWER, "o1"] },
      next_openid: "o1",
    });
    expect(await page("o1")).toEqual({ total: 4, count: 2, data: { openid: ["o3", "o4"] }, next_openid: "o4" });
    expect(await page("o4")).toEqual({ total: 4, count: 0, next_openid: "" });
    // The one at the seam has left in between.
    expect((await page("o2")).data).toEqual({ openid: ["o3", "o4"] });
    expect((await page("oNobody")).errcode).toBe(40003);
  });

  it("has pages of 10 000", async () => {
    const { caller, sim, token } = await ready();
    for (let i = 0; i < 10_000; i++) sim.addFollower({ openid: `o${i}` });
    const first = await caller.get(LIST, token);
    expect(first).toMatchObject({ total: 10_001, count: 10_000, next_openid: "o9998" });
    const last = await caller.get(LIST, token, { next_openid: "o9998" });
    expect(last).toEqual({ total: 10_001, count: 1, data: { openid: ["o9999"] }, next_openid: "o9999" });
  });

  it("refuses a page size of 0", async () => {
    await expect(ready({ limits: { followersPerPage: 0 } })).rejects.toThrow(
      /followersPerPage: give a whole number of at/,
    );
  });
});
