// Node-RED without an editor's port, for bench/start.mjs: `node-red-runtime.mjs USER-DIRECTORY`.
import { createServer } from "node:http";
import { createRequire } from "node:module";

const require = createRequire(new URL("../../package.json", import.meta.url));
const RED = require("node-red");
RED.init(createServer(), {
  userDir: process.argv[2],
  credentialSecret: false,
  logging: { console: { level: "off", metrics: false, audit: false } },
  editorTheme: { projects: { enabled: false } },
  telemetry: { enabled: false, updateNotification: false },
});
const flowsStarted = new Promise((resolve) => RED.events.once("flows:started", resolve));
await RED.start();
await flowsStarted;
const failed = RED.nodes.getNodeList((node) => node.err !== undefined && node.module !== "node-red");
if (failed.length > 0) throw new Error(`${failed[0].module} could not be loaded: ${failed[0].err}`);
console.log("ready");
process.stdin.resume();
