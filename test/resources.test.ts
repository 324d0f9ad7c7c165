import { DEFAULT_APP_ID, DEFAULT_APP_SECRET, DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";
import { describe, expect, it } from "vitest";
import { AGENT, clientOf, currentToken, furnished, simulated, TEMPLATE } from "./support/desk.js";
import { FILES, varied } from "./support/files.js";

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe("what a reply needs around it", () => {
  it("templates: list, send to a follower whose window is closed, ids of 64 bits kept whole", async () => {
    const { simulator, client } = await furnished();
    simulator.addFollower({ openid: DEFAULT_FOLLOWER, window: "closed" });
    const [template] = await client.templates.list();
    expect(template).toMatchObject({ id: TEMPLATE, title: "发货通知" });
    const data = { first: "您好", no: "123" };
    const { messageId } = await client.templates.send({ openid: DEFAULT_FOLLOWER, templateId: TEMPLATE, data });
    expect(messageId).toMatch(/^\d{17,20}$/);
    expect(Number.isSafeInteger(Number(messageId))).toBe(false);
    expect(simulator.ledger.messages).toMatchObject([{ msgtype: "template", openid: DEFAULT_FOLLOWER }]);
    await expect(client.templates.send({ openid: DEFAULT_FOLLOWER, templateId: "none", data })).rejects.toMatchObject({
      errcode: 40037,
      delivery: "not-delivered",
    });
    simulator.inject({ kind: "reset-after", path: "/cgi-bin/message/template/send" });
    await expect(client.templates.send({ openid: DEFAULT_FOLLOWER, templateId: TEMPLATE, data })).rejects.toMatchObject(
      {
        delivery: "unknown",
      },
    );
  });

  it("agents: add, list, rename, invite, delete", async () => {
    const { client } = await furnished();
    const account = "bob@simulator";
    await client.agents.add({ account, nickname: "小波" });
    await client.agents.update({ account, nickname: "波波" });
    expect(await client.agents.list()).toContainEqual(expect.objectContaining({ account, nickname: "波波" }));
    await client.agents.invite({ account, wechatId: "bob-wechat" });
    expect(await client.agents.online()).toEqual(expect.any(Array));
    await client.agents.delete({ account });
    expect((await client.agents.list()).map((agent) => agent.account)).not.toContain(account);
    await expect(client.agents.delete({ account })).rejects.toMatchObject({ errcode: 65401 });
    await expect(client.agents.add({ account: "bob", nickname: "x" })).rejects.toMatchObject({ field: "account" });
  });

  it("sessions: create, get, list, waiting, close", async () => {
    const { simulator, client } = await furnished();
    const pair = { account: AGENT, openid: DEFAULT_FOLLOWER };
    simulator.changeAgent({ kfAccount: AGENT, online: true });
    expect(await client.sessions.get({ openid: DEFAULT_FOLLOWER })).toBeUndefined();
    simulator.transfer(DEFAULT_FOLLOWER);
    expect(await client.sessions.waiting()).toMatchObject({ count: 1, followers: [{ openid: DEFAULT_FOLLOWER }] });
    await client.sessions.create(pair);
    expect(await client.sessions.get({ openid: DEFAULT_FOLLOWER })).toMatchObject({ account: AGENT });
    expect(await client.sessions.list({ account: AGENT })).toMatchObject([{ openid: DEFAULT_FOLLOWER }]);
    await client.sessions.close(pair);
    await expect(client.sessions.close(pair)).rejects.toMatchObject({ errcode: 65413 });
  });

  it("sessions: handing over to whoever serves the follower, or is least busy, and taking back", async () => {
    const second = "bob@simulator";
    const simulator = await simulated({
      accounts: [{ appId: DEFAULT_APP_ID, secret: DEFAULT_APP_SECRET, kfAccounts: [AGENT, second] }],
    });
    const client = clientOf(simulator);
    const [openid, other] = [DEFAULT_FOLLOWER, "oOther"];
    simulator.addFollower({ openid: other });
    for (const kfAccount of [AGENT, second]) simulator.changeAgent({ kfAccount, online: false });
    expect(await client.sessions.takeBack({ openid })).toEqual({ openid, ended: false });
    await expect(client.sessions.handOver({ openid })).rejects.toMatchObject({
      code: "WECHAT_NO_AGENT",
      remedy: { en: expect.stringContaining("online"), zh: expect.stringContaining("上线") },
    });
    for (const kfAccount of [AGENT, second]) simulator.changeAgent({ kfAccount, online: true });
    expect(await client.sessions.handOver({ openid })).toEqual({ openid, account: AGENT });
    expect(await client.sessions.handOver({ openid: other })).toEqual({ openid: other, account: second });
    expect(await client.sessions.handOver({ openid })).toEqual({ openid, account: AGENT });
    await expect(client.sessions.handOver({ openid, account: second })).rejects.toMatchObject({ errcode: 65414 });
    await expect(client.sessions.handOver({ openid, account: "bob" })).rejects.toMatchObject({ field: "account" });
    expect(await client.sessions.takeBack({ openid })).toEqual({ openid, account: AGENT, ended: true });
    expect(await client.sessions.takeBack({ openid, account: AGENT })).toEqual({ openid, ended: false });
    await expect(client.sessions.takeBack({ openid: other, account: AGENT })).rejects.toMatchObject({ errcode: 65414 });
  });

  it("records: what was said, over more than 24 hours, each once", async () => {
    const { simulator, client } = await furnished();
    const from = new Date(Math.floor(simulator.clock.now() / 1000) * 1000);
    await client.messages.sendText(DEFAULT_FOLLOWER, "first");
    simulator.clock.set(from.getTime() + 86_400_000); // exactly at the seam
    simulator.interact(DEFAULT_FOLLOWER, "message", { text: "question" });
    simulator.clock.advance(3_600_000);
    await client.messages.sendText(DEFAULT_FOLLOWER, "second");
    const records = await collect(client.records.between(from, new Date(simulator.clock.now() + 1000)));
    expect(records.map(({ direction, text }) => `${direction} ${text}`)).toEqual([
      "out first",
      "in question",
      "out second",
    ]);
    await expect(collect(client.records.between(new Date(1000), new Date(0)))).rejects.toMatchObject({ field: "to" });
  });

  it("users: one, many, and all openids page by page", async () => {
    const simulator = await simulated({ limits: { followersPerPage: 3 } });
    for (let n = 1; n < 8; n++) simulator.addFollower({ openid: `oFollower${n}`, remark: `备注${n}`, tags: [n] });
    simulator.addFollower({ openid: "oGone", subscribed: false });
    const { users } = clientOf(simulator);
    expect(await users.get({ openid: "oFollower3" })).toMatchObject({ following: true, remark: "备注3", tagIds: [3] });
    expect(await users.get({ openid: "oGone" })).toMatchObject({ following: false });
    expect((await users.getMany({ openids: ["oFollower1", "oFollower2"] })).map(({ remark }) => remark)).toEqual([
      "备注1",
      "备注2",
    ]);
    expect(await users.page()).toMatchObject({ total: 8, openids: expect.any(Array) });
    const all = await collect(users.openids());
    expect(new Set(all)).toEqual(
      new Set([DEFAULT_FOLLOWER, ...Array.from({ length: 7 }, (_, n) => `oFollower${n + 1}`)]),
    );
    expect(all).toHaveLength(8);
    const tooMany = Array.from({ length: 101 }, (_, n) => `o${n}`);
    await expect(users.getMany({ openids: tooMany })).rejects.toMatchObject({ field: "openids" });
  });

  it("quota: used calls, a call by its rid without its secrets, clearing", async () => {
    const { simulator, client } = await furnished();
    const path = "/cgi-bin/message/custom/send";
    await client.messages.sendText(DEFAULT_FOLLOWER, "hi");
    expect(await client.quota.get({ path })).toMatchObject({ dailyLimit: 500_000, used: 1, remaining: 499_999 });
    const refused = await client.messages.sendText("oNobody", "hi").catch((error) => error);
    const found = await client.quota.lookUp({ rid: refused.rid });
    expect(found.url).toContain("access_token=***");
    expect(JSON.stringify(found)).not.toContain(await currentToken(simulator));
    await client.quota.clear({ appId: DEFAULT_APP_ID });
    expect(await client.quota.get({ path })).toMatchObject({ used: 0 });
  });

  it("quota: cleared with the secret, without an access token", async () => {
    const { simulator, client } = await furnished();
    await client.quota.clearWithSecret({ appId: DEFAULT_APP_ID, appSecret: DEFAULT_APP_SECRET });
    const body = { appid: DEFAULT_APP_ID, appsecret: "***" };
    expect(simulator.ledger.calls).toMatchObject([{ path: "/cgi-bin/clear_quota/v2", errcode: 0, body }]);
    expect(simulator.ledger.calls[0]).not.toHaveProperty("accessToken");
    await expect(client.quota.clearWithSecret({ appId: DEFAULT_APP_ID, appSecret: "" })).rejects.toMatchObject({
      field: "appSecret",
    });
    simulator.inject({ kind: "busy", path: "/cgi-bin/clear_quota/v2" });
    await client.quota.clearWithSecret({ appId: DEFAULT_APP_ID, appSecret: DEFAULT_APP_SECRET });
    const wrong = client.quota.clearWithSecret({ appId: DEFAULT_APP_ID, appSecret: "0".repeat(32) });
    await expect(wrong).rejects.toMatchObject({
      code: "WECHAT_CREDENTIAL",
      remedy: { en: expect.stringMatching(/AppSecret/), zh: expect.stringMatching(/AppSecret/) },
    });
    expect(simulator.ledger.calls).toHaveLength(4);
  });

  it("agents: the picture that followers see", async () => {
    const { simulator, client } = await furnished();
    const image = varied(FILES.jpg(), 100_000);
    await client.agents.setHeadImage({ account: AGENT, image });
    const [agent] = await client.agents.list();
    const shown = await fetch(agent?.headImageUrl ?? "");
    expect(Buffer.from(await shown.arrayBuffer()).equals(image)).toBe(true);

    const calls = simulator.ledger.calls.length;
    for (const [field, input] of [
      ["account", { account: "alice", image }],
      ["image", { account: AGENT, image: FILES.png() }],
      ["image", { account: AGENT, image: FILES.jpg(5 * 1024 * 1024 + 1) }],
      ["image.filename", { account: AGENT, image: { bytes: image, filename: "a.png" } }],
    ] as const) {
      await expect(client.agents.setHeadImage(input)).rejects.toMatchObject({ code: "WECHAT_VALIDATION", field });
    }
    expect(simulator.ledger.calls).toHaveLength(calls);
    const nobody = client.agents.setHeadImage({ account: "bob@simulator", image });
    await expect(nobody).rejects.toMatchObject({ errcode: 65401, remedy: { zh: expect.stringMatching(/客服/) } });
  });

  it("reads are repeated after a fault that may pass; what changes something is not", async () => {
    const { simulator, client } = await furnished();
    for (const kind of ["busy", "reset-before", "http-502", "html-200"] as const) {
      simulator.inject({ kind, path: "/cgi-bin/template/get_all_private_template", times: 2 });
      expect(await client.templates.list()).toHaveLength(1);
      simulator.inject({ kind: kind === "busy" ? "reset-before" : kind, path: "/customservice/kfaccount/add" });
      await expect(client.agents.add({ account: "x@simulator", nickname: "x" })).rejects.toMatchObject({
        name: "WeChatTransportError",
      });
    }
  });
});

describe("the client's own bounds and the rest of WeChat's API", () => {
  it("request() calls any path with the same tokens, errors and redaction", async () => {
    const { simulator, client } = await furnished();
    const answer = await client.request("POST", "/cgi-bin/openapi/quota/get", { body: { cgi_path: "/cgi-bin/token" } });
    expect(answer).toMatchObject({ errcode: 0, quota: { daily_limit: expect.any(Number) } });
    expect(await client.request("GET", "/cgi-bin/user/info", { query: { openid: DEFAULT_FOLLOWER } })).toMatchObject({
      subscribe: 1,
    });
    await expect(client.request("GET", "/cgi-bin/user/info", { query: { openid: "oNobody" } })).rejects.toMatchObject({
      code: "WECHAT_RECIPIENT",
      errcode: 40003,
    });
    const before = simulator.ledger.calls.length;
    for (const [method, path] of [
      ["GET", "cgi-bin/x"],
      ["GET", "/x?access_token=1"],
      ["PUT", "/x"],
    ] as const) {
      const call = () => client.request(method as "GET", path);
      await expect(call()).rejects.toMatchObject({ code: "WECHAT_VALIDATION" });
    }
    expect(simulator.ledger.calls).toHaveLength(before);
  });

  it("maxConcurrent bounds calls at the same time; what waits past its deadline was not sent", async () => {
    const simulator = await simulated({ replyQuota: false });
    const { messages } = clientOf(simulator, { maxConcurrent: 1 });
    simulator.inject({ kind: "slow", delayMs: 300 });
    const slow = messages.sendText(DEFAULT_FOLLOWER, "slow");
    const late = messages.sendText(DEFAULT_FOLLOWER, "late", { deadline: 50 });
    await expect(late).rejects.toMatchObject({ code: "WECHAT_TIMEOUT", delivery: "not-delivered" });
    await slow;
    expect(simulator.ledger.messages.map(({ text }) => text)).toEqual(["slow"]);
  });

  it("messagesPerMinute bounds sends, and nothing else", async () => {
    const { simulator } = await furnished();
    const { messages, users } = clientOf(simulator, { messagesPerMinute: 2 });
    for (const text of ["1", "2"]) await messages.sendText(DEFAULT_FOLLOWER, text);
    const third = messages.sendText(DEFAULT_FOLLOWER, "3", { deadline: 50 });
    await users.get({ openid: DEFAULT_FOLLOWER });
    await expect(third).rejects.toMatchObject({ code: "WECHAT_TIMEOUT", delivery: "not-delivered" });
    expect(simulator.ledger.messages).toHaveLength(2);
  });

  it("a text can be written in Markdown, and with \\n for line breaks", async () => {
    const { simulator, client } = await furnished();
    await client.messages.sendText(DEFAULT_FOLLOWER, "**订单**：[查看](https://example.com/1)", { markdown: true });
    await client.messages.sendText(DEFAULT_FOLLOWER, "第一行\\n第二行", { interpretEscapes: true });
    expect(simulator.ledger.messages.map(({ text }) => text)).toEqual([
      '订单：<a href="https://example.com/1">查看</a>',
      "第一行\n第二行",
    ]);
    const blank = client.messages.sendText(DEFAULT_FOLLOWER, "\\n", { interpretEscapes: true });
    await expect(blank).rejects.toMatchObject({ field: "text" });
  });
});
