// Packs the server as an MCPB file, which a host such as Claude Desktop installs with a click. Usage:
//   node packages/mcp/mcpb/bundle.mjs [FOLDER]     default: packages/mcp/mcpb/dist
// Server and core are taken from their sources.
import { cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { packExtension } from "@anthropic-ai/mcpb";
import { build } from "esbuild";
import { markdownInside } from "../../../scripts/markdown-inside.mjs";
import { thirdPartyLicenses } from "../../../scripts/third-party-licenses.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const repository = resolve(here, "../../..");
const target = resolve(process.argv[2] ?? join(here, "dist"));
const manifest = JSON.parse(await readFile(join(here, "manifest.json"), "utf8"));
const { name, displayName, version, license } = JSON.parse(await readFile(join(here, "../package.json"), "utf8"));
if (manifest.version !== version) {
  throw new Error(`manifest.json is of version ${manifest.version}, package.json of ${version}`);
}

const folder = await mkdtemp(join(tmpdir(), "mcpb-"));
try {
  const { metafile } = await build({
    absWorkingDir: here,
    entryPoints: [join(here, "main.mjs")],
    outfile: join(folder, manifest.server.entry_point),
    bundle: true,
    alias: { "@wechat-offiaccount/core": join(repository, "packages/core/src/index.ts") },
    platform: "node",
    target: "node20",
    // The server awaits at top level, which CommonJS cannot; packages that are CommonJS want a require.
    format: "esm",
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
    charset: "utf8",
    plugins: [markdownInside],
    legalComments: "inline",
    // Names stay as written: they are in error.name and in stack traces.
    keepNames: true,
    minifySyntax: true,
    minifyWhitespace: true,
    logLevel: "warning",
    // It has native parts, one file for each platform: who wants an inbox in a SQLite file takes the npm package.
    external: ["libsql"],
    metafile: true,
  });
  // The server reads its name and version there.
  const packageJson = { name, displayName, version, license, type: "module", private: true };
  await writeFile(join(folder, "package.json"), `${JSON.stringify(packageJson, undefined, 2)}\n`);
  await writeFile(join(folder, "THIRD-PARTY-LICENSES.txt"), await thirdPartyLicenses(here, metafile.inputs));
  await cp(join(repository, "LICENSE"), join(folder, "LICENSE"));
  await cp(join(here, "manifest.json"), join(folder, "manifest.json"));
  await cp(join(here, "mcpb-resources"), join(folder, "mcpb-resources"), { recursive: true });
  await mkdir(target, { recursive: true });
  const file = join(target, `${manifest.name}-${version}.mcpb`);
  // It validates the manifest too, and says on stdout what is wrong with it.
  if (!(await packExtension({ extensionPath: folder, outputPath: file, silent: true }))) {
    throw new Error("mcpb could not pack it: is the manifest valid?");
  }
  console.log(`${file} (${((await stat(file)).size / 1024).toFixed(0)} kB)`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
