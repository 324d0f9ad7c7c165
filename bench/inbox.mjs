// How the inbox grows: node bench/inbox.mjs
// Messages over a tenth as many conversations, in memory and in Redis (up to 100,000) and in a SQLite file. For Redis it
// starts a redis-server for each size, which writes nothing to disk. Each figure is the median of single operations; the
// ratios are to the smallest size. The goal: at 100 times the size not more than twice the time. Sizes take turns within
// every round, so that a machine that changes speed changes it for all.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Inbox, MemoryStore } from "@wechat-offiaccount/core";
import { openRedisStore } from "@wechat-offiaccount/core/redis";
import { openSqliteStore } from "@wechat-offiaccount/core/sqlite";
import { commandLine } from "../scripts/command-line.mjs";
import { inTurn, keepResults, machineLine, median, rounded, spreadOf, spreadText, versionIn } from "./report.mjs";

const STORE_KINDS = ["memory", "sqlite", "redis"];
const given = commandLine("How the inbox's times grow with its messages.", {
  size: [[10_000, 100_000, 1_000_000], "messages; in memory and in Redis up to 100,000"],
  store: [STORE_KINDS, "which", STORE_KINDS],
  rounds: [11, "of 20 operations each"],
});
const { size: SIZES, store: STORE_NAMES, rounds: ROUNDS } = given;
const IN_MEMORY = SIZES.filter((size) => size <= 100_000);
const TIMES = 20;

const folder = await mkdtemp(join(tmpdir(), "bench-inbox-"));
const openid = (n) => `oBenchFollower${String(n).padStart(14, "0")}`;
let pushes = 0;
const push = (follower) => {
  const msgId = String(++pushes);
  const text = `message ${msgId} 你好，请问我的订单到哪里了？`;
  const message = { type: "text", openid: openid(follower), accountId: "gh_1", createdAt: Date.now(), msgId, text };
  return { key: `m:${msgId}`, nonce: msgId, timestamp: Math.floor(Date.now() / 1000), message };
};

const servers = [];
async function redisServer() {
  const place = createServer().listen(0, "127.0.0.1");
  await once(place, "listening");
  const { port } = place.address();
  await new Promise((resolve) => place.close(resolve));
  const settings = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "no"];
  const child = spawn("redis-server", settings, { stdio: ["ignore", "pipe", "inherit"] });
  servers.push({ port: String(port), child });
  for await (const chunk of child.stdout) if (String(chunk).includes("Ready to accept connections")) break;
  return `redis://127.0.0.1:${port}`;
}

async function filled(name, size, store) {
  const inbox = new Inbox({ appId: "wx0123456789abcdef", store });
  const began = performance.now();
  for (let n = 0; n < size; n++) {
    const arrival = push(Math.floor(Math.random() * (size / 10)));
    await inbox.receive(arrival);
    await inbox.emitted(arrival.key);
  }
  const rate = rounded(size / ((performance.now() - began) / 1000));
  console.log(`${name} ${size}: filled, ${rate} received and emitted a second`);
  const { conversations } = await inbox.conversations({ limit: 50 });
  return { inbox, rate, cursor: conversations.at(-1).last.id, follower: () => Math.floor(Math.random() * (size / 10)) };
}

const OPERATIONS = {
  "list the newest 50": ({ inbox }) => inbox.conversations({ limit: 50 }),
  "read one": ({ inbox, follower }) => inbox.read(openid(follower())),
  window: ({ inbox, follower }) => inbox.window(openid(follower())),
  "receive and emit": async ({ inbox, follower }) => {
    const arrival = push(follower());
    await inbox.receive(arrival);
    await inbox.emitted(arrival.key);
  },
  "record a reply": ({ inbox, follower }) =>
    inbox.recordSent(openid(follower()), { message: { type: "text", text: "您好" }, delivery: "delivered" }),
  "what came after": ({ inbox, cursor }) => inbox.incoming({ after: cursor }),
};

/** Median of the microseconds. */
async function measure(operation, at) {
  const times = [];
  for (let n = 0; n < TIMES; n++) {
    const began = performance.now();
    await operation(at);
    times.push((performance.now() - began) * 1000);
  }
  return median(times);
}

console.log(`${machineLine}; ${ROUNDS} rounds of ${TIMES}, medians, in brackets the least and the most of any round\n`);
const STORES = {
  memory: {
    sizes: IN_MEMORY,
    // Room for what is received while measuring, so that no store drops anything.
    open: async (size) => new MemoryStore({ maxMessages: size * 2 }),
  },
  sqlite: {
    sizes: SIZES,
    open: (size) => openSqliteStore(join(folder, `${size}.db`)),
    space: async (size) => (await stat(join(folder, `${size}.db`))).size,
  },
  redis: {
    sizes: IN_MEMORY,
    open: async () => openRedisStore({ url: await redisServer() }),
    space: async (_, index) => {
      const told = execFileSync("redis-cli", ["-p", servers[index].port, "info", "memory"], { encoding: "utf8" });
      return Number(/used_memory:(\d+)/.exec(told)[1]);
    },
  },
};
/** One row: the time at each size, and its ratio to the smallest within each round. */
async function grown(what, operation, all) {
  for (const at of all) await measure(operation, at);
  const rounds = [];
  for (let round = 0; round < ROUNDS; round++) {
    const times = [];
    for (const index of inTurn([...all.keys()], round)) times[index] = await measure(operation, all[index]);
    rounds.push(times);
  }
  const microseconds = all.map((_, index) => rounded(median(rounds.map((times) => times[index])), 1));
  const ratios = all.map((_, index) => spreadOf(rounds.map((times) => times[index] / times[0])));
  const printed = microseconds.map((time) => time.toFixed(0).padStart(16)).join("");
  console.log(`${what.padEnd(20)}${printed}   ${ratios.slice(1).map(spreadText).join("  ")}`);
  return { operation: what, microseconds, ratios };
}

async function measured(name) {
  const { sizes, open, space } = STORES[name];
  const all = [];
  for (const size of sizes) all.push(await filled(name, size, await open(size)));
  // Else the disk would still be writing what they were filled with, and that would be in the times.
  if (name === "sqlite") execFileSync("sync");
  console.log(`${name.padEnd(20)}${sizes.map((size) => `${size} (µs)`.padStart(16)).join("")}   ratios`);
  const operations = [];
  for (const [what, operation] of Object.entries(OPERATIONS)) operations.push(await grown(what, operation, all));
  const megabytes = [];
  for (const [index, size] of sizes.entries()) {
    if (space === undefined) continue;
    megabytes[index] = rounded((await space(size, index)) / 1e6, 1);
    console.log(`${size}: ${megabytes[index]} MB`);
  }
  for (const { inbox } of all) await inbox.close();
  console.log();
  return { store: name, sizes, fillRates: all.map(({ rate }) => rate), megabytes, operations };
}

const versions = {
  "@wechat-offiaccount/core": await versionIn("packages/core"),
  libsql: await versionIn("packages/core/node_modules/libsql"),
};
// Asked before the long part, so that a machine without redis-server says so at once.
if (STORE_NAMES.includes("redis"))
  versions.redis = /v=(\S+)/.exec(execFileSync("redis-server", ["--version"], { encoding: "utf8" }))[1];

const results = [];
try {
  for (const name of STORE_NAMES) results.push(await measured(name));
} finally {
  for (const { child } of servers) child.kill();
  await rm(folder, { recursive: true });
}
await keepResults("inbox", { versions, settings: { rounds: ROUNDS, operationsPerRound: TIMES }, results });
