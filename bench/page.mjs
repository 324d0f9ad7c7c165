// Writes docs/benchmarks.md, docs/benchmarks.zh-CN.md and docs/images/benchmarks/*.svg from bench/results/*.json, and
// removes plots that are no longer made: pnpm bench:page
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { commandLine } from "../scripts/command-line.mjs";
import { IMAGES, pagesOf } from "./page/pages.mjs";
import { RESULTS } from "./report.mjs";

const { results, to, partial } = commandLine("Makes the pages of the benchmarks.", {
  results: [RESULTS, "folder to read from"],
  to: [fileURLToPath(new URL("../docs", import.meta.url)), "folder to write to"],
  partial: [false, "goes on without the results that are missing; the page says which"],
});

async function write(pages) {
  const images = join(to, IMAGES);
  await mkdir(images, { recursive: true });
  const old = (await readdir(images)).filter((file) => !pages.has(IMAGES + file));
  for (const file of old) await rm(join(images, file));
  for (const [path, content] of pages) {
    await mkdir(dirname(join(to, path)), { recursive: true });
    await writeFile(join(to, path), content);
  }
}

try {
  const pages = await pagesOf(results, { partial });
  await write(pages);
  console.log(`${pages.size} files written to ${to}`);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
