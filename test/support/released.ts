import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { repository, run } from "./tarballs.js";

/** A repository of one's own in which to release. */
export interface Scratch {
  readonly folder: string;
  /** The repository to which main is pushed. */
  readonly origin: string;
  /** Where the release puts what it needs meanwhile. */
  readonly temporary: string;
  git(...args: string[]): Promise<string>;
  /** Runs scripts/release.mjs there. Does not reject. */
  release(...args: string[]): Promise<Ended>;
  /** The same, and sends it a signal as soon as it says a word. */
  stoppedRelease(signal: NodeJS.Signals, word: string, ...args: string[]): Promise<Ended>;
  remove(): Promise<void>;
}

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A clone of what is committed here, on main. `env` is for the release, beside what every program gets. */
export async function scratchRepository(env: Record<string, string> = {}): Promise<Scratch> {
  const scratch = await realpath(await mkdtemp(join(tmpdir(), "release-test-")));
  const origin = join(scratch, "origin.git");
  const folder = join(scratch, "repository");
  const temporary = join(scratch, "tmp");
  await run("git", ["clone", "--quiet", "--shared", "--no-tags", "--bare", repository, origin]);
  await run("git", ["update-ref", "refs/heads/main", "HEAD"], { cwd: origin });
  await run("git", ["symbolic-ref", "HEAD", "refs/heads/main"], { cwd: origin });
  await run("git", ["clone", "--quiet", "--shared", origin, folder]);
  await mkdir(temporary);
  const git = async (...args: string[]) => (await run("git", args, { cwd: folder })).stdout.trim();
  await git("config", "user.name", "Tester");
  await git("config", "user.email", "tester@example.com");
  // What should have been refused must not reach npm.
  const nowhere = { "npm_config_@wechat-offiaccount:registry": "http://127.0.0.1:9/" };
  const own = { ...withoutRunner(process.env), TMPDIR: temporary, ...nowhere, ...env };
  const children: ChildProcess[] = [];
  const start = (args: readonly string[]) => {
    const script = join(folder, "scripts/release.mjs");
    const child = spawn(process.execPath, [script, ...args], {
      cwd: folder,
      env: own,
      stdio: ["ignore", "pipe", "pipe"],
    });
    children.push(child);
    const all = Promise.all([once(child, "close"), text(child.stdout), text(child.stderr)]);
    return { child, ended: all.then(([[code], stdout, stderr]) => ({ code, stdout, stderr })) };
  };
  const stoppedRelease = (signal: NodeJS.Signals, word: string, ...args: string[]) => {
    const { child, ended } = start(args);
    let said = "";
    child.stdout.on("data", (chunk) => {
      const before = said.includes(word);
      said += chunk;
      if (!before && said.includes(word)) child.kill(signal);
    });
    return ended;
  };
  const release = (...args: string[]) => start(args).ended;
  const remove = async () => {
    for (const child of children) child.kill(); // one that should have ended, and did not
    await rm(scratch, { recursive: true, force: true });
  };
  return { folder, origin, temporary, git, release, stoppedRelease, remove };
}

/** Without what vitest sets: the release starts one of its own. */
function withoutRunner(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const set = /^(VITEST.*|NODE_ENV|TEST|MODE|DEV|PROD|SSR|BASE_URL)$/;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !set.test(name)));
}
