// node fetch-server.mjs PROGRAM   serves what the program exports as `default.fetch` on PORT, as servers of that style do.
import { once } from "node:events";
import { createServer } from "node:http";
import { buffer } from "node:stream/consumers";

const { default: program } = await import(process.argv[2]);
const server = createServer(async (request, response) => {
  const { method, url, headers } = request;
  const body = method === "GET" ? undefined : await buffer(request);
  const answer = await program.fetch(new Request(`http://${headers.host}${url}`, { method, headers, body }));
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  response.end(await answer.text());
});
server.listen(Number(process.env.PORT));
await once(server, "listening");
