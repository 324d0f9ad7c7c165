// Cold start, memory and installed size of core, of the Node-RED module and of the MCP server, beside others of their
// kind: node bench/start.mjs (after a build).
// A client of WeChat is ready when it is made, Node-RED when its flows have started, an MCP server when it has answered
// the first tools/list. Our packages are packed as a release would pack them, and npm installs each program into a folder
// of its own, so this needs npm's registry. Every program runs once before, so that its files are in the disk cache; then
// those of a group take turns in every round, so that a machine that changes speed changes it for all. Figures are
// medians, the ratios those to the first of the group within a round; CPU time, which a busy machine changes less, is
// counted in steps of 10 ms and so a mean. The goals: an MCP server that starts in at most 1.3 times the time of a bare
// one, and core at most 15 ms and 4 MB beyond zod.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commandLine } from "../scripts/command-line.mjs";
import { keepResults, machineLine, median } from "./report.mjs";
import { clients, imports, startClient } from "./start/core.mjs";
import { install, packed } from "./start/install.mjs";
import { mcpServers, startMcp } from "./start/mcp.mjs";
import { inTurns } from "./start/measure.mjs";
import { nodeRedModules, startNodeRed } from "./start/node-red.mjs";

const ALL = ["core", "node-red", "mcp"];
const { rounds, groups: wanted } = commandLine("Cold start, memory and installed size.", {
  rounds: [21, "of each group"],
  groups: [ALL, "which; only a run of all is kept", ALL],
});
const root = await mkdtemp(join(tmpdir(), "bench-start-"));

const rounded = (value, digits) => Number(value.toFixed(digits));
const mean = (results, what) => results.reduce((sum, result) => sum + result[what], 0) / results.length;
const middle = (results, what) => median(results.map((result) => result[what]));
const ratios = (results, first, what) => results.map((result, round) => result[what] / first[round][what]);
const row = (name, cells) => `  ${name.padEnd(26)}${cells.map((cell) => String(cell).padStart(9)).join("")}`;

async function measured(group, programs, folderOf, start) {
  const names = Object.keys(programs);
  const all = await inTurns(
    rounds,
    Object.fromEntries(names.map((name) => [name, () => start(folderOf(name), programs[name])])),
  );
  const first = all[names[0]];
  console.log(
    `\n${row(`${group}: start`, ["ms", "to first", "least", "most", "CPU ms", "to first", "MB", "to first"])}`,
  );
  return names.map((program) => {
    const results = all[program];
    const times = ratios(results, first, "time");
    const startup = {
      program,
      group,
      milliseconds: rounded(middle(results, "time"), 1),
      cpuMilliseconds: rounded(mean(results, "cpu"), 1),
      residentMB: rounded(middle(results, "memory") / 1e6, 1),
      toFirst: {
        milliseconds: rounded(median(times), 2),
        cpu: rounded(mean(results, "cpu") / mean(first, "cpu"), 2),
        memory: rounded(median(ratios(results, first, "memory")), 2),
      },
    };
    const { milliseconds, cpuMilliseconds, residentMB, toFirst } = startup;
    const range = [Math.min(...times), Math.max(...times)].map((ratio) => ratio.toFixed(2));
    const time = [milliseconds.toFixed(0), toFirst.milliseconds, ...range];
    console.log(row(program, [...time, cpuMilliseconds.toFixed(0), toFirst.cpu, residentMB, toFirst.memory]));
    return startup;
  });
}

async function installed(group, programs, folderOf) {
  console.log(`\n${row(`${group}: installed`, ["packages", "files", "MB"])}`);
  const sizes = [];
  const versions = {};
  for (const [program, what] of Object.entries(programs)) {
    const { versions: found, packages, files, megabytes } = await install(folderOf(program), what);
    Object.assign(versions, found);
    sizes.push({ program, group, packages, files, megabytes: rounded(megabytes, 1) });
    const named = Object.entries(found).map((pair) => pair.join(" "));
    console.log(`${row(program, [packages, files, megabytes.toFixed(1)])}   ${named.join(", ")}`);
  }
  return { sizes, versions };
}

/** What importing core costs, alone and where the program has imported zod before; beside importing zod alone. */
async function imported(folder) {
  const all = await inTurns(rounds, await imports(folder));
  console.log(`\n${row("imported", ["ms", "MB", "+ ms", "+ MB"])}   beyond zod alone`);
  return Object.entries(all).map(([module, results]) => {
    const beyond = (what) => median(results.map((result, round) => result[what] - all.zod[round][what]));
    const milliseconds = rounded(middle(results, "time"), 1);
    const megabytes = rounded(middle(results, "memory") / 1e6, 1);
    const beyondZod = { milliseconds: rounded(beyond("time"), 1), megabytes: rounded(beyond("memory") / 1e6, 1) };
    const isZod = module === "zod";
    console.log(
      row(module, [milliseconds, megabytes, ...(isZod ? [] : [beyondZod.milliseconds, beyondZod.megabytes])]),
    );
    return { module, milliseconds, megabytes, ...(isZod ? undefined : { beyondZod }) };
  });
}

try {
  console.log(`${machineLine}; ${rounds} rounds, medians`);
  const ours = Object.fromEntries(["core", "node-red", "mcp"].map((name) => [name, packed(name, root)]));
  const groups = {
    core: { programs: clients(ours), start: startClient },
    "node-red": { programs: nodeRedModules(ours), start: startNodeRed },
    mcp: { programs: mcpServers(ours, root), start: startMcp },
  };
  const results = { startup: [], installed: [], imports: [] };
  const versions = {};
  for (const [group, { programs, start }] of Object.entries(groups)) {
    if (!wanted.includes(group)) continue;
    const folderOf = (name) => join(root, `${group}-${Object.keys(programs).indexOf(name)}`);
    const { sizes, versions: found } = await installed(group, programs, folderOf);
    results.installed.push(...sizes);
    Object.assign(versions, found);
    results.startup.push(...(await measured(group, programs, folderOf, start)));
    if (group === "core") results.imports.push(...(await imported(folderOf("@wechat-offiaccount/core"))));
  }
  if (ALL.every((group) => wanted.includes(group)))
    await keepResults("start", { versions, settings: { rounds }, results });
} finally {
  await rm(root, { recursive: true });
}
