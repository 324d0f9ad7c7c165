import { median } from "../report.mjs";
import { BOUNDS } from "../soak/verdict.mjs";
import { lines } from "./charts.mjs";
import { both, figure, goalOf, table } from "./words.mjs";

/** Longer ones have their whole in the kept results. */
const FINDINGS_SHOWN = 5;

const goals = (doors, findings) => [
  goalOf(
    both(
      "Heap: in the last third at most 1.05 times that of the second (the first is warm-up)",
      "堆：最后三分之一不超过中间三分之一的 1.05 倍（前三分之一为预热）",
    ),
    doors.map(([door, { memory }]) => [door, memory.ratio]),
    { atMost: BOUNDS.heapMB.atMost },
  ),
  goalOf(
    both(
      "Outside the heap (Buffers, native): in the last third at most 1 MB more than in the second",
      "堆外内存（Buffer、原生）：最后三分之一比中间三分之一最多多 1 MB",
    ),
    doors.map(([door, { memory }]) => [door, memory.externalGrowthMB]),
    { atMost: BOUNDS.externalMB.atMost },
  ),
  goalOf(
    both(
      "Resident memory: in the last third at most 1.1 times that of the second",
      "常驻内存：最后三分之一不超过中间三分之一的 1.1 倍",
    ),
    doors.map(([door, { memory }]) => [door, memory.residentRatio]),
    { atMost: BOUNDS.rssMB.atMost },
  ),
  goalOf(
    both(
      "Findings: memory that grows, anything left open, lost or told falsely, a process that does not end by itself",
      "问题：内存增长，有未关闭、丢失或误报之处，进程不能自行结束",
    ),
    [["", findings.length]],
    { atMost: 0 },
  ),
];

const plot = (doors, file, title, unit, key, alt) => ({
  file,
  alt,
  svg: lines({
    title,
    across: "minutes",
    unit,
    min: 0,
    series: doors.map(([door, { samples }]) => ({
      name: door,
      data: samples.map((sample) => [Number((sample.seconds / 60).toFixed(2)), sample[key]]),
    })),
  }),
});

const HEAD = [
  both("Door", "入口"),
  both("Pushed", "推送"),
  both("What became of them", "结果"),
  both("Answered after ms, p50", "应答毫秒 p50"),
  "p90",
  "p99",
  both("most", "最大"),
  both("Heap, last third to second", "堆：后段与中段之比"),
  both("Heap, MB a minute", "堆：每分钟 MB"),
  both("Outside the heap, MB more", "堆外：后段多出 MB"),
  both("Resident, last third to second", "常驻：后段与中段之比"),
  both("Resident MB at the end", "结束时常驻 MB"),
  both("Handles at the end", "结束时句柄"),
  both("Loop delay p99, ms, median", "循环延迟 p99 毫秒，中位"),
];

const row = ([door, { samples, latencyMs, memory, pushed, outcomes }]) => [
  door,
  figure(pushed),
  Object.entries(outcomes)
    .map(([outcome, count]) => `${outcome} ${figure(count)}`)
    .sort()
    .join(", "),
  ...[latencyMs.p50, latencyMs.p90, latencyMs.p99, latencyMs.max].map(figure),
  memory.ratio.toFixed(3),
  memory.growthMBPerMinute.toFixed(3),
  memory.externalGrowthMB.toFixed(3),
  memory.residentRatio.toFixed(3),
  figure(samples.at(-1).rssMB),
  figure(samples.at(-1).handles),
  figure(median(samples.map(({ delayP99 }) => delayP99))),
];

export function soak({ results }) {
  const doors = Object.entries(results.doors);
  const findings = results.verdict === "flat" ? [] : results.verdict;
  const found = findings.slice(0, FINDINGS_SHOWN).join("; ");
  return {
    title: both("Soak", "长时间运行"),
    about: both(
      `Mixed traffic through three doors at once: the MCP server over stdio and over HTTP, and Node-RED, each in a process of its own; followers write, are answered, come and go. Memory is read after a garbage collection. The time to an answer is from the push to the reply in the ledger of the local WeChat.${found && ` Found: ${found}.`}`,
      `三个入口同时承受混合流量：MCP 服务（stdio 与 HTTP）与 Node-RED，各在自己的进程中；用户来信、得到回复、来来去去。内存在垃圾回收后读取。应答时间从推送算到本地微信账目中的回复。${found && `发现：${found}。`}`,
    ),
    goals: goals(doors, findings),
    plots: [
      plot(
        doors,
        "soak-heap.svg",
        "Heap over time",
        "MB",
        "heapMB",
        both("Lines: heap of each door over time", "折线图：各入口的堆随时间变化"),
      ),
      plot(
        doors,
        "soak-handles.svg",
        "Handles over time",
        "handles",
        "handles",
        both("Lines: handles of each door over time", "折线图：各入口的句柄数随时间变化"),
      ),
    ],
    tables: [table(HEAD, doors.map(row))],
  };
}
