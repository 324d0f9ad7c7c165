import { lines } from "./charts.mjs";
import { both, figure, spreadText, table } from "./words.mjs";

export function nodeRed({ settings, results: { toRequest, soak } }) {
  const { readings, endToHalf } = soak;
  const head = [
    both("Messages", "消息数"),
    both("Heap MB", "堆 MB"),
    both("Resident MB", "常驻 MB"),
    both("Messages/s", "消息/秒"),
    both("p99 of the loop's delay, ms", "事件循环延迟 p99，毫秒"),
    both("Handles", "句柄"),
  ];
  const rows = readings.map(({ messages, heapMB, rssMB, messagesPerSecond, delayP99, handles }) =>
    [messages, heapMB, rssMB, messagesPerSecond, delayP99, handles].map(figure),
  );
  const [rate, delay] = [spreadText(toRequest.rate), spreadText(toRequest.delayP99)];
  return {
    title: "Node-RED",
    about: both(
      `The node wechat-oa-send beside Node-RED's own http request node, ${settings.inFlight} in flight: ${rate} times its messages a second, at ${delay} times its 99th percentile of the event loop's delay. Then memory and handles over ${figure(settings.soakMessages)} messages, half sent by a flow, half pushed and echoed; memory is read after a garbage collection. At the end the heap is ${endToHalf.heap.toFixed(2)} times, the rate ${endToHalf.rate.toFixed(2)} times that at the half. No number was set as a goal.`,
      `wechat-oa-send 节点与 Node-RED 自带的 http request 节点相比，并发 ${settings.inFlight}：每秒消息数为其 ${rate} 倍，事件循环延迟 p99 为其 ${delay} 倍。随后测 ${figure(settings.soakMessages)} 条消息期间的内存与句柄，一半由流程发送，一半由推送而来并回复；内存在垃圾回收后读取。结束时堆为半程时的 ${endToHalf.heap.toFixed(2)} 倍，速率为 ${endToHalf.rate.toFixed(2)} 倍。未设数值目标。`,
    ),
    goals: [],
    plots: [
      {
        file: "node-red-memory.svg",
        alt: both("Line: heap of Node-RED over the messages", "折线图：Node-RED 的堆随消息数的变化"),
        svg: lines({
          title: "Node-RED: memory over the messages",
          across: "messages",
          unit: "MB",
          min: 0,
          series: [
            { name: "heap", data: readings.map(({ messages, heapMB }) => [messages, heapMB]) },
            { name: "resident", data: readings.map(({ messages, rssMB }) => [messages, rssMB]) },
          ],
        }),
      },
    ],
    tables: [table(head, rows)],
  };
}
