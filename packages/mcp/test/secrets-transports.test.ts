import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSimulator, DEFAULT_APP_ID, DEFAULT_FOLLOWER, type FaultKind } from "@wechat-offiaccount/simulator";
import { describe, expect, it, onTestFinished } from "vitest";
import { OPT_IN_TOOLS } from "../src/tools/opt-in.js";
import { startProcess } from "./support/host.js";
import { type Asking, ask, call, callOf, startHttp, TOKEN } from "./support/http.js";

const APP_SECRET = "5e47195ecee7000000000005e2719e11";
const CALLBACK_TOKEN = "sentinelCa11backT0ken";
const AES_KEY = "sentine1AesKeyJKLMNOPQRSTUVWXYZabcdefghijkl";
const PROXY_PASSWORD = "sentinel-of-the-proxy";
const KNOWN = [APP_SECRET, CALLBACK_TOKEN, AES_KEY, TOKEN, PROXY_PASSWORD];
/** What no output may hold, in the forms that headers and URLs give it. */
const formsOf = (secret: string) => [
  secret,
  encodeURIComponent(secret),
  Buffer.from(secret).toString("base64").replace(/=+$/, ""),
  // As it stands in Proxy-Authorization.
  Buffer.from(`user:${secret}`).toString("base64").replace(/=+$/, ""),
];

const openid = DEFAULT_FOLLOWER;
/** A call of every tool, and some that are wrong. */
const CALLS: readonly (readonly [tool: string, input: object])[] = [
  ["send_wechat_text", { openid, text: "hi" }],
  ["send_wechat_message", { openid, type: "image", media_id: "made-up" }],
  ["send_wechat_template", { openid, template_id: "made-up", data: [] }],
  ["set_wechat_typing", { openid }],
  ["transfer_to_human", { openid }],
  ["check_wechat_account", {}],
  ["list_wechat_conversations", {}],
  ["read_wechat_conversation", { openid }],
  ["wait_for_wechat_message", { timeout_seconds: 1 }],
  ["send_wechat_text", { openid, text: 7 }],
  ["send_wechat_template", { openid: "", template_id: "x", data: "x" }],
  ["no_such_tool", {}],
];

/** A running server of one transport, and all that comes out of it. */
interface Door {
  call(tool: string, input: object): Promise<string>;
  /** Ends the server; what came out of it. */
  end(): Promise<{ stdout: string; stderr: string; answers: string }>;
}

const DOORS = { stdio: openStdio, HTTP: openHttp } satisfies Record<string, (env: Env) => Promise<Door>>;
type Env = Readonly<Record<string, string>>;

async function openStdio(env: Env): Promise<Door> {
  const server = startProcess({ WECHAT_MCP_HTTP_TOKEN: TOKEN, ...env });
  onTestFinished(() => void server.child.kill("SIGKILL"));
  let id = 0;
  const answerTo = (mine: number) =>
    // The last one may still be being written.
    server.output.stdout
      .split("\n")
      .slice(0, -1)
      .find((line) => JSON.parse(line).id === mine);
  const exchange = async (method: string, params: object) => {
    const mine = ++id;
    server.write(JSON.stringify({ jsonrpc: "2.0", id: mine, method, params }));
    await expect.poll(() => answerTo(mine), { timeout: 40_000 }).toBeDefined();
    return answerTo(mine) ?? "";
  };
  const clientInfo = { name: "test-host", version: "1.0.0" };
  await exchange("initialize", { protocolVersion: "2025-11-25", capabilities: {}, clientInfo });
  return {
    call: (name, args) => exchange("tools/call", { name, arguments: args }),
    async end() {
      // What is no message, and what may hold anything.
      for (const line of ["", "no JSON", `{"jsonrpc":"2.0","method":"${TOKEN}"}`, `"${APP_SECRET}"`])
        server.write(line);
      await exchange("no/such/method", {});
      server.child.stdin.end();
      return { ...(await server.ended), answers: "" };
    },
  };
}

