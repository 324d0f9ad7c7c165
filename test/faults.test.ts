import { execFile } from "node:child_process";
import { randomInt } from "node:crypto";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const script = fileURLToPath(new URL("./faults/run.mjs", import.meta.url));
const anySeed = () => String(randomInt(2 ** 31));

/** No stalls at the doors that wait ten seconds for each. */
const RUNS = [
  { door: "core", seed: "4", modes: ["default", "strict", "at-least-once"], more: [] },
  { door: "core", seed: anySeed(), modes: ["default", "strict", "at-least-once"], more: [] },
  { door: "mcp", seed: anySeed(), modes: ["default"], more: ["--stalls", "0"] },
  { door: "node-red", seed: anySeed(), modes: ["default"], more: ["--stalls", "0"] },
];

describe("sends through all faults mixed claim nothing that is not so (pnpm faults does a million)", () => {
  it.each(RUNS)("$door, seed $seed", async ({ door, seed, modes, more }) => {
    const args = ["--door", door, "--sends", "3000", "--batch", "1000", "--width", "128", "--seed", seed, ...more];
    const { stdout } = await promisify(execFile)(process.execPath, [script, ...args]);
    expect(stdout).toContain(`3000 sends with seed ${seed}`);
    expect(stdout).toMatch(/: no false claim\n$/);
    // It is no proof if little was struck, or if nothing came through.
    for (const mode of modes) expect(stdout).toMatch(new RegExp(`^${door} ${mode} +${3000 / modes.length} `, "m"));
    expect(stdout).toMatch(/^reset after +\d\d/m);
    expect(stdout).toMatch(/^none +\d+ +[1-9]\d\d/m);
  });
});
