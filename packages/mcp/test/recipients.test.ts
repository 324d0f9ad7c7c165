import type { Inbox } from "@wechat-offiaccount/core";
import { describe, expect, it } from "vitest";
import { parseRecipients, parseTemplateRecipients, recipientPolicy } from "../src/safety/recipients.js";
import { HOUR, inboxOf, OPENID, text } from "./support/conversations.js";

function policyOf(value: string | undefined, inbox?: Inbox) {
  const parsed = parseRecipients(value, inbox !== undefined);
  if (!("rule" in parsed)) throw new Error(parsed.problem);
  return recipientPolicy(parsed.rule, "WECHAT_MCP_RECIPIENTS", inbox);
}

describe("who may be written to", () => {
  it.each<[setting: string | undefined, openid: string, allowed: boolean]>([
    [undefined, "oA", false],
    ["", "oA", false],
    ["", "", false],
    [" , ,", "oA", false],
    [" , ,", "", false],
    ["oA", "oA", true],
    ["oA", "oB", false],
    ["oA", "oa", false],
    ["oA", "oA ", false],
    ["oA", " oA", false],
    ["oA", "oAA", false],
    ["oA", "o", false],
    ["oA", "", false],
    ["oA", "*", false],
    ["oA,oB", "oA,oB", false],
    ["oA,oB", "oB", true],
    [" oA , oB ,", "oB", true],
    [" oA , oB ,", "oC", false],
    ["oA,oA", "oA", true],
    ["oA", "constructor", false],
    ["oA", "__proto__", false],
    ["*", "oA", true],
    [" * ", "oA", true],
  ])("WECHAT_MCP_RECIPIENTS=%j, openid %j: allowed %j", async (setting, openid, allowed) => {
    expect((await policyOf(setting).decide(openid, 1)).allowed).toBe(allowed);
  });

  it.each([
    "*,oA",
    "oA,*",
    "*,*",
    "oA oB",
    "oA;oB",
    "oA，oB",
    "oA、oB",
    "o*",
    '"oA"',
    "'*'",
    "reply-only",
    "reply-only,oA",
    "*,reply-only",
    "Reply-Only",
    "replyonly,oA",
  ])("refuses %j, from which it would not be clear who is meant", (setting) => {
    const parsed = parseRecipients(setting, setting !== "reply-only");
    expect(parsed).toMatchObject({
      problem: expect.any(String),
      remedy: { en: expect.any(String), zh: expect.any(String) },
    });
  });

  it("refuses without telling who is on the list", async () => {
    const settings = ["oSecretFollower1,oSecretFollower2", undefined];
    const refusals = await Promise.all(settings.map((setting) => policyOf(setting).decide("oX", 1)));
    for (const refusal of refusals) {
      expect(refusal).toMatchObject({ allowed: false, reason: expect.stringContaining("WECHAT_MCP_RECIPIENTS") });
      expect(JSON.stringify(refusal)).not.toContain("oSecretFollower");
    }
    expect(refusals[0]).not.toEqual(refusals[1]);
  });
});

