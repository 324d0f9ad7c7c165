import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { createSimulator, DEFAULT_APP_ID, DEFAULT_APP_SECRET, DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";
import { expect, it } from "vitest";

const repository = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");

interface HostConfig {
  mcpServers: Record<string, { command: string; args: string[]; env: Record<string, string> }>;
}

/** The example as a user fills it in: each placeholder once, and nothing else changed. */
function filledIn(placeholders: Record<string, string>): HostConfig {
  let json = readFileSync(`${repository}/examples/mcp/claude_desktop_config.json`, "utf8");
  for (const [placeholder, value] of Object.entries(placeholders)) {
    expect(json.split(placeholder)).toHaveLength(2);
    json = json.replace(placeholder, value);
  }
  return JSON.parse(json);
}

it("the MCP host config, filled in, starts a server that sends a text", async () => {
  const simulator = await createSimulator();
  try {
    const { mcpServers } = filledIn({
      "/PATH/TO/wechat-offiaccount": repository,
      YOUR_APP_ID: DEFAULT_APP_ID,
      YOUR_APP_SECRET: DEFAULT_APP_SECRET,
      OPENID_1: DEFAULT_FOLLOWER,
      "https://api.weixin.qq.com": simulator.url,
    });
    const server = mcpServers.wechat;
    expect(server).toBeDefined();
    const host = new Client({ name: "test-host", version: "1.0.0" });
    await host.connect(new StdioClientTransport({ command: "", ...server, stderr: "ignore" }));
    const text = "你好 👋";
    const result = await host.callTool({
      name: "send_wechat_text",
      arguments: { openid: DEFAULT_FOLLOWER, text },
    });
    await host.close();
    expect(result.structuredContent).toMatchObject({ delivery: "delivered" });
    expect(simulator.ledger.messages).toMatchObject([{ openid: DEFAULT_FOLLOWER, text }]);
  } finally {
    await simulator.close();
  }
});
