// What the samples come to: whether memory is flat and nothing is left open.
import { median } from "../report.mjs";

/**
 * What the median of the last third of the readings may be beside that of the second.
 * - heap: read after a collection, it is what is held.
 * - external: Buffers and what native code holds for JavaScript. Few MB, of which a connection's or a stream's buffers,
 *   64 kB each, are a good part: a ratio would be of noise. 1 MB is 250 bytes for each push of a third of ten minutes.
 * - resident: also what native code leaks unseen by V8. It is noisy, because V8 and malloc keep pages that were needed
 *   once: in three minutes without a leak thirds differed by 2 %. A tenth of 150 MB is 4 kB for each push of a third.
 */
export const BOUNDS = {
  heapMB: { name: "heap", atMost: 1.05, of: ([second, last]) => last / second },
  externalMB: { name: "memory outside the heap", atMost: 1, unit: "MB more", of: ([second, last]) => last - second },
  rssMB: { name: "resident memory", atMost: 1.1, of: ([second, last]) => last / second },
};
/** What a process has from its parent and does not have to close. */
const STDIO = ["PipeWrap", "TTYWrap", "TTY", "FSReqCallback"];

export const percentile = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];

/** @returns p50, p90, p99 and max */
export function percentiles(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const at = (part) => percentile(sorted, part) ?? null;
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: sorted.at(-1) ?? null };
}

/** Of a straight line through the points, by least squares: by how much the value grows in a minute. */
function slope(samples, value) {
  const minutes = samples.map(({ seconds }) => seconds / 60);
  const mean = (numbers) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
  const [x, y] = [mean(minutes), mean(samples.map(value))];
  const over = samples.reduce((sum, sample, n) => sum + (minutes[n] - x) * (value(sample) - y), 0);
  return over / minutes.reduce((sum, minute) => sum + (minute - x) ** 2, 0);
}

/**
 * @param samples of a door, from the first to the last; the first third is warm-up
 * @returns the figures, and in `growing` in words what is not flat
 */
export function memoryVerdict(samples) {
  const third = Math.floor(samples.length / 3);
  const thirds = [samples.slice(third, 2 * third), samples.slice(2 * third)];
  const measured = Object.entries(BOUNDS).map(([field, bound]) => {
    const value = bound.of(thirds.map((part) => median(part.map((sample) => sample[field]))));
    return { ...bound, value };
  });
  const [heap, external, resident] = measured.map(({ value }) => value);
  const growing = measured
    // A reading that is missing is no flat one.
    .filter(({ value, atMost }) => !(value <= atMost))
    .map(({ name, value, atMost, unit = "times" }) => `${name}: ${value.toFixed(3)} ${unit}, at most ${atMost}`);
  return {
    ratio: heap,
    externalGrowthMB: external,
    residentRatio: resident,
    growthMBPerMinute: slope(thirds.flat(), ({ heapMB }) => heapMB),
    growing,
  };
}

/** @returns what is open at the end and was not after the warm-up, both read without traffic */
export function leftOpen(warm, end) {
  const more = Object.entries(end.handles)
    .filter(([kind, count]) => count > (warm.handles[kind] ?? 0))
    .map(([kind, count]) => `${kind} ${warm.handles[kind] ?? 0} → ${count}`);
  return end.fds > warm.fds ? [...more, `open files ${warm.fds} → ${end.fds}`] : more;
}

/** @returns what is wrong with how a process ended */
export function badEnd({ code, signal, hung, beforeExit, exit }) {
  const kinds = (handles) => Object.keys(handles ?? {}).filter((kind) => !STDIO.includes(kind));
  if (hung) return [`did not end by itself; open: ${kinds(exit.handles).join(", ") || "nothing that shows"}`];
  return [
    ...(code === 0 ? [] : [`ended with ${code ?? signal}`]),
    ...(beforeExit ? [] : ["ended by process.exit, and not because nothing was left"]),
    ...(kinds(exit?.handles).length === 0 ? [] : [`left open: ${kinds(exit.handles).join(", ")}`]),
  ];
}