describe("reply-only", () => {
  it.each([undefined, "", "reply-only", " reply-only , "])("is what %j means with an inbox", async (setting) => {
    const { inbox, arrives, pass } = inboxOf();
    const policy = policyOf(setting, inbox);
    const allowed = async (openid: string) => (await policy.decide(openid, 1)).allowed;
    expect(await allowed(OPENID)).toBe(false);
    await arrives(text("hi"));
    expect(await allowed(OPENID)).toBe(true);
    for (const other of [OPENID.toLowerCase(), `${OPENID} `, ` ${OPENID}`, OPENID.slice(1), "", "*", "oB"]) {
      expect(await allowed(other)).toBe(false);
    }
    pass(48 * HOUR);
    expect(await allowed(OPENID)).toBe(false);
  });

  it("allows as many messages as WeChat does, and no more for who left", async () => {
    const { inbox, arrives } = inboxOf();
    const policy = policyOf("reply-only", inbox);
    await arrives(text("hi"));
    for (let reply = 1; reply <= 5; reply++) {
      expect((await policy.decide(OPENID, 1)).allowed).toBe(true);
      await inbox.recordSent(OPENID, { message: text("answer"), delivery: "delivered" });
    }
    expect((await policy.decide(OPENID, 1)).allowed).toBe(false);
    await arrives(text("hi"), "oLeft");
    await arrives({ type: "event", event: "unsubscribe" }, "oLeft");
    expect((await policy.decide("oLeft", 1)).allowed).toBe(false);
  });

  it("refuses a text that takes more messages than are left, and lets what takes none pass", async () => {
    const { inbox, arrives, pass } = inboxOf();
    const policy = policyOf("reply-only", inbox);
    const allowed = async (replies: number) => (await policy.decide(OPENID, replies)).allowed;
    expect(await allowed(0)).toBe(false);
    await arrives(text("hi"));
    expect([await allowed(0), await allowed(5), await allowed(6)]).toEqual([true, true, false]);
    for (let reply = 1; reply <= 4; reply++) {
      await inbox.recordSent(OPENID, { message: text("answer"), delivery: "delivered" });
    }
    expect([await allowed(0), await allowed(1), await allowed(2)]).toEqual([true, true, false]);
    expect(await policy.decide(OPENID, 2)).toMatchObject({ remedy: { en: expect.stringContaining("Shorten") } });
    await inbox.recordSent(OPENID, { message: text("answer"), delivery: "delivered" });
    expect([await allowed(0), await allowed(1)]).toEqual([true, false]);
    pass(48 * HOUR);
    expect(await allowed(0)).toBe(false);
  });

  it("says which of the reasons it is, and sends nobody to doubt an openid that is right", async () => {
    const { inbox, arrives, pass } = inboxOf();
    const refusal = async (openid = OPENID) => JSON.stringify(await policyOf("reply-only", inbox).decide(openid, 1));
    await arrives(text("hi"));
    for (let reply = 1; reply <= 5; reply++) {
      await inbox.recordSent(OPENID, { message: text("answer"), delivery: "delivered" });
    }
    expect(await refusal()).toContain("as many messages were sent");
    expect(await refusal()).not.toContain("copied exactly");
    pass(1000);
    await arrives({ type: "event", event: "unsubscribe" });
    expect(await refusal()).toContain("unsubscribed");
    expect(await refusal()).not.toContain("copied exactly");
    expect(await refusal("oNeverSeen")).toContain("copied exactly");
  });

  it("refuses with the rule, and names nobody", async () => {
    const { inbox, arrives } = inboxOf();
    await arrives(text("hi"), "oSecretFollower");
    const refusal = await policyOf("reply-only", inbox).decide("oX", 1);
    expect(refusal).toMatchObject({ allowed: false, reason: expect.stringContaining("reply-only") });
    expect(JSON.stringify(refusal)).not.toContain("oSecretFollower");
  });

  it("allows nobody without an inbox, or when the inbox cannot be read", async () => {
    expect((await recipientPolicy({ kind: "reply-only" }, "WECHAT_MCP_RECIPIENTS").decide(OPENID, 1)).allowed).toBe(
      false,
    );
    const { inbox, arrives } = inboxOf();
    await arrives(text("hi"));
    await inbox.close();
    await expect(policyOf("reply-only", inbox).decide(OPENID, 1)).rejects.toThrow();
  });

  it("does not widen a list: who wrote and is not listed is refused", async () => {
    const { inbox, arrives } = inboxOf();
    await arrives(text("hi"));
    expect((await policyOf("oA", inbox).decide(OPENID, 1)).allowed).toBe(false);
    expect((await policyOf("oA", inbox).decide("oA", 1)).allowed).toBe(true);
  });
});

describe("WECHAT_MCP_TEMPLATE_RECIPIENTS", () => {
  it.each([
    [undefined, "oA", false],
    ["", "oA", false],
    ["oA", "oA", true],
    ["oA", "oB", false],
    ["oA", "*", false],
    ["*", "oB", true],
  ])("%j, openid %j: allowed %j", async (setting, openid, allowed) => {
    const parsed = parseTemplateRecipients(setting);
    const rule = "rule" in parsed ? parsed.rule : undefined;
    const decision = rule && (await recipientPolicy(rule, "WECHAT_MCP_TEMPLATE_RECIPIENTS").decide(openid, 0));
    expect(decision?.allowed).toBe(allowed);
    if (!allowed) expect(decision).toMatchObject({ reason: expect.stringContaining("WECHAT_MCP_TEMPLATE_RECIPIENTS") });
  });

  it.each(["reply-only", "reply-only,oA", "*,oA", "all", "oA;oB"])("refuses %j", (setting) => {
    expect(parseTemplateRecipients(setting)).toMatchObject({
      problem: expect.any(String),
      remedy: { en: expect.stringContaining("WECHAT_MCP_TEMPLATE_RECIPIENTS") },
    });
  });
});
