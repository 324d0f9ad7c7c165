import { type Template, WeChatApiError, WeChatContentError, WeChatTransportError } from "@wechat-offiaccount/core";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { serverWithAll, silentInbox } from "./support/added-tools.js";
import { inboxOf, OPENID, text } from "./support/conversations.js";

const server = (given?: Parameters<typeof serverWithAll>[1]) => serverWithAll("send_wechat_template", given);

const SHIPPED: Template = {
  id: "tpl-1",
  title: "发货通知",
  primaryIndustry: "",
  deputyIndustry: "",
  content: "单号：{{no.DATA}}\n{{ thing1.DATA }} {{remark.DATA}}",
  example: "",
};
const listTemplates = async () => [SHIPPED];
const DATA = [
  { keyword: "no", value: "SF-1" },
  { keyword: "thing1", value: "两本书 {{no.DATA}} $&" },
];
const ORDER = { openid: OPENID, template_id: "tpl-1", data: DATA };
const CLIENT_MESSAGE_ID = z.object({ clientMessageId: z.string().optional() });
const SEND = "POST /cgi-bin/message/template/send";

describe("a template message", () => {
  it("goes out as given, needs no interaction, and is told as taken, not as arrived", async () => {
    const { call, calls, noted } = await server({ account: { inbox: await silentInbox() } });
    const links = { url: "https://example.com/1", mini_program_app_id: "wxabc", mini_program_page: "pages/a" };
    const result = await call({ ...ORDER, ...links });
    expect(result).toMatchObject({ status: "sent", delivery: "delivered", parts: [{ delivery: "delivered" }] });
    expect(result.message).toContain("Whether it arrived comes later");
    expect(result.message).toContain("TEMPLATESENDJOBFINISH");
    const sent = {
      openid: OPENID,
      templateId: "tpl-1",
      data: { no: "SF-1", thing1: "两本书 {{no.DATA}} $&" },
      url: "https://example.com/1",
      miniProgram: { appId: "wxabc", pagePath: "pages/a" },
    };
    expect(calls).toEqual([["templates.send", sent, { signal: expect.any(AbortSignal) }]]);
    expect(noted).toMatchObject([{ content: expect.stringContaining("data no: SF-1"), outcome: "delivered" }]);
  });

  it("takes a list of its own of recipients, whatever the other one says", async () => {
    const openids = new Set(["oX"]);
    const refused = await server({ account: { templateRecipients: { kind: "list", openids } } });
    const result = await refused.call(ORDER);
    expect(result).toMatchObject({ code: "WECHAT_MCP_RECIPIENT_DENIED", delivery: "not-delivered" });
    expect(result.message).toContain("WECHAT_MCP_TEMPLATE_RECIPIENTS");
    expect(refused.calls).toEqual([]);
    const allowed = await server({ account: { recipients: { kind: "nobody" } } });
    expect(await allowed.call(ORDER)).toMatchObject({ status: "sent" });
  });

  it("does not go to one who has unsubscribed", async () => {
    const { inbox, arrives, pass } = inboxOf();
    await arrives(text("hi"));
    pass(1000);
    await arrives({ type: "event", event: "unsubscribe" });
    const { call, calls } = await server({ account: { inbox } });
    expect(await call(ORDER)).toMatchObject({ window: { certain: "unsubscribed" } });
    expect(calls).toEqual([]);
  });

  it("shows a person all of it before", async () => {
    const { call, calls, asked } = await server({ action: "decline", settings: { confirm: "required" } });
    expect(await call({ ...ORDER, url: "https://example.com/1" })).toMatchObject({ code: "WECHAT_MCP_NOT_CONFIRMED" });
    for (const said of [OPENID, "tpl-1", "data no: SF-1", "data thing1: 两本书", "https://example.com/1"])
      expect(asked[0]).toContain(said);
    expect(calls).toEqual([]);
  });

  it("counts for the operator's rate", async () => {
    const { call } = await server({ settings: { rate: { perFollower: 1, total: undefined } } });
    await call(ORDER);
    expect(await call(ORDER)).toMatchObject({ code: "WECHAT_MCP_RATE" });
  });
});

describe("an idempotency key", () => {
  /** What a server, which knows of no other one's calls, gives WeChat. */
  const idOf = async (input: object) => {
    const { call, calls } = await server();
    await call({ ...ORDER, ...input });
    expect(calls).toHaveLength(1);
    return CLIENT_MESSAGE_ID.parse(calls[0]?.[1]).clientMessageId;
  };

  it("goes out once", async () => {
    const { call, calls } = await server();
    await call({ ...ORDER, idempotency_key: "k" });
    expect(await call({ ...ORDER, idempotency_key: "k" })).toMatchObject({ delivery: "delivered", duplicate: true });
    expect(calls).toHaveLength(1);
  });

  it("becomes WeChat's client_msg_id, the same for the same call, another one for other content", async () => {
    const id = await idOf({ idempotency_key: "k" });
    expect(id).toMatch(/^[\w-]{43}$/);
    expect(await idOf({ idempotency_key: "k", dry_run: false })).toBe(id);
    expect(await idOf({ idempotency_key: "l" })).not.toBe(id);
    expect(await idOf({ idempotency_key: "k", data: [] })).not.toBe(id);
    expect(await idOf({})).toBeUndefined();
  });
});

