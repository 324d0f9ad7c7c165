// The public clients that a send is measured beside, installed into a folder of their own.
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

export const PEERS = ["wechat-api", "co-wechat-api", "node-easywechat", "nest-wechat"];

export const MANIFEST = {
  private: true,
  dependencies: {
    "wechat-api": "1.35.1",
    "co-wechat-api": "3.11.0",
    "node-easywechat": "3.6.2",
    "nest-wechat": "0.2.50",
    // nest-wechat cannot be loaded without these and does not declare them.
    "@nestjs/common": "10",
    "reflect-metadata": "0.2",
    rxjs: "7",
  },
  // node-easywechat 3.6.2 cannot be loaded with a later one, whose files have moved.
  overrides: { "node-socialite": "1.4.1" },
};

/** @returns the versions that were installed */
export async function installPeers(folder) {
  await writeFile(join(folder, "package.json"), JSON.stringify(MANIFEST));
  const options = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
  await promisify(execFile)("npm", ["install", ...options], { cwd: folder, shell: process.platform === "win32" });
  const versions = PEERS.map(async (name) => [name, await versionIn(folder, name)]);
  return Object.fromEntries(await Promise.all(versions));
}

async function versionIn(folder, name) {
  return JSON.parse(await readFile(join(folder, "node_modules", name, "package.json"), "utf8")).version;
}
