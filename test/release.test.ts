import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { type Scratch, scratchRepository } from "./support/released.js";
import { repository, run } from "./support/tarballs.js";

interface Versions {
  isVersion(version: string): boolean;
  compareVersions(a: string, b: string): number;
  currentVersion(root: string): Promise<string>;
  setVersion(root: string, from: string, to: string): Promise<void>;
  strayVersions(root: string, version: string, files: readonly string[]): Promise<string[]>;
}
interface Upstream {
  readonly remote: string;
  readonly branch: string;
}
interface Tree {
  commitAndTag(root: string, version: string, head: string): Promise<void>;
  fetchUpstream(release: { readonly root: string }): Promise<Upstream>;
}
interface Failed {
  readonly version: string;
  readonly provenance: boolean;
  readonly upstream: Upstream;
  readonly tagged: boolean;
  readonly pushed: boolean;
  readonly published: readonly string[];
}
interface Npm {
  pushing(version: string, upstream: Upstream): string[];
  afterFailure(release: Failed): string;
}
const load = (file: string) => import(pathToFileURL(join(repository, "scripts/release", file)).href);
const versions: Versions = await load("versions.mjs");
const tree: Tree = await load("tree.mjs");
const npm: Npm = await load("npm.mjs");
const { released }: { released(text: string, version: string, date: string): string } = await load("changelog.mjs");

/** Replaces in a file of the scratch repository, and commits it. */
async function change({ folder, git }: Scratch, file: string, edit: (text: string) => string) {
  const path = join(folder, file);
  const before = await readFile(path, "utf8");
  expect(edit(before)).not.toBe(before);
  await writeFile(path, edit(before));
  await git("commit", "--quiet", "--all", "--message", "changed");
}

