import {
  Inbox,
  type ReplyWindow,
  WeChatApiError,
  WeChatPermissionError,
  WeChatReplyWindowError,
  WeChatTransportError,
  WeChatValidationError,
} from "@wechat-offiaccount/core";
import { describe, expect, it } from "vitest";
import { RateLimiter } from "../src/safety/rate.js";
import { type RecipientRule, recipientPolicy } from "../src/safety/recipients.js";
import type { Guards } from "../src/tools/outgoing.js";
import { handle, outputSchema } from "../src/tools/send-wechat-text.js";
import { APP_ID, HOUR, inboxOf, text } from "./support/conversations.js";
import { guardsOf } from "./support/desk.js";
import { fakeClient } from "./support/fake-client.js";

const OPENID = "oSimFollower000000000000000001";
const RID = "64a774ce-020c072d-6c820ec0";
const ENDPOINT = "POST /cgi-bin/message/custom/send";

interface Given extends Partial<Guards> {
  aiLabel?: boolean;
  recipients?: RecipientRule;
}

async function call(input: unknown, fake = fakeClient(), given: Given = {}, signal?: AbortSignal) {
  const { aiLabel = true, recipients = { kind: "anyone" }, ...guards } = given;
  const policy = recipientPolicy(recipients, "WECHAT_MCP_RECIPIENTS", guards.inbox);
  const outcome = await handle(input, { client: fake.client, policy, guards: guardsOf(guards), aiLabel }, { signal });
  if ("question" in outcome) throw new Error("nobody was to be asked");
  expect(outputSchema.parse(outcome.structuredContent)).toEqual(outcome.structuredContent);
  return outcome;
}

/** A client whose send fails with the error. */
function failing(error: unknown, parts?: string[]) {
  return fakeClient({
    sendText: () => Promise.reject(error),
    ...(parts && { planText: () => ({ parts }) }),
  });
}

describe("a send", () => {
  it("passes openid, text, AI label and cancellation to the client and reports each part", async () => {
    const fake = fakeClient();
    const { signal } = new AbortController();
    const { structuredContent, text, isError } = await call({ openid: OPENID, text: "你好 👋" }, fake, {}, signal);
    expect(fake.sent).toEqual([[OPENID, "你好 👋", { aiGenerated: true, signal }]]);
    expect(fake.sent[0]?.[2]?.signal).toBe(signal);
    expect(structuredContent).toEqual({
      status: "sent",
      delivery: "delivered",
      parts: [{ index: 0, delivery: "delivered", errcode: 0 }],
      message: "WeChat accepted the text.",
    });
    expect({ text, isError }).toEqual({ text: "", isError: false });
  });

  it("leaves the AI label off when the operator says so", async () => {
    const fake = fakeClient();
    await call({ openid: OPENID, text: "hi" }, fake, { aiLabel: false });
    expect(fake.sent[0]?.[2]).toMatchObject({ aiGenerated: false });
  });

  it.each([
    ["no arguments", undefined],
    ["null", null],
    ["a list", [OPENID, "hi"]],
    ["a missing text", { openid: OPENID }],
    ["a missing openid", { text: "hi" }],
    ["an openid that is no string", { openid: 7, text: "hi" }],
    ["dry_run as a string", { openid: OPENID, text: "hi", dry_run: "true" }],
    ["an argument it does not have", { openid: OPENID, text: "hi", dryRun: true }],
  ])("refuses %s without sending, and says so like any other failure", async (_, input) => {
    const fake = fakeClient();
    const { structuredContent, text, isError } = await call(input, fake);
    expect(isError).toBe(true);
    expect(fake.sent).toEqual([]);
    expect(fake.planned).toEqual([]);
    expect(structuredContent).toMatchObject({ status: "failed", delivery: "not-delivered", code: "WECHAT_VALIDATION" });
    expect(text).toContain("delivery: not-delivered");
    expect(text).toContain("解决办法");
  });

  it("does not repeat the names or values of arguments it does not know", async () => {
    const { structuredContent, text } = await call({ openid: OPENID, text: "hi", "sentinel-key": "sentinel-value" });
    expect(JSON.stringify(structuredContent) + text).not.toContain("sentinel");
  });
});

