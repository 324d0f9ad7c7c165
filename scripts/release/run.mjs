// Programs that a release runs, and their end when the release is told to stop.
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const running = new Set();
let stoppedBy;

/** Runs a program to its end, and that of whatever it started; what it said is in the error if it fails. */
export async function run(command, args, options = {}) {
  const ended = promisify(execFile)(command, args, { maxBuffer: 64 * 1024 * 1024, ...options });
  running.add(ended.child);
  try {
    return await ended;
  } catch (error) {
    goOn();
    throw error;
  } finally {
    running.delete(ended.child);
  }
}

/** Ends what runs. Once: what puts things right after that runs to its end. */
export function stop(signal) {
  if (stoppedBy !== undefined) return;
  stoppedBy = signal;
  for (const child of running) child.kill();
}

/** Throws if the release was told to stop. */
export function goOn() {
  if (stoppedBy !== undefined) throw new Error(`stopped by ${stoppedBy}`);
}

export const node = (cwd, ...args) => run(process.execPath, args, { cwd });

export const pnpm = (cwd, ...args) => run("npx", ["-y", "pnpm@12", ...args], { cwd });

/** What git answers, without the line's end. */
export async function git(cwd, ...args) {
  const { stdout } = await run("git", args, { cwd });
  return stdout.trim();
}
