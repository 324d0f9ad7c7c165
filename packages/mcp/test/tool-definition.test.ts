import { Client } from "@modelcontextprotocol/client";
import { InMemoryTransport } from "@modelcontextprotocol/server";
import { expect, it } from "vitest";
import { createServer } from "../src/server.js";
import { fakeClient } from "./support/fake-client.js";

async function listTools() {
  const server = createServer({ recipients: { kind: "nobody" }, aiLabel: true, dryRun: false }, fakeClient().client);
  const client = new Client({ name: "test-host", version: "1.0.0" });
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  await server.connect(ours);
  await client.connect(theirs);
  const { tools } = await client.listTools();
  await client.close();
  return tools;
}

it("shows hosts these tools; a change here is a change for every model that uses them", async () => {
  await expect(listTools()).resolves.toMatchSnapshot();
});

it("sets all four hints of every tool, closes its input, and has no alternatives in its schemas", async () => {
  for (const tool of await listTools()) {
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