describe("a release is refused, before anything is built,", () => {
  let scratch: Scratch;
  let begin: string;
  beforeAll(async () => {
    scratch = await scratchRepository();
    begin = await scratch.git("rev-parse", "HEAD");
  });
  beforeEach(async () => {
    await scratch.git("checkout", "--quiet", "--force", "-B", "main", begin);
    await scratch.git("clean", "--quiet", "--force");
    for (const tag of (await scratch.git("tag")).split("\n").filter(Boolean)) await scratch.git("tag", "--delete", tag);
  });
  afterAll(() => scratch.remove());

  it.each<[string, string, (scratch: Scratch) => unknown, RegExp]>([
    ["what is no version", "1.2", () => {}, /1\.2 is no version/],
    ["one with a v", "v1.2.3", () => {}, /v1\.2\.3 is no version/],
    ["below what the packages have", "0.0.9", () => {}, /0\.0\.9 is below 0\.\d+\.\d+, which the packages have/],
    ["one that is out", "9.0.0", ({ git }) => git("tag", "v9.0.0"), /9\.0\.0 is not greater than 9\.0\.0/],
    ["one before what is out", "9.0.0-rc.1", ({ git }) => git("tag", "v9.0.0"), /not greater than 9\.0\.0/],
    [
      "from a work tree with changes",
      "9.0.0",
      ({ folder }) => appendFile(join(folder, "LICENSE"), "x"),
      /not clean: commit or remove\nM LICENSE/,
    ],
    [
      "from a work tree with new files",
      "9.0.0",
      ({ folder }) => writeFile(join(folder, "new.txt"), "x"),
      /not clean.*\n\?\? new\.txt/,
    ],
    ["from another branch", "9.0.0", ({ git }) => git("checkout", "-q", "-b", "topic"), /made on main, not on topic/],
    [
      "without a section of what is new",
      "9.0.0",
      (scratch) => change(scratch, "CHANGELOG.md", (text) => text.replace("## Unreleased\n", "## Later\n")),
      /no section "## Unreleased"/,
    ],
    [
      "without an entry in it",
      "9.0.0",
      (scratch) => change(scratch, "CHANGELOG.md", (text) => `${text.split("## Unreleased\n")[0]}## Unreleased\n`),
      /no entry under "## Unreleased"/,
    ],
    [
      "if the changelog has that version already",
      "9.0.0",
      (scratch) => change(scratch, "CHANGELOG.md", (text) => `${text}\n## 9.0.0 (2026-01-01)\n\n- x\n`),
      /a section for 9\.0\.0 already/,
    ],
    [
      "if the packages have different versions",
      "9.0.0",
      (scratch) =>
        change(scratch, "packages/mcp/package.json", (text) => text.replace(/"version": ".*"/, '"version": "0.0.1"')),
      /the packages have different versions: .*0\.0\.1/,
    ],
    [
      "if the version stands where nobody knew",
      "9.0.0",
      async (scratch) => {
        const version = await versions.currentVersion(scratch.folder);
        await change(scratch, "biome.json", (text) => text.replace("{", `{ "version": "${version}",`));
      },
      /also stands in biome\.json: see PLACES/,
    ],
    [
      "if a place does not name the version",
      "9.0.0",
      (scratch) =>
        change(scratch, "packages/mcp/server.json", (text) => text.replace(/"version": ".*"/, '"version": "0.0.1"')),
      /packages\/mcp\/server\.json names version .* 1 times instead of 2/,
    ],
  ])("%s", async (_, version, prepare, reason) => {
    await prepare(scratch);
    const before = await scratch.git("status", "--porcelain");
    const { code, stderr } = await scratch.release(version);
    expect(stderr).toMatch(reason);
    expect(stderr).toMatch(/\nNothing was published or changed\.\n$/);
    expect(code).toBe(1);
    expect(await scratch.git("status", "--porcelain")).toBe(before);
    expect(await readdir(scratch.temporary)).toEqual([]);
  });

  it("or takes back what it did to the work tree, where it cannot be committed", async () => {
    const { commitAndTag } = tree;
    await writeFile(join(scratch.folder, ".git/hooks/pre-commit"), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
    await expect(commitAndTag(scratch.folder, "9.0.0", begin)).rejects.toThrow("git commit");
    await rm(join(scratch.folder, ".git/hooks/pre-commit"));
    expect(await scratch.git("status", "--porcelain")).toBe("");
    await expect(commitAndTag(scratch.folder, "9.0.0", `${begin}0`)).rejects.toThrow("main has moved");
    expect(await scratch.git("tag")).toBe("");
    await commitAndTag(scratch.folder, "9.0.0", begin);
    expect(await scratch.git("describe", "--exact-match")).toBe("v9.0.0");
  });

  it("and is not published with a proof of its origin by packages that do not name one", async () => {
    const { code, stderr } = await scratch.release("9.0.0", "--publish");
    expect(code).toBe(1);
    expect(stderr).toMatch(/packages\/core\/package\.json has no repository\.url; or use --no-provenance/);
    expect(await scratch.git("tag")).toBe("");
  });

  it.each([[[]], [["1.0.0", "2.0.0"]], [["1.0.0", "--pubish"]]])(
    "arguments %j, with what they should be",
    async (args) => {
      const script = join(repository, "scripts/release.mjs");
      const { code, stderr } = await run(process.execPath, [script, ...args]).catch((error) => error);
      expect(code).toBe(2);
      expect(stderr).toContain("Usage: node scripts/release.mjs VERSION");
    },
  );
});

describe("before a release builds what it will publish,", () => {
  let scratch: Scratch;
  let begin: string;
  beforeAll(async () => {
    scratch = await scratchRepository();
    begin = await scratch.git("rev-parse", "HEAD");
  });
  beforeEach(async () => {
    const { git, origin } = scratch;
    await git("remote", "set-url", "origin", origin);
    await git("reset", "--quiet", "--hard", begin);
    for (const tag of (await git("tag")).split("\n").filter(Boolean)) await git("tag", "--delete", tag);
    await git(
      "push",
      "--quiet",
      "--force",
      "--prune",
      "origin",
      "refs/heads/*:refs/heads/*",
      "refs/tags/*:refs/tags/*",
    );
    await git("branch", "--quiet", "--set-upstream-to=origin/main");
  });
  afterAll(() => scratch.remove());

  const commit = ({ git }: Scratch) => git("commit", "--quiet", "--allow-empty", "--message", "more");
  const elsewhere = ({ git }: Scratch) => git("remote", "set-url", "origin", "/nowhere");
  /** As somebody else would push it. */
  async function commitThere(scratch: Scratch) {
    await commit(scratch);
    await scratch.git("push", "--quiet", "origin", "HEAD:main");
    await scratch.git("reset", "--quiet", "--hard", begin);
    await scratch.git("update-ref", "refs/remotes/origin/main", begin);
  }

  it.each<[string, (scratch: Scratch) => unknown, RegExp]>([
    ["main has an upstream", ({ git }) => git("branch", "--unset-upstream"), /main has no upstream.*git push -u/],
    ["the upstream can be asked", elsewhere, /'\/nowhere' does not/],
    ["others have pushed nothing more", commitThere, /main is behind origin by 1 commits: git pull/],
    ["others have all of it", commit, /main is ahead of origin by 1 commits: git push/],
    [
      "no tag of others is missing here",
      async ({ git }) => {
        await git("tag", "v9.0.0");
        await git("push", "--quiet", "origin", "v9.0.0");
        await git("tag", "--delete", "v9.0.0");
      },
      /9\.0\.0 is not greater than 9\.0\.0/,
    ],
  ])("%s", async (_, prepare, reason) => {
    await prepare(scratch);
    const { code, stderr } = await scratch.release("9.0.0", "--publish", "--no-provenance");
    expect(stderr).toMatch(reason);
    expect(stderr).toMatch(/\nNothing was published or changed\.\n$/);
    expect(code).toBe(1);
  });

  it("a try asks nobody", async () => {
    await elsewhere(scratch);
    expect((await scratch.release("0.0.9")).stderr).toMatch(/0\.0\.9 is below/);
  });

  it("commit and tag can be pushed, both or neither", async () => {
    const { folder, git } = scratch;
    const upstream = await tree.fetchUpstream({ root: folder });
    expect(upstream).toEqual({ remote: "origin", branch: "refs/heads/main" });
    await tree.commitAndTag(folder, "9.0.0", begin);
    await git(...npm.pushing("9.0.0", upstream));
    const released = await git("rev-parse", "HEAD");
    expect(await git("ls-remote", "origin", "main", "v9.0.0^{}")).toBe(
      `${released}\trefs/heads/main\n${released}\trefs/tags/v9.0.0^{}`,
    );
    await git("reset", "--quiet", "--hard", begin);
    await commit(scratch);
    await git("tag", "v9.0.1");
    await expect(git(...npm.pushing("9.0.1", upstream))).rejects.toThrow("rejected");
    expect(await git("ls-remote", "origin", "v9.0.1")).toBe("");
  });
});

describe("a release that is told to stop", () => {
  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("by %s ends what it runs and leaves nothing", async (signal) => {
    const programs = await mkdtemp(join(tmpdir(), "endless-"));
    onTestFinished(() => rm(programs, { recursive: true }));
    const endless = `#!${process.execPath}\nsetInterval(() => {}, 1000);\n`;
    await writeFile(join(programs, "npx"), endless, { mode: 0o755 });
    const scratch = await scratchRepository({ PATH: `${programs}:${process.env.PATH}` });
    onTestFinished(() => scratch.remove());
    const { code, stderr } = await scratch.stoppedRelease(signal, "install and build", "9.0.0");
    expect(stderr).toMatch(new RegExp(`stopped by ${signal}.*\n[^]*\nNothing was published or changed\\.\n$`));
    expect(code).toBe(1);
    expect(await readdir(scratch.temporary)).toEqual([]);
    expect(await scratch.git("status", "--porcelain")).toBe("");
  });
});

describe("after a release that failed it says", () => {
  const upstream = { remote: "origin", branch: "refs/heads/main" };
  const failed = { version: "9.0.0", provenance: true, upstream, tagged: true, pushed: true, published: ["core"] };
  const commandsIn = (said: string) => said.split("\n").filter((line) => /^ {2}/.test(line));

  it("how the other packages follow, with the same proof of their origin", () => {
    const said = npm.afterFailure(failed);
    expect(said).toContain("pushed to origin; published: core.");
    const publish = (name: string) =>
      `  npm publish dist/release-9.0.0/wechat-offiaccount-${name}-9.0.0.tgz --access public --tag latest --provenance`;
    expect(commandsIn(said)).toEqual(["simulator", "node-red", "mcp"].map(publish));
    expect(npm.afterFailure({ ...failed, provenance: false })).not.toContain("--provenance");
  });

  it("that the push comes first, or how to take all back, where nothing was pushed", () => {
    const said = npm.afterFailure({ ...failed, pushed: false, published: [] });
    expect(commandsIn(said)).toHaveLength(5);
    expect(commandsIn(said)[0]).toBe("  git push --atomic origin HEAD:refs/heads/main refs/tags/v9.0.0");
    expect(said).toMatch(/take it back: git tag -d v9\.0\.0 && git reset --hard HEAD~1$/);
    expect(npm.afterFailure(failed)).not.toContain("take it back");
  });
});

describe("versions", () => {
  it("come one after the other", () => {
    const sorted = [
      "0.1.0",
      "0.2.0-alpha.1",
      "0.2.0-beta.2",
      "0.2.0-beta.10",
      "0.2.0-rc.1",
      "0.2.0",
      "0.10.0",
      "1.0.0",
    ];
    expect(sorted.toReversed().sort(versions.compareVersions)).toEqual(sorted);
    expect(versions.compareVersions("1.0.0", "1.0.0")).toBe(0);
  });

  it.each(["", "1", "1.2.3.4", "01.2.3", "1.2.3-x.1", "1.2.3-rc", "1.2.3+build", "1.2.3\n"])("%j is none", (text) => {
    expect(versions.isVersion(text)).toBe(false);
  });

  it("stand nowhere else than the release knows", async () => {
    const { stdout } = await run("git", ["ls-files"], { cwd: repository });
    const files = stdout
      .trim()
      .split("\n")
      .filter((file) => !/(^|\/)test\//.test(file));
    expect(await versions.strayVersions(repository, await versions.currentVersion(repository), files)).toEqual([]);
  });
});

it("the changelog gets a section, and an empty one for what comes next", () => {
  const text = "# Changelog\n\n## Unreleased\n\n- new\n\n## 0.1.0 (2026-01-01)\n\n- first\n";
  const wanted = "# Changelog\n\n## Unreleased\n\n## 0.2.0 (2026-02-01)\n\n- new\n\n## 0.1.0 (2026-01-01)\n\n- first\n";
  expect(released(text, "0.2.0", "2026-02-01")).toBe(wanted);
});
