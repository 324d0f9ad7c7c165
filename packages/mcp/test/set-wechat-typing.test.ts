import { WeChatApiError, WeChatBusyError, WeChatTransportError } from "@wechat-offiaccount/core";
import { describe, expect, it } from "vitest";
import { serverWithAll, silentInbox } from "./support/added-tools.js";
import { inboxOf, OPENID, text } from "./support/conversations.js";

const server = (given?: Parameters<typeof serverWithAll>[1]) => serverWithAll("set_wechat_typing", given);
const ENDPOINT = "POST /cgi-bin/message/custom/typing";

describe("typing", () => {
  it("is shown, or hidden, and told as what WeChat accepted", async () => {
    const { call, calls, noted } = await server();
    expect(await call({ openid: OPENID })).toMatchObject({
      status: "sent",
      delivery: "delivered",
      message: expect.stringContaining("15 seconds"),
    });
    expect(await call({ openid: OPENID, on: false })).toMatchObject({ message: "Typing is no longer shown." });
    const options = { signal: expect.any(AbortSignal) };
    expect(calls).toEqual([
      ["setTyping", OPENID, true, options],
      ["setTyping", OPENID, false, options],
    ]);
    // It says nothing to the follower.
    for (const { content } of noted) expect(content).toBeUndefined();
  });

  it("asks nobody and takes no reply; for the operator's rate it is a message, as it could run in a loop", async () => {
    const { inbox, arrives } = inboxOf();
    await arrives(text("hi"));
    for (let sent = 0; sent < 5; sent++) inbox.record(OPENID, { message: text("hi"), delivery: "delivered" });
    const { call, asked } = await server({
      action: "decline",
      account: { inbox, recipients: { kind: "reply-only" } },
      settings: { confirm: "required", rate: { perFollower: 3, total: 3 } },
    });
    for (let time = 0; time < 3; time++) {
      expect(await call({ openid: OPENID })).toMatchObject({ status: "sent", window: { state: "used-up" } });
    }
    expect(await call({ openid: OPENID })).toMatchObject({ code: "WECHAT_MCP_RATE" });
    expect(asked).toEqual([]);
  });

  it("a dry run says what would be done", async () => {
    const { call, calls } = await server();
    expect(await call({ openid: OPENID, dry_run: true })).toMatchObject({
      status: "dry-run",
      parts: [{ text: "[typing is shown]" }],
      message: "Dry run: nothing was sent. It would be no messages.",
    });
    expect(calls).toEqual([]);
  });

  it.each([
    ["a recipient who is not allowed", {}, { recipients: { kind: "nobody" } }, "WECHAT_MCP_RECIPIENT_DENIED"],
    ["an openid that is none", { openid: "张三" }, {}, "WECHAT_VALIDATION"],
    ["an argument of another form", { on: "yes" }, {}, "WECHAT_VALIDATION"],
  ] as const)("is refused for %s", async (_what, input, account, code) => {
    const { call, calls } = await server({ account });
    expect(await call({ openid: OPENID, ...input })).toMatchObject({ delivery: "not-delivered", code });
    expect(calls).toEqual([]);
  });

  it("is not shown to one who has not acted for 48 hours, but can be hidden", async () => {
    const { call, calls } = await server({ account: { inbox: await silentInbox() } });
    expect(await call({ openid: OPENID })).toMatchObject({ code: "WECHAT_MCP_WINDOW_CLOSED" });
    expect(calls).toEqual([]);
    expect(await call({ openid: OPENID, on: false })).toMatchObject({ status: "sent" });
  });
});

describe("a failure", () => {
  it.each([45080, 45081])("%d is explained, and is surely not done", async (errcode) => {
    const refused = new WeChatApiError({ errcode, errmsg: "?", endpoint: ENDPOINT });
    const { call } = await server({ behaviour: { setTyping: () => Promise.reject(refused) } });
    const result = await call({ openid: OPENID });
    expect(result).toMatchObject({ delivery: "not-delivered", errcode, remedy_en: refused.remedy.en });
    expect(result.remedy_en).toMatch(/15 seconds|30 seconds/);
  });

  it.each([
    ["busy", new WeChatBusyError({ errcode: -1, errmsg: "system error", endpoint: ENDPOINT }), "unknown"],
    ["no answer", new WeChatTransportError({ reason: "timeout", message: "late", sent: true }), "unknown"],
    [
      "no connection",
      new WeChatTransportError({ reason: "connect", message: "refused", sent: false }),
      "not-delivered",
    ],
  ])("%s is told as it is, and may be repeated", async (_what, error, delivery) => {
    const { call } = await server({ behaviour: { setTyping: () => Promise.reject(error) } });
    const result = await call({ openid: OPENID });
    expect(result).toMatchObject({ status: "failed", delivery });
    expect(result.next_step).toMatch(/can be called again|calling again cannot/);
  });
});
