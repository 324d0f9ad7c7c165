import { WeChatApiError, WeChatClientError, WeChatTransportError } from "@wechat-offiaccount/core";
import { describe, expect, it } from "vitest";
import { serverWithAll, silentInbox } from "./support/added-tools.js";
import { inboxOf, OPENID, text } from "./support/conversations.js";

const server = (given?: Parameters<typeof serverWithAll>[1]) => serverWithAll("transfer_to_human", given);
const ENDPOINT = "POST /customservice/kfsession/create";

describe("handing over", () => {
  it.each([
    [undefined, "alice@shop"],
    ["bob@shop", "bob@shop"],
  ])("to %j tells who has the follower now, and to stop answering", async (agent, account) => {
    const { call, calls, noted } = await server();
    const result = await call({ openid: OPENID, agent });
    expect(result).toMatchObject({ status: "sent", delivery: "delivered" });
    expect(result.message).toContain(`with the agent ${account}`);
    expect(result.message).toContain("stop answering");
    expect(calls).toEqual([["handOver", { openid: OPENID, account: agent }, { signal: expect.any(AbortSignal) }]]);
    expect(noted).toMatchObject([{ tool: "transfer_to_human", openid: OPENID, outcome: "delivered" }]);
  });

  it("asks a person first", async () => {
    const confirm = { confirm: "required" } as const;
    const declined = await server({ action: "decline", settings: confirm });
    expect(await declined.call({ openid: OPENID, agent: "bob@shop" })).toMatchObject({
      code: "WECHAT_MCP_NOT_CONFIRMED",
    });
    expect(declined.asked[0]).toContain(`Hand the WeChat follower ${OPENID} over to a human agent?`);
    expect(declined.asked[0]).toContain("bob@shop");
    expect(declined.calls).toEqual([]);
    const accepted = await server({ action: "accept", settings: confirm });
    expect(await accepted.call({ openid: OPENID })).toMatchObject({ status: "sent" });
    expect(accepted.asked[0]).toContain("the least busy one who is online");
  });

  it("takes no reply: it is allowed where the replies are used up", async () => {
    const { inbox, arrives } = inboxOf();
    await arrives(text("hi"));
    for (let sent = 0; sent < 5; sent++) inbox.record(OPENID, { message: text("hi"), delivery: "delivered" });
    const { call } = await server({
      account: { inbox, recipients: { kind: "reply-only" } },
      settings: { rate: { perFollower: 2, total: 2 } },
    });
    for (let time = 0; time < 2; time++) expect(await call({ openid: OPENID })).toMatchObject({ status: "sent" });
    expect(await call({ openid: OPENID })).toMatchObject({ code: "WECHAT_MCP_RATE" });
    expect(await call({ openid: "oStranger" })).toMatchObject({ code: "WECHAT_MCP_RECIPIENT_DENIED" });
  });

  it("a dry run says what would be done", async () => {
    const { call, calls } = await server();
    expect(await call({ openid: OPENID, agent: "bob@shop", dry_run: true })).toMatchObject({
      status: "dry-run",
      parts: [{ text: "[hand over to bob@shop]" }],
    });
    expect(calls).toEqual([]);
  });

  it.each([
    ["a recipient who is not allowed", {}, { recipients: { kind: "nobody" } }, "WECHAT_MCP_RECIPIENT_DENIED"],
    ["an openid that is none", { openid: "张三" }, {}, "WECHAT_VALIDATION"],
    ["an agent without an account", { agent: "bob" }, {}, "WECHAT_VALIDATION"],
  ] as const)("is refused for %s", async (_what, input, account, code) => {
    const { call, calls } = await server({ account });
    expect(await call({ openid: OPENID, ...input })).toMatchObject({ delivery: "not-delivered", code });
    expect(calls).toEqual([]);
  });

  it("is refused for one who has not acted for 48 hours", async () => {
    const { call, calls } = await server({ account: { inbox: await silentInbox() } });
    expect(await call({ openid: OPENID })).toMatchObject({ code: "WECHAT_MCP_WINDOW_CLOSED" });
    expect(calls).toEqual([]);
  });
});

describe("a failure", () => {
  it("that nobody is online has a code and a remedy of its own", async () => {
    const remedy = { en: "Let an agent go online.", zh: "请让客服上线。" };
    const nobody = new WeChatClientError("WECHAT_NO_AGENT", "No human agent is online.", remedy);
    const { call } = await server({ behaviour: { handOver: () => Promise.reject(nobody) } });
    expect(await call({ openid: OPENID })).toMatchObject({
      code: "WECHAT_NO_AGENT",
      delivery: "not-delivered",
      remedy_en: remedy.en,
      remedy_zh: remedy.zh,
    });
  });

  it("of WeChat is told as surely not done", async () => {
    const refused = new WeChatApiError({ errcode: 65415, errmsg: "kf offline", endpoint: ENDPOINT });
    const { call } = await server({ behaviour: { handOver: () => Promise.reject(refused) } });
    expect(await call({ openid: OPENID })).toMatchObject({ delivery: "not-delivered", errcode: 65415 });
  });

  it("whose outcome nobody knows may be repeated, because twice is the same as once", async () => {
    const lost = new WeChatTransportError({ reason: "timeout", message: "late", sent: true });
    const { call } = await server({ behaviour: { handOver: () => Promise.reject(lost) } });
    expect(await call({ openid: OPENID })).toMatchObject({
      delivery: "unknown",
      next_step: expect.stringContaining("the same as doing it once"),
    });
  });
});
