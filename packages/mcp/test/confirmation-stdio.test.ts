import { Client as ClientV2 } from "@modelcontextprotocol/client";
import { StdioClientTransport as StdioV2 } from "@modelcontextprotocol/client/stdio";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as StdioV1 } from "@modelcontextprotocol/sdk/client/stdio.js";
import { ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { createSimulator, DEFAULT_APP_ID, DEFAULT_APP_SECRET, DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";
import { describe, expect, it, onTestFinished } from "vitest";
import { HOST_KINDS, type HostKind, serverWith } from "./support/host.js";

type Action = "accept" | "decline";
const INFO = { name: "test-host", version: "1.0.0" };
const CAPABILITIES = { capabilities: { elicitation: {} } };

/** A server that must ask, and a host that shows the question to somebody who answers so. */
async function deskWith(kind: HostKind, action: Action) {
  const simulator = await createSimulator();
  onTestFinished(() => simulator.close());
  const command = {
    ...serverWith({
      WECHAT_APP_ID: DEFAULT_APP_ID,
      WECHAT_APP_SECRET: DEFAULT_APP_SECRET,
      WECHAT_API_BASE_URL: simulator.url,
      WECHAT_MCP_RECIPIENTS: "*",
      WECHAT_MCP_CONFIRM: "required",
    }),
    stderr: "ignore" as const,
  };
  const questions: string[] = [];
  const answer = ({ params: { message } }: { params: { message: string } }) => {
    questions.push(message);
    return { action, content: {} };
  };
  const sending = (text: string) => ({ name: "send_wechat_text", arguments: { openid: DEFAULT_FOLLOWER, text } });
  const told = () => ({ questions, arrived: simulator.ledger.messages.map(({ text }) => text) });
  if (kind === "v1") {
    const host = new ClientV1(INFO, CAPABILITIES);
    host.setRequestHandler(ElicitRequestSchema, answer);
    await host.connect(new StdioV1(command));
    onTestFinished(() => host.close());
    return { told, send: async (text: string) => (await host.callTool(sending(text))).structuredContent };
  }
  const host = new ClientV2(INFO, {
    ...CAPABILITIES,
    ...(kind === "v2 auto" && { versionNegotiation: { mode: "auto" } }),
  });
  host.setRequestHandler("elicitation/create", answer);
  await host.connect(new StdioV2(command));
  onTestFinished(() => host.close());
  return { told, send: async (text: string) => (await host.callTool(sending(text))).structuredContent };
}

describe.each(HOST_KINDS)("WECHAT_MCP_CONFIRM=required, a host on the %s client", (kind) => {
  it("sends what the person agreed to, and asks for each message", async () => {
    const { send, told } = await deskWith(kind, "accept");
    expect(await send("one")).toMatchObject({ delivery: "delivered" });
    expect(await send("two")).toMatchObject({ delivery: "delivered" });
    expect(told()).toEqual({
      questions: [expect.stringMatching(/oSimFollower.*\n\none$/), expect.stringMatching(/\n\ntwo$/)],
      arrived: ["one", "two"],
    });
  });

  it("sends nothing that the person declined", async () => {
    const { send, told } = await deskWith(kind, "decline");
    expect(await send("one")).toMatchObject({ delivery: "not-delivered", code: "WECHAT_MCP_NOT_CONFIRMED" });
    expect(told()).toEqual({ questions: [expect.any(String)], arrived: [] });
  });
});
