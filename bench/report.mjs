// What every benchmark keeps beside its printed table: bench/results/NAME.json, from which docs/benchmarks.md is made.
import { mkdir, writeFile } from "node:fs/promises";
import { cpus, loadavg, totalmem } from "node:os";

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

/**
 * @param name of the benchmark and of the file
 * @param report `versions` by name of what was measured, `settings` of the run, and its `results`
 */
export async function keepResults(name, { versions = {}, settings, results }) {
  const report = { at: new Date().toISOString(), machine, versions, settings, results };
  const folder = new URL("./results/", import.meta.url);
  await mkdir(folder, { recursive: true });
  await writeFile(new URL(`${name}.json`, folder), `${JSON.stringify(report, null, 2)}\n`);
}

export const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
