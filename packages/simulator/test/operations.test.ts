import { inspect } from "node:util";
import { DEFAULT_APP_ID, DEFAULT_APP_SECRET } from "@wechat-offiaccount/simulator";
import { describe, expect, it } from "vitest";
import { type Caller, HOUR, MORNING, RID, ready, text } from "./support.js";

const QUOTA = "/cgi-bin/openapi/quota/get";
const RID_GET = "/cgi-bin/openapi/rid/get";
const CLEAR = "/cgi-bin/clear_quota";
const CLEAR_V2 = "/cgi-bin/clear_quota/v2";
const CHECK = "/cgi-bin/callback/check";
const SEND = "/cgi-bin/message/custom/send";
const DAY = 24 * HOUR;

const ridOf = (answer: { errmsg?: string }) => RID.exec(answer.errmsg ?? "")?.[1] ?? "";

describe("openapi/quota/get", () => {
  it("tells limit, use and rest of an endpoint", async () => {
    const { caller, sim, token } = await ready();
    const quota = (cgi_path: string) => caller.post(QUOTA, token, { cgi_path });
    await caller.send(token, text("x"));
    await caller.send(token, text(""));
    expect(await quota(SEND)).toEqual({
      errcode: 0,
      errmsg: "ok",
      quota: { daily_limit: 500_000, used: 2, remain: 499_998 },
    });
    expect(await quota("/cgi-bin/stable_token")).toMatchObject({
      quota: { daily_limit: 500_000, used: 1, remain: 499_999 },
      rate_limit: { call_count: 10_000, refresh_second: 60 },
    });
    // Midnight in China.
    sim.clock.advance(14 * HOUR);
    expect((await caller.post(QUOTA, await caller.token(), { cgi_path: SEND })).quota).toMatchObject({ used: 0 });
  });

  it.each([
    ["/cgi-bin/token", 2000, 200],
    [SEND, 500_000, 50_000],
    ["/cgi-bin/message/template/send", 100_000, 100_000],
    ["/cgi-bin/media/upload", 100_000, 500],
    ["/cgi-bin/media/get", 200_000, 1000],
    ["/cgi-bin/user/get", 500, 100],
    ["/cgi-bin/user/info", 5_000_000, 5_000_000],
  ])("%s: %d a day, %d for a test account", async (cgi_path, daily_limit, forTest) => {
    const one = await ready();
    expect(await one.caller.post(QUOTA, one.token, { cgi_path })).toMatchObject({ quota: { daily_limit } });
    const two = await ready({ test: true });
    expect(await two.caller.post(QUOTA, two.token, { cgi_path })).toMatchObject({ quota: { daily_limit: forTest } });
  });

  it.each([
    ["/cgi-bin/nothing", 76021],
    [CLEAR_V2, 76021],
    ["/sns/userinfo", 76022],
    ["cgi-bin/message/custom/send", 76003],
    ["https://api.weixin.qq.com/cgi-bin/message/custom/send", 76003],
    [undefined, 76003],
  ])("refuses %s", async (cgi_path, errcode) => {
    const { caller, token } = await ready();
    expect((await caller.post(QUOTA, token, { cgi_path })).errcode).toBe(errcode);
  });
});

