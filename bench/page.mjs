// Writes docs/benchmarks.md, docs/benchmarks.zh-CN.md and docs/images/benchmarks/*.svg from bench/results/*.json, and
// removes plots that are no longer made: pnpm bench:page
//   --results FOLDER   read from there
//   --to FOLDER        write there, default docs
//   --partial          go on without the results that are missing; the page says which
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { IMAGES, pagesOf } from "./page/pages.mjs";
import { RESULTS } from "./report.mjs";

const { values } = parseArgs({
  options: {
    results: { type: "string", default: RESULTS },
    to: { type: "string", default: fileURLToPath(new URL("../docs", import.meta.url)) },
    partial: { type: "boolean", default: false },
  },
});

async function write(pages) {
  const images = join(values.to, IMAGES);
  await mkdir(images, { recursive: true });
  const old = (await readdir(images)).filter((file) => !pages.has(IMAGES + file));
  for (const file of old) await rm(join(images, file));
  for (const [path, content] of pages) {
    await mkdir(dirname(join(values.to, path)), { recursive: true });
    await writeFile(join(values.to, path), content);
  }
}

try {
  const pages = await pagesOf(values.results, values);
  await write(pages);
  console.log(`${pages.size} files written to ${values.to}`);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
