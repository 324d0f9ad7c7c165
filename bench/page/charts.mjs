// The plots, as SVG: drawn by echarts, which needs no browser for it. The same data give the same bytes.
import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, LegendComponent, MarkLineComponent, TitleComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { figure, isOurs } from "./words.mjs";

use([BarChart, LineChart, GridComponent, LegendComponent, MarkLineComponent, TitleComponent, SVGRenderer]);

const WIDTH = 880;
/** Opaque, so that the plot is the same on a light and on a dark page; the colours below have 4.5:1 and more on it. */
const BACKGROUND = "#ffffff";
const TEXT = { color: "#1f2328", fontSize: 12 };
/** Room for the numbers of an upright axis. */
const BESIDE_NUMBERS = 52;
const WRAPPED = { ...TEXT, interval: 0, width: 150, overflow: "break" };
const GRID_LINE = { lineStyle: { color: "#d1d9e0" } };
const OURS_COLOR = "#067647";
const COLORS = ["#1d4ed8", "#b54708", "#7a3fd1", "#57606a", "#b4236f", "#0e6f85", "#7a5c00", "#a11b1b"];
const SYMBOLS = ["rect", "triangle", "diamond", "circle"];

/**
 * A group of upright bars for each category, one bar for each series.
 * @param plot `title`, `unit` (name of the value axis), `categories`, `across` (name of their axis), `series` of
 * `{ name, data }`, and what it may have: `goal` (a value, drawn as a line) with `goalName`, `log`, `values` (written on
 * the bars)
 */
export const bars = (plot) =>
  drawn(plot, 420, {
    xAxis: axis(plot.across, { type: "category", data: plot.categories, axisLabel: WRAPPED }),
    yAxis: axis(plot.unit, valueAxis(plot), BESIDE_NUMBERS),
    series: series(plot, (one) => ({ type: "bar", barMaxWidth: 46, label: valueLabel(plot, "top"), ...one })),
  });

/** Bars that lie, a row for each category, for long names; where `series` have no value (null) there is no room left. */
export const rows = (plot) =>
  drawn(plot, 150 + 24 * plot.categories.length, {
    xAxis: axis(plot.unit, valueAxis(plot)),
    yAxis: axis(plot.across, { type: "category", data: plot.categories, inverse: true }),
    series: series(plot, (one) => ({ type: "bar", barGap: "-100%", label: valueLabel(plot, "right"), ...one })),
  });

/** A line for each series; `series` have `data` of `[x, y]`, or of `y` with `categories`. `logX`, `log`: of the axes. */
export const lines = (plot) =>
  drawn(plot, 420, {
    xAxis: axis(
      plot.across,
      plot.categories
        ? { type: "category", data: plot.categories }
        : {
            type: plot.logX ? "log" : "value",
            min: plot.logX ? "dataMin" : 0,
            max: "dataMax",
            axisLabel: { ...TEXT, formatter: grouped },
          },
    ),
    yAxis: axis(plot.unit, valueAxis(plot), BESIDE_NUMBERS),
    series: series(plot, (one, index) => ({
      type: "line",
      symbol: SYMBOLS[index % SYMBOLS.length],
      symbolSize: 7,
      showSymbol: one.data.length <= 20,
      ...one,
    })),
  });

const grouped = (value) => String(value).replace(/\B(?=(\d{3})+$)/g, ",");

const axis = (name, more, nameGap = 30) => ({
  name,
  nameLocation: "middle",
  nameGap,
  nameTextStyle: TEXT,
  axisLabel: TEXT,
  axisLine: { show: true, lineStyle: { color: "#57606a" } },
  splitLine: { show: more.type !== "category", ...GRID_LINE },
  ...more,
});

/** Bars begin at `min`, on a logarithmic axis too; the goal is always in sight. */
const valueAxis = ({ log, min, goal = 0 }) => ({
  type: log ? "log" : "value",
  ...(min === undefined ? {} : { min, startValue: min }),
  max: (range) => (range.max < goal ? goal * 1.1 : null),
  axisLabel: { ...TEXT, formatter: grouped },
});

const valueLabel = ({ values = false }, position) => ({
  show: values,
  position,
  formatter: ({ value }) => (typeof value === "number" ? figure(value) : ""),
  ...TEXT,
  fontSize: 10,
});

function series({ series, goal, goalName = "goal" }, shaped) {
  let next = 0;
  return series.map((one, index) => {
    const color = isOurs(one.name) ? OURS_COLOR : COLORS[next++ % COLORS.length];
    const still = { silent: true, animation: false, emphasis: { disabled: true } };
    const styled = { ...still, itemStyle: { color }, lineStyle: { color, width: isOurs(one.name) ? 3 : 1.5 } };
    const line = {
      silent: true,
      symbol: "none",
      lineStyle: { color: "#1f2328", type: "dashed", width: 1.5 },
      label: { formatter: goalName, position: "insideEndTop", ...TEXT },
      data: [{ yAxis: goal }],
    };
    return { ...styled, ...shaped(one, index), ...(index === 0 && goal !== undefined ? { markLine: line } : {}) };
  });
}

function drawn({ title }, height, option) {
  const chart = init(null, null, { renderer: "svg", ssr: true, width: WIDTH, height });
  try {
    chart.setOption({
      animation: false,
      backgroundColor: BACKGROUND,
      title: { text: title, left: 16, top: 12, textStyle: { ...TEXT, fontSize: 15, fontWeight: "bold" } },
      legend: {
        bottom: 8,
        left: "center",
        width: WIDTH - 60,
        textStyle: TEXT,
        selectedMode: false,
        show: option.series.length > 1,
      },
      grid: { left: 24, right: 40, top: 60, bottom: 56, outerBoundsMode: "same", outerBoundsContain: "all" },
      ...option,
    });
    return still(chart.renderToSVGString());
  } finally {
    chart.dispose();
  }
}

/** Without what is there for a page's scripts and pointer; its names are numbered through all charts of a process. */
const still = (svg) =>
  `${svg
    .replace(/<style.*?<\/style>/gs, "")
    .replace(/ (?:ecmeta_\w+|class)="[^"]*"/g, "")
    .replace(/\bzr\d+-/g, "zr-")
    .trim()}\n`;
