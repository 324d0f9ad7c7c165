// The MCP server over stdio, called by a host. What is spoken are lines of JSON-RPC written here: a client library would
// take more of the machine than the server.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { DEFAULT_APP_ID, DEFAULT_APP_SECRET } from "@wechat-offiaccount/simulator";

const SERVER = fileURLToPath(new URL("../../packages/mcp/dist/cli.js", import.meta.url));
const PRELOADED = ["jumping-clock.mjs", "mcp-witness.mjs"].flatMap((name) => [
  "--import",
  new URL(name, import.meta.url).href,
]);
const PROTOCOL = "2025-06-18";

export async function open({ baseUrl }) {
  const server = spawn(process.execPath, [...PRELOADED, SERVER], {
    env: {
      ...process.env,
      WECHAT_APP_ID: DEFAULT_APP_ID,
      WECHAT_APP_SECRET: DEFAULT_APP_SECRET,
      WECHAT_API_BASE_URL: baseUrl,
      WECHAT_MCP_RECIPIENTS: "*",
      WECHAT_MCP_RATE_PER_FOLLOWER: "off",
      WECHAT_MCP_RATE_TOTAL: "off",
    },
    stdio: ["pipe", "pipe", "pipe", "ipc"],
  });
  const exit = once(server, "exit");
  let said = "";
  server.stderr.setEncoding("utf8").on("data", (words) => {
    said = (said + words).slice(-4000);
  });
  let closing = false;
  exit.then(([code, signal]) => {
    if (closing) return;
    console.error(`the MCP server ended: ${code ?? signal}\n${said}`);
    process.exit(1);
  });

  const waiting = new Map();
  let lastId = 0;
  const say = (message) => server.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  const ask = (method, params) =>
    new Promise((resolve) => {
      const id = ++lastId;
      waiting.set(id, resolve);
      say({ id, method, params });
    });
  createInterface({ input: server.stdout }).on("line", (line) => {
    const answer = JSON.parse(line);
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });

  const asked = new Map();
  server.on("message", ({ id, seen }) => {
    asked.get(id)(seen);
    asked.delete(id);
  });
  const takeNotes = (id) =>
    new Promise((resolve) => {
      asked.set(id, resolve);
      server.send({ takeNotes: id });
    });

  const clientInfo = { name: "faults", version: "1.0.0" };
  await ask("initialize", { protocolVersion: PROTOCOL, capabilities: {}, clientInfo });
  say({ method: "notifications/initialized" });
  const claimOf = async ({ openid, text }) =>
    claimIn(await ask("tools/call", { name: "send_wechat_text", arguments: { openid, text } }));
  return {
    begin: () => ({ claimOf, takeNotes, end: async () => {} }),
    close: async () => {
      closing = true;
      server.stdin.end();
      await exit;
    },
  };
}

/** A host reads the structured result, the text or the error flag: all must say the same. */
function claimIn({ error, result }) {
  if (error) return { delivery: `none: ${error.message}`, parts: [] };
  const { structuredContent, content, isError = false } = result;
  const { delivery, parts, code, errcode } = structuredContent;
  const inWords = content.map(({ text }) => text).join("\n");
  const saysSo = isError ? inWords.includes(`\ndelivery: ${delivery}\n`) : delivery === "delivered";
  const told = saysSo ? delivery : `${delivery}, but: ${inWords}`;
  return { delivery: told, parts: parts.map((part) => part.delivery), code, errcode };
}
