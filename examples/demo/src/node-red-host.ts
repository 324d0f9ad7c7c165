/**
 * A real Node-RED in a process of its own, started by the demo with an IPC channel: Node-RED 5 where this Node can run
 * it, else 4.1. It sends `{ url, version }` when its flows run, or `{ error }`.
 */
import { createServer, type RequestListener } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";

/** What of Node-RED's embedding API is used here (nodered.org, embedding). */
interface NodeRed {
  init(server: unknown, settings: object): void;
  start(): Promise<void>;
  stop(): Promise<void>;
  version(): Promise<string> | string;
  readonly httpAdmin: RequestListener;
  readonly httpNode: RequestListener;
  readonly events: { once(event: string, listener: () => void): void };
}

export interface NodeRedSettings {
  port: number;
  userDir: string;
  /** Folders of Node-RED modules to load. */
  nodesDir: string[];
  flowFile: string;
}

export type NodeRedReport = { url: string; version: string } | { error: string };

const require = createRequire(import.meta.url);
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
const runs5 = major > 22 || (major === 22 && minor >= 9);

async function start({ port, userDir, nodesDir, flowFile }: NodeRedSettings): Promise<NodeRedReport> {
  const RED = require(runs5 ? "node-red-5" : "node-red") as NodeRed;
  const express = require("express") as () => RequestListener & { use(path: string, handler: RequestListener): void };
  const app = express();
  const server = createServer(app);
  RED.init(server, {
    httpAdminRoot: "/",
    httpNodeRoot: "/",
    userDir,
    nodesDir,
    flowFile,
    credentialSecret: false,
    logging: { console: { level: "error", metrics: false, audit: false } },
    editorTheme: { tours: false, projects: { enabled: false } },
    externalModules: { palette: { allowInstall: false, allowUpload: false } },
    telemetry: { enabled: false, updateNotification: false },
  });
  app.use("/", RED.httpAdmin);
  app.use("/", RED.httpNode);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    // On loopback: whoever reaches the editor can run code.
    server.listen(port, "127.0.0.1", resolve);
  });
  // start() resolves before the flows run.
  const running = new Promise<void>((resolve) => RED.events.once("flows:started", resolve));
  await RED.start();
  await running;
  const end = async () => {
    await RED.stop();
    process.exit(0);
  };
  process.once("disconnect", end);
  process.once("SIGTERM", end);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, version: String(await RED.version()) };
}

/** The demo may be gone by the time that there is something to tell. */
function report(words: NodeRedReport): void {
  if (process.connected) process.send?.(words);
  else process.exit(1);
}

// Ctrl-C reaches the whole process group; the demo decides when this process ends.
process.on("SIGINT", () => {});
process.once("message", (settings: NodeRedSettings) => {
  start(settings).then(report, (error) => report({ error: String(error) }));
});
