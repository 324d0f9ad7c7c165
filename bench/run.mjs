// Runs benchmarks one after another, each in a process of its own: pnpm bench [names…] [--quick], which builds first.
// Each prints its tables and keeps its results in bench/results/ (or in the folder that BENCH_RESULTS names), from which
// `pnpm bench:page` makes docs/benchmarks.md.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { loadavg } from "node:os";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { commandLine } from "../scripts/command-line.mjs";
import { isBusy, machine } from "./report.mjs";

/** In the order of running. `quick`: the arguments that show in a minute or two that it works. */
const BENCHES = {
  send: {
    about: "sends a second and CPU a send, beside undici, fetch and the public clients; plain, TLS, 20 ms",
    quick: ["--starts", "2", "--rounds", "1", "--milliseconds", "100", "--widths", "1,16"],
  },
  tokens: {
    about: "token calls and failed sends: cold, killed in the middle, two processes; beside the public clients",
  },
  callback: {
    about: "pushes a second, plain and encrypted, beside the bare crypto and a public library",
    quick: ["--rounds", "2", "--pushes", "400"],
  },
  inbox: {
    about: "how the inbox's times grow with its messages, for each store (needs redis-server)",
    quick: ["--rounds", "3", "--size", "1000,10000"],
  },
  text: { about: "how the times of splitText and markdownToText grow with the text", quick: ["--rounds", "3"] },
  "node-red": {
    about: "the send node beside Node-RED's http request node; memory over 200,000 messages",
    quick: ["--rounds", "2", "--messages", "4000"],
  },
  start: {
    about: "cold start, memory and installed size of core, the Node-RED module and the MCP server, beside their peers",
    quick: ["--rounds", "2"],
  },
  soak: {
    about: "ten minutes of mixed traffic through stdio, HTTP and Node-RED: memory, handles, delays, latencies",
    quick: ["--minutes", "0.5", "--every", "5"],
  },
};

const about = Object.entries(BENCHES).map(([name, { about }]) => `  ${name.padEnd(10)}${about}`);
const { quick, operands } = commandLine(
  ["pnpm bench [names…]   all by default", ...about].join("\n"),
  { quick: [false, "few rounds; results are not kept"] },
  ["names", Object.keys(BENCHES)],
);
const names = operands.length > 0 ? operands : Object.keys(BENCHES);

async function succeeds(name) {
  console.log(`\n== ${name}: ${BENCHES[name].about}`);
  const file = fileURLToPath(new URL(`./${name}.mjs`, import.meta.url));
  const env = quick ? { BENCH_RESULTS: "off", ...process.env } : process.env;
  const child = spawn(process.execPath, [file, ...(quick ? (BENCHES[name].quick ?? []) : [])], {
    stdio: "inherit",
    env,
  });
  const [code] = await once(child, "exit");
  return code === 0;
}

/** The load that one benchmark left behind is not the next one's; another program's does not end by waiting. */
async function quiet() {
  const patience = performance.now() + 180_000;
  while (isBusy(loadavg()[0], machine.cores) && performance.now() < patience) await wait(1000);
}

const failed = [];
for (const name of names) {
  if (!quick) await quiet();
  if (!(await succeeds(name))) failed.push(name);
}
console.log(failed.length > 0 ? `\nFailed: ${failed.join(", ")}` : "\nAll ran to their end.");
process.exitCode = failed.length > 0 ? 1 : 0;
