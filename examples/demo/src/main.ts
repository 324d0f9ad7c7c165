/**
 * The main job, live: a local WeChat with a phone, a real Node-RED with an FAQ bot, and our MCP server with an agent.
 * `--once` sends one text through each door, asks bot and agent, and ends with exit code 0 if all arrived, else 1;
 * without it everything stays up until Ctrl-C.
 */
import { startDemo } from "./demo.js";
import { runOnce } from "./once.js";
import type { Service } from "./service.js";
import { wordsFor } from "./words.js";

const USAGE = `Usage: pnpm demo [--once]
  --once   send a text through each door, ask the bot and the agent, print what the phone shows, and end: exit code 0
           if all arrived, else 1`;

const running: Service[] = [];
const words = wordsFor(process.env);
const say = (line = "") => void process.stdout.write(`${line}\n`);
const complain = (line: string) => void process.stderr.write(`${line}\n`);

async function stopAll(): Promise<void> {
  for (const service of running.splice(0).reverse()) await service.close().catch(() => {});
}

async function main(): Promise<number> {
  say(words.starting);
  const demo = await startDemo((service) => void running.push(service), complain);
  if (interrupted) return 1;
  if (once) return (await runOnce(demo, words.once, say, () => interrupted)) ? 0 : 1;
  const { simulator, nodeRed, mcp } = demo;
  const { url, tokenFile } = mcp;
  const phone = `${simulator.url}/simulator/`;
  say(words.addresses({ phone, editor: `${nodeRed.url}/`, mcp: url, tokenFile, api: simulator.url }));
  await ended;
  return 0;
}

let endNow = () => {};
const ended = new Promise<void>((resolve) => {
  endNow = resolve;
});
let interrupted = false;
let interruptedAt = 0;
let work: Promise<number> = Promise.resolve(0);
const interrupt = async () => {
  // Who asks again later does not want to wait. At once it is the same Ctrl-C, which package managers pass on as well.
  if (interrupted && performance.now() - interruptedAt > 1000) process.exit(1);
  if (interrupted) return;
  interrupted = true;
  interruptedAt = performance.now();
  say(`\n${words.stopping}`);
  endNow();
  await stopAll();
  // What was being started at this moment ends too, and may have left something to close.
  await work.catch(() => {});
  await stopAll();
  // What was asked for with --once has not been shown.
  process.exit(once ? 1 : 0);
};
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, interrupt);

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
const flags = process.argv.slice(2).filter((flag) => flag !== "--");
const once = flags.includes("--once");
const unknown = flags.find((flag) => !["--once", "--help", "-h"].includes(flag));
if (major < 20 || (major === 20 && minor < 19)) {
  complain(`This needs Node.js 20.19 or newer; this is ${process.version}.`);
  process.exitCode = 1;
} else if (unknown !== undefined) {
  complain(`Unknown argument: ${unknown}\n${USAGE}`);
  process.exitCode = 2;
} else if (flags.includes("--help") || flags.includes("-h")) {
  say(USAGE);
} else {
  try {
    work = main();
    process.exitCode = await work;
  } catch (error) {
    if (!interrupted) {
      complain(words.failed(error instanceof Error ? error.message : String(error)));
      process.exitCode = 1;
    }
  }
  if (!interrupted) await stopAll();
}
