import { EventEmitter } from "node:events";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FlowsGate } from "../../src/lib/flows-gate.js";

const YES = () => true;
const NO = () => false;
/** As @node-red/runtime tells it, lib/flows/index.js. */
const state = (payload?: object) => ["runtime-event", { id: "runtime-state", payload, retain: true }] as const;

let events: EventEmitter;
let gate: FlowsGate;
beforeEach(() => {
  vi.useFakeTimers();
  events = new EventEmitter();
  gate = FlowsGate.of(events);
});
afterEach(() => {
  vi.useRealTimers();
});

it("is one gate a runtime", () => {
  expect(FlowsGate.of(events)).toBe(gate);
  expect(FlowsGate.of(new EventEmitter())).not.toBe(gate);
});

it("lets pass who comes while the flows run, and who waits once they do", async () => {
  const early = gate.passes(NO);
  events.emit("flows:started");
  expect(await early).toBe(true);
  expect(await gate.passes(NO)).toBe(true);
  events.emit("flows:stopping");
  const next = gate.passes(YES);
  expect(gate.waiting).toBe(1);
  events.emit("flows:started");
  expect(await next).toBe(true);
  expect(gate.waiting).toBe(0);
});

it("forgets who has waited too long", async () => {
  const waits = Array.from({ length: 1000 }, () => gate.passes(YES, 4_000));
  expect(gate.waiting).toBe(1000);
  await vi.advanceTimersByTimeAsync(3_999);
  expect(gate.waiting).toBe(1000);
  await vi.advanceTimersByTimeAsync(1);
  expect(new Set(await Promise.all(waits))).toEqual(new Set([false]));
  expect(gate.waiting).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

describe("a start that Node-RED gives up", () => {
  it.each(["missing-types", "missing-modules"])("for %s lets pass who has still what is needed", async (error) => {
    events.emit("flows:started");
    events.emit("flows:stopping");
    events.emit(...state({ state: "stop", deploy: true }));
    const waits = gate.passes(YES);
    const without = gate.passes(NO, 4_000);
    expect(gate.waiting).toBe(2);
    events.emit(...state({ state: "stop", error }));
    expect(await waits).toBe(true);
    expect(await gate.passes(YES)).toBe(true);
    await vi.advanceTimersByTimeAsync(4_000);
    expect(await without).toBe(false);
    events.emit("flows:stopping");
    expect(await Promise.all([gate.passes(YES, 0), vi.advanceTimersByTimeAsync(1)])).toEqual([false, vi]);
  });

  it.each([
    ["the flows were stopped", state({ state: "stop" })],
    ["it is told without a reason", state()],
    ["another event tells of missing types", ["runtime-event", { id: "notify", payload: { error: "missing-types" } }]],
    ["an event tells nothing", ["runtime-event", undefined]],
  ] as const)("is none when %s", async (_what, [name, event]) => {
    events.emit(name, event);
    const waits = gate.passes(YES, 10);
    await vi.advanceTimersByTimeAsync(10);
    expect(await waits).toBe(false);
  });
});
