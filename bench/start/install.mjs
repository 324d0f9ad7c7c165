// Each program in a folder of its own, installed as a user would, and what that takes.
import { execFileSync } from "node:child_process";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../..", import.meta.url));

export const run = (command, args, cwd) => execFileSync(command, args, { cwd, stdio: ["ignore", "pipe", "ignore"] });

/** One of our packages as a release would pack it. */
export function packed(name, folder) {
  const pnpm = process.env.npm_config_user_agent?.startsWith("pnpm/") ? ["pnpm"] : ["npx", "-y", "pnpm@12"];
  const [command, ...args] = [
    ...pnpm,
    "--filter",
    `./packages/${name}`,
    "pack",
    "--json",
    "--pack-destination",
    folder,
  ];
  return JSON.parse(run(command, args, repository)).filename;
}

/** @param program `packages` for npm, `npm` options, `manifest` to begin with, and `source` of its `entry` if it is ours */
export async function install(folder, { packages = [], npm = [], manifest = {}, entry, source }) {
  await mkdir(folder);
  await writeFile(join(folder, "package.json"), JSON.stringify(manifest));
  if (source !== undefined) await writeFile(join(folder, entry), source);
  if (packages.length === 0) return { versions: {}, packages: 0, files: 0, megabytes: 0 };
  run("npm", ["install", "--no-audit", "--no-fund", "--no-save", ...npm, ...packages], folder);
  const lock = JSON.parse(await readFile(join(folder, "node_modules/.package-lock.json"), "utf8"));
  const files = await sizesIn(join(folder, "node_modules"));
  return {
    versions: Object.fromEntries(packages.map((asked) => versionOf(asked, lock.packages))),
    packages: Object.keys(lock.packages).length,
    files: files.length,
    megabytes: files.reduce((sum, size) => sum + size, 0) / 1e6,
  };
}

function versionOf(asked, installed) {
  const path = asked.endsWith(".tgz")
    ? Object.keys(installed).find((path) => installed[path].resolved?.endsWith(asked.split("/").at(-1)))
    : `node_modules/${asked.replace(/(?<=.)@[\d.]+$/, "")}`;
  return [path.replace("node_modules/", ""), installed[path].version];
}

async function sizesIn(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name !== ".package-lock.json");
  return Promise.all(files.map(async (file) => (await stat(join(file.parentPath, file.name))).size));
}