describe("openapi/rid/get", () => {
  it("gives a refused call as WeChat does: with the token and the body", async () => {
    const { caller, sim, token } = await ready();
    sim.clock.advance(5000);
    const body = { ...text(""), note: "你好" };
    const refusal = await caller.send(token, body);
    sim.clock.advance(1000);
    const answer = await caller.post(RID_GET, token, { rid: ridOf(refusal) });
    expect(answer).toEqual({
      errcode: 0,
      errmsg: "ok",
      request: {
        invoke_time: MORNING / 1000 + 5,
        cost_in_ms: 0,
        request_url: `access_token=${token}`,
        request_body: JSON.stringify(body),
        response_body: JSON.stringify(refusal),
        client_ip: "127.0.0.1",
      },
    });
  });

  it("keeps the secrets from ledger, state, page and inspection all the same", async () => {
    const { caller, sim, token } = await ready();
    const wrong = await caller.stable({ secret: DEFAULT_APP_SECRET.toUpperCase() });
    const secret = DEFAULT_APP_SECRET.toUpperCase();
    const v2 = { appid: DEFAULT_APP_ID, appsecret: secret };
    await caller.json(CLEAR_V2, { method: "POST", body: JSON.stringify(v2) });
    await caller.upload("/cgi-bin/media/upload", token, { type: "image" }, { fields: { access_token: token } });
    const answer = await caller.post(RID_GET, token, { rid: ridOf(wrong) });
    expect(JSON.stringify(answer)).toContain(secret);
    const shown = [JSON.stringify(sim.ledger), inspect(sim, { depth: 10, showHidden: false })];
    for (const path of ["", "state", "ledger"]) shown.push(await (await fetch(`${sim.url}/simulator/${path}`)).text());
    for (const value of [secret, DEFAULT_APP_SECRET, token]) expect(shown.join("\n")).not.toContain(value);
  });

  it("knows the calls that faults refused, and the query of a GET; not the bytes of an upload", async () => {
    const { caller, sim, token } = await ready();
    sim.inject({ kind: "busy" });
    const busy = await caller.send(token, text("x"));
    const list = await caller.get("/cgi-bin/user/info", token, { openid: "oNobody" });
    const upload = await caller.upload("/cgi-bin/media/upload", token, { type: "image" }, { content: "secret bytes" });
    const find = async (refusal: object) => (await caller.post(RID_GET, token, { rid: ridOf(refusal) })).request;
    expect(await find(busy)).toMatchObject({ request_body: JSON.stringify(text("x")) });
    expect(await find(list)).toMatchObject({
      request_url: expect.stringContaining("openid=oNobody"),
      request_body: "",
    });
    expect(await find(upload)).toMatchObject({ request_body: "" });
  });

  it("finds nothing after seven days, what is no rid, or another account's", async () => {
    const { caller, sim, token } = await ready();
    const rid = ridOf(await caller.send(token, text("")));
    sim.addAccount({ appId: "wx2", secret: "s2" });
    const find = async (id: unknown, by: string) => (await caller.post(RID_GET, by, { rid: id })).errcode;
    expect(await find(rid, await caller.token("wx2", "s2"))).toBe(76003);
    expect(await find("00000000-00000000-00000000", token)).toBe(76001);
    expect(await find("rid", token)).toBe(76002);
    expect(await find("", token)).toBe(76002);
    expect(await find(undefined, token)).toBe(76002);
    sim.clock.advance(7 * DAY - 1);
    expect(await find(rid, await caller.token())).toBe(0);
    sim.clock.advance(1);
    expect(await find(rid, await caller.token())).toBe(76001);
  });
});

describe("clear_quota", () => {
  const appid = DEFAULT_APP_ID;
  const v2 = (caller: Caller, body: unknown, query = "") =>
    caller.json(CLEAR_V2 + query, { method: "POST", body: body === undefined ? "" : JSON.stringify(body) });

  it("lets a day begin anew, with a token or, when there are none left, with the AppSecret", async () => {
    const { caller, token } = await ready({ limits: { customSendsPerDay: 1, stableTokensPerDay: 2 } });
    expect((await caller.send(token, text("1"))).errcode).toBe(0);
    expect((await caller.send(token, text("2"))).errcode).toBe(45009);
    expect(await caller.post(CLEAR, token, { appid })).toEqual({ errcode: 0, errmsg: "ok" });
    expect((await caller.send(token, text("2"))).errcode).toBe(0);
    await caller.token();
    await caller.token();
    expect((await caller.stable()).errcode).toBe(45009);
    expect((await v2(caller, { appid, appsecret: DEFAULT_APP_SECRET })).errcode).toBe(0);
    expect((await caller.stable()).errcode).toBeUndefined();
    expect((await v2(caller, undefined, `?appid=${appid}&appsecret=${DEFAULT_APP_SECRET}`)).errcode).toBe(0);
  });

  it("works ten times a month, both together, and again in the next month", async () => {
    const { caller, sim, token } = await ready();
    for (let i = 0; i < 5; i++) {
      expect((await caller.post(CLEAR, token, { appid })).errcode).toBe(0);
      expect((await v2(caller, { appid, appsecret: DEFAULT_APP_SECRET })).errcode).toBe(0);
    }
    const refusal = await caller.post(CLEAR, token, { appid });
    expect(refusal.errcode).toBe(48006);
    expect(refusal.errmsg).toMatch(/^forbid to clear quota because of reaching the limit rid/);
    expect((await v2(caller, { appid, appsecret: DEFAULT_APP_SECRET })).errcode).toBe(48006);
    // The last moment of November in China.
    sim.clock.set(Date.UTC(2026, 10, 30, 16) - 1);
    expect((await v2(caller, { appid, appsecret: DEFAULT_APP_SECRET })).errcode).toBe(48006);
    sim.clock.advance(1);
    expect((await v2(caller, { appid, appsecret: DEFAULT_APP_SECRET })).errcode).toBe(0);
  });

  it("refuses no AppID, and another account's", async () => {
    const { caller, sim, token } = await ready();
    sim.addAccount({ appId: "wx2", secret: "s2" });
    expect((await caller.post(CLEAR, token, {})).errcode).toBe(41002);
    expect((await caller.post(CLEAR, token, { appid: "wx2" })).errcode).toBe(40013);
    expect((await caller.post(CLEAR, token, "")).errcode).toBe(44002);
  });

  it.each([
    ["no AppID", {}, 41002],
    ["an unknown AppID", { appid: "wx9", appsecret: "x" }, 40013],
    ["no AppSecret", { appid }, 41004],
    ["a wrong AppSecret", { appid, appsecret: "x" }, 40125],
    ["nothing", undefined, 41002],
    ["an array", [], 47001],
  ])("v2 refuses %s", async (_what, body, errcode) => {
    const { caller } = await ready();
    expect((await v2(caller, body)).errcode).toBe(errcode);
    expect((await caller.json(`${CLEAR_V2}?appid=${appid}`)).errcode).toBe(43002);
  });
});

