import { createSimulator, type Simulator } from "@wechat-offiaccount/simulator";
import type { Node } from "node-red";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Collector, helper, logged, type Message, startFlow } from "./support/flow.js";
import { place } from "./support/receiving.js";

let simulator: Simulator;
beforeEach(async () => {
  simulator = await createSimulator({ replyQuota: false });
});
afterEach(async () => {
  await helper.unload();
  await simulator.close();
});

async function start(wires: string[][] = [["out"], ["failed"]]) {
  const flow = await startFlow({
    simulator,
    send: { failureOutput: true, outputs: 2, wires },
    nodes: [
      place("failed", "helper"),
      place("completer", "complete", { scope: ["send"], wires: [["completed"]] }),
      place("completed", "helper"),
    ],
  });
  const collect = (id: string) => {
    const collector = new Collector<Message>();
    helper.getNode(id).on("input", (msg) => collector.push(msg as Message));
    return collector;
  };
  return { ...flow, failed: collect("failed"), completed: collect("completed") };
}

it("gets what was not delivered, as a Catch node would, and the message counts as dealt with", async () => {
  const { node, failed, completed, caught, out, receive, statuses } = await start();
  receive({ openid: "oNobody", payload: "hi", topic: "t" });
  const msg = await failed.first();
  expect(msg).toMatchObject({
    payload: "hi",
    topic: "t",
    wechat: { delivery: "not-delivered", error: { errcode: 40003 } },
    error: {
      message: expect.stringContaining("40003"),
      code: "WECHAT_RECIPIENT",
      source: { id: node.id, type: "wechat-oa-send", count: 1 },
      cause: { errcode: 40003, delivery: "not-delivered" },
    },
  });
  expect(structuredClone(msg.error)).toEqual(msg.error);
  await completed.first();
  expect([caught.items, out.items]).toEqual([[], []]);
  expect(logged()).not.toContain("40003");
  expect(statuses.items.at(-1)!.text).toBe("wechat-oa-send.status.errcode.40003");
});

it("keeps the error of an earlier node beside its own, as a Catch node does", async () => {
  const { failed, receive } = await start();
  const earlier = { message: "from before", source: { id: "other", type: "function" } };
  receive({ openid: "oNobody", payload: "hi", error: earlier });
  expect(await failed.first()).toMatchObject({ _error: earlier, error: { code: "WECHAT_RECIPIENT" } });
});

it("gets what may have been delivered", async () => {
  simulator.inject({ kind: "http-502", delivered: true });
  const { failed, receive } = await start();
  receive({ payload: "hi" });
  expect((await failed.first()).wechat).toMatchObject({ delivery: "unknown" });
});

it("gets nothing of what arrived, and a message that failed before has no error any more", async () => {
  simulator.inject({ kind: "errcode", errcode: 45011 });
  const { node, failed, out, receive } = await start();
  helper.getNode("failed").on("input", (msg) => (node as Node).receive(msg));
  receive({ payload: "hi", wechat: { msgId: "1" } });
  const msg = await out.first();
  expect(failed.items).toHaveLength(1);
  expect(msg).not.toHaveProperty("error");
  expect(msg.wechat).toEqual({
    msgId: "1",
    delivery: "delivered",
    parts: [{ index: 0, delivery: "delivered", errcode: 0 }],
  });
});

it("leaves to a Catch node what nothing is wired for", async () => {
  const { caught, receive } = await start([["out"], []]);
  receive({ openid: "oNobody", payload: "hi" });
  expect((await caught.first()).error!.code).toBe("WECHAT_RECIPIENT");
});

it("wired back to its own node ends in Node-RED's own check, not in an endless circle", async () => {
  const { receive, statuses } = await start([["out"], ["send"]]);
  receive({ openid: "oNobody", payload: "hi" });
  const sends = () => simulator.ledger.calls.filter(({ path }) => path.endsWith("/send")).length;
  await expect.poll(() => [sends(), statuses.items.filter(({ fill }) => fill === "red").length]).toEqual([10, 10]);
});
