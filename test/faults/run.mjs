// Sends through every fault that WeChat and networks have, and holds what core claims against what arrived:
//   node test/faults/run.mjs --sends 1000000 --seed 1 --mode all
// This process is WeChat (the simulator) and the wire; another one sends, and is killed now and then. Ends with 1 on the
// first batch in which one claim is false, one send has no state, or a message is doubled or lost that may not be.
import { fork } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { parseArgs } from "node:util";
import { createSimulator } from "@wechat-offiaccount/simulator";
import { MODES } from "./clients.mjs";
import { judge } from "./judge.mjs";
import { SIMULATOR_FAULTS, TOKEN_FAULTS } from "./mix.mjs";
import { CUSTOM_SEND } from "./paths.mjs";
import { FOLLOWER_IDS, generator, readMark } from "./plan.mjs";
import { Table } from "./table.mjs";
import { Wire } from "./wire.mjs";

const { values } = parseArgs({
  options: {
    sends: { type: "string", default: "20000" },
    seed: { type: "string", default: String(randomInt(2 ** 31)) },
    mode: { type: "string", default: "all" },
    batch: { type: "string", default: "5000" },
    width: { type: "string", default: "64" },
  },
});
const sends = Number(values.sends);
const seed = Number(values.seed);
const batchSize = Number(values.batch);
const width = Number(values.width);
const modes = values.mode === "all" ? Object.keys(MODES) : [values.mode];
if (!modes.every((mode) => mode in MODES)) throw new Error(`--mode: give all or one of ${Object.keys(MODES)}`);

/** Milliseconds after which a batch that has not ended is held to hang. */
const HANGS = 120_000;
const SHOWN = 20;

const random = generator(seed);
const simulator = await createSimulator({
  seed,
  replyQuota: false,
  ledgerSize: 20 * batchSize,
  limits: {
    customSendsPerDay: Number.POSITIVE_INFINITY,
    stableTokensPerDay: Number.POSITIVE_INFINITY,
    stableTokensPerMinute: Number.POSITIVE_INFINITY,
    forcedRefreshesPerDay: Number.POSITIVE_INFINITY,
    forcedRefreshInterval: 0,
  },
});
for (const fault of [...SIMULATOR_FAULTS, ...TOKEN_FAULTS]) simulator.inject(fault);
const wire = new Wire(Number(new URL(simulator.url).port), random);
const port = await wire.listen();

let sender;
const children = { started: 0, killed: 0 };
/** The sender was sent a SIGKILL, which may reach it after its last word. */
let doomed = false;
function startSender() {
  children.started++;
  doomed = false;
  sender = fork(new URL("./sender.mjs", import.meta.url));
}
startSender();

/** What befalls a batch as a whole, each at a claim drawn at random. */
const EVENTS = [
  { rate: 0.3, strike: () => simulator.tokens.kill() },
  { rate: 0.2, strike: () => simulator.tokens.expire() },
  { rate: 0.3, strike: () => simulator.tokens.forceRefresh() },
  { rate: 0.2, strike: () => simulator.clock.advance(random() * 7_200_000) },
  { rate: 0.1, strike: () => simulator.clock.advance(-random() * 3_600_000) },
  { rate: 0.3, strike: () => wire.refuse(random() * 30) },
  { rate: 0.15, strike: () => killSender() },
];

function killSender() {
  children.killed++;
  doomed = true;
  sender.kill("SIGKILL");
}

/** Lets the sender send, and collects its claims until it is done or dead. */
async function sendBatch(batch) {
  const claims = new Map();
  const events = EVENTS.filter(({ rate }) => random() < rate).map(({ strike }) => ({
    strike,
    at: Math.floor(random() * batch.count),
  }));
  const striking = [];
  await new Promise((resolve, reject) => {
    const hangs = setTimeout(() => reject(new Error(`a batch hangs: ${claims.size} of ${batch.count}`)), HANGS);
    const end = () => {
      clearTimeout(hangs);
      sender.off("message", onMessage).off("exit", onExit);
      resolve();
    };
    const onExit = (code, signal) => {
      if (!doomed) reject(new Error(`the sender ended by itself: ${code ?? signal}`));
      end();
    };
    const onMessage = (message) => {
      if ("done" in message) {
        if (!doomed) end();
        return;
      }
      for (const [id, ...claim] of message.claims) claims.set(id, claim);
      for (const event of events.filter(({ at }) => claims.size > at)) {
        events.splice(events.indexOf(event), 1);
        striking.push(event.strike());
      }
    };
    sender.on("message", onMessage).on("exit", onExit);
    sender.send(batch);
  });
  await Promise.all(striking);
  const killed = doomed;
  if (killed) startSender();
  await wire.quiet();
  return { claims, killed };
}

/** What struck each part, at the simulator and on the wire; of the simulator's strikes whether the message arrived. */
function strikesOf({ calls, messages }) {
  const struck = wire.strikes;
  wire.strikes = new Map();
  const arrived = new Set(messages.map(({ callId }) => callId));
  for (const { id, path, fault, body } of calls) {
    if (fault === undefined || path !== CUSTOM_SEND) continue;
    const mark = readMark(body.text.content);
    const key = mark.id * 10 + mark.part;
    struck.set(key, [...(struck.get(key) ?? []), arrived.has(id) ? `${fault}, arrived` : fault]);
  }
  return struck;
}

const table = new Table();
const began = performance.now();
let done = 0;
let bad = [];
let shownAt = began;
while (done < sends && bad.length === 0) {
  const mode = modes[Math.floor(done / batchSize) % modes.length];
  const count = Math.min(batchSize, sends - done);
  for (const openid of FOLLOWER_IDS) simulator.addFollower({ openid });
  const batch = { first: done, count, width, mode, port, seed: Math.floor(random() * 2 ** 32) };
  const { claims, killed } = await sendBatch(batch);
  const { calls, messages } = simulator.ledger;
  const verdict = judge({ ...batch, killed, claims, messages, struck: strikesOf(simulator.ledger) });
  table.add(mode, verdict, calls);
  bad = [...verdict.verdicts.flatMap(({ wrong }) => wrong), ...verdict.faults];
  simulator.ledger.clear();
  done += count;
  if (performance.now() - shownAt > 10_000) {
    shownAt = performance.now();
    const rss = Math.round(process.memoryUsage.rss() / 2 ** 20);
    console.log(`${done} of ${sends} sends, ${Math.round(done / ((shownAt - began) / 1000))} a second, ${rss} MB`);
  }
}
const seconds = (performance.now() - began) / 1000;

const exit = once(sender, "exit");
sender.disconnect();
await exit;
await wire.close();
await simulator.close();

table.print();
console.log(`\n${children.killed} of ${children.started} sending processes were killed.`);
for (const words of bad.slice(0, SHOWN)) console.error(`FALSE  ${words}`);
if (bad.length > SHOWN) console.error(`… and ${bad.length - SHOWN} more`);
const verdict = bad.length === 0 ? "no false claim" : `${bad.length} FALSE`;
console.log(`${done} sends with seed ${seed} in ${seconds.toFixed(1)} s: ${verdict}`);
process.exitCode = bad.length === 0 ? 0 : 1;
