// Sends a second and CPU a send beside the bare HTTP client: node bench/send.mjs
// Contenders take turns in every round, so that a machine that changes speed changes it for all; figures are medians
// of the ratios to undici's Pool.request within the same round.
import { fork } from "node:child_process";
import { cpus } from "node:os";
import { WeChatClient } from "@wechat-offiaccount/core";
import { Pool } from "undici";

const ROUNDS = 7;
const MILLISECONDS = 700;
const WIDTHS = [1, 16, 64];
const OPENID = "oSimFollower000000000000000001";

const child = fork(new URL("./server.mjs", import.meta.url));
const port = await new Promise((resolve) => child.once("message", resolve));
const baseUrl = `http://127.0.0.1:${port}`;
const path = "/cgi-bin/message/custom/send?access_token=bench";
const headers = { "content-type": "application/json" };
const bodyOf = (n) => JSON.stringify({ touser: OPENID, msgtype: "text", text: { content: `message ${n} 你好` } });

const pool = new Pool(baseUrl, { connections: 256 });
const client = new WeChatClient({ appId: "wx0123456789abcdef", appSecret: "bench", baseUrl });
const contenders = {
  "undici Pool.request": async (n) => {
    const { body } = await pool.request({ method: "POST", path, headers, body: bodyOf(n) });
    if ((await body.json()).errcode !== 0) throw new Error("refused");
  },
  "@wechat-offiaccount/core": (n) => client.messages.sendText(OPENID, `message ${n} 你好`),
  "fetch of Node": async (n) => {
    const answer = await fetch(baseUrl + path, { method: "POST", headers, body: bodyOf(n) });
    if ((await answer.json()).errcode !== 0) throw new Error("refused");
  },
};

async function measure(send, width) {
  let count = 0;
  const cpu = process.cpuUsage();
  const began = performance.now();
  const end = began + MILLISECONDS;
  const worker = async () => {
    while (performance.now() < end) await send(count++);
  };
  await Promise.all(Array.from({ length: width }, worker));
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { rate: count / seconds, cpu: (user + system) / count };
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const names = Object.keys(contenders);
console.log(`Node ${process.version}, ${cpus().length} x ${cpus()[0].model}, ${ROUNDS} rounds, medians`);
for (const width of WIDTHS) {
  for (const name of names) await measure(contenders[name], width);
  const results = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(round + turn) % names.length];
      results[name].push(await measure(contenders[name], width));
    }
  }
  const base = results[names[0]];
  console.log(`\n${width} in flight: sends/s, ratio (worst, best), CPU µs a send, ratio`);
  for (const name of names) {
    const rates = results[name].map(({ rate }, round) => rate / base[round].rate);
    const cpu = results[name].map((result, round) => result.cpu / base[round].cpu);
    const spread = `(${Math.min(...rates).toFixed(2)}, ${Math.max(...rates).toFixed(2)})`;
    const rate = median(results[name].map((result) => result.rate)).toFixed(0);
    const micro = median(results[name].map((result) => result.cpu)).toFixed(1);
    console.log(
      `  ${name.padEnd(26)} ${rate.padStart(6)}  ${median(rates).toFixed(2)} ${spread}  ${micro}  ${median(cpu).toFixed(2)}`,
    );
  }
}
await client.close();
await pool.close();
child.disconnect();
