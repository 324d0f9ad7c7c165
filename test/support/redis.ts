import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { onTestFinished } from "vitest";

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
  /** As a power cut would: nothing is saved. */
  kill(): Promise<void>;
  /** On the same port, empty. */
  start(): Promise<void>;
}

/** A real redis-server that ends with the test. */
export async function redisServer({ password }: { password?: string } = {}): Promise<RedisServer> {
  const port = await freePort();
  let child: ChildProcess | undefined;
  const start = async () => {
    const settings = ["--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
    if (password) settings.push("--requirepass", password);
    const started = spawn("redis-server", settings, { stdio: ["ignore", "pipe", "inherit"] });
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
  return { url: `redis://${password ? `:${password}@` : ""}127.0.0.1:${port}/0`, kill, start };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
