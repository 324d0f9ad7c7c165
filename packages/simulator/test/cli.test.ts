import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { DEFAULT_APP_ID, DEFAULT_APP_SECRET, DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";
import { expect, it, onTestFinished } from "vitest";
import { signatureOf } from "../src/push/cipher.js";
import { AES_KEY, element, Receiver, TOKEN } from "./receiver.js";

const CLI = fileURLToPath(new URL("../dist/cli.js", import.meta.url));

interface Ended {
  code: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
}

class Command {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  private stdout = "";
  private stderr = "";

  constructor(...given: string[] | [NodeJS.ProcessEnv, ...string[]]) {
    const [first, ...rest] = given;
    const [env, args] = typeof first === "object" ? [first, rest] : [process.env, given];
    this.child = spawn(process.execPath, [CLI, ...args.map(String)], { env, stdio: ["ignore", "pipe", "pipe"] });
    this.child.stdout?.on("data", (part: Buffer) => {
      this.stdout += part.toString();
    });
    this.child.stderr?.on("data", (part: Buffer) => {
      this.stderr += part.toString();
    });
    this.ended = once(this.child, "close").then(([code, signal]) => ({
      code: code as number | null,
      signal: signal as string | null,
      stdout: this.stdout,
      stderr: this.stderr,
    }));
    onTestFinished(() => {
      this.child.kill("SIGKILL");
    });
  }

  /** What it has printed, once that ends with how to stop it. */
  async greeting(): Promise<string> {
    await expect.poll(() => this.stdout + this.stderr, { timeout: 20_000 }).toContain("Ctrl-C ends it.");
    return this.stdout;
  }
}

it.each(["SIGINT", "SIGTERM"] as const)(
  "prints where it listens and what to try, and ends cleanly at %s",
  async (signal) => {
    const command = new Command("--port", "0", "--seed", "42");
    const greeting = await command.greeting();
    const url = /API +(http:\/\/127\.0\.0\.1:\d+)\/cgi-bin\//.exec(greeting)?.[1];
    expect(greeting).toContain(`${url}/simulator/`);
    expect(greeting).toContain(DEFAULT_APP_ID);
    expect(greeting).toContain(DEFAULT_FOLLOWER);
    expect(greeting).toMatch(/Seed +42\n/);
    const { child } = command;
    const body = JSON.stringify({ grant_type: "client_credential", appid: DEFAULT_APP_ID, secret: DEFAULT_APP_SECRET });
    const answer = await fetch(`${url}/cgi-bin/stable_token`, { method: "POST", body });
    expect(await answer.json()).toMatchObject({ expires_in: 7200 });
    child.kill(signal);
    expect(await command.ended).toMatchObject({ code: 0, signal: null, stderr: "" });
  },
);

it("ends at once although a delayed answer is still to come", async () => {
  const command = new Command("--port", "0");
  const url = /API +(http:\/\/127\.0\.0\.1:\d+)\/cgi-bin\//.exec(await command.greeting())?.[1];
  const fault = JSON.stringify({ kind: "slow", delayMs: 3_600_000 });
  await fetch(`${url}/simulator/faults`, { method: "POST", body: fault });
  const late = fetch(`${url}/cgi-bin/message/custom/send`, { method: "POST", body: "{}" }).catch(() => "ended");
  const struck = async () => JSON.stringify(await (await fetch(`${url}/simulator/faults`)).json());
  await expect.poll(struck).toContain('"struck":1');
  command.child.kill("SIGTERM");
  expect(await command.ended).toMatchObject({ code: 0, stderr: "" });
  expect(await late).toBe("ended");
});

it("the commands it prints work as printed", async () => {
  const command = new Command("--port", "0");
  const greeting = await command.greeting();
  const run = async (line: string) => {
    const shell = spawn("sh", ["-c", line], { stdio: ["ignore", "pipe", "inherit"] });
    let out = "";
    shell.stdout.on("data", (part: Buffer) => {
      out += part.toString();
    });
    await once(shell, "close");
    return JSON.parse(out) as Record<string, unknown>;
  };
  const [token = "", send = "", fault = ""] = greeting.split("\n").filter((line) => line.startsWith("  curl "));
  const { access_token } = await run(token);
  expect(await run(send.replace("ACCESS_TOKEN", String(access_token)))).toEqual({ errcode: 0, errmsg: "ok" });
  expect(await run(fault)).toEqual({ id: "fault-1", path: "/cgi-bin/message/custom/send" });
  expect(await run(send.replace("ACCESS_TOKEN", String(access_token)))).toMatchObject({ errcode: -1 });
});

it("takes accounts and a callback, and does not print their secrets", async () => {
  const accounts = ["--account", "wx1:first-secret", "--account", "wx2:second-secret"];
  const command = new Command("--port", "0", ...accounts, "--callback", "http://127.0.0.1:1880/wx");
  const greeting = await command.greeting();
  expect(greeting).toContain("wx1, wx2");
  expect(greeting).not.toMatch(/first-secret|second-secret/);
  expect(greeting).not.toContain(DEFAULT_APP_ID);
  const url = /API +(http:\S+)\/cgi-bin\//.exec(greeting)?.[1];
  const state = (await (await fetch(`${url}/simulator/state`)).json()) as { accounts: unknown[] };
  expect(state.accounts).toMatchObject([
    { appId: "wx1", callback: "http://127.0.0.1:1880/wx", followers: [{ openid: DEFAULT_FOLLOWER }] },
    { appId: "wx2", callback: "http://127.0.0.1:1880/wx", followers: [{ openid: DEFAULT_FOLLOWER }] },
  ]);
});

it.each([
  ["flags", ["--callback-token", TOKEN, "--encoding-aes-key", AES_KEY], {}],
  ["the environment", [], { WECHAT_CALLBACK_TOKEN: TOKEN, WECHAT_ENCODING_AES_KEY: AES_KEY }],
])("pushes what the printed command does to the callback, signed with the token of %s", async (_from, flags, env) => {
  const receiver = await Receiver.start();
  const command = new Command({ ...process.env, ...env }, "--port", "0", "--callback", receiver.url, ...flags);
  const greeting = await command.greeting();
  expect(greeting).toContain(`Callback  ${receiver.url}  (safe)`);
  expect(greeting).not.toMatch(new RegExp(`${TOKEN}|${AES_KEY}`));
  const act = /^ {2}curl -s (\S+\/act) -d '(.*)'$/m.exec(greeting);
  expect(await (await fetch(act?.[1] ?? "", { method: "POST", body: act?.[2] ?? "" })).json()).toMatchObject({
    pushId: 1,
  });
  await receiver.arrived(1);
  const { query, body } = receiver.got[0]!;
  const signed = [query.get("timestamp") ?? "", query.get("nonce") ?? "", element(body, "Encrypt") ?? ""];
  expect(query.get("msg_signature")).toBe(signatureOf(TOKEN, ...signed));
  command.child.kill("SIGTERM");
  expect(await command.ended).toMatchObject({ code: 0, stderr: "" });
});

it("says on the terminal once that nobody is pushed to, and each push that fails, without a secret", async () => {
  const receiver = await Receiver.start();
  receiver.answer = ({ method, query }) =>
    method === "GET" ? (query.get("echostr") ?? "") : { status: 403, body: "no" };
  const command = new Command("--port", "0");
  const url = /API +(http:\S+)\/cgi-bin\//.exec(await command.greeting())?.[1];
  const control = async (path: string, body?: unknown) => {
    const init = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
    return (await (await fetch(`${url}/simulator/${path}`, init)).json()) as Record<string, unknown>;
  };
  const text = { openid: DEFAULT_FOLLOWER, type: "text", text: "x" };
  for (const _ of [1, 2])
    expect((await control("act", text)).notPushed).toMatch(/^the account has no callback; set one/);
  await control("callback", { callback: receiver.url, callbackToken: TOKEN, encodingAesKey: AES_KEY });
  await control("act", text);
  await control("pushed");
  command.child.kill("SIGTERM");
  const lines = (await command.ended).stderr.trimEnd().split("\n");
  expect(lines).toEqual([
    expect.stringMatching(/^nothing is pushed for wx\w+: the account has no callback; set one with .*回调地址/),
    expect.stringMatching(/^push 1 \(text\) to http:\/\/[\d.:]+\/wechat failed: HTTP 403\. Check .* token .*请检查/),
  ]);
  expect(lines.join("\n")).not.toMatch(new RegExp(`${TOKEN}|${AES_KEY}|tenant`));
});

it("names the variable whose value is wrong, and does not repeat it", async () => {
  const env = { ...process.env, WECHAT_CALLBACK_TOKEN: "a/SECRET" };
  const { code, stderr } = await new Command(env, "--callback", "http://x/").ended;
  expect([code, stderr]).toEqual([
    2,
    expect.stringContaining(": WECHAT_CALLBACK_TOKEN: give 3 to 32 letters and digits"),
  ]);
  expect(stderr).not.toContain("SECRET");
});

it("says when the port is taken, and how to choose another", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  onTestFinished(() => {
    taken.close();
  });
  const address = taken.address();
  const port = typeof address === "object" ? String(address?.port) : "";
  const { code, stderr } = await new Command("--port", port).ended;
  expect(code).toBe(1);
  expect(stderr).toMatch(/port \d+ is already in use; choose another with --port/);
});

