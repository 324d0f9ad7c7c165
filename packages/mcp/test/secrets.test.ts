import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSimulator, DEFAULT_FOLLOWER, type Simulator } from "@wechat-offiaccount/simulator";
import { afterAll, beforeAll, expect, it } from "vitest";
import { connectHost, type Host, serverWith, startProcess } from "./support/host.js";

const APP_ID = "wxaaaaaaaaaaaaaaaa";
const SECRET = "5e47195ecee7000000000005e2719e11";
const SEND = "/cgi-bin/message/custom/send";

let simulator: Simulator;
const folder = mkdtempSync(join(tmpdir(), "wechat-mcp-"));

beforeAll(async () => {
  simulator = await createSimulator({ replyQuota: false });
  simulator.addAccount({ appId: APP_ID, secret: SECRET });
  simulator.addFollower({ openid: DEFAULT_FOLLOWER, appId: APP_ID, window: "open" });
});

afterAll(async () => {
  await simulator.close();
  rmSync(folder, { recursive: true });
});

/** The token that the server under test is handed too: normal mode gives every caller the same one. */
async function currentToken(): Promise<string> {
  const answer = await fetch(`${simulator.url}/cgi-bin/stable_token`, {
    method: "POST",
    body: JSON.stringify({ grant_type: "client_credential", appid: APP_ID, secret: SECRET }),
  });
  const { access_token } = (await answer.json()) as { access_token: string };
  return access_token;
}

function expectClean(output: string, ...tokens: string[]): void {
  for (const secret of [SECRET, ...tokens, "access_token=", "secret="]) expect(output).not.toContain(secret);
  // Whatever token it was: nothing of ours is one word of that length.
  expect(output).not.toMatch(/[\w-]{64}/);
  expect(output).not.toMatch(/\bat (async )?\S+ \(|node:internal|file:\/\//);
  expect(output).not.toContain(simulator.url);
}

const environment = (more: Record<string, string> = {}) => ({
  WECHAT_APP_ID: APP_ID,
  WECHAT_APP_SECRET: SECRET,
  WECHAT_API_BASE_URL: simulator.url,
  WECHAT_MCP_RECIPIENTS: "*",
  ...more,
});

it("no failed call shows AppSecret, access token, URL or stack, in the result or on stderr", async () => {
  const host: Host = await connectHost("v1", serverWith(environment()));
  const kinds = [
    "busy",
    "token-expired",
    "token-superseded",
    "reset-before",
    "reset-after",
    "http-502",
    "html-200",
    "truncated-json",
  ] as const;
  const before = await currentToken();
  let output = "";
  for (const kind of kinds) {
    simulator.inject({ kind, path: SEND, times: 10 });
    const result = await host.callTool({ openid: DEFAULT_FOLLOWER, text: kind });
    simulator.clearFaults();
    expect(result.isError).toBe(true);
    output += JSON.stringify(result);
  }
  for (const args of [{}, { openid: "oNobody", text: "x" }, { openid: DEFAULT_FOLLOWER, text: "" }]) {
    output += JSON.stringify(await host.callTool(args));
  }
  await host.close();
  const after = await currentToken();
  expect(before).toMatch(/^[\w-]{64,}$/);
  expectClean(output + host.stderr(), before, after);
});

it("no failed call of the added tools shows them either", async () => {
  const tools = {
    send_wechat_message: { type: "news", title: "t", url: "https://example.com" },
    send_wechat_template: { template_id: "t", data: [] },
    set_wechat_typing: {},
    transfer_to_human: {},
  };
  const more = { WECHAT_MCP_TEMPLATE_RECIPIENTS: "*", WECHAT_MCP_TOOLS: Object.keys(tools).join(",") };
  const host = await connectHost("v1", serverWith(environment(more)));
  const before = await currentToken();
  let output = "";
  for (const kind of ["token-expired", "token-superseded", "reset-after", "html-200", "truncated-json"] as const) {
    for (const [tool, input] of Object.entries(tools)) {
      simulator.inject({ kind, path: "*", times: 10 });
      const result = await host.call(tool, { openid: DEFAULT_FOLLOWER, ...input });
      simulator.clearFaults();
      expect(result.isError).toBe(true);
      output += JSON.stringify(result);
    }
  }
  await host.close();
  expectClean(output + host.stderr(), before, await currentToken());
});

it.each([
  ["a refused AppSecret", { WECHAT_APP_ID: "wx0123456789abcdef" }],
  ["a host that does not answer", { WECHAT_API_BASE_URL: "http://127.0.0.1:1" }],
])("%s is not shown either", async (_, more) => {
  const host = await connectHost("v1", serverWith(environment(more)));
  const result = await host.callTool({ openid: DEFAULT_FOLLOWER, text: "hi" });
  await host.close();
  expect(result.isError).toBe(true);
  expectClean(JSON.stringify(result) + host.stderr());
});

it.each([
  [
    "a setting is wrong",
    { WECHAT_MCP_RECIPIENTS: `${SECRET} ${SECRET}`, WECHAT_MCP_DRY_RUN: SECRET, WECHAT_MCP_HTTP_TOKEN: SECRET },
    [],
  ],
  ["the secret has a space", { WECHAT_APP_SECRET: `${SECRET} ${SECRET}` }, []],
  ["the secret stands where the URL belongs", { WECHAT_API_BASE_URL: `http://user:${SECRET}@127.0.0.1/` }, []],
  ["the secret stands where the token source belongs", { WECHAT_TOKEN_SOURCE: SECRET }, []],
  ["the secret stands in a setting that does not exist", { WECHAT_MCP_SOMETHING: SECRET }, []],
  [
    "the password of an inbox that is not there is the secret",
    { WECHAT_INBOX: `redis://:${SECRET}@127.0.0.1:1/0` },
    [],
  ],
  ["the secret stands where the inbox belongs", { WECHAT_INBOX: SECRET }, []],
  ["the secret is an argument", {}, [SECRET, `--secret=${SECRET}`, `-s${SECRET}`]],
])("a start that fails because %s does not show it, and leaves stdout empty", async (_, more, args) => {
  const server = startProcess(environment(more), args);
  server.child.stdin.end();
  const { code, stdout, stderr } = await server.ended;
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expectClean(stderr);
});

it("a secret file with something else in it is not shown", async () => {
  const file = join(folder, "secret");
  writeFileSync(file, `${SECRET} and more`);
  const { WECHAT_APP_SECRET: _, ...env } = environment({ WECHAT_APP_SECRET_FILE: file });
  const server = startProcess(env);
  server.child.stdin.end();
  const { code, stdout, stderr } = await server.ended;
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expectClean(stderr);
});
