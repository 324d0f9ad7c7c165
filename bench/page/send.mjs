import { bars, lines } from "./charts.mjs";
import { both, figure, goalOf, isOurs, spreadText, table } from "./words.mjs";

const REFERENCE = "undici Pool.request";
const WIRES = {
  plain: { name: both("plain HTTP", "明文 HTTP"), title: "plain HTTP" },
  tls: { name: "TLS", title: "TLS" },
  slow: { name: both("20 ms until the answer", "应答延迟 20 毫秒"), title: "20 ms until the answer" },
};
/** The public clients: what is neither ours, nor undici, nor Node's. */
const isPeer = (name) => !isOurs(name) && !/^undici|^fetch/.test(name);

const oursOf = ({ clients }) => Object.entries(clients).find(([name]) => isOurs(name))?.[1];
function toFastestPeer({ clients }) {
  const peers = Object.entries(clients).flatMap(([name, { sendsPerSecond }]) => (isPeer(name) ? [sendsPerSecond] : []));
  const ours = oursOf({ clients });
  return peers.length > 0 && ours ? ours.sendsPerSecond / Math.max(...peers) : undefined;
}

function goals(results) {
  const at = (wire, widths, value) =>
    widths.map((width) => {
      const measured = results.find((result) => result.wire === wire && result.inFlight === width);
      return [both(`${width} in flight`, `并发 ${width}`), measured && value(measured)];
    });
  const ratio = (key) => (measured) => oursOf(measured)?.[key].median;
  const all = [1, 16, 64, 256];
  const least = (wire, name, widths) =>
    goalOf(
      both(`${name.en}: at least 0.97 of \`Pool.request\``, `${name.zh}：不低于 \`Pool.request\` 的 0.97`),
      at(wire, widths, ratio("rateToRequest")),
      { atLeast: 0.97 },
    );
  return [
    goalOf(
      both("Sends a second: at least 1.1 times `Pool.request`", "每秒发送数：至少为 `Pool.request` 的 1.1 倍"),
      at("plain", [16, 64], ratio("rateToRequest")),
      { atLeast: 1.1 },
    ),
    goalOf(
      both(
        "Sends a second: at least 0.95 of raw `dispatch` with undici's documented handlers",
        "每秒发送数：不低于裸 `dispatch`（undici 文档所载处理器）的 0.95",
      ),
      at("plain", [16, 64], ratio("rateToDispatch")),
      { atLeast: 0.95 },
    ),
    goalOf(
      both("Sends a second: at least twice the fastest public client", "每秒发送数：至少为最快公开客户端的 2 倍"),
      at("plain", [16, 64], toFastestPeer),
      { atLeast: 2 },
    ),
    goalOf(
      both("CPU a send: at most 0.92 of `Pool.request`", "每次发送的 CPU：不超过 `Pool.request` 的 0.92"),
      at("plain", [16, 64], ratio("cpuToRequest")),
      { atMost: 0.92 },
    ),
    least("plain", both("One alone, and 256 in flight", "单个，以及并发 256"), [1, 256]),
    least("tls", both("Under TLS", "TLS 下"), all),
    least("slow", both("At 20 ms latency", "延迟 20 毫秒时"), all),
  ];
}

const widthsOf = (results) => results.map(({ inFlight }) => inFlight);
const seriesOf = (results, value, names) =>
  names.map((name) => ({ name, data: results.map(({ clients }) => clients[name] && value(clients[name])) }));

const othersOf = ([{ clients }]) => Object.keys(clients).filter((name) => name !== REFERENCE);

function ratePlot(wire, results) {
  return {
    file: `send-${wire}.svg`,
    alt: both(
      `Bars: sends a second of each client as a ratio to Pool.request, ${WIRES[wire].title}`,
      `柱状图：各客户端每秒发送数与 Pool.request 之比（${wire}）`,
    ),
    svg: bars({
      title: `Sends a second beside undici's Pool.request, ${WIRES[wire].title}`,
      across: "sends in flight",
      unit: "ratio to Pool.request (more is better)",
      categories: widthsOf(results).map(String),
      series: seriesOf(results, ({ rateToRequest }) => rateToRequest.median, othersOf(results)),
      goal: 1,
      goalName: "Pool.request",
    }),
  };
}

