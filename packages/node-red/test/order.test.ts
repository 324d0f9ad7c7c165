import { createSimulator, DEFAULT_FOLLOWER, type Simulator } from "@wechat-offiaccount/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { helper, logged, type Message, startFlow } from "./support/flow.js";

const SECOND = "oSimFollower000000000000000002";

let simulator: Simulator;
beforeEach(async () => {
  simulator = await createSimulator({ replyQuota: false });
  simulator.addFollower({ openid: SECOND, window: "open" });
});
afterEach(async () => {
  await helper.unload();
  helper.settings({});
  await simulator.close();
});

const textsFor = (openid: string) =>
  simulator.ledger.messages.filter((message) => message.openid === openid).map((message) => message.text);
const numbers = (count: number) => Array.from({ length: count }, (_, index) => String(index));

/** Resolves when the simulator has seen `count` sends. */
async function sends(count: number): Promise<void> {
  const seen = () => simulator.ledger.calls.filter((call) => call.path.endsWith("/custom/send")).length;
  while (seen() < count) await new Promise((resolve) => setImmediate(resolve));
}

describe("a burst", () => {
  it("reaches each follower in the order in which it came, the next only after the answer to the one before", async () => {
    const { out, receive } = await startFlow({ simulator });
    const arrivedAtAnswer: number[] = [];
    helper.getNode("out").on("input", (msg: Message) => {
      if (msg.openid === DEFAULT_FOLLOWER) arrivedAtAnswer.push(textsFor(DEFAULT_FOLLOWER).length);
    });
    simulator.inject({ kind: "slow", delayMs: 5, every: 1 });
    for (const payload of numbers(20)) {
      receive({ openid: DEFAULT_FOLLOWER, payload });
      receive({ openid: SECOND, payload });
    }
    await out.wait(40);
    expect(textsFor(DEFAULT_FOLLOWER)).toEqual(numbers(20));
    expect(textsFor(SECOND)).toEqual(numbers(20));
    expect(arrivedAtAnswer).toEqual(numbers(20).map((index) => Number(index) + 1));
  });

  it("keeps the order over two send nodes with one account", async () => {
    const second = { id: "send2", z: "tab", x: 0, y: 0, type: "wechat-oa-send", account: "account", wires: [["out"]] };
    const { out, receive } = await startFlow({ simulator, nodes: [second] });
    simulator.inject({ kind: "slow", delayMs: 50 });
    receive({ payload: "from the first node" });
    helper.getNode("send2").receive({ openid: DEFAULT_FOLLOWER, payload: "from the second node" });
    await out.first();
    expect(simulator.ledger.messages).toHaveLength(1);
    await out.wait(2);
    expect(out.items.map((msg) => msg.openid)).toEqual([DEFAULT_FOLLOWER, DEFAULT_FOLLOWER]);
    const [first, next] = simulator.ledger.messages;
    expect([first!.text, next!.text]).toEqual(["from the first node", "from the second node"]);
  });

  it("does not let one follower's slow answer hold up another", async () => {
    helper.settings({ nodeCloseTimeout: 300 });
    const { out, receive } = await startFlow({ simulator });
    simulator.inject({ kind: "stall", openid: DEFAULT_FOLLOWER });
    receive({ payload: "stalls" });
    receive({ payload: "waits behind it" });
    receive({ openid: SECOND, payload: "passes" });
    expect((await out.first()).openid).toBe(SECOND);
    expect(textsFor(DEFAULT_FOLLOWER)).toEqual([]);
  });

  it("goes on with the follower's next message after a failure, and shows the failure at the end", async () => {
    const { out, caught, receive, statuses } = await startFlow({ simulator });
    simulator.inject({ kind: "errcode", errcode: 45015 });
    for (const payload of ["refused", "second", "third"]) receive({ payload });
    await out.wait(2);
    await caught.wait(1);
    expect(textsFor(DEFAULT_FOLLOWER)).toEqual(["second", "third"]);
    expect(statuses.items.map((status) => status.text)).toEqual([
      "wechat-oa-send.status.sending",
      "wechat-oa-send.status.errcode.45015",
    ]);
  });

  it("asks for one token", async () => {
    const { out, receive } = await startFlow({ simulator });
    for (const payload of numbers(20)) receive({ payload });
    await out.wait(20);
    expect(simulator.ledger.calls.filter((call) => !call.path.endsWith("/custom/send"))).toHaveLength(1);
  });
});

describe("when the flow is stopped", () => {
  it("a message in flight may finish", async () => {
    const { node, receive } = await startFlow({ simulator });
    const outcomes: unknown[] = [];
    node.on("call:send" as "input", (call) => {
      outcomes.push((call as unknown as { firstArg: Message }).firstArg.wechat!.delivery);
    });
    simulator.inject({ kind: "slow", delayMs: 200 });
    receive({ payload: "in flight" });
    await sends(1);
    await helper.clearFlows();
    expect(outcomes).toEqual(["delivered"]);
  });

  it("a stalled one is given up in time: unknown, and what waited behind it not delivered", async () => {
    // The runtime's own limit; a third of it is the time to finish.
    helper.settings({ nodeCloseTimeout: 300 });
    const { receive, node } = await startFlow({ simulator });
    const ends: Record<string, unknown>[] = [];
    node.on("call:error" as "input", (call) => {
      const { cause } = (call as unknown as { firstArg: { cause: Record<string, unknown> } }).firstArg;
      ends.push(cause);
    });
    simulator.inject({ kind: "stall", delivered: true });
    receive({ payload: "stalls" });
    receive({ payload: "waits" });
    await sends(1);
    await helper.clearFlows();
    expect(ends).toMatchObject([
      { code: "WECHAT_ABORTED", delivery: "not-delivered", parts: [] },
      { code: "WECHAT_ABORTED", delivery: "unknown" },
    ]);
    expect(textsFor(DEFAULT_FOLLOWER)).toEqual(["stalls"]);
    expect(logged()).toContain("wechat-oa-send.errors.stopped");
    expect(logged()).not.toContain("timed out");
  });

  it("clears the status", async () => {
    const { receive, out, statuses } = await startFlow({ simulator });
    receive({ payload: "hi" });
    await out.first();
    await helper.clearFlows();
    expect(statuses.items.at(-1)).toEqual({});
  });
});
