import { describe, expect, it } from "vitest";
import { checkMessage } from "../src/api/message-types.js";
import { checkTemplateMessage } from "../src/api/templates.js";
import { checkReply, fitsPassively } from "../src/callback/check-reply.js";
import type { IncomingMessage } from "../src/callback/messages.js";
import { WeChatValidationError } from "../src/errors.js";

const common = { openid: "oFollower", accountId: "gh_0123456789ab", createdAt: 1_700_000_000_000 };
const text: IncomingMessage = { type: "text", text: "hi", msgId: "1", ...common };
const scan: IncomingMessage = { type: "event", event: "scan", eventKey: "1", ...common };

function problemOf(check: () => unknown): WeChatValidationError {
  try {
    check();
  } catch (error) {
    if (error instanceof WeChatValidationError) return error;
  }
  throw new Error("it was not refused");
}

describe("a message from outside", () => {
  it("comes back as it is when it is one", () => {
    expect(checkMessage({ type: "image", mediaId: "M1" })).toEqual({ type: "image", mediaId: "M1" });
  });

  it.each([
    ["nothing", undefined, "message"],
    ["a text", "hi", "message"],
    ["a type that cannot be sent", { type: "location", latitude: 1, longitude: 2 }, "message.type"],
    ["a missing field", { type: "image" }, "message.mediaId"],
    ["a field too many", { type: "image", mediaId: "M1", picUrl: "http://x" }, "message.picUrl"],
  ])("is refused with the field when it is %s", (_what, message, field) => {
    const { problems, remedy } = problemOf(() => checkMessage(message));
    expect(problems.map((problem) => problem.field)).toEqual([field]);
    expect(remedy.zh).toMatch(/\p{Script=Han}/u);
  });
});

describe("a template message from outside", () => {
  const shipped = { openid: "oFollower", templateId: "T1", data: { no: "1" } };

  it("comes back as it is when it is one", () => {
    expect(checkTemplateMessage(shipped)).toEqual(shipped);
  });

  it.each([
    ["nothing", undefined, "input"],
    ["for nobody", { ...shipped, openid: "o F" }, "openid"],
    ["without a template", { ...shipped, templateId: "" }, "templateId"],
    ["with a value that is no text", { ...shipped, data: { no: 1 } }, "data.no"],
    ["with a mini program without AppID", { ...shipped, miniProgram: { pagePath: "a" } }, "miniProgram.appId"],
    ["with a field too many", { ...shipped, color: "#173177" }, "color"],
  ])("is refused with the field when it is %s", (_what, message, field) => {
    const { problems, remedy } = problemOf(() => checkTemplateMessage(message));
    expect(problems.map((problem) => problem.field)).toEqual([field]);
    expect(remedy.zh).toMatch(/\p{Script=Han}/u);
  });
});

describe("a reply from outside", () => {
  it.each([
    [{ type: "text", text: "hi" }],
    [{ type: "transfer_customer_service" }],
    [{ type: "transfer_customer_service", account: "agent@account" }],
    [{ type: "video", mediaId: "M1" }],
    [{ type: "video", mediaId: "M1", thumbMediaId: "M2" }],
  ])("%j is one", (reply) => {
    expect(checkReply(reply)).toEqual(reply);
  });

  it.each([
    ["a video without media", { type: "video" }, "message.mediaId"],
    ["an agent without account name", { type: "transfer_customer_service", account: "agent" }, "message.account"],
    ["a music without picture", { type: "music", url: "https://x.example" }, "message.thumbMediaId"],
  ])("is refused with the field when it is %s", (_what, reply, field) => {
    expect(problemOf(() => checkReply(reply)).field).toBe(field);
  });

  it.each([
    ["a text", { type: "text", text: "hi" }, text, true],
    ["a text above one message", { type: "text", text: "字".repeat(683) }, text, false],
    ["a menu", { type: "msgmenu", items: [{ id: "1", text: "yes" }] }, text, false],
    ["a transfer", { type: "transfer_customer_service" }, text, true],
    ["a transfer of an event", { type: "transfer_customer_service" }, scan, false],
    ["a text for an event", { type: "text", text: "hi" }, scan, true],
  ] as const)("%s fits into the request: %j, %j: %s", (_what, reply, message, fits) => {
    expect(fitsPassively(checkReply(reply), message)).toBe(fits);
  });
});
