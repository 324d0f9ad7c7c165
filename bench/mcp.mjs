// The MCP server beside others: node bench/mcp.mjs [--rounds 21]
// Cold start from spawn to the answer to the first tools/list, resident memory after it, and what npm installs; then what
// importing core costs beyond importing zod. Build first (pnpm build). Our packages are packed as a release would pack
// them, and npm installs each contender into a folder of its own, so this needs npm's registry. What is timed is lines of
// JSON-RPC written here: no client library. Every contender runs once before, so that its files are in the disk cache;
// then they take turns in every round, so that a machine that changes speed changes it for all. Figures are medians, the
// ratios those within a round; CPU time, which a busy machine changes less, is counted in steps of 10 ms and so a mean. The goals: a cold start of at most 1.3 times a bare server's, and core at most 15 ms and
// 4 MB beyond zod.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values } = parseArgs({ options: { rounds: { type: "string", default: "21" } } });
const ROUNDS = Number(values.rounds);
/** The newest revision that the contenders of both SDK lines speak. */
const PROTOCOL = "2025-06-18";
const TIME_LIMIT = 30_000;

const repository = fileURLToPath(new URL("..", import.meta.url));
const root = await mkdtemp(join(tmpdir(), "bench-mcp-"));
const run = (command, args, cwd) => execFileSync(command, args, { cwd, stdio: ["ignore", "pipe", "ignore"] });
const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** One tool with a schema of zod, over stdio. */
const BARE_V2 = `
import { McpServer } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import * as z from "zod";

serveStdio(() => {
  const server = new McpServer({ name: "bare", version: "1.0.0" });
  const inputSchema = z.object({ name: z.string() });
  server.registerTool("greet", { description: "Greets.", inputSchema }, async ({ name }) => ({
    content: [{ type: "text", text: "Hello " + name }],
  }));
  return server;
});
`;
const BARE_V1 = `
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import * as z from "zod";

const server = new McpServer({ name: "bare", version: "1.0.0" });
const inputSchema = { name: z.string() };
server.registerTool("greet", { description: "Greets.", inputSchema }, async ({ name }) => ({
  content: [{ type: "text", text: "Hello " + name }],
}));
await server.connect(new StdioServerTransport());
`;
/** Time and memory of importing what the arguments name, in a process that has done nothing else. */
const IMPORT = `
const before = process.memoryUsage.rss();
const began = performance.now();
for (const name of process.argv.slice(2)) await import(name);
const time = performance.now() - began;
console.log(JSON.stringify({ time, memory: process.memoryUsage.rss() - before }));
`;

const OURS = ["core", "mcp"].map((name) => packed(name));
const OURS_ENTRY = "node_modules/@wechat-offiaccount/mcp/dist/cli.js";
const account = { WECHAT_APP_ID: "wx0123456789abcdef", WECHAT_APP_SECRET: "bench", WECHAT_MCP_RECIPIENTS: "*" };

/** What is installed, what is started, and in which environment. The first is what the others are compared with. */
const CONTENDERS = {
  "bare server, SDK v2": {
    packages: ["@modelcontextprotocol/server@2", "zod@4"],
    entry: "server.mjs",
    source: BARE_V2,
  },
  "bare server, SDK v1": {
    packages: ["@modelcontextprotocol/sdk@1", "zod@4"],
    entry: "server.mjs",
    source: BARE_V1,
  },
  "ours, no inbox": { packages: OURS, npm: ["--omit=optional"], entry: OURS_ENTRY, env: account },
  "ours, sqlite inbox": {
    packages: OURS,
    entry: OURS_ENTRY,
    env: { ...account, WECHAT_INBOX: `sqlite:${join(root, "inbox.db")}` },
  },
  "server-everything": {
    packages: ["@modelcontextprotocol/server-everything"],
    entry: "node_modules/@modelcontextprotocol/server-everything/dist/index.js",
  },
  "notion-mcp-server": {
    packages: ["@notionhq/notion-mcp-server"],
    entry: "node_modules/@notionhq/notion-mcp-server/bin/cli.mjs",
    env: { NOTION_TOKEN: "bench" },
  },
};

function packed(name) {
  const pnpm = process.env.npm_config_user_agent?.startsWith("pnpm/") ? ["pnpm"] : ["npx", "-y", "pnpm@12"];
  const [command, ...args] = [...pnpm, "--filter", `./packages/${name}`, "pack", "--json", "--pack-destination", root];
  return JSON.parse(run(command, args, repository)).filename;
}

async function install(folder, { packages, npm = [], entry, source }) {
  await mkdir(folder);
  await writeFile(join(folder, "package.json"), "{}");
  run("npm", ["install", "--no-audit", "--no-fund", "--no-save", ...npm, ...packages], folder);
  if (source) await writeFile(join(folder, entry), source);
  const lock = JSON.parse(await readFile(join(folder, "node_modules/.package-lock.json"), "utf8"));
  const files = await sizesIn(join(folder, "node_modules"));
  return {
    versions: packages.map((asked) => versionOf(asked, lock.packages)).join(", "),
    packages: Object.keys(lock.packages).length,
    files: files.length,
    megabytes: files.reduce((sum, size) => sum + size, 0) / 1e6,
  };
}

function versionOf(asked, installed) {
  const name = asked.endsWith(".tgz")
    ? Object.keys(installed).find((path) => installed[path].resolved?.endsWith(asked.split("/").at(-1)))
    : `node_modules/${asked.replace(/(?<=.)@\d+$/, "")}`;
  return `${name.replace("node_modules/", "")} ${installed[name].version}`;
}

