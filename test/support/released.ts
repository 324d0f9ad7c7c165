import { mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repository, run } from "./tarballs.js";

/** A repository of one's own in which to release. */
export interface Scratch {
  readonly folder: string;
  /** Where the release puts what it needs meanwhile. */
  readonly temporary: string;
  git(...args: string[]): Promise<string>;
  /** Runs scripts/release.mjs there. Does not reject. */
  release(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }>;
  remove(): Promise<void>;
}

/** A clone of what is committed here, on main. `env` is for the release, beside what every program gets. */
export async function scratchRepository(env: Record<string, string> = {}): Promise<Scratch> {
  const scratch = await realpath(await mkdtemp(join(tmpdir(), "release-test-")));
  const folder = join(scratch, "repository");
  const temporary = join(scratch, "tmp");
  await run("git", ["clone", "--quiet", "--shared", "--no-tags", repository, folder]);
  await mkdir(temporary);
  const git = async (...args: string[]) => (await run("git", args, { cwd: folder })).stdout.trim();
  await git("checkout", "--quiet", "-B", "main");
  await git("config", "user.name", "Tester");
  await git("config", "user.email", "tester@example.com");
  const own = { ...withoutRunner(process.env), TMPDIR: temporary, ...env };
  const release = async (...args: string[]) => {
    const script = join(folder, "scripts/release.mjs");
    const running = run(process.execPath, [script, ...args], { cwd: folder, env: own, maxBuffer: 2 ** 26 });
    return running.then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
    );
  };
  return { folder, temporary, git, release, remove: () => rm(scratch, { recursive: true, force: true }) };
}

/** Without what vitest sets: the release starts one of its own. */
function withoutRunner(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const set = /^(VITEST.*|NODE_ENV|TEST|MODE|DEV|PROD|SSR|BASE_URL)$/;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !set.test(name)));
}
