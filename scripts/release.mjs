// Releases all packages with one version:
//   node scripts/release.mjs VERSION                  tries everything and changes, publishes and leaves nothing
//   node scripts/release.mjs VERSION --publish        also commits, tags, pushes both, and publishes to npm
// --no-provenance: for --publish from a machine of your own; npm can prove the origin only in a CI that it knows.
// What is left to do by hand stands at its end. CONTRIBUTING.md, "Releasing", says when to use it.
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { afterFailure, afterRelease, keptIn, PACKAGES, publishing, pushing, tarball } from "./release/npm.mjs";
import { git, goOn, node, pnpm, run, stop } from "./release/run.mjs";
import { changelog, commitAndTag, fetchUpstream, isClean, isMain, isNew, prepare } from "./release/tree.mjs";

const repository = fileURLToPath(new URL("..", import.meta.url));
const USAGE = "Usage: node scripts/release.mjs VERSION [--publish [--no-provenance]]";

/** What the tests of a release look at: the files that it made, and the registry's entry. */
const TESTS = ["test/packaging.test.ts", "test/mcpb.test.ts", "packages/mcp/test/server-json.test.ts"];

/**
 * What a release does, in this order. Until `home` everything happens in a clone, so a release that fails changes
 * nothing, and a try does the same as a release. Nothing is published before commit and tag are where they outlive this
 * machine: npm takes nothing back, and a CI's machine is gone after the release.
 */
const STEPS = [
  { name: "the work tree is clean", run: isClean },
  { name: "the branch is main", run: isMain },
  { name: "main is what its upstream has", only: "publish", run: upstream },
  { name: "the version is a new one", run: isNew },
  { name: "the changelog says what is new", run: ({ root, version }) => changelog(root, version) },
  { name: "npm can prove the origin", only: "publish", run: isProvable },
  { name: "a clone", run: clone },
  { name: "version and changelog are set", run: ({ clone, version }) => prepare(clone, version) },
  { name: "install and build", run: build },
  { name: "pack the packages", run: pack },
  { name: "pack the MCPB bundle", run: ({ clone, out }) => node(clone, "packages/mcp/mcpb/bundle.mjs", out) },
  { name: "contents, publint, types, commands, bundle, server.json", run: check },
  { name: "npm would take them", run: tryPublish },
  { name: "commit and tag", only: "publish", run: home },
  { name: "push both", only: "publish", run: push },
  { name: "npm publish", only: "publish", run: publish },
];

async function main() {
  const options = { publish: { type: "boolean" }, "no-provenance": { type: "boolean" } };
  let given;
  try {
    given = parseArgs({ options, allowPositionals: true });
    if (given.positionals.length !== 1) throw new Error("one version, please");
  } catch (error) {
    console.error(`${error.message}\n${USAGE}`);
    return 2;
  }
  const scratch = await mkdtemp(join(tmpdir(), "release-"));
  const release = {
    root: repository,
    version: given.positionals[0],
    publish: given.values.publish === true,
    provenance: given.values["no-provenance"] !== true,
    clone: join(scratch, "clone"),
    out: join(scratch, "out"),
    upstream: undefined,
    tagged: false,
    pushed: false,
    published: [],
  };
  try {
    await steps(release);
    await tell(release);
    return 0;
  } catch (error) {
    console.error(`\n${[error.message, error.stdout, error.stderr].filter(Boolean).join("\n").trim()}`);
    console.error(`\n${afterFailure(release)}`);
    return 1;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function steps(release) {
  const all = STEPS.filter(({ only }) => only === undefined || release[only]);
  for (const [index, { name, run }] of all.entries()) {
    goOn();
    const began = Date.now();
    console.log(`${index + 1}/${all.length} ${name}`);
    await run(release);
    console.log(`    ok, ${((Date.now() - began) / 1000).toFixed(1)} s`);
  }
}

async function clone({ root, clone }) {
  await git(root, "clone", "--quiet", "--shared", root, clone);
}

async function build({ clone }) {
  await pnpm(clone, "install", "--frozen-lockfile", "--prefer-offline");
  await pnpm(clone, "run", "build");
}

async function pack({ clone, out, version }) {
  const folders = (await readdir(join(clone, "packages"))).sort();
  if (folders.join() !== PACKAGES.toSorted().join()) throw new Error(`packages/ holds ${folders.join(", ")}`);
  await mkdir(out);
  await pnpm(clone, "--filter", "./packages/*", "pack", "--pack-destination", out);
  for (const name of PACKAGES) await stat(tarball(out, name, version));
}

/** The tests that look at the published files look at these. */
async function check({ clone, out }) {
  const vitest = [join(clone, "node_modules/vitest/vitest.mjs"), "run", "--project", "fast", ...TESTS];
  await run(process.execPath, vitest, { cwd: clone, env: { ...process.env, RELEASE_FOLDER: out, NO_COLOR: "1" } });
}

async function upstream(release) {
  release.upstream = await fetchUpstream(release);
}

/** npm takes a provenance only for packages that name the repository in which they were made. */
async function isProvable({ root, provenance }) {
  if (!provenance) return;
  for (const name of PACKAGES) {
    const { repository: source } = JSON.parse(await readFile(join(root, "packages", name, "package.json"), "utf8"));
    if (!source?.url) throw new Error(`packages/${name}/package.json has no repository.url; or use --no-provenance`);
  }
}

/** Whatever happens from here on, the very files that were looked at are kept. */
async function home(release) {
  const { root, version, out, clone } = release;
  const kept = join(root, keptIn(version));
  await cp(out, kept, { recursive: true });
  try {
    await commitAndTag(root, version, await git(clone, "rev-parse", "HEAD"));
  } catch (error) {
    await rm(kept, { recursive: true });
    throw error;
  }
  release.tagged = true;
}

async function push(release) {
  await git(release.root, ...pushing(release.version, release.upstream));
  release.pushed = true;
}

async function tryPublish({ out, version }) {
  for (const name of PACKAGES) {
    await run("npm", [...publishing(out, name, { version }), "--dry-run", "--fetch-retries", "0"]);
  }
}

async function publish(release) {
  for (const name of PACKAGES) {
    goOn();
    await run("npm", publishing(release.out, name, release));
    release.published.push(name);
  }
}

async function tell({ out, version, publish }) {
  console.log();
  for (const file of (await readdir(out)).sort()) {
    console.log(`${file} (${((await stat(join(out, file))).size / 1024).toFixed(0)} kB)`);
  }
  const tried = `All of it holds for ${version}. Nothing was published or changed; --publish does it.`;
  console.log(`\n${publish ? afterRelease(version) : tried}`);
}

// The programs that run end first, then this one in order: no temporary folder is left behind.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => stop(signal));
process.exitCode = await main();
