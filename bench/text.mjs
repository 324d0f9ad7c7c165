// Whether the time of splitText and markdownToText grows with the length of the text or faster: node bench/text.mjs
// Time a byte relative to 1 kB: 1.00 at every size is linear, 100 at 100 kB is quadratic. Each figure is the median of
// the ratios within a round; sizes take turns in every round, so that a machine that changes speed changes it for all.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { markdownToText, splitText } from "@wechat-offiaccount/core";
import { commandLine } from "../scripts/command-line.mjs";
import { inTurn, keepResults, machineLine, median, rounded, spreadOf, versionIn } from "./report.mjs";

const SIZES = [1_000, 3_000, 10_000, 30_000, 100_000];
const { rounds: ROUNDS } = commandLine("How the times of splitText and markdownToText grow with the text.", {
  rounds: [7, "of each text"],
});
/** Bytes that one measurement covers at least, so that a timer's grain does not count. */
const WORK = 30_000;
const LOADS = 15;

const PROSE =
  "您好！您的订单已于今天上午发货，预计明天送达；如需改址，请在两小时内回复。Thank you for your order, and see you soon!\n\n";
const MARKDOWN = `### 一、退货流程

1. **进入订单页面**：打开[我的订单](https://shop.example.com/orders?from=wechat)，找到商品。
2. **点击“申请售后”**：选择原因，例如：
   - 商品与描述不符
   - *七天无理由退货*

| 型号 | 价格 | 续航 |
|:---:|---:|:---|
| **X1** | ￥1,999 | 10 小时 |
| **X1 Pro** | ~~￥3,299~~ ￥2,999 | 16 小时 |

> ⚠️ **注意：**请保持商品完好。

\`\`\`python
def send(openid, text):
    return post(URL, {"touser": openid})
\`\`\`

`;

/** Parts of 500 bytes, so that there is something to split at 1 kB; as many as it takes. */
const split = (text) => splitText(text, { maxBytes: 500, maxParts: Number.MAX_SAFE_INTEGER });
const CASES = {
  "splitText, prose": [split, PROSE],
  "splitText, no borders": [split, "字"],
  "splitText, links": [split, '<a href="https://a.cn/b">点这里</a>，'],
  "splitText, open links": [split, '<a href="x">'],
  "splitText, white space": [split, " \n"],
  "markdownToText, an answer": [markdownToText, MARKDOWN],
  "markdownToText, prose": [markdownToText, PROSE],
  "markdownToText, brackets": [markdownToText, "["],
  "markdownToText, quotes": [markdownToText, "> - "],
  "markdownToText, emphasis": [markdownToText, "**a *b "],
  "markdownToText, open tags": [markdownToText, '<a href="x">'],
};

const ofSize = (piece, bytes) => piece.repeat(Math.ceil(bytes / Buffer.byteLength(piece)));

/** Microseconds a byte. */
function measure(work, text) {
  const bytes = Buffer.byteLength(text);
  const times = Math.ceil(WORK / bytes);
  const start = performance.now();
  for (let time = 0; time < times; time++) work(text);
  return ((performance.now() - start) * 1000) / (times * bytes);
}

console.log(`${machineLine}; ${ROUNDS} rounds, medians`);
console.log("Time a byte relative to 1 kB, and microseconds a byte at 1 kB\n");
console.log(`${"".padEnd(28)}${SIZES.map((size) => `${size / 1000} kB`.padStart(9)).join("")}${"us/B".padStart(9)}`);
const growth = [];
for (const [name, [work, piece]] of Object.entries(CASES)) {
  const texts = SIZES.map((size) => ofSize(piece, size));
  for (const text of texts) measure(work, text);
  const rounds = Array.from({ length: ROUNDS }, (_, round) => {
    const times = [];
    for (const index of inTurn([...texts.keys()], round)) times[index] = measure(work, texts[index]);
    return times;
  });
  const ratios = SIZES.map((_, index) => spreadOf(rounds.map((times) => times[index] / times[0])));
  const base = rounded(median(rounds.map((times) => times[0])), 3);
  const figures = [...ratios.map((ratio) => ratio.median.toFixed(2)), base.toFixed(3)];
  console.log(`${name.padEnd(28)}${figures.map((figure) => figure.padStart(9)).join("")}`);
  growth.push({ text: name, ratios, microsecondsPerByte: base });
}

// What the Markdown parser costs beside core, which loads it with the first Markdown: imported one after the other, in
// fresh processes started where core finds its dependencies; zod comes first, so that the parser does not pay for starting Node's module loader.
const cwd = fileURLToPath(new URL("../packages/core/", import.meta.url));
const loading = `
  const times = [performance.now()];
  for (const name of ["zod", "markdown-it/browser", "@wechat-offiaccount/core"]) {
    await import(name);
    times.push(performance.now());
  }
  process.stdout.write(JSON.stringify({ parser: times[2] - times[1], all: times[3] - times[0] }));`;
const loads = Array.from({ length: LOADS }, () =>
  JSON.parse(execFileSync(process.execPath, ["--input-type=module", "--eval", loading], { cwd, encoding: "utf8" })),
);
const share = rounded(100 * median(loads.map(({ parser, all }) => parser / all)));
const all = rounded(median(loads.map((load) => load.all)));
console.log(
  `\nThe Markdown parser: ${share} % of importing zod, it and core (${all} ms), median of ${LOADS} processes`,
);

await keepResults("text", {
  versions: { "@wechat-offiaccount/core": await versionIn("packages/core") },
  settings: { rounds: ROUNDS, sizes: SIZES, loads: LOADS },
  results: { growth, loading: { milliseconds: all, percentOfParser: share } },
});
