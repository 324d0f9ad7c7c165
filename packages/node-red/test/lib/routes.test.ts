import { EventEmitter } from "node:events";
import { createRequire } from "node:module";
import type { NodeAPI } from "node-red";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { FlowsGate } from "../../src/lib/flows-gate.js";
import { type Claim, Routes } from "../../src/lib/routes.js";
import { serve } from "../support/receiving.js";

const express = createRequire(import.meta.url)("express");

let events: EventEmitter;
let server: Awaited<ReturnType<typeof serve>>;
let routes: Routes;
let seen: string[];
const note = (word: string) => (_request: unknown, _response: unknown, next: () => void) => {
  seen.push(word);
  next();
};

beforeEach(async () => {
  // Sockets keep their real clock.
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  events = new EventEmitter();
  seen = [];
  const app = express() as NodeAPI["httpNode"];
  const settings = { httpNodeMiddleware: [note("first"), [note("second"), [[note("third")]]], "not one"] };
  routes = Routes.of(app, FlowsGate.of(events), settings);
  server = await serve(app as unknown as Parameters<typeof serve>[0]);
});
afterEach(async () => {
  vi.useRealTimers();
  await server.close();
});

/** Claims /here; the answer is `name`. */
function claim(name: string, isServed = () => true): () => void {
  const listener: Claim["listener"] = (_request, response) => response.end(name);
  return routes.claim("/here", { name, listener, isServed, onHolder: () => {} });
}
const ask = async (path = "/here") => {
  const answer = await fetch(server.url + path);
  return [answer.status, await answer.text()];
};
/** Resolves when as many wait at the gate: requests, and paths that were released. */
async function waiting(count: number): Promise<void> {
  const gate = FlowsGate.of(events);
  while (gate.waiting < count) await new Promise((resolve) => setImmediate(resolve));
}

it("runs a nested list of middleware in its order, and only for what is claimed", async () => {
  events.emit("flows:started");
  claim("me");
  expect((await ask("/there"))[0]).toBe(404);
  expect(seen).toEqual([]);
  expect(await ask()).toEqual([200, "me"]);
  expect(seen).toEqual(["first", "second", "third"]);
});

it("lets a request wait while the flows are stopped until WeChat has hung up, and leaves nothing behind", async () => {
  claim("me");
  const answers = [0, 1, 2].map(() => ask());
  for (const answer of answers) answer.catch(() => {});
  const gate = FlowsGate.of(events);
  await waiting(3);
  await vi.advanceTimersByTimeAsync(5_499);
  expect(gate.waiting).toBe(3);
  await vi.advanceTimersByTimeAsync(1);
  expect(gate.waiting).toBe(0);
  for (const answer of answers) await expect(answer).rejects.toThrow("fetch failed");
});

it("keeps the path of an account that is being redeployed, and forgets it when none came", async () => {
  events.emit("flows:started");
  const releaseOld = claim("old");
  events.emit("flows:stopping");
  releaseOld();
  const answer = ask();
  await waiting(2);
  const releaseNew = claim("new");
  events.emit("flows:started");
  expect(await answer).toEqual([200, "new"]);
  releaseNew();
  expect((await ask())[0]).toBe(404);
});

it("answers for an account that runs on where Node-RED gave up the start, not for one whose nodes are gone", async () => {
  let served = true;
  claim("me", () => served);
  events.emit("runtime-event", { id: "runtime-state", payload: { state: "stop", error: "missing-types" } });
  expect(await ask()).toEqual([200, "me"]);
  served = false;
  const answer = ask();
  answer.catch(() => {});
  await waiting(1);
  await vi.advanceTimersByTimeAsync(5_500);
  await expect(answer).rejects.toThrow("fetch failed");
});
