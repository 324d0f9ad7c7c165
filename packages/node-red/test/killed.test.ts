import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { type IncomingMessage, request, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { openInbox } from "@wechat-offiaccount/core";
import {
  createClock,
  createSimulator,
  DEFAULT_APP_ID,
  DEFAULT_APP_SECRET,
  DEFAULT_FOLLOWER,
} from "@wechat-offiaccount/simulator";
import { expect, it, onTestFinished } from "vitest";
import { Collector } from "./support/flow.js";
import { NodeRed } from "./support/node-red.js";
import { AES_KEY, PATH, place, serve, TOKEN } from "./support/receiving.js";

/** Milliseconds after which what a vanished process left is another one's: the inbox's lease. */
const LEASE = 30_000;

/** A node as others write them: it takes its time to close, and a deploy waits for it. */
const SLOW_NODE = {
  "slow.js": `module.exports = (RED) => {
    RED.nodes.registerType("slow", function (config) {
      RED.nodes.createNode(this, config);
      this.on("close", (done) => void this.log("closes slowly", setTimeout(done, 14_000)));
    });
  };`,
  "slow.html": `<script type="text/javascript">
    RED.nodes.registerType("slow", { category: "function", defaults: { name: { value: "" } }, inputs: 0, outputs: 0 });
  </script>`,
};

const FLOW = [
  { id: "tab", type: "tab", label: "test" },
  {
    id: "account",
    type: "wechat-oa-account",
    appId: DEFAULT_APP_ID,
    inbox: "sqlite:inbox.db",
    credentials: { appSecret: DEFAULT_APP_SECRET, callbackToken: TOKEN, encodingAESKey: AES_KEY },
  },
  place("slow", "slow"),
  place("receive", "wechat-oa-receive", { account: "account", wires: [["log"], []] }),
  place("log", "debug", { complete: "payload", targetType: "msg", console: true, active: true, tosidebar: false }),
];

/** Stands before WeChat's server URL: the test says where each request goes, and when its body does. */
async function gateway() {
  const requests = new Collector<{ forward: (nodeRed: NodeRed) => Promise<{ finish: () => void }> }>();
  const take = async (incoming: IncomingMessage, response: ServerResponse) => {
    const body = await text(incoming);
    requests.push({
      forward: async (nodeRed) => {
        const { method, url, headers } = incoming;
        const onward = request(`${nodeRed.url}/flow${url}`, {
          method,
          headers: { ...headers, expect: "100-continue" },
        });
        onward.on("response", (answer) => answer.pipe(response.writeHead(answer.statusCode ?? 502)));
        onward.on("error", () => response.destroy());
        onward.flushHeaders();
        // Node-RED has it, and waits for the body.
        await new Promise((resolve) => onward.once("continue", resolve));
        return { finish: () => onward.end(body) };
      },
    });
  };
  const { url, close } = await serve((incoming, response) => void take(incoming, response));
  onTestFinished(close);
  return { url, requests };
}

// Three boots of Node-RED may take longer than a test usually may, on a busy machine.
it("emits after a kill what WeChat was told success for and no flow had seen", async () => {
  // Stands still, so that WeChat's 5 seconds do not run out while Node-RED starts.
  const simulator = await createSimulator({ clock: createClock(Date.now()) });
  onTestFinished(() => simulator.close());
  const { url, requests } = await gateway();
  const userDir = await mkdtemp(join(tmpdir(), "killed-"));
  await mkdir(join(userDir, "nodes"));
  for (const [name, code] of Object.entries(SLOW_NODE)) await writeFile(join(userDir, "nodes", name), code);
  const start = async (options = {}) => {
    const nodeRed = await NodeRed.start({ runtime: "node-red", userDir, ...options });
    onTestFinished(() => nodeRed.stop());
    return nodeRed;
  };
  const inbox = await openInbox(`sqlite:${join(userDir, "inbox.db")}`, { appId: DEFAULT_APP_ID });
  onTestFinished(() => inbox.close());

  // The first Node-RED is in the middle of a deploy when the message comes: it is kept, and has to wait.
  const first = await start();
  await first.deploy(FLOW);
  const verified = simulator.setCallback({ callback: url + PATH, callbackToken: TOKEN, encodingAesKey: AES_KEY });
  await (await requests.first()).forward(first).then(({ finish }) => finish());
  await verified;
  simulator.act(DEFAULT_FOLLOWER, { type: "text", text: "do not lose me" });
  const { finish } = await (await requests.wait(2))[1]!.forward(first);
  // As the editor does: only what changed closes, and credentials that did not change are not sent again.
  const changed = FLOW.map((node) => ({ ...node, credentials: undefined, ...(node.id === "slow" && { name: "new" }) }));
  const brokenOff = expect(first.deploy(changed, "nodes")).rejects.toThrow("fetch failed");
  await expect.poll(() => first.log).toContain("closes slowly");
  finish();
  await expect.poll(async () => (await inbox.stats()).pending).toBe(1);
  await first.kill();
  await brokenOff;

  // WeChat saw the connection break and pushes again, to a Node-RED that knows the message: `success`.
  const second = await start();
  await (await requests.wait(3))[2]!.forward(second).then(({ finish }) => finish());
  await simulator.pushed();
  expect(simulator.ledger.pushes).toMatchObject([
    { outcome: "accepted", tries: [{ error: expect.any(String) }, { status: 200, answer: "success" }] },
  ]);
  await second.kill();
  expect([first.log, second.log].join()).not.toContain("do not lose me");
  expect(await inbox.stats()).toMatchObject({ messages: 1, pending: 1 });

  // Once the lease of the first one is over, the next one emits it, and takes note of that.
  const third = await start({ clockAhead: LEASE + 1_000 });
  await expect.poll(() => third.log).toContain("do not lose me");
  await expect.poll(async () => (await inbox.stats()).pending).toBe(0);
  await third.kill();
  expect(third.log.match(/do not lose me/g)).toHaveLength(1);
}, 90_000);
