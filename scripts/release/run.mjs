// Programs that a release runs.
import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** Runs a program to its end; what it said is in the error if it fails. */
export function run(command, args, options = {}) {
  return promisify(execFile)(command, args, { maxBuffer: 64 * 1024 * 1024, ...options });
}

export const node = (cwd, ...args) => run(process.execPath, args, { cwd });

export const pnpm = (cwd, ...args) => run("npx", ["-y", "pnpm@12", ...args], { cwd });

/** What git answers, without the line's end. */
export async function git(cwd, ...args) {
  const { stdout } = await run("git", args, { cwd });
  return stdout.trim();
}
