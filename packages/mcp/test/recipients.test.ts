import { describe, expect, it } from "vitest";
import { parseRecipients, recipientPolicy } from "../src/safety/recipients.js";

function policyOf(value: string | undefined) {
  const parsed = parseRecipients(value);
  if (!("rule" in parsed)) throw new Error(parsed.problem);
  return recipientPolicy(parsed.rule);
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
  ])("WECHAT_MCP_RECIPIENTS=%j, openid %j: allowed %j", (setting, openid, allowed) => {
    expect(policyOf(setting).decide(openid).allowed).toBe(allowed);
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
  ])("refuses %j, from which it would not be clear who is meant", (setting) => {
    const parsed = parseRecipients(setting);
    expect(parsed).toMatchObject({
      problem: expect.any(String),
      remedy: { en: expect.any(String), zh: expect.any(String) },
    });
  });

  it("refuses without telling who is on the list", () => {
    const refusals = ["oSecretFollower1,oSecretFollower2", undefined].map((setting) => policyOf(setting).decide("oX"));
    for (const refusal of refusals) {
      expect(refusal).toMatchObject({ allowed: false, reason: expect.stringContaining("WECHAT_MCP_RECIPIENTS") });
      expect(JSON.stringify(refusal)).not.toContain("oSecretFollower");
    }
    expect(refusals[0]).not.toEqual(refusals[1]);
  });
});