describe("a recipient who is not allowed", () => {
  const list = { kind: "list", openids: new Set(["oAllowed"]) } as const;

  it.each([true, false])("is refused before WeChat is called (dry_run: %j)", async (dry_run) => {
    const fake = fakeClient();
    const { structuredContent, isError } = await call({ openid: OPENID, text: "hi", dry_run }, fake, {
      recipients: list,
    });
    expect(isError).toBe(true);
    expect(structuredContent).toMatchObject({
      status: "failed",
      delivery: "not-delivered",
      code: "WECHAT_MCP_RECIPIENT_DENIED",
      parts: [],
    });
    expect(JSON.stringify(structuredContent)).not.toContain("oAllowed");
    expect(fake.sent).toEqual([]);
  });

  it("is refused in an operator's dry run too", async () => {
    const { isError } = await call({ openid: OPENID, text: "hi" }, fakeClient(), {
      recipients: { kind: "nobody" },
      dryRun: true,
    });
    expect(isError).toBe(true);
  });
});

describe("a dry run", () => {
  const twoParts = { planText: () => ({ parts: ["first", "second"] }) };

  it("shows the parts and sends nothing", async () => {
    const fake = fakeClient(twoParts);
    const { structuredContent, isError } = await call({ openid: OPENID, text: "first second", dry_run: true }, fake);
    expect(fake.sent).toEqual([]);
    expect(isError).toBe(false);
    expect(structuredContent).toEqual({
      status: "dry-run",
      delivery: "not-delivered",
      parts: [
        { index: 0, delivery: "not-delivered", text: "first" },
        { index: 1, delivery: "not-delivered", text: "second" },
      ],
      message: "Dry run: nothing was sent. It would be 2 messages.",
    });
  });

  it.each([undefined, false])("is what every call is when the operator says so (dry_run: %j)", async (dry_run) => {
    const fake = fakeClient();
    const { structuredContent } = await call({ openid: OPENID, text: "hi", dry_run }, fake, { dryRun: true });
    expect(fake.sent).toEqual([]);
    expect(structuredContent).toMatchObject({
      status: "dry-run",
      message: expect.stringContaining("WECHAT_MCP_DRY_RUN"),
    });
  });

  it("fails as the send would where the text cannot be sent", async () => {
    const remedy = { en: "Shorten it.", zh: "请缩短。" };
    const fake = fakeClient({
      planText: () => {
        throw new WeChatValidationError([{ field: "text", problem: "too long", remedy }]);
      },
    });
    for (const dry_run of [true, false]) {
      const { structuredContent, isError } = await call({ openid: OPENID, text: "hi", dry_run }, fake);
      expect(isError).toBe(true);
      expect(structuredContent).toMatchObject({
        delivery: "not-delivered",
        code: "WECHAT_VALIDATION",
        message: "text: too long",
        remedy_en: "Shorten it.",
        remedy_zh: "请缩短。",
      });
    }
    expect(fake.sent).toEqual([]);
  });
});

