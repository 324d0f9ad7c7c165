import { inspect } from "node:util";
import { DEFAULT_APP_ID, DEFAULT_CALLBACK_TOKEN, DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";
import { describe, expect, it } from "vitest";
import { signatureOf } from "../src/push/cipher.js";
import { eventsOf } from "./events.js";
import { AES_KEY, desk, Receiver, secondsFromNow, TOKEN } from "./receiver.js";
import { account, type Caller, MORNING, ready, SECOND, start } from "./support.js";

const ID = DEFAULT_FOLLOWER;
const CHECK = "/cgi-bin/callback/check";

async function control(caller: Caller, method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
  const init = { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  return (await (await fetch(`${caller.sim.url}/simulator/${path}`, init)).json()) as Record<string, unknown>;
}

/** The receiver gives back the echostr that WeChat's console sends. */
async function echoing(): Promise<Receiver> {
  const receiver = await Receiver.start();
  receiver.answer = ({ method, query }) => (method === "GET" ? (query.get("echostr") ?? "") : "success");
  return receiver;
}

describe("setting a callback", () => {
  it("asks the URL for the echostr, signed and in plain words whatever the mode; then pushes go there", async () => {
    const caller = await start();
    const receiver = await echoing();
    await caller.sim.setCallback({ callback: receiver.url, callbackToken: TOKEN, encodingAesKey: AES_KEY });
    const { method, query } = receiver.got[0]!;
    expect(secondsFromNow(query)).toBeLessThan(60);
    expect([method, ...query.keys()]).toEqual(["GET", "tenant", "signature", "timestamp", "nonce", "echostr"]);
    expect(query.get("signature")).toBe(signatureOf(TOKEN, query.get("timestamp") ?? "", query.get("nonce") ?? ""));
    caller.sim.act(ID, { type: "text", text: "x" });
    await caller.sim.pushed();
    expect(receiver.got[1]?.query.get("encrypt_type")).toBe("aes");
    expect(caller.sim.ledger.pushes).toHaveLength(1);
  });

  it.each([
    ["another answer", "ok", /the answer is not the echostr alone/],
    ["HTTP 404", { status: 404, body: "" }, /HTTP 404; it must answer with the echostr\. Check the path/],
    ["HTTP 403", { status: 403, body: "" }, /HTTP 403; .* Check .* callback token/],
    ["no connection", "reset", /ECONNRESET/],
  ] as const)("is refused with %s, and leaves what was there", async (_what, answer, message) => {
    const { sim, receiver } = await desk();
    const other = await Receiver.start();
    other.answer = () => answer;
    await expect(sim.setCallback({ callback: other.url })).rejects.toThrow(/^callback: the URL was not verified/);
    await expect(sim.setCallback({ callback: other.url })).rejects.toThrow(message);
    sim.act(ID, { type: "text", text: "x" });
    await sim.pushed();
    expect(receiver.got).toHaveLength(1);
  });

  it("is refused when no answer comes within 5 s", async () => {
    const { sim } = await desk();
    const other = await Receiver.start();
    other.answer = () => "hang";
    const failed = expect(sim.setCallback({ callback: other.url })).rejects.toThrow(/not verified: timeout/);
    await other.arrived(1);
    sim.clock.advance(5 * SECOND);
    await failed;
  });

  it("keeps the account's other settings, and forgets the former key", async () => {
    const { sim, caller } = await desk({ encodingAesKey: AES_KEY, kfAccounts: ["anna@shop"], originalId: "gh_kept" });
    const receiver = await echoing();
    await sim.setCallback({ callback: receiver.url });
    const state = await control(caller, "GET", "state");
    expect(state.accounts).toMatchObject([
      { accountId: "gh_kept", callback: receiver.url, callbackMode: "plain", agents: [{ kfAccount: "anna@shop" }] },
    ]);
    sim.act(ID, { type: "text", text: "x" });
    await sim.pushed();
    const { query } = receiver.got[1]!;
    const signed = [query.get("timestamp") ?? "", query.get("nonce") ?? ""];
    expect(query.get("signature")).toBe(signatureOf(DEFAULT_CALLBACK_TOKEN, ...signed));
  });

  it("works over the control API, also to switch it off", async () => {
    const caller = await start();
    const receiver = await echoing();
    const body = { callback: receiver.url, callbackToken: TOKEN, appId: DEFAULT_APP_ID };
    expect(await control(caller, "POST", "callback", body)).toEqual({ callback: receiver.url });
    expect(await control(caller, "POST", "act", { openid: ID, type: "menu", key: "K" })).toEqual({ pushId: 1 });
    expect(await control(caller, "GET", "pushed")).toEqual({ pushes: 1 });
    expect(receiver.got).toHaveLength(2);
    expect(await control(caller, "DELETE", "callback")).toEqual({ callback: null });
    expect(await control(caller, "POST", "act", { openid: ID, type: "menu" })).toEqual({
      notPushed: expect.stringMatching(/^the account has no callback; set one with POST \/simulator\/callback/),
    });
    const silent = await Receiver.start();
    silent.answer = () => "no";
    expect((await control(caller, "POST", "callback", { callback: silent.url })).error).toMatch(
      /^callback: the URL was not/,
    );
  });
});

describe("callback/check", () => {
  const all = { action: "all", check_operator: "DEFAULT" };

  it("of a callback that was verified connects for real", async () => {
    const { caller, sim, token } = await ready();
    const receiver = await echoing();
    await sim.setCallback({ callback: receiver.url });
    const found = await caller.post(CHECK, token, all);
    expect(found).toEqual({
      dns: [{ ip: "127.0.0.1", real_operator: "UNICOM" }],
      ping: [
        { ip: "127.0.0.1", from_operator: "CAP", package_loss: "0%", time: expect.stringMatching(/^\d+\.\d{3}ms$/) },
      ],
    });
    const { port } = new URL(receiver.url);
    sim.addAccount(account({ callback: receiver.url.replace(port, "1"), callbackNetwork: "real" }));
    expect((await caller.post(CHECK, token, all)).ping).toMatchObject([{ package_loss: "100%" }]);
    sim.addAccount(account({ callback: "http://nowhere.invalid/", callbackNetwork: "real" }));
    expect(await caller.post(CHECK, token, all)).toEqual({ dns: [], ping: [] });
  });

  it("is spoilt by faults like any call", async () => {
    const { caller, sim, token } = await ready({ callback: "http://127.0.0.1:1/", callbackNetwork: "real" });
    sim.inject({ kind: "busy-delivered", path: CHECK });
    expect((await caller.post(CHECK, token, all)).errcode).toBe(-1);
    expect((await caller.post(CHECK, token, all)).dns).toHaveLength(1);
  });
});

it("the ledger and the state tell of pushes and lines, and no secret", async () => {
  const { sim, caller } = await desk({ encodingAesKey: AES_KEY });
  sim.act(ID, { type: "text", text: "x" });
  await sim.pushed();
  const ledger = await control(caller, "GET", "ledger");
  expect(ledger).toMatchObject({
    pushes: [{ id: 1, time: MORNING, msgType: "text", outcome: "accepted", tries: [{ status: 200 }] }],
    lines: [{ from: "follower", text: "x", pushId: 1 }],
    totals: { pushes: 1 },
  });
  const state = await control(caller, "GET", "state");
  const [news] = await eventsOf(sim.url, 1);
  for (const shown of [JSON.stringify([ledger, state, news]), inspect(sim, { depth: 10, showHidden: true })]) {
    expect(shown).not.toMatch(new RegExp(`${TOKEN}|${AES_KEY}`));
  }
  await control(caller, "DELETE", "ledger");
  expect([sim.ledger.pushes, sim.ledger.lines]).toEqual([[], []]);
});

it.each([
  [
    { callback: "http://x/", encodingAesKey: `${"a+/".repeat(14)}x` },
    /^accounts\[0\]\.encodingAesKey: give 43 letters/,
  ],
  [{ callback: "http://x/", callbackMode: "compatible" }, /^accounts\[0\]\.encodingAesKey: is needed/],
  [{ callback: "http://me:secret@x/" }, /^accounts\[0\]\.callback: leave out user and password$/],
  [{ callbackToken: "with space" }, /^accounts\[0\]\.callbackToken/],
])("refuses the options %o", async (more, message) => {
  await expect(start({ accounts: [account(more)] })).rejects.toThrow(message);
});
