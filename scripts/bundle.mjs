// Bundles core and the MCP server into few files, because finding and reading a hundred small ones takes longer than
// running them: `node scripts/bundle.mjs`, after `tsc -b`, which checks the types and writes the declarations. What
// several entry points share is a file of its own, so that there is one of each class and `instanceof` holds across them.
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { markdownInside } from "./markdown-inside.mjs";
import { thirdPartyLicenses } from "./third-party-licenses.mjs";

const packages = fileURLToPath(new URL("../packages", import.meta.url));

/** @type {import("esbuild").BuildOptions} */
const common = {
  outbase: "src",
  outdir: "dist",
  bundle: true,
  splitting: true,
  // Beside the entry points, where sources at the top of src are too: they find package.json by their own place.
  chunkNames: "[name]-[hash]",
  format: "esm",
  platform: "node",
  target: "node20.19",
  charset: "utf8",
  logLevel: "warning",
  metafile: true,
  write: false,
};

/**
 * What programs import: what it depends on stays outside. The sources that the maps name are in the package, but for
 * those of other packages (see `mapOf`). Without keepNames, which gives every function its name again whenever it
 * is made: that was half of what a send costs here.
 */
const library = { ...common, packages: "external", sourcemap: true, sourcesContent: false };

/**
 * A program that hosts start again and again: all that its start needs is inside. What it uses later or not at all, and
 * what has native parts, stays outside.
 */
const program = {
  ...common,
  // Names are those of the source, in error.name and in stack traces.
  keepNames: true,
  alias: { "@wechat-offiaccount/core": "../core/src/index.ts" },
  external: ["undici", "ioredis", "libsql"],
  // Packages in CommonJS want it.
  banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  plugins: [markdownInside],
  legalComments: "inline",
  minifySyntax: true,
  minifyWhitespace: true,
};

/**
 * Core holds the part of zod that it uses. Importing all of zod, a hundred files with its words in fifty languages, costs
 * more than the rest of core. zod stays a dependency: the declarations name its types. markdown-it is inside because
 * programs that are bundled have no package beside them to load it from.
 */
const inside = {
  packages: undefined,
  external: ["undici", "saxes", "ioredis", "libsql"],
  plugins: [markdownInside],
};

await bundle("core", [
  { ...library, ...inside, entryPoints: ["src/index.ts", "src/inbox/sqlite.ts", "src/redis.ts", "src/cli.ts"] },
]);
await bundle("mcp", [
  { ...library, entryPoints: ["src/index.ts"] },
  { ...program, entryPoints: ["src/cli.ts"] },
]);

/** Builds into the dist folder of a package, and removes from it the JavaScript that was there before. */
async function bundle(name, builds) {
  const folder = join(packages, name);
  const results = await Promise.all(builds.map((options) => build({ ...options, absWorkingDir: folder })));
  const outputs = Object.assign({}, ...results.map(({ metafile }) => metafile.outputs));
  const wanted = new Set(loaded(outputs).flatMap((path) => [join(folder, path), join(folder, `${path}.map`)]));
  const made = results.flatMap(({ outputFiles }) => outputFiles).filter(({ path }) => wanted.has(path));
  const files = new Map(made.map(({ path, contents, text }) => [path, path.endsWith(".map") ? mapOf(text) : contents]));
  const inputs = Object.assign({}, ...results.map(({ metafile }) => metafile.inputs));
  const licenses = await thirdPartyLicenses(folder, inputs);
  if (licenses) files.set(join(folder, "dist/THIRD-PARTY-LICENSES.txt"), Buffer.from(licenses));
  for (const [path, contents] of files) await put(path, contents);
  for (const entry of await readdir(join(folder, "dist"), { recursive: true })) {
    const path = join(folder, "dist", entry);
    if (/\.js(\.map)?$/.test(entry) && !files.has(path)) await rm(path);
  }
}

/** The outputs that the entry points load: esbuild writes also what only code that was left out would load. */
function loaded(outputs) {
  const reached = new Set(Object.keys(outputs).filter((path) => outputs[path].entryPoint?.startsWith("src/")));
  for (const path of reached) {
    for (const found of outputs[path].imports) if (!found.external) reached.add(found.path);
  }
  return [...reached];
}

/**
 * A map in which a file of another package is `npm:PACKAGE/FILE` instead of its place in this repository's node_modules,
 * where nobody else has it; debuggers are told to step over it. Its text is empty: without one vitest warns that the file is
 * missing.
 */
function mapOf(text) {
  const map = JSON.parse(text);
  const sources = map.sources.map((path) => path.replace(/^.*\/node_modules\//, "npm:"));
  const ignoreList = [...sources.keys()].filter((index) => sources[index].startsWith("npm:"));
  if (ignoreList.length === 0) return Buffer.from(text);
  const sourcesContent = sources.map((path) => (path.startsWith("npm:") ? "" : null));
  return Buffer.from(JSON.stringify({ ...map, sources, sourcesContent, ignoreList }));
}

/** Moves a file into place whole, if it changed: a program or a test may be running from there. */
async function put(path, contents) {
  const before = await readFile(path).catch(() => undefined);
  if (before?.equals(contents)) return;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.new`, contents);
  await rename(`${path}.new`, path);
}
