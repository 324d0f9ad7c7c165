import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { repository } from "./support/tarballs.js";

const folder = join(repository, "docs/decisions");

it("every decision has its number, its parts and its line in the index", async () => {
  const index = (await readFile(join(folder, "README.md"), "utf8")).replaceAll(/ +/g, " "); // columns are aligned
  const records = (await readdir(folder)).filter((file) => file !== "README.md").sort();
  expect(records.length).toBeGreaterThan(10);
  for (const [at, file] of records.entries()) {
    const number = String(at + 1).padStart(3, "0");
    expect(file).toMatch(new RegExp(`^${number}-[a-z0-9-]+\\.md$`));
    const text = await readFile(join(folder, file), "utf8");
    const [, title, date] = /^# (.+)\n\n(\d{4}-\d\d-\d\d)\n/.exec(text) ?? [];
    expect(text.match(/^## .+$/gm), file).toEqual(["## Context", "## Decision", "## Consequences"]);
    expect(index).toContain(`| [${number}](${file}) | ${title} | ${date} |`);
  }
});
