import { type ChildProcess, fork } from "node:child_process";
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { NodeRedReport, NodeRedSettings } from "./node-red-host.js";

const MODULE = dirname(createRequire(import.meta.url).resolve("@wechat-offiaccount/node-red/package.json"));
const FLOW = join(MODULE, "examples", "01 - Send a text.json");
const HOST = fileURLToPath(new URL("./node-red-host.js", import.meta.url));

/** Ids in the example flow. */
const ACCOUNT = "0ffac0c0a0c0c001";
const INJECT = "01e5a3d7b9c4f110";

export interface NodeRed {
  readonly url: string;
  readonly version: string;
  /** Presses the button of the flow's inject node. */
  pressButton(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts a real Node-RED with our nodes and the example flow "Send a text" already deployed.
 * @param keep gets what has to be closed, before there is anything to leave behind
 */
export async function startNodeRed(
  port: number,
  account: NodeJS.ProcessEnv,
  keep: (service: Pick<NodeRed, "close">) => void,
): Promise<NodeRed> {
  const userDir = await mkdtemp(join(tmpdir(), "wechat-demo-"));
  let child: ChildProcess | undefined;
  const close = async () => {
    if (child && child.exitCode === null && child.signalCode === null) {
      const exited = new Promise((resolve) => child?.once("exit", resolve));
      child.kill("SIGTERM");
      await exited;
    }
    await rm(userDir, { recursive: true, force: true });
  };
  keep({ close });
  await copyFile(FLOW, join(userDir, "flows.json"));
  // The flow names environment variables; so does its secret.
  const credentials = { [ACCOUNT]: { appSecret: `\${WECHAT_APP_SECRET}` } };
  await writeFile(join(userDir, "flows_cred.json"), JSON.stringify(credentials), { mode: 0o600 });
  child = fork(HOST, { env: { ...process.env, ...account }, stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const report = await ready(child, { port, userDir, nodesDir: [MODULE], flowFile: "flows.json" });
  if ("error" in report) {
    await close();
    throw new Error(`Node-RED did not start: ${report.error}`);
  }
  const { url, version } = report;
  const pressButton = async () => {
    const answer = await fetch(`${url}/inject/${INJECT}`, { method: "POST" });
    if (!answer.ok) throw new Error(`Node-RED did not accept the button: HTTP ${answer.status}`);
  };
  return { url, version, pressButton, close };
}

function ready(child: ChildProcess, settings: NodeRedSettings): Promise<NodeRedReport> {
  return new Promise((resolve) => {
    child.once("message", (report: NodeRedReport) => resolve(report));
    child.once("exit", (code, signal) => resolve({ error: `it ended with ${signal ?? `exit code ${code}`}` }));
    child.send(settings);
  });
}
