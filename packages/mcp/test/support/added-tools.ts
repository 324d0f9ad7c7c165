import type { Client } from "@modelcontextprotocol/client";
import type { Inbox } from "@wechat-offiaccount/core";
import { expect } from "vitest";
import type { AuditEntry } from "../../src/safety/audit.js";
import type { Settings } from "../../src/settings.js";
import type { ToolAccount } from "../../src/tools/account-tools.js";
import { OPT_IN_TOOLS, type OptInTool } from "../../src/tools/opt-in.js";
import { type ToolResult, toolResult } from "../../src/tools/result.js";
import { HOUR, inboxOf } from "./conversations.js";
import { deskOf, hostOf } from "./desk.js";
import { type Behaviour, fakeClient } from "./fake-client.js";

/** What a test sets. */
interface Given {
  behaviour?: Behaviour;
  account?: Partial<ToolAccount>;
  settings?: Partial<Settings>;
  /** What the person answers who is asked. Default: the host cannot ask. */
  action?: "accept" | "decline";
}

/** A server with all tools, in this process, that may write to anyone, and what is seen of it. */
export async function serverWithAll(tool: OptInTool, { behaviour, account, settings, action }: Given = {}) {
  const fake = fakeClient(behaviour);
  const noted: AuditEntry[] = [];
  const asked: string[] = [];
  const anyone = { kind: "anyone" } as const;
  const desk = deskOf(
    { client: fake.client, recipients: anyone, templateRecipients: anyone, ...account },
    { optIn: new Set(OPT_IN_TOOLS), ...settings },
    { ready: async () => true, write: async (entry) => void noted.push(entry) },
  );
  const answer = (host: Client) => {
    if (!action) return;
    host.setRequestHandler("elicitation/create", async ({ params }) => {
      asked.push(params.message);
      return { action, content: {} };
    });
  };
  const host = await hostOf(desk, action ? { capabilities: { elicitation: {} } } : {}, answer);
  const call = async (input: object): Promise<ToolResult & { isError: boolean; shown: string }> => {
    const { structuredContent, isError, content } = await host.callTool({ name: tool, arguments: { ...input } });
    const shown = JSON.stringify(content);
    const result = toolResult.parse(structuredContent);
    expect(isError ?? false).toBe(result.status === "failed");
    return { ...result, isError: isError ?? false, shown };
  };
  return { call, calls: fake.calls, noted, asked };
}

/** An inbox that listened for two days, in which no follower but one, who moved, did anything. */
export async function silentInbox(): Promise<Inbox> {
  const { inbox, arrives, pass } = inboxOf({ lease: HOUR });
  for (let halfHour = 0; halfHour <= 2 * 49; halfHour++) {
    await arrives({ type: "event", event: "location" }, "oMoving");
    pass(HOUR / 2);
  }
  return inbox;
}
