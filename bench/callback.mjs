// Pushes a second through the callback, plain and encrypted: node bench/callback.mjs
// Build first (pnpm build). Beside it the bare work on the same bytes (XML read flat by one parser of the same library,
// signature hashed, AES undone; no checks beyond the signature, no store, no answer but "success"), and the middleware of the npm package `wechat` (node-webot,
// installed into a temporary folder, so this needs npm's registry): of the public libraries the one that receives pushes
// on plain node:http and is still installed a thousand times a month; it keeps nothing and knows no duplicates.
// Three ways: behind node:http, asked from another process; the framework-free handler, from Request to Response; and
// without any door, where the body is at hand, which is the harshest to us. Core keeps every push in its inbox in memory,
// as it comes. Contenders take turns in every round, with the same bytes; figures are medians, the ratios those within a
// round. CPU is that of all threads of the contender's process: a million over it is what one core can do. On a busy
// machine memory and system calls get slower too, and all figures with them; the load is printed and kept. The goals:
// 0.8 of the bare work, and 10,000 a second on one core.
import { execFileSync, fork } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Pool } from "undici";
import { commandLine } from "../scripts/command-line.mjs";
import { bareWork, callback, library } from "./callback-parts/contenders.mjs";
import { pushes } from "./callback-parts/pushes.mjs";
import { inTurn, keepResults, machineLine, median, rounded, spreadOf, versionIn } from "./report.mjs";

const { rounds: ROUNDS, pushes: PUSHES } = commandLine("Pushes a second through the callback.", {
  rounds: [9, "after 10 to warm up"],
  pushes: [4000, "of each contender in a round"],
});
const WARM_UP = 10;
const IN_FLIGHT = 64;

const turn = () => new Promise((resolve) => setImmediate(resolve));
const folder = await mkdtemp(join(tmpdir(), "bench-callback-"));
await writeFile(join(folder, "package.json"), "{}");
execFileSync("npm", ["install", "--no-audit", "--no-fund", "wechat@2.1.0"], { cwd: folder, stdio: "ignore" });
const { version } = JSON.parse(await readFile(join(folder, "node_modules/wechat/package.json"), "utf8"));

/** Runs `take` for each, always so many at a time. */
async function inFlight(items, take) {
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      await take(items[next++]);
      // What is done in this process would never let the event loop go on.
      if (next % IN_FLIGHT === 0) await turn();
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
}

/** A contender of this process; `handled` tells how many messages it has brought to its handler. */
function inProcess(prepare, take, handled, close = async () => {}) {
  const measure = async (batch) => {
    const items = batch.map(prepare);
    await turn();
    const already = handled();
    const cpu = process.cpuUsage();
    const began = performance.now();
    await inFlight(items, take);
    while (handled() < already + batch.length) await turn();
    const seconds = (performance.now() - began) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    return { rate: batch.length / seconds, cpu: (user + system) / batch.length };
  };
  return { measure, close };
}

async function behindHttp(contender, kind) {
  const child = fork(new URL("./callback-parts/server.mjs", import.meta.url), [contender, kind, folder]);
  const told = () => new Promise((resolve) => child.once("message", resolve));
  const pool = new Pool(`http://127.0.0.1:${await told()}`, { connections: IN_FLIGHT });
  const ask = () => {
    child.send("?");
    return told();
  };
  const take = async ({ url: path, body }) => {
    const answer = await pool.request({ method: "POST", path, body, headers: { "content-type": "text/xml" } });
    await answer.body.dump();
    if (answer.statusCode !== 200) throw new Error(`${contender} answered ${answer.statusCode}`);
  };
  const measure = async (batch) => {
    await ask();
    const began = performance.now();
    await inFlight(batch, take);
    const seconds = (performance.now() - began) / 1000;
    const { handled, cpu } = await ask();
    if (handled !== batch.length) throw new Error(`${contender} handled ${handled} of ${batch.length}`);
    return { rate: batch.length / seconds, cpu: cpu / batch.length };
  };
  const close = async () => {
    await pool.close();
    child.disconnect();
  };
  return { measure, close };
}

const asRequest = ({ url, body }) => ({
  url,
  request: new Request(`http://127.0.0.1${url}`, { method: "POST", body }),
});
const asIs = (push) => push;

