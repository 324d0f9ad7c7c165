import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { repository, run } from "./tarballs.js";

/** A repository of one's own in which to release; it ends with the test. */
export interface Scratch {
  readonly folder: string;
  /** Where the release puts what it needs meanwhile. */
  readonly temporary: string;
  git(...args: string[]): Promise<string>;
  /** Runs scripts/release.mjs there. Does not reject. */
  release(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }>;
}

/** A clone of what is committed here, on a branch of the given name. */
export async function scratchRepository(env: Record<string, string> = {}, branch = "main"): Promise<Scratch> {
  const scratch = await realpath(await mkdtemp(join(tmpdir(), "release-test-")));
  onTestFinished(() => rm(scratch, { recursive: true, force: true }));
  const folder = join(scratch, "repository");
  const temporary = join(scratch, "tmp");
  await run("git", ["clone", "--quiet", "--no-hardlinks", "--no-tags", repository, folder]);
  await run("mkdir", [temporary]);
  const git = async (...args: string[]) => (await run("git", args, { cwd: folder })).stdout.trim();
  await git("checkout", "--quiet", "-B", branch);
  await git("config", "user.name", "Tester");
  await git("config", "user.email", "tester@example.com");
  // Not the environment of this test runner: the release starts one of its own.
  const own = { PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: temporary, CI: "true", ...env };
  const release = async (...args: string[]) => {
    const script = join(folder, "scripts/release.mjs");
    const running = run(process.execPath, [script, ...args], { cwd: folder, env: own, maxBuffer: 2 ** 26 });
    return running.then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
    );
  };
  return { folder, temporary, git, release };
}
