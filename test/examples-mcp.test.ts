import { readdirSync, readFileSync } from "node:fs";
import { DEFAULT_APP_ID, DEFAULT_APP_SECRET, DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";
import { describe, expect, it, onTestFinished } from "vitest";
import { connectHost } from "../packages/mcp/test/support/host.js";
import { simulated } from "./support/desk.js";
import { repository } from "./support/tarballs.js";

const TOKEN = "a-token-of-the-user";

/** How a host writes a value that is not in its file, with what stands for the secrets then. */
const SECRETS = {
  plain: { secret: "YOUR_APP_SECRET", token: "YOUR_TOKEN" },
  claudeCode: { secret: "${WECHAT_APP_SECRET}", token: "${WECHAT_MCP_HTTP_TOKEN}" },
  cursor: { secret: "${env:WECHAT_APP_SECRET}", token: "${env:WECHAT_MCP_HTTP_TOKEN}" },
  vscode: { secret: "${input:wechat-app-secret}", token: "${input:wechat-mcp-token}" },
};

const STDIO = [
  { file: "claude_desktop_config.json", secrets: SECRETS.plain },
  { file: "claude-code.mcp.json", secrets: SECRETS.claudeCode },
  { file: "cursor.mcp.json", secrets: SECRETS.cursor },
  { file: "vscode.mcp.json", secrets: SECRETS.vscode },
  { file: "cherry-studio.json", secrets: SECRETS.plain },
];
const HTTP = [
  { file: "claude-code-http.mcp.json", secrets: SECRETS.claudeCode },
  { file: "cursor-http.mcp.json", secrets: SECRETS.cursor },
  { file: "vscode-http.mcp.json", secrets: SECRETS.vscode },
  { file: "cherry-studio-http.json", secrets: SECRETS.plain },
];

interface HostConfig<Server> {
  /** VS Code's name for it. */
  servers?: Record<string, Server>;
  mcpServers?: Record<string, Server>;
  inputs?: { id: string; password: boolean }[];
}

const contentOf = (file: string) => readFileSync(`${repository}/examples/mcp/${file}`, "utf8");

/** The one server of an example as a user fills it in: each placeholder is there once, and nothing else changes. */
function filledIn<Server>(file: string, placeholders: Record<string, string>): Server {
  let json = contentOf(file);
  for (const [placeholder, value] of Object.entries(placeholders)) {
    expect(json.split(placeholder)).toHaveLength(2);
    json = json.replace(placeholder, () => value);
  }
  const { servers, mcpServers, inputs = [] }: HostConfig<Server> = JSON.parse(json);
  // Each input is used, and what is typed is hidden.
  for (const { id, password } of inputs) {
    expect(password).toBe(true);
    expect(Object.keys(placeholders)).toContain(`\${input:${id}}`);
  }
  const [server, ...others] = Object.values(servers ?? mcpServers ?? {});
  expect(others).toEqual([]);
  if (!server) throw new Error(`${file} has no server`);
  return server;
}

describe.each(STDIO)("$file, filled in", ({ file, secrets }) => {
  it("starts a server that lists its tools and sends a text", async () => {
    const simulator = await simulated();
    const server = filledIn<{ command: string; args: string[]; env: Record<string, string> }>(file, {
      "/PATH/TO/wechat-offiaccount": repository,
      YOUR_APP_ID: DEFAULT_APP_ID,
      [secrets.secret]: DEFAULT_APP_SECRET,
      OPENID_1: DEFAULT_FOLLOWER,
    });
    const { command, args, env } = server;
    // As the page says for a try with the local WeChat.
    const host = await connectHost("v1", { command, args, env: { ...env, WECHAT_API_BASE_URL: simulator.url } });
    onTestFinished(() => host.close());
    const { tools } = await host.listTools();
    expect(tools.map(({ name }) => name)).toEqual(["send_wechat_text", "check_wechat_account"]);
    const text = "你好 👋";
    const { structured } = await host.callTool({ openid: DEFAULT_FOLLOWER, text });
    expect(structured).toMatchObject({ delivery: "delivered" });
    expect(simulator.ledger.messages).toMatchObject([{ openid: DEFAULT_FOLLOWER, text }]);
  });
});

describe.each(HTTP)("$file, filled in", ({ file, secrets }) => {
  it("names the server's address and brings the bearer token", () => {
    const { url, headers } = filledIn<{ url: string; headers: Record<string, string> }>(file, {
      [secrets.token]: TOKEN,
    });
    expect(url).toBe("http://127.0.0.1:9967/mcp");
    expect(headers).toEqual({ Authorization: `Bearer ${TOKEN}` });
  });
});

describe.each(["docs/mcp-hosts.md", "docs/mcp-hosts.zh-CN.md"])("%s", (page) => {
  const text = readFileSync(`${repository}/${page}`, "utf8");

  it("shows every example as its file is, under its name, and no other config", () => {
    const shown = [...text.matchAll(/`examples\/mcp\/([\w.-]+)`[:：]\n\n```json\n(.*?)```/gs)];
    const files = readdirSync(`${repository}/examples/mcp`).sort();
    expect(files).toEqual([...STDIO, ...HTTP].map(({ file }) => file).sort());
    expect(shown.map(([, file]) => file).sort()).toEqual(files);
    for (const [, file = "", json] of shown) expect(json, file).toBe(contentOf(file));
    expect(text.match(/```json/g)).toHaveLength(files.length);
  });
});
