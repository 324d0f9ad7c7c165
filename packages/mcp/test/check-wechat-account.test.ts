import { type Diagnosis, REFUSALS, type RefusalReason, WeChatClient } from "@wechat-offiaccount/core";
import { createSimulator, DEFAULT_APP_ID, DEFAULT_APP_SECRET } from "@wechat-offiaccount/simulator";
import { describe, expect, it, onTestFinished } from "vitest";
import { type CheckContext, handle, outputSchema } from "../src/tools/check-wechat-account.js";
import { inboxOf, text } from "./support/conversations.js";

/** An account at a local WeChat. */
async function account(appSecret = DEFAULT_APP_SECRET) {
  const simulator = await createSimulator();
  onTestFinished(() => simulator.close());
  const client = new WeChatClient({ appId: DEFAULT_APP_ID, appSecret, baseUrl: simulator.url });
  onTestFinished(() => client.close());
  return { simulator, client };
}

async function check(context: CheckContext, input: unknown = {}) {
  const { structuredContent, isError } = await handle(input, context);
  expect(outputSchema.parse(structuredContent)).toEqual(structuredContent);
  return { ...structuredContent, isError };
}

it("says that nothing stands in the way, how much is left today, and writes to nobody", async () => {
  const { simulator, client } = await account();
  const { status, checks, sends_left_today, isError } = await check({ client });
  expect({ status, isError }).toEqual({ status: "ok", isError: false });
  expect(checks.map(({ id }) => id)).toEqual([
    "reachability",
    "credentials",
    "ip-white-list",
    "token",
    "permission",
    "quota",
    "callback",
  ]);
  expect(sends_left_today).toBeGreaterThan(1000);
  expect(simulator.ledger.messages).toEqual([]);
});

it("says what stands in the way and what to do, without the secret", async () => {
  const secret = "f".repeat(32);
  const { client } = await account(secret);
  const result = await check({ client });
  expect(result).toMatchObject({ status: "trouble", isError: false });
  expect(result.checks.find(({ status }) => status === "failed")).toMatchObject({
    id: "credentials",
    remedy_en: expect.any(String),
    remedy_zh: expect.stringMatching(/\p{Script=Han}/u),
  });
  expect(JSON.stringify(result)).not.toContain(secret);
});

const FINE = { diagnose: async (): Promise<Diagnosis> => ({ ok: true, checks: [] }) };

it("says of an inbox how much is unread, and since when nothing was missed", async () => {
  const { inbox, arrives } = inboxOf();
  await arrives(text("hi"));
  const finding = "Conversations: 1, unread messages: 1. Nothing was missed since 2026-11-01T08:00:00.000Z.";
  expect(await check({ client: FINE, inbox })).toMatchObject({
    status: "ok",
    unread: 1,
    checks: [{ id: "inbox", status: "ok", finding }],
  });
});

it("warns where nobody receives into the inbox", async () => {
  const { checks } = await check({ client: FINE, inbox: inboxOf().inbox });
  expect(checks).toMatchObject([{ id: "inbox", status: "warning", remedy_zh: expect.stringContaining("收件箱") }]);
});

it("says that the inbox cannot be read", async () => {
  const { inbox } = inboxOf();
  await inbox.close();
  expect(await check({ client: FINE, inbox })).toMatchObject({
    status: "trouble",
    checks: [{ id: "inbox", status: "failed" }],
  });
});

it("hands the host's cancellation on", async () => {
  const { client } = await account();
  const { status, checks } = await check({ client, signal: AbortSignal.abort() });
  expect(status).toBe("trouble");
  expect(checks.every((one) => one.status === "skipped")).toBe(true);
});

it("refuses arguments, and repeats nothing of a defect", async () => {
  expect(await check({ client: FINE }, { sentinel: 1 })).toMatchObject({ status: "failed", code: "WECHAT_VALIDATION" });
  const broken = { diagnose: () => Promise.reject(new Error("sentinel")) };
  const result = await check({ client: broken });
  expect(result).toMatchObject({ status: "failed", code: "WECHAT_MCP_INTERNAL", isError: true });
  expect(JSON.stringify(result)).not.toContain("sentinel");
});

describe("on a server that takes what WeChat pushes itself", () => {
  const said = async (inbox: CheckContext["inbox"], refusal?: RefusalReason) => {
    const client = { diagnose: async (): Promise<Diagnosis> => ({ ok: true, checks: [] }) };
    const refused = refusal && { reason: refusal, ...REFUSALS[refusal] };
    const { checks } = await check({ client, inbox, lastRefusal: () => refused });
    return checks[0];
  };

  it("sends nobody to another program when nothing has come in yet", async () => {
    const found = await said(inboxOf().inbox);
    expect(found).toMatchObject({ status: "warning", finding: expect.stringContaining("This server itself") });
    expect(JSON.stringify(found)).not.toContain("Node-RED");
  });

  it("says why it refused what came, in the words of its settings", async () => {
    for (const [reason, variable] of [
      ["signature", "WECHAT_CALLBACK_TOKEN"],
      ["undecipherable", "WECHAT_ENCODING_AES_KEY"],
    ] as const) {
      const found = await said(inboxOf().inbox, reason);
      expect(found).toMatchObject({ status: "warning", finding: expect.stringContaining(reason) });
      expect(found?.remedy_en).toContain(variable);
      expect(found?.remedy_zh).toContain(variable);
    }
  });

  it("does not let strangers make it doubt what works", async () => {
    const { inbox, arrives } = inboxOf();
    await arrives(text("hi"));
    for (const reason of ["clock", "signature", "missing-parameter", "too-large"] as const) {
      expect(await said(inbox, reason)).toMatchObject({ status: "ok" });
    }
    expect(await said(inbox, "undecipherable")).toMatchObject({ status: "warning" });
  });
});