describe("with an inbox", () => {
  const answer = async (given: Given, more: object = {}) => {
    const fake = fakeClient();
    const { structuredContent, isError } = await call({ openid: OPENID, text: "hi", ...more }, fake, given);
    return { ...structuredContent, isError, sent: fake.sent.length };
  };

  it("says the window after the send", async () => {
    const { inbox, arrives } = inboxOf();
    await arrives(text("hi"));
    inbox.record(OPENID, { message: text("hi"), delivery: "delivered" });
    const result = await answer({ inbox });
    expect(result).toMatchObject({ status: "sent", window: { state: "open", replies_left: 4, estimated: true } });
  });

  it.each([false, true])("does not send to who has unsubscribed (dry_run: %j)", async (dry_run) => {
    const { inbox, arrives, pass } = inboxOf();
    await arrives(text("hi"));
    pass(1000);
    await arrives({ type: "event", event: "unsubscribe" });
    expect(await answer({ inbox }, { dry_run })).toMatchObject({
      isError: true,
      sent: 0,
      delivery: "not-delivered",
      code: "WECHAT_MCP_WINDOW_CLOSED",
      window: { state: "closed", certain: "unsubscribed" },
    });
  });

  it("does not send where the inbox has listened for two days and the follower did nothing", async () => {
    const { inbox, arrives, pass } = inboxOf({ lease: HOUR });
    for (let halfHour = 0; halfHour <= 2 * 49; halfHour++) {
      await arrives({ type: "event", event: "location" }, "oMoving");
      pass(HOUR / 2);
    }
    expect(await answer({ inbox })).toMatchObject({
      sent: 0,
      window: { certain: "no-interaction" },
      remedy_en: expect.stringContaining("template message"),
      remedy_zh: expect.stringContaining("模板消息"),
    });
  });

  it("sends where the window is closed only by an estimate", async () => {
    const { inbox, arrives, pass } = inboxOf();
    expect(await answer({ inbox })).toMatchObject({ status: "sent", sent: 1, window: { state: "closed" } });
    await arrives(text("hi"));
    for (let reply = 1; reply <= 5; reply++) inbox.record(OPENID, { message: text("hi"), delivery: "delivered" });
    pass(1000);
    expect(await answer({ inbox })).toMatchObject({ status: "sent", sent: 1, window: { state: "used-up" } });
  });

  it("sends without a word on the window where the inbox cannot be read, unless the rule needs it", async () => {
    const { inbox, arrives } = inboxOf();
    await arrives(text("hi"));
    await inbox.close();
    const sent = await answer({ inbox });
    expect(sent).toMatchObject({ status: "sent", sent: 1 });
    expect(sent).not.toHaveProperty("window");
    const refused = await answer({ inbox, recipients: { kind: "reply-only" } });
    expect(refused).toMatchObject({ isError: true, sent: 0, delivery: "not-delivered", code: "WECHAT_CLOSED" });
  });
});

describe("the operator's rate", () => {
  const rate = () => {
    const notes = new Inbox({ appId: APP_ID });
    return new RateLimiter({ perFollower: 1, total: undefined }, { shared: notes, own: notes });
  };
  const send = async (limits: RateLimiter, fake = fakeClient()) =>
    (await call({ openid: OPENID, text: "hi" }, fake, { rate: limits })).structuredContent;

  it("counts what WeChat refused, as a loop of it would go on", async () => {
    const limits = rate();
    const facts = { errcode: 40003, errmsg: "invalid openid", endpoint: ENDPOINT };
    const refused = new WeChatApiError(facts, { delivery: "not-delivered", parts: [] });
    expect(await send(limits, failing(refused))).toMatchObject({ errcode: 40003 });
    expect(await send(limits)).toMatchObject({ code: "WECHAT_MCP_RATE" });
  });

  it("does not count what never left", async () => {
    const limits = rate();
    const lost = new WeChatTransportError(
      { reason: "connect", message: "connection refused", sent: false },
      { delivery: "not-delivered", parts: [{ index: 0, delivery: "not-delivered" }] },
    );
    expect(await send(limits, failing(lost))).toMatchObject({ delivery: "not-delivered" });
    expect(await send(limits)).toMatchObject({ status: "sent" });
  });
});

it("a window that cannot be read in time does not hold a send up", async () => {
  const inbox = { window: () => new Promise<ReplyWindow>(() => {}) };
  const { structuredContent } = await call({ openid: OPENID, text: "hi" }, fakeClient(), { inbox });
  expect(structuredContent).toMatchObject({ status: "sent" });
  expect(structuredContent).not.toHaveProperty("window");
});