describe("a dry run", () => {
  it("looks the template up and shows the text filled in, and what has no value", async () => {
    const { call, calls } = await server({ behaviour: { listTemplates } });
    const result = await call({ ...ORDER, dry_run: true });
    expect(result).toMatchObject({ status: "dry-run", message: "Dry run: nothing was sent. It would be 1 message." });
    expect(result.parts).toHaveLength(1);
    expect(result.parts[0]?.text).toContain("发货通知\n单号：SF-1\n两本书 {{no.DATA}} $& {{remark.DATA}}");
    expect(calls.map(([method]) => method)).toEqual(["templates.list"]);
  });

  it("of an id that the account does not have fails with the account's templates", async () => {
    const { call, calls } = await server({ behaviour: { listTemplates } });
    const result = await call({ ...ORDER, template_id: "?", dry_run: true });
    expect(result).toMatchObject({ code: "WECHAT_VALIDATION", delivery: "not-delivered" });
    expect(result.message).toBe("template_id: the account has no such template");
    expect(result.remedy_en).toContain("template_id tpl-1 (发货通知): 单号：{{no.DATA}} / {{ thing1.DATA }}");
    expect(calls.map(([method]) => method)).toEqual(["templates.list"]);
  });

  it("says so where the account has no templates, or they cannot be looked up", async () => {
    const none = await (await server()).call({ ...ORDER, dry_run: true });
    expect(none.remedy_en).toContain("has no templates");
    const refused = new WeChatApiError({ errcode: 48001, errmsg: "api unauthorized", endpoint: "GET /x" });
    const { call } = await server({ behaviour: { listTemplates: () => Promise.reject(refused) } });
    expect(await call({ ...ORDER, dry_run: true })).toMatchObject({ delivery: "not-delivered", errcode: 48001 });
  });

  it("is what the operator's dry run is too", async () => {
    const { call, calls } = await server({ behaviour: { listTemplates }, settings: { dryRun: true } });
    expect(await call(ORDER)).toMatchObject({
      status: "dry-run",
      message: expect.stringContaining("WECHAT_MCP_DRY_RUN"),
    });
    expect(calls.map(([method]) => method)).toEqual(["templates.list"]);
  });

  it("of one who is not allowed asks WeChat nothing", async () => {
    const { call, calls } = await server({ account: { templateRecipients: { kind: "nobody" } } });
    expect(await call({ ...ORDER, dry_run: true })).toMatchObject({ code: "WECHAT_MCP_RECIPIENT_DENIED" });
    expect(calls).toEqual([]);
  });
});

describe("an unknown template", () => {
  const unknown = new WeChatContentError(
    { errcode: 40037, errmsg: "invalid template_id rid: 64a774ce-020c072d-6c820ec0", endpoint: SEND },
    { delivery: "not-delivered" },
  );
  const sendTemplate = () => Promise.reject(unknown);

  it("is told as WeChat tells it, with the account's own templates, cleaned and bounded", async () => {
    const many = Array.from({ length: 60 }, (_, index) => ({
      ...SHIPPED,
      id: `tpl-${index}`,
      title: "hidden\u200B\u202E",
      content: "长".repeat(1000),
    }));
    const { call } = await server({ behaviour: { sendTemplate, listTemplates: async () => many } });
    const result = await call(ORDER);
    expect(result).toMatchObject({ delivery: "not-delivered", errcode: 40037, rid: "64a774ce-020c072d-6c820ec0" });
    expect(result.remedy_en).toContain("tpl-49");
    expect(result.remedy_en).not.toContain("tpl-50");
    expect(result.remedy_en).toContain("There are 10 more.");
    expect(result.remedy_en).not.toMatch(/[\u200B\u202E]|长{301}/u);
    // Core's own remedy stands beside it.
    expect(result.remedy_en).toContain(unknown.remedy.en);
    expect(result.remedy_zh).toContain("remedy_en");
  });

  it("stays the failure that it is where the templates cannot be listed", async () => {
    const { call } = await server({
      behaviour: { sendTemplate, listTemplates: () => Promise.reject(new TypeError("sentinel")) },
    });
    const result = await call(ORDER);
    expect(result).toMatchObject({ delivery: "not-delivered", errcode: 40037, remedy_en: unknown.remedy.en });
  });
});

it("an outcome that nobody knows is unknown, and asks for no templates", async () => {
  const lost = new WeChatTransportError({ reason: "reset", message: "reset", sent: true }, { delivery: "unknown" });
  const { call, calls } = await server({ behaviour: { sendTemplate: () => Promise.reject(lost) } });
  expect(await call(ORDER)).toMatchObject({ delivery: "unknown", next_step: expect.stringContaining("do not repeat") });
  expect(calls).toHaveLength(1);
});

describe("is refused before anything is sent:", () => {
  it.each<[string, object, string]>([
    ["no template", { template_id: undefined }, "template_id: "],
    ["data as an object", { data: { no: "1" } }, "data: "],
    [
      "a keyword with its braces",
      { data: [{ keyword: "{{no.DATA}}", value: "1" }] },
      "data.0.keyword: is not the bare",
    ],
    ["a keyword twice", { data: [...DATA, { keyword: "no", value: "2" }] }, "data.2.keyword: is there twice"],
    ["a URL that opens no page", { url: "javascript:alert(1)" }, "url: must be an http://"],
    ["a URL that is none", { url: "https://" }, "url: must be a URL"],
    ["a page without its mini program", { mini_program_page: "pages/a" }, "mini_program_app_id: "],
    ["an empty mini program", { mini_program_app_id: "" }, "mini_program_app_id: "],
    ["an openid that is none", { openid: "张 三" }, "openid: is not an openid"],
  ])("%s", async (_what, input, message) => {
    const { call, calls } = await server();
    for (const dry_run of [false, true]) {
      const result = await call({ ...ORDER, ...input, dry_run });
      expect(result).toMatchObject({ delivery: "not-delivered", code: "WECHAT_VALIDATION" });
      expect(result.message).toContain(message);
      expect(result.shown).not.toMatch(/templateId|miniProgram/);
    }
    expect(calls).toEqual([]);
  });
});
