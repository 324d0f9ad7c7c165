import { EventEmitter } from "node:events";
import { createRequire } from "node:module";
import { type Arrival, type IncomingMessage, MemoryStore } from "@wechat-offiaccount/core";
import { createSimulator, DEFAULT_APP_ID, DEFAULT_FOLLOWER, type Simulator } from "@wechat-offiaccount/simulator";
import type { NodeAPI } from "node-red";
import { afterEach, beforeEach, expect, it } from "vitest";
import { AccountInbox } from "../../src/lib/account-inbox.js";
import { FlowsGate } from "../../src/lib/flows-gate.js";
import { Receiving, type Subscriber } from "../../src/lib/receiving.js";
import { Routes } from "../../src/lib/routes.js";
import { watchEntries } from "../support/entries.js";
import { Collector } from "../support/flow.js";
import { AES_KEY, PATH, serve, TOKEN } from "../support/receiving.js";

const express = createRequire(import.meta.url)("express");

/** Takes its time to keep a push, as long as the test says. */
class SlowInbox extends AccountInbox {
  readonly arrived = new Collector<Arrival>();
  readonly kept = new Collector<string>();
  keep: () => void = () => {};

  override async receive(arrival: Arrival) {
    const kept = new Promise<void>((resolve) => {
      this.keep = resolve;
    });
    this.arrived.push(arrival);
    await kept;
    const verdict = await super.receive(arrival);
    this.kept.push(verdict);
    return verdict;
  }
}

type Emitted = [message: IncomingMessage, requestId: string | undefined];

let simulator: Simulator;
let events: EventEmitter;
let gate: FlowsGate;
let store: MemoryStore;
let app: NodeAPI["httpNode"];
let server: Awaited<ReturnType<typeof serve>>;
let open: { receiving: Receiving; inbox: AccountInbox }[];

beforeEach(async () => {
  simulator = await createSimulator();
  events = new EventEmitter();
  gate = FlowsGate.of(events);
  events.emit("flows:started");
  store = new MemoryStore();
  app = express();
  open = [];
  server = await serve(app as unknown as Parameters<typeof serve>[0]);
});
afterEach(async () => {
  await Promise.all(open.map(({ receiving }) => receiving.close(0)));
  await Promise.all(open.map(({ inbox }) => inbox.close()));
  await simulator.close();
  await server.close();
});

/** An account as a deploy makes it; `inbox` on the store that outlives deploys. */
function account<Inbox extends AccountInbox = AccountInbox>(Type: typeof AccountInbox = AccountInbox) {
  const errors: unknown[] = [];
  const inbox = new Type({ store: "memory" }, store, DEFAULT_APP_ID, (error) => errors.push(error)) as Inbox;
  const receiving = new Receiving({
    appId: DEFAULT_APP_ID,
    name: "shop",
    token: TOKEN,
    encodingAESKey: AES_KEY,
    path: PATH,
    inbox,
    gate,
    routes: Routes.of(app, gate, {}),
    state: "listening",
    log: { error: (error) => errors.push(error), refused: () => {}, pathTaken: () => {} },
  });
  open.push({ receiving, inbox });
  return { receiving, inbox, errors };
}
/** A receive node that collects. */
function node(receiving: Receiving, waits = 0) {
  const emitted = new Collector<Emitted>();
  const subscriber: Subscriber = {
    wants: () => true,
    waits,
    asksWindow: false,
    emit: (message, { requestId }) => emitted.push([message, requestId]),
    show: () => {},
  };
  return { emitted, unsubscribe: receiving.subscribe(subscriber) };
}
const listen = () =>
  simulator.setCallback({ callback: server.url + PATH, callbackToken: TOKEN, encodingAesKey: AES_KEY });
const write = (text: string) => simulator.act(DEFAULT_FOLLOWER, { type: "text", text });

it("leaves a message whose account is replaced while its inbox keeps it to the account that comes after", async () => {
  const old = account<SlowInbox>(SlowInbox);
  const before = node(old.receiving);
  await listen();
  write("in the middle of a deploy");
  await old.inbox.arrived.wait();
  events.emit("flows:stopping");
  before.unsubscribe();
  await old.receiving.close(0);
  old.inbox.keep();
  await old.inbox.kept.wait();
  await old.inbox.close();
  const next = account();
  const after = node(next.receiving);
  events.emit("flows:started");
  expect((await after.emitted.first())[0]).toMatchObject({ text: "in the middle of a deploy" });
  expect(before.emitted.items).toEqual([]);
  expect([...old.errors, ...next.errors]).toEqual([]);
});