const BIG = "x".repeat(1024 * 1024 + 1);
const LIST = { body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}' };
/** What is refused before a tool is called, and how. */
const REFUSED: readonly (readonly [status: number, asking: Asking])[] = [
  [401, { ...LIST, headers: { authorization: undefined } }],
  [401, { ...LIST, headers: { authorization: `Bearer ${TOKEN}x` } }],
  [401, { ...LIST, headers: { authorization: undefined }, path: `/mcp?token=${TOKEN}` }],
  [403, { ...LIST, headers: { host: `${TOKEN}.example` } }],
  [403, { ...LIST, headers: { origin: `https://${TOKEN}.example` } }],
  [404, { ...LIST, path: `/${APP_SECRET}?token=${TOKEN}` }],
  [405, { method: "GET" }],
  [413, { body: BIG }],
  [413, { body: [BIG, BIG] }],
  [400, { body: `{"${APP_SECRET}` }],
  [400, { body: `"${APP_SECRET}"` }],
  [400, { ...callOf("2026", "send_wechat_text"), body: call(TOKEN) }],
  // WeChat's callback: a forged push, and one that cannot be read.
  [403, { path: "/wechat?msg_signature=0&timestamp=1500000000&nonce=1", body: `<xml>${TOKEN}</xml>` }],
  [400, { path: "/wechat", body: AES_KEY }],
];

async function openHttp(env: Env): Promise<Door> {
  const server = await startHttp(env, ["--callback-path", "/wechat"]);
  let answers = "";
  let calls = 0;
  const exchange = async (asking: Asking) => {
    const { status, headers, text } = await ask(server.port, asking);
    answers += JSON.stringify(headers) + text;
    return { status, text };
  };
  return {
    // Half of the calls as hosts of the 2026 revision write them.
    call: async (tool, input) => (await exchange(callOf(++calls % 2 ? "2025" : "2026", tool, input))).text,
    async end() {
      for (const [status, asking] of REFUSED)
        expect((await exchange(asking)).status, JSON.stringify(asking).slice(0, 99)).toBe(status);
      server.child.kill("SIGTERM");
      const { stdout, stderr } = await server.ended;
      expect(stdout).toBe("");
      return { stdout, stderr, answers };
    },
  };
}

