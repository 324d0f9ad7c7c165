// docs/benchmarks.md, its Chinese twin and their plots, made of the kept results and of nothing else.
import { isBusy } from "../report.mjs";
import { callback } from "./callback.mjs";
import { inbox } from "./inbox.mjs";
import { nodeRed } from "./node-red.mjs";
import { send } from "./send.mjs";
import { NAMES, readReports } from "./shapes.mjs";
import { soak } from "./soak.mjs";
import { start } from "./start.mjs";
import { text } from "./text.mjs";
import { tokens } from "./tokens.mjs";
import { both, figure, inLanguage } from "./words.mjs";

const SECTIONS = { send, tokens, callback, inbox, text, "node-red": nodeRed, start, soak };
export const IMAGES = "images/benchmarks/";
const PAGES = { en: "benchmarks.md", zh: "benchmarks.zh-CN.md" };
/** A longer table is folded. */
const ROWS_SHOWN = 12;

const TITLE = both("Benchmarks", "性能测试");
const OTHER = both("[简体中文](benchmarks.zh-CN.md)", "[English](benchmarks.md)");
const INTRODUCTION = both(
  "Made by `pnpm bench:page` from the results in `bench/results/`, which `pnpm bench` measures anew (`pnpm bench --help` lists the benchmarks). Where speed is compared, contenders take turns in every round, so that a machine that changes speed changes it for all; those figures are medians, in brackets the least and the most of any round. Tokens are counts of one run each, and the soak is one run. Compare ratios within one table: absolute figures are those of one machine on one day, and between runs they differ more than the ratios do.",
  "本页由 `pnpm bench:page` 根据 `bench/results/` 中的结果生成；`pnpm bench` 重新测量（`pnpm bench --help` 列出各项测试）。凡比较速度，各对象每轮轮流测量，机器快慢变化对所有对象相同；这些数字为中位数，括号内为各轮最小与最大值。令牌一节为各一次运行的计数，长时间运行为一次运行。请在同一表内比较比值：绝对数字只属于某台机器的某一天，不同运行之间的差异大于比值的差异。图中文字为英文。",
);
const MET = new Map([
  [true, both("yes", "是")],
  [false, both("**no**", "**否**")],
  [undefined, both("not measured", "未测")],
]);

/**
 * @param folder with the results, NAME.json of each benchmark
 * @param options `partial`: the page may lack benchmarks that have no results, and says which
 * @returns the content of each file by its path below docs/
 * @throws Error where a file is not as it must be, or is missing and `partial` does not allow it
 */
export async function pagesOf(folder, { partial = false } = {}) {
  const reports = await readReports(folder);
  const missing = NAMES.filter((name) => !Object.hasOwn(reports, name));
  if (missing.length === NAMES.length) throw new Error("There are no results: pnpm bench measures them.");
  if (missing.length > 0 && !partial)
    throw new Error(
      `Results are missing: ${missing.join(", ")}. Measure them (pnpm bench ${missing.join(" ")}), or give --partial for a page that says that they are missing.`,
    );
  const sections = Object.entries(reports).map(([name, report]) => ({ name, report, ...SECTIONS[name](report) }));
  const plots = sections.flatMap((section) => section.plots.map(({ file, svg }) => [IMAGES + file, svg]));
  const pages = Object.entries(PAGES).map(([language, file]) => [file, pageOf(sections, missing, language)]);
  return new Map([...pages, ...plots]);
}

function pageOf(sections, missing, language) {
  const said = (words) => inLanguage(words, language);
  return [
    `# ${said(TITLE)}`,
    said(OTHER),
    said(INTRODUCTION),
    ...(missing.length > 0 ? [said(missingText(missing))] : []),
    ...goalsInAll(sections, said),
    ...sections.flatMap((section) => sectionOf(section, said)),
  ]
    .join("\n\n")
    .concat("\n");
}

const missingText = (missing) =>
  both(
    `**This page is not whole.** Without results: ${missing.join(", ")}.`,
    `**本页不完整。** 没有结果的测试：${missing.join("、")}。`,
  );

function goalsInAll(sections, said) {
  const goals = sections.flatMap(({ title, goals }) => goals.map((goal) => ({ title, ...goal })));
  const met = goals.filter((goal) => goal.met === true).length;
  const listed = (wanted, heading) => {
    const those = goals.filter((goal) => goal.met === wanted);
    const lines = those.map(({ title, goal, values }) => {
      const measured = valuesText(values, said);
      return said(
        both(`- **${said(title)}.** ${said(goal)}: ${measured}`, `- **${said(title)}。** ${said(goal)}：${measured}`),
      );
    });
    return those.length > 0 ? [said(heading), lines.join("\n")] : [];
  };
  return [
    said(both(`${met} of ${goals.length} goals are met.`, `${goals.length} 项目标中达到 ${met} 项。`)),
    ...listed(false, both("Missed:", "未达到：")),
    ...listed(undefined, both("Not measured, or not everywhere:", "未测或未全测：")),
  ];
}

const valuesText = (values, said) =>
  values.map(([where, value]) => (said(where) === "" ? value : `${value} (${said(where)})`)).join(", ") || "–";

function sectionOf({ title, about, goals, plots, tables, report }, said) {
  const goalRows = goals.map(({ goal, values, met }) => [goal, valuesText(values, said), MET.get(met)]);
  const head = [both("Goal", "目标"), both("Measured", "实测"), both("Met", "达到")];
  return [
    `## ${said(title)}`,
    said(about),
    ...(goals.length > 0 ? [tableText({ head, rows: goalRows }, said)] : []),
    ...plots.map(({ file, alt }) => `![${said(alt)}](${IMAGES}${file})`),
    ...tables.map((table) => foldedTable(table, said)),
    said(whereFrom(report)),
  ];
}

function foldedTable({ caption, ...table }, said) {
  const name = said(caption ?? both("All figures", "全部数据"));
  if (table.rows.length <= ROWS_SHOWN)
    return caption ? `**${name}**\n\n${tableText(table, said)}` : tableText(table, said);
  return `<details><summary>${name}</summary>\n\n${tableText(table, said)}\n\n</details>`;
}

function tableText({ head, rows }, said) {
  const line = (cells) => `| ${cells.map((cell) => said(cell).replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** The machine, its load, the day, the versions and the settings; and a warning if others had the machine too. */
function whereFrom({ at, machine, versions, settings }) {
  const { processor, cores, memoryGigabytes, platform, node, loadBefore, loadAfter } = machine;
  const host = `${cores} × ${processor}, ${memoryGigabytes} GB, ${platform}, Node ${node}`;
  const pairs = (values) =>
    Object.entries(values)
      .map(
        ([name, value]) =>
          `${name} ${[value]
            .flat()
            .map((one) => (typeof one === "number" ? figure(one) : one))
            .join(" / ")}`,
      )
      .join(", ");
  const load = loadAfter === undefined ? `${loadBefore}` : `${loadBefore} → ${loadAfter}`;
  const busy = isBusy(loadBefore, cores);
  return both(
    `*Measured ${at.slice(0, 10)} on ${host}; load ${load}${busy ? " (others used the machine too: trust the ratios only)" : ""}. Versions: ${pairs(versions)}. Settings: ${pairs(settings)}.*`,
    `*测于 ${at.slice(0, 10)}，${host}；负载 ${load}${busy ? "（机器同时有其他任务：仅比值可信）" : ""}。版本：${pairs(versions)}。设置：${pairs(settings)}。*`,
  );
}