async function sizesIn(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name !== ".package-lock.json");
  return Promise.all(files.map(async (file) => (await stat(join(file.parentPath, file.name))).size));
}

/** Starts a server, asks for its tools, and ends it. */
async function start(folder, { entry, env = {} }) {
  const began = performance.now();
  const child = spawn(process.execPath, [entry], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: root, ...env },
    stdio: ["pipe", "pipe", "ignore"],
  });
  const ended = once(child, "exit");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const limit = setTimeout(() => child.kill("SIGKILL"), TIME_LIMIT);
  const say = (message) => child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  const answerTo = async (id) => {
    for (;;) {
      const { done, value } = await lines.next();
      if (done) throw new Error(`${entry} ended without an answer`);
      const message = JSON.parse(value);
      if (message.id === id && "result" in message) return message.result;
      if (message.id === id && "error" in message) throw new Error(`${entry}: ${message.error.message}`);
    }
  };
  try {
    const clientInfo = { name: "bench", version: "1.0.0" };
    say({ id: 1, method: "initialize", params: { protocolVersion: PROTOCOL, capabilities: {}, clientInfo } });
    await answerTo(1);
    say({ method: "notifications/initialized" });
    say({ id: 2, method: "tools/list", params: {} });
    const { tools } = await answerTo(2);
    const time = performance.now() - began;
    return { time, cpu: await processorTime(child.pid), memory: await residentMemory(child.pid), tools: tools.length };
  } finally {
    clearTimeout(limit);
    child.kill("SIGKILL");
    await ended;
  }
}

/** Milliseconds, in steps of 10, of user and system (proc(5): fields 14 and 15, in ticks); NaN where there is no /proc. */
async function processorTime(pid) {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  const [user, system] = stat
    .replace(/^.*\) /s, "")
    .split(" ")
    .slice(11, 13);
  return (Number(user) + Number(system)) * 10;
}

async function residentMemory(pid) {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => undefined);
  const kilobytes = status ? /VmRSS:\s*(\d+)/.exec(status)[1] : run("ps", ["-o", "rss=", "-p", String(pid)]);
  return Number(kilobytes) * 1024;
}

/** In turns, each once before; all results of each, by name. */
async function inTurns(measures) {
  const names = Object.keys(measures);
  const results = Object.fromEntries(names.map((name) => [name, []]));
  for (const name of names) await measures[name]();
  for (let round = 0; round < ROUNDS; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(round + turn) % names.length];
      results[name].push(await measures[name]());
    }
  }
  return results;
}

const ratios = (results, base, what) => results.map((result, round) => result[what] / base[round][what]);
const mean = (results, what) => results.reduce((sum, result) => sum + result[what], 0) / results.length;
const spread = (numbers) => `(${Math.min(...numbers).toFixed(2)}, ${Math.max(...numbers).toFixed(2)})`;
const megabytes = (bytes) => (bytes / 1e6).toFixed(1);

try {
  console.log(`Node ${process.version}, ${cpus().length} x ${cpus()[0].model}, ${ROUNDS} rounds, medians`);
  const names = Object.keys(CONTENDERS);
  const folderOf = (name) => join(root, `contender-${names.indexOf(name)}`);

  console.log("\ninstalled: packages, files, MB");
  for (const name of names) {
    const { versions, packages, files, megabytes } = await install(folderOf(name), CONTENDERS[name]);
    const size = `${String(packages).padStart(4)} ${String(files).padStart(6)} ${megabytes.toFixed(1).padStart(6)}`;
    console.log(`  ${name.padEnd(22)}${size}   ${versions}`);
  }

  console.log("\nto the first tools/list: ms, ratio (best, worst); CPU ms, ratio (means); resident MB, ratio; tools");
  const starts = await inTurns(
    Object.fromEntries(names.map((name) => [name, () => start(folderOf(name), CONTENDERS[name])])),
  );
  const bare = starts[names[0]];
  for (const name of names) {
    const results = starts[name];
    const times = ratios(results, bare, "time");
    const time = `${median(results.map((result) => result.time))
      .toFixed(0)
      .padStart(5)}  ${median(times).toFixed(2)}`;
    const cpu = `${mean(results, "cpu").toFixed(0).padStart(5)}  ${(mean(results, "cpu") / mean(bare, "cpu")).toFixed(2)}`;
    const memory = megabytes(median(results.map((result) => result.memory))).padStart(6);
    const ratio = median(ratios(results, bare, "memory")).toFixed(2);
    console.log(`  ${name.padEnd(22)}${time} ${spread(times)} ${cpu} ${memory}  ${ratio}   ${results[0].tools}`);
  }

  const folder = folderOf("ours, sqlite inbox");
  await writeFile(join(folder, "import.mjs"), IMPORT);
  const importing =
    (...what) =>
    async () =>
      JSON.parse(run(process.execPath, ["import.mjs", ...what], folder));
  const CORE = "@wechat-offiaccount/core";
  const imports = await inTurns({ zod: importing("zod"), "zod and core": importing("zod", CORE) });
  console.log("\nimported in an empty process: ms, MB");
  for (const [name, results] of Object.entries(imports)) {
    const time = median(results.map((result) => result.time)).toFixed(1);
    console.log(`  ${name.padEnd(14)}${time}  ${megabytes(median(results.map((result) => result.memory)))}`);
  }
  const beyond = (what) =>
    median(imports["zod and core"].map((result, round) => result[what] - imports.zod[round][what]));
  console.log(`  core beyond zod: ${beyond("time").toFixed(1)} ms, ${megabytes(beyond("memory"))} MB`);
} finally {
  await rm(root, { recursive: true });
}
