import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { readFlags } from "../src/flags.js";
import { readConfiguration, SettingsError } from "../src/settings.js";

const ACCOUNT = { WECHAT_APP_ID: "wx0123456789abcdef", WECHAT_APP_SECRET: "0123456789abcdef0123456789abcdef" };

async function problemsOf(env: NodeJS.ProcessEnv) {
  try {
    await readConfiguration(env);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
}

const names = async (env: NodeJS.ProcessEnv) => (await problemsOf(env)).map(({ name }) => name);

describe("settings", () => {
  it("need the account only: then nobody may be written to, the AI label is on and sends are real", async () => {
    const { client, settings } = await readConfiguration(ACCOUNT);
    expect(settings).toEqual({ recipients: { kind: "nobody" }, aiLabel: true, dryRun: false, readOnly: false });
    expect(client.appId).toBe(ACCOUNT.WECHAT_APP_ID);
  });

  it("do not show the AppSecret when they are printed", async () => {
    expect(inspect(await readConfiguration(ACCOUNT), { depth: 10, showHidden: true })).not.toContain(
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
      ...ACCOUNT,
      WECHAT_MCP_DRY_RUN: value,
      WECHAT_MCP_AI_LABEL: value,
      WECHAT_MCP_READ_ONLY: value,
    });
    expect(settings).toMatchObject({ dryRun: expected, aiLabel: expected, readOnly: expected });
  });

  it.each(["yes please", "2", "-"])("do not guess what a switch set to %j means", async (value) => {
    expect(await names({ ...ACCOUNT, WECHAT_MCP_DRY_RUN: value })).toEqual(["WECHAT_MCP_DRY_RUN"]);
    expect(await names({ ...ACCOUNT, WECHAT_MCP_AI_LABEL: value })).toEqual(["WECHAT_MCP_AI_LABEL"]);
  });

  it.each([
    ["WECHAT_MCP_TEMPLATE_RECIPIENTS", "oA"],
    ["WECHAT_MCP_TEMPLATE_RECIPIENTS", "*"],
    ["WECHAT_MCP_TOOLS", "send_wechat_image"],
    ["WECHAT_MCP_READ_ONLY", "yes"],
    ["WECHAT_MCP_CONFIRM", "required"],
    ["WECHAT_MCP_CONFIRM", "if-supported"],
    ["WECHAT_MCP_RATE_PER_FOLLOWER", "5"],
    ["WECHAT_MCP_RATE_TOTAL", "60"],
    ["WECHAT_MCP_AUDIT_FILE", "audit.jsonl"],
    ["WECHAT_MCP_RECIPIENTS", "reply-only"],
    ["WECHAT_MCP_RECIPIENT", "oA"],
    ["WECHAT_MCP_DRYRUN", "on"],
    ["WECHAT_MCP_constructor", "on"],
  ])("refuse %s=%s, which this version would not keep", async (name, value) => {
    const [problem, ...others] = await problemsOf({ ...ACCOUNT, [name]: value });
    expect(others).toEqual([]);
    expect(problem).toMatchObject({
      name,
      remedy: { en: expect.any(String), zh: expect.stringMatching(/\p{Script=Han}/u) },
    });
    expect(JSON.stringify(problem)).not.toContain("sentinel");
  });

  it.each([
    ["WECHAT_MCP_READ_ONLY", "off"],
    ["WECHAT_MCP_CONFIRM", "off"],
    ["WECHAT_MCP_TOOLS", "send_wechat_text"],
    ["WECHAT_MCP_AUDIT_FILE", ""],
    ["WECHAT_MCP_RATE_TOTAL", "  "],
  ])("accept %s=%j, which asks for what the server does", async (name, value) => {
    expect(await problemsOf({ ...ACCOUNT, [name]: value })).toEqual([]);
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
      WECHAT_MCP_CONFIRM: "required",
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
    const { client, inbox } = await readConfiguration({ ...ACCOUNT, WECHAT_INBOX: word });
    expect({ inbox, noted: client.inbox }).toEqual({ inbox: undefined, noted: undefined });
  });

  it("opens the account's inbox, in which the client notes what it sends", async () => {
    const { client, inbox, settings } = await readConfiguration({
      ...ACCOUNT,
      WECHAT_INBOX: ` sqlite:${folder}/inbox.db `,
    });
    expect(client.inbox).toBe(inbox);
    expect(settings.recipients).toEqual({ kind: "reply-only" });
    expect(inbox?.appId).toBe(ACCOUNT.WECHAT_APP_ID);
    await inbox?.close();
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
