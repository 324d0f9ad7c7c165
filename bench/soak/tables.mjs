// What a soak prints.
const cell = (value, width, digits = 0) => (value === null ? "–" : value.toFixed(digits)).padStart(width);
const four = ({ p50, p90, p99, max }) => [p50, p90, p99, max].map((ms) => cell(ms, 6)).join("");
const three = ({ p50, p99, max }) => [p50, p99, max].map((ms) => cell(ms, 7, 1)).join("");

export const HEAD = [
  "                                                            answered after, ms           event loop late, ms",
  "minute  door      answers/s  heap MB  rss MB  handles   fds   p50   p90   p99   max      p50    p99    max",
].join("\n");

export function minuteLine(minute, door, { rate, heapMB, rssMB, handles, fds, latency, loop }) {
  const memory = `${cell(heapMB, 9, 1)}${cell(rssMB, 8)}`;
  const open = `${cell(handles, 9)}${cell(fds ?? null, 6)}`;
  return `${String(minute).padStart(6)}  ${door.padEnd(8)}${cell(rate, 11, 1)}${memory}${open}${four(latency)}  ${three(loop)}`;
}

export function doorLine(door, { memory, latency, pushed, outcomes, ended }) {
  const signed = (number) => `${number >= 0 ? "+" : ""}${number.toFixed(3)}`;
  const growth = `${signed(memory.growthMBPerMinute)} MB/min`;
  const became = Object.entries(outcomes).map(([outcome, count]) => `${outcome} ${count}`);
  return [
    `${door}: heap of the last third beside the second ${memory.ratio.toFixed(3)}, ${growth}`,
    `  outside the heap ${signed(memory.externalGrowthMB)} MB, resident ${memory.residentRatio.toFixed(3)}`,
    `  answered after p50 ${latency.p50}, p90 ${latency.p90}, p99 ${latency.p99}, at most ${latency.max} ms`,
    `  ${pushed} pushed: ${became.sort().join(", ")}`,
    `  ended after ${ended.seconds.toFixed(1)} s with ${ended.code ?? ended.signal}`,
  ].join("\n");
}
