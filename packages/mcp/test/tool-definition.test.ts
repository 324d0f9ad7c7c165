import { Client } from "@modelcontextprotocol/client";
import { InMemoryTransport } from "@modelcontextprotocol/server";
import type { Inbox } from "@wechat-offiaccount/core";
import { expect, it } from "vitest";
import { createServer } from "../src/server.js";
import { inboxOf } from "./support/conversations.js";
import { fakeClient } from "./support/fake-client.js";

const SETTINGS = { recipients: { kind: "nobody" }, aiLabel: true, dryRun: false } as const;

async function listTools(inbox?: Inbox) {
  const server = createServer(SETTINGS, fakeClient().client, inbox);
  const client = new Client({ name: "test-host", version: "1.0.0" });
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  await server.connect(ours);
  await client.connect(theirs);
  const { tools } = await client.listTools();
  await client.close();
  return tools;
}

const names = async (inbox?: Inbox) => (await listTools(inbox)).map(({ name }) => name);

it("shows hosts these tools; a change here is a change for every model that uses them", async () => {
  await expect(listTools(inboxOf().inbox)).resolves.toMatchSnapshot();
});

it("lists the tools that read the inbox only where there is one", async () => {
  expect(await names(inboxOf().inbox)).toEqual([
    "list_wechat_conversations",
    "read_wechat_conversation",
    "wait_for_wechat_message",
    "send_wechat_text",
  ]);
  expect(await names()).toEqual(["send_wechat_text"]);
});

it("sets all four hints of every tool, closes its input, and has no alternatives in its schemas", async () => {
  for (const tool of await listTools(inboxOf().inbox)) {
    expect(tool.annotations).toEqual({
      readOnlyHint: expect.any(Boolean),
      destructiveHint: expect.any(Boolean),
      idempotentHint: expect.any(Boolean),
      openWorldHint: expect.any(Boolean),
    });
    expect(tool.inputSchema).toMatchObject({ type: "object", additionalProperties: false });
    expect(tool.outputSchema).toMatchObject({ type: "object", additionalProperties: false });
    expect(JSON.stringify([tool.inputSchema, tool.outputSchema])).not.toMatch(/"(anyOf|oneOf|allOf|\$ref|\$defs)"/);
  }
});

it("does not let an unexpected failure of a tool reach the model", async () => {
  const client = {
    get messages(): never {
      throw new Error("sentinel");
    },
  };
  const server = createServer({ recipients: { kind: "anyone" }, aiLabel: true, dryRun: false }, client);
  const host = new Client({ name: "test-host", version: "1.0.0" });
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  await server.connect(ours);
  await host.connect(theirs);
  const result = await host.callTool({ name: "send_wechat_text", arguments: { openid: "oA", text: "hi" } });
  await host.close();
  expect(result).toMatchObject({ isError: true, structuredContent: { code: "WECHAT_MCP_INTERNAL" } });
  expect(JSON.stringify(result)).not.toContain("sentinel");
});
