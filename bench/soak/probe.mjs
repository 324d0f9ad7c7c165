// Looks into a process from inside, without a line in what is measured: `node --expose-gc --import ./probe.mjs …`, started
// with an IPC channel. Answers `{ probe: id }`, and writes down what was still open when the process ended (file
// SOAK_LAST_WORDS). Keeps nothing alive by itself.
import { readdirSync, writeFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";

const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();

/** How many of each kind keep the event loop alive. */
function resources() {
  const counts = {};
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

/** Undefined where there is no /proc. */
function openFiles() {
  try {
    // One of them is the folder that is being read.
    return readdirSync("/proc/self/fd").length - 1;
  } catch {
    return undefined;
  }
}

const ms = (nanoseconds) => (Number.isFinite(nanoseconds) ? nanoseconds / 1e6 : 0);

async function read({ collect }) {
  const handles = resources();
  const loop = { p50: ms(delay.percentile(50)), p99: ms(delay.percentile(99)), max: ms(delay.max) };
  if (collect) {
    // The pause of the collection is ours, and none of the program's. Twice, and a turn between: what the first one lets
    // go of may hold more.
    delay.disable();
    global.gc();
    await new Promise((resolve) => setImmediate(resolve));
    global.gc();
    delay.reset();
    delay.enable();
  }
  // `external` holds the memory of Buffers too.
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed, external, rss, handles, fds: openFiles(), loop };
}

process.on("message", async (order) => {
  if (order?.probe !== undefined) process.send({ probe: order.probe, reading: await read(order) });
});
process.channel.unref();

const words = {};
const keep = () => writeFileSync(process.env.SOAK_LAST_WORDS, JSON.stringify(words));
// Comes only when nothing is left to wait for: who is killed or calls process.exit has none.
process.on("beforeExit", () => {
  words.beforeExit = resources();
  keep();
});
process.on("exit", (code) => {
  words.exit = { code, handles: resources() };
  keep();
});
