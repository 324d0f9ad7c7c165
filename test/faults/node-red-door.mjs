// A Node-RED runtime with the built module, in this process. Two send nodes share the account: the failures of one go to a
// Catch node, those of the other to its second output.
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DEFAULT_APP_ID, DEFAULT_APP_SECRET } from "@wechat-offiaccount/simulator";
import "./jumping-clock.mjs";
import { takeNotes } from "./witness.mjs";

const major = Number(process.versions.node.split(".")[0]);
const RED = createRequire(import.meta.url)(major >= 24 ? "node-red-5" : "node-red");

const node = (id, type, more) => ({ id, z: "tab", x: 0, y: 0, type, ...more });
const sink = 'global.get("faults").ended(msg);';
const flowsFor = (baseUrl) => [
  { id: "tab", type: "tab", label: "faults" },
  { id: "account", type: "wechat-oa-account", appId: DEFAULT_APP_ID, baseUrl },
  node("source", "function", {
    func: "",
    initialize: 'global.get("faults").start(node);',
    outputs: 2,
    wires: [["caught"], ["wired"]],
  }),
  node("caught", "wechat-oa-send", { account: "account", wires: [["sink"]] }),
  node("wired", "wechat-oa-send", {
    account: "account",
    failureOutput: true,
    outputs: 2,
    wires: [["sink"], ["sink"]],
  }),
  node("catch", "catch", { scope: ["caught"], wires: [["sink"]] }),
  node("sink", "function", { func: sink, wires: [] }),
];

export async function open({ baseUrl, folder }) {
  const waiting = new Map();
  let source;
  const faults = {
    start: (node) => {
      source = node;
    },
    ended: (msg) => {
      waiting.get(msg.number)?.(msg);
      waiting.delete(msg.number);
    },
  };
  const userDir = join(folder, "node-red");
  await mkdir(userDir, { recursive: true });
  await writeFile(join(userDir, "flows.json"), JSON.stringify(flowsFor(baseUrl)));
  const credentials = { account: { appSecret: DEFAULT_APP_SECRET } };
  await writeFile(join(userDir, "flows_cred.json"), JSON.stringify(credentials));
  RED.init(createServer(), {
    httpAdminRoot: false,
    httpNodeRoot: false,
    userDir,
    flowFile: "flows.json",
    nodesDir: [fileURLToPath(new URL("../../packages/node-red", import.meta.url))],
    credentialSecret: false,
    functionGlobalContext: { faults },
    logging: { console: { level: "fatal", metrics: false, audit: false } },
    telemetry: { enabled: false, updateNotification: false },
  });
  const started = new Promise((resolve) => RED.events.once("flows:started", resolve));
  await RED.start();
  await started;
  if (!source) throw new Error("Node-RED has started without the flow");

  const claimOf = ({ id, openid, text }) =>
    new Promise((resolve) => {
      const msg = { number: id, openid, payload: text };
      waiting.set(id, (ended) => resolve(claimIn(ended)));
      source.send(id % 2 === 0 ? [msg, null] : [null, msg]);
    });
  return { begin: () => ({ claimOf, takeNotes, end: async () => {} }), close: () => RED.stop() };
}

/** A flow reads msg.wechat or the error, which has come to the node for failures: all must say the same. */
function claimIn({ wechat, error }) {
  if (!wechat) return { delivery: `none: ${error?.message}`, parts: [] };
  const claim = claimBy(wechat, wechat.error?.code, wechat.error?.errcode);
  const told = error ? claimBy(error.cause, error.code, error.cause.errcode) : claim;
  const [inMessage, inError] = [claim, told].map((words) => JSON.stringify(words));
  const agree = inMessage === inError && (error === undefined) === (claim.delivery === "delivered");
  return agree ? claim : { ...claim, delivery: `${inMessage}, but the error says ${inError}` };
}

function claimBy({ delivery, parts }, code, errcode) {
  return { delivery, parts: parts.map((part) => part.delivery), code, errcode };
}
