import { bars } from "./charts.mjs";
import { both, figure, goalOf, isOurs, spreadText, table } from "./words.mjs";

const WAYS = {
  "behind node:http": both("behind `node:http`", "`node:http` 之后"),
  "Request to Response": both("from Request to Response", "从 Request 到 Response"),
  "without a door": both("without a door", "不经任何入口"),
};
const KINDS = { encrypted: both("encrypted", "加密"), plain: both("plain", "明文") };
const wayOf = (way) => WAYS[way] ?? both(way, way);

const ours = ({ contenders }) => contenders.find(({ contender }) => isOurs(contender));

function goals(results) {
  const encrypted = results.filter(({ kind }) => kind === "encrypted");
  const each = (words, value, bound) =>
    encrypted.map((result) => {
      const { en, zh } = wayOf(result.way);
      return goalOf(both(`${en}: ${words.en}`, `${zh}：${words.zh}`), [["", value(ours(result))]], bound);
    });
  return [
    ...each(
      both("encrypted pushes a second, at least 0.8 of the bare work's", "每秒加密推送数，不低于裸处理的 0.8"),
      (core) => core?.rateToBare.median,
      { atLeast: 0.8 },
    ),
    ...each(
      both("encrypted pushes, at least 10,000 for a second of CPU", "加密推送，每 CPU 秒至少 10,000 条"),
      (core) => core && 1_000_000 / core.cpuMicrosPerPush,
      { atLeast: 10_000 },
    ),
  ];
}

function plot(kind, results) {
  const of = results.filter((result) => result.kind === kind);
  const names = [...new Set(of.flatMap(({ contenders }) => contenders.map(({ contender }) => contender)))];
  const rate = (name) =>
    of.map(({ contenders }) => contenders.find(({ contender }) => contender === name)?.pushesPerSecond);
  return {
    file: `callback-${kind}.svg`,
    alt: both(`Bars: ${kind} pushes a second, each way`, `柱状图：各途径每秒处理的${KINDS[kind].zh}推送数`),
    svg: bars({
      title: `Pushes a second, ${kind}`,
      across: "the way in",
      unit: "pushes a second (more is better)",
      categories: of.map(({ way }) => way),
      series: names.map((name) => ({ name, data: rate(name) })),
      values: true,
    }),
  };
}

export function callback({ results }) {
  const head = [
    both("Way", "途径"),
    both("Push", "推送"),
    both("Contender", "对象"),
    both("Pushes/s", "推送/秒"),
    both("To the bare work", "与裸处理之比"),
    both("CPU µs a push", "每条 CPU 微秒"),
    both("The bare work's CPU in it", "裸处理 CPU 所占"),
  ];
  const rows = results.flatMap(({ way, kind, contenders }) =>
    contenders.map(({ contender, pushesPerSecond, rateToBare, cpuMicrosPerPush, bareCpuToThis }) => [
      wayOf(way),
      KINDS[kind],
      contender,
      figure(pushesPerSecond),
      spreadText(rateToBare),
      figure(cpuMicrosPerPush),
      spreadText(bareCpuToThis),
    ]),
  );
  return {
    title: both("Callback", "回调"),
    about: both(
      "What WeChat pushes, received by core with its inbox in memory (core), by the bare work, which is the same XML parser, signature and AES with fields read flat, no checks beyond the signature, no store and no answer but “success” (bare), and by the public library `wechat`, which keeps nothing and knows no duplicates. Without a door the body is at hand, and no HTTP is in the figures.",
      "接收微信推送：core（收件箱在内存中）；裸处理（bare），即使用相同的 XML 解析器、签名与 AES，只平铺读取字段，除签名外不做检查、不存储、只答“success”；以及公开库 `wechat`，它不保存也不去重。“不经任何入口”时消息体已在手，数字中不含 HTTP。",
    ),
    goals: goals(results),
    plots: Object.keys(KINDS)
      .filter((kind) => results.some((result) => result.kind === kind))
      .map((kind) => plot(kind, results)),
    tables: [table(head, rows)],
  };
}
