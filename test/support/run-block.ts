import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { DEFAULT_APP_ID, DEFAULT_APP_SECRET, type Simulator } from "@wechat-offiaccount/simulator";
import { onTestFinished } from "vitest";
import { type Program, runnable } from "./code-blocks.js";
import { FILES } from "./files.js";
import { repository } from "./tarballs.js";

export const CALLBACK_TOKEN = "trytoken";
export const ENCODING_AES_KEY = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ";

/** Whether a program holds tests, which vitest runs. */
export const isTest = ({ source }: Program): boolean => /from "vitest"/.test(source);

/** How a program ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that was started. */
export interface Started {
  readonly port: number;
  readonly ended: Promise<Ended>;
  stop(): void;
}

/**
 * Starts a program of a page in a folder of its own, from which packages are found as in the repository, with the local
 * WeChat where the page says that it is.
 */
export async function start(program: Program, { url }: Simulator): Promise<Started> {
  const folder = await mkdtemp(join(repository, ".docs-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const source = runnable(program).replaceAll("http://127.0.0.1:8787", url);
  const file = join(folder, isTest(program) ? "program.test.mjs" : "program.mjs");
  await writeFile(file, source);
  await writeFile(join(folder, "vitest.config.mjs"), "export default {};\n"); // else it would take the repository's
  await writeFile(join(folder, "receipt.png"), FILES.png());
  // A library that only the simulator's tests bring along.
  await symlink(join(repository, "packages/simulator/node_modules"), join(folder, "node_modules"));
  const port = await freePort();
  const child = spawn(process.execPath, [...commandFor(program, folder), file], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env.PATH,
      NO_COLOR: "1",
      WECHAT_APP_ID: DEFAULT_APP_ID,
      WECHAT_APP_SECRET: DEFAULT_APP_SECRET,
      WECHAT_API_BASE_URL: url,
      WECHAT_CALLBACK_TOKEN: CALLBACK_TOKEN,
      WECHAT_ENCODING_AES_KEY: ENCODING_AES_KEY,
      PORT: String(port),
    },
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  const output = Promise.all([once(child, "close"), text(child.stdout), text(child.stderr)]);
  const ended = output.then(([[code], stdout, stderr]) => ({ code, stdout, stderr }));
  return { port, ended, stop: () => child.kill("SIGTERM") };
}

/** What Node.js is given before the file. */
function commandFor(program: Program, folder: string): string[] {
  if (isTest(program)) return [join(repository, "node_modules/vitest/vitest.mjs"), "run", "--root", folder];
  return /^export default /m.test(program.source) ? [join(repository, "test/support/fetch-server.mjs")] : [];
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (typeof address !== "object" || address === null) throw new Error("no port");
  return address.port;
}
