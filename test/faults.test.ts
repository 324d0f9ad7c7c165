import { execFile } from "node:child_process";
import { randomInt } from "node:crypto";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const script = fileURLToPath(new URL("./faults/run.mjs", import.meta.url));
const anySeed = () => String(randomInt(2 ** 31));

const core = { door: "core", sends: 3000, batch: 1000, modes: ["default", "strict", "at-least-once"], more: [] };
/** No stalls: these doors wait ten seconds for each. */
const others = { sends: 1000, batch: 250, modes: ["default"], more: ["--stalls", "0"] };
const RUNS = [
  { ...core, seed: "4" },
  { ...core, seed: anySeed() },
  { ...others, door: "mcp", seed: anySeed() },
  { ...others, door: "node-red", seed: anySeed() },
];

describe("sends through all faults mixed claim nothing that is not so (pnpm faults does a million)", () => {
  it.each(RUNS)("$door, seed $seed", async ({ door, sends, batch, seed, modes, more }) => {
    const numbers = ["--sends", String(sends), "--batch", String(batch), "--width", "64", "--seed", seed];
    const { stdout } = await promisify(execFile)(process.execPath, [script, "--door", door, ...numbers, ...more]);
    expect(stdout).toContain(`${sends} sends with seed ${seed}`);
    expect(stdout).toMatch(/: no false claim\n$/);
    // It is no proof if little was struck, or if nothing came through.
    for (const mode of modes) expect(stdout).toMatch(new RegExp(`^${door} ${mode} +${sends / modes.length} `, "m"));
    expect(stdout).toMatch(/^reset after +[1-9]/m);
    // What nothing struck was delivered, all of it: none not delivered, none unknown, none doubled.
    expect(stdout).toMatch(/^none +\d+ +[1-9]\d+ +0 +0 +\d+ +0 +0$/m);
  });
});
