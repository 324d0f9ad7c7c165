// Ten minutes of mixed traffic through three doors at once, and whether memory stays flat and nothing is left open:
//   pnpm soak
// This process is WeChat (the simulator), the followers and the agents. The programs under soak are processes of their
// own: the MCP server over stdio, the MCP server over HTTP, and Node-RED, which also receives for the first. All inboxes
// are SQLite files: what must grow is on the disk. (Node-RED's default inbox in memory is full only after 10,000 messages
// and 50,000 marks, so ten minutes would show it filling; --inbox memory, for longer runs.) After the first third, which
// is warm-up, and at the end traffic pauses, and what is open is read. Ends with 1 if memory is not flat, something is
// left open, or a push is lost or told falsely.
import { randomInt } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as wait } from "node:timers/promises";
import { createSimulator } from "@wechat-offiaccount/simulator";
import { commandLine, refuse } from "../scripts/command-line.mjs";
import { keepResults, machineLine, median } from "./report.mjs";
import { Book } from "./soak/book.mjs";
import { openHttpDoor, openStdioDoor } from "./soak/mcp-doors.mjs";
import { openNodeRedDoor } from "./soak/node-red-door.mjs";
import { doorLine, HEAD, minuteLine } from "./soak/tables.mjs";
import { Traffic } from "./soak/traffic.mjs";
import { badEnd, leftOpen, memoryVerdict, percentiles } from "./soak/verdict.mjs";

const { minutes, rate, every, seed, inbox, keep } = commandLine("Mixed traffic through stdio, HTTP and Node-RED.", {
  minutes: [10, "of traffic, after a third as much to warm up"],
  rate: [20, "things done a second at each door"],
  every: [10, "seconds between two readings"],
  seed: [randomInt(2 ** 31), "of all that is random"],
  inbox: ["sqlite", "of Node-RED: sqlite or memory", ["sqlite", "memory"]],
  keep: [false, "leaves the folder with inboxes and logs"],
});
const seconds = minutes * 60;
const settings = { minutes, rate, every, seed, nodeRedInbox: inbox };
// Fewer have no thirds worth the name.
if (seconds / every < 6) refuse("--minutes and --every: give time for six readings at least");

