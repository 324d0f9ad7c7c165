import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { pagesOf } from "../bench/page/pages.mjs";

const pathOf = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const FIXTURES = pathOf("test/fixtures/bench");
const RESULTS = pathOf("bench/results");

async function temporary(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "benchmarks-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

/** The fixtures, with one of them changed. */
async function changed(name: string, change: (text: string) => string): Promise<string> {
  const folder = await temporary();
  await cp(FIXTURES, folder, { recursive: true });
  const file = join(folder, `${name}.json`);
  await writeFile(file, change(await readFile(file, "utf8")));
  return folder;
}

/** docs/benchmarks*.md and the plots. */
async function writtenTo(docs: string): Promise<Map<string, string>> {
  const files = (await readdir(docs, { recursive: true })).map((file) => file.replaceAll("\\", "/"));
  const ours = files.filter((file) => /^benchmarks.*\.md$|^images\/benchmarks\/./.test(file));
  return new Map(
    await Promise.all(ours.map(async (file) => [file, await readFile(join(docs, file), "utf8")] as const)),
  );
}

it("docs/benchmarks.md and its plots are what the kept results make", async () => {
  const written = await writtenTo(pathOf("docs"));
  const expected = await pagesOf(RESULTS);
  const remedy = "`pnpm bench:page` writes them anew";
  expect([...written.keys()].sort(), remedy).toEqual([...expected.keys()].sort());
  for (const [file, content] of expected) expect(written.get(file) === content, `${file}: ${remedy}`).toBe(true);
});

describe("the page of the benchmarks", () => {
  it("shows each plot that is made, in both languages", async () => {
    const pages = await pagesOf(FIXTURES);
    const plots = [...pages.keys()].filter((file) => file.endsWith(".svg")).sort();
    expect(plots.length).toBeGreaterThan(12);
    for (const page of ["benchmarks.md", "benchmarks.zh-CN.md"]) {
      const shown = [...pages.get(page)!.matchAll(/!\[[^\]]+\]\(([^)]+)\)/g)].map(([, file]) => file);
      expect(shown.sort(), page).toEqual(plots);
      expect(pages.get(page), page).not.toMatch(/undefined|NaN|\[object/);
    }
    for (const plot of plots) expect(pages.get(plot), plot).not.toMatch(/undefined|NaN|<style|class=/);
  });

  it("is the same for the same results", async () => {
    expect(await pagesOf(FIXTURES)).toEqual(await pagesOf(FIXTURES));
  });

  it("says of each goal whether it is met", async () => {
    const goal = "| token killed in the middle of the sends: token calls, at most 2 |";
    expect((await pagesOf(FIXTURES)).get("benchmarks.md")).toContain(`${goal} 2 | yes |`);
    const worse = await changed("tokens", (text) => text.replace('"tokenCalls": 2,', '"tokenCalls": 3,'));
    const page = (await pagesOf(worse)).get("benchmarks.md");
    expect(page).toContain(`${goal} 3 | **no** |`);
    expect(page).toMatch(/Missed:\n\n(- .*\n)*- \*\*Tokens\.\*\* token killed in the middle.*: 3\n/);
  });

  it("says that a goal was not measured where a wire is missing", async () => {
    const page = (await pagesOf(FIXTURES)).get("benchmarks.md");
    expect(page).toContain("| Under TLS: at least 0.97 of `Pool.request` | – | not measured |");
  });

  it("shows what a client told and was not so, and core beside both ways of dispatching", async () => {
    const page = (await pagesOf(FIXTURES)).get("benchmarks.md");
    expect(page).toMatch(/\| Told as sent, and was not \| Told as failed, and arrived \|\n/);
    expect(page).toMatch(/Beside the inner handlers ours reaches [\d.]+ at 1 in flight, [\d.]+ at 16 in flight/);
    expect(page).toContain("| undici dispatch, inner handlers |");
  });

  it("says when memory outside the heap or resident memory was not flat", async () => {
    const growing = await changed("soak", (text) =>
      text
        .replace('"externalGrowthMB": 0.1', '"externalGrowthMB": 1.5')
        .replace('"residentRatio": 1.01', '"residentRatio": 1.2'),
    );
    const page = (await pagesOf(growing)).get("benchmarks.md");
    expect(page).toMatch(/\| Outside the heap .*\| 1\.5 \(stdio\).*\| \*\*no\*\* \|/);
    expect(page).toMatch(/\| Resident memory: .*\| 1\.2 \(stdio\).*\| \*\*no\*\* \|/);
  });

  it("warns where others used the machine", async () => {
    const warning = "others used the machine too";
    expect((await pagesOf(FIXTURES)).get("benchmarks.md")).not.toContain(warning);
    const busy = await changed("text", (text) => text.replace('"loadBefore": 0.4', '"loadBefore": 7'));
    expect((await pagesOf(busy)).get("benchmarks.md")).toContain(warning);
  });

  it("is not made when results are missing, unless it may say so", async () => {
    const folder = await changed("soak", (text) => text);
    await rm(join(folder, "soak.json"));
    await expect(pagesOf(folder)).rejects.toThrow(/Results are missing: soak\..*pnpm bench soak/);
    const page = (await pagesOf(folder, { partial: true })).get("benchmarks.md");
    expect(page).toContain("**This page is not whole.** Without results: soak.");
    expect(page).not.toContain("## Soak");
    await expect(pagesOf(await temporary(), { partial: true })).rejects.toThrow("There are no results");
  });

  it.each([
    ["send", '"inFlight": 16', '"inFlight": "16"', "results[1].inFlight"],
    ["callback", '"loadBefore": 0.4', '"load": 0.4', "machine.loadBefore"],
    ["inbox", '"at": ', '"when": ', "at"],
    ["text", '"sizes": ', '"size": ', "settings.sizes"],
    ["node-red", '"versions": ', '"version": ', "versions"],
    ["tokens", '"doubled": 0', '"doubled": -1', "results[0].doubled"],
    ["start", '"residentMB": 45', '"residentMB": null', "results.startup[0].residentMB"],
    ["soak", '"p99": 51', '"p95": 51', "results.doors.stdio.latencyMs.p99"],
  ])("refuses %s.json when %s became %s, naming the file and the field", async (name, right, wrong, field) => {
    const refused = pagesOf(await changed(name, (text) => text.replace(right, wrong)));
    await expect(refused).rejects.toThrow(`${name}.json is not what the benchmark "${name}" keeps`);
    await expect(refused).rejects.toThrow(`→ at ${field}`);
  });

  it("refuses a file that is not JSON", async () => {
    const broken = await changed("text", (text) => text.slice(0, -10));
    await expect(pagesOf(broken)).rejects.toThrow("text.json is not JSON");
  });

  it("is written by its command, which removes plots that are no longer made", async () => {
    const docs = await temporary();
    await mkdir(join(docs, "images/benchmarks"), { recursive: true });
    await writeFile(join(docs, "images/benchmarks/old.svg"), "<svg/>");
    const command = [pathOf("bench/page.mjs"), "--results", FIXTURES, "--to", docs];
    await promisify(execFile)(process.execPath, command);
    expect(await writtenTo(docs)).toEqual(await pagesOf(FIXTURES));
  });
});
