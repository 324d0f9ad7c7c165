import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Builds all packages once before the tests: what the tests start and import by name is what is published. */
export default function setup(): void {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const run = (script: string, ...args: string[]) =>
    execFileSync(process.execPath, [script, ...args], { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
  run("node_modules/typescript/bin/tsc", "-b");
  run("packages/simulator/build.mjs");
  run("scripts/bundle.mjs");
  run("packages/node-red/build.mjs");
}
