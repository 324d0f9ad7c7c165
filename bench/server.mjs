// The other side of the benchmarks, in a process of its own: answers every send at once, and token calls.
import { createServer } from "node:http";

const token = JSON.stringify({ access_token: "bench", expires_in: 7200 });
const ok = JSON.stringify({ errcode: 0, errmsg: "ok" });
const server = createServer((request, response) => {
  const answer = request.url.includes("token?") || request.url.endsWith("stable_token") ? token : ok;
  request.resume().on("end", () => {
    response.writeHead(200, { "Content-Type": "application/json", "Content-Length": answer.length });
    response.end(answer);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => process.send(server.address().port));
process.on("disconnect", () => process.exit());
