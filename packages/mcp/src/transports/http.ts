import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createMcpHandler, type McpHttpHandler, type McpServer } from "@modelcontextprotocol/server";
import { MCP_PATH } from "../flags.js";
import type { HttpAccess } from "./http-access.js";
import { BodyRefusal, MAX_BODY, readJson } from "./http-body.js";
import { Exchanges } from "./http-exchanges.js";

/** Milliseconds. */
const LIMITS = {
  // For a whole request; its answer may take longer.
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 5_000,
  // Longer than proxies keep theirs, mostly 60 s: else they send into a connection that is just being closed.
  keepAliveTimeout: 65_000,
};
/** Milliseconds without a byte either way. The longest silence of ours is a wait of 55 s. */
const SILENCE = 120_000;
/** A wait holds its connection. */
const CONNECTIONS = 1_000;
/** Milliseconds for calls under way when the server ends: `docker stop` kills after 10 s. */
const GRACE = 8_000;

/** Answers belong to one caller; proxies shall neither keep nor delay them. */
const HEADERS = { "cache-control": "no-store, no-transform", "x-content-type-options": "nosniff" };

export interface HttpOptions {
  /** A name or an address of this machine. */
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly access: HttpAccess;
  /** What is served at other paths, without the checks of `access`: WeChat's callback has its own. */
  readonly callbacks?: ReadonlyMap<string, RequestListener> | undefined;
  /** Hears that the connection ends, before calls under way are waited for. */
  readonly onclosing?: (() => void) | undefined;
  /** Told of requests that could not be read or answered. */
  readonly onerror?: ((error: Error) => void) | undefined;
}

export interface HttpConnection {
  /** The port that it listens on. */
  readonly port: number;
  /** Resolves when the connection has ended, after `close`. */
  readonly closed: Promise<void>;
  /**
   * Takes no further requests, waits for calls under way, then cancels them.
   * @param within milliseconds to wait at most. Default 8000
   */
  close(within?: number): Promise<void>;
}

/**
 * Serves MCP over Streamable HTTP at `/mcp`, in the protocol revision that each request asks for. Nothing is kept
 * between requests: each has a server of its own, so that no client can get another one's answers (CVE-2026-25536).
 * @throws what node:http says if it cannot listen there, such as EADDRINUSE
 */
export async function serveOverHttp(create: () => McpServer, options: HttpOptions): Promise<HttpConnection> {
  // Who serves stdio only does not load it.
  const { toNodeHandler } = await import("@modelcontextprotocol/node");
  const onerror = (error: Error) => options.onerror?.(error);
  const mcp = createMcpHandler(create, { onerror });
  const exchanges = new Exchanges();

  const serveMcp = async (incoming: IncomingMessage, response: ServerResponse) => {
    const refusal = options.access.refuse(incoming.headers);
    if (refusal) return answer(response, refusal.status, errorOf(-32000, refusal.message), refusal.headers);
    // Not left to the SDK: it would go on with a copy of the request, and after a garbage collection that copy's signal
    // does not tell any more that the client went away (server 2.4.0, 2025 revisions).
    const body = incoming.method === "POST" ? await readJson(incoming) : undefined;
    const fetch: McpHttpHandler["fetch"] = async (request, given) => {
      const answered = await mcp.fetch(request, given);
      for (const [name, value] of Object.entries(HEADERS)) answered.headers.set(name, value);
      return answered;
    };
    await toNodeHandler({ fetch }, { onerror, maxRequestBodySize: MAX_BODY })(incoming, response, body);
  };

  const route = async (incoming: IncomingMessage, response: ServerResponse) => {
    const [path = ""] = (incoming.url ?? "").split("?", 1);
    const callback = options.callbacks?.get(path);
    if (exchanges.ending) return answer(response, 503, { error: "This server is ending." }, { connection: "close" });
    if (path === MCP_PATH) return serveMcp(incoming, response);
    if (callback) return callback(incoming, response);
    answer(response, 404, { error: `There is nothing here. MCP is at ${MCP_PATH}.` });
  };

  const server = createServer(LIMITS, (incoming, response) => {
    exchanges.add(incoming, response);
    route(incoming, response).catch((error: unknown) => {
      if (error instanceof BodyRefusal) answer(response, error.status, errorOf(error.code, error.message));
      else onerror(error instanceof Error ? error : new Error("unknown"));
    });
  });
  server.setTimeout(SILENCE);
  server.maxConnections = CONNECTIONS;
  server.listen(options.port, options.host);
  await once(server, "listening");
  const address = server.address();
  // Such as too many open files: the connection is lost, and the server goes on.
  server.on("error", onerror);
  const closed = new Promise<void>((resolve) => server.once("close", resolve)).then(() => mcp.close());
  return {
    port: typeof address === "object" && address ? address.port : options.port,
    closed,
    close: (within = GRACE) => {
      options.onclosing?.();
      exchanges.end(server, within);
      return closed;
    },
  };
}

function answer(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
) {
  if (response.headersSent || response.destroyed) return;
  const line = `${JSON.stringify(body)}\n`;
  response.writeHead(status, {
    ...HEADERS,
    ...headers,
    "content-type": "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(line),
  });
  response.end(line);
}

/** As the SDK answers what it refuses. */
const errorOf = (code: number, message: string) => ({ jsonrpc: "2.0", error: { code, message }, id: null });
