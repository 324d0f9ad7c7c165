import { lines } from "./charts.mjs";
import { both, figure, spreadText, table } from "./words.mjs";

const FUNCTIONS = ["splitText", "markdownToText"];

function plot(name, growth, sizes) {
  const cases = growth.filter(({ text }) => text.startsWith(`${name}, `));
  return {
    file: `text-${name}.svg`,
    alt: both(
      `Lines: time a byte of ${name} as a ratio to 1 kB, by the size of the text`,
      `折线图：${name} 每字节耗时与 1 kB 时之比，随文本长度变化`,
    ),
    svg: lines({
      title: `${name}: time a byte beside that at ${figure(sizes[0])} bytes`,
      across: "bytes of text, logarithmic",
      unit: "ratio of times a byte (1: linear)",
      logX: true,
      min: 0,
      series: cases.map(({ text, ratios }) => ({
        name: text.slice(name.length + 2),
        data: ratios.map(({ median }, index) => [sizes[index], median]),
      })),
      goal: 1,
      goalName: "linear",
    }),
  };
}

export function text({ settings, results: { growth, loading } }) {
  const { sizes } = settings;
  const head = [
    both("Text", "文本"),
    ...sizes.slice(1).map((size) => both(`${figure(size)} bytes`, `${figure(size)} 字节`)),
    both("µs a byte at the smallest", "最小时每字节微秒"),
  ];
  const rows = growth.map(({ text, ratios, microsecondsPerByte }) => [
    text,
    ...ratios.slice(1).map(spreadText),
    figure(microsecondsPerByte),
  ]);
  return {
    title: both("Text", "文本"),
    about: both(
      `Whether \`splitText\` and \`markdownToText\` stay linear for long and for hostile texts: the time a byte beside that of ${figure(sizes[0])} bytes. Linear is 1 at every size, quadratic would be ${figure(sizes.at(-1) / sizes[0])} at the last. No number was set as a goal. Importing zod, the Markdown parser and core one after the other takes ${figure(loading.milliseconds)} ms here, of which the parser is ${figure(loading.percentOfParser)} %; core itself loads the parser only with the first Markdown.`,
      `\`splitText\` 与 \`markdownToText\` 对长文本和刁钻文本是否保持线性：每字节耗时与 ${figure(sizes[0])} 字节时之比。线性则各处为 1，平方级则最后为 ${figure(sizes.at(-1) / sizes[0])}。未设数值目标。此处依次导入 zod、Markdown 解析器与 core 需 ${figure(loading.milliseconds)} 毫秒，其中解析器占 ${figure(loading.percentOfParser)} %；core 自身只在首次处理 Markdown 时才加载解析器。`,
    ),
    goals: [],
    plots: FUNCTIONS.map((name) => plot(name, growth, sizes)),
    tables: [table(head, rows)],
  };
}
