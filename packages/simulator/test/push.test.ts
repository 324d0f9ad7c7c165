import { once } from "node:events";
import { createServer } from "node:http";
import { createSimulator, DEFAULT_APP_ID, DEFAULT_FOLLOWER, SERVICE_FAILED } from "@wechat-offiaccount/simulator";
import { describe, expect, it, onTestFinished } from "vitest";
import { signatureOf } from "../src/push/cipher.js";
import { AES_KEY, desk, element, Receiver, secondsFromNow, TOKEN } from "./receiver.js";
import { account, HOUR, MORNING, SECOND, start } from "./support.js";

const ID = DEFAULT_FOLLOWER;
const hello = { type: "text", text: "你好" } as const;

describe("a push", () => {
  it("is a signed POST with the XML of the message, to the URL with its own query kept", async () => {
    const { sim, receiver, push } = await desk();
    const acted = sim.act(ID, hello);
    await sim.pushed();
    const [{ method, query, headers, body } = receiver.got[0]!] = receiver.got;
    expect(method).toBe("POST");
    expect(headers).toMatchObject({ "content-type": "text/xml", "content-length": String(Buffer.byteLength(body)) });
    expect([...query.keys()]).toEqual(["tenant", "signature", "timestamp", "nonce", "openid"]);
    expect(query.get("openid")).toBe(ID);
    expect(secondsFromNow(query)).toBeLessThan(60);
    expect(query.get("signature")).toBe(signatureOf(TOKEN, query.get("timestamp") ?? "", query.get("nonce") ?? ""));
    expect(body).toBe(
      `<xml><ToUserName><![CDATA[gh_desk]]></ToUserName><FromUserName><![CDATA[${ID}]]></FromUserName><CreateTime>${MORNING / 1000}</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[你好]]></Content><MsgId>${acted.msgId}</MsgId></xml>`,
    );
    expect(Number.isSafeInteger(Number(acted.msgId))).toBe(false);
    expect(push()).toEqual({
      id: acted.pushId,
      time: MORNING,
      appId: DEFAULT_APP_ID,
      openid: ID,
      msgType: "text",
      msgId: acted.msgId,
      body,
      tries: [{ time: MORNING, latencyMs: expect.any(Number), status: 200, answer: "success" }],
      outcome: "accepted",
    });
    expect(sim.ledger.totals).toMatchObject({ pushes: 1 });
  });

  it("is signed at the machine's time wherever the simulator's clock is, which CreateTime and the ledger follow", async () => {
    const { sim, receiver, push } = await desk({ encodingAesKey: AES_KEY });
    for (const move of [0, 48 * HOUR, -96 * HOUR]) {
      sim.clock.advance(move);
      sim.act(ID, hello);
      await sim.pushed();
      expect(secondsFromNow(receiver.got.at(-1)!.query)).toBeLessThan(60);
      expect(element(push().body, "CreateTime")).toBe(String(sim.clock.now() / 1000));
      expect(push().time).toBe(sim.clock.now());
    }
  });

  it.each(["success", ""])("answered with %o shows nothing", async (answer) => {
    const { sim, receiver, push } = await desk();
    receiver.answer = () => answer;
    sim.act(ID, hello);
    await sim.pushed();
    expect(push()).toMatchObject({ outcome: "accepted", tries: [{ answer }] });
    expect(sim.ledger.lines.map(({ from, text }) => [from, text])).toEqual([["follower", "你好"]]);
  });

  it("does not happen without a callback; the window opens all the same", async () => {
    const caller = await start();
    caller.sim.addFollower({ openid: ID, window: "closed" });
    expect(caller.sim.act(ID, hello)).toEqual({ notPushed: expect.stringMatching(/^the account has no callback/) });
    await caller.sim.pushed();
    expect(caller.sim.ledger.pushes).toEqual([]);
    expect(
      (await caller.send(await caller.token(), { touser: ID, msgtype: "text", text: { content: "x" } })).errcode,
    ).toBe(0);
  });

  it("interact opens the window only", async () => {
    const { sim, receiver } = await desk();
    sim.interact(ID, "message", { text: "你好" });
    await sim.pushed();
    expect(receiver.got).toEqual([]);
  });
});

