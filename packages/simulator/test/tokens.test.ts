import { DEFAULT_APP_ID, DEFAULT_APP_SECRET } from "@wechat-offiaccount/simulator";
import { describe, expect, it } from "vitest";
import { account, HOUR, MINUTE, RID, SECOND, start } from "./support.js";

describe("GET /cgi-bin/token", () => {
  it("gives a new token at each call; the former lives five more minutes", async () => {
    const caller = await start();
    const first = await caller.classic();
    const second = await caller.classic();
    expect(first.expires_in).toBe(7200);
    expect(second.access_token).not.toBe(first.access_token);
    caller.sim.clock.advance(5 * MINUTE - 1);
    expect(await caller.judge(first.access_token)).toBe(0);
    caller.sim.clock.advance(1);
    expect(await caller.judge(first.access_token)).toBe(40001);
    expect(await caller.judge(second.access_token)).toBe(0);
  });

  it("keeps only the current and the former token alive", async () => {
    const caller = await start();
    const [first, second, third] = [await caller.classic(), await caller.classic(), await caller.classic()];
    expect(await caller.judge(first.access_token)).toBe(40001);
    expect(await caller.judge(second.access_token)).toBe(0);
    expect(await caller.judge(third.access_token)).toBe(0);
  });

  it("lets a token end after 7200 seconds", async () => {
    const caller = await start();
    const { access_token } = await caller.classic();
    caller.sim.clock.advance(7200 * SECOND - 1);
    expect(await caller.judge(access_token)).toBe(0);
    caller.sim.clock.advance(1);
    expect(await caller.judge(access_token)).toBe(42001);
  });

  it("answers 2000 calls a day, and again after midnight in China", async () => {
    const caller = await start();
    for (let i = 0; i < 20; i++) await Promise.all(Array.from({ length: 100 }, () => caller.classic()));
    const refused = await caller.classic();
    expect(refused).toMatchObject({ errcode: 45009 });
    expect(refused.errmsg).toMatch(/^reach max api daily quota limit rid: /);
    caller.sim.clock.advance(14 * HOUR - 1); // it is 10:00 there
    expect((await caller.classic()).errcode).toBe(45009);
    caller.sim.clock.advance(1);
    expect((await caller.classic()).access_token).toBeDefined();
  });

  it("answers a test account 200 calls a day", async () => {
    const caller = await start({ accounts: [account({ test: true })] });
    for (let i = 0; i < 200; i++) await caller.classic();
    expect((await caller.classic()).errcode).toBe(45009);
  });
});

