// What a release asks of the repository, and does to it.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { released } from "./changelog.mjs";
import { git } from "./run.mjs";
import { compareVersions, currentVersion, isVersion, setVersion, strayVersions } from "./versions.mjs";

/** Throws unless all is committed. */
export async function isClean({ root }) {
  const changed = await git(root, "status", "--porcelain");
  if (changed) throw new Error(`the work tree is not clean: commit or remove\n${changed}`);
}

export async function isMain({ root }) {
  const branch = await git(root, "branch", "--show-current");
  if (branch !== "main") throw new Error(`a release is made on main, not on ${branch || "a commit without branch"}`);
}

/**
 * Where main is pushed to: `{ remote, branch }`. Fetches its commits and all tags.
 * @throws unless main is what is there: what is released is what all others see
 */
export async function fetchUpstream({ root }) {
  const [remote, branch] = await Promise.all(
    ["remote", "merge"].map((key) => git(root, "config", `branch.main.${key}`).catch(() => undefined)),
  );
  if (!remote || !branch)
    throw new Error("main has no upstream, from which others get a release: git push -u REMOTE main");
  await git(root, "fetch", "--quiet", "--tags", remote);
  const counts = await git(root, "rev-list", "--left-right", "--count", "main@{upstream}...main");
  const [behind, ahead] = counts.split(/\s+/).map(Number);
  if (behind > 0) throw new Error(`main is behind ${remote} by ${behind} commits: git pull`);
  if (ahead > 0)
    throw new Error(`main is ahead of ${remote} by ${ahead} commits: git push, and see that the CI is green`);
  return { remote, branch };
}

/** Greater than every version that has a tag, and not below the one that the packages have. */
export async function isNew({ root, version }) {
  if (!isVersion(version)) throw new Error(`${version} is no version: 1.2.3, or 1.2.3-rc.1 before it`);
  const tags = (await git(root, "tag", "--list", "v*")).split("\n").map((tag) => tag.slice(1));
  const newest = tags.filter(isVersion).sort(compareVersions).at(-1);
  if (newest !== undefined && compareVersions(version, newest) <= 0) {
    throw new Error(`${version} is not greater than ${newest}, which has been released`);
  }
  const current = await currentVersion(root);
  if (compareVersions(version, current) < 0) throw new Error(`${version} is below ${current}, which the packages have`);
}

/** The changelog with a section for the version. Throws if there is nothing to say, or such a section already. */
export async function changelog(root, version) {
  const today = new Date().toISOString().slice(0, 10);
  return released(await readFile(join(root, "CHANGELOG.md"), "utf8"), version, today);
}

/** Sets version and changelog in a work tree. */
export async function prepare(root, version) {
  await writeFile(join(root, "CHANGELOG.md"), await changelog(root, version));
  const old = await currentVersion(root);
  await setVersion(root, old, version);
  const files = (await git(root, "ls-files")).split("\n").filter((file) => !/(^|\/)test\//.test(file));
  const stray = await strayVersions(root, old, old === version ? [] : files);
  if (stray.length > 0)
    throw new Error(`version ${old} also stands in ${stray.join(", ")}: see PLACES in versions.mjs`);
}

/**
 * What was tried in a clone is done here: version and changelog set, committed and tagged. If that fails the work tree is
 * as it was.
 * @param head the commit that was tried
 */
export async function commitAndTag(root, version, head) {
  await isClean({ root });
  if ((await git(root, "rev-parse", "HEAD")) !== head) throw new Error("main has moved meanwhile: begin again");
  try {
    await prepare(root, version);
    await git(root, "commit", "--quiet", "--all", "--message", `Release ${version}`);
    await git(root, "tag", "--annotate", `v${version}`, "--message", `Release ${version}`);
  } catch (error) {
    await git(root, "reset", "--quiet", "--hard", head);
    throw error;
  }
}
