// How the inbox grows: node bench/inbox.mjs [--size 10000,100000,1000000]
// Messages over a tenth as many conversations, in memory (up to 100,000) and in a SQLite file. Each figure is the median
// of single operations; the ratios are to the smallest size. The goal: at 100 times the size not more than twice the
// time. Sizes take turns within every round, so that a machine that changes speed changes it for all.
import { mkdtemp, rm, stat } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Inbox, MemoryStore } from "@wechat-offiaccount/core";
import { openSqliteStore } from "@wechat-offiaccount/core/sqlite";

const { values } = parseArgs({ options: { size: { type: "string", default: "10000,100000,1000000" } } });
const SIZES = values.size.split(",").map(Number);
const MEMORY_AT_MOST = 100_000;
const ROUNDS = 11;
const TIMES = 20;

const folder = await mkdtemp(join(tmpdir(), "bench-inbox-"));
const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
const openid = (n) => `oBenchFollower${String(n).padStart(14, "0")}`;
let pushes = 0;
const push = (follower) => {
  const msgId = String(++pushes);
  const text = `message ${msgId} 你好，请问我的订单到哪里了？`;
  const message = { type: "text", openid: openid(follower), accountId: "gh_1", createdAt: Date.now(), msgId, text };
  return { key: `m:${msgId}`, nonce: msgId, timestamp: Math.floor(Date.now() / 1000), message };
};

async function filled(name, size, store) {
  const inbox = new Inbox({ appId: "wx0123456789abcdef", store });
  const began = performance.now();
  for (let n = 0; n < size; n++) {
    const arrival = push(Math.floor(Math.random() * (size / 10)));
    await inbox.receive(arrival);
    await inbox.emitted(arrival.key);
  }
  const rate = size / ((performance.now() - began) / 1000);
  console.log(`${name} ${size}: filled, ${Math.round(rate)} received and emitted a second`);
  return { inbox, size, follower: () => Math.floor(Math.random() * (size / 10)) };
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
  "what came after": async ({ inbox }) => inbox.incoming({ after: String(pushes) }),
};

async function measure(operation, at) {
  const times = [];
  for (let n = 0; n < TIMES; n++) {
    const began = performance.now();
    await operation(at);
    times.push((performance.now() - began) * 1000);
  }
  return times;
}

console.log(`Node ${process.version}, ${cpus().length} x ${cpus()[0].model}, ${ROUNDS} rounds of ${TIMES}, medians\n`);
const stores = {
  memory: {
    sizes: SIZES.filter((size) => size <= MEMORY_AT_MOST),
    // Room for what is received while measuring, so that no store drops anything.
    open: async (size) => new MemoryStore({ maxMessages: size * 2 }),
  },
  SQLite: { sizes: SIZES, open: (size) => openSqliteStore(join(folder, `${size}.db`)) },
};
try {
  for (const [name, { sizes, open }] of Object.entries(stores)) {
    const all = [];
    for (const size of sizes) all.push(await filled(name, size, await open(size)));
    console.log(`${name.padEnd(20)}${sizes.map((size) => `${size} (µs)`.padStart(16)).join("")}   ratios`);
    for (const [what, operation] of Object.entries(OPERATIONS)) {
      const times = all.map(() => []);
      for (const at of all) await measure(operation, at);
      for (let round = 0; round < ROUNDS; round++) {
        for (let turn = 0; turn < all.length; turn++) {
          const index = (round + turn) % all.length;
          times[index].push(...(await measure(operation, all[index])));
        }
      }
      const medians = times.map(median);
      const ratios = medians.map((time) => (time / medians[0]).toFixed(2)).join(" ");
      console.log(`${what.padEnd(20)}${medians.map((time) => time.toFixed(0).padStart(16)).join("")}   ${ratios}`);
    }
    for (const { inbox } of all) await inbox.close();
    console.log();
  }
  for (const size of SIZES) {
    const { size: bytes } = await stat(join(folder, `${size}.db`));
    console.log(`${size} messages: ${Math.round(bytes / 1e6)} MB on disk`);
  }
} finally {
  await rm(folder, { recursive: true });
}