describe("modes", () => {
  it("compatible: the plain fields and Encrypt beside each other", async () => {
    const { sim, receiver } = await desk({ encodingAesKey: AES_KEY, callbackMode: "compatible" });
    sim.act(ID, hello);
    await sim.pushed();
    const { query, body } = receiver.got[0]!;
    const [timestamp = "", nonce = ""] = [query.get("timestamp") ?? "", query.get("nonce") ?? ""];
    expect(element(body, "Content")).toBe("你好");
    expect(query.get("encrypt_type")).toBe("aes");
    expect(query.get("signature")).toBe(signatureOf(TOKEN, timestamp, nonce));
    expect(query.get("msg_signature")).toBe(signatureOf(TOKEN, timestamp, nonce, element(body, "Encrypt") ?? ""));
  });

  it("safe, which a key alone means: nothing but ToUserName and Encrypt", async () => {
    const { sim, receiver, push } = await desk({ encodingAesKey: AES_KEY });
    sim.act(ID, hello);
    await sim.pushed();
    const { body } = receiver.got[0]!;
    expect(body).toMatch(/^<xml><ToUserName>[^/]+<\/ToUserName><Encrypt>[^/]*.*<\/Encrypt><\/xml>$/);
    expect(body).not.toContain("你好");
    expect(element(push().body, "Content")).toBe("你好");
  });

  it("JSON: the same fields, numbers bare", async () => {
    const { sim, receiver } = await desk({ callbackFormat: "json" });
    const { msgId } = sim.act(ID, hello);
    await sim.pushed();
    const { headers, body } = receiver.got[0]!;
    expect(headers["content-type"]).toBe("application/json");
    expect(body).toBe(
      `{"ToUserName":"gh_desk","FromUserName":"${ID}","CreateTime":${MORNING / 1000},"MsgType":"text","Content":"你好","MsgId":${msgId}}`,
    );
  });
});

