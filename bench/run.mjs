// Runs benchmarks one after another, each in a process of its own: pnpm bench [names…] [--quick], which builds first.
// Each prints its tables and keeps its results in bench/results/ (or in the folder that BENCH_RESULTS names), from which
// `pnpm bench:page` makes docs/benchmarks.md.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

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

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: "boolean", default: false }, help: { type: "boolean", default: false } },
});
const names = positionals.length > 0 ? positionals : Object.keys(BENCHES);
const unknown = names.filter((name) => !Object.hasOwn(BENCHES, name));

if (values.help || unknown.length > 0) {
  for (const name of unknown) console.error(`There is no benchmark "${name}".`);
  console.log("pnpm bench [names…] [--quick]   all by default; --quick: few rounds, results are not kept\n");
  for (const [name, { about }] of Object.entries(BENCHES)) console.log(`  ${name.padEnd(10)}${about}`);
  process.exit(unknown.length > 0 ? 2 : 0);
}

async function succeeds(name) {
  console.log(`\n== ${name}: ${BENCHES[name].about}`);
  const file = fileURLToPath(new URL(`./${name}.mjs`, import.meta.url));
  const env = values.quick ? { BENCH_RESULTS: "off", ...process.env } : process.env;
  const child = spawn(process.execPath, [file, ...(values.quick ? (BENCHES[name].quick ?? []) : [])], {
    stdio: "inherit",
    env,
  });
  const [code] = await once(child, "exit");
  return code === 0;
}

const failed = [];
for (const name of names) if (!(await succeeds(name))) failed.push(name);
console.log(failed.length > 0 ? `\nFailed: ${failed.join(", ")}` : "\nAll ran to their end.");
process.exitCode = failed.length > 0 ? 1 : 0;
