import { once } from "node:events";
import { createServer, request } from "node:http";
import { pipeline } from "node:stream";
import { onTestFinished } from "vitest";

export interface RoundRobin {
  /** Without a slash at the end. */
  readonly origin: string;
  /** Which server got each request, in order: its place in the list, and the start of the body. */
  readonly served: readonly { readonly server: number; readonly body: string }[];
}

/** A load balancer that knows no sessions: each request goes to the next of the servers. Ends with the test. */
export async function roundRobin(ports: readonly number[]): Promise<RoundRobin> {
  const served: { server: number; body: string }[] = [];
  const balancer = createServer((incoming, response) => {
    const server = served.length % ports.length;
    const entry = { server, body: "" };
    served.push(entry);
    incoming.on("data", (chunk: Buffer) => {
      entry.body += chunk;
    });
    const { method, url: path, headers } = incoming;
    const onward = request(
      { host: "127.0.0.1", port: ports[server], method, path, headers, agent: false },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        // Who goes away at one end is gone at the other.
        pipeline(answer, response, () => {});
      },
    );
    onward.once("error", () => response.destroy());
    response.once("close", () => onward.destroy());
    incoming.pipe(onward);
  });
  balancer.listen(0, "127.0.0.1");
  await once(balancer, "listening");
  onTestFinished(() => {
    balancer.close();
    balancer.closeAllConnections();
  });
  const address = balancer.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { origin: `http://127.0.0.1:${address.port}`, served };
}
