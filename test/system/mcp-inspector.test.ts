import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEFAULT_APP_ID, DEFAULT_APP_SECRET, DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";
import { describe, expect, it, onTestFinished } from "vitest";
import { OPT_IN_TOOLS } from "../../packages/mcp/src/tools/opt-in.js";
import { CLI } from "../../packages/mcp/test/support/host.js";
import { startHttp, TOKEN } from "../../packages/mcp/test/support/http.js";
import { simulated } from "../support/desk.js";
import { repository } from "../support/tarballs.js";

const INSPECTOR = join(repository, "node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js");

const TOOLS = [
  "list_wechat_conversations",
  "read_wechat_conversation",
  "wait_for_wechat_message",
  "send_wechat_text",
  ...OPT_IN_TOOLS,
  "check_wechat_account",
];
const PROMPT = "answer_wechat_follower";

/** A tool's result is an error. */
const EXIT_TOOL_ERROR = 5;

/** What the inspector said. */
interface Inspected {
  /** Its exit code. */
  readonly code: unknown;
  /** What the server answered. */
  readonly answer: unknown;
  /** What in the tools' schemas a host might not take. */
  readonly schemaFindings: unknown;
  readonly stderr: string;
}

/** Starts the inspector with what says where the server is; what it keeps goes to a folder of its own. */
async function inspectorOf(target: readonly string[]) {
  const home = await mkdtemp(join(tmpdir(), "inspector-"));
  onTestFinished(() => rm(home, { recursive: true }));
  return (...args: string[]) =>
    new Promise<Inspected>((resolve) => {
      execFile(
        process.execPath,
        [INSPECTOR, "--cli", ...target, ...args, "--format", "json"],
        { env: { PATH: process.env.PATH, HOME: home, USERPROFILE: home } },
        (error, stdout, stderr) => {
          const { result, schemaFindings = [] } = JSON.parse(stdout || "{}");
          resolve({ code: error ? error.code : 0, answer: result, schemaFindings, stderr });
        },
      );
    });
}

/** How the inspector reaches a server with all that it can have. */
const TARGETS: Readonly<Record<"stdio" | "HTTP", (env: Record<string, string>) => Promise<readonly string[]>>> = {
  stdio: async (env) => [
    process.execPath,
    CLI,
    "--transport",
    "stdio",
    ...Object.entries(env).flatMap(([name, value]) => ["-e", `${name}=${value}`]),
  ],
  HTTP: async (env) => {
    const { url } = await startHttp(env);
    return [url, "--transport", "http", "--header", `Authorization: Bearer ${TOKEN}`];
  },
};

async function desk(transport: keyof typeof TARGETS) {
  const simulator = await simulated();
  const inspect = await inspectorOf(
    await TARGETS[transport]({
      WECHAT_APP_ID: DEFAULT_APP_ID,
      WECHAT_APP_SECRET: DEFAULT_APP_SECRET,
      WECHAT_API_BASE_URL: simulator.url,
      WECHAT_INBOX: "memory",
      WECHAT_MCP_RECIPIENTS: DEFAULT_FOLLOWER,
      WECHAT_MCP_TOOLS: OPT_IN_TOOLS.join(),
    }),
  );
  const call = (tool: string, args: object) =>
    inspect("--method", "tools/call", "--tool-name", tool, "--tool-args-json", JSON.stringify(args));
  return { simulator, inspect, call };
}

describe.each(["stdio", "HTTP"] as const)("the MCP inspector over %s", (transport) => {
  it.each(["legacy", "modern"])("finds all tools, with schemas that every host can take (%s era)", async (era) => {
    const { inspect } = await desk(transport);
    expect(await inspect("--method", "tools/list", "--strict", "--protocol-era", era)).toMatchObject({
      code: 0,
      answer: { tools: TOOLS.map((name) => ({ name })) },
      schemaFindings: [],
    });
  });

  it("calls tools, and tells by its exit code which one failed", async () => {
    const { simulator, call } = await desk(transport);
    expect(await call("check_wechat_account", {})).toMatchObject({
      code: 0,
      answer: { structuredContent: { status: "ok" } },
    });
    expect(await call("list_wechat_conversations", {})).toMatchObject({
      code: 0,
      answer: { structuredContent: { status: "ok", conversations: [] } },
    });
    const text = "012 营业到九点 👋";
    expect(await call("send_wechat_text", { openid: DEFAULT_FOLLOWER, text })).toMatchObject({
      code: 0,
      answer: { structuredContent: { delivery: "delivered" } },
    });
    expect(await call("send_wechat_text", { openid: "oStranger", text })).toMatchObject({
      code: EXIT_TOOL_ERROR,
      answer: { isError: true, structuredContent: { code: "WECHAT_MCP_RECIPIENT_DENIED" } },
    });
    expect(simulator.ledger.messages).toMatchObject([{ openid: DEFAULT_FOLLOWER, text }]);
  });

  it("shows the prompt, and fills it in", async () => {
    const { inspect } = await desk(transport);
    expect(await inspect("--method", "prompts/list")).toMatchObject({
      code: 0,
      answer: { prompts: [{ name: PROMPT, arguments: [{ name: "openid", required: true }, { name: "wish" }] }] },
    });
    const args = ["--prompt-args", `openid=${DEFAULT_FOLLOWER}`, "wish=a refund"];
    expect(await inspect("--method", "prompts/get", "--prompt-name", PROMPT, ...args)).toMatchObject({
      code: 0,
      answer: {
        messages: [{ role: "user", content: { text: expect.stringMatching(`${DEFAULT_FOLLOWER}[^]*a refund`) } }],
      },
    });
  });
});
