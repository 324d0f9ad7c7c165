import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

/** Runs one of the repository's own programs. */
function run(program: string, ...args: string[]) {
  const file = fileURLToPath(new URL(`../${program}`, import.meta.url));
  return new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, [file, ...args], (error, stdout, stderr) => {
      resolve({ code: error?.code ?? 0, stdout, stderr });
    });
  });
}

describe("a program of the repository that is called wrongly runs nothing, ends with 2 and says what is wrong:", () => {
  it.each([
    ["an option that it does not have", "test/faults/run.mjs", ["--send", "10"], "--send"],
    ["no number", "test/faults/run.mjs", ["--sends", "abc"], '--sends: give a number of 0 or more in place of "abc"'],
    ["an empty number", "bench/soak.mjs", ["--minutes", ""], '--minutes: give a number of 0 or more in place of ""'],
    ["a negative number", "bench/text.mjs", ["--rounds=-1"], "--rounds: give a number"],
    ["no choice", "test/faults/run.mjs", ["--door", "window"], "--door: give core, mcp, node-red, all in place of"],
    [
      "a mode of another door",
      "test/faults/run.mjs",
      ["--door", "mcp", "--mode", "strict"],
      "--mode: for mcp give all",
    ],
    [
      "a wrong part of a list",
      "bench/send.mjs",
      ["--widths", "16,x"],
      '--widths: give a number of 0 or more in place of "x"',
    ],
    ["a choice in a list", "bench/inbox.mjs", ["--store", "memory,paper"], 'in place of "paper"'],
    ["no benchmark", "bench/run.mjs", ["sends"], "names: give send, tokens, callback"],
    ["too little time", "bench/soak.mjs", ["--minutes", "0.1"], "give time for six readings"],
    ["an operand that it does not take", "bench/page.mjs", ["docs"], "docs"],
  ])("%s", async (_, program, args, words) => {
    const { code, stdout, stderr } = await run(program, ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(words);
    expect(stderr).not.toMatch(/^ +at /m);
  });
});

it("--help prints the options with their defaults, and runs nothing", async () => {
  const { code, stdout } = await run("bench/send.mjs", "--help");
  expect(code).toBe(0);
  expect(stdout).toMatch(/^ +--rounds 3 +of each start$/m);
  expect(stdout).toMatch(/^ +--wires plain,tls,slow +which/m);
  expect((await run("bench/run.mjs", "--help")).stdout).toMatch(/^ +soak +ten minutes[\s\S]*^ +--quick +few rounds/m);
});
