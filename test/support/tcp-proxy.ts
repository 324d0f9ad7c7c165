import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";

export interface TcpProxy {
  /** The given URL, by way of the proxy. */
  readonly url: string;
  /** The next answer is lost with its connection: the server has done what it was asked for. */
  loseNextAnswer(): void;
  /** New connections go there; those that stand stay. */
  leadTo(url: string): void;
}

/** Stands between a client and a server until the test ends. */
export async function tcpProxy(url: string): Promise<TcpProxy> {
  let target = new URL(url);
  let losing = false;
  const sockets = new Set<Socket>();
  const proxy = createServer((client) => {
    const server = connect(Number(target.port), target.hostname);
    const end = () => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on("error", end).on("close", end);
    }
    client.on("data", (chunk) => server.write(chunk));
    server.on("data", (chunk) => {
      if (!losing) return client.write(chunk);
      losing = false;
      end();
    });
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  onTestFinished(() => {
    proxy.close();
    for (const socket of sockets) socket.destroy();
  });
  const address = proxy.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const through = new URL(url);
  through.port = String(address.port);
  return {
    url: through.href,
    loseNextAnswer: () => {
      losing = true;
    },
    leadTo: (other) => {
      target = new URL(other);
    },
  };
}
