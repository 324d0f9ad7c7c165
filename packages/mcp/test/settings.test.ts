import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { readConfiguration } from "../src/configuration.js";
import { readFlags } from "../src/flags.js";
import { SettingsError } from "../src/problems.js";
import { DEFAULT_SETTINGS } from "../src/settings.js";

const ACCOUNT = { WECHAT_APP_ID: "wx0123456789abcdef", WECHAT_APP_SECRET: "0123456789abcdef0123456789abcdef" };

async function problemsOf(env: NodeJS.ProcessEnv) {
  try {
    await readConfiguration({ env });
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
}

const names = async (env: NodeJS.ProcessEnv) => (await problemsOf(env)).map(({ name }) => name);

describe("settings", () => {
  it("need the account only: then nobody may be written to, the AI label is on and sends are real", async () => {
    const { accounts, settings, audit } = await readConfiguration({ env: ACCOUNT });
    expect(settings).toEqual(DEFAULT_SETTINGS);
    expect(settings).toMatchObject({ aiLabel: true, dryRun: false, readOnly: false, confirm: "off" });
    expect(audit).toBeUndefined();
    const nobody = { kind: "nobody" };
    expect(accounts).toMatchObject([{ name: undefined, recipients: nobody, templateRecipients: nobody }]);
    expect(accounts[0]?.client.appId).toBe(ACCOUNT.WECHAT_APP_ID);
  });

  it("do not show the AppSecret when they are printed", async () => {
    expect(inspect(await readConfiguration({ env: ACCOUNT }), { depth: 10, showHidden: true })).not.toContain(
      ACCOUNT.WECHAT_APP_SECRET,
    );
  });

  it.each([
    ["on", true],
    ["ON", true],
    ["true", true],
    ["1", true],
    ["off", false],
    [" Off ", false],
    ["false", false],
    ["0", false],
  ])("read a switch set to %j as %j", async (value, expected) => {
    const { settings } = await readConfiguration({
      env: {
        ...ACCOUNT,
        WECHAT_MCP_DRY_RUN: value,
        WECHAT_MCP_AI_LABEL: value,
        WECHAT_MCP_READ_ONLY: value,
      },
    });
    expect(settings).toMatchObject({ dryRun: expected, aiLabel: expected, readOnly: expected });
  });

  it.each(["yes please", "2", "-"])("do not guess what a switch set to %j means", async (value) => {
    expect(await names({ ...ACCOUNT, WECHAT_MCP_DRY_RUN: value })).toEqual(["WECHAT_MCP_DRY_RUN"]);
    expect(await names({ ...ACCOUNT, WECHAT_MCP_AI_LABEL: value })).toEqual(["WECHAT_MCP_AI_LABEL"]);
  });

  it.each([
    ["WECHAT_MCP_TEMPLATE_RECIPIENTS", "reply-only"],
    ["WECHAT_MCP_TOOLS", "send_wechat_image"],
    ["WECHAT_MCP_TOOLS", "send_wechat_message, all"],
    // It is always there; who names it may mean "only this one", which would not be so.
    ["WECHAT_MCP_TOOLS", "send_wechat_text"],
    ["WECHAT_MCP_TOOLS", "constructor"],
    ["WECHAT_MCP_READ_ONLY", "yes"],
    ["WECHAT_MCP_CONFIRM", "on"],
    ["WECHAT_MCP_RATE_PER_FOLLOWER", "0"],
    ["WECHAT_MCP_RATE_PER_FOLLOWER", "-1"],
    ["WECHAT_MCP_RATE_TOTAL", "5.5"],
    ["WECHAT_MCP_RATE_TOTAL", "3001"],
    ["WECHAT_MCP_AUDIT_FILE", "/sentinel/audit.jsonl"],
    ["WECHAT_MCP_AUDIT_OPENIDS", "sha1"],
    ["WECHAT_MCP_RECIPIENTS", "reply-only"],
    ["WECHAT_MCP_RECIPIENT", "oA"],
    ["WECHAT_MCP_DRYRUN", "on"],
    ["WECHAT_MCP_constructor", "on"],
  ])("refuse %s=%s, from which it would not be clear what is meant", async (name, value) => {
    const [problem, ...others] = await problemsOf({ ...ACCOUNT, [name]: value });
    expect(others).toEqual([]);
    expect(problem).toMatchObject({
      name,
      remedy: { en: expect.any(String), zh: expect.stringMatching(/\p{Script=Han}/u) },
    });
    expect(JSON.stringify(problem)).not.toContain("sentinel");
  });

  it.each([
    ["WECHAT_MCP_TOOLS", "", { optIn: new Set() }],
    [
      "WECHAT_MCP_TOOLS",
      " set_wechat_typing ,send_wechat_message,",
      { optIn: new Set(["set_wechat_typing", "send_wechat_message"]) },
    ],
    ["WECHAT_MCP_CONFIRM", "Required", { confirm: "required" }],
    ["WECHAT_MCP_CONFIRM", "if-supported", { confirm: "if-supported" }],
    ["WECHAT_MCP_RATE_PER_FOLLOWER", "5", { rate: { perFollower: 5, total: 120 } }],
    ["WECHAT_MCP_RATE_PER_FOLLOWER", "off", { rate: { perFollower: undefined, total: 120 } }],
    ["WECHAT_MCP_RATE_TOTAL", "1", { rate: { perFollower: 10, total: 1 } }],
    ["WECHAT_MCP_RATE_TOTAL", "  ", { rate: { perFollower: 10, total: 120 } }],
    ["WECHAT_MCP_AUDIT_FILE", "", { auditFile: undefined }],
    ["WECHAT_MCP_AUDIT_OPENIDS", "hash", { auditOpenids: "hash" }],
  ])("take %s=%j", async (name, value, expected) => {
    const { settings } = await readConfiguration({ env: { ...ACCOUNT, [name]: value } });
    expect(settings).toEqual({ ...DEFAULT_SETTINGS, ...expected });
  });

  it("tell a placeholder that the host did not fill in", async () => {
    const found = await problemsOf({ ...ACCOUNT, WECHAT_APP_SECRET: "${WECHAT_APP_SECRET}" });
    expect(found).toMatchObject([{ name: "WECHAT_APP_SECRET", problem: expect.stringContaining("placeholder") }]);
    const several = { WECHAT_APP_ID: "${A}", WECHAT_APP_SECRET_FILE: "${B}", WECHAT_TOKEN_SOURCE: "sometimes" };
    expect(await names(several)).toEqual(["WECHAT_APP_SECRET_FILE", "WECHAT_APP_ID", "WECHAT_TOKEN_SOURCE"]);
  });

  it("take a proxy, and do not show a wrong one", async () => {
    expect(await problemsOf({ ...ACCOUNT, WECHAT_PROXY: "env" })).toEqual([]);
    expect(await problemsOf({ ...ACCOUNT, WECHAT_PROXY: "http://user:sentinel@127.0.0.1:3128" })).toEqual([]);
    const found = await problemsOf({ ...ACCOUNT, WECHAT_PROXY: "socks5://user:sentinel@127.0.0.1:1080" });
    expect(found).toMatchObject([{ name: "WECHAT_PROXY" }]);
    expect(JSON.stringify(found)).not.toContain("sentinel");
  });

  it("report all that is wrong at once", async () => {
    const env = {
      WECHAT_API_BASE_URL: "not a url",
      WECHAT_TOKEN_SOURCE: "sometimes",
      WECHAT_MCP_RECIPIENTS: "*,oA",
      WECHAT_MCP_DRY_RUN: "perhaps",
      WECHAT_MCP_READ_ONLY: "perhaps",
      WECHAT_MCP_CONFIRM: "perhaps",
    };
    const found = await names(env);
    expect(new Set(found)).toEqual(new Set(["WECHAT_APP_ID", "WECHAT_APP_SECRET", ...Object.keys(env)]));
    expect(found).toHaveLength(8);
  });

  it("do not repeat a secret in a problem", async () => {
    const secret = "sentinel secret with spaces, which is no AppSecret";
    const found = await problemsOf({ WECHAT_APP_ID: "sentinel-not-an-appid", WECHAT_APP_SECRET: secret });
    expect(JSON.stringify(found)).not.toContain(secret);
  });
});

describe("WECHAT_INBOX", () => {
  const folder = mkdtempSync(join(tmpdir(), "wechat-mcp-inbox-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([undefined, "", "  "])("set to %j: no inbox", async (word) => {
    const [account] = (await readConfiguration({ env: { ...ACCOUNT, WECHAT_INBOX: word } })).accounts;
    expect({ inbox: account?.inbox, noted: account?.client.inbox }).toEqual({ inbox: undefined, noted: undefined });
    expect(account?.notes).toBe(account?.ownNotes);
  });

  it("opens the account's inbox, in which the client notes what it sends", async () => {
    const configuration = await readConfiguration({ env: { ...ACCOUNT, WECHAT_INBOX: ` sqlite:${folder}/inbox.db ` } });
    const [account] = configuration.accounts;
    expect(account?.client.inbox).toBe(account?.inbox);
    expect(account?.notes).toBe(account?.inbox);
    expect(account?.recipients).toEqual({ kind: "reply-only" });
    expect(account?.inbox?.appId).toBe(ACCOUNT.WECHAT_APP_ID);
    await configuration.close();
  });

  it.each([
    ["a word that it does not know", "postgres://user:pa55word@127.0.0.1/"],
    ["a file that cannot be", "sqlite:/dev/null/inbox.db"],
    ["a Redis that is not there", "redis://user:pa55word@127.0.0.1:1/0"],
  ])("set to %s is a problem like any other, and shows no password", async (_, word) => {
    const found = await problemsOf({ ...ACCOUNT, WECHAT_INBOX: word, WECHAT_MCP_DRY_RUN: "perhaps" });
    expect(found.map(({ name }) => name).sort()).toEqual(["WECHAT_INBOX", "WECHAT_MCP_DRY_RUN"]);
    for (const { remedy } of found) expect(remedy.zh).toMatch(/\p{Script=Han}/u);
    expect(JSON.stringify(found)).not.toContain("pa55word");
  });
});

describe("the command line", () => {
  it.each([
    [[], "serve"],
    [["--help"], "help"],
    [["-h"], "help"],
    [["--version"], "version"],
    [["-v"], "version"],
  ])("%j means %s", (args, command) => {
    expect(readFlags(args)).toMatchObject({ command, problems: [] });
  });

  it.each([
    ["--http=sentinel", "--http"],
    ["--port", "--port"],
    ["--port=8080", "--port"],
    ["--host=sentinel", "--host"],
    ["--callback-path=/sentinel", "--callback-path"],
    ["--no-http", "--no-http"],
    ["--", "argument 1"],
    ["--secret=sentinel", "--secret"],
    ["-x", "-x"],
    ["--HELP", "argument 1"],
    ["sentinel", "argument 1"],
    ["-s0sentinel", "argument 1"],
    ["", "argument 1"],
  ])("%j is an error that names %j and no value", (arg, name) => {
    const { problems } = readFlags([arg]);
    expect(problems).toMatchObject([{ name }]);
    expect(JSON.stringify(problems)).not.toContain("sentinel");
  });

  it("reports each flag that it does not know, and each value that is left over", () => {
    expect(readFlags(["--secret", "sentinel", "--http", "-x", "8080"]).problems.map(({ name }) => name)).toEqual([
      "--secret",
      "argument 2",
      "-x",
      "argument 5",
    ]);
  });

  it.each([
    [["--http"], { host: "127.0.0.1", port: 9967, callbackPath: undefined }],
    [["--http", "--port", "0", "--host", "::1"], { host: "::1", port: 0 }],
    [["--callback-path=/wechat/a.b", "--port=65535", "--host=Example.com", "--http"], { callbackPath: "/wechat/a.b" }],
    [["--http", "--callback-path", "/"], { callbackPath: "/" }],
  ])("%j says where to serve HTTP", (args, http) => {
    expect(readFlags(args)).toMatchObject({ command: "serve", http, problems: [] });
  });

  it.each([
    ["--port", ["65536", "-1", "1e3", "0x50", "80 ", "sentinel"]],
    ["--host", ["127.0.0.1:80", "http://127.0.0.1", "a b", "sentinel/", "*"]],
    [
      "--callback-path",
      ["wechat", "/mcp", "/mcp/", "/a?b", "/a#b", "//a", "/a/../mcp", "/%6Dcp", "/sentinel sentinel"],
    ],
  ])("%s is not taken if its value is wrong, in either spelling", (flag, values) => {
    for (const args of values.flatMap((value) => [[flag, value], [`${flag}=${value}`]])) {
      const { problems } = readFlags(["--http", ...args]);
      expect(problems).toMatchObject([{ name: flag, remedy: { zh: expect.stringMatching(/\p{Script=Han}/u) } }]);
      expect(JSON.stringify(problems)).not.toContain("sentinel");
    }
    expect(readFlags(["--http", flag]).problems).toMatchObject([{ name: flag, problem: "has no value" }]);
    expect(readFlags(["--http", `${flag}=`]).problems).toMatchObject([{ name: flag, problem: "has no value" }]);
  });
});
