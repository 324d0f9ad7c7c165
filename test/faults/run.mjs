// Sends through every fault that WeChat and networks have, and holds what a door claims against what arrived:
//   node test/faults/run.mjs --sends 1000000 --seed 1 --door all
// This process is WeChat (the simulator) and the wire; others send, and are killed now and then. Ends with 1 on the first
// batch in which one claim is false, one send is told as unknown or not delivered though nothing struck it that way, one
// has no state, or a message is doubled or lost that may not be.
import { randomInt } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSecureContext } from "node:tls";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createSimulator } from "@wechat-offiaccount/simulator";
import { commandLine, refuse } from "../../scripts/command-line.mjs";
import { DOORS } from "./doors.mjs";
import { judge } from "./judge.mjs";
import { simulatorFaults, wireFaults } from "./mix.mjs";
import { CUSTOM_SEND } from "./paths.mjs";
import { FOLLOWER_IDS, generator, readMark } from "./plan.mjs";
import { SendingProcess } from "./sending-process.mjs";
import { simulatorStrikes } from "./strikes.mjs";
import { Table } from "./table.mjs";
import { makeCertificate } from "./tls.mjs";
import { Wire } from "./wire.mjs";

const MODES = [...new Set(Object.values(DOORS).flatMap(({ modes }) => modes))];
const given = commandLine("Sends through every fault, and holds what a door claims against what arrived.", {
  sends: [20_000, "in all"],
  seed: [randomInt(2 ** 31), "of the faults; the order of what comes at once is not drawn from it"],
  door: ["core", "or all, which take turns", [...Object.keys(DOORS), "all"]],
  mode: ["all", "that the door has, which take turns", [...MODES, "all"]],
  batch: [5000, "sends between two judgements"],
  width: [64, "sends in flight"],
  stalls: [1, "times as many of those that only the sender's time limit ends"],
});
const { sends, seed, batch: batchSize, width } = given;
const doors = given.door === "all" ? Object.keys(DOORS) : [given.door];
const modesOf = (door) => DOORS[door].modes.filter((mode) => given.mode === "all" || given.mode === mode);
for (const door of doors) {
  if (modesOf(door).length === 0) refuse(`--mode: for ${door} give all or ${DOORS[door].modes.join(", ")}`);
}
const stallsOf = (door) => DOORS[door].stalls * given.stalls;

