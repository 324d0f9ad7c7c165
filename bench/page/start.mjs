import { rows } from "./charts.mjs";
import { both, figure, goalOf, isOurs, table } from "./words.mjs";

const GROUPS = { core: "core", "node-red": "Node-RED", mcp: "MCP" };
const groupOf = (group) => GROUPS[group] ?? group;

function goals({ startup, imports }) {
  const servers = startup.filter(({ program, group }) => group === "mcp" && isOurs(program));
  const core = imports.find(({ module }) => isOurs(module) || module === "zod and core");
  const ratios = servers.map(({ program, toFirst }) => [program, toFirst.milliseconds]);
  const CORE = both("Importing core beyond importing zod", "导入 core，超出导入 zod 的部分");
  return [
    goalOf(
      both("MCP cold start: at most 1.3 times a bare SDK server's", "MCP 冷启动：不超过裸 SDK 服务的 1.3 倍"),
      ratios,
      { atMost: 1.3 },
    ),
    goalOf(both(`${CORE.en}: at most 15 ms`, `${CORE.zh}：不超过 15 毫秒`), [["", core?.beyondZod?.milliseconds]], {
      atMost: 15,
    }),
    goalOf(both(`${CORE.en}: at most 4 MB`, `${CORE.zh}：不超过 4 MB`), [["", core?.beyondZod?.megabytes]], {
      atMost: 4,
    }),
  ];
}

/** A row for each program, in one colour for ours and one for the others. */
function plot(file, programs, key, title, unit, alt) {
  const series = (name, wanted) => ({
    name,
    data: programs.map((program) => (isOurs(program.program) === wanted ? program[key] : null)),
  });
  return {
    file,
    alt,
    svg: rows({
      title,
      unit,
      across: "",
      categories: programs.map(({ group, program }) => `${groupOf(group)}: ${program}`),
      series: [series("ours", true), series("others", false)],
      values: true,
    }),
  };
}

const startupTable = (startup) =>
  table(
    [
      both("Group", "组"),
      both("Program", "程序"),
      both("ms", "毫秒"),
      both("To the first", "与首个之比"),
      both("CPU ms", "CPU 毫秒"),
      both("To the first", "与首个之比"),
      both("Resident MB", "常驻 MB"),
      both("To the first", "与首个之比"),
    ],
    startup.map(({ group, program, milliseconds, cpuMilliseconds, residentMB, toFirst }) => [
      groupOf(group),
      program,
      figure(milliseconds),
      toFirst.milliseconds.toFixed(2),
      figure(cpuMilliseconds),
      toFirst.cpu.toFixed(2),
      figure(residentMB),
      toFirst.memory.toFixed(2),
    ]),
  );

const installedTable = (installed) =>
  table(
    [both("Group", "组"), both("Program", "程序"), both("Packages", "包"), both("Files", "文件"), "MB"],
    installed.map(({ group, program, packages, files, megabytes }) => [
      groupOf(group),
      program,
      ...[packages, files, megabytes].map(figure),
    ]),
  );

const importsTable = (imports) =>
  table(
    [
      both("Module", "模块"),
      both("ms", "毫秒"),
      "MB",
      both("ms beyond zod", "超出 zod 的毫秒"),
      both("MB beyond zod", "超出 zod 的 MB"),
    ],
    imports.map(({ module, milliseconds, megabytes, beyondZod }) => [
      module,
      figure(milliseconds),
      figure(megabytes),
      beyondZod ? figure(beyondZod.milliseconds) : "",
      beyondZod ? figure(beyondZod.megabytes) : "",
    ]),
  );

export function start({ results: { startup, installed, imports } }) {
  return {
    title: both("Start, memory and size", "启动、内存与大小"),
    about: both(
      "From nothing to ready, each program in a process of its own with its files in the disk cache; memory is what is resident then. For an MCP server ready is the answer to the first tools/list. Ratios are to the first program of the group. Installed is what npm puts on disk with all dependencies.",
      "从零到就绪，每个程序在各自的进程中，文件已在磁盘缓存；内存为此时的常驻内存。MCP 服务的就绪指应答首个 tools/list。比值以组内首个程序为基准。安装大小为 npm 连同全部依赖写入磁盘的内容。",
    ),
    goals: goals({ startup, imports }),
    plots: [
      plot(
        "start-time.svg",
        startup,
        "milliseconds",
        "Cold start",
        "ms (less is better)",
        both("Bars: cold start of each program", "条形图：各程序的冷启动时间"),
      ),
      plot(
        "start-memory.svg",
        startup,
        "residentMB",
        "Resident memory when ready",
        "MB (less is better)",
        both("Bars: resident memory of each program", "条形图：各程序的常驻内存"),
      ),
      plot(
        "start-size.svg",
        installed,
        "megabytes",
        "Installed size, with all dependencies",
        "MB (less is better)",
        both("Bars: installed size of each program", "条形图：各程序的安装大小"),
      ),
    ],
    tables: [
      { caption: both("To ready", "到就绪"), ...startupTable(startup) },
      { caption: both("Installed", "安装"), ...installedTable(installed) },
      { caption: both("Importing", "导入"), ...importsTable(imports) },
    ],
  };
}
