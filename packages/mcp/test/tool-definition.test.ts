import type { Inbox } from "@wechat-offiaccount/core";
import { expect, it } from "vitest";
import { inboxOf } from "./support/conversations.js";
import { deskOf, hostOf } from "./support/desk.js";
import { fakeClient } from "./support/fake-client.js";

async function listTools(inbox?: Inbox, readOnly = false) {
  const host = await hostOf(deskOf({ inbox }, { readOnly }));
  return (await host.listTools()).tools;
}

/** A guard table: what a server has in which mode. What writes stands under `writes` and in no read-only server. */
const READS = ["list_wechat_conversations", "read_wechat_conversation", "wait_for_wechat_message"];
const WRITES = ["send_wechat_text"];
const CHECKS = ["check_wechat_account"];

const names = async (...server: Parameters<typeof listTools>) => (await listTools(...server)).map(({ name }) => name);

it("shows hosts these tools; a change here is a change for every model that uses them", async () => {
  await expect(listTools(inboxOf().inbox)).resolves.toMatchSnapshot();
});

it("shows hosts these tools in read-only mode, none of which can change anything", async () => {
  const tools = await listTools(inboxOf().inbox, true);
  expect(tools.map(({ annotations }) => annotations?.readOnlyHint)).toEqual(tools.map(() => true));
  const reading = tools.find(({ name }) => name === "read_wechat_conversation");
  expect(Object.keys(reading?.inputSchema.properties ?? {})).toEqual(["openid", "limit", "before", "after"]);
});

it("lists what reads the inbox only where there is one, and what writes only outside read-only mode", async () => {
  const { inbox } = inboxOf();
  expect(await names(inbox)).toEqual([...READS, ...WRITES, ...CHECKS]);
  expect(await names(inbox, true)).toEqual([...READS, ...CHECKS]);
  expect(await names()).toEqual([...WRITES, ...CHECKS]);
  expect(await names(undefined, true)).toEqual(CHECKS);
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
    ...fakeClient().client,
    get messages(): never {
      throw new Error("sentinel");
    },
  };
  const host = await hostOf(deskOf({ client, recipients: { kind: "anyone" } }));
  const result = await host.callTool({ name: "send_wechat_text", arguments: { openid: "oA", text: "hi" } });
  expect(result).toMatchObject({ isError: true, structuredContent: { code: "WECHAT_MCP_INTERNAL" } });
  expect(JSON.stringify(result)).not.toContain("sentinel");
});