/** The reference comes last, so that the others have the colours that they have in the plots without it. */
const cpuPlot = (results) => ({
  file: "send-cpu.svg",
  alt: both(
    "Lines: CPU microseconds a send of each client, plain HTTP",
    "折线图：各客户端每次发送的 CPU 微秒数（明文 HTTP）",
  ),
  svg: lines({
    title: "CPU a send, plain HTTP",
    across: "sends in flight",
    unit: "µs of CPU, logarithmic (less is better)",
    log: true,
    categories: widthsOf(results).map(String),
    series: seriesOf(results, ({ cpuMicrosPerSend }) => cpuMicrosPerSend, [...othersOf(results), REFERENCE]),
  }),
});

const HEAD = [
  both("In flight", "并发"),
  both("Client", "客户端"),
  both("Sends/s", "发送/秒"),
  both("To `Pool.request`", "与 `Pool.request` 之比"),
  both("To `dispatch`", "与 `dispatch` 之比"),
  both("To `dispatch`, inner handlers", "与 `dispatch`（内层处理器）之比"),
  both("CPU µs", "CPU 微秒"),
  both("CPU to `Pool.request`", "CPU 与 `Pool.request` 之比"),
  both("Server's core", "服务端核占用"),
];
const tableOf = (results) =>
  table(
    HEAD,
    results.flatMap(({ inFlight, clients }) =>
      Object.entries(clients).map(([name, client]) => [
        inFlight,
        name,
        figure(client.sendsPerSecond),
        spreadText(client.rateToRequest),
        spreadText(client.rateToDispatch),
        spreadText(client.rateToInner),
        figure(client.cpuMicrosPerSend),
        spreadText(client.cpuToRequest),
        `${Math.round(100 * client.serverCore)} %`,
      ]),
    ),
  );

/** Ours beside the inner handlers: no goal, but what is left to reach. */
function toInner(plain) {
  const ratios = plain.flatMap((result) => {
    const ours = oursOf(result);
    return ours ? [[result.inFlight, figure(ours.rateToInner.median)]] : [];
  });
  if (ratios.length === 0) return both("", "");
  const en = ratios.map(([width, ratio]) => `${ratio} at ${width} in flight`).join(", ");
  const zh = ratios.map(([width, ratio]) => `并发 ${width} 时 ${ratio}`).join("，");
  return both(
    ` Beside the inner handlers ours reaches ${en}, on plain HTTP.`,
    `与内层处理器相比，明文 HTTP 下我们达到：${zh}。`,
  );
}

export function send({ results }) {
  const wires = Object.keys(WIRES).map((wire) => [wire, results.filter((result) => result.wire === wire)]);
  const measured = wires.filter(([, rows]) => rows.length > 0);
  const cores = results.flatMap(({ clients }) => Object.values(clients).map(({ serverCore }) => serverCore));
  const busiest = Math.round(100 * Math.max(...cores));
  const plain = results.filter(({ wire }) => wire === "plain");
  const inner = toInner(plain);
  return {
    title: both("Sends", "发送"),
    about: both(
      `Texts are sent to a server on this machine, each client from a process of its own; clients take turns in every round. Ours validates, brings tokens and tells the outcome of each send; undici's \`dispatch\` with a constant body checks and builds nothing. It is there twice: with undici's documented handlers, which is the limit that the goal names, and with the inner handlers that undici 7 calls beneath them, without the wrapper that reads every header. Core's own pool uses the inner ones, so they are its true limit.${inner.en} The server used at most ${busiest} % of its core: near 100 % it would be the limit, and not the clients.`,
      `向本机的一个服务端发送文本，每个客户端在各自的进程中，每轮轮流测量。我们的客户端做校验、取令牌并报告每次发送的结果；undici 的 \`dispatch\` 配固定请求体，不校验也不构造任何内容，并测两种：一种用 undici 文档所载的处理器，即目标所指的上限；另一种用 undici 7 在其下调用的内层处理器，没有读取全部响应头的包装。core 自己的连接池用的是内层处理器，因此后者才是它真正的上限。${inner.zh}服务端最多占用其核的 ${busiest} %：接近 100 % 时瓶颈便是它，而非客户端。`,
    ),
    goals: goals(results),
    plots: [...measured.map(([wire, rows]) => ratePlot(wire, rows)), ...(plain.length > 0 ? [cpuPlot(plain)] : [])],
    tables: measured.map(([wire, rows]) => ({ caption: WIRES[wire].name, ...tableOf(rows) })),
  };
}