function withRequests(kind) {
  let bare = 0;
  let core = 0;
  const receiver = callback(kind, () => void core++);
  const bareHandler = async ({ url, request }) => {
    if (bareWork(kind, url, Buffer.from(await request.arrayBuffer())).MsgId) bare++;
    return new Response("success", { headers: { "content-type": "text/plain; charset=utf-8" } });
  };
  return {
    bare: inProcess(asRequest, bareHandler, () => bare),
    core: inProcess(
      asRequest,
      ({ request }) => receiver.handle(request),
      () => core,
      () => receiver.close(),
    ),
  };
}

/** What the doors use of a response, and no more. */
class Answered {
  headersSent = false;
  destroyed = false;
  on() {}
  once() {}
  writeHead() {}
  end() {}
}

function withoutDoor(kind) {
  const count = { bare: 0, core: 0, library: 0 };
  const receiver = callback(kind, () => void count.core++);
  const middleware = library(folder, kind, () => void count.library++);
  const take = {
    bare: ({ url, body }) => {
      if (bareWork(kind, url, body).MsgId) count.bare++;
    },
    core: ({ url, body }) => receiver.listener({ method: "POST", url, body }, new Answered()),
    library: ({ url, body }) => middleware({ method: "POST", url, rawBody: body }, new Answered()),
  };
  const names = Object.keys(take);
  const contender = (name) =>
    inProcess(asIs, take[name], () => count[name], name === "core" ? () => receiver.close() : undefined);
  return Object.fromEntries(names.map((name) => [name, contender(name)]));
}

const WAYS = {
  "behind node:http": async (kind) => ({
    bare: await behindHttp("bare", kind),
    core: await behindHttp("core", kind),
    library: await behindHttp("library", kind),
  }),
  "Request to Response": withRequests,
  "without a door": withoutDoor,
};

async function compare(kind, contenders) {
  const names = Object.keys(contenders);
  const results = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    const batch = pushes(kind, PUSHES);
    for (const name of inTurn(names, round + WARM_UP)) {
      const result = await contenders[name].measure(batch);
      if (round >= 0) results[name].push(result);
    }
  }
  for (const { close } of Object.values(contenders)) await close();
  const ratio = (name, pick) => spreadOf(results[name].map((result, round) => pick(result, results.bare[round])));
  return names.map((contender) => ({
    contender: contender === "library" ? `wechat ${version}` : contender,
    pushesPerSecond: rounded(median(results[contender].map(({ rate }) => rate))),
    rateToBare: ratio(contender, ({ rate }, bare) => rate / bare.rate),
    cpuMicrosPerPush: rounded(median(results[contender].map(({ cpu }) => cpu)), 1),
    bareCpuToThis: ratio(contender, ({ cpu }, bare) => bare.cpu / cpu),
  }));
}

console.log(machineLine);
console.log(`${ROUNDS} rounds of ${PUSHES} pushes, ${IN_FLIGHT} in flight, medians`);
const results = [];
try {
  for (const [way, contendersOf] of Object.entries(WAYS)) {
    for (const kind of ["encrypted", "plain"]) {
      const contenders = await compare(kind, await contendersOf(kind));
      results.push({ way, kind, contenders });
      console.log(`\n${way}, ${kind}: pushes/s, of the bare work's; CPU µs a push, the bare work's in this`);
      for (const { contender, pushesPerSecond, rateToBare, cpuMicrosPerPush, bareCpuToThis } of contenders) {
        const ofBare = [rateToBare, bareCpuToThis].map((ratio) => ratio.median.toFixed(2));
        const figures = [pushesPerSecond, ofBare[0], cpuMicrosPerPush.toFixed(1), ofBare[1]];
        console.log(`  ${contender.padEnd(16)}${figures.map((figure) => String(figure).padStart(8)).join("")}`);
      }
    }
  }
} finally {
  await rm(folder, { recursive: true });
}
await keepResults("callback", {
  versions: { "@wechat-offiaccount/core": await versionIn("packages/core"), wechat: version },
  settings: { rounds: ROUNDS, pushes: PUSHES, inFlight: IN_FLIGHT },
  results,
});
