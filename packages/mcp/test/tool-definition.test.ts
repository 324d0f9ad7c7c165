import { type Inbox, WeChatReplyWindowError, WeChatTransportError } from "@wechat-offiaccount/core";
import { expect, it } from "vitest";
import { OPT_IN_TOOLS, type OptInTool } from "../src/tools/opt-in.js";
import { inboxOf } from "./support/conversations.js";
import { deskOf, hostOf } from "./support/desk.js";
import { fakeClient } from "./support/fake-client.js";

async function listTools(inbox?: Inbox, readOnly = false, optIn: readonly OptInTool[] = []) {
  const host = await hostOf(deskOf({ inbox }, { readOnly, optIn: new Set(optIn) }));
  return (await host.listTools()).tools;
}

/** A guard table: what a server has in which mode. What writes stands under `writes` and in no read-only server. */
const READS = ["list_wechat_conversations", "read_wechat_conversation", "wait_for_wechat_message"];
const WRITES = ["send_wechat_text"];
/** Their results may have no structured content, so that hosts show what else is in them. */
const SHOW_PICTURES = ["read_wechat_conversation", "wait_for_wechat_message"];
const CHECKS = ["check_wechat_account"];

const names = async (...server: Parameters<typeof listTools>) => (await listTools(...server)).map(({ name }) => name);

it("shows hosts these tools; a change here is a change for every model that uses them", async () => {
  await expect(listTools(inboxOf().inbox)).resolves.toMatchSnapshot();
});

it("shows hosts these tools too where the operator names them; their results are those of a text", async () => {
  const all = await listTools(undefined, false, OPT_IN_TOOLS);
  const sending = all.find(({ name }) => name === "send_wechat_text");
  const added = all.filter(({ name }) => OPT_IN_TOOLS.some((tool) => tool === name));
  for (const { outputSchema } of added) expect(outputSchema).toEqual(sending?.outputSchema);
  expect(added.map(({ outputSchema: _, ...tool }) => tool)).toMatchSnapshot();
});

it("shows hosts these tools in read-only mode, none of which can change anything", async () => {
  const tools = await listTools(inboxOf().inbox, true);
  expect(tools.map(({ annotations }) => annotations?.readOnlyHint)).toEqual(tools.map(() => true));
  const reading = tools.find(({ name }) => name === "read_wechat_conversation");
  expect(Object.keys(reading?.inputSchema.properties ?? {})).toEqual([
    "openid",
    "limit",
    "before",
    "after",
    "pictures",
  ]);
});

it("lists what reads the inbox only where there is one, and what writes only outside read-only mode", async () => {
  const { inbox } = inboxOf();
  expect(await names(inbox)).toEqual([...READS, ...WRITES, ...CHECKS]);
  expect(await names(inbox, true)).toEqual([...READS, ...CHECKS]);
  expect(await names()).toEqual([...WRITES, ...CHECKS]);
  expect(await names(undefined, true)).toEqual(CHECKS);
});

it("declares what it has, and that the lists of it do not change", async () => {
  const fixed = { listChanged: false };
  const capabilities = async (inbox?: Inbox) => (await hostOf(deskOf({ inbox }))).getServerCapabilities();
  expect(await capabilities(inboxOf().inbox)).toEqual({ tools: fixed, prompts: fixed, completions: {} });
  expect(await capabilities()).toEqual({ tools: fixed });
});

it("adds the tools that the operator names, and only these, in an order of its own; in read-only mode none", async () => {
  expect(await names(undefined, false, OPT_IN_TOOLS)).toEqual([...WRITES, ...OPT_IN_TOOLS, ...CHECKS]);
  expect(await names(undefined, true, OPT_IN_TOOLS)).toEqual(CHECKS);
  expect(await names(undefined, false, ["transfer_to_human", "send_wechat_message"])).toEqual([
    ...WRITES,
    "send_wechat_message",
    "transfer_to_human",
    ...CHECKS,
  ]);
});

it("names in its descriptions no tool that is not there", async () => {
  const known = [...READS, ...WRITES, ...OPT_IN_TOOLS, ...CHECKS];
  const { inbox } = inboxOf();
  for (const added of [[], OPT_IN_TOOLS, ...OPT_IN_TOOLS.map((tool) => [tool])]) {
    for (const tools of [await listTools(undefined, false, added), await listTools(inbox, false, added)]) {
      const missing = known.filter((name) => !tools.some((tool) => tool.name === name));
      for (const name of missing) expect(JSON.stringify(tools)).not.toContain(name);
    }
  }
});

it("names without an inbox none of the tools that read it, whatever is refused", async () => {
  const endpoint = "POST /cgi-bin/message/custom/send";
  const facts = { errcode: 45015, errmsg: "response out of time limit", endpoint };
  const refused = new WeChatReplyWindowError(facts, { delivery: "not-delivered" });
  const lost = new WeChatTransportError({ reason: "timeout", message: "late", sent: true }, { delivery: "unknown" });
  const openids = new Set(["oX"]);
  const anyone = { kind: "anyone" } as const;
  const refusals = [
    [{ kind: "nobody" }, {}, undefined, "WECHAT_MCP_RECIPIENT_DENIED"],
    [{ kind: "list", openids }, {}, undefined, "WECHAT_MCP_RECIPIENT_DENIED"],
    [anyone, { confirm: "required" }, undefined, "WECHAT_MCP_NOT_CONFIRMED"],
    [anyone, { rate: { perFollower: 1, total: 1 } }, undefined, "WECHAT_MCP_RATE"],
    [anyone, {}, refused, "WECHAT_REPLY_WINDOW"],
    [anyone, {}, lost, "WECHAT_TIMEOUT"],
  ] as const;
  for (const [recipients, settings, error, code] of refusals) {
    const sendText = () => Promise.reject(error);
    const host = await hostOf(deskOf({ recipients, client: fakeClient(error && { sendText }).client }, settings));
    const call = () => host.callTool({ name: "send_wechat_text", arguments: { openid: "oA", text: "hi" } });
    const results = [await call(), await call()];
    expect(results[1]).toMatchObject({ isError: true, structuredContent: { code } });
    for (const name of READS) expect(JSON.stringify([results, host.getInstructions()])).not.toContain(name);
  }
});

it("sets all four hints of every tool, closes its input, and has no alternatives in its schemas", async () => {
  for (const tool of await listTools(inboxOf().inbox, false, OPT_IN_TOOLS)) {
    expect(tool.annotations).toEqual({
      readOnlyHint: expect.any(Boolean),
      destructiveHint: expect.any(Boolean),
      idempotentHint: expect.any(Boolean),
      openWorldHint: expect.any(Boolean),
    });
    expect(tool.inputSchema).toMatchObject({ type: "object", additionalProperties: false });
    if (SHOW_PICTURES.includes(tool.name)) expect(tool).not.toHaveProperty("outputSchema");
    else expect(tool.outputSchema).toMatchObject({ type: "object", additionalProperties: false });
    expect(JSON.stringify([tool.inputSchema, tool.outputSchema ?? {}])).not.toMatch(
      /"(anyOf|oneOf|allOf|\$ref|\$defs)"/,
    );
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
