// What the samples come to: whether memory is flat and nothing is left open.
import { median } from "../report.mjs";

/** The median of the last third of the heap's readings beside that of the second. */
export const FLAT = 1.05;
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

/** @param samples of a door, from the first to the last; the first third is warm-up */
export function memoryVerdict(samples) {
  const third = Math.floor(samples.length / 3);
  const [second, last] = [samples.slice(third, 2 * third), samples.slice(2 * third)];
  const heaps = (part) => median(part.map(({ heapMB }) => heapMB));
  const ratio = heaps(last) / heaps(second);
  const growth = slope([...second, ...last], ({ heapMB }) => heapMB);
  return { ratio, growthMBPerMinute: growth, flat: ratio <= FLAT };
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
