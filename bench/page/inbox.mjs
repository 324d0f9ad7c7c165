import { lines } from "./charts.mjs";
import { both, figure, goalOf, spreadText, table } from "./words.mjs";

const STORES = { memory: both("memory", "内存"), sqlite: "SQLite", redis: "Redis" };
const OPERATIONS = {
  "list the newest 50": both("list the newest 50", "列出最新 50 个会话"),
  "read one": both("read one", "读取一个会话"),
  window: both("window", "回复窗口"),
  "receive and emit": both("receive and emit", "接收并发出"),
  "record a reply": both("record a reply", "记录一条回复"),
  "what came after": both("what came after", "此后的新消息"),
};
const READS = ["list the newest 50", "read one", "window", "what came after"];
const storeOf = (store) => STORES[store] ?? store;
const operationOf = (operation) => OPERATIONS[operation] ?? operation;

const goals = (results) =>
  results.map(({ store, sizes, operations }) => {
    const factor = figure(sizes.at(-1) / sizes[0]);
    const name = storeOf(store);
    return goalOf(
      both(
        `${name.en ?? name}: reads at ${factor} times the size take at most twice the time`,
        `${name.zh ?? name}：规模为 ${factor} 倍时，读取耗时不超过 2 倍`,
      ),
      READS.map((read) => [
        operationOf(read),
        operations.find(({ operation }) => operation === read)?.ratios.at(-1)?.median,
      ]),
      { atMost: 2 },
    );
  });

const plot = ({ store, sizes, operations }) => ({
  file: `inbox-${store}.svg`,
  alt: both(
    `Lines: time of each operation as a ratio to ${figure(sizes[0])} messages, ${store}`,
    `折线图：各操作耗时与 ${figure(sizes[0])} 条消息时之比（${store}）`,
  ),
  svg: lines({
    title: `Inbox: time beside that at ${figure(sizes[0])} messages, ${store}`,
    across: "messages in the inbox, logarithmic",
    unit: "ratio of times (less is better)",
    logX: true,
    min: 0,
    series: operations.map(({ operation, ratios }) => ({
      name: operation,
      data: ratios.map(({ median }, index) => [sizes[index], median]),
    })),
    goal: 2,
    goalName: "goal for reads",
  }),
});

function tableOf({ store, sizes, operations, fillRates, megabytes }) {
  const head = [
    both("Operation", "操作"),
    ...sizes.map((size) => both(`${figure(size)} messages, µs`, `${figure(size)} 条，微秒`)),
    ...sizes.slice(1).map((size) => both(`Ratio at ${figure(size)}`, `${figure(size)} 条时之比`)),
  ];
  const rows = operations.map(({ operation, microseconds, ratios }) => [
    operationOf(operation),
    ...microseconds.map(figure),
    ...ratios.slice(1).map(spreadText),
  ]);
  const more = (name, values) => [name, ...values.map(figure), ...sizes.slice(1).map(() => "")];
  const filled = more(both("received and emitted a second while it was filled", "填充时每秒接收并发出数"), fillRates);
  const space = megabytes.length > 0 ? [more(both("MB", "占用 MB"), megabytes)] : [];
  return { caption: storeOf(store), ...table(head, [...rows, filled, ...space]) };
}

export const inbox = ({ results }) => ({
  title: both("Inbox growth", "收件箱的增长"),
  about: both(
    "How the time of an operation grows with the messages that the inbox holds, over a tenth as many conversations. Sizes take turns in every round; ratios are to the smallest size within the round.",
    "各操作耗时随收件箱消息数的增长，会话数为消息数的十分之一。各规模每轮轮流测量；比值以同一轮中最小规模为基准。",
  ),
  goals: goals(results),
  plots: results.map(plot),
  tables: results.map(tableOf),
});
