// Node-RED with one module in its palette: from spawn until its flows have started. There are no flows: what is measured
// is what a module adds to every start, used or not. No public module for Official Accounts was found
// that npm can install; the one beside ours is for another messenger.
import { fileURLToPath } from "node:url";
import { saidReady, started } from "./measure.mjs";

/** The first is what the others are compared with. */
export const nodeRedModules = (ours) => ({
  "Node-RED alone": {},
  "with ours": { packages: [ours["node-red"]] },
  "with telegrambot": { packages: ["node-red-contrib-telegrambot"] },
});

const RUNTIME = fileURLToPath(new URL("./node-red-runtime.mjs", import.meta.url));

export const startNodeRed = (userDir) => started([RUNTIME, userDir], { cwd: userDir, env: process.env }, saidReady);
