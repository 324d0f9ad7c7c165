import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Inbox, openInbox } from "@wechat-offiaccount/core";
import { openSqliteStore } from "@wechat-offiaccount/core/sqlite";
import {
  createSimulator,
  DEFAULT_APP_ID,
  DEFAULT_APP_SECRET,
  DEFAULT_FOLLOWER,
  type Simulator,
} from "@wechat-offiaccount/simulator";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { helper, logged, startFlow } from "./support/flow.js";
import { place, startReceiving } from "./support/receiving.js";

/** How a setting names an environment variable. */
const variable = (name: string) => `\${${name}}`;

let simulator: Simulator;
let userDir: string;
beforeEach(async () => {
  simulator = await createSimulator();
  userDir = await mkdtemp(join(tmpdir(), "inbox-"));
  helper.settings({ userDir });
});
afterEach(async () => {
  await helper.unload();
  helper.settings({});
  await simulator.close();
  await rm(userDir, { recursive: true, force: true });
});

it("keeps both sides of a conversation in a file of the user directory, whichever way a reply went", async () => {
  const send = (id: string, passive: boolean) =>
    place(id, "wechat-oa-send", { account: "account", passive, wires: [["messages"]] });
  const { push, messages } = await startReceiving({
    simulator,
    account: { inbox: "sqlite:wechat.db" },
    receive: { answer: "wait", wires: [["passively", "byApi"], []] },
    nodes: [send("passively", true), send("byApi", false)],
  });
  await push({ type: "text", text: "hi" });
  await messages.wait(2);
  await helper.clearFlows();

  const inbox = await openInbox(`sqlite:${join(userDir, "wechat.db")}`, { appId: DEFAULT_APP_ID });
  onTestFinished(() => inbox.close());
  const kept = await inbox.read(DEFAULT_FOLLOWER);
  const told = JSON.stringify(kept.messages);
  expect(kept.messages).toHaveLength(3);
  expect(told.match(/"text":"hi"/g)).toHaveLength(3);
  expect(told.match(/"passive":true/g)).toHaveLength(1);
  expect(told.match(/"delivery":"delivered"/g)!.length).toBeGreaterThanOrEqual(2);
});

/** A message that a process acknowledged a minute ago and did not pass on; it never said that it ended. */
async function leftBehind(file: string) {
  const store = await openSqliteStore(file);
  const gone = new Inbox({ appId: DEFAULT_APP_ID, store, clock: () => Date.now() - 60_000 });
  const common = { openid: DEFAULT_FOLLOWER, accountId: "gh_0123456789ab", createdAt: 1_700_000_000_000 };
  const message = { type: "text", text: "from before", msgId: "1", ...common };
  expect(await gone.receive({ key: "m:1", message })).toBe("new");
  await store.close();
}

it("sends the reply to what comes after a restart as a customer-service message, also in a passive flow", async () => {
  const file = join(userDir, "wechat.db");
  await leftBehind(file);
  simulator.addFollower({ openid: DEFAULT_FOLLOWER, window: "open" });
  const { messages } = await startReceiving({
    simulator,
    account: { inbox: `sqlite:${file}` },
    receive: { answer: "wait", wires: [["send"], []] },
    nodes: [place("send", "wechat-oa-send", { account: "account", passive: true, wires: [["messages"]] })],
  });
  const { wechat } = await messages.first();
  expect(wechat).toMatchObject({ msgId: "1", delivery: "delivered", way: "customer-service" });
  expect(simulator.ledger.messages.map(({ text, via }) => [via, text])).toEqual([[undefined, "from before"]]);
});

it("brings out after a restart what was acknowledged and not passed on by a process that is gone", async () => {
  const file = join(userDir, "wechat.db");
  await leftBehind(file);
  const { messages, push } = await startReceiving({ simulator, account: { inbox: `sqlite:${file}` } });
  expect(await messages.first()).toMatchObject({ payload: "from before", wechat: { msgId: "1" } });
  expect((await messages.first()).wechat).not.toHaveProperty("requestId");
  await push({ type: "text", text: "and now" });
  expect((await messages.wait(2)).map(({ payload }) => payload)).toEqual(["from before", "and now"]);
});

describe("an inbox in Redis that cannot be reached", () => {
  const PASSWORD = "sent1nel-pa55word";
  const away = { account: { inboxType: "redis" }, credentials: { redisUrl: `redis://:${PASSWORD}@127.0.0.1:1/0` } };

  it("fails no send, and the log says so once, without the password", async () => {
    const flow = await startFlow({
      simulator,
      ...away,
      credentials: { appSecret: DEFAULT_APP_SECRET, ...away.credentials },
    });
    for (const payload of ["one", "two", "three"]) flow.receive({ payload });
    const sent = await flow.out.wait(3);
    expect(sent.map(({ wechat }) => wechat?.delivery)).toEqual(["delivered", "delivered", "delivered"]);
    await helper.clearFlows();
    expect(logged().match(/Redis: connect ECONNREFUSED/g)).toHaveLength(1);
    const told = helper.log().args.map(([{ msg }]) => String(msg));
    expect(told.filter((text) => text.includes("Check that Redis runs"))).toHaveLength(1);
    expect(logged()).not.toContain(PASSWORD);
  });

  it("does not acknowledge what it could not keep", async () => {
    const simulator = await createSimulator({ limits: { pushTimeout: 300 } });
    onTestFinished(() => simulator.close());
    const { push, messages } = await startReceiving({ simulator, ...away, verified: false });
    const { tries, outcome } = await push({ type: "text", text: "hi" });
    expect(outcome).not.toBe("accepted");
    // Without an answer WeChat brings it again.
    expect(tries.map(({ error }) => error)).toEqual(["timeout", "timeout", "timeout"]);
    expect(messages.items).toEqual([]);
  });
});

it.each([
  ["redis", {}, {}, "redisUrl"],
  ["redis", {}, { redisUrl: "http://h" }, "redisUrl"],
  ["redis", {}, { redisUrl: variable("NOT_SET_ANYWHERE") }, "redisUrl"],
  ["sqlite", { inbox: " " }, {}, "inbox"],
  ["sqlite", { inbox: variable("NOT_SET_ANYWHERE") }, {}, "inbox"],
  ["word", { inbox: "redis" }, {}, "inbox"],
  ["elsewhere", {}, {}, "inbox"],
])("an inbox of type %s with %j and %j is told, and sending goes on", async (inboxType, account, secrets, field) => {
  const { out, receive } = await startFlow({
    simulator,
    account: { inboxType, ...account },
    credentials: { appSecret: DEFAULT_APP_SECRET, ...secrets },
  });
  expect(logged()).toMatch(new RegExp(`WeChatValidationError: ${field}: `));
  receive({ payload: "hi" });
  expect((await out.first()).wechat!.delivery).toBe("delivered");
});
