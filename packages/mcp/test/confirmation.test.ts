import type { Client } from "@modelcontextprotocol/client";
import { describe, expect, it } from "vitest";
import { type Confirmation, type ConfirmMode, confirmDecision } from "../src/safety/confirmation.js";
import { digestOf } from "../src/safety/digest.js";
import { deskOf, hostOf } from "./support/desk.js";
import { fakeClient } from "./support/fake-client.js";

const OPENID = "oSimFollower000000000000000001";
const TEXT = "first line\nand one that is \u202Eturned\u200B around";

describe("a person is asked", () => {
  it.each<[ConfirmMode, Confirmation, "go" | "ask" | "stop"]>([
    ["off", "unsupported", "go"],
    ["off", "unanswered", "go"],
    ["if-supported", "unsupported", "go"],
    ["if-supported", "unanswered", "ask"],
    ["if-supported", "accepted", "go"],
    ["if-supported", "declined", "stop"],
    ["if-supported", "failed", "stop"],
    ["required", "unsupported", "stop"],
    ["required", "unanswered", "ask"],
    ["required", "accepted", "go"],
    ["required", "declined", "stop"],
    ["required", "failed", "stop"],
    ["if-supported", "unkept", "stop"],
    ["required", "unkept", "stop"],
  ])("%s, the host says %s: %s", (mode, answer, step) => {
    expect(confirmDecision(mode, answer).step).toBe(step);
  });
});

interface Asked {
  message: string;
}

/** A host that answers as the test says, and remembers what it was asked. */
async function askingHost(confirm: ConfirmMode, action?: "accept" | "decline" | "cancel" | "fail") {
  const fake = fakeClient();
  const asked: Asked[] = [];
  const host = await hostOf(
    deskOf({ recipients: { kind: "list", openids: new Set([OPENID]) }, client: fake.client }, { confirm }),
    action ? { capabilities: { elicitation: {} } } : {},
    (client: Client) => {
      if (!action) return;
      client.setRequestHandler("elicitation/create", async ({ params }) => {
        asked.push({ message: params.message });
        if (action === "fail") throw new Error("the person went away");
        return { action, content: {} };
      });
    },
  );
  const call = async (more: object = {}) => {
    const result = await host.callTool({
      name: "send_wechat_text",
      arguments: { openid: OPENID, text: TEXT, ...more },
    });
    return result.structuredContent;
  };
  return { call, asked, fake };
}

describe("a host of the 2025 revisions", () => {
  it("shows recipient and full text, with what is not seen named, and the text goes out on yes", async () => {
    const { call, asked, fake } = await askingHost("required", "accept");
    expect(await call()).toMatchObject({ delivery: "delivered" });
    expect(asked).toHaveLength(1);
    expect(asked[0]?.message).toContain(OPENID);
    expect(asked[0]?.message).toContain("first line\nand one that is ⟨U+202E⟩turned⟨U+200B⟩ around");
    expect(fake.sent).toHaveLength(1);
  });

  it.each(["decline", "cancel", "fail"] as const)("sends nothing on %s", async (action) => {
    for (const mode of ["required", "if-supported"] as const) {
      const { call, asked, fake } = await askingHost(mode, action);
      expect(await call()).toMatchObject({ delivery: "not-delivered", code: "WECHAT_MCP_NOT_CONFIRMED" });
      expect(asked).toHaveLength(1);
      expect(fake.sent).toEqual([]);
    }
  });

  it("that cannot ask: if-supported sends, required does not", async () => {
    const lenient = await askingHost("if-supported");
    expect(await lenient.call()).toMatchObject({ delivery: "delivered" });
    const strict = await askingHost("required");
    expect(await strict.call()).toMatchObject({
      code: "WECHAT_MCP_NOT_CONFIRMED",
      remedy_en: expect.stringContaining("elicitation"),
    });
    expect(strict.fake.sent).toEqual([]);
  });

  it("asks nobody for a dry run, a refusal, or what was sent before", async () => {
    const { call, asked } = await askingHost("required", "accept");
    await call({ dry_run: true });
    await call({ openid: "oStranger" });
    await call({ text: 7 });
    expect(asked).toEqual([]);
    await call({ idempotency_key: "a" });
    expect(await call({ idempotency_key: "a" })).toMatchObject({ duplicate: true });
    expect(asked).toHaveLength(1);
  });
});

it("the digest that binds an answer to its call does not depend on the order of fields, and on all else", () => {
  expect(digestOf({ a: 1, b: { c: 2, d: 3 } })).toBe(digestOf({ b: { d: 3, c: 2 }, a: 1 }));
  const others = [{ a: 1 }, { a: 2 }, { a: "1" }, { a: [1] }, [1], [2, 1], [1, 2], null, undefined, "", "null"];
  expect(new Set(others.map(digestOf)).size).toBe(others.length);
});