it.each([
  [["--prot", "1"], /Unknown option '--prot'/],
  [["--port", "http"], /--port: give a whole number from 0 to 65535/],
  [["--port", "70000"], /--port: give a whole number from 0 to 65535/],
  [["--port"], /--port/],
  [["8787"], /8787/],
  [["--account", "wx1"], /--account: give APPID:SECRET/],
  [["--account", "wx1:a", "--account", "wx1:b"], /"wx1" is given twice/],
  [["--callback", "localhost:1880"], /--callback: give a URL that begins with http/],
  [["--callback", "http://me:pw@localhost/"], /--callback: leave out user and password/],
  [["--callback-token", "t"], /--callback-token: give --callback too/],
  [["--callback", "http://x/", "--callback-token", "a/NOT-SHOWN"], /--callback-token: give 3 to 32 letters and digits/],
  [["--callback", "http://x/", "--encoding-aes-key", "NOT-SHOWN"], /--encoding-aes-key: give 43 letters and digits/],
  [["--callback", "http://x/", "--callback-mode", "safe"], /--encoding-aes-key: is needed by the mode "safe"/],
  [["--callback", "http://x/", "--callback-mode", "secret"], /--callback-mode: give one of plain, compatible, safe/],
  [["--callback", "http://x/", "--callback-format", "yaml"], /--callback-format: give one of xml, json/],
  [["--seed", "-1"], /seed/],
])("refuses %o with exit code 2", async (args, message) => {
  const { code, stderr, stdout } = await new Command(...args).ended;
  expect(code).toBe(2);
  expect(stderr).toMatch(message);
  expect(stderr).not.toMatch(/\n\s+at |NOT-SHOWN/);
  expect(stdout).toBe("");
});

it("--help and --version print and end", async () => {
  const help = await new Command("--help").ended;
  expect(help).toMatchObject({ code: 0, stderr: "" });
  for (const flag of [
    "--port",
    "--host",
    "--account",
    "--callback",
    "--callback-token",
    "--encoding-aes-key",
    "--callback-mode",
    "--help",
    "--version",
  ])
    expect(help.stdout).toContain(flag);
  expect(await new Command("--version").ended).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
  });
});
