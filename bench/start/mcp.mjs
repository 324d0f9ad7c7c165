// MCP servers over stdio: from spawn to the answer to the first tools/list. What is timed is lines of JSON-RPC written
// here: no client library.
import { join } from "node:path";
import { started } from "./measure.mjs";

/** The newest revision that the contenders of both SDK lines speak. */
const PROTOCOL = "2025-06-18";

/** One tool with a schema of zod, over stdio. */
const BARE_V2 = `
import { McpServer } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import * as z from "zod";

serveStdio(() => {
  const server = new McpServer({ name: "bare", version: "1.0.0" });
  const inputSchema = z.object({ name: z.string() });
  server.registerTool("greet", { description: "Greets.", inputSchema }, async ({ name }) => ({
    content: [{ type: "text", text: "Hello " + name }],
  }));
  return server;
});
`;
const BARE_V1 = `
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import * as z from "zod";

const server = new McpServer({ name: "bare", version: "1.0.0" });
const inputSchema = { name: z.string() };
server.registerTool("greet", { description: "Greets.", inputSchema }, async ({ name }) => ({
  content: [{ type: "text", text: "Hello " + name }],
}));
await server.connect(new StdioServerTransport());
`;
const OURS_ENTRY = "node_modules/@wechat-offiaccount/mcp/dist/cli.js";

/**
 * What is installed, what is started, and in which environment. The first is what the others are compared with.
 * @param ours the packed packages
 * @param root a folder for what they write
 */
export function mcpServers(ours, root) {
  const account = { WECHAT_APP_ID: "wx0123456789abcdef", WECHAT_APP_SECRET: "bench", WECHAT_MCP_RECIPIENTS: "*" };
  const packages = [ours.core, ours.mcp];
  return {
    "bare server, SDK v2": {
      packages: ["@modelcontextprotocol/server@2", "zod@4"],
      entry: "server.mjs",
      source: BARE_V2,
    },
    "bare server, SDK v1": { packages: ["@modelcontextprotocol/sdk@1", "zod@4"], entry: "server.mjs", source: BARE_V1 },
    "ours, no inbox": { packages, npm: ["--omit=optional"], entry: OURS_ENTRY, env: account },
    "ours, sqlite inbox": {
      packages,
      entry: OURS_ENTRY,
      env: { ...account, WECHAT_INBOX: `sqlite:${join(root, "inbox.db")}` },
    },
    "server-everything": {
      packages: ["@modelcontextprotocol/server-everything"],
      entry: "node_modules/@modelcontextprotocol/server-everything/dist/index.js",
    },
    "notion-mcp-server": {
      packages: ["@notionhq/notion-mcp-server"],
      entry: "node_modules/@notionhq/notion-mcp-server/bin/cli.mjs",
      env: { NOTION_TOKEN: "bench" },
    },
  };
}

/** Starts a server, asks for its tools, and ends it. */
export function startMcp(folder, { entry, env = {} }) {
  const environment = { PATH: process.env.PATH, HOME: folder, ...env };
  return started([entry], { cwd: folder, env: environment }, async (nextLine, stdin) => {
    const say = (message) => stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
    const answerTo = async (id) => {
      for (;;) {
        const message = JSON.parse(await nextLine());
        if (message.id === id && "result" in message) return message.result;
        if (message.id === id && "error" in message) throw new Error(`${entry}: ${message.error.message}`);
      }
    };
    const clientInfo = { name: "bench", version: "1.0.0" };
    say({ id: 1, method: "initialize", params: { protocolVersion: PROTOCOL, capabilities: {}, clientInfo } });
    await answerTo(1);
    say({ method: "notifications/initialized" });
    say({ id: 2, method: "tools/list", params: {} });
    const { tools } = await answerTo(2);
    if (tools.length === 0) throw new Error(`${entry} has no tools`);
  });
}