describe("POST /cgi-bin/stable_token", () => {
  it("repeats the same token with its remaining life, and renews it five minutes before its end", async () => {
    const caller = await start();
    const first = await caller.stable();
    expect(first.expires_in).toBe(7200);
    caller.sim.clock.advance(6000 * SECOND);
    expect(await caller.stable()).toEqual({ access_token: first.access_token, expires_in: 1200 });
    caller.sim.clock.advance(900 * SECOND - 1);
    expect(await caller.stable()).toEqual({ access_token: first.access_token, expires_in: 300 });
    caller.sim.clock.advance(1);
    const renewed = await caller.stable();
    expect(renewed.expires_in).toBe(7200);
    expect(renewed.access_token).not.toBe(first.access_token);
    caller.sim.clock.advance(5 * MINUTE - 1);
    expect(await caller.judge(first.access_token)).toBe(0);
    expect(await caller.judge(renewed.access_token)).toBe(0);
    caller.sim.clock.advance(1);
    expect(await caller.judge(first.access_token)).toBe(42001);
    expect(await caller.judge(renewed.access_token)).toBe(0);
  });

  it("refreshes by force at most every 30 seconds, else it returns the current token", async () => {
    const caller = await start();
    const first = await caller.stable();
    const forced = await caller.stable({ force_refresh: true });
    expect(forced.access_token).not.toBe(first.access_token);
    expect(await caller.judge(first.access_token)).toBe(0);
    caller.sim.clock.advance(30 * SECOND - 1);
    const soon = await caller.stable({ force_refresh: true });
    expect(soon.access_token).toBe(forced.access_token);
    expect(soon.expires_in).toBe(7170);
    caller.sim.clock.advance(1);
    const again = await caller.stable({ force_refresh: true });
    expect(again.access_token).not.toBe(forced.access_token);
    expect(await caller.judge(first.access_token)).toBe(40001);
    expect(await caller.judge(forced.access_token)).toBe(0);
    caller.sim.clock.advance(5 * MINUTE);
    expect(await caller.judge(forced.access_token)).toBe(40001);
  });

  it("refreshes by force 20 times a day", async () => {
    const caller = await start();
    const seen = new Set<string | undefined>();
    for (let i = 0; i < 25; i++) {
      seen.add((await caller.stable({ force_refresh: true })).access_token);
      caller.sim.clock.advance(30 * SECOND);
    }
    expect(seen.size).toBe(20);
    caller.sim.clock.advance(15 * HOUR);
    const before = await caller.stable();
    expect((await caller.stable({ force_refresh: true })).access_token).not.toBe(before.access_token);
  });

  it("is isolated from GET /cgi-bin/token", async () => {
    const caller = await start();
    const stable = await caller.stable();
    const classic = await caller.classic();
    await caller.classic();
    await caller.classic();
    expect(await caller.judge(stable.access_token)).toBe(0);
    expect(await caller.judge(classic.access_token)).toBe(40001);
    await caller.stable({ force_refresh: true });
    expect((await caller.stable()).access_token).not.toBe(stable.access_token);
    expect(await caller.judge((await caller.classic()).access_token)).toBe(0);
  });

  it("refuses more than its calls a minute with 45011 and a day with 45009", async () => {
    const caller = await start({ limits: { stableTokensPerMinute: 3, stableTokensPerDay: 5 } });
    for (let i = 0; i < 3; i++) await caller.stable();
    const slower = await caller.stable();
    expect(slower.errcode).toBe(45011);
    expect(slower.errmsg).toMatch(/^api minute-quota reach limit, must slower, retry next minute rid: /);
    caller.sim.clock.advance(MINUTE);
    await caller.stable();
    expect((await caller.stable()).access_token).toBeDefined();
    expect((await caller.stable()).errcode).toBe(45009);
  });
});

