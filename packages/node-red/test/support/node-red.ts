import { type ChildProcess, fork } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const BOOT = fileURLToPath(new URL("boot.mjs", import.meta.url));

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

/** The runtimes that this Node can run: 5 wants Node 22.9. */
export const RUNTIMES = ["node-red", ...(major > 22 || (major === 22 && minor >= 9) ? ["node-red-5"] : [])];

export interface NodeRedOptions {
  /** The package of the runtime: `node-red` (4.1) or `node-red-5`. */
  runtime: string;
  env?: Record<string, string>;
  settings?: Record<string, unknown>;
  /** Puts into its user directory what shall be there before it starts. */
  prepare?: (userDir: string) => Promise<unknown>;
  /** The user directory of one that was killed; default: an empty one. */
  userDir?: string;
  /** Milliseconds that its clock is ahead: as if it had been started so much later. */
  clockAhead?: number;
}

/** A real Node-RED with our package, in a child process. */
export class NodeRed {
  readonly url: string;
  readonly version: string;
  readonly #child: ChildProcess;
  readonly #userDir: string;
  readonly #log: () => string;

  private constructor(
    child: ChildProcess,
    ready: { url: string; version: string },
    userDir: string,
    log: () => string,
  ) {
    this.#child = child;
    this.url = ready.url;
    this.version = ready.version;
    this.#userDir = userDir;
    this.#log = log;
  }

  static async start({
    runtime,
    env = {},
    settings = {},
    clockAhead = 0,
    prepare,
    ...given
  }: NodeRedOptions): Promise<NodeRed> {
    const userDir = given.userDir ?? (await mkdtemp(join(tmpdir(), "node-red-")));
    await prepare?.(userDir);
    const clock = `const now = Date.now; Date.now = () => now() + ${clockAhead};`;
    // An environment of its own: proxies, language and WECHAT_ variables of this machine stay out.
    const child = fork(BOOT, [runtime, userDir, JSON.stringify(settings)], {
      env: { PATH: process.env.PATH, HOME: userDir, LANG: "C", ...env },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      execArgv: clockAhead === 0 ? [] : ["--import", `data:text/javascript,${encodeURIComponent(clock)}`],
    });
    let log = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        log += text;
      });
    }
    const ready = await new Promise<{ url: string; version: string }>((resolve, reject) => {
      child.once("message", (message) => resolve(message as { url: string; version: string }));
      child.once("exit", (code) => reject(new Error(`Node-RED ended with code ${code}:\n${log}`)));
    });
    return new NodeRed(child, ready, userDir, () => log);
  }

  /** Everything it wrote to stdout and stderr. */
  get log(): string {
    return this.#log();
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  async get(path: string, accept = "application/json", language = "en-US"): Promise<string> {
    const answer = await fetch(`${this.url}${path}`, { headers: { accept, "accept-language": language } });
    if (!answer.ok) throw new Error(`GET ${path}: ${answer.status}`);
    return answer.text();
  }

  /** Deploys as the editor does, and waits until the flows run; credentials are part of their node. */
  async deploy(flows: object[], type = "full"): Promise<void> {
    // The answer comes before the old flows have stopped.
    const started = new Promise<void>((resolve) => {
      const onMessage = (message: unknown) => {
        if (message !== "flows:started") return;
        this.#child.off("message", onMessage);
        resolve();
      };
      this.#child.on("message", onMessage);
    });
    const answer = await fetch(`${this.url}/flows`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "node-red-api-version": "v2",
        "node-red-deployment-type": type,
      },
      body: JSON.stringify({ flows }),
    });
    if (!answer.ok) throw new Error(`POST /flows: ${answer.status} ${await answer.text()}`);
    await started;
  }

  async post(
    path: string,
    body: unknown,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; body: string }> {
    const answer = await fetch(`${this.url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: await answer.text() };
  }

  /** A file of its user directory. */
  file(name: string): Promise<string> {
    return readFile(join(this.#userDir, name), "utf8");
  }

  /** Kills it as a power cut would. @returns its user directory, for the next one */
  async kill(): Promise<string> {
    await this.#end(() => this.#child.kill("SIGKILL"));
    return this.#userDir;
  }

  /** Stops it as a user would, and waits until the process has ended by itself. */
  async stop(): Promise<void> {
    await this.#end(() => this.#child.send("stop"));
    await this.#remove();
  }

  /** Ends it by force: where somebody logged in, a timer of Node-RED's keeps it alive. */
  async discard(): Promise<void> {
    await this.kill();
    await this.#remove();
  }

  async #end(tell: () => void): Promise<void> {
    if (!this.running) return;
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    tell();
    await ended;
  }

  #remove(): Promise<void> {
    return rm(this.#userDir, { recursive: true, force: true });
  }
}