describe("a failed send", () => {
  it("carries what WeChat said, the remedy in both languages, and that it is safe to repeat", async () => {
    const error = new WeChatReplyWindowError(
      { errcode: 45047, errmsg: `out of response count limit rid: ${RID}`, endpoint: ENDPOINT },
      { delivery: "not-delivered", parts: [{ index: 0, delivery: "not-delivered", errcode: 45047, rid: RID }] },
    );
    const { structuredContent, text, isError } = await call({ openid: OPENID, text: "hi" }, failing(error));
    expect(isError).toBe(true);
    expect(structuredContent).toMatchObject({
      status: "failed",
      delivery: "not-delivered",
      code: "WECHAT_REPLY_WINDOW",
      errcode: 45047,
      rid: RID,
      remedy_en: error.remedy.en,
      remedy_zh: error.remedy.zh,
      next_step: expect.stringContaining("Nothing reached the follower"),
    });
    for (const said of ["45047", "delivery: not-delivered", error.remedy.en, error.remedy.zh])
      expect(text).toContain(said);
  });

  it("tells the model not to repeat a send whose outcome is unknown", async () => {
    const error = new WeChatTransportError(
      { reason: "timeout", message: "no answer within 10000 ms", sent: true },
      { delivery: "unknown", parts: [{ index: 0, delivery: "unknown" }] },
    );
    const { structuredContent, text } = await call({ openid: OPENID, text: "hi" }, failing(error));
    expect(structuredContent).toMatchObject({ delivery: "unknown", code: "WECHAT_TIMEOUT" });
    expect(structuredContent.next_step).toContain("do not repeat it on your own");
    expect(text).toContain("delivery: unknown");
  });

  it("gives the texts of the parts that did not arrive, where others did", async () => {
    const error = new WeChatReplyWindowError(
      { errcode: 45047, errmsg: "out of response count limit", endpoint: ENDPOINT },
      {
        delivery: "unknown",
        parts: [
          { index: 0, delivery: "delivered", errcode: 0 },
          { index: 1, delivery: "not-delivered", errcode: 45047 },
        ],
      },
    );
    const { structuredContent } = await call({ openid: OPENID, text: "a b" }, failing(error, ["a", "b"]));
    expect(structuredContent.parts).toEqual([
      { index: 0, delivery: "delivered", errcode: 0 },
      { index: 1, delivery: "not-delivered", errcode: 45047, text: "b" },
    ]);
    expect(structuredContent.next_step).toContain(
      "1 of 2 parts reached the follower; do not send the whole text again",
    );
  });

  it.each([
    ["an exception", new TypeError("sentinel https://api.weixin.qq.com/?access_token=sentinel")],
    ["a thrown string", "sentinel"],
    ["a thrown undefined", undefined],
  ])("maps %s to a fixed message, with the outcome unknown", async (_, thrown) => {
    const { structuredContent, text } = await call({ openid: OPENID, text: "hi" }, failing(thrown));
    expect(structuredContent).toMatchObject({ delivery: "unknown", code: "WECHAT_MCP_INTERNAL" });
    expect(JSON.stringify(structuredContent) + text).not.toContain("sentinel");
  });

  it("takes an error of core without a delivery as unknown", async () => {
    const error = new WeChatApiError({ errcode: 99999, errmsg: "?", endpoint: ENDPOINT });
    const { structuredContent } = await call({ openid: OPENID, text: "hi" }, failing(error));
    expect(structuredContent).toMatchObject({ delivery: "unknown", errcode: 99999 });
  });

  it("shows no link, secret or line break from WeChat's words", async () => {
    const error = new WeChatPermissionError(
      { errcode: 48001, errmsg: "more at https://mmbizurl.cn/s/abc\nx access_token=sentinel", endpoint: ENDPOINT },
      { delivery: "not-delivered", parts: [] },
    );
    const { structuredContent } = await call({ openid: OPENID, text: "hi" }, failing(error));
    expect(structuredContent.message).not.toMatch(/:\/\/|sentinel|\n/);
  });
});
