import { type Agent, type IncomingHttpHeaders, request } from "node:http";
import { onTestFinished } from "vitest";
import { startProcess } from "./host.js";

export const TOKEN = "sentinelB3arerT0kenForTests";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface Asking {
  readonly method?: string;
  readonly path?: string;
  /** Undefined takes one of the usual ones away. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** Chunks go out without a content-length. */
  readonly body?: string | readonly string[];
  /** Default: a connection of its own. */
  readonly agent?: Agent;
}

export const call = (name: string, args: object = {}, id = 1) =>
  JSON.stringify({ jsonrpc: "2.0", id, method: "tools/call", params: { name, arguments: args } });

const META = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientInfo": { name: "test-host", version: "1.0.0" },
};

/** What a call of a host says beside its arguments. */
export interface CallExtra {
  /** Default: none. */
  readonly capabilities?: object;
  /** Further fields of the parameters, such as a person's answer. */
  readonly params?: object;
}

/** A tool call of either era, as its clients write it. */
export function callOf(
  era: "2025" | "2026",
  name: string,
  args: object = {},
  { capabilities = {}, params: more = {} }: CallExtra = {},
): Asking {
  if (era === "2025") return { body: call(name, args) };
  const _meta = { ...META, "io.modelcontextprotocol/clientCapabilities": capabilities };
  const params = { name, arguments: args, ...more, _meta };
  return {
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params }),
    headers: { "mcp-protocol-version": "2026-07-28", "mcp-method": "tools/call", "mcp-name": name },
  };
}

/** Sends a request. */
export function begin(port: number, { method = "POST", path = "/mcp", headers, body, agent }: Asking) {
  const usual = {
    host: `127.0.0.1:${port}`,
    authorization: `Bearer ${TOKEN}`,
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
  };
  const given = Object.entries({ ...usual, ...headers }).filter(([, value]) => value !== undefined);
  const sending = request({
    host: "127.0.0.1",
    port,
    method,
    path,
    agent: agent ?? false,
    headers: Object.fromEntries(given),
  });
  const answer = new Promise<Answer>((resolve, reject) => {
    sending.once("error", reject);
    sending.once("response", (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.once("error", reject);
      response.once("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
  });
  for (const chunk of typeof body === "object" ? body : []) sending.write(chunk);
  sending.end(typeof body === "string" ? body : undefined);
  return { answer, goAway: () => sending.destroy() };
}

export const ask = (port: number, asking: Asking): Promise<Answer> => begin(port, asking).answer;

/** The message in an answer, which is JSON or one event. */
export function messageOf({ text }: Answer) {
  const [, data] = /^data: (.*)$/m.exec(text) ?? [];
  return JSON.parse(data ?? text);
}

/** The server as a process of its own with --http, ended after the test. */
export async function startHttp(env: Record<string, string | undefined>, args: readonly string[] = []) {
  const server = startProcess({ WECHAT_MCP_HTTP_TOKEN: TOKEN, ...env }, ["--http", "--port", "0", ...args]);
  onTestFinished(async () => {
    server.child.kill("SIGKILL");
    await server.ended;
  });
  // The last thing that a start says.
  await server.seen("stderr", env.WECHAT_MCP_READ_ONLY ? "Read-only: on" : "AI label");
  const [, origin = "", port = ""] = /MCP is at (http:\/\/\S+?:(\d+))\/mcp/.exec(server.output.stderr) ?? [];
  return { ...server, origin, port: Number(port), url: `${origin}/mcp` };
}
