import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { WeChatClientOptions } from "@wechat-offiaccount/core";
import { DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";
import { describe, expect, it, onTestFinished } from "vitest";
import { account, BROKEN_SET_UPS, SECRETS } from "./support/broken-set-ups.js";

const CLI = fileURLToPath(new URL("../packages/core/dist/cli.js", import.meta.url));

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** The real command, with these settings and no others. */
function start(options: Partial<WeChatClientOptions>, args: string[], env: NodeJS.ProcessEnv = {}) {
  const settings = {
    WECHAT_APP_ID: options.appId,
    WECHAT_APP_SECRET: options.appSecret,
    WECHAT_API_BASE_URL: options.baseUrl,
    WECHAT_PROXY: options.proxy,
  };
  const child: ChildProcess = spawn(process.execPath, [CLI, ...args], { env: { ...settings, ...env } });
  onTestFinished(() => void child.kill("SIGKILL"));
  const text = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (part: string) => {
      text[name] += part;
    });
  }
  const ended = once(child, "close").then(([code]): Ended => {
    for (const secret of SECRETS) expect(text.stdout + text.stderr).not.toContain(secret);
    return { code: code as number | null, ...text };
  });
  return { child, ended };
}

const run = (...given: Parameters<typeof start>): Promise<Ended> => start(...given).ended;
/** A text as it was before it was wrapped. */
const unwrapped = (text: string) =>
  text.replace(/\n {2,}/g, " ").replace(/(?<=\p{Script=Han}) (?=\p{Script=Han})/gu, "");
const TO = ["--to", DEFAULT_FOLLOWER];

describe("doctor", () => {
  it("tells a healthy account in lines of at most 80 columns, and ends with 0", async () => {
    const { options } = await account();
    const { code, stdout, stderr } = await run(options, ["doctor"]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout.match(/^✓ /gm)).toHaveLength(7);
    expect(stdout).toContain(`AppID ${options.appId} at ${options.baseUrl}\n`);
    expect(stdout).toMatch(/\nNothing found that keeps this account from sending\.\n$/);
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
    expect(stdout).not.toContain("\u001b");
  });

  it("wraps Chinese by the columns that its characters take, and begins no line with a comma", async () => {
    const { options } = await account({ verified: false, callback: undefined });
    const { code, stdout } = await run(options, ["doctor", "--lang", "zh"]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^✗ 发送客服消息的权限：微信返回 48001/m);
    expect(stdout).toMatch(/^! 回调 URL：/m);
    expect(stdout).toMatch(/^ {4}\S/m);
    for (const line of stdout.split("\n")) {
      expect(line.replace(/[^\x20-\x7e✓✗!–→]/gu, "xx").length).toBeLessThanOrEqual(80);
      expect(line).not.toMatch(/^\s*[，。；：、）]/);
    }
  });

  it.each(BROKEN_SET_UPS.filter(({ codeOnly }) => !codeOnly))("--json names $name", async (setUp) => {
    const { code, stdout } = await run(await setUp.options(), ["doctor", "--json"]);
    expect(code).toBe(setUp.status === "failed" ? 1 : 0);
    const { ok, checks } = JSON.parse(stdout);
    expect(ok).toBe(setUp.status !== "failed");
    const blamed = checks.filter(({ status }: { status: string }) => status === "failed" || status === "warning");
    expect(blamed).toEqual([expect.objectContaining({ id: setUp.check, status: setUp.status })]);
    expect(blamed[0].finding.en).toMatch(setUp.en);
    expect(blamed[0].finding.zh).toMatch(setUp.zh);
  });

  it.each(["en", "zh"] as const)("tells a person in %s what is wrong and what to do", async (lang) => {
    for (const setUp of BROKEN_SET_UPS.filter(({ check }) => check === "ip-white-list" || check === "permission")) {
      const { code, stdout } = await run(await setUp.options(), ["doctor", `--lang=${lang}`]);
      expect(code).toBe(1);
      const text = unwrapped(stdout);
      expect(text).toMatch(/^✗ .*48001|^✗ .*40164|^✗ .*61004|^✗ .*89503/m);
      expect(text).toContain(" → ");
      expect(text).toMatch(/ rid [0-9a-f-]{26}/);
      expect(text).toMatch(lang === "en" ? /Sending does not work yet/ : /目前还不能正常发送/);
    }
  });

  it("stopped by Ctrl-C, it tells what it knows and ends with 1", async () => {
    const { simulator, options } = await account();
    simulator.inject({ kind: "stall", path: "/cgi-bin/stable_token" });
    const { child, ended } = start(options, ["doctor"]);
    await expect.poll(() => simulator.ledger.calls.length, { timeout: 20_000 }).toBe(2);
    child.kill("SIGINT");
    const { code, stdout, stderr } = await ended;
    expect([code, stderr]).toEqual([1, ""]);
    expect(stdout).toMatch(/^✓ Reachability/m);
    expect(stdout).toMatch(/^– AppID and AppSecret: Not checked: the diagnosis was stopped\./m);
    expect(stdout).toMatch(/ended before all was checked\.\n$/);
  });
});

