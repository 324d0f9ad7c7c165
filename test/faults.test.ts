import { execFile } from "node:child_process";
import { randomInt } from "node:crypto";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const script = fileURLToPath(new URL("./faults/run.mjs", import.meta.url));

describe("sends through all faults mixed claim nothing that is not so (pnpm faults does a million)", () => {
  it.each(["4", String(randomInt(2 ** 31))])("seed %s", async (seed) => {
    const args = ["--sends", "3000", "--batch", "1000", "--width", "64", "--seed", seed];
    const { stdout } = await promisify(execFile)(process.execPath, [script, ...args]);
    expect(stdout).toContain(`3000 sends with seed ${seed}`);
    expect(stdout).toMatch(/: no false claim\n$/);
    // It is no proof if little was struck, or if nothing came through.
    for (const mode of ["default", "strict", "at-least-once"])
      expect(stdout).toMatch(new RegExp(`^${mode} +1000 `, "m"));
    expect(stdout).toMatch(/^reset after +\d\d/m);
    expect(stdout).toMatch(/^none +\d+ +[1-9]\d\d/m);
  });
});
