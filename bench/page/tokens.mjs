import { bars } from "./charts.mjs";
import { both, figure, goalOf, isOurs, table } from "./words.mjs";

/** Token calls in all, the first ones of each process included. */
const SCENARIOS = {
  "500 cold": { name: both("500 sends at once, without a token", "500 个并发发送，尚无令牌"), calls: 1 },
  "killed in the middle": {
    name: both("token killed in the middle of the sends", "发送途中令牌失效"),
    calls: 2,
  },
  "two processes": { name: both("two processes", "两个进程"), calls: 2 },
  "two processes, killed in the middle": {
    name: both("two processes, token killed in the middle", "两个进程，途中令牌失效"),
    calls: 4,
  },
};
/** What a client said of its sends, and was not so. */
const TOLD = {
  toldAsSent: both("Told as sent, and was not", "称已发送，实未送达"),
  toldAsFailed: both("Told as failed, and arrived", "称失败，实已送达"),
};
const nameOf = (scenario) => SCENARIOS[scenario]?.name ?? scenario;

function goals(results) {
  const ours = (scenario) => results.find((result) => result.scenario === scenario && isOurs(result.client));
  const lost = (result) => result && result.failed + (result.sends - result.delivered) + result.doubled;
  return Object.entries(SCENARIOS).flatMap(([scenario, { name, calls }]) => [
    goalOf(
      both(`${name.en}: token calls, at most ${calls}`, `${name.zh}：令牌调用不超过 ${calls} 次`),
      [["", ours(scenario)?.tokenCalls]],
      {
        atMost: calls,
      },
    ),
    goalOf(
      both(`${name.en}: none failed, missing or doubled`, `${name.zh}：无失败、遗漏或重复`),
      [["", lost(ours(scenario))]],
      { atMost: 0 },
    ),
  ]);
}

function plot(results, file, title, alt, unit, key, more) {
  const scenarios = [...new Set(results.map(({ scenario }) => scenario))];
  const clients = [...new Set(results.map(({ client }) => client))];
  const of = (client) =>
    scenarios.map((scenario) => results.find((one) => one.client === client && one.scenario === scenario)?.[key]);
  const series = clients.map((name) => ({ name, data: of(name) }));
  return {
    file,
    alt,
    svg: bars({ title, unit, across: "what happens", categories: scenarios, series, values: true, ...more }),
  };
}

export function tokens({ results }) {
  const columns = Object.keys(TOLD).filter((key) => results.some((result) => result[key] !== undefined));
  const head = [
    both("What happens", "情形"),
    both("Client", "客户端"),
    both("Token calls", "令牌调用"),
    both("Sends", "发送"),
    both("Failed", "失败"),
    both("Delivered", "送达"),
    both("Doubled", "重复"),
    ...columns.map((key) => TOLD[key]),
  ];
  const rows = results.map(({ scenario, client, tokenCalls, sends, failed, delivered, doubled, ...told }) => [
    nameOf(scenario),
    client,
    ...[tokenCalls, sends, failed, delivered, doubled].map(figure),
    ...columns.map((key) => told[key] ?? ""),
  ]);
  return {
    title: both("Tokens", "令牌"),
    about: both(
      "What each client asks of WeChat's token endpoint and how many sends fail, which means that nothing reached the follower: counted in the ledger of the local WeChat, not by the client's own word; where the two differ the last columns say so. Token calls are all of a run, the first of each process included.",
      "各客户端调用微信令牌接口的次数与发送失败数（失败指未送达粉丝）：以本地微信的账目为准，而非客户端自己的说法；两者不一致处见最后几列。令牌调用为整次运行的总数，含各进程的首次调用。",
    ),
    goals: goals(results),
    plots: [
      plot(
        results,
        "tokens-calls.svg",
        "Token calls",
        both("Bars: token calls of each client in each scenario", "柱状图：各客户端在各情形下的令牌调用次数"),
        "token calls, logarithmic (less is better)",
        "tokenCalls",
        { log: true, min: 0.5 },
      ),
      plot(
        results,
        "tokens-failed.svg",
        "Failed sends",
        both("Bars: failed sends of each client in each scenario", "柱状图：各客户端在各情形下的发送失败数"),
        "failed sends (less is better)",
        "failed",
      ),
    ],
    tables: [table(head, rows)],
  };
}
