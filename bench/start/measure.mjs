// A process from its start to the moment that it is ready, and how several take turns.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { run } from "./install.mjs";

const TIME_LIMIT = 60_000;

/**
 * Starts a program and ends it as soon as it is ready.
 * @param ready resolves when it is, with what else is to be kept; gets its lines of stdout and its stdin
 * @returns milliseconds of time and of processor time, and bytes of resident memory
 */
export async function started(args, { cwd, env }, ready) {
  const began = performance.now();
  const child = spawn(process.execPath, args, { cwd, env, stdio: ["pipe", "pipe", "ignore"] });
  const ended = once(child, "exit");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async () => {
    const { done, value } = await lines.next();
    if (done) throw new Error(`${args.join(" ")} ended before it was ready`);
    return value;
  };
  const limit = setTimeout(() => child.kill("SIGKILL"), TIME_LIMIT);
  try {
    const more = await ready(nextLine, child.stdin);
    const time = performance.now() - began;
    return { ...more, time, cpu: await processorTime(child.pid), memory: await residentMemory(child.pid) };
  } finally {
    clearTimeout(limit);
    child.kill("SIGKILL");
    await ended;
  }
}

/** What a script prints when it is ready; it then waits to be ended. */
export const SAYS_READY = 'console.log("ready"); process.stdin.resume();';

/** Ready when a script has printed it, whatever else it prints before. */
export async function saidReady(nextLine) {
  while ((await nextLine()) !== "ready");
}

/** Milliseconds, in steps of 10, of user and system (proc(5): fields 14 and 15, in ticks); NaN where there is no /proc. */
async function processorTime(pid) {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  const [user, system] = stat
    .replace(/^.*\) /s, "")
    .split(" ")
    .slice(11, 13);
  return (Number(user) + Number(system)) * 10;
}

async function residentMemory(pid) {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => undefined);
  const kilobytes = status ? /VmRSS:\s*(\d+)/.exec(status)[1] : run("ps", ["-o", "rss=", "-p", String(pid)]);
  return Number(kilobytes) * 1024;
}

/** In turns, each once before; all results of each, by name. */
export async function inTurns(rounds, measures) {
  const names = Object.keys(measures);
  const results = Object.fromEntries(names.map((name) => [name, []]));
  for (const name of names) await measures[name]();
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(round + turn) % names.length];
      results[name].push(await measures[name]());
    }
  }
  return results;
}
