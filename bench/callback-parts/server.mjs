// One contender behind node:http, in a process of its own: node server.mjs <contender> <kind> <folder of the library>
import { createServer } from "node:http";
import { bareWork, callback, library } from "./contenders.mjs";

const [contender, kind, folder] = process.argv.slice(2);
let handled = 0;
const onMessage = () => void handled++;

function bare(request, response) {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    if (bareWork(kind, request.url, Buffer.concat(chunks)).MsgId) handled++;
    response.writeHead(200, { "content-type": "text/plain; charset=utf-8", "content-length": 7 });
    response.end("success");
  });
}

const LISTENERS = {
  bare: () => bare,
  core: () => callback(kind, onMessage).listener,
  library: () => library(folder, kind, onMessage),
};
const server = createServer(LISTENERS[contender]()).listen(0, "127.0.0.1", () => process.send(server.address().port));
// What was handled since the last question, and the CPU microseconds it took, all threads.
let before = process.cpuUsage();
process.on("message", () => {
  const { user, system } = process.cpuUsage(before);
  process.send({ handled, cpu: user + system });
  handled = 0;
  before = process.cpuUsage();
});
process.on("disconnect", () => process.exit());
