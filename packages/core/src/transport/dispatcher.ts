import type { Dispatcher, Pool } from "undici";

/** How to reach the API's origin. */
export interface DispatcherOptions {
  readonly origin: string;
  /** A proxy's URL, or `env` for HTTP_PROXY, HTTPS_PROXY and NO_PROXY. */
  readonly proxy: string | undefined;
  /** Connections at most. */
  readonly connections: number;
}

/** Milliseconds to make a connection: short enough that a dead host leaves time to ask another one. */
const CONNECT_TIMEOUT = 4_000;

/** undici costs tens of milliseconds to load, so it is loaded for the first exchange, not with this module. */
export async function createDispatcher({ origin, proxy, connections }: DispatcherOptions): Promise<Dispatcher> {
  const { EnvHttpProxyAgent, Pool, ProxyAgent } = await import("undici");
  if (proxy === undefined) return new Pool(origin, { connections, connect: { timeout: CONNECT_TIMEOUT } });
  const clientFactory = (url: URL, options: object) => endingTunnels(new Pool(url, options));
  if (proxy === "env") return new EnvHttpProxyAgent({ connections, clientFactory });
  return new ProxyAgent({ uri: proxy, connections, clientFactory });
}

const NO_TUNNEL = "the proxy made no tunnel";

/** Whether a connection failed at the proxy: not reached, no tunnel, or a refusal (undici's "Proxy response (403) …"). */
export const failedAtProxy = ({ message }: Error): boolean =>
  message.startsWith(NO_TUNNEL) || message.startsWith("Proxy response (");

/** The HTTP status with which the proxy refused, if it did. */
export const refusalOfProxy = ({ message }: Error): string | undefined =>
  /^Proxy response \((\d+)\)/.exec(message)?.[1];

/**
 * A proxy that closes the connection instead of answering CONNECT fails with UND_ERR_SOCKET, which undici 7.30 takes
 * for a connection that was in use, and connects again without pause or end. Under another code it fails the request.
 */
function endingTunnels(pool: Pool): Pool {
  const connect = pool.connect.bind(pool) as (options: Dispatcher.ConnectOptions) => Promise<Dispatcher.ConnectData>;
  const ending = (options: Dispatcher.ConnectOptions) =>
    connect(options).catch((error: unknown) => {
      const words = error instanceof Error ? error.message : String(error);
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      throw Object.assign(new Error(`${NO_TUNNEL}: ${words}`), {
        code: code === "UND_ERR_SOCKET" ? "ERR_PROXY_CLOSED" : code,
      });
    });
  return Object.assign(pool, { connect: ending });
}
