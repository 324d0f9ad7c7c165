// Builds what Node-RED loads: CommonJS node files in dist/nodes with their html, locales and icons beside them, and
// core with its dependencies once in dist/core.js, so that all nodes share one copy of its state and its classes.
// Run `tsc -b` first: core is taken from its dist folder.
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, "src");
const output = join(here, "dist");
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
    onResolve({ filter: /^@wechat-offiaccount\/core$/ }, () => ({ path: "../core.js", external: true }));
  },
};

async function copyNodeFiles(type) {
  const from = join(source, "nodes", type);
  const to = join(output, "nodes");
  await cp(join(from, "editor.html"), join(to, `${type}.html`));
  await cp(join(from, "locales"), join(to, "locales"), { recursive: true });
  // The runtime's own language is "zh" where LANG is zh_CN.UTF-8, and "zh" does not fall back to "zh-CN".
  await cp(join(from, "locales", "zh-CN"), join(to, "locales", "zh"), { recursive: true });
}

/** MIT asks that its notice goes along with copies: those of the packages bundled into core. */
async function writeLicenses(inputs) {
  const folders = new Set(
    Object.keys(inputs).flatMap((path) => /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []),
  );
  const notices = [];
  for (const folder of [...folders].sort()) {
    const { name, version } = JSON.parse(await readFile(join(here, folder, "package.json"), "utf8"));
    const file = (await readdir(join(here, folder))).find((entry) => /^licen[cs]e/i.test(entry));
    if (!file) throw new Error(`${name} has no licence file to pass on`);
    notices.push(`${name} ${version}\n\n${(await readFile(join(here, folder, file), "utf8")).trim()}\n`);
  }
  await writeFile(join(output, "THIRD-PARTY-LICENSES.txt"), notices.join(`\n${"-".repeat(80)}\n\n`));
}

for (const folder of ["nodes", "core.js"]) await rm(join(output, folder), { recursive: true, force: true });
await mkdir(join(output, "nodes"), { recursive: true });
const [core] = await Promise.all([
  build({
    ...common,
    stdin: { contents: 'export * from "@wechat-offiaccount/core";', resolveDir: here },
    outfile: join(output, "core.js"),
    metafile: true,
  }),
  build({
    ...common,
    entryPoints: nodeTypes.map((type) => ({ in: join(source, "nodes", type, "index.ts"), out: type })),
    outdir: join(output, "nodes"),
    plugins: [sharedCore],
  }),
  cp(join(source, "icons"), join(output, "nodes", "icons"), { recursive: true }),
]);
for (const type of nodeTypes) await copyNodeFiles(type);
await writeLicenses(core.metafile.inputs);
