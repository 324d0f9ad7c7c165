// The MCP server under soak: over stdio with one client, and over HTTP with several that come and go.

import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { Agent as Connections, fetch } from "undici";
import { Agent } from "./agent.mjs";
import { Child } from "./child.mjs";

const CLI = fileURLToPath(new URL("../../packages/mcp/dist/cli.js", import.meta.url));
const INFO = { name: "soak", version: "1.0.0" };
const BEARER = "soakBearerToken0123456789";
const CALLBACK_PATH = "/wechat";
/** HTTP clients at a time, and the seconds that each stays. */
const CLIENTS = 3;
const STAYS = [5, 25];
/** Of both protocol eras. */
const ERAS = [{ versionNegotiation: { mode: "auto" } }, {}];

const environment = ({ account, baseUrl, folder, name, inbox }) => ({
  WECHAT_APP_ID: account.appId,
  WECHAT_APP_SECRET: account.secret,
  WECHAT_API_BASE_URL: baseUrl,
  WECHAT_INBOX: inbox,
  WECHAT_MCP_AUDIT_FILE: join(folder, `${name}-audit.jsonl`),
  // Above what the traffic needs, so that messages are counted and none is refused. In all they are not counted: each
  // send reads the times of all of the last minute, and such a limit is for tens of messages.
  WECHAT_MCP_RATE_PER_FOLLOWER: "100",
  WECHAT_MCP_RATE_TOTAL: "off",
});

/** JSON-RPC by lines with a process that we have started, so that it has the channel of the probe too. */
class LinesTransport {
  constructor(child) {
    this.child = child;
  }

  async start() {
    // Anything else on stdout is no JSON, and ends the soak.
    createInterface({ input: this.child.stdout }).on("line", (line) => this.onmessage?.(JSON.parse(line)));
    this.child.once("exit", () => this.onclose?.());
  }

  async send(message) {
    if (!this.child.stdin.write(`${JSON.stringify(message)}\n`)) await once(this.child.stdin, "drain");
  }

  async close() {
    this.child.stdin.end();
  }
}

/**
 * The server over stdio. What followers write comes into its inbox by another process, which has the same file.
 * @param inbox as in WECHAT_INBOX
 */
export async function openStdioDoor({ account, simulator, book, folder, inbox }) {
  const name = "stdio";
  const env = environment({ account, baseUrl: simulator.url, folder, name, inbox });
  const child = new Child(name, [CLI], { env, folder });
  const client = new Client(INFO, ERAS[0]);
  await client.connect(new LinesTransport(child.process));
  const ending = new AbortController();
  const served = told(book, name, new Agent(book).serve(client, ending.signal));
  return {
    child,
    /** As a host that quits: stdin is closed, with a wait under way. */
    end: async () => {
      const over = await child.end(() => {
        ending.abort();
        child.process.stdin.end();
      });
      await served;
      return over;
    },
  };
}

/** The server over HTTP, which takes WeChat's pushes itself. */
export async function openHttpDoor({ account, callback, simulator, book, folder }) {
  const name = "http";
  const env = {
    ...environment({ account, baseUrl: simulator.url, folder, name, inbox: `sqlite:${join(folder, "http.db")}` }),
    WECHAT_MCP_HTTP_TOKEN: BEARER,
    WECHAT_CALLBACK_TOKEN: callback.callbackToken,
    WECHAT_ENCODING_AES_KEY: callback.encodingAesKey,
  };
  const child = new Child(name, [CLI, "--http", "--port", "0", "--callback-path", CALLBACK_PATH], { env, folder });
  const [, origin] = await child.said(/MCP is at (http:\/\/\S+)\/mcp/);
  await simulator.setCallback({ callback: `${origin}${CALLBACK_PATH}`, ...callback }, account.appId);
  const ending = new AbortController();
  const slots = Array.from({ length: CLIENTS }, (_, slot) => serveSlot(slot, { origin, book, ending: ending.signal }));
  const served = told(book, name, Promise.all(slots));
  return {
    child,
    /** As a service manager does it, with clients that wait. */
    end: async () => {
      const over = await child.end(() => {
        ending.abort();
        child.process.kill("SIGTERM");
      });
      await served;
      return over;
    },
  };
}

const told = (book, name, work) => work.catch((error) => book.trouble(`the agent at ${name} ended: ${error.message}`));

/** One client after another, for a share of the followers. */
async function serveSlot(slot, { origin, book, ending }) {
  const agent = new Agent(book, (openid) => Number(openid.slice(-6)) % CLIENTS === slot);
  for (let turn = slot; !ending.aborted; turn++) {
    const client = new Client(INFO, ERAS[turn % ERAS.length]);
    // Its own, so that they end with it, as with a host that is closed.
    const dispatcher = new Connections();
    const transport = new StreamableHTTPClientTransport(new URL(`${origin}/mcp`), {
      requestInit: { headers: { authorization: `Bearer ${BEARER}` } },
      fetch: (url, init) => fetch(url, { ...init, dispatcher }),
    });
    await client.connect(transport);
    const stay = STAYS[0] + ((turn * 7) % (STAYS[1] - STAYS[0]));
    await agent.serve(client, AbortSignal.any([ending, AbortSignal.timeout(stay * 1000)]));
    await client.close();
    await dispatcher.destroy();
  }
}
