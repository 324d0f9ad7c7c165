// Builds what Node-RED loads: CommonJS node files in dist/nodes with their html, locales and icons beside them, and
// core with its dependencies once in dist/core.js, so that all nodes share one copy of its state and its classes.
// Core is taken from its sources.
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { markdownInside } from "../../scripts/markdown-inside.mjs";
import { thirdPartyLicenses } from "../../scripts/third-party-licenses.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, "src");
const dist = join(here, "dist");
const nodeTypes = (await readdir(join(source, "nodes"))).sort();

/** @type {import("esbuild").BuildOptions} */
const common = {
  absWorkingDir: here,
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  charset: "utf8",
  legalComments: "inline",
  // Names stay as written: they are in error.name and in stack traces.
  keepNames: true,
  minifySyntax: true,
  minifyWhitespace: true,
  logLevel: "warning",
};

/** @type {import("esbuild").Plugin} */
const sharedCore = {
  name: "shared-core",
  setup({ onResolve }) {
    onResolve({ filter: /^@wechat-offiaccount\/core(\/redis)?$/ }, () => ({ path: "../core.js", external: true }));
  },
};

const CORE = 'export * from "../core/src/index.js"; export * from "../core/src/redis.js";';

/** The driver of Redis, in a file of its own that is loaded only where Redis is used. */
/** @type {import("esbuild").Plugin} */
const redisApart = {
  name: "redis-apart",
  setup({ onResolve }) {
    onResolve({ filter: /^ioredis$/ }, () => ({ path: "./ioredis.js", external: true }));
  },
};

await mkdir(dist, { recursive: true });
const output = await mkdtemp(join(dist, ".build-"));
try {
  const core = await build({
    ...common,
    stdin: { contents: CORE, resolveDir: here },
    outfile: join(output, "core.js"),
    // It would give each function its name again whenever it is made, several times in a send.
    keepNames: false,
    plugins: [redisApart, markdownInside],
    // It has native parts: whoever keeps an inbox in a file installs it.
    external: ["libsql"],
    metafile: true,
  });
  const redis = await build({
    ...common,
    stdin: { contents: 'export { Redis } from "ioredis";', resolveDir: join(here, "../core") },
    outfile: join(output, "ioredis.js"),
    metafile: true,
  });
  const licenses = await thirdPartyLicenses(here, { ...core.metafile.inputs, ...redis.metafile.inputs });
  await writeFile(join(output, "THIRD-PARTY-LICENSES.txt"), licenses);
  await build({
    ...common,
    entryPoints: nodeTypes.map((type) => ({ in: join(source, "nodes", type, "index.ts"), out: type })),
    outdir: join(output, "nodes"),
    plugins: [sharedCore],
  });
  for (const type of nodeTypes) await copyNodeFiles(type);
  await cp(join(source, "icons"), join(output, "nodes", "icons"), { recursive: true });
  await publish();
  // Node-RED's import menu reads the examples folder of the module.
  await cp(join(here, "../../examples/node-red"), join(here, "examples"), { recursive: true });
} finally {
  await rm(output, { recursive: true, force: true });
}

async function copyNodeFiles(type) {
  const from = join(source, "nodes", type);
  const to = join(output, "nodes");
  await cp(join(from, "editor.html"), join(to, `${type}.html`));
  await cp(join(from, "locales"), join(to, "locales"), { recursive: true });
  // The runtime's own language is "zh" where LANG is zh_CN.UTF-8, and "zh" does not fall back to "zh-CN".
  await cp(join(from, "locales", "zh-CN"), join(to, "locales", "zh"), { recursive: true });
}

/** Moves what changed into place, file by file, so that a Node-RED or a test that runs meanwhile finds each file. */
async function publish() {
  const fresh = await filesOf(output);
  for (const path of fresh) {
    const target = join(dist, path);
    const [now, before] = await Promise.all([readFile(join(output, path)), readFile(target).catch(() => undefined)]);
    if (before?.equals(now)) continue;
    await mkdir(dirname(target), { recursive: true });
    await rename(join(output, path), target);
  }
  for (const path of await filesOf(join(dist, "nodes"), dist)) {
    if (!fresh.includes(path)) await rm(join(dist, path));
  }
}

async function filesOf(folder, base = folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(base, join(entry.parentPath, entry.name)));
}
