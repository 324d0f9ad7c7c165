// The other side of a send, in a process of its own: node:net with as little HTTP as the clients need, so that the
// server has room on its core while the client fills its own. One port is plain, one TLS, one answers after a while.

import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { createServer as createTlsServer } from "node:tls";

const [keyFile, certFile, latency] = process.argv.slice(2);
const END_OF_HEADERS = "\r\n\r\n";

const answerOf = (body) =>
  Buffer.from(
    `HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Type: application/json; encoding=utf-8\r\nDate: ${new Date().toUTCString()}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
const TOKEN = answerOf(JSON.stringify({ access_token: "bench", expires_in: 7200 }));
const OK = answerOf(JSON.stringify({ errcode: 0, errmsg: "ok" }));
/** Of a token call: GET /cgi-bin/token?… or POST /cgi-bin/stable_token. */
const TOKEN_CALL = /^[A-Z]+ \S*token(?:\?grant_type\S*)? /;

function serve(delay) {
  return (socket) => {
    let held = Buffer.alloc(0);
    const answer = (bytes) => {
      if (delay > 0) setTimeout(() => socket.write(bytes), delay);
      else socket.write(bytes);
    };
    socket.setNoDelay(true);
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      for (let end = held.indexOf(END_OF_HEADERS); end !== -1; end = held.indexOf(END_OF_HEADERS)) {
        const head = held.latin1Slice(0, end);
        if (/^transfer-encoding:/im.test(head)) throw new Error("a body without its length");
        const size = end + END_OF_HEADERS.length + Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
        if (held.length < size) return;
        held = held.subarray(size);
        answer(TOKEN_CALL.test(head) ? TOKEN : OK);
      }
    });
  };
}

const tls = { key: readFileSync(keyFile), cert: readFileSync(certFile) };
const servers = {
  plain: createServer(serve(0)),
  tls: createTlsServer(tls, serve(0)),
  slow: createServer(serve(Number(latency))),
};
const listening = (server) => new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
await Promise.all(Object.values(servers).map(listening));
const { plain, tls: secure, slow } = servers;
process.send({
  plain: `http://127.0.0.1:${plain.address().port}`,
  tls: `https://localhost:${secure.address().port}`,
  slow: `http://127.0.0.1:${slow.address().port}`,
});
process.on("message", () => process.send(process.cpuUsage()));
process.on("disconnect", () => process.exit());
