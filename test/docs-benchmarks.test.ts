import { execFile } from "node:child_process";
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";

const pathOf = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const FIXTURES = pathOf("test/fixtures/bench");
const RESULTS = pathOf("bench/results");

/** Runs bench/page.mjs. @returns what it wrote, by path */
async function made(results: string, ...more: string[]): Promise<Map<string, string>> {
  const to = await mkdtemp(join(tmpdir(), "benchmark-pages-"));
  try {
    const options = ["--results", results, "--to", to, ...more];
    await promisify(execFile)(process.execPath, [pathOf("bench/page.mjs"), ...options]);
    return await benchmarkPages(to);
  } finally {
    await rm(to, { recursive: true });
  }
}

async function temporary(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "benchmark-results-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

/** docs/benchmarks*.md and the plots. */
async function benchmarkPages(docs: string): Promise<Map<string, string>> {
  const files = await readdir(docs, { recursive: true });
  const ours = files.filter((file) => /^benchmarks.*\.md$|^images\/benchmarks\/./.test(file.replaceAll("\\", "/")));
  const contents = ours.sort().map(async (file) => [file, await readFile(join(docs, file), "utf8")] as const);
  return new Map(await Promise.all(contents));
}

/** The fixtures, with one of them changed. */
async function changed(name: string, change: (text: string) => string): Promise<string> {
  const folder = await temporary();
  await cp(FIXTURES, folder, { recursive: true });
  const file = join(folder, `${name}.json`);
  await writeFile(file, change(await readFile(file, "utf8")));
  return folder;
}

it("docs/benchmarks.md and its plots are what the kept results make", async () => {
  const kept = await readdir(RESULTS).catch(() => []);
  const written = await benchmarkPages(pathOf("docs"));
  const expected = kept.length === 0 ? new Map<string, string>() : await made(RESULTS);
  const remedy = "`pnpm bench:page` writes them anew";
  expect([...written.keys()], remedy).toEqual([...expected.keys()]);
  for (const [file, content] of expected) expect(written.get(file) === content, `${file}: ${remedy}`).toBe(true);
});

describe("the page of the benchmarks", () => {
  let pages: Map<string, string>;
  beforeAll(async () => {
    pages = await made(FIXTURES);
  });

  it("names each benchmark's figures, and each plot that was made, in both languages", () => {
    const plots = [...pages.keys()].filter((file) => file.endsWith(".svg"));
    expect(plots.length).toBeGreaterThan(12);
    for (const page of ["benchmarks.md", "benchmarks.zh-CN.md"]) {
      const shown = [...pages.get(page)!.matchAll(/!\[[^\]]+\]\(([^)]+)\)/g)].map(([, file]) => file);
      expect(shown.sort(), page).toEqual(plots);
      expect(pages.get(page), page).not.toMatch(/undefined|NaN|\[object/);
    }
    for (const plot of plots) expect(pages.get(plot), plot).not.toMatch(/undefined|NaN|<style|class=/);
  });

  it("is the same for the same results", async () => {
    expect(await made(FIXTURES)).toEqual(pages);
  });

  it("says of each goal whether it is met", async () => {
    const goal = "| token killed in the middle of 2,000 sends: token calls, at most 2 |";
    expect(pages.get("benchmarks.md")).toContain(`${goal} 2 | yes |`);
    const worse = await changed("tokens", (text) => text.replace('"tokenCalls": 2,', '"tokenCalls": 3,'));
    const page = (await made(worse)).get("benchmarks.md");
    expect(page).toContain(`${goal} 3 | **no** |`);
    expect(page).toMatch(/Missed:\n\n(- .*\n)*- \*\*Tokens\.\*\* token killed in the middle.*: 3\n/);
  });

  it("says that a goal was not measured where a wire is missing", () => {
    expect(pages.get("benchmarks.md")).toContain("| Under TLS: at least 0.97 of `Pool.request` | – | not measured |");
  });

  it("is not made when results are missing, unless it may say so", async () => {
    const folder = await changed("soak", (text) => text);
    await rm(join(folder, "soak.json"));
    await expect(made(folder)).rejects.toThrow(/Results are missing: soak\..*pnpm bench soak/);
    const page = (await made(folder, "--partial")).get("benchmarks.md");
    expect(page).toContain("**This page is not whole.** Without results: soak.");
    expect(page).not.toContain("## Soak");
    await expect(made(await temporary(), "--partial")).rejects.toThrow("There are no results");
  });

  it.each([
    ["send", '"inFlight": 16', '"inFlight": "16"', "results[1].inFlight"],
    ["callback", '"loadBefore": 0.4', '"load": 0.4', "machine.loadBefore"],
    ["inbox", '"at": ', '"when": ', "at"],
    ["text", '"settings": ', '"set": ', "settings"],
    ["node-red", '"versions": ', '"version": ', "versions"],
    ["tokens", '"doubled": 0', '"doubled": -1', "results[0].doubled"],
    ["start", '"residentMB": 45', '"residentMB": null', "results.startup[0].residentMB"],
    ["soak", '"p99": 51', '"p95": 51', "results.doors.stdio.latencyMs.p99"],
  ])("refuses %s.json when %s became %s, naming the file and the field", async (name, right, wrong, field) => {
    const folder = await changed(name, (text) => text.replace(right, wrong));
    const refused = made(folder);
    await expect(refused).rejects.toThrow(`${name}.json is not what the benchmark "${name}" keeps`);
    await expect(refused).rejects.toThrow(`→ at ${field}`);
  });

  it("refuses a file that is not JSON", async () => {
    await expect(made(await changed("text", (text) => text.slice(0, -10)))).rejects.toThrow("text.json is not JSON");
  });
});
