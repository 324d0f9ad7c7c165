// Token calls and failed sends, ours beside the public clients: node bench/tokens.mjs (after a build).
// WeChat is our simulator, a new one for each client and scenario, and its ledger counts: a send has failed if no message
// reached the follower, whatever the client said. Of classic tokens (GET /cgi-bin/token) each call makes a new one; the
// simulator takes the latest, and for 5 minutes the one before it, and refuses all older ones: WeChat documents that "the
// former" stays valid for 5 minutes and says nothing of those before it. Every client has a process of its own and the
// tokens that it takes by default, ours and nest-wechat stable_token; two processes share nothing. The token dies with
// 40001. These are counts, not times: a busy machine changes them little.
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSimulator } from "@wechat-offiaccount/simulator";
import { commandLine } from "../scripts/command-line.mjs";
import { keepResults, machineLine } from "./report.mjs";
import { textOf } from "./send/clients.mjs";
import { installPeers, PEERS } from "./send/peers.mjs";

const OURS = "@wechat-offiaccount/core";
commandLine("Token calls and failed sends, ours beside the public clients.");

/** What the processes are told, one order each. */
const SCENARIOS = {
  "500 cold": [{ first: 0, count: 500, width: 500 }],
  "killed in the middle": [{ first: 0, count: 2000, width: 64, killAt: 1000 }],
  "two processes": [
    { first: 0, count: 1000, width: 64 },
    { first: 1000, count: 1000, width: 64 },
  ],
  "two processes, killed in the middle": [
    { first: 0, count: 1000, width: 64, killAt: 500 },
    { first: 1000, count: 1000, width: 64 },
  ],
};

/** @returns the child when it is ready, in a folder of its own: node-easywechat keeps its token in a file there */
async function started(client, url, folder) {
  const cwd = await mkdtemp(join(folder, "process-"));
  const arguments_ = [client, url, folder];
  const child = fork(new URL("./tokens/sender.mjs", import.meta.url), arguments_, { cwd, stdio: "inherit" });
  await told(child);
  return child;
}

async function told(child) {
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`${child.spawnargs.slice(2).join(" ")} ended with ${code}`);
  });
  const [message] = await Promise.race([once(child, "message"), ended]);
  ended.catch(() => {});
  return message;
}

async function run(scenario, client, folder) {
  const orders = SCENARIOS[scenario];
  // The limits of one follower are not what is measured.
  const simulator = await createSimulator({ replyQuota: false });
  const children = await Promise.all(orders.map(() => started(client, simulator.url, folder)));
  try {
    const claims = orders.map((order, index) => {
      const claimed = told(children[index]);
      children[index].send(order);
      return claimed;
    });
    return counted(simulator.ledger, orders, new Set((await Promise.all(claims)).flat()));
  } finally {
    for (const child of children) child.disconnect();
    await simulator.close();
  }
}

function counted({ calls, messages }, orders, claimed) {
  const sends = orders.reduce((sum, { count }) => sum + count, 0);
  const delivered = new Set(messages.map(({ text }) => text));
  return {
    tokenCalls: calls.filter(({ path }) => path === "/cgi-bin/token" || path === "/cgi-bin/stable_token").length,
    sends,
    failed: sends - delivered.size,
    delivered: delivered.size,
    doubled: messages.length - delivered.size,
    toldAsSent: [...claimed].filter((n) => !delivered.has(textOf(n))).length,
    toldAsFailed: delivered.size - [...claimed].filter((n) => delivered.has(textOf(n))).length,
  };
}

const COLUMNS = ["tokenCalls", "failed", "delivered", "doubled", "toldAsSent", "toldAsFailed"];
const row = (name, cells) => `  ${name.padEnd(26)}${cells.map((cell) => String(cell).padStart(13)).join("")}`;

const folder = await mkdtemp(join(tmpdir(), "bench-tokens-"));
try {
  const { version } = JSON.parse(await readFile(new URL("../packages/core/package.json", import.meta.url), "utf8"));
  const versions = { [OURS]: version, ...(await installPeers(folder)) };
  console.log(machineLine);
  console.log(
    Object.entries(versions)
      .map((pair) => pair.join(" "))
      .join(", "),
  );
  const results = [];
  for (const scenario of Object.keys(SCENARIOS)) {
    console.log(`\n${row(scenario.slice(0, 26), COLUMNS)}`);
    for (const client of [OURS, ...PEERS]) {
      const result = await run(scenario, client, folder);
      console.log(
        row(
          client,
          COLUMNS.map((column) => result[column]),
        ),
      );
      results.push({ scenario, client, ...result });
    }
  }
  const settings = {
    server: "@wechat-offiaccount/simulator",
    classicTokenGrace: "5 min, for the one before the latest",
    sendsInFlight: [
      ...new Set(
        Object.values(SCENARIOS)
          .flat()
          .map(({ width }) => width),
      ),
    ],
  };
  await keepResults("tokens", { versions, settings, results });
} finally {
  await rm(folder, { recursive: true });
}
