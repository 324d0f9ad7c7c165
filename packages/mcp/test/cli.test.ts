import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Ended, startProcess } from "./support/host.js";

const ACCOUNT = { WECHAT_APP_ID: "wx0123456789abcdef", WECHAT_APP_SECRET: "0123456789abcdef0123456789abcdef" };
const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
const HAN = /\p{Script=Han}/u;

const initialize = JSON.stringify({
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "test-host", version: "1.0.0" } },
});

function expectOnlyJsonRpc({ stdout }: Ended): void {
  for (const line of stdout.split("\n").filter((line) => line !== "")) {
    expect(JSON.parse(line)).toMatchObject({ jsonrpc: "2.0" });
  }
}

function endOfStdin(env: Record<string, string>, args: string[] = []): Promise<Ended> {
  const server = startProcess(env, args);
  server.child.stdin.end();
  return server.ended;
}

describe("flags", () => {
  it.each(["--version", "-v"])("%s prints the version", async (flag) => {
    expect(await endOfStdin({}, [flag])).toEqual({ code: 0, signal: null, stdout: `${version}\n`, stderr: "" });
  });

  it.each(["--help", "-h"])("%s names every setting, without needing any", async (flag) => {
    const { code, stdout, stderr } = await endOfStdin({}, [flag]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    for (const name of [
      "WECHAT_APP_ID",
      "WECHAT_APP_SECRET_FILE",
      "WECHAT_INBOX",
      "WECHAT_MCP_RECIPIENTS",
      "WECHAT_MCP_DRY_RUN",
      "--callback-path",
      "WECHAT_MCP_HTTP_TOKEN_FILE",
      "WECHAT_MCP_ALLOWED_HOSTS",
      "WECHAT_CALLBACK_TOKEN",
      "WECHAT_ENCODING_AES_KEY",
    ]) {
      expect(stdout).toContain(name);
    }
  });

  it("that are not known end the server, together with what is wrong with the settings", async () => {
    const { code, stdout, stderr } = await endOfStdin({}, ["--port", "80", "--secret=sentinel"]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    for (const name of ["4 problems", "--port", "--secret", "WECHAT_APP_ID", "WECHAT_APP_SECRET"]) {
      expect(stderr).toContain(name);
    }
    expect(stderr).not.toContain("sentinel");
  });
});

describe("settings that are wrong", () => {
  it("end the server with all problems on stderr, in both languages, and an empty stdout", async () => {
    const { code, stdout, stderr } = await endOfStdin({
      WECHAT_APP_ID: ACCOUNT.WECHAT_APP_ID,
      WECHAT_APP_SECRET_FILE: "/nowhere/sentinel",
      // Without an inbox nobody can be known to have written.
      WECHAT_MCP_RECIPIENTS: "reply-only",
      WECHAT_MCP_READ_ONLY: "perhaps",
    });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    for (const name of ["WECHAT_APP_SECRET_FILE", "WECHAT_MCP_RECIPIENTS", "WECHAT_MCP_READ_ONLY"]) {
      expect(stderr).toContain(`- ${name}`);
    }
    expect(stderr.match(/^- /gm)).toHaveLength(3);
    expect(stderr).toMatch(HAN);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

describe("a running server", () => {
  it("says on stderr that it may write to nobody, when no recipients are set", async () => {
    const { code, stdout, stderr } = await endOfStdin(ACCOUNT);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(stderr).toContain("WECHAT_MCP_RECIPIENTS is not set");
    expect(stderr).toMatch(HAN);
  });

  it("says nothing of the kind when they are set, and does not print them", async () => {
    const { stderr } = await endOfStdin({ ...ACCOUNT, WECHAT_MCP_RECIPIENTS: "oSentinel1,oSentinel2" });
    expect(stderr).toContain("Recipients: 2 openid(s)");
    expect(stderr).not.toContain("oSentinel");
    expect(stderr).not.toContain("WECHAT_MCP_RECIPIENTS is not set");
  });

  it("in read-only mode says so, and not who may be written to", async () => {
    const { stderr } = await endOfStdin({ ...ACCOUNT, WECHAT_MCP_READ_ONLY: "on" });
    expect(stderr).toContain("Read-only: on");
    expect(stderr).not.toContain("Recipients");
  });

  it("says once that there is no inbox, and what that means", async () => {
    const { stderr } = await endOfStdin(ACCOUNT);
    expect(stderr.match(/WECHAT_INBOX is not set/g)).toHaveLength(1);
    expect(stderr).toContain("未设置 WECHAT_INBOX");
  });

  it("says that nothing comes into an inbox in its own memory", async () => {
    const { code, stderr } = await endOfStdin({ ...ACCOUNT, WECHAT_INBOX: "memory" });
    expect(code).toBe(0);
    expect(stderr).toContain("receives nothing by itself");
    expect(stderr).toContain("reply-only");
    expect(stderr).not.toContain("WECHAT_INBOX is not set");
  });

  it("ends with exit code 0 when stdin closes after a conversation", async () => {
    const server = startProcess(ACCOUNT);
    server.write(initialize);
    await server.seen("stdout", '"id":1');
    server.child.stdin.end();
    const ended = await server.ended;
    expect(ended).toMatchObject({ code: 0, signal: null });
    expectOnlyJsonRpc(ended);
  });

  it.each(["SIGTERM", "SIGINT"] as const)("ends with exit code 0 on %s while stdin stays open", async (signal) => {
    const server = startProcess(ACCOUNT);
    server.write(initialize);
    await server.seen("stdout", '"id":1');
    server.child.kill(signal);
    expect(await server.ended).toMatchObject({ code: 0, signal: null });
  });

  it("ends when the host stops reading", async () => {
    const server = startProcess(ACCOUNT);
    await server.seen("stderr", "serves MCP");
    server.child.stdout.destroy();
    server.write(initialize);
    server.write(initialize.replace('"id":1', '"id":2'));
    expect(await server.ended).toMatchObject({ code: 0, signal: null });
  });

  it("answers or ignores what is no MCP, and writes nothing but JSON-RPC", async () => {
    const server = startProcess(ACCOUNT);
    server.write("not json, sentinel");
    server.write('{"jsonrpc":"2.0"}');
    server.write('["sentinel"]');
    server.write(initialize);
    await server.seen("stdout", '"id":1');
    server.write('{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"no_such_tool","arguments":{}}}');
    server.write('{"jsonrpc":"2.0","id":3,"method":"no/such/method"}');
    await server.seen("stdout", '"id":3');
    server.child.stdin.end();
    const ended = await server.ended;
    expect(ended.code).toBe(0);
    expectOnlyJsonRpc(ended);
    expect(ended.stdout).toContain("-32601");
    expect(ended.stderr).not.toContain("sentinel");
  });
});

describe("what a dependency may do", () => {
  const onSignal = (code: string) => ({
    ...ACCOUNT,
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(`process.on("SIGUSR2", () => { ${code} })`)}`,
  });

  it("print with console.log: it goes to stderr", async () => {
    const server = startProcess(onSignal('console.log("noise"); console.info("noise"); console.table(["noise"])'));
    await server.seen("stderr", "serves MCP");
    server.child.kill("SIGUSR2");
    await server.seen("stderr", "noise");
    server.child.stdin.end();
    expect(await server.ended).toMatchObject({ code: 0, stdout: "" });
  });

  it.each([
    ["throw", 'throw new Error("sentinel")'],
    ["reject", 'Promise.reject(new Error("sentinel"))'],
  ])("%s out of any call: the server ends with exit code 1 and does not print the message", async (_, code) => {
    const server = startProcess(onSignal(code));
    await server.seen("stderr", "serves MCP");
    server.child.kill("SIGUSR2");
    const ended = await server.ended;
    expect(ended).toMatchObject({ code: 1, stdout: "" });
    expect(ended.stderr).toContain("defect");
    expect(ended.stderr).not.toContain("Error: sentinel");
  });
});