describe("send", () => {
  it("sends, and says so to a person and to a program", async () => {
    const { simulator, options } = await account();
    expect(await run(options, ["send", ...TO, "你好 👋"])).toEqual({
      code: 0,
      stdout: "✓ Delivered (1 message(s)).\n",
      stderr: "",
    });
    const { code, stdout } = await run(options, ["send", ...TO, "--json", "--", "-5 °C"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      ok: true,
      delivery: "delivered",
      parts: [{ index: 0, delivery: "delivered", errcode: 0 }],
      answer: { errcode: 0, errmsg: "ok" },
    });
    expect(simulator.ledger.messages.map(({ text }) => text)).toEqual(["你好 👋", "-5 °C"]);
  });

  it("reads the text from stdin, without the line break that echo adds", async () => {
    const { simulator, options } = await account();
    const { child, ended } = start(options, ["send", ...TO, "-"]);
    child.stdin?.end("第一行\n第二行\n");
    expect((await ended).code).toBe(0);
    expect(simulator.ledger.messages.map(({ text }) => text)).toEqual(["第一行\n第二行"]);
  });

  it("what is on stdin is sent as it is: only the line break at its very end goes", async () => {
    const { simulator, options } = await account();
    const { child, ended } = start(options, ["send", ...TO, "-"]);
    child.stdin?.end("  one \n\n \r\n");
    expect((await ended).code).toBe(0);
    expect(simulator.ledger.messages.map(({ text }) => text)).toEqual(["  one \n\n "]);
  });

  it("stopped by Ctrl-C while it waits for stdin, nothing was sent: 1", async () => {
    const { simulator, options } = await account();
    const { child, ended } = start(options, ["send", ...TO, "-", "--json"]);
    // Only what reads the pipe empties it: more than the pipe holds has to be taken.
    await new Promise((resolve) => child.stdin?.write("x".repeat(512 * 1024), resolve));
    child.kill("SIGINT");
    const { code, stdout, stderr } = await ended;
    expect([code, stderr]).toEqual([1, ""]);
    expect(JSON.parse(stdout)).toMatchObject({ delivery: "not-delivered", error: { code: "WECHAT_ABORTED" } });
    expect(simulator.ledger.calls).toEqual([]);
  });

  it("a reader that has left changes nothing of the outcome", async () => {
    const { simulator, options } = await account();
    simulator.inject({ kind: "slow", delayMs: 300 });
    const { child, ended } = start(options, ["send", ...TO, "hi"]);
    child.stdout?.destroy();
    expect(await ended).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  it("after a defect it is unknown whether the text arrived: 3", async () => {
    const { options } = await account();
    const broken = "Buffer.byteLength = () => { throw new TypeError('of a text') };";
    const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(broken)}` };
    const { code, stdout } = await run(options, ["send", ...TO, "hi", "--json"], env);
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, delivery: "unknown", error: { code: "DEFECT" } });
  });

  it("through WECHAT_PROXY, whose password is not shown", async () => {
    const { options } = await account({}, { proxy: "http://user:pr0xy-pa55word@127.0.0.1:9" });
    for (const lang of ["en", "zh"]) {
      const { code, stdout, stderr } = await run(options, ["send", ...TO, "hi", "--lang", lang]);
      expect([code, stderr]).toEqual([1, ""]);
      expect(stdout).toMatch(
        lang === "en"
          ? /the proxy 127\.0\.0\.1:9 gives no\s+connection to/
          : /^✗ 未送达：无法建立连接（POST \/cgi-bin\/stable_token，/,
      );
    }
  });

  it.each([
    ["is not UTF-8", Buffer.from([0xc4, 0xe3, 0xba, 0xc3])],
    ["is longer than 1 MiB", Buffer.alloc(1024 * 1024 + 1, "x")],
  ])("a stdin that %s is refused, and nothing is sent", async (problem, bytes) => {
    const { simulator, options } = await account();
    const { child, ended } = start(options, ["send", ...TO, "-", "--json"]);
    child.stdin?.on("error", () => {}); // it does not read all
    child.stdin?.end(bytes);
    const { code, stdout } = await ended;
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      delivery: "not-delivered",
      error: { problems: [{ field: "stdin", problem }] },
    });
    expect(simulator.ledger.messages).toEqual([]);
  });

  it("what WeChat refuses is not delivered: 1", async () => {
    const { options } = await account();
    const human = await run(options, ["send", "--to", "oNobody", "hi"], { LANG: "zh_CN.UTF-8" });
    expect(human).toMatchObject({ code: 1, stderr: "" });
    expect(human.stdout).toMatch(/^✗ 未送达：微信返回 40003：不合法的 OpenID。\n {2}→ 请使用本公众号收到的 openid/);
    const { code, stdout } = await run(options, ["send", "--to", "oNobody", "hi", "--json"]);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      delivery: "not-delivered",
      parts: [{ index: 0, delivery: "not-delivered", errcode: 40003 }],
      error: { code: "WECHAT_RECIPIENT", errcode: 40003, rid: expect.any(String), remedy: { zh: expect.any(String) } },
    });
  });

  it("what may have arrived is unknown: 3, with the state of each part", async () => {
    const { simulator, options } = await account();
    simulator.inject({ kind: "reset-after" });
    const one = await run(options, ["send", ...TO, "hi"]);
    expect(one).toMatchObject({ code: 3, stderr: "" });
    expect(one.stdout).toMatch(/^! Unknown whether it arrived: /);
    expect(unwrapped(one.stdout)).toContain("Do not send the same message again blindly");
    simulator.inject({ kind: "reset-after", every: 2 });
    const parts = await run(options, ["send", ...TO, "x".repeat(2 * 2048 + 1)]);
    expect(parts.code).toBe(3);
    expect(parts.stdout.match(/message \d of 3: .*/g)).toEqual([
      "message 1 of 3: delivered",
      "message 2 of 3: unknown whether it arrived",
      "message 3 of 3: not delivered",
    ]);
  });

  it("stopped by Ctrl-C, it tells the true outcome: unknown once it has left, not delivered before", async () => {
    const { simulator, options } = await account();
    simulator.inject({ kind: "stall", delivered: true });
    const { child, ended } = start(options, ["send", ...TO, "hi", "--json"]);
    await expect.poll(() => simulator.ledger.messages.length, { timeout: 20_000 }).toBe(1);
    child.kill("SIGINT");
    const late = await ended;
    expect(late).toMatchObject({ code: 3, stderr: "" });
    expect(JSON.parse(late.stdout)).toMatchObject({ delivery: "unknown", error: { code: "WECHAT_ABORTED" } });

    simulator.inject({ kind: "stall", path: "/cgi-bin/stable_token" });
    const before = start(options, ["send", ...TO, "hi", "--json"]);
    await expect.poll(() => simulator.ledger.calls.at(-1)?.path).toBe("/cgi-bin/stable_token");
    before.child.kill("SIGTERM");
    const early = await before.ended;
    expect(early).toMatchObject({ code: 1, stderr: "" });
    expect(JSON.parse(early.stdout)).toMatchObject({ delivery: "not-delivered", error: { code: "WECHAT_ABORTED" } });
  });
});

describe("arguments and settings", () => {
  it.each<[string[], string[]]>([
    [
      ["doctor", "--jsno", "--lang", "de"],
      ["--jsno", "--lang"],
    ],
    [
      ["send", "--to", "oX", "-5 degrees"],
      ["-…", "text"],
    ],
    [
      ["send", ...TO, "-hello there"],
      ["-…", "text"],
    ],
    [
      ["send", ...TO, "--help"],
      ["--help", "text"],
    ],
    [
      ["send", ...TO, "-v"],
      ["--version", "text"],
    ],
    [
      ["send", "--to", "not an openid", ""],
      ["--to", "text"],
    ],
  ])("%j is refused with 2, each wrong argument named, in both manners", async (args, fields) => {
    const { simulator, options } = await account();
    const human = await run(options, args, { LC_ALL: "en_US.UTF-8" });
    expect(human).toMatchObject({ code: 2, stdout: "" });
    expect([...human.stderr.matchAll(/^✗ ([^:]+): /gm)].map(([, field]) => field)).toEqual(fields);
    expect(human.stderr.match(/^ {2}→ /gm)).toHaveLength(fields.length);
    expect(human.stderr).not.toContain("degrees");
    const chinese = await run(options, ["--lang", "zh", ...args]);
    expect(chinese.stderr).toMatch(/^ {2}→ .*\p{Script=Han}/mu);
    const named = [...chinese.stderr.matchAll(/^✗ (.+) 有误：(.+)$/gm)];
    expect(named.map(([, field]) => field)).toEqual(fields);
    for (const [, , problem] of named) expect(problem).not.toMatch(/\b(is|has|must|not|holds)\b/);
    const { code, stdout, stderr } = await run(options, ["--json", ...args]);
    expect([code, stderr]).toEqual([2, ""]);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code: "WECHAT_VALIDATION" } });
    expect(simulator.ledger.calls).toEqual([]);
  });

  it("an argument that is wrong only with --json is told in JSON", async () => {
    const { code, stdout } = await run({}, ["doctor", "--json=yes"]);
    expect(code).toBe(2);
    expect(JSON.parse(stdout).error.message).toBe("--json: takes no value");
  });

  it("names every missing setting by its variable", async () => {
    const { code, stdout, stderr } = await run({ baseUrl: "ftp://host" }, ["doctor"]);
    expect([code, stdout]).toEqual([2, ""]);
    for (const name of ["WECHAT_APP_ID", "WECHAT_APP_SECRET", "WECHAT_API_BASE_URL"]) {
      expect(stderr).toMatch(new RegExp(`^✗ ${name}: `, "m"));
    }
    const chinese = await run({ baseUrl: "ftp://host", proxy: "socks5://x" }, ["doctor", "--lang", "zh"]);
    expect(chinese.stderr).toContain("✗ WECHAT_APP_ID 有误：未设置");
    expect(chinese.stderr).toMatch(/WECHAT_API_BASE_URL 有误：不是/);
    expect(chinese.stderr).toMatch(/WECHAT_PROXY 有误：应为/);
  });

  it("an AppSecret in place of the AppID is refused and not shown", async () => {
    const { options } = await account();
    const swapped = { ...options, appId: options.appSecret, appSecret: options.appId };
    for (const lang of ["en", "zh"]) {
      const { code, stdout, stderr } = await run(swapped, ["doctor", "--lang", lang]);
      expect([code, stdout]).toEqual([2, ""]);
      expect(unwrapped(stderr)).toMatch(lang === "en" ? /the two are not swapped/ : /两者没有填反/);
    }
  });

  it("--help and --version print and end, in both languages", async () => {
    const help = await run({}, ["send", "--help"]);
    expect(help).toMatchObject({ code: 0, stderr: "" });
    const chinese = await run({}, ["-h"], { LANG: "zh_CN.UTF-8" });
    for (const word of ["doctor", "send", "--to", "--json", "--lang", "WECHAT_APP_SECRET_FILE", "NO_COLOR", "  3  "]) {
      expect(help.stdout).toContain(word);
      expect(chinese.stdout).toContain(word);
    }
    expect(chinese.stdout).toMatch(/^用法/);
    expect((await run({}, ["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
