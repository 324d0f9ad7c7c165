import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const script = fileURLToPath(new URL("./fuzz/callback.mjs", import.meta.url));

it("the callback withstands a few thousand mutated requests (pnpm fuzz:callback does a million)", async () => {
  const args = ["--expose-gc", script, "--runs", "5000", "--seed", "4"];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  expect(stdout).toMatch(/5000 runs with seed 4 in .* no crash, no forgery accepted/);
}, 60_000);
