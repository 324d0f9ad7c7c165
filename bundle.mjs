// Bundles core and the MCP server into few files, because reading a hundred small ones takes longer than running them:
// `node bundle.mjs`, after `tsc -b`, which checks the types and writes the declarations. What several entry
// points share is a file of its own, so that there is one of each class and `instanceof` holds across them.
// Dependencies stay outside.
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** Entry points by package: what its package.json exports and its command. */
const ENTRY_POINTS = {
  core: ["src/index.ts", "src/inbox/sqlite.ts", "src/redis.ts", "src/cli.ts"],
  mcp: ["src/index.ts", "src/cli.ts"],
};

for (const [name, entryPoints] of Object.entries(ENTRY_POINTS)) {
  const folder = fileURLToPath(new URL(`packages/${name}`, import.meta.url));
  const dist = join(folder, "dist");
  const { outputFiles } = await build({
    absWorkingDir: folder,
    entryPoints,
    outbase: "src",
    outdir: dist,
    // Names are those of the source, in error.name and in stack traces.
    keepNames: true,
    bundle: true,
    splitting: true,
    // Beside the entry points, where sources at the top of src are too: they find package.json by their own place.
    chunkNames: "[name]-[hash]",
    packages: "external",
    format: "esm",
    platform: "node",
    target: "node20.19",
    charset: "utf8",
    sourcemap: true,
    // The sources are in the package.
    sourcesContent: false,
    logLevel: "warning",
    write: false,
  });
  for (const { path, contents } of outputFiles) await put(path, contents);
  const made = new Set(outputFiles.map(({ path }) => path));
  for (const entry of await readdir(dist, { recursive: true })) {
    const path = join(dist, entry);
    if (/\.js(\.map)?$/.test(entry) && !made.has(path)) await rm(path);
  }
}

/** Moves a file into place whole, if it changed: a program or a test may be running from there. */
async function put(path, contents) {
  const before = await readFile(path).catch(() => undefined);
  if (before?.equals(contents)) return;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.new`, contents);
  await rename(`${path}.new`, path);
}
