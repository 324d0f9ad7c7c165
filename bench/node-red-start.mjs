// Starts Node-RED with the built module, in this process. For bench/node-red-runtime.mjs and bench/soak/node-red.mjs.
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const require = createRequire(new URL("../package.json", import.meta.url));

/**
 * @param runtime package of Node-RED
 * @param global what function nodes get by `global.get`
 * @returns `deploy(flows)`, and `stop()`, after which nothing listens any more
 */
export async function startNodeRed({ runtime, userDir, global }) {
  const express = require("express");
  const RED = require(runtime);
  const app = express();
  const server = createServer(app);
  const settings = {
    httpAdminRoot: "/",
    httpNodeRoot: "/flow",
    userDir,
    nodesDir: [fileURLToPath(new URL("../packages/node-red", import.meta.url))],
    credentialSecret: false,
    functionGlobalContext: global,
    logging: { console: { level: "warn", metrics: false, audit: false } },
    editorTheme: { projects: { enabled: false } },
    telemetry: { enabled: false, updateNotification: false },
  };
  RED.init(server, settings);
  app.use(settings.httpAdminRoot, RED.httpAdmin);
  app.use(settings.httpNodeRoot, RED.httpNode);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  const flowsStarted = () => new Promise((resolve) => RED.events.once("flows:started", resolve));
  const first = flowsStarted();
  await RED.start();
  await first;
  return {
    url,
    version: RED.settings.version,
    async deploy(flows) {
      const deployed = flowsStarted();
      await fetch(`${url}/flows`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "node-red-api-version": "v2",
          "node-red-deployment-type": "full",
        },
        body: JSON.stringify({ flows }),
      });
      await deployed;
    },
    async stop() {
      await RED.stop();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A node of the flow "tab". */
export const node = (id, type, more) => ({ id, z: "tab", x: 0, y: 0, type, ...more });