it("lists the addresses of this WeChat", async () => {
  const { caller, token } = await ready();
  for (const path of ["/cgi-bin/getcallbackip", "/cgi-bin/get_api_domain_ip"]) {
    expect(await caller.get(path, token)).toEqual({ ip_list: ["127.0.0.1"] });
  }
});

describe("callback/check", () => {
  const all = { action: "all", check_operator: "DEFAULT" };

  it.each([
    ["http://127.0.0.1:1880/wx", "127.0.0.1"],
    ["http://localhost/wx", "127.0.0.1"],
    ["http://[2001:db8::1]/wx", "2001:db8::1"],
    ["https://example.com/wx", /^203\.0\.113\.\d+$/],
  ])("finds %s", async (callback, address) => {
    const { caller, token } = await ready({ callback });
    const ip = typeof address === "string" ? address : expect.stringMatching(address);
    expect(await caller.post(CHECK, token, all)).toEqual({
      dns: [{ ip, real_operator: "UNICOM" }],
      ping: [{ ip, from_operator: "CAP", package_loss: "0%", time: "23.079ms" }],
    });
  });

  it("tells of a host that is silent, and of a name without address", async () => {
    const silent = await ready({ callback: "http://127.0.0.1/", callbackNetwork: "unreachable" });
    expect(await silent.caller.post(CHECK, silent.token, { action: "ping", check_operator: "UNICOM" })).toEqual({
      ping: [{ ip: "127.0.0.1", from_operator: "UNICOM", package_loss: "100%" }],
    });
    const unknown = await ready({ callback: "http://nowhere.example/", callbackNetwork: "unknown-host" });
    expect(await unknown.caller.post(CHECK, unknown.token, all)).toEqual({ dns: [], ping: [] });
    expect(await unknown.caller.post(CHECK, unknown.token, { ...all, action: "dns" })).toEqual({ dns: [] });
    await expect(ready({ callbackNetwork: "slow" })).rejects.toThrow(/callbackNetwork: give one of reachable/);
  });

  it.each([
    ["an unknown action", { ...all, action: "trace" }, 40202],
    ["no action", { check_operator: "DEFAULT" }, 40202],
    ["an unknown operator", { ...all, check_operator: "default" }, 40203],
    ["no operator", { action: "all" }, 40203],
    ["an account without callback URL", all, 40201],
    ["nothing", "", 44002],
  ])("refuses %s", async (_what, body, errcode) => {
    const { caller, token } = await ready();
    expect((await caller.post(CHECK, token, body)).errcode).toBe(errcode);
  });
});
