import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { openInbox } from "@wechat-offiaccount/core";
import { DEFAULT_APP_ID, DEFAULT_APP_SECRET, DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";
import { describe, expect, it, onTestFinished } from "vitest";
import { simulated } from "./support/desk.js";

const pathOf = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));

const run = (baseUrl: string, openid: string, appSecret = DEFAULT_APP_SECRET) =>
  promisify(execFile)(process.execPath, [pathOf("examples/script/send-text.mjs"), openid, "你好 👋"], {
    env: { WECHAT_APP_ID: DEFAULT_APP_ID, WECHAT_APP_SECRET: appSecret, WECHAT_API_BASE_URL: baseUrl },
  });

it("the example script sends a text", async () => {
  const simulator = await simulated();
  expect((await run(simulator.url, DEFAULT_FOLLOWER)).stdout).toBe("delivered, as 1 message(s)\n");
  expect(simulator.ledger.messages.map((message) => message.text)).toEqual(["你好 👋"]);
});

it("the example script says why a text was not sent, in both languages, and ends with 1", async () => {
  const simulator = await simulated();
  const failed = await run(simulator.url, "oUnknown").catch((error) => error);
  expect(failed.code).toBe(1);
  expect(failed.stderr).toMatch(/^not-delivered: WeChat answered 40003 .*rid /);
  expect(failed.stderr).toMatch(/Use the openid[\s\S]*请使用本公众号收到的 openid/);
});

describe("the example that answers", () => {
  const callbackToken = "exampleToken";
  const encodingAesKey = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ";

  /** The script in a folder of its own, known to a local WeChat as its callback. */
  async function answering(more: NodeJS.ProcessEnv = {}) {
    const env: NodeJS.ProcessEnv = {
      WECHAT_APP_ID: DEFAULT_APP_ID,
      WECHAT_APP_SECRET: DEFAULT_APP_SECRET,
      WECHAT_CALLBACK_TOKEN: callbackToken,
      WECHAT_ENCODING_AES_KEY: encodingAesKey,
      PORT: "0",
      ...more,
    };
    const simulator = await simulated();
    const folder = await mkdtemp(join(tmpdir(), "wechat-answer-"));
    const child = spawn(process.execPath, [pathOf("examples/script/answer.mjs")], {
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...env, WECHAT_API_BASE_URL: simulator.url },
    });
    onTestFinished(async () => {
      child.kill("SIGKILL");
      await rm(folder, { recursive: true, force: true });
    });
    let complaints = "";
    child.stderr.on("data", (data) => {
      complaints += data;
    });
    const ended = once(child, "close").then(([code]) => ({ code, complaints }));
    const [line] = await once(child.stdout, "data");
    const port = /on port (\d+)\n$/.exec(String(line))?.[1];
    const callback = `http://127.0.0.1:${port}/wechat`;
    await simulator.setCallback({ callback, callbackToken, encodingAesKey: env.WECHAT_ENCODING_AES_KEY });
    const texts = () => simulator.ledger.messages.map(({ text }) => text);
    return { simulator, child, folder, callback, ended, texts };
  }

  it("verifies its URL, answers texts and new followers, keeps all of it, and ends in order", async () => {
    const { simulator, child, folder, ended, texts } = await answering();
    simulator.act(DEFAULT_FOLLOWER, { type: "text", text: "你好 👋" });
    await simulator.pushed();
    await expect.poll(texts).toEqual(["You wrote: 你好 👋 (5 replies left)"]);
    simulator.act(DEFAULT_FOLLOWER, { type: "unfollow" });
    await simulator.pushed();
    simulator.act(DEFAULT_FOLLOWER, { type: "follow" });
    await simulator.pushed();
    await expect.poll(texts).toHaveLength(2);
    expect(texts()[1]).toBe("Welcome! 欢迎关注！");
    expect(simulator.ledger.pushes.map(({ outcome, tries }) => [outcome, tries.length])).toEqual(
      simulator.ledger.pushes.map(() => ["accepted", 1]),
    );
    child.kill("SIGTERM");
    expect(await ended).toEqual({ code: 0, complaints: "" });
    const inbox = await openInbox(`sqlite:${join(folder, "inbox.db")}`, { appId: DEFAULT_APP_ID });
    onTestFinished(() => inbox.close());
    const { messages } = await inbox.read(DEFAULT_FOLLOWER);
    const kept = (wanted: string) =>
      messages.flatMap(({ direction, message }) => (direction === wanted ? [message.event ?? message.type] : []));
    expect(kept("in")).toEqual(["text", "unsubscribe", "subscribe"]);
    expect(kept("out")).toEqual(["text", "text"]);
    expect((await inbox.stats()).pending).toBe(0);
  });

  it("answers also when the simulator's clock is days ahead, and lets its URL be verified then", async () => {
    const { simulator, callback, texts } = await answering();
    simulator.clock.advance(2 * 86_400_000);
    await simulator.setCallback({ callback, callbackToken, encodingAesKey });
    simulator.act(DEFAULT_FOLLOWER, { type: "text", text: "hi" });
    await simulator.pushed();
    expect(simulator.ledger.pushes.at(-1)).toMatchObject({ outcome: "accepted" });
    await expect.poll(texts).toEqual(["You wrote: hi (5 replies left)"]);
  });

  it.each(["SIGINT", "SIGTERM"] as const)(
    "ends in order at %s, so that no message waits for a lease",
    async (signal) => {
      const { simulator, child, folder, ended } = await answering();
      simulator.act(DEFAULT_FOLLOWER, { type: "text", text: "x" });
      await simulator.pushed();
      child.kill(signal);
      expect(await ended).toEqual({ code: 0, complaints: "" });
      expect(simulator.ledger.messages).toHaveLength(1);
      const inbox = await openInbox(`sqlite:${join(folder, "inbox.db")}`, { appId: DEFAULT_APP_ID });
      onTestFinished(() => inbox.close());
      expect((await inbox.stats()).pending).toBe(0);
    },
  );

  it("keeps messages in the inbox that WECHAT_INBOX names", async () => {
    const { folder } = await answering({ WECHAT_INBOX: "sqlite:other.db" });
    const files = await readdir(folder);
    expect(files).toContain("other.db");
    expect(files).not.toContain("inbox.db");
  });

  it("says in both languages that it runs unprotected without a key", async () => {
    const { simulator, child, ended, texts } = await answering({ WECHAT_ENCODING_AES_KEY: undefined });
    simulator.act(DEFAULT_FOLLOWER, { type: "text", text: "hi" });
    await simulator.pushed();
    await expect.poll(texts).toHaveLength(1);
    child.kill("SIGTERM");
    expect((await ended).complaints).toMatch(/^WECHAT_ENCODING_AES_KEY is not set: plain mode.*明文模式.*\n$/);
  });

  it("says why it refuses what WeChat did not sign", async () => {
    const { child, callback, ended } = await answering();
    const timestamp = Math.floor(Date.now() / 1000);
    const forged = `${callback}?signature=${"0".repeat(40)}&timestamp=${timestamp}&nonce=1&echostr=1`;
    expect((await fetch(forged)).status).toBe(401);
    child.kill("SIGTERM");
    expect((await ended).complaints).toMatch(/^refused: signature\. Check that token is/);
  });

  it("stands in the README as it is", async () => {
    const script = await readFile(pathOf("examples/script/answer.mjs"), "utf8");
    expect(await readFile(pathOf("packages/core/README.md"), "utf8")).toContain(`\`\`\`js\n${script}\`\`\``);
  });
});
