// Sends a second and CPU a send, beside the bare HTTP client and the public clients: node bench/send.mjs (after a build).
// Every client has a process of its own; they take turns in every round, the first of them another one each time, so
// that a machine that changes speed changes it for all. They are started anew from time to time: how a process's code was
// compiled and its heap laid out stays with it, and two processes of one client were seen to differ by 5 %. Figures are
// medians of the ratios to undici's Pool.request within the same round; the server's use of its own core is shown, for
// it must not be the limit.
import { execFileSync, fork } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commandLine } from "../scripts/command-line.mjs";
import { inTurn, keepResults, machineLine, median, rounded, spreadOf, spreadText, versionIn } from "./report.mjs";
import { installPeers, PEERS } from "./send/peers.mjs";

const LATENCY = 20;
const REFERENCE = "undici Pool.request";
const LIMIT = "undici dispatch, constant body";
/** The same below undici's wrapper of handlers, where core is. */
const INNER = "undici dispatch, inner handlers";
const OURS = "@wechat-offiaccount/core";

const WIRES = ["plain", "tls", "slow"];
const { starts, rounds, milliseconds, wires, widths, ...options } = commandLine(
  "Sends a second and CPU a send, beside the bare HTTP client and the public clients.",
  {
    starts: [4, "of all clients anew"],
    rounds: [3, "of each start"],
    milliseconds: [500, "of one measurement"],
    wires: [WIRES, `which; slow: ${LATENCY} ms until the answer`, WIRES],
    widths: [[1, 16, 64, 256], "sends in flight"],
    "no-peers": [false, "without the public clients, which npm installs into a temporary folder"],
  },
);

const folder = await mkdtemp(join(tmpdir(), "bench-send-"));
const keyFile = join(folder, "key.pem");
const certFile = join(folder, "cert.pem");
execFileSync(
  "openssl",
  ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"].concat([
    "-subj",
    "/CN=localhost",
    "-addext",
    "subjectAltName=DNS:localhost",
    "-keyout",
    keyFile,
    "-out",
    certFile,
  ]),
  { stdio: "ignore" },
);

const asked = (child, message) =>
  new Promise((resolve, reject) => {
    child.once("exit", () => reject(new Error(`${child.spawnargs.slice(1).join(" ")} ended`)));
    child.once("message", resolve);
    if (message !== undefined) child.send(message);
  }).finally(() => child.removeAllListeners("exit"));

const server = fork(new URL("./send/server.mjs", import.meta.url), [keyFile, certFile, String(LATENCY)]);
const urls = await asked(server);

async function start(name, wire) {
  const child = fork(new URL("./send/contender.mjs", import.meta.url), [name, urls[wire], folder], {
    cwd: folder, // node-easywechat keeps its token in a file there
    env: { ...process.env, NODE_EXTRA_CA_CERTS: certFile },
  });
  await asked(child);
  return child;
}

const micros = ({ user, system }) => user + system;

async function measure(child, width) {
  const before = micros(await asked(server, "cpu"));
  const began = performance.now();
  const { rate, cpu } = await asked(child, { width, milliseconds });
  const elapsed = (performance.now() - began) * 1000;
  return { rate, cpu, server: (micros(await asked(server, "cpu")) - before) / elapsed };
}

/** To another client in the same round. */
const ratios = (results, base, key) => spreadOf(results.map((result, round) => result[key] / base[round][key]));

function summary(results, all) {
  const middle = (key, digits) => rounded(median(results.map((result) => result[key])), digits);
  return {
    sendsPerSecond: middle("rate", 0),
    cpuMicrosPerSend: middle("cpu", 1),
    serverCore: middle("server", 2),
    rateToRequest: ratios(results, all[REFERENCE], "rate"),
    rateToDispatch: ratios(results, all[LIMIT], "rate"),
    cpuToRequest: ratios(results, all[REFERENCE], "cpu"),
    cpuToDispatch: ratios(results, all[LIMIT], "cpu"),
    rateToInner: ratios(results, all[INNER], "rate"),
    cpuToInner: ratios(results, all[INNER], "cpu"),
  };
}

const names = [REFERENCE, LIMIT, INNER, OURS, "fetch of Node", ...(options["no-peers"] ? [] : PEERS)];

/** @returns for each width, for each client, one measurement a round of each start */
async function compare(wire) {
  const measured = new Map(widths.map((width) => [width, Object.fromEntries(names.map((name) => [name, []]))]));
  for (let begun = 0; begun < starts; begun++) {
    const children = new Map();
    for (const name of names) children.set(name, await start(name, wire));
    for (const [width, results] of measured) {
      for (const child of children.values()) await measure(child, width);
      for (let round = 0; round < rounds; round++) {
        for (const name of inTurn(names, begun + round)) results[name].push(await measure(children.get(name), width));
      }
    }
    for (const child of children.values()) child.disconnect();
  }
  return measured;
}

function shown(wire, width, all) {
  const clients = Object.fromEntries(names.map((name) => [name, summary(all[name], all)]));
  console.log(`\n${wire}, ${width} in flight`);
  console.log(
    `  ${"".padEnd(31)} sends/s  to Pool.request    to dispatch       to inner          CPU µs  to Pool.request    server's core`,
  );
  for (const [name, client] of Object.entries(clients)) {
    const { sendsPerSecond, rateToRequest, rateToDispatch, rateToInner, cpuMicrosPerSend, cpuToRequest, serverCore } =
      client;
    console.log(
      `  ${name.padEnd(31)} ${String(sendsPerSecond).padStart(7)}  ${spreadText(rateToRequest).padEnd(18)}${spreadText(rateToDispatch).padEnd(18)}${spreadText(rateToInner).padEnd(18)}${cpuMicrosPerSend.toFixed(1).padStart(6)}  ${spreadText(cpuToRequest).padEnd(18)}${(serverCore * 100).toFixed(0)} %`,
    );
  }
  return { wire, inFlight: width, clients };
}

const versions = {
  [OURS]: await versionIn("packages/core"),
  undici: await versionIn("node_modules/undici"),
  "undici of fetch": process.versions.undici,
  ...(options["no-peers"] ? {} : await installPeers(folder)),
};
console.log(machineLine);
console.log(
  Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(", "),
);
console.log(
  `${starts} starts, ${rounds} rounds of ${milliseconds} ms each; medians, in brackets the least and the most of any round`,
);

const results = [];
for (const wire of wires) {
  for (const [width, all] of await compare(wire)) results.push(shown(wire, width, all));
}
server.disconnect();
await rm(folder, { recursive: true });

await keepResults("send", { versions, settings: { starts, rounds, milliseconds, latency: LATENCY }, results });
