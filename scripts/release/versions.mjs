// What a version is, and where in the repository it stands.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Files that name the version of a release, and how often: nothing else does, which {@link strayVersions} sees to. */
export const PLACES = [
  { file: "packages/core/package.json", times: 1 },
  { file: "packages/mcp/package.json", times: 1 },
  { file: "packages/mcp/server.json", times: 2 },
  { file: "packages/mcp/mcpb/manifest.json", times: 1 },
  { file: "packages/node-red/package.json", times: 1 },
  { file: "packages/simulator/package.json", times: 1 },
  { file: "examples/demo/src/mcp.ts", times: 1 },
];

const VERSION = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-(alpha|beta|rc)\.(0|[1-9]\d*))?$/;
const STAGES = ["alpha", "beta", "rc"];

/** `1.2.3` or `1.2.3-rc.1` as numbers that compare from left to right; undefined for anything else. */
function parsed(version) {
  const match = VERSION.exec(version);
  if (!match) return undefined;
  const [, major, minor, patch, stage, count = 0] = match;
  const rank = stage === undefined ? STAGES.length : STAGES.indexOf(stage);
  return [major, minor, patch, rank, count].map(Number);
}

/** Whether it is `1.2.3`, or one that comes before it: `1.2.3-alpha.1`, `-beta.1` or `-rc.1`. */
export const isVersion = (version) => parsed(version) !== undefined;

/** Whether it comes before a version, such as `1.2.3-rc.1` before `1.2.3`. */
export const isEarly = (version) => version.includes("-");

/** Below 0 if `a` comes before `b`, 0 if they are the same, above 0 if it comes after. */
export function compareVersions(a, b) {
  const [left, right] = [parsed(a), parsed(b)];
  if (!left || !right) throw new Error(`${left ? b : a} is no version`);
  const at = left.findIndex((number, index) => number !== right[index]);
  return at < 0 ? 0 : left[at] - right[at];
}

/** The version that all packages have. Throws if they differ. */
export async function currentVersion(root) {
  const files = PLACES.map(({ file }) => file).filter((file) => /^packages\/[^/]+\/package\.json$/.test(file));
  const versions = await Promise.all(
    files.map(async (file) => JSON.parse(await readFile(join(root, file), "utf8")).version),
  );
  if (new Set(versions).size !== 1) throw new Error(`the packages have different versions: ${versions.join(", ")}`);
  return versions[0];
}

/** `"version": "1.2.3"`, as JSON and JavaScript write it. */
const naming = (version) => new RegExp(`(\\bversion"?: ")${version.replaceAll(".", "\\.")}(?=")`, "g");

/** Writes the new version into all places. Throws if one of them does not name the old version as often as it should. */
export async function setVersion(root, from, to) {
  for (const { file, times } of PLACES) {
    const text = await readFile(join(root, file), "utf8");
    const found = text.match(naming(from))?.length ?? 0;
    if (found !== times) throw new Error(`${file} names version ${from} ${found} times instead of ${times}`);
    await writeFile(join(root, file), text.replace(naming(from), `$1${to}`));
  }
}

/** Those of the given files that name the version and are not among the places. */
export async function strayVersions(root, version, files) {
  const known = new Set(PLACES.map(({ file }) => file));
  const stray = [];
  for (const file of files.filter((name) => /\.(json|[cm]?[jt]s)$/.test(name) && !known.has(name))) {
    if (naming(version).test(await readFile(join(root, file), "utf8"))) stray.push(file);
  }
  return stray;
}
