import { once } from "node:events";
import { createServer, request } from "node:http";
import { onTestFinished } from "vitest";

/**
 * For clients that cannot send a token: adds it to each request, and changes nothing else of what is asked or answered,
 * Host and Origin included. Until the test ends.
 * @param url of the server
 * @returns the same URL by way of the proxy
 */
export async function bearerProxy(url: string, token: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const proxy = createServer((incoming, response) => {
    const { method, url: path, headers } = incoming;
    const forwarded = request({
      hostname,
      port,
      method,
      path,
      headers: { ...headers, authorization: `Bearer ${token}` },
    });
    forwarded.on("response", (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      // A stream may be silent for a while.
      response.flushHeaders();
      answer.on("error", () => response.destroy()).pipe(response);
    });
    forwarded.on("error", () => response.destroy());
    response.on("close", () => forwarded.destroy());
    incoming.pipe(forwarded);
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  onTestFinished(() => {
    proxy.close();
    proxy.closeAllConnections();
  });
  const address = proxy.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const through = new URL(url);
  through.port = String(address.port);
  return through.href;
}
