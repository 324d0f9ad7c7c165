import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { onTestFinished } from "vitest";

const run = promisify(execFile);

/** Whether a redis-server is installed. In CI it must be. */
export const hasRedis = (() => {
  try {
    execFileSync("redis-server", ["--version"]);
    return true;
  } catch {
    if (process.env.CI)
      throw new Error("redis-server is not installed; in CI this is a failure (apt-get install redis-server)");
    return false;
  }
})();

export interface RedisServer {
  readonly url: string;
  /** As a power cut would: nothing more is saved. */
  kill(): Promise<void>;
  /** On the same port, with what it kept. */
  start(): Promise<void>;
  /** It stands still: connections stay, and nothing answers. */
  pause(): void;
  resume(): void;
  /** What redis-cli prints for a command. */
  command(...words: string[]): Promise<string>;
}

interface RedisSettings {
  password?: string;
  /** Whether each write is kept over a restart. Default false. */
  durable?: boolean;
  /** Further settings, as on the command line. */
  settings?: readonly string[];
}

/** A real redis-server that ends with the test. */
export async function redisServer({
  password,
  durable = false,
  settings = [],
}: RedisSettings = {}): Promise<RedisServer> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "redis-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  let child: ChildProcess | undefined;
  const start = async () => {
    const given = ["--port", `${port}`, "--bind", "127.0.0.1", "--dir", folder, "--save", "", ...settings];
    given.push("--appendonly", durable ? "yes" : "no", "--appendfsync", "always");
    if (password) given.push("--requirepass", password);
    const started = spawn("redis-server", given, { stdio: ["ignore", "pipe", "inherit"] });
    child = started;
    let log = "";
    for await (const chunk of started.stdout) {
      log += chunk;
      if (log.includes("Ready to accept connections")) break;
    }
    if (!log.includes("Ready to accept connections")) throw new Error(`redis-server did not start:\n${log}`);
  };
  const kill = async () => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  };
  await start();
  onTestFinished(kill);
  return {
    url: `redis://${password ? `:${password}@` : ""}127.0.0.1:${port}/0`,
    kill,
    start,
    pause: () => void child?.kill("SIGSTOP"),
    resume: () => void child?.kill("SIGCONT"),
    command: async (...words) => (await run("redis-cli", ["-p", `${port}`, ...words])).stdout.trim(),
  };
}

/** A port on which nothing listens now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
