// Node-RED with the built module, for bench/node-red.mjs. argv: package of the runtime, user directory, base URL of
// "WeChat", AppID, callback token. Its flows: "source" → send node or http request node → "sink", and receive → send → "sink".
import { monitorEventLoopDelay } from "node:perf_hooks";
import { node, startNodeRed } from "./node-red-start.mjs";

const [, , runtime, userDir, baseUrl, appId, callbackToken] = process.argv;

/** What runs now; the flow's function nodes tell it when a message has ended. */
let ended = () => {};
let start = () => {};
const bench = {
  source: (node) => {
    start = (port, msg) => node.send(port === "http request" ? [null, msg] : [msg, null]);
  },
  sink: (msg) => ended(msg),
};

const runner = await startNodeRed({ runtime, userDir, global: { bench } });

const sink = 'global.get("bench").sink(msg);';
const flows = [
  { id: "tab", type: "tab", label: "bench" },
  {
    id: "account",
    type: "wechat-oa-account",
    appId,
    baseUrl,
    credentials: { appSecret: "0".repeat(32), callbackToken },
  },
  node("source", "function", {
    func: "",
    initialize: 'global.get("bench").source(node);',
    outputs: 2,
    wires: [["send"], ["request"]],
  }),
  node("send", "wechat-oa-send", { account: "account", wires: [["sink"]] }),
  node("request", "http request", {
    method: "POST",
    ret: "obj",
    url: `${baseUrl}/cgi-bin/message/custom/send?access_token=bench`,
    wires: [["sink"]],
  }),
  node("receive", "wechat-oa-receive", { account: "account", wires: [["echo"], []] }),
  node("echo", "wechat-oa-send", { account: "account", wires: [["sink"]] }),
  node("sink", "function", { func: sink, wires: [] }),
  node("catch", "catch", { scope: null, wires: [["sink"]] }),
];
await runner.deploy(flows);

/** Sends `count` messages with `width` in flight, waits for them and for `echoes` more, and tells how it went. */
async function run({ run: port, count, width, echoes = 0 }) {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const began = performance.now();
  let begun = 0;
  let over = 0;
  await new Promise((resolve, reject) => {
    const next = () => {
      if (begun >= count) return;
      const n = begun++;
      const openid = `oBench${String(n % 5_000).padStart(22, "0")}`;
      const text = `message ${n} 你好`;
      const payload = port === "http request" ? { touser: openid, msgtype: "text", text: { content: text } } : text;
      start(port, { _msgid: String(n), bench: true, openid, payload });
    };
    ended = (msg) => {
      if (msg.error) reject(new Error(msg.error.message));
      if (msg.bench) next();
      if (++over === count + echoes) resolve();
    };
    for (let n = 0; n < width; n++) next();
  });
  const seconds = (performance.now() - began) / 1000;
  delay.disable();
  // Twice, and a turn between: what the first collection lets go of may hold more.
  global.gc();
  await new Promise((resolve) => setImmediate(resolve));
  global.gc();
  const { heapUsed, rss } = process.memoryUsage();
  const ms = (nanoseconds) => nanoseconds / 1e6;
  return {
    rate: over / seconds,
    heap: heapUsed / 2 ** 20,
    rss: rss / 2 ** 20,
    delay: { p50: ms(delay.percentile(50)), p99: ms(delay.percentile(99)), max: ms(delay.max) },
    handles: process.getActiveResourcesInfo().length,
  };
}

process.on("message", async (order) => {
  if (order.stop) {
    await runner.stop();
    process.exit();
  }
  process.send(await run(order));
});
process.send({ url: runner.url, version: runner.version });