const MB = 2 ** 20;
const callback = { callbackToken: "soakT0ken", encodingAesKey: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ" };
const accountOf = (letter) => ({ appId: `wx50a${letter}000000000000`, secret: letter.repeat(32) });
const accounts = { stdio: accountOf("a"), http: accountOf("b"), "node-red": accountOf("c") };
const names = Object.keys(accounts);

const folder = await mkdtemp(join(tmpdir(), "soak-"));
// WeChat hangs up after 5 s. Here a stall of this process, which has much else to do, would look like a program's.
const limits = { pushTimeout: 30_000 };
const simulator = await createSimulator({ seed, limits, accounts: Object.values(accounts) });
const book = new Book(simulator, names);
const inboxFile = join(folder, "stdio.db");
const shared = { callback, simulator, book, folder };
const nodeRed = await openNodeRedDoor({
  ...shared,
  own: {
    ...accounts["node-red"],
    inbox: inbox === "memory" ? { inboxType: "memory" } : { inboxType: "sqlite", inbox: "inbox.db" },
  },
  other: { ...accounts.stdio, inbox: { inboxType: "sqlite", inbox: inboxFile } },
});
const doors = {
  stdio: await openStdioDoor({ ...shared, account: accounts.stdio, inbox: `sqlite:${inboxFile}` }),
  http: await openHttpDoor({ ...shared, account: accounts.http }),
  "node-red": nodeRed,
};
const traffic = new Traffic({
  simulator,
  book,
  doors: names.map((name) => ({ name, appId: accounts[name].appId, letter: name[0] })),
  rate,
  seed,
});
const ourLoop = monitorEventLoopDelay({ resolution: 5 });
ourLoop.enable();

const samples = Object.fromEntries(names.map((name) => [name, []]));
const latencies = Object.fromEntries(names.map((name) => [name, []]));
/** Seconds of traffic so far; pauses do not count. */
let elapsed = 0;

/** Lets traffic run, with a reading every few seconds and a line for each minute. */
async function run(until) {
  traffic.start();
  const began = performance.now() / 1000 - elapsed;
  while (elapsed < until) {
    const next = Math.min(elapsed + every, until);
    await wait((began + next) * 1000 - performance.now());
    const before = elapsed;
    elapsed = next;
    book.sweep();
    await Promise.all(names.map((name) => sample(name)));
    if (Math.floor(elapsed / 60) > Math.floor(before / 60)) showMinute(Math.floor(elapsed / 60));
  }
  traffic.stop();
  await book.quiet();
}

async function sample(name) {
  const { heap, external, rss, handles, fds, loop } = await doors[name].child.probe({ collect: true });
  const open = Object.values(handles).reduce((sum, count) => sum + count, 0);
  const delays = { delayP50: loop.p50, delayP99: loop.p99, delayMax: loop.max };
  const memory = { heapMB: heap / MB, externalMB: external / MB, rssMB: rss / MB };
  samples[name].push({ seconds: elapsed, ...memory, handles: open, fds, ...delays });
}

let shownUntil = 0;
function showMinute(minute) {
  for (const name of names) {
    const part = samples[name].filter(({ seconds }) => seconds > shownUntil);
    const middle = (field) => median(part.map((reading) => reading[field]));
    const most = (field) => Math.max(...part.map((reading) => reading[field]));
    const taken = book.takeLatencies(name);
    const latency = percentiles(taken);
    latencies[name].push({ minute, answers: taken.length, ...latency });
    const row = {
      rate: taken.length / (elapsed - shownUntil),
      ...Object.fromEntries(["heapMB", "rssMB", "handles", "fds"].map((field) => [field, middle(field)])),
      latency,
      loop: { p50: middle("delayP50"), p99: middle("delayP99"), max: most("delayMax") },
    };
    console.log(minuteLine(minute, name, row));
  }
  shownUntil = elapsed;
}

const settled = async () =>
  Object.fromEntries(await Promise.all(names.map(async (name) => [name, await doors[name].child.settled()])));

console.log(`${machineLine}, Node-RED ${nodeRed.version}`);
console.log(`${rate} things done a second at each door, ${minutes} minutes, seed ${seed}\n\n${HEAD}`);
await run(seconds / 3);
const warm = await settled();
await run(seconds);
const quiet = await settled();
book.close();
// Node-RED last: it receives for the server over stdio.
const ended = {};
for (const name of names) ended[name] = await doors[name].end();
await simulator.close();

console.log("");
const results = {};
const bad = [...book.problems];
for (const name of names) {
  const memory = memoryVerdict(samples[name]);
  const { pushed, outcomes, all } = book.doors[name];
  const open = leftOpen(warm[name], quiet[name]);
  const wrong = [
    ...memory.growing.map((what) => `not flat, the last third beside the second: ${what}`),
    ...open.map((what) => `more is open than after the warm-up: ${what}`),
    ...badEnd(ended[name]),
  ];
  bad.push(...wrong.map((what) => `${name}: ${what}`));
  const latencyMs = percentiles(all);
  const handles = { afterWarmUp: warm[name], atEnd: quiet[name] };
  results[name] = {
    samples: samples[name],
    minutes: latencies[name],
    latencyMs,
    memory,
    handles,
    pushed,
    outcomes,
    ended: ended[name],
  };
  console.log(doorLine(name, { memory, latency: latencyMs, pushed, outcomes, ended: ended[name] }));
}
const lateness = { p50: ourLoop.percentile(50) / 1e6, p99: ourLoop.percentile(99) / 1e6, max: ourLoop.max / 1e6 };
console.log(
  `\nThis process, which is WeChat and all clients, was itself late by p50 ${lateness.p50.toFixed(1)}, p99 ${lateness.p99.toFixed(1)}, at most ${lateness.max.toFixed(0)} ms. ${traffic.distinct} followers; ${traffic.skipped} times all of a door were waiting.`,
);
for (const words of bad) console.error(`BAD  ${words}`);
for (const name of names)
  if (bad.length > 0 && doors[name].child.stderr) console.error(`\nstderr of ${name}: ${doors[name].child.stderr}`);
console.log(bad.length === 0 ? "flat, and nothing left open, lost or told falsely" : `${bad.length} BAD`);

const version = async (path) => JSON.parse(await readFile(new URL(path, import.meta.url), "utf8")).version;
await keepResults("soak", {
  versions: { "@wechat-offiaccount/mcp": await version("../packages/mcp/package.json"), "node-red": nodeRed.version },
  settings,
  results: { verdict: bad.length === 0 ? "flat" : bad, benchLoopMs: lateness, doors: results },
});
if (!keep) await rm(folder, { recursive: true, force: true });
process.exitCode = bad.length === 0 ? 0 : 1;
