import { copyFile, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { builtinModules } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { DEFAULT_APP_SECRET, DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";
import { build } from "esbuild";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import ts from "typescript-api";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { simulated } from "./support/desk.js";
import { type Installed, installTarballs, type Manifest, type Packed, repository, run } from "./support/tarballs.js";

/** Problems of types that are meant, by kind, with the reason. */
const MEANT: Readonly<Record<string, string>> = {
  CJSResolvesToESM: "ESM only: require() of an ES module works from Node 20.19 on, the oldest that engines allows",
};

/** What a package must hold beside dist, and what it may hold. */
const PACKAGES = [
  { name: "@wechat-offiaccount/core", typed: true, folders: ["dist", "src"] },
  { name: "@wechat-offiaccount/mcp", typed: true, folders: ["dist", "src"] },
  { name: "@wechat-offiaccount/simulator", typed: true, folders: ["dist", "src"] },
  { name: "@wechat-offiaccount/node-red", typed: false, folders: ["dist", "examples"] },
];

let installed: Installed;
beforeAll(async () => {
  installed = await installTarballs();
});
afterAll(() => rm(installed.folder, { recursive: true, force: true }));

function packed(name: string): Packed {
  const found = installed.packages.get(name);
  if (!found) throw new Error(`${name} was not packed`);
  return found;
}

/** The packages that files of types ask for. */
async function typeImportsOf(paths: readonly string[]): Promise<string[]> {
  const files = await Promise.all(
    paths.map(async (path) => ts.preProcessFile(await readFile(path, "utf8"), true, true)),
  );
  return files.flatMap(({ importedFiles }) => importedFiles.map(({ fileName }) => fileName));
}

/** The packages among what is imported, without those of Node. */
const packagesOf = (imports: readonly string[]) =>
  imports
    .filter((name) => !/^\.|^node:/.test(name) && !builtinModules.includes(name))
    .map((name) => (/^(?:@[^/]+\/)?[^/]+/.exec(name) ?? [name])[0]);

/** What a package.json exports, as paths of files. */
function entriesOf({ exports = {} }: Manifest): string[] {
  const files = Object.values(exports).map((entry) => (typeof entry === "string" ? entry : entry.default));
  return files.filter((file) => file.endsWith(".js"));
}

/** What files of JavaScript load, directly or not, as esbuild understands them. */
async function modulesOf(folder: string, files: readonly string[]) {
  const { metafile } = await build({
    absWorkingDir: folder,
    entryPoints: [...files],
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    ignoreAnnotations: true,
    outdir: "unused",
    write: false,
    metafile: true,
    logLevel: "error",
  });
  const external = Object.values(metafile.inputs).flatMap(({ imports }) => imports.filter((found) => found.external));
  return { files: new Set(Object.keys(metafile.inputs)), imports: external.map(({ path }) => path) };
}

it("every package is looked at", () => {
  expect([...installed.packages.keys()].sort()).toEqual(PACKAGES.map(({ name }) => name).sort());
});

describe.each(PACKAGES)("the tarball of $name", ({ name, typed, folders }) => {
  it("is as publint wants it", async () => {
    const { buffer } = new Uint8Array(await readFile(packed(name).tarball));
    const { messages, pkg } = await publint({ pack: { tarball: buffer }, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
  });

  // Also with moduleResolution "node10", which many projects still have: it knows no "exports", so the subpaths are named
  // once more under "typesVersions". Node itself reads "exports" there too.
  it("has types that resolve, however they are imported", async () => {
    const data = new Uint8Array(await readFile(packed(name).tarball));
    const result = await checkPackage(createPackageFromTarballData(data));
    expect(Boolean(result.types)).toBe(typed);
    const problems = result.types ? result.problems : [];
    expect(problems.filter(({ kind }) => MEANT[kind] === undefined)).toEqual([]);
  });

  it("holds what a user needs, and no test, build leftover or private file", async () => {
    const { files } = packed(name);
    const others = files.filter((file) => !folders.some((folder) => file.startsWith(`${folder}/`)));
    expect(others.sort()).toEqual(["LICENSE", "README.md", "package.json"]);
    for (const folder of folders) expect(files.some((file) => file.startsWith(`${folder}/`))).toBe(true);
    const unwanted = /(^|\/)(test|node_modules)\/|\.test\.|\.tsbuildinfo$|(^|\/)\.|\.(pem|key|log|tgz)$/;
    expect(files.filter((file) => unwanted.test(file))).toEqual([]);
  });

  it("holds nothing that was left over from an older source (if it does: remove dist and build again)", async () => {
    if (!typed) return expect(packed(name).files.filter((file) => file.startsWith("src/"))).toEqual([]);
    const { files, folder, manifest } = packed(name);
    const built = files.filter((file) => file.startsWith("dist/") && file !== "dist/THIRD-PARTY-LICENSES.txt");
    // A bundle's shared files have no source of their name, but something loads them.
    const { files: loaded } = await modulesOf(folder, [...Object.values(manifest.bin ?? {}), ...entriesOf(manifest)]);
    const source = (file: string) => file.replace(/^dist\//, "src/").replace(/(\.d\.ts|\.js)(\.map)?$/, ".ts");
    const isWanted = (file: string) => files.includes(source(file)) || loaded.has(file.replace(/\.map$/, ""));
    expect(built.filter((file) => !isWanted(file))).toEqual([]);
  });

  it("names no path of the machine that packed it, and no dependency of the workspace", async () => {
    const { files, folder, manifest } = packed(name);
    for (const file of files) expect(await readFile(join(folder, file), "utf8"), file).not.toContain(repository);
    expect(JSON.stringify(manifest)).not.toContain("workspace:");
  });

  it("has maps that name its own sources, and those of other packages by package", async () => {
    const { files, folder } = packed(name);
    for (const file of files.filter((path) => path.endsWith(".map"))) {
      const { sources, sourcesContent } = JSON.parse(await readFile(join(folder, file), "utf8"));
      const own = sources.filter((source: string) => !/^npm:(?:@[^/]+\/)?[^/.][^/]*\//.test(source));
      for (const source of own) expect(files, file).toContain(join(dirname(file), source));
      // A text that is missing, of a file that is not there, lets vitest warn whoever imports the package.
      for (const source of sources)
        expect(own.includes(source) || sourcesContent[sources.indexOf(source)] === "").toBe(true);
    }
  });

  it("declares every dependency that it imports, and no more", async () => {
    const { files, folder, manifest } = packed(name);
    const code = files.filter((file) => /^dist\/.*\.js$/.test(file));
    expect(code.length).toBeGreaterThan(0);
    const types = files.filter((file) => file.endsWith(".d.ts")).map((file) => join(folder, file));
    const imported = packagesOf([...(await modulesOf(folder, code)).imports, ...(await typeImportsOf(types))]);
    const optional = Object.keys(manifest.optionalDependencies ?? {});
    const outside = new Set(imported.filter((dependency) => dependency !== name && !optional.includes(dependency)));
    expect([...outside].sort()).toEqual(Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }).sort());
  });

  it("has commands that start", async () => {
    const { folder, manifest } = packed(name);
    for (const [command, file] of Object.entries(manifest.bin ?? {})) {
      expect(await readFile(join(folder, file), "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
      // As the tarball has it: what unpacks it without npm starts it too.
      expect((await stat(join(folder, file))).mode & 0o111).toBe(0o111);
      const { stdout } = await run(process.execPath, [join(folder, file), "--help"]);
      expect(stdout).toContain(command);
    }
  });
});

it.each([
  ["core", "packages/core/dist/index.js"],
  ["the core in the Node-RED module", "packages/node-red/dist/core.js"],
])("the bundler left the errors of %s their names", async (_, file) => {
  const exported: Record<string, unknown> = await import(pathToFileURL(join(repository, file)).href);
  const errors = Object.entries(exported).filter(
    ([, value]) => typeof value === "function" && value.prototype instanceof Error,
  );
  expect(errors.length).toBeGreaterThan(10);
  for (const [name, value] of errors) expect(value).toHaveProperty("name", name);
});

it("the installed simulator has its phone, with all that the page asks for", async () => {
  const program = `
    import { createSimulator } from "@wechat-offiaccount/simulator";
    const simulator = await createSimulator();
    const page = await (await fetch(simulator.url + "/simulator/")).text();
    const paths = [...page.matchAll(/"(\\/simulator\\/phone\\/[^"]+\\.(?:js|css))"/g)].map(([, path]) => path);
    const answers = await Promise.all(paths.map((path) => fetch(simulator.url + path)));
    console.log(JSON.stringify(answers.map(({ status, url }) => [status, url.split("/").at(-1)])));
    await simulator.close();`;
  const { stdout } = await run(process.execPath, ["--input-type=module", "-e", program], { cwd: installed.folder });
  const files = ["tokens.css", "page.css", "phone.css", "bubbles.css", "panel.css", "lit-html.js", "main.js"];
  expect(JSON.parse(stdout)).toEqual(files.map((file) => [200, file]));
});

describe("a program that depends on the published core", () => {
  /** Runs a program, which says on stdout what it saw, against a WeChat of its own. */
  async function expectToWork(program: string): Promise<void> {
    const simulator = await simulated();
    const args = [program, simulator.url, DEFAULT_APP_SECRET, DEFAULT_FOLLOWER];
    const { stdout, stderr } = await run(process.execPath, args);
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual({
      delivery: "delivered",
      isApiError: true,
      code: "WECHAT_RECIPIENT",
      errcode: 40003,
      zh: true,
      parts: ["一二", "三"],
      CALL_CHANNEL: "wechat-offiaccount:call",
    });
    expect(simulator.ledger.messages.map(({ text }) => text)).toEqual(["你好", "好"]);
  }

  it.each(["program.mjs", "program.cjs"])("%s: sends, reads an error, without a warning of Node's", async (file) => {
    const program = join(installed.folder, file);
    await copyFile(join(repository, "test/consumers", file), program);
    await expectToWork(program);
  });

  it.each([
    ["program.mjs", "esm"],
    ["program.cjs", "cjs"],
  ] as const)("%s bundled (%s): does the same where no package is installed", async (file, format) => {
    const elsewhere = await mkdtemp(join(tmpdir(), "bundled-"));
    onTestFinished(() => rm(elsewhere, { recursive: true }));
    const entry = join(installed.folder, file);
    await copyFile(join(repository, "test/consumers", file), entry);
    const outfile = join(elsewhere, file);
    // undici is CommonJS and requires Node's own modules, which a bundle in ESM can only do with this.
    const forCommonJs = 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';
    const banner = { js: format === "esm" ? forCommonJs : "" };
    await build({ entryPoints: [entry], outfile, bundle: true, platform: "node", format, banner, logLevel: "warning" });
    await expectToWork(outfile);
  });

  it.each([
    ["the TypeScript of today", "typescript"],
    ["the one before", "typescript-api"],
  ])("program.ts: %s accepts what is right in it and nothing else, also within our types", async (_, compiler) => {
    const program = join(installed.folder, "program.mts");
    await copyFile(join(repository, "test/consumers/program.ts"), program);
    const tsc = join(repository, "node_modules", compiler, "bin/tsc");
    const strict = [
      "--strict",
      "--exactOptionalPropertyTypes",
      "--noUncheckedIndexedAccess",
      "--skipLibCheck",
      "false",
    ];
    const target = ["--module", "nodenext", "--target", "es2023", "--types", "node", "--noEmit"];
    // It rejects unless the compiler starts and ends with 0; what tsc finds is on stdout.
    const { stdout } = await run(process.execPath, [tsc, ...strict, ...target, program], {
      cwd: installed.folder,
    }).catch((error) => {
      throw new Error(`${error.message}\n${error.stdout}`);
    });
    expect(stdout).toBe("");
  });
});
