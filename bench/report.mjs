// What the benchmarks share: taking turns, medians and spreads, and what each keeps beside its printed table,
// bench/results/NAME.json, from which docs/benchmarks.md is made.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { cpus, loadavg, totalmem } from "node:os";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

const load = () => Number(loadavg()[0].toFixed(1));
const loadBefore = load();

/** Where the figures come from. The load is that of the last minute before the benchmark began. */
export const machine = {
  processor: cpus()[0].model,
  cores: cpus().length,
  memoryGigabytes: Math.round(totalmem() / 2 ** 30),
  platform: `${process.platform} ${process.arch}`,
  node: process.version,
  loadBefore,
};

export const machineLine = `${machine.cores} x ${machine.processor}, ${machine.platform}, Node ${machine.node}, load ${loadBefore}`;

/** Whether others have so much of the machine that figures are not what it can do. */
export const isBusy = (load, cores) => load > cores / 2;

export const RESULTS = fileURLToPath(new URL("./results/", import.meta.url));

/**
 * Writes the report into bench/results/, into another folder that `BENCH_RESULTS` names, or nowhere if that is "off".
 * @param name of the benchmark and of the file
 * @param report `versions` by name of what was measured, `settings` of the run, and its `results`
 */
export async function keepResults(name, { versions = {}, settings, results }) {
  const folder = process.env.BENCH_RESULTS ?? RESULTS;
  if (folder === "off") return;
  const where = { ...machine, loadAfter: load() };
  const report = { at: new Date().toISOString(), machine: where, versions, settings, results };
  await mkdir(folder, { recursive: true });
  await writeFile(resolve(folder, `${name}.json`), `${JSON.stringify(report, null, 2)}\n`);
}

/** @param folder that holds package.json, relative to the repository */
export async function versionIn(folder) {
  const manifest = new URL(`../${folder}/package.json`, import.meta.url);
  return JSON.parse(await readFile(manifest, "utf8")).version;
}

export const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
export const rounded = (number, digits = 0) => Number(number.toFixed(digits));

/** Median, least and greatest, for instance of the ratios within each round. */
export const spreadOf = (numbers) => ({
  median: rounded(median(numbers), 3),
  least: rounded(Math.min(...numbers), 3),
  most: rounded(Math.max(...numbers), 3),
});
export const spreadText = ({ median, least, most }) => `${median.toFixed(2)} (${least.toFixed(2)}-${most.toFixed(2)})`;

/** Another one is the first in each round, so that a machine that changes speed changes it for all. */
export const inTurn = (items, round) => items.map((_, place) => items[(round + place) % items.length]);