describe("an answer that does not come", () => {
  it("is waited for 5 s of the simulator's clock, three times, with the same message; then the phone says so", async () => {
    const { sim, receiver, push } = await desk();
    receiver.answer = () => "hang";
    sim.act(ID, hello);
    for (const tries of [1, 2, 3]) {
      await receiver.arrived(tries);
      expect(push().outcome).toBeUndefined();
      sim.clock.advance(5 * SECOND - 1);
      expect(push().tries).toHaveLength(tries);
      expect(push().tries.at(-1)?.error).toBeUndefined();
      sim.clock.advance(1);
    }
    await sim.pushed();
    expect(push()).toMatchObject({ outcome: "no-answer", tries: Array(3).fill({ error: "timeout" }) });
    expect(push().tries.map(({ time }) => time - MORNING)).toEqual([0, 5 * SECOND, 10 * SECOND]);
    expect(new Set(receiver.got.map(({ body }) => body)).size).toBe(1);
    expect(new Set(receiver.got.map(({ query }) => query.get("nonce"))).size).toBe(3);
    expect(sim.ledger.lines.map(({ from, text, pushId }) => [from, text, pushId])).toEqual([
      ["follower", "你好", 1],
      ["system", SERVICE_FAILED, 1],
    ]);
  });

  it("may come with the second try", async () => {
    const { sim, receiver, push } = await desk();
    receiver.answer = (_request, index) => (index === 0 ? "hang" : "success");
    sim.act(ID, hello);
    await receiver.arrived(1);
    sim.clock.advance(5 * SECOND);
    await sim.pushed();
    expect(push()).toMatchObject({ outcome: "accepted", tries: [{ error: "timeout" }, { status: 200 }] });
    expect(sim.ledger.lines).toHaveLength(1);
  });

  it("limit and tries can be set, and a clock that runs is waited for", async () => {
    const limits = { pushTimeout: 20, pushTries: 2 };
    const receiver = await Receiver.start();
    receiver.answer = () => "hang";
    const sim = await createSimulator({ accounts: [account({ callback: receiver.url, limits })] });
    onTestFinished(() => sim.close());
    sim.act(ID, hello);
    await sim.pushed();
    expect(sim.ledger.pushes).toMatchObject([
      { outcome: "no-answer", tries: [{ error: "timeout" }, { error: "timeout" }] },
    ]);
  });

  it("a test may move the clock that it gave", async () => {
    let now = MORNING;
    const { sim, receiver, push } = await desk({ limits: { pushTries: 1 } }, { clock: { now: () => now } });
    receiver.answer = () => "hang";
    sim.act(ID, hello);
    await receiver.arrived(1);
    now += 5 * SECOND;
    await sim.pushed();
    expect(push().outcome).toBe("no-answer");
  });

  it("a connection that breaks or is refused counts as none", async () => {
    const { sim, receiver, push } = await desk();
    receiver.answer = () => "reset";
    sim.act(ID, hello);
    await sim.pushed();
    expect(push()).toMatchObject({ outcome: "no-answer", tries: Array(3).fill({ error: "ECONNRESET" }) });

    const gone = createServer().listen(0, "127.0.0.1");
    await once(gone, "listening");
    const address = gone.address();
    const callback = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/`;
    gone.close();
    await once(gone, "close");
    sim.addAccount(account({ callback }));
    sim.act(ID, hello);
    await sim.pushed();
    expect(push()).toMatchObject({ outcome: "no-answer", tries: Array(3).fill({ error: "ECONNREFUSED" }) });
  });

  it("an event that nobody looks at fails silently", async () => {
    const { sim, receiver, push } = await desk();
    receiver.answer = () => "reset";
    sim.act(ID, { type: "unfollow" });
    await sim.pushed();
    expect(push()).toMatchObject({ event: "unsubscribe", outcome: "no-answer" });
    expect(sim.ledger.lines).toEqual([]);
  });
});

describe("faults of pushes", () => {
  it("push-drop: it never comes, the next one does", async () => {
    const { sim, receiver } = await desk();
    sim.inject({ kind: "push-drop" });
    sim.act(ID, { type: "text", text: "1" });
    sim.act(ID, { type: "text", text: "2" });
    await sim.pushed();
    expect(receiver.got.map(({ body }) => element(body, "Content"))).toEqual(["2"]);
    expect(sim.ledger.pushes).toMatchObject([
      { outcome: "dropped", fault: "push-drop", tries: [] },
      { outcome: "accepted" },
    ]);
  });

  it("push-duplicate: twice at the same time, the same MsgId under two nonces", async () => {
    const { sim, receiver, push } = await desk();
    receiver.answer = async () => {
      await receiver.arrived(2);
      return "success";
    };
    sim.inject({ kind: "push-duplicate" });
    sim.act(ID, hello);
    await sim.pushed();
    const [one, two] = receiver.got;
    expect(one?.body).toBe(two?.body);
    expect(one?.query.get("nonce")).not.toBe(two?.query.get("nonce"));
    expect(push()).toMatchObject({ outcome: "accepted", tries: [{ status: 200 }, { status: 200 }] });
  });

  it("push-reorder: it comes after the next one", async () => {
    const { sim, receiver } = await desk();
    sim.inject({ kind: "push-reorder", delayMs: 60_000 });
    for (const text of ["1", "2"]) sim.act(ID, { type: "text", text });
    await sim.pushed();
    expect(receiver.got.map(({ body }) => element(body, "Content"))).toEqual(["2", "1"]);
  });

  it("push-reorder: without a next one it comes by itself", async () => {
    const { sim, receiver } = await desk();
    sim.inject({ kind: "push-reorder", delayMs: 5 });
    sim.act(ID, hello);
    await sim.pushed();
    expect(receiver.got).toHaveLength(1);
  });

  it("push-slow: it comes late, others pass it", async () => {
    const { sim, receiver } = await desk();
    sim.inject({ kind: "push-slow", delayMs: 400 });
    for (const text of ["1", "2"]) sim.act(ID, { type: "text", text });
    await sim.pushed();
    expect(receiver.got.map(({ body }) => element(body, "Content"))).toEqual(["2", "1"]);
  });

  it("push-signature: once, with wrong signatures; whatever comes back, the phone shows nothing", async () => {
    const { sim, receiver, push } = await desk({ encodingAesKey: AES_KEY });
    receiver.answer = () => ({ status: 401, body: "no" });
    sim.inject({ kind: "push-signature" });
    sim.act(ID, hello);
    await sim.pushed();
    const { query, body } = receiver.got[0]!;
    const [timestamp, nonce] = [query.get("timestamp") ?? "", query.get("nonce") ?? ""];
    expect(query.get("signature")).not.toBe(signatureOf(TOKEN, timestamp, nonce));
    expect(query.get("msg_signature")).not.toBe(signatureOf(TOKEN, timestamp, nonce, element(body, "Encrypt") ?? ""));
    expect(push()).toMatchObject({ outcome: "forged", tries: [{ status: 401 }] });
    expect(sim.ledger.lines).toHaveLength(1);
  });

  it("push-replay: the very request once more; what it is answered reaches nobody", async () => {
    const { sim, receiver, push } = await desk();
    receiver.answer = (_request, index) => (index === 0 ? "success" : "garbage");
    sim.inject({ kind: "push-replay" });
    sim.act(ID, hello);
    await sim.pushed();
    const [one, two] = receiver.got;
    expect(two).toEqual({ ...one, headers: expect.anything() });
    expect(push()).toMatchObject({
      outcome: "accepted",
      tries: [{ answer: "success" }, { answer: "garbage", replay: true }],
    });
    expect(sim.ledger.lines).toHaveLength(1);
  });

  it("strike pushes only, and faults of calls strike no push", async () => {
    const { sim, receiver, caller } = await desk();
    sim.inject({ kind: "busy", path: "*" });
    sim.inject({ kind: "push-drop" });
    sim.act(ID, hello);
    expect((await caller.stable()).errcode).toBe(-1);
    expect((await caller.stable()).access_token).toBeDefined();
    await sim.pushed();
    expect(receiver.got).toEqual([]);
    expect(() => sim.inject({ kind: "push-drop", path: "*" })).toThrow(/^fault\.path: "push-drop" strikes pushes/);
  });

  it("can be for one follower, and come every n-th time", async () => {
    const { sim, receiver } = await desk();
    sim.addFollower({ openid: "oTwo" });
    sim.inject({ kind: "push-drop", openid: "oTwo", every: 2 });
    for (const openid of ["oTwo", ID, "oTwo", ID, "oTwo"]) sim.act(openid, hello);
    await sim.pushed();
    expect(receiver.got.map(({ query }) => query.get("openid")).sort()).toEqual([ID, ID, "oTwo", "oTwo"]);
  });
});

it("close ends a push under way, one that is held, and one that waits", async () => {
  const receiver = await Receiver.start();
  receiver.answer = () => "hang";
  const sim = await createSimulator({ accounts: [account({ callback: receiver.url })] });
  sim.inject({ kind: "push-slow", delayMs: 3_600_000 });
  sim.inject({ kind: "push-reorder", delayMs: 3_600_000 });
  for (const text of ["1", "2", "3"]) sim.act(ID, { type: "text", text });
  await receiver.arrived(1);
  await sim.close();
  expect(sim.ledger.pushes.map(({ outcome }) => outcome)).toEqual(["stopped", "stopped", "stopped"]);
  expect(receiver.got).toHaveLength(1);
  expect(sim.act(ID, hello)).toEqual({ notPushed: "the simulator is closed" });
});