/** A local WeChat, and what a server needs to work with it: all its secrets are told from everything else. */
async function desk() {
  const simulator = await createSimulator({
    replyQuota: false,
    accounts: [{ appId: DEFAULT_APP_ID, secret: APP_SECRET }],
  });
  onTestFinished(() => simulator.close());
  const folder = await mkdtemp(join(tmpdir(), "wechat-mcp-secrets-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, "audit"));
  const audit = join(folder, "audit", "log.jsonl");
  const env = {
    WECHAT_APP_ID: DEFAULT_APP_ID,
    WECHAT_APP_SECRET: APP_SECRET,
    WECHAT_API_BASE_URL: simulator.url,
    WECHAT_CALLBACK_TOKEN: CALLBACK_TOKEN,
    WECHAT_ENCODING_AES_KEY: AES_KEY,
    WECHAT_INBOX: `sqlite:${join(folder, "inbox.db")}`,
    WECHAT_MCP_RECIPIENTS: "*",
    WECHAT_MCP_TEMPLATE_RECIPIENTS: "*",
    WECHAT_MCP_TOOLS: OPT_IN_TOOLS.join(","),
    WECHAT_MCP_RATE_PER_FOLLOWER: "off",
    WECHAT_MCP_AUDIT_FILE: audit,
  };
  /** The token that the server under test is handed too: normal mode gives every caller the same one. */
  async function currentToken(): Promise<string> {
    const body = JSON.stringify({ grant_type: "client_credential", appid: DEFAULT_APP_ID, secret: APP_SECRET });
    const answer = await fetch(`${simulator.url}/cgi-bin/stable_token`, { method: "POST", body });
    return ((await answer.json()) as { access_token: string }).access_token;
  }
  return { simulator, env, audit, folder, currentToken };
}

/** A proxy that lets nothing through, and says what it was sent. */
async function tellTale(): Promise<string> {
  const server = createServer((request, response) => response.writeHead(407).end(JSON.stringify(request.headers)));
  server.on("connect", ({ headers }, socket) => {
    const words = JSON.stringify(headers);
    socket.end(`HTTP/1.1 407 ${words}\r\nx-told: ${words}\r\ncontent-length: ${words.length}\r\n\r\n${words}`);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  return `127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
}

/** What befalls a server: its environment, and faults one after the other. */
interface Trouble {
  readonly env?: (own: { proxy: string }) => Env;
  readonly faults?: readonly FaultKind[];
  /** The folder of the audit log goes away. */
  readonly auditBreaks?: boolean;
}

const TROUBLES: Readonly<Record<string, Trouble>> = {
  "WeChat fails in every way": {
    faults: [
      "token-expired",
      "token-superseded",
      "reset-before",
      "reset-after",
      "http-502",
      "html-200",
      "truncated-json",
    ],
  },
  "WeChat refuses the AppSecret": { env: () => ({ WECHAT_APP_ID: "wxffffffffffffffff" }) },
  "nobody is where WeChat should be": { env: () => ({ WECHAT_API_BASE_URL: "http://127.0.0.1:1" }) },
  "the proxy is not there": { env: () => ({ WECHAT_PROXY: `http://user:${PROXY_PASSWORD}@127.0.0.1:1` }) },
  "the proxy refuses, and says what it was sent": {
    env: ({ proxy }) => ({ WECHAT_PROXY: `http://user:${PROXY_PASSWORD}@${proxy}` }),
  },
  "the audit log breaks": { auditBreaks: true },
};

describe.each(Object.entries(DOORS))("over %s", (transport, open) => {
  it.each(Object.entries(TROUBLES))("nothing that comes out shows a secret when %s", async (_, trouble) => {
    const { simulator, env, audit, folder, currentToken } = await desk();
    const proxy = await tellTale();
    const before = await currentToken();
    const door = await open({ ...env, ...trouble.env?.({ proxy }) });
    if (trouble.auditBreaks) await rm(join(folder, "audit"), { recursive: true });
    let results = "";
    for (const kind of trouble.faults ?? [undefined]) {
      if (kind) simulator.inject({ kind, path: "*", times: 1_000 });
      const outcomes = await Promise.all(CALLS.map(([tool, input]) => door.call(tool, input)));
      simulator.clearFaults();
      // The text is never sent: each trouble strikes every call that could show something.
      expect(outcomes[0]).toContain('"status":"failed"');
      results += outcomes.join("\n");
    }
    const { stdout, stderr, answers } = await door.end();
    const noted = await readFile(audit, "utf8").catch(() => "");
    expect(noted === "").toBe(trouble.auditBreaks ?? false);
    const after = await currentToken();
    expect(before).toMatch(/^[\w-]{64,}$/);
    const output = [results, stdout, stderr, answers, noted].join("\n");
    for (const form of [...KNOWN, before, after].flatMap(formsOf)) expect(output).not.toContain(form);
    // Whatever token it was: nothing of ours is one word of that length, but the hashes of the audit log.
    expect([results, stdout, stderr, answers].join("\n")).not.toMatch(/[\w-]{64}/);
    expect(output).not.toMatch(/access_token=|secret=|\bat (async )?\S+ \(|node:internal/);
    if (transport === "stdio") expectMessagesOnly(stdout);
  });
});

/** stdout belongs to the protocol: each line is a whole message of it. */
function expectMessagesOnly(stdout: string): void {
  const lines = stdout.split("\n");
  expect(lines.pop()).toBe("");
  expect(lines.length).toBeGreaterThan(CALLS.length);
  for (const line of lines) expect(JSON.parse(line)).toMatchObject({ jsonrpc: "2.0" });
}
