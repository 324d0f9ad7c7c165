import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openInbox } from "@wechat-offiaccount/core";
import { createSimulator, DEFAULT_APP_ID, DEFAULT_FOLLOWER, type Simulator } from "@wechat-offiaccount/simulator";
import type { Node } from "node-red";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { helper, logged, type Message } from "./support/flow.js";
import { place, startReceiving } from "./support/receiving.js";

const OTHER = "oSimFollower000000000000000002";
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

let simulator: Simulator;
let userDir: string;
beforeEach(async () => {
  simulator = await createSimulator();
  simulator.addFollower({ openid: OTHER, window: "open" });
  userDir = await mkdtemp(join(tmpdir(), "send-"));
  helper.settings({ userDir });
});
afterEach(async () => {
  await helper.unload();
  helper.settings({});
  await simulator.close();
  await rm(userDir, { recursive: true, force: true });
});

/** receive → messages; a send node of its own → messages. */
async function start(inbox: string, send: object = {}) {
  const node = place("send", "wechat-oa-send", { account: "account", wires: [["sent"]], ...send });
  const flow = await startReceiving({ simulator, account: { inbox }, nodes: [node, place("sent", "helper")] });
  const sent = flow.collect("sent");
  const say = (msg: object) => helper.getNode("send").receive({ openid: DEFAULT_FOLLOWER, ...msg });
  return { ...flow, sent, say };
}

/** Resolves when the simulator has seen `count` sends. */
async function sends(count: number): Promise<void> {
  const seen = () => simulator.ledger.calls.filter((call) => call.path.endsWith("/custom/send")).length;
  while (seen() < count) await new Promise((resolve) => setImmediate(resolve));
}

describe.each(["memory", "sqlite:wechat.db"])("with an inbox in %s, msg.wechat.window", (inbox) => {
  it("counts the message that was just sent", async () => {
    const { push, sent, say } = await start(inbox);
    await push({ type: "text", text: "hi" });
    for (const payload of ["1", "2"]) say({ payload });
    await sent.wait(2);
    expect(sent.items.map(({ wechat }) => wechat!.window)).toEqual(
      [4, 3].map((remaining) => ({
        open: true,
        state: "open",
        until: expect.stringMatching(ISO),
        remaining,
        scene: "message",
        estimated: true,
      })),
    );
    expect(structuredClone(sent.items[0]!.wechat)).toEqual(sent.items[0]!.wechat);
  });

  it("is told with a failure too, and for each of a list", async () => {
    const { push, caught, say } = await start(inbox);
    await push({ type: "text", text: "hi" });
    simulator.inject({ kind: "errcode", errcode: 45047, openid: OTHER });
    say({ openid: [DEFAULT_FOLLOWER, OTHER], payload: "1" });
    const results = (await caught.first()).wechat!.results;
    expect(results).toMatchObject([
      { delivery: "delivered", window: { open: true, remaining: 4 } },
      { delivery: "not-delivered", window: { open: false, state: "closed", remaining: 0 } },
    ]);
  });

  it("is not touched by typing", async () => {
    const { push, sent, say } = await start(inbox, { action: "typing-on" });
    await push({ type: "text", text: "hi" });
    say({ payload: "question", wechat: { msgId: "1" } });
    expect((await sent.first()).wechat).toEqual({ msgId: "1", delivery: "delivered", parts: [] });
  });
});

describe("a node that is closed", () => {
  it("records what was in flight as unknown, in log and inbox, and what waited as not delivered", async () => {
    // A third of it is the time to finish.
    helper.settings({ userDir, nodeCloseTimeout: 600 });
    const { push, say } = await start("sqlite:wechat.db");
    await push({ type: "text", text: "hi" });
    const ends: unknown[] = [];
    helper.getNode("send").on("call:error" as "input", (call) => {
      const { cause } = (call as unknown as { firstArg: { cause: { delivery: string } } }).firstArg;
      ends.push(cause.delivery);
    });
    simulator.inject({ kind: "stall", delivered: true });
    say({ payload: "stalls" });
    say({ payload: "waits" });
    await sends(1);
    await helper.clearFlows();
    expect(ends.sort()).toEqual(["not-delivered", "unknown"]);
    expect(logged()).not.toMatch(/close timed out/i);

    const inbox = await openInbox(`sqlite:${join(userDir, "wechat.db")}`, { appId: DEFAULT_APP_ID });
    onTestFinished(() => inbox.close());
    const { messages } = await inbox.read(DEFAULT_FOLLOWER);
    expect(JSON.stringify(messages.at(-1))).toMatch(/"text":"stalls".*"delivery":"unknown"/);
    expect(JSON.stringify(messages)).not.toContain("waits");
  });

  it("lets what is in flight end with its true outcome, and keeps it", async () => {
    const { push, say } = await start("sqlite:wechat.db");
    await push({ type: "text", text: "hi" });
    simulator.inject({ kind: "slow", delayMs: 100 });
    say({ payload: "slow" });
    await sends(1);
    await helper.clearFlows();
    const inbox = await openInbox(`sqlite:${join(userDir, "wechat.db")}`, { appId: DEFAULT_APP_ID });
    onTestFinished(() => inbox.close());
    const { messages } = await inbox.read(DEFAULT_FOLLOWER);
    expect(JSON.stringify(messages.at(-1))).toMatch(/"text":"slow".*"delivery":"delivered"/);
  });

  it.each(["memory", "sqlite:wechat.db"])(
    "is closed within a second when it is idle, with an inbox in %s",
    async (inbox) => {
      const { push, sent, say } = await start(inbox);
      await push({ type: "text", text: "hi" });
      say({ payload: "hi" });
      await sent.first();
      const since = performance.now();
      await helper.clearFlows();
      expect(performance.now() - since).toBeLessThan(1000);
    },
  );
});

it("a passive reply is turned into text as the dialog says", async () => {
  const send = place("send", "wechat-oa-send", {
    account: "account",
    passive: true,
    markdown: true,
    interpretEscapes: true,
    wires: [["messages"]],
  });
  const { push, messages } = await startReceiving({
    simulator,
    receive: { answer: "wait", wires: [["ask"], []] },
    nodes: [place("ask", "helper"), send],
  });
  (helper.getNode("ask") as Node).on("input", (msg: Message) => {
    helper.getNode("send").receive({ ...msg, payload: "**bold**\\n- one" });
  });
  expect((await push({ type: "text", text: "hi" })).outcome).toBe("replied");
  expect((await messages.first()).wechat).toMatchObject({ way: "passive-reply", window: { remaining: 5 } });
  expect(simulator.ledger.messages.at(-1)).toMatchObject({ via: "passive-reply", text: "bold\n• one" });
});
