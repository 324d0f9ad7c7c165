// Runs a real Node-RED with the built package in a process of its own: one process can hold one runtime.
// argv: package name of Node-RED, user directory, extra settings as JSON. Tells its URL over IPC, stops on "stop".
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const require = createRequire(new URL("../../../../package.json", import.meta.url));
const [, , runtime, userDir, extra] = process.argv;
const express = require("express");
const RED = require(runtime);

const app = express();
const server = createServer(app);
const settings = {
  httpAdminRoot: "/",
  httpNodeRoot: "/flow",
  userDir,
  flowFile: "flows.json",
  nodesDir: [fileURLToPath(new URL("../..", import.meta.url))],
  credentialSecret: false,
  logging: { console: { level: "debug", metrics: false, audit: false } },
  editorTheme: { tours: false, projects: { enabled: false } },
  externalModules: { palette: { allowInstall: false, allowUpload: false } },
  telemetry: { enabled: false, updateNotification: false },
  ...JSON.parse(extra),
};
RED.init(server, settings);
app.use(settings.httpAdminRoot, RED.httpAdmin);
app.use(settings.httpNodeRoot, RED.httpNode);
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
// start() resolves before the flows run.
const started = new Promise((resolve) => RED.events.once("flows:started", resolve));
await RED.start();
await started;
RED.events.on("flows:started", () => process.send("flows:started"));
process.send({ url: `http://127.0.0.1:${server.address().port}`, version: RED.settings.version });

process.once("message", async () => {
  await RED.stop();
  server.close();
  server.closeAllConnections();
  process.disconnect();
});