describe("both token endpoints", () => {
  const elsewhere = { appId: "wx2", secret: "another-accounts-secret" };
  const cases: [string, Record<string, unknown>, Record<string, string>, number, RegExp][] = [
    ["another grant_type", {}, { grant_type: "password" }, 40002, /^invalid grant_type rid/],
    ["an unknown AppID", {}, { appid: "wxffffffffffffffff" }, 40013, /^invalid appid rid/],
    ["an AppID with a blank", {}, { appid: `${DEFAULT_APP_ID} ` }, 40013, /^invalid appid rid/],
    ["an AppID in upper case", {}, { appid: DEFAULT_APP_ID.toUpperCase() }, 40013, /^invalid appid rid/],
    ["a wrong secret", {}, { secret: "f".repeat(32) }, 40125, /^invalid appsecret rid/],
    ["another account's secret", {}, { secret: elsewhere.secret }, 40001, /^invalid credential rid: /],
    ["no AppID", {}, { appid: "" }, 41002, /^appid missing rid/],
    ["no secret", {}, { secret: "" }, 41004, /^appsecret missing rid/],
    [
      "an address that is not white-listed",
      { ipWhitelist: ["10.0.0.1", "192.168.0.0/16"] },
      {},
      40164,
      /^invalid ip 127\.0\.0\.1 ipv6 ::ffff:127\.0\.0\.1, not in whitelist rid/,
    ],
    ["a frozen secret", { secretFrozen: true }, {}, 40243, /rid/],
    ["an address to be confirmed", { ipNeedsConfirmation: true }, {}, 89503, /rid/],
    ["an account without token permission", { tokenForbidden: true }, {}, 50004, /rid/],
    ["a frozen account", { frozen: true }, {}, 50007, /rid/],
  ];

  it.each(cases)("refuse %s", async (_what, settings, change, errcode, errmsg) => {
    const caller = await start({ accounts: [account(settings), elsewhere] });
    for (const answer of [await caller.classic(change), await caller.stable(change)]) {
      expect(answer.errcode).toBe(errcode);
      expect(answer.errmsg).toMatch(errmsg);
      expect(answer.errmsg).toMatch(RID);
      expect(answer.access_token).toBeUndefined();
    }
  });

  it("take a white-listed address or range", async () => {
    const caller = await start({ accounts: [account({ ipWhitelist: ["127.0.0.0/8"] })] });
    expect((await caller.stable()).access_token).toBeDefined();
    caller.sim.addAccount(account({ ipWhitelist: ["127.0.0.1"] }));
    expect((await caller.classic()).access_token).toBeDefined();
    caller.sim.addAccount(account({ ipWhitelist: [] }));
    expect((await caller.classic()).errcode).toBe(40164);
  });

  it("want GET for the one and a JSON POST for the other", async () => {
    const caller = await start();
    const query = `grant_type=client_credential&appid=${DEFAULT_APP_ID}&secret=${DEFAULT_APP_SECRET}`;
    expect((await caller.json(`/cgi-bin/token?${query}`, { method: "POST", body: "{}" })).errcode).toBe(43001);
    expect((await caller.json(`/cgi-bin/stable_token?${query}`)).errcode).toBe(43002);
    const post = (body: string) => caller.json("/cgi-bin/stable_token", { method: "POST", body });
    expect((await post("")).errcode).toBe(44002);
    expect((await post(query)).errcode).toBe(47001);
    expect((await caller.stable({ force_refresh: "true" })).errcode).toBe(47001);
  });
});

describe("what a test can do to tokens", () => {
  it("kill: refused, and normal mode gives a new one", async () => {
    const caller = await start();
    const token = await caller.token();
    caller.sim.tokens.kill();
    expect(await caller.judge(token)).toBe(40001);
    const next = await caller.token();
    expect(next).not.toBe(token);
    expect(await caller.judge(next)).toBe(0);
  });

  it("kill with repeat: normal mode still hands the dead token out, force does not", async () => {
    const caller = await start();
    const token = await caller.token();
    caller.sim.tokens.kill({ repeat: true });
    expect(await caller.token()).toBe(token);
    expect(await caller.judge(token)).toBe(40001);
    const forced = await caller.stable({ force_refresh: true });
    expect(await caller.judge(forced.access_token)).toBe(0);
    expect(await caller.token()).toBe(forced.access_token);
  });

  it("kill for the classic kind leaves the stable one", async () => {
    const caller = await start();
    const stable = await caller.token();
    const { access_token } = await caller.classic();
    caller.sim.tokens.kill({ kind: "classic" });
    expect(await caller.judge(access_token)).toBe(40001);
    expect(await caller.judge(stable)).toBe(0);
  });

  it("expire: refused as expired, and normal mode gives a new one", async () => {
    const caller = await start();
    const token = await caller.token();
    caller.sim.tokens.expire();
    expect(await caller.judge(token)).toBe(42001);
    expect(await caller.judge(await caller.token())).toBe(0);
  });

  it("forceRefresh: another party's forced refresh, within the limits", async () => {
    const caller = await start();
    const token = await caller.token();
    const other = caller.sim.tokens.forceRefresh();
    expect(other).not.toBe(token);
    expect(await caller.token()).toBe(other);
    expect(caller.sim.tokens.forceRefresh()).toBe(other);
    expect(await caller.judge(token)).toBe(0);
    caller.sim.clock.advance(30 * SECOND);
    caller.sim.tokens.forceRefresh();
    expect(await caller.judge(token)).toBe(40001);
  });
});
