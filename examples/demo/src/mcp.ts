import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";

const PACKAGE = createRequire(import.meta.url).resolve("@wechat-offiaccount/mcp/package.json");

export interface McpHost {
  /** Calls the tool as an LLM host would, and returns what the model would read. */
  sendText(openid: string, text: string): Promise<{ ok: boolean; words: string }>;
  close(): Promise<void>;
}

/** Starts our MCP server over stdio with a client of the SDK that most hosts use. */
export async function startMcp(account: NodeJS.ProcessEnv): Promise<McpHost> {
  const client = new Client({ name: "wechat-offiaccount-demo", version: "0.1.0" });
  const env = Object.fromEntries(Object.entries({ PATH: process.env.PATH, ...account }).filter(isSet));
  const args = [join(dirname(PACKAGE), "dist", "cli.js")];
  const transport = new StdioClientTransport({ command: process.execPath, args, env, stderr: "pipe" });
  // The server's own words are of interest only if it does not start.
  let words = "";
  transport.stderr?.on("data", (chunk) => {
    words += chunk;
  });
  await client.connect(transport).catch((error) => {
    throw new Error(`the MCP server did not start: ${words || error}`);
  });
  return {
    async sendText(openid, text) {
      const result = await client.callTool({ name: "send_wechat_text", arguments: { openid, text } });
      const content = Array.isArray(result.content) ? result.content : [];
      return { ok: !result.isError, words: String(content[0]?.text ?? "") };
    },
    close: () => client.close(),
  };
}

const isSet = (pair: [string, string | undefined]): pair is [string, string] => pair[1] !== undefined;
