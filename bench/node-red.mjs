// A soak of the Node-RED module, and its send node beside Node-RED's own http request node:
//   pnpm build && node bench/node-red.mjs
// Half of the messages begin in the flow, half are pushed by "WeChat" and echoed. Memory is read after a collection, at
// every tenth of the way. The other side is a process of its own, and so is Node-RED.
import { fork } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Pool } from "undici";
import { commandLine } from "../scripts/command-line.mjs";
import { inTurn, keepResults, machineLine, rounded, spreadOf, spreadText, versionIn } from "./report.mjs";

const { messages: TOTAL, rounds: ROUNDS } = commandLine("The Node-RED module: its memory, and its send node's speed.", {
  messages: [200_000, "while memory is read"],
  rounds: [7, "of 3,000 sends by each node"],
});
const STEPS = 10;
const IN_FLIGHT = 32;
const FOLLOWERS = 5_000;
const ROUND = 3_000;
const APP_ID = "wx0123456789abcdef";
const CALLBACK_TOKEN = "benchT0ken";
const major = Number(process.versions.node.split(".")[0]);

const start = async (file, args, options) => {
  const child = fork(new URL(file, import.meta.url), args, options);
  const [ready] = await once(child, "message");
  return { child, ready };
};
const server = await start("./server.mjs", []);
const userDir = await mkdtemp(join(tmpdir(), "bench-"));
const runtime = await start(
  "./node-red-runtime.mjs",
  [major >= 24 ? "node-red-5" : "node-red", userDir, `http://127.0.0.1:${server.ready}`, APP_ID, CALLBACK_TOKEN],
  { execArgv: ["--expose-gc"] },
);
const ask = async (order) => {
  runtime.child.send(order);
  const [answer] = await once(runtime.child, "message");
  return answer;
};

const pool = new Pool(runtime.ready.url, { connections: IN_FLIGHT });
let pushes = 0;
async function push() {
  const n = pushes++;
  const timestamp = String(Math.floor(Date.now() / 1000));
  const nonce = String(1_000_000 + n);
  const signature = createHash("sha1").update([CALLBACK_TOKEN, timestamp, nonce].sort().join("")).digest("hex");
  const body = `<xml><ToUserName><![CDATA[gh_0123456789ab]]></ToUserName><FromUserName><![CDATA[${openid(n)}]]></FromUserName><CreateTime>${timestamp}</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[message ${n} 你好]]></Content><MsgId>${7_000_000_000_000_000_000n + BigInt(n)}</MsgId></xml>`;
  const path = `/flow/wechat/${APP_ID}?signature=${signature}&timestamp=${timestamp}&nonce=${nonce}`;
  const answer = await pool.request({ method: "POST", path, headers: { "content-type": "text/xml" }, body });
  if ((await answer.body.text()) !== "success") throw new Error(`a push was answered with ${answer.statusCode}`);
}
const openid = (n) => `oBench${String(n % FOLLOWERS).padStart(22, "0")}`;

async function pushMany(count) {
  const last = pushes + count;
  await Promise.all(
    Array.from({ length: IN_FLIGHT }, async () => {
      while (pushes < last) await push();
    }),
  );
}

const column = (value, width) => String(value).padStart(width);

console.log(`${machineLine}, Node-RED ${runtime.ready.version}`);
const NODES = ["wechat-oa-send", "http request"];
for (const name of NODES) await ask({ run: name, count: ROUND, width: IN_FLIGHT });
const ratios = { rate: [], p99: [] };
for (let round = 0; round < ROUNDS; round++) {
  const results = {};
  for (const name of inTurn(NODES, round)) results[name] = await ask({ run: name, count: ROUND, width: IN_FLIGHT });
  ratios.rate.push(results["wechat-oa-send"].rate / results["http request"].rate);
  ratios.p99.push(results["wechat-oa-send"].delay.p99 / results["http request"].delay.p99);
}
const toRequest = { rate: spreadOf(ratios.rate), delayP99: spreadOf(ratios.p99) };
console.log(
  `wechat-oa-send beside Node-RED's http request node, ${IN_FLIGHT} in flight, ${ROUNDS} rounds of ${ROUND}, medians:`,
);
console.log(
  `  messages/s ${spreadText(toRequest.rate)}, p99 of the event loop's delay ${spreadText(toRequest.delayP99)}`,
);

console.log(`\nsoak, ${TOTAL} messages, half of them pushed and echoed:`);
console.log("  messages   heap MB    rss MB  messages/s  loop delay ms p50 / p99 / max  handles");
const readings = [];
for (let step = 1; step <= STEPS; step++) {
  const part = Math.round(TOTAL / STEPS / 2);
  const [reading] = await Promise.all([
    ask({ run: "wechat-oa-send", count: part, echoes: part, width: IN_FLIGHT }),
    pushMany(part),
  ]);
  const { heap, rss, rate, delay, handles } = reading;
  readings.push({
    messages: 2 * part * step,
    heapMB: rounded(heap, 1),
    rssMB: rounded(rss),
    messagesPerSecond: rounded(rate),
    delayP99: rounded(delay.p99, 1),
    delayMax: rounded(delay.max, 1),
    handles,
  });
  const delays = [delay.p50, delay.p99, delay.max].map((ms) => ms.toFixed(1)).join(" / ");
  console.log(
    `  ${column(2 * part * step, 8)}  ${column(heap.toFixed(1), 8)}  ${column(rss.toFixed(0), 8)}  ${column(rate.toFixed(0), 10)}  ${column(delays, 29)}  ${column(handles, 7)}`,
  );
}
const at = (part) => readings[Math.ceil(STEPS * part) - 1];
const endToHalf = {
  heap: rounded(at(1).heapMB / at(0.5).heapMB, 3),
  rate: rounded(at(1).messagesPerSecond / at(0.5).messagesPerSecond, 3),
};
console.log(`  heap at the end beside the half: ${endToHalf.heap.toFixed(2)}, rate: ${endToHalf.rate.toFixed(2)}`);

await pool.close();
runtime.child.send({ stop: true });
await once(runtime.child, "exit");
server.child.disconnect();
await rm(userDir, { recursive: true, force: true });

await keepResults("node-red", {
  versions: {
    "@wechat-offiaccount/node-red": await versionIn("packages/node-red"),
    "node-red": runtime.ready.version,
  },
  settings: { rounds: ROUNDS, messagesPerRound: ROUND, inFlight: IN_FLIGHT, soakMessages: TOTAL },
  results: { toRequest, soak: { readings, endToHalf } },
});
