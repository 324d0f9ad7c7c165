// What goes to npm, with which command, and what is said of it at the end.
import { join } from "node:path";
import { isEarly } from "./versions.mjs";

/** What is published, each after what it depends on. */
export const PACKAGES = ["core", "simulator", "node-red", "mcp"];

/** Where the very files that were looked at are kept, from the repository's root. */
export const keptIn = (version) => `dist/release-${version}`;

export const tarball = (folder, name, version) => join(folder, `wechat-offiaccount-${name}-${version}.tgz`);

/** What npm is told. It takes `latest` unless told otherwise, also for a version that comes before another. */
export function publishing(folder, name, { version, provenance }) {
  return [
    "publish",
    tarball(folder, name, version),
    ...["--access", "public"],
    ...["--tag", isEarly(version) ? "next" : "latest"],
    ...(provenance ? ["--provenance"] : []),
  ];
}

/** What is left to do by hand after a release. */
export const afterRelease = (version) => `${version} is committed, tagged, pushed and published. What is left:
  mcp-publisher publish          in packages/mcp, which holds server.json
  attach the .mcpb in ${keptIn(version)} to the release`;

/**
 * What to do after a release that failed. Some packages may be out already: then the others must follow, with the same
 * files.
 */
export function afterFailure({ tagged, pushed, published, upstream, ...release }) {
  if (!tagged) return "Nothing was published or changed.";
  const { version } = release;
  const left = PACKAGES.filter((name) => !published.includes(name));
  const commands = left.map((name) => ["npm", ...publishing(keptIn(version), name, release)]);
  if (!pushed) commands.unshift(["git", ...pushing(version, upstream)]);
  const told = [
    `${version} is committed and tagged${pushed ? ` and pushed to ${upstream.remote}` : ""}; published: ${published.join(", ") || "nothing"}.`,
    `Keep ${keptIn(version)}: do the rest with its files, in this order, in the repository's root, once the cause is gone:`,
    ...commands.map((command) => `  ${command.join(" ")}`),
    "What npm has already it refuses: go on with the next.",
  ];
  if (!pushed)
    told.push(
      `Or, if ${upstream.remote} does not have it, take it back: git tag -d v${version} && git reset --hard HEAD~1`,
    );
  return told.join("\n");
}

/** What git is told: commit and tag, or neither. */
export const pushing = (version, { remote, branch }) => [
  "push",
  "--atomic",
  remote,
  `HEAD:${branch}`,
  `refs/tags/v${version}`,
];