it("lets a message wait for its nodes while the flows are replaced, and its account is not", async () => {
  const { receiving, inbox } = account<SlowInbox>(SlowInbox);
  const before = node(receiving);
  await listen();
  write("in the middle of a deploy");
  await inbox.arrived.wait();
  events.emit("flows:stopping");
  before.unsubscribe();
  inbox.keep();
  while (gate.waiting === 0) await new Promise((resolve) => setImmediate(resolve));
  const after = node(receiving);
  events.emit("flows:started");
  expect((await after.emitted.first())[0]).toMatchObject({ text: "in the middle of a deploy" });
  await simulator.pushed();
  expect(simulator.ledger.pushes.at(-1)).toMatchObject({ outcome: "accepted" });
});

it("keeps a message whose receive node was stopped by a deploy that Node-RED gave up, until it runs again", async () => {
  const { receiving, inbox } = account<SlowInbox>(SlowInbox);
  const before = node(receiving);
  await listen();
  write("for later");
  await inbox.arrived.wait();
  events.emit("flows:stopping");
  before.unsubscribe();
  events.emit("runtime-event", { id: "runtime-state", payload: { state: "stop", error: "missing-types" } });
  inbox.keep();
  while (gate.waiting === 0) await new Promise((resolve) => setImmediate(resolve));
  const after = node(receiving);
  events.emit("flows:stopping");
  events.emit("flows:started");
  expect((await after.emitted.first())[0]).toMatchObject({ text: "for later" });
  expect(before.emitted.items).toEqual([]);
});

it("gives the request's id only to nodes whose answer WeChat waits for", async () => {
  const { receiving } = account();
  const waiting = node(receiving, 4_500);
  const atOnce = node(receiving);
  await listen();
  write("hi");
  const [, requestId] = await waiting.emitted.first();
  expect(requestId).toEqual(expect.any(String));
  expect((await atOnce.emitted.first())[1]).toBeUndefined();
});

it("answers WeChat's second try where the connection of the first broke", async () => {
  const { receiving, inbox } = account<SlowInbox>(SlowInbox);
  const { emitted } = node(receiving, 4_500);
  await listen();
  const { pushId } = write("hi");
  await inbox.arrived.wait(1);
  inbox.keep();
  await emitted.first();
  simulator.clock.advance(5_000);
  await inbox.arrived.wait(2);
  inbox.keep();
  await inbox.kept.wait(2);
  expect(inbox.kept.items).toEqual(["new", "duplicate"]);
  await new Promise((resolve) => setImmediate(resolve));
  const [[, requestId = ""]] = emitted.items as [Emitted];
  const held = receiving.request(requestId);
  if (!held || held === "over") throw new Error("it does not wait");
  expect(await receiving.reply(held, { type: "text", text: "in the second" })).toBe("delivered");
  await simulator.pushed();
  expect(simulator.ledger.pushes.find(({ id }) => id === pushId)).toMatchObject({
    outcome: "replied",
    tries: [{ error: expect.any(String) }, { status: 200 }],
  });
  expect(emitted.items).toHaveLength(1);
});

it("hands a message on also where another node throws, which is told", async () => {
  const { receiving, errors } = account();
  const broken = new Error("a node of somebody's");
  const emit = () => {
    throw broken;
  };
  receiving.subscribe({ wants: () => true, waits: 0, asksWindow: false, emit, show: () => {} });
  const { emitted } = node(receiving);
  await listen();
  write("hi");
  await simulator.pushed();
  expect(emitted.items).toMatchObject([[{ text: "hi" }, undefined]]);
  expect(errors).toEqual([broken]);
});

it("keeps nothing of a push that is handed on", async () => {
  const { receiving } = account();
  const { emitted } = node(receiving);
  await listen();
  const sizes = watchEntries((_key, value) => typeof value === "object" && value !== null && "newest" in value);
  write("hi");
  await simulator.pushed();
  expect(emitted.items).toHaveLength(1);
  expect(sizes()).toEqual([0]);
});
