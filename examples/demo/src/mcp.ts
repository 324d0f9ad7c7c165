import { type ChildProcess, fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { DemoAccount } from "./account.js";
import type { Service } from "./service.js";

const PACKAGE = dirname(createRequire(import.meta.url).resolve("@wechat-offiaccount/mcp/package.json"));

const END_WITH_PARENT = new URL("./end-with-parent.js", import.meta.url).href;

/** What a tool answered: what programs read, and what a model reads. */
export interface Answer {
  readonly ok: boolean;
  readonly words: string;
  readonly content: Record<string, unknown>;
}

export interface McpServer extends Service {
  readonly url: string;
  /** Holds the token that hosts send. */
  readonly tokenFile: string;
  /** Calls a tool as an LLM host would, with the client of the SDK that most hosts use. */
  call(tool: string, input: Record<string, unknown>, signal?: AbortSignal): Promise<Answer>;
}

/**
 * Starts our MCP server over HTTP, beside the inbox that Node-RED fills.
 * @param keep gets what has to be closed, before there is anything to leave behind
 */
export async function startMcp(
  port: number,
  account: DemoAccount,
  keep: (service: Service) => void,
): Promise<McpServer> {
  const tokenFile = join(account.folder, "mcp-http-token");
  const token = randomBytes(24).toString("base64url");
  await writeFile(tokenFile, token, { mode: 0o600 });
  const env = {
    PATH: process.env.PATH,
    ...account.env,
    WECHAT_INBOX: `sqlite:${account.inboxFile}`,
    WECHAT_MCP_HTTP_TOKEN_FILE: tokenFile,
  };
  const args = ["--http", "--port", String(port)];
  // Ctrl-C reaches a whole process group; the demo decides when this process ends.
  const child = fork(join(PACKAGE, "dist", "cli.js"), args, {
    env,
    execArgv: ["--import", END_WITH_PARENT],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    detached: true,
  });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  const client = new Client({ name: "wechat-offiaccount-demo", version: "0.1.0" });
  const close = async () => {
    await client.close();
    child.kill("SIGTERM");
    await exited;
  };
  keep({ close });
  const url = await address(child);
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));
  const call: McpServer["call"] = async (name, input, signal) => {
    const result = await client.callTool({ name, arguments: input }, undefined, { signal });
    const [first] = Array.isArray(result.content) ? result.content : [];
    return { ok: !result.isError, words: String(first?.text ?? ""), content: { ...Object(result.structuredContent) } };
  };
  return { url, tokenFile, call, close };
}

/** Where the server says that it listens. Its other words are of interest only if it does not start. */
function address(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let words = "";
    child.stderr?.on("data", (chunk) => {
      words += chunk;
      const url = /http:\/\/\S+\/mcp/.exec(words)?.[0];
      if (url) resolve(url);
    });
    child.once("exit", () => reject(new Error(`the MCP server did not start: ${words}`)));
  });
}
