import { execFile } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import {
  Callback,
  Inbox,
  MemoryStore,
  type PushedMessage,
  type ReplyRule,
  WeChatApiError,
} from "@wechat-offiaccount/core";
import {
  createClock,
  DEFAULT_APP_ID,
  DEFAULT_APP_SECRET,
  DEFAULT_FOLLOWER,
  type Simulator,
} from "@wechat-offiaccount/simulator";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { clientOf, simulated } from "./support/desk.js";

const run = promisify(execFile);

function inboxOf(options: Partial<ConstructorParameters<typeof Inbox>[0]> = {}): Inbox {
  const inbox = new Inbox({ appId: DEFAULT_APP_ID, ...options });
  onTestFinished(() => inbox.close());
  return inbox;
}

it.each([
  ["a file", "libsql", 'import("./inbox/sqlite.js").then(({ openSqliteStore }) => openSqliteStore("inbox.db"))'],
  [
    "Redis",
    "ioredis",
    'import("./redis.js").then(({ openRedisStore }) => openRedisStore({ url: "redis://:pa55word@localhost" }))',
  ],
])("an inbox in %s says how to install %s where that is missing", async (_, driver, opening) => {
  const folder = await mkdtemp(join(tmpdir(), "no-driver-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await cp(dirname(fileURLToPath(import.meta.resolve("@wechat-offiaccount/core"))), folder, { recursive: true });
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  const script = `
    await ${opening}.catch(({ code, message, remedy }) => console.log(JSON.stringify({ code, message, remedy })));`;
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", script], { cwd: folder });
  const error = JSON.parse(stdout);
  expect(error).toMatchObject({ code: "WECHAT_STORE", message: expect.stringContaining(driver) });
  expect(error.remedy.en).toContain(`npm install ${driver}`);
  expect(error.remedy.zh).toContain(`npm install ${driver}`);
  expect(stdout).not.toContain("pa55word");
});

it("a push that the inbox could not keep is brought again by WeChat, and handed on once", async () => {
  const simulator = await simulated({ limits: { pushTimeout: 1_000 } });
  const inbox = inboxOf();
  const receive = vi.spyOn(inbox, "receive").mockRejectedValueOnce(new Error("disk full"));
  const heard: string[] = [];
  const callback = new Callback({
    appId: DEFAULT_APP_ID,
    token: "ca11backT0ken",
    mode: "plain",
    inbox,
    onMessage: (message) => void heard.push(message.type),
    onError: () => {},
  });
  onTestFinished(() => callback.close());
  const server = createServer(callback.listener).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await simulator.setCallback({ callback: `http://127.0.0.1:${port}/`, callbackToken: "ca11backT0ken" });
  simulator.act(DEFAULT_FOLLOWER, { type: "text", text: "hi" });
  await simulator.pushed();
  expect(simulator.ledger.pushes.at(-1)).toMatchObject({
    outcome: "accepted",
    tries: [{ error: "timeout" }, { status: 200 }],
  });
  expect(receive).toHaveBeenCalledTimes(2);
  expect(heard).toEqual(["text"]);
});

describe("a client with an inbox", () => {
  const templateId = "TEMPLATE-1";
  /** A client, and what its inbox holds of the follower. */
  async function desk() {
    const simulator = await simulated();
    const templates = [{ templateId, title: "发货通知", content: "{{first.DATA}}" }];
    simulator.addAccount({ appId: DEFAULT_APP_ID, secret: DEFAULT_APP_SECRET, templates });
    const inbox = inboxOf();
    const client = clientOf(simulator, { inbox, retryBusy: false, maxTextBytes: 20 });
    const kept = async () => (await inbox.read(DEFAULT_FOLLOWER)).messages;
    return { simulator, inbox, client, kept };
  }

  it("keeps what was sent with its outcome: whole texts, their parts, other types and templates", async () => {
    const { simulator, client, kept } = await desk();
    simulator.addMedia({ mediaId: "PICTURE", type: "image" });
    await client.messages.sendText(DEFAULT_FOLLOWER, "one\\ntwo", { interpretEscapes: true });
    await client.messages.sendText(DEFAULT_FOLLOWER, "a first sentence. a second sentence.");
    await client.messages.sendImage(DEFAULT_FOLLOWER, { mediaId: "PICTURE" });
    await client.templates.send({ openid: DEFAULT_FOLLOWER, templateId, data: { first: "hi" } });
    const part = { delivery: "delivered", errcode: 0 };
    expect(await kept()).toMatchObject([
      { direction: "out", message: { type: "text", text: "one\ntwo" }, delivery: "delivered", parts: [part] },
      { message: { text: "a first sentence. a second sentence." }, parts: [part, part] },
      { message: { type: "image", mediaId: "PICTURE" }, delivery: "delivered" },
      { message: { type: "template", templateId, data: { first: "hi" } }, delivery: "delivered" },
    ]);
  });

  it("keeps refusals and unknown outcomes, and nothing where the input was refused", async () => {
    const { simulator, inbox, client, kept } = await desk();
    const send = (text: string) => client.messages.sendText(DEFAULT_FOLLOWER, text).catch(() => {});
    simulator.inject({ kind: "errcode", errcode: 45047 });
    await send("refused");
    simulator.inject({ kind: "reset-after" });
    await send("lost");
    simulator.inject({ kind: "reset-after", every: 2 });
    await send("a first sentence. a second sentence. and a third.");
    await send("");
    await client.templates.send({ openid: "not an openid", templateId: "", data: {} }).catch(() => {});
    expect(await kept()).toMatchObject([
      { delivery: "not-delivered", errcode: 45047, rid: expect.any(String), parts: [{ errcode: 45047 }] },
      { delivery: "unknown", parts: [{ delivery: "unknown" }] },
      {
        delivery: "unknown",
        parts: [{ delivery: "delivered" }, { delivery: "unknown" }, { delivery: "not-delivered" }],
      },
    ]);
    expect(await inbox.stats()).toMatchObject({ conversations: 1 });
  });

  it("neither fails nor waits when the inbox does", async () => {
    const simulator = await simulated();
    const store = new MemoryStore();
    const heard: unknown[] = [];
    const inbox = inboxOf({ store, onError: (error) => heard.push(error) });
    const failure = new Error("disk full");
    const append = vi.spyOn(store, "append");
    let end = () => {};
    const hanging = new Promise<number>((resolve) => {
      end = () => resolve(1);
    });
    append.mockReturnValueOnce(hanging).mockRejectedValueOnce(failure);
    const client = clientOf(simulator, { inbox });
    await expect(client.messages.sendText(DEFAULT_FOLLOWER, "hangs")).resolves.toMatchObject({ delivery: "delivered" });
    await expect(client.messages.sendText(DEFAULT_FOLLOWER, "fails")).resolves.toMatchObject({ delivery: "delivered" });
    end();
    await inbox.close();
    expect(heard).toEqual([failure]);
  });

  it("refuses one of another account", async () => {
    const simulator = await simulated();
    const inbox = new Inbox({ appId: "wx1111111111111111" });
    expect(() => clientOf(simulator, { inbox })).toThrow("inbox: belongs to another account");
  });
});

describe("the window that the inbox tells is the one that a WeChat of either reading has", () => {
  /** Numbers that look random and are the same in every run. */
  function numbers(seed: number) {
    let state = seed;
    return (below: number) => {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
      return Math.floor((state / 2 ** 31) * below);
    };
  }
  const PUSHES = {
    message: { type: "text" },
    "menu-click": { type: "event", event: "click" },
    follow: { type: "event", event: "subscribe" },
    scan: { type: "event", event: "scan" },
    unfollow: { type: "event", event: "unsubscribe" },
  } as const;
  const SCENES = ["message", "menu-click", "follow", "scan", "unfollow"] as const;
  const STATE = { 45047: "used-up", 45015: "closed", 43004: "closed" } as const;

  async function act(simulator: Simulator, inbox: Inbox, scene: (typeof SCENES)[number], step: number) {
    try {
      simulator.interact(DEFAULT_FOLLOWER, scene);
    } catch {
      return; // Who does not follow can neither write nor click.
    }
    const createdAt = simulator.clock.now();
    const message: PushedMessage = { openid: DEFAULT_FOLLOWER, accountId: "gh_1", createdAt, ...PUSHES[scene] };
    await inbox.receive({ key: `${step}`, message });
  }

  it.each<[ReplyRule, number]>([
    ["reset", 1],
    ["reset", 2],
    ["add", 3],
    ["add", 4],
  ])("%s, history %i", async (rule, seed) => {
    const simulator = await simulated({ clock: createClock(1_800_000_000_000), quotaRule: rule });
    simulator.addFollower({ openid: DEFAULT_FOLLOWER, window: "closed" });
    const inbox = inboxOf({ replyRule: rule, clock: () => simulator.clock.now() });
    let client = clientOf(simulator, { inbox });
    const below = numbers(seed);
    const seen = new Set<string>();
    for (let step = 0; step < 300; step++) {
      const jump = below(12) === 0;
      simulator.clock.advance(jump ? below(30 * 3_600_000) : 1 + below(20_000));
      // The simulator's tokens end with its clock, of which a client knows nothing.
      if (jump) client = clientOf(simulator, { inbox });
      if (below(4) === 0) {
        const scene = below(5) === 0 ? "unfollow" : SCENES[below(4)]!;
        await act(simulator, inbox, scene, step);
      } else {
        const { state, repliesLeft } = await inbox.window(DEFAULT_FOLLOWER);
        const outcome = await client.messages.sendText(DEFAULT_FOLLOWER, `${step}`).then(
          () => "open",
          (error: unknown) =>
            error instanceof WeChatApiError ? (STATE[error.errcode as keyof typeof STATE] ?? error) : error,
        );
        expect(state, `step ${step}`).toBe(outcome);
        const after = await inbox.window(DEFAULT_FOLLOWER);
        if (state === "open") expect(after.repliesLeft).toBe(repliesLeft - 1);
        seen.add(state);
      }
    }
    expect(seen).toEqual(new Set(["open", "used-up", "closed"]));
  });
});
