import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { readConfiguration } from "../src/configuration.js";
import { SettingsError } from "../src/problems.js";
import { DEFAULT_SETTINGS } from "../src/settings.js";
import { inboxOf, OPENID, text } from "./support/conversations.js";
import { accountOf, hostOf } from "./support/desk.js";
import { fakeClient } from "./support/fake-client.js";

const SHOP = { WECHAT_APP_ID: "wx0000000000000001", WECHAT_APP_SECRET: "sentinel-secret-of-the-shop" };
const HELP = { WECHAT_APP_ID: "wx0000000000000002", WECHAT_APP_SECRET: "sentinel-secret-of-the-help" };

function fileOf(content: unknown) {
  const folder = mkdtempSync(join(tmpdir(), "wechat-mcp-accounts-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "accounts.json");
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
}

async function accountsOf(content: unknown, env: NodeJS.ProcessEnv = {}) {
  const configuration = await readConfiguration({ env: { ...env, WECHAT_ACCOUNTS_FILE: fileOf(content) } });
  onTestFinished(() => configuration.close());
  return configuration.accounts;
}

async function problemsOf(env: NodeJS.ProcessEnv) {
  try {
    await readConfiguration({ env });
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
}

describe("WECHAT_ACCOUNTS_FILE", () => {
  it("names accounts, each with its variables; what is left out comes from the environment", async () => {
    const accounts = await accountsOf(
      {
        shop: { ...SHOP, WECHAT_MCP_RECIPIENTS: "oA,oB" },
        help: { ...HELP, WECHAT_INBOX: "", WECHAT_API_BASE_URL: "http://127.0.0.1:8901" },
      },
      { WECHAT_INBOX: "memory", WECHAT_MCP_RECIPIENTS: "*", WECHAT_MCP_TEMPLATE_RECIPIENTS: "oT" },
    );
    expect(accounts).toMatchObject([
      { name: "shop", recipients: { kind: "list" }, templateRecipients: { kind: "list" } },
      { name: "help", recipients: { kind: "anyone" }, inbox: undefined },
    ]);
    expect(accounts.map(({ client }) => [client.appId, client.baseUrl])).toEqual([
      [SHOP.WECHAT_APP_ID, "https://api.weixin.qq.com"],
      [HELP.WECHAT_APP_ID, "http://127.0.0.1:8901"],
    ]);
    expect(accounts[0]?.inbox?.appId).toBe(SHOP.WECHAT_APP_ID);
    expect(inspect(accounts, { depth: 10, showHidden: true })).not.toContain("sentinel");
  });

  it.each<[string, unknown]>([
    ["no JSON, and does not quote it", '{"shop": {"WECHAT_APP_SECRET": "sentinel" '],
    ["a list", [SHOP]],
    ["no account", {}],
    ["an account that is a text", { shop: "sentinel" }],
    ["a variable that no account has", { shop: { ...SHOP, WECHAT_MCP_READ_ONLY: "sentinel" } }],
    ["a value that is no text", { shop: { ...SHOP, WECHAT_APP_SECRET: 7 } }],
    ["a name that is none", { "my shop": SHOP }],
    ["one AppID twice", { shop: SHOP, help: SHOP }],
  ])("is refused where it holds %s", async (_, content) => {
    const problems = await problemsOf({ WECHAT_ACCOUNTS_FILE: fileOf(content) });
    expect(problems).toMatchObject([{ name: "WECHAT_ACCOUNTS_FILE", remedy: { zh: expect.any(String) } }]);
    expect(JSON.stringify(problems)).not.toContain("sentinel");
  });

  it("is said which variable is none, if it is a name of one", async () => {
    const entry = { ...SHOP, WECHAT_MCP_READ_ONLY: "on", "sentinel value": "x" };
    const [problem] = await problemsOf({ WECHAT_ACCOUNTS_FILE: fileOf({ shop: entry }) });
    expect(problem?.problem).toContain("shop.WECHAT_MCP_READ_ONLY");
    expect(problem?.problem).not.toContain("sentinel");
  });

  it.runIf(process.platform !== "win32")("and secret files that others can read are told of", async () => {
    const secrets = fileOf("sentinel-secret-of-the-help");
    const file = fileOf({ shop: SHOP, help: { WECHAT_APP_ID: HELP.WECHAT_APP_ID, WECHAT_APP_SECRET_FILE: secrets } });
    const said = async (mode: number) => {
      for (const path of [secrets, file]) chmodSync(path, mode);
      const lines: string[] = [];
      const configuration = await readConfiguration({
        env: { WECHAT_ACCOUNTS_FILE: file },
        log: (line) => void lines.push(line),
      });
      await configuration.close();
      return lines.join("\n");
    };
    expect(await said(0o600)).toBe("");
    const remarks = await said(0o644);
    for (const part of ["WECHAT_ACCOUNTS_FILE", "WECHAT_APP_SECRET_FILE", "chmod 600", "密钥"]) {
      expect(remarks).toContain(part);
    }
    expect(remarks).not.toContain("sentinel");
  });

  it("is refused where it cannot be read, or an account of the environment stands beside it", async () => {
    expect(await problemsOf({ WECHAT_ACCOUNTS_FILE: "/no/such/accounts.json" })).toMatchObject([
      { name: "WECHAT_ACCOUNTS_FILE", problem: "cannot be read (ENOENT)" },
    ]);
    const file = fileOf({ shop: SHOP });
    expect(await problemsOf({ WECHAT_ACCOUNTS_FILE: file, ...HELP })).toMatchObject([
      { name: "WECHAT_APP_ID" },
      { name: "WECHAT_APP_SECRET" },
    ]);
  });

  it("tells of each account what is wrong with it", async () => {
    const content = { shop: { WECHAT_APP_ID: "sentinel" }, help: { ...HELP, WECHAT_MCP_RECIPIENTS: "reply-only" } };
    const problems = await problemsOf({ WECHAT_ACCOUNTS_FILE: fileOf(content) });
    expect(problems.map(({ name }) => name).sort()).toEqual([
      "WECHAT_ACCOUNTS_FILE: help.WECHAT_MCP_RECIPIENTS",
      "WECHAT_ACCOUNTS_FILE: shop.WECHAT_APP_ID",
      "WECHAT_ACCOUNTS_FILE: shop.WECHAT_APP_SECRET",
    ]);
    expect(JSON.stringify(problems)).not.toContain("sentinel");
  });
});

describe("a server with several accounts", () => {
  async function twoAccounts() {
    const shop = { ...inboxOf(), fake: fakeClient() };
    const help = { fake: fakeClient() };
    await shop.arrives(text("hi"));
    const host = await hostOf({
      settings: DEFAULT_SETTINGS,
      accounts: [
        accountOf({ name: "shop", client: shop.fake.client, inbox: shop.inbox, recipients: { kind: "reply-only" } }),
        accountOf({
          name: "help",
          client: help.fake.client,
          recipients: { kind: "list", openids: new Set(["oHelp"]) },
        }),
      ],
    });
    const call = async (name: string, args: object) => {
      const { structuredContent, isError } = await host.callTool({ name, arguments: { ...args } });
      return { ...Object(structuredContent), isError };
    };
    return { shop, help, host, call };
  }

  it("has an argument that says which, required, with only the accounts that have the tool", async () => {
    const { host } = await twoAccounts();
    const { tools } = await host.listTools();
    const choices = tools.map(({ name, inputSchema }) => [name, Object(inputSchema.properties?.account).enum]);
    expect(Object.fromEntries(choices)).toEqual({
      list_wechat_conversations: ["shop"],
      read_wechat_conversation: ["shop"],
      wait_for_wechat_message: ["shop"],
      send_wechat_text: ["shop", "help"],
      check_wechat_account: ["shop", "help"],
    });
    for (const { inputSchema } of tools) expect(inputSchema.required).toContain("account");
    expect(host.getInstructions()).toContain("several");
  });

  it("sends from the account that was named, by that account's rules", async () => {
    const { shop, help, call } = await twoAccounts();
    const send = (account: unknown, openid: string) => call("send_wechat_text", { account, openid, text: "hi" });
    expect(await send("shop", OPENID)).toMatchObject({ delivery: "delivered" });
    expect(await send("help", "oHelp")).toMatchObject({ delivery: "delivered" });
    expect(await send("help", OPENID)).toMatchObject({ code: "WECHAT_MCP_RECIPIENT_DENIED" });
    expect(await send("shop", "oHelp")).toMatchObject({ code: "WECHAT_MCP_RECIPIENT_DENIED" });
    expect([shop.fake.sent.length, help.fake.sent.length]).toEqual([1, 1]);
  });

  it.each([undefined, "", "SHOP", "constructor", 7, null])("does nothing for account %j", async (account) => {
    const { shop, help, call } = await twoAccounts();
    expect(await call("send_wechat_text", { account, openid: OPENID, text: "hi" })).toMatchObject({
      isError: true,
      delivery: "not-delivered",
      code: "WECHAT_VALIDATION",
      message: expect.stringContaining("account"),
    });
    expect(await call("list_wechat_conversations", { account })).toMatchObject({ code: "WECHAT_VALIDATION" });
    expect([...shop.fake.sent, ...help.fake.sent]).toEqual([]);
  });

  it("keeps each account's keys apart", async () => {
    const { call } = await twoAccounts();
    const args = { openid: OPENID, text: "hi", idempotency_key: "a" };
    expect(await call("send_wechat_text", { account: "shop", ...args })).not.toHaveProperty("duplicate");
    const other = { account: "help", ...args, openid: "oHelp" };
    expect(await call("send_wechat_text", other)).toMatchObject({ delivery: "delivered" });
  });
});
