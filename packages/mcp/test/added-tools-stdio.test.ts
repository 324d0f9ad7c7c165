import {
  createSimulator,
  DEFAULT_APP_ID,
  DEFAULT_APP_SECRET,
  DEFAULT_FOLLOWER,
  type Simulator,
} from "@wechat-offiaccount/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { OPT_IN_TOOLS } from "../src/tools/opt-in.js";
import { deskOf, hostOf } from "./support/desk.js";
import { connectHost, HOST_KINDS, type Host, type HostKind, serverWith } from "./support/host.js";

const AGENT = "alice@shop";
const TEMPLATE = "tpl-000000000000000000000000000000000000001";

let simulator: Simulator;
const hosts: Host[] = [];

beforeEach(async () => {
  simulator = await createSimulator({
    accounts: [
      {
        appId: DEFAULT_APP_ID,
        secret: DEFAULT_APP_SECRET,
        wechatId: "shop",
        kfAccounts: [AGENT],
        templates: [{ templateId: TEMPLATE, title: "发货通知", content: "单号：{{no.DATA}}" }],
      },
    ],
  });
  simulator.addMedia({ mediaId: "PICTURE", type: "image" });
});

afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.close()));
  await simulator.close();
});

async function connect(kind: HostKind, env: Record<string, string> = {}): Promise<Host> {
  const server = serverWith({
    WECHAT_APP_ID: DEFAULT_APP_ID,
    WECHAT_APP_SECRET: DEFAULT_APP_SECRET,
    WECHAT_API_BASE_URL: simulator.url,
    WECHAT_MCP_RECIPIENTS: DEFAULT_FOLLOWER,
    WECHAT_MCP_TEMPLATE_RECIPIENTS: DEFAULT_FOLLOWER,
    WECHAT_MCP_TOOLS: OPT_IN_TOOLS.join(", "),
    ...env,
  });
  const host = await connectHost(kind, server);
  hosts.push(host);
  return host;
}

const openid = DEFAULT_FOLLOWER;
const sent = () => simulator.ledger.messages;
const paths = () => simulator.ledger.calls.map(({ path }) => path);

describe.each(HOST_KINDS)("a host on the %s client", (kind) => {
  it("is shown the same tools as every other one, and no others than the operator named", async () => {
    const desk = deskOf({}, { optIn: new Set(OPT_IN_TOOLS) });
    const { tools: expected } = await (await hostOf(desk)).listTools();
    const host = await connect(kind);
    expect((await host.listTools()).tools).toEqual(expected);
    const less = await connect(kind, { WECHAT_MCP_TOOLS: "set_wechat_typing" });
    expect((await less.listTools()).tools.map(({ name }) => name)).toEqual([
      "send_wechat_text",
      "set_wechat_typing",
      "check_wechat_account",
    ]);
  });

  it("sends a card, a picture and a menu as WeChat wants them", async () => {
    const host = await connect(kind);
    await host.listTools();
    const url = "https://example.com/你好?a=b";
    const messages = [
      { type: "news", title: "标题", url, picture_url: "https://example.com/p.jpg" },
      { type: "image", media_id: "PICTURE" },
      { type: "msgmenu", head: "?", items: [{ id: "y", text: "好" }], tail: "!" },
    ];
    for (const message of messages) {
      const result = await host.call("send_wechat_message", { openid, ...message });
      expect(result).toMatchObject({ isError: false, structured: { delivery: "delivered" } });
    }
    expect(sent().map(({ msgtype, ai, body }) => ({ msgtype, ai, content: body[msgtype] }))).toEqual([
      {
        msgtype: "news",
        ai: true,
        content: { articles: [{ title: "标题", url, picurl: "https://example.com/p.jpg" }] },
      },
      { msgtype: "image", ai: true, content: { media_id: "PICTURE" } },
      {
        msgtype: "msgmenu",
        ai: true,
        content: { head_content: "?", list: [{ id: "y", content: "好" }], tail_content: "!" },
      },
    ]);
  });

  it("sends a template message to one whose window is closed, once for a key", async () => {
    simulator.addFollower({ openid, window: "closed" });
    const host = await connect(kind);
    await host.listTools();
    const order = { openid, template_id: TEMPLATE, data: [{ keyword: "no", value: "SF-1" }], idempotency_key: "k" };
    for (const duplicate of [undefined, true]) {
      const { structured } = await host.call("send_wechat_template", order);
      expect(structured).toMatchObject({ delivery: "delivered", ...(duplicate && { duplicate }) });
    }
    expect(sent()).toMatchObject([{ msgtype: "template", text: "单号：SF-1" }]);
  });

  it("shows typing, which WeChat refuses a second time", async () => {
    simulator.interact(openid, "message", { text: "hi" });
    const host = await connect(kind);
    await host.listTools();
    expect(await host.call("set_wechat_typing", { openid })).toMatchObject({ isError: false });
    expect((await host.call("set_wechat_typing", { openid })).structured).toMatchObject({
      delivery: "not-delivered",
      errcode: 45081,
      remedy_en: expect.stringContaining("15 seconds"),
    });
    expect(await host.call("set_wechat_typing", { openid, on: false })).toMatchObject({ isError: false });
    expect(sent()).toEqual([]);
  });

  it("hands a follower over to the agent who is online", async () => {
    const host = await connect(kind);
    await host.listTools();
    const { structured } = await host.call("transfer_to_human", { openid });
    expect(structured).toMatchObject({ delivery: "delivered", message: expect.stringContaining(AGENT) });
    expect(paths().slice(-3)).toEqual([
      "/customservice/kfsession/getsession",
      "/cgi-bin/customservice/getonlinekflist",
      "/customservice/kfsession/create",
    ]);
    simulator.changeAgent({ kfAccount: AGENT, online: false });
    simulator.addFollower({ openid: "oOther" });
    const later = await connect(kind, { WECHAT_MCP_RECIPIENTS: "*" });
    expect((await later.call("transfer_to_human", { openid: "oOther" })).structured).toMatchObject({
      delivery: "not-delivered",
      code: "WECHAT_NO_AGENT",
    });
  });
});