const SHOWN = 20;
/** Calls for one send at most, on average over a batch: parts, repetitions, tokens. */
const CALLS = 8;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");
const random = generator(seed);
const simulator = await createSimulator({
  seed,
  replyQuota: false,
  // Also the bound of the chat records, which the simulator keeps for longer than a batch.
  ledgerSize: CALLS * batchSize,
  limits: {
    customSendsPerDay: Number.POSITIVE_INFINITY,
    stableTokensPerDay: Number.POSITIVE_INFINITY,
    stableTokensPerMinute: Number.POSITIVE_INFINITY,
    forcedRefreshesPerDay: Number.POSITIVE_INFINITY,
    forcedRefreshInterval: 0,
  },
});
const folder = mkdtempSync(join(tmpdir(), "faults-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
const tls = makeCertificate(folder);
if (!tls) console.log("No openssl: nothing is sent under TLS.");
const target = Number(new URL(simulator.url).port);
const plain = new Wire(target, random);
const secure = tls && new Wire(target, random, createSecureContext(tls));
const wires = secure ? [plain, secure] : [plain];
const baseUrls = { plain: `http://127.0.0.1:${await plain.listen()}` };
if (secure) baseUrls.tls = `https://127.0.0.1:${await secure.listen()}`;

/** A door that has one base URL for the life of its process has TLS every second time. */
const newValues = () => ({
  baseUrls,
  baseUrl: random() < 0.5 ? (baseUrls.tls ?? baseUrls.plain) : baseUrls.plain,
  certificate: tls?.certificate,
  clockSeed: Math.floor(random() * 2 ** 32),
  folder,
});
const senders = Object.fromEntries(doors.map((door) => [door, new SendingProcess(door, newValues)]));
const killed = { atAnyMoment: 0, fetchingToken: 0 };

/** What befalls a batch as a whole, each at a claim drawn at random. */
const EVENTS = [
  // Seldom twice within seconds: a client does not replace a token again at once, and the sends until then prove little.
  { rate: 0.1, strike: () => simulator.tokens.kill() },
  { rate: 0.1, strike: () => simulator.tokens.expire() },
  { rate: 0.1, strike: () => simulator.tokens.forceRefresh() },
  { rate: 0.2, strike: () => simulator.clock.advance(random() * 7_200_000) },
  { rate: 0.1, strike: () => simulator.clock.advance(-random() * 3_600_000) },
  { rate: 0.3, strike: () => Promise.all(wires.map((wire) => wire.refuse(random() * 30))) },
  {
    rate: 0.1,
    strike: (sender) => {
      if (sender.kill()) killed.atAnyMoment++;
    },
  },
  { rate: 0.1, strike: killFetchingToken },
];

/** Takes the token away, and kills the sender at the moment at which its request for another one is on the way. */
function killFetchingToken(sender) {
  simulator.tokens.kill();
  onTokenCall(() => {
    onTokenCall(() => {});
    // Nothing has been answered yet: the simulator is in this process too.
    if (sender.kill()) killed.fetchingToken++;
  });
}

function onTokenCall(listener) {
  for (const wire of wires) wire.onTokenCall = listener;
}

async function sendBatch(batch) {
  const sender = senders[batch.door];
  const events = EVENTS.filter(({ rate }) => random() < rate).map(({ strike }) => ({
    strike,
    at: Math.floor(random() * batch.count),
  }));
  const striking = [];
  const result = await sender.send(batch, (claimed) => {
    for (const event of events.filter(({ at }) => claimed > at)) {
      events.splice(events.indexOf(event), 1);
      striking.push(event.strike(sender));
    }
  });
  onTokenCall(() => {});
  await Promise.all(striking);
  await Promise.all(wires.map((wire) => wire.quiet()));
  return result;
}

/** What struck each part, on the wire and at the simulator; of the simulator's strikes whether the message arrived. */
function strikesOf({ calls, messages }) {
  const struck = new Map();
  const strike = (key, kinds) => struck.set(key, [...(struck.get(key) ?? []), ...kinds]);
  for (const [key, kinds] of wires.flatMap((wire) => wire.takeStrikes())) strike(key, kinds);
  const arrived = new Set(messages.map(({ callId }) => callId));
  for (const { id, path, fault, errcode = 0, body } of calls) {
    if (path !== CUSTOM_SEND || (fault === undefined && errcode === 0)) continue;
    const mark = readMark(body.text.content);
    strike(mark.id * 10 + mark.part, simulatorStrikes(fault, errcode, arrived.has(id)));
  }
  return struck;
}

/** When calls for a token failed: on the wire and at the simulator, and on the way to them. */
const tokenTroubleOf = (claims) => [
  ...wires.flatMap((wire) => wire.takeTokenTrouble()),
  ...[...claims.values()].flatMap(({ tokenTrouble }) => tokenTrouble),
];

/** Of this process, after a collection: what is left is kept. */
function memory() {
  collect();
  const { heapUsed, rss } = process.memoryUsage();
  return `heap ${Math.round(heapUsed / 2 ** 20)} MB, resident ${Math.round(rss / 2 ** 20)} MB`;
}

function setFaults(stalls) {
  simulator.clearFaults();
  for (const fault of simulatorFaults(stalls)) simulator.inject(fault);
  for (const wire of wires) wire.rates = wireFaults(stalls);
}

const table = new Table();
const began = performance.now();
let done = 0;
let bad = [];
let oldTrouble = [];
let shownAt = began;
for (let turn = 0; done < sends && bad.length === 0; turn++) {
  const door = doors[turn % doors.length];
  const modes = modesOf(door);
  const mode = modes[Math.floor(turn / doors.length) % modes.length];
  const count = Math.min(batchSize, sends - done);
  for (const openid of FOLLOWER_IDS) simulator.addFollower({ openid });
  setFaults(stallsOf(door));
  const { partBytes, inOrder, timeout } = DOORS[door];
  const batch = { first: done, count, width, door, partBytes, inOrder, mode, seed: Math.floor(random() * 2 ** 32) };
  const result = await sendBatch(batch);
  const { calls, messages, totals } = simulator.ledger;
  if (totals.calls > calls.length) throw new Error(`${totals.calls} calls are more than the ledger holds`);
  const struck = strikesOf(simulator.ledger);
  // Trouble at the end of a batch is still told of in the next.
  const newTrouble = tokenTroubleOf(result.claims);
  const tokenTrouble = [...oldTrouble, ...newTrouble];
  oldTrouble = newTrouble;
  const verdict = judge({ ...batch, ...result, timeout, messages, struck, tokenTrouble });
  table.add(`${door} ${mode}`, verdict, calls);
  bad = [...verdict.verdicts.flatMap(({ wrong }) => wrong), ...verdict.faults];
  simulator.ledger.clear();
  done += count;
  if (performance.now() - shownAt > 10_000) {
    shownAt = performance.now();
    console.log(`${done} of ${sends} sends, ${Math.round(done / ((shownAt - began) / 1000))} a second, ${memory()}`);
  }
}
const seconds = (performance.now() - began) / 1000;

await Promise.all(Object.values(senders).map((sender) => sender.close()));
await Promise.all(wires.map((wire) => wire.close()));
await simulator.close();

table.print();
const started = Object.values(senders).reduce((sum, sender) => sum + sender.started, 0);
console.log(
  `\nOf ${started} sending processes ${killed.atAnyMoment} were killed at any moment, ${killed.fetchingToken} while they fetched a token.`,
);
for (const words of bad.slice(0, SHOWN)) console.error(`FALSE  ${words}`);
if (bad.length > SHOWN) console.error(`… and ${bad.length - SHOWN} more`);
const verdict = bad.length === 0 ? "no false claim" : `${bad.length} FALSE`;
console.log(`${done} sends with seed ${seed} in ${seconds.toFixed(1)} s: ${verdict}`);
process.exitCode = bad.length === 0 ? 0 : 1;
