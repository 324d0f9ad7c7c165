import { type ChildProcess, fork } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { DemoAccount } from "./account.js";
import type { NodeRedReport, NodeRedSettings } from "./node-red-host.js";
import type { Service } from "./service.js";

const MODULE = dirname(createRequire(import.meta.url).resolve("@wechat-offiaccount/node-red/package.json"));
/** The FAQ bot first: its tab is the one that the editor opens. */
const FLOWS = ["03 - FAQ and welcome.json", "01 - Send a text.json"];
const HOST = fileURLToPath(new URL("./node-red-host.js", import.meta.url));

/** Ids in the example flows. */
const ACCOUNT = "0ffac0c0a0c0c001";
const INJECT = "01e5a3d7b9c4f110";

export interface NodeRed extends Service {
  readonly url: string;
  readonly version: string;
  /** Where WeChat pushes what followers do. */
  readonly callback: string;
  /** Presses the button of the flow's inject node. */
  pressButton(): Promise<void>;
}

/**
 * Starts a real Node-RED with our nodes and two example flows, "FAQ and welcome" and "Send a text", already deployed.
 * @param keep gets what has to be closed, before there is anything to leave behind
 */
export async function startNodeRed(
  port: number,
  account: DemoAccount,
  keep: (service: Service) => void,
): Promise<NodeRed> {
  const { folder: userDir } = account;
  let child: ChildProcess | undefined;
  const close = async () => {
    if (child && child.exitCode === null && child.signalCode === null) {
      const exited = new Promise((resolve) => child?.once("exit", resolve));
      child.kill("SIGTERM");
      await exited;
    }
  };
  keep({ close });
  await writeFile(join(userDir, "flows.json"), JSON.stringify(await flows(account)));
  const { callbackToken, encodingAESKey } = account;
  // The flows name environment variables; so does their secret.
  const credentials = { [ACCOUNT]: { appSecret: `\${WECHAT_APP_SECRET}`, callbackToken, encodingAESKey } };
  await writeFile(join(userDir, "flows_cred.json"), JSON.stringify(credentials), { mode: 0o600 });
  child = fork(HOST, { env: { ...process.env, ...account.env }, stdio: ["ignore", "ignore", "inherit", "ipc"] });
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
  return { url, version, callback: `${url}/wechat/${account.env.WECHAT_APP_ID}`, pressButton, close };
}

/** The example flows; the account that they share keeps its inbox where the MCP server looks for it. */
async function flows({ inboxFile }: DemoAccount): Promise<unknown[]> {
  const files = FLOWS.map((name) => readFile(join(MODULE, "examples", name), "utf8"));
  const nodes = (await Promise.all(files)).flatMap((text): { id: string }[] => JSON.parse(text));
  const [account] = nodes.filter(({ id }) => id === ACCOUNT);
  const shared = { ...account, inbox: basename(inboxFile), inboxType: "sqlite" };
  return [...nodes.filter(({ id }) => id !== ACCOUNT), shared];
}

function ready(child: ChildProcess, settings: NodeRedSettings): Promise<NodeRedReport> {
  return new Promise((resolve) => {
    child.once("message", (report: NodeRedReport) => resolve(report));
    child.once("exit", (code, signal) => resolve({ error: `it ended with ${signal ?? `exit code ${code}`}` }));
    child.send(settings);
  });
}