describe("what WeChat refuses", () => {
  it("a media_id that it does not know", async () => {
    const host = await connect("v1");
    const { structured } = await host.call("send_wechat_message", { openid, type: "image", media_id: "made-up" });
    expect(structured).toMatchObject({ delivery: "not-delivered", errcode: 40007, rid: expect.any(String) });
    expect(sent()).toEqual([]);
  });

  it("a template that the account does not have: the failure and a dry run list those that it has", async () => {
    const host = await connect("v1");
    for (const dry_run of [false, true]) {
      const order = { openid, template_id: "made-up", data: [], dry_run };
      const { structured } = await host.call("send_wechat_template", order);
      expect(structured).toMatchObject({ status: "failed", delivery: "not-delivered" });
      expect(structured.remedy_en).toContain(`template_id ${TEMPLATE} (发货通知): 单号：{{no.DATA}}`);
    }
    expect(sent()).toEqual([]);
  });

  it("typing long after the follower wrote", async () => {
    simulator.interact(openid, "message", { text: "hi" });
    simulator.clock.advance(31_000);
    const host = await connect("v1");
    expect((await host.call("set_wechat_typing", { openid })).structured).toMatchObject({
      delivery: "not-delivered",
      errcode: 45080,
    });
  });

  it("an agent who is not online", async () => {
    simulator.changeAgent({ kfAccount: AGENT, online: false });
    const host = await connect("v1");
    expect((await host.call("transfer_to_human", { openid, agent: AGENT })).structured).toMatchObject({
      delivery: "not-delivered",
      errcode: 65415,
    });
  });
});

describe("an outcome that nobody can know", () => {
  it.each([
    ["send_wechat_message", "/cgi-bin/message/custom/send", { type: "image", media_id: "PICTURE" }],
    [
      "send_wechat_template",
      "/cgi-bin/message/template/send",
      { template_id: TEMPLATE, data: [{ keyword: "no", value: "1" }] },
    ],
    ["set_wechat_typing", "/cgi-bin/message/custom/typing", {}],
    ["transfer_to_human", "/customservice/kfsession/create", {}],
  ])("of %s is unknown, and the call is made once", async (tool, path, input) => {
    simulator.interact(openid, "message", { text: "hi" });
    simulator.inject({ kind: "reset-after", path });
    const host = await connect("v1");
    const { isError, structured } = await host.call(tool, { openid, ...input });
    expect(isError).toBe(true);
    expect(structured).toMatchObject({ delivery: "unknown", next_step: expect.any(String) });
    expect(paths().filter((called) => called === path)).toHaveLength(1);
  });
});
