import { createSimulator, DEFAULT_FOLLOWER, type Simulator } from "@wechat-offiaccount/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { helper, type Message, startFlow } from "./support/flow.js";

const LIST = ["A", "B", "C"].map((letter) => `oSimFollower00000000000000000${letter}`);
const [A, B, C] = LIST as [string, string, string];
const SENT = { delivery: "delivered", parts: [{ index: 0, delivery: "delivered", errcode: 0 }] };

let simulator: Simulator;
beforeEach(async () => {
  simulator = await createSimulator({ replyQuota: false });
  for (const openid of LIST) simulator.addFollower({ openid, window: "open" });
});
afterEach(async () => {
  await helper.unload();
  await simulator.close();
});

const phone = () => simulator.ledger.messages.map(({ openid, text }) => `${openid.at(-1)}: ${text}`);
const results = (msg: Message) => msg.wechat!.results as { openid: string; delivery: string; error?: object }[];

describe("a list of recipients", () => {
  it("gets one result each, in its order, and the answers as payload", async () => {
    const { out, receive, statuses } = await startFlow({ simulator });
    // The first is answered last.
    simulator.inject({ kind: "slow", delayMs: 100, openid: A });
    receive({ openid: LIST, payload: "hi" });
    const msg = await out.first();
    const answer = { errcode: 0, errmsg: "ok" };
    expect(msg.payload).toEqual([answer, answer, answer]);
    expect(msg.wechat).toEqual({
      delivery: "delivered",
      results: LIST.map((openid) => ({ openid, ...SENT, answer })),
    });
    expect(phone().sort()).toEqual(["A: hi", "B: hi", "C: hi"]);
    expect(statuses.items.at(-1)!.text).toBe("wechat-oa-send.status.delivered");
  });

  it("may be of one, and of the message itself", async () => {
    const { out, receive } = await startFlow({ simulator });
    receive({ payload: { type: "text", text: "hi", openid: [B] } });
    expect(results(await out.first())).toMatchObject([{ openid: B, delivery: "delivered" }]);
    expect(phone()).toEqual(["B: hi"]);
  });

  it("counts as failed if one failed, says how many and which, and keeps the payload", async () => {
    const { caught, out, receive, statuses } = await startFlow({ simulator });
    simulator.inject({ kind: "errcode", errcode: 45015, openid: B });
    receive({ openid: [A, B, 7, C], payload: "hi" });
    const msg = await caught.first();
    expect(msg.payload).toBe("hi");
    expect(msg.wechat).toMatchObject({ delivery: "unknown", error: { code: "WECHAT_LIST" } });
    expect(msg.wechat!.error!.remedy!.en).toContain("msg.wechat.results");
    expect(msg.error!.message).toContain("wechat-oa-send.errors.listFailed");
    expect(results(msg).map(({ openid, delivery }) => [openid, delivery])).toEqual([
      [A, "delivered"],
      [B, "not-delivered"],
      ["", "not-delivered"],
      [C, "delivered"],
    ]);
    expect(results(msg)[1]!.error).toMatchObject({ errcode: 45015, remedy: { en: expect.any(String) } });
    expect(results(msg)[2]!.error).toMatchObject({ code: "WECHAT_VALIDATION", field: "recipient" });
    expect(structuredClone(msg.wechat)).toEqual(msg.wechat);
    expect(phone().sort()).toEqual(["A: hi", "C: hi"]);
    expect(out.items).toEqual([]);
    expect(statuses.items.at(-1)).toMatchObject({ text: "wechat-oa-send.status.someFailed" });
  });

  it("shows how many failed, also where that is one", async () => {
    const { caught, receive, statuses } = await startFlow({ simulator });
    simulator.inject({ kind: "errcode", errcode: 45015, openid: B });
    receive({ openid: LIST, payload: "hi" });
    await caught.first();
    expect(statuses.items.at(-1)).toMatchObject({ text: "wechat-oa-send.status.someFailed" });
  });

  it("is shown that somebody types, and the payload stays", async () => {
    for (const openid of LIST) simulator.interact(openid, "message");
    const { out, receive } = await startFlow({ simulator, send: { action: "typing-on" } });
    receive({ openid: LIST, payload: "hi" });
    expect(await out.first()).toMatchObject({ payload: "hi", wechat: { delivery: "delivered" } });
  });

  it("of whom nobody got it is not delivered as a whole", async () => {
    const { caught, receive } = await startFlow({ simulator });
    simulator.inject({ kind: "errcode", errcode: 45015, every: 1 });
    receive({ openid: LIST, payload: "hi" });
    expect((await caught.first()).wechat).toMatchObject({ delivery: "not-delivered" });
  });

  it("keeps each follower's order with the messages before and after it", async () => {
    const { out, receive } = await startFlow({ simulator });
    simulator.inject({ kind: "slow", delayMs: 20, every: 2 });
    receive({ openid: B, payload: "1" });
    receive({ openid: LIST, payload: "2" });
    receive({ openid: B, payload: "3" });
    await out.wait(3);
    expect(phone().filter((line) => line.startsWith("B"))).toEqual(["B: 1", "B: 2", "B: 3"]);
  });

  it("longer than the node may hold is refused whole, and says so", async () => {
    const { caught, receive, out } = await startFlow({ simulator });
    receive({ openid: Array(10_001).fill(DEFAULT_FOLLOWER), payload: "hi" });
    expect((await caught.first()).wechat).toMatchObject({
      delivery: "not-delivered",
      error: { code: "WECHAT_QUEUE_FULL" },
    });
    receive({ payload: "next" });
    await out.first();
    expect(simulator.ledger.messages).toHaveLength(1);
  });

  it("makes no warning of too many listeners", async () => {
    const warnings: Error[] = [];
    const hear = (warning: Error) => warnings.push(warning);
    process.on("warning", hear);
    const { out, receive } = await startFlow({ simulator });
    receive({ openid: Array(30).fill(DEFAULT_FOLLOWER), payload: "hi" });
    await out.first();
    // Warnings are told in a later turn.
    await new Promise((resolve) => setImmediate(resolve));
    process.off("warning", hear);
    expect(warnings).toEqual([]);
  });
});
