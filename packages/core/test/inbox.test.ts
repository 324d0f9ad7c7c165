import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { openSqliteStore } from "../src/inbox/sqlite.js";
import { SqliteFile } from "../src/inbox/sqlite-file.js";
import { MIGRATIONS } from "../src/inbox/sqlite-schema.js";
import { Inbox, inboxFromEnv, MemoryStore, openInbox, WeChatClientError, WeChatValidationError } from "../src/index.js";
import { APP_ID, arrival, DAY, delivered, HOUR, inboxOn, listening, T, testClock, textOf } from "./support/inbox.js";

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "wechat-inbox-"));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
}
const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => {
      throw new Error("nothing was thrown");
    },
    (error: unknown) => error,
  );

describe("an inbox", () => {
  it.each<[string, object]>([
    ["appId", { appId: "" }],
    ["store", { store: "sqlite:x" }],
    ["retentionDays", { retentionDays: 1 }],
    ["replyRule", { replyRule: "most" }],
    ["clock", { clock: 5 }],
    ["retention", { retention: 5 }],
  ])("names a wrong %s: %j", (field, wrong) => {
    try {
      new Inbox({ appId: APP_ID, ...wrong });
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(WeChatValidationError);
      expect(error).toMatchObject({ field });
      expect((error as WeChatValidationError).remedy.zh).toMatch(/\p{Script=Han}/u);
    }
  });

  it.each<[string, (inbox: Inbox) => Promise<unknown>]>([
    ["limit", (inbox) => inbox.conversations({ limit: 0 })],
    ["before", (inbox) => inbox.conversations({ before: "newest" })],
    ["after", (inbox) => inbox.read("oA", { before: "1", after: "2" })],
    ["after", (inbox) => inbox.incoming({ after: "1e3" })],
    ["timeout", (inbox) => inbox.waitForIncoming({ timeout: -1 })],
    ["upTo", (inbox) => inbox.markRead("oA", "-1")],
  ])("names a wrong %s of a reader: %s", async (field, read) => {
    expect(await failureOf(read(inboxOn(undefined)))).toMatchObject({ code: "WECHAT_VALIDATION", field });
  });

  it.each<[string, Parameters<Inbox["amendNote"]>]>([
    ["key", ["", () => "x", 1]],
    ["key", ["n".repeat(201), () => "x", 1]],
    ["key", ["a\0b", () => "x", 1]],
    ["key", ["\ud83d", () => "x", 1]],
    ["change", ["n", "x" as never, 1]],
    ["keptFor", ["n", () => "x", 0]],
    ["body", ["n", () => 5 as never, 1]],
    ["body", ["n", async () => "x", 1] as never],
    ["body", ["n", () => "a\0b", 1]],
    ["body", ["n", () => "\ud83d", 1]],
    ["body", ["n", () => "笔".repeat(21_846), 1]],
  ])("names a wrong %s of a note: %j", async (field, given) => {
    const error = await failureOf(inboxOn(undefined).amendNote(...given));
    expect(error).toMatchObject({ code: "WECHAT_VALIDATION", field });
    expect(error).toHaveProperty("remedy.zh", expect.stringMatching(/\p{Script=Han}/u));
  });

  it("shows nothing of what it holds", async () => {
    const inbox = inboxOn(undefined);
    onTestFinished(() => inbox.close());
    await inbox.receive(arrival("oSecret", { text: "my password" }));
    expect(inspect(inbox, { depth: 20, showHidden: true })).toBe(`Inbox { appId: '${APP_ID}' }`);
    expect(JSON.stringify(inbox)).toBe(JSON.stringify({ appId: APP_ID }));
  });

  it("refuses work after close, ends waiting, and closes twice without harm", async () => {
    const inbox = inboxOn(undefined);
    const ended = failureOf(inbox.waitForIncoming({ timeout: 20_000 }));
    await inbox.stats();
    await inbox.close();
    await inbox.close();
    expect(await ended).toMatchObject({ code: "WECHAT_CLOSED" });
    expect(await failureOf(inbox.receive(arrival("oA")))).toMatchObject({ code: "WECHAT_CLOSED" });
    expect(await failureOf(inbox.amendNote("n", () => "x", 1))).toMatchObject({ code: "WECHAT_CLOSED" });
    expect(await failureOf(inbox.recordSent("oA", delivered("x")))).toBeInstanceOf(WeChatClientError);
  });

  it("stops waiting after the time, or by the caller's signal, with an empty page", async () => {
    const inbox = inboxOn(undefined, { pollInterval: 5 });
    onTestFinished(() => inbox.close());
    await inbox.receive(arrival("oA"));
    const { cursor } = await inbox.incoming();
    expect(await inbox.waitForIncoming({ timeout: 20 })).toEqual({ messages: [], cursor });
    const stop = new AbortController();
    const waiting = inbox.waitForIncoming({ timeout: 20_000, signal: stop.signal });
    stop.abort();
    expect(await waiting).toEqual({ messages: [], cursor });
    expect(await inbox.waitForIncoming({ timeout: 20_000, signal: AbortSignal.abort() })).toEqual({
      messages: [],
      cursor,
    });
  });

  it("tells onError of what nobody waits for, and close waits for records", async () => {
    const store = new MemoryStore();
    const heard: unknown[] = [];
    const inbox = inboxOn(store, { onError: (error) => heard.push(error) });
    const failure = new Error("disk full");
    vi.spyOn(store, "append").mockRejectedValueOnce(failure);
    inbox.record("oA", delivered("lost"));
    inbox.record("oA", delivered("kept"));
    await inbox.close();
    expect(heard).toEqual([failure]);
    expect(await store.count(APP_ID)).toMatchObject({ messages: 1 });
  });

  it("prunes by itself while it receives", async () => {
    const clock = testClock();
    const store = new MemoryStore();
    const prune = vi.spyOn(store, "prune");
    const inbox = inboxOn(store, { clock: clock.now });
    onTestFinished(() => inbox.close());
    await inbox.receive(arrival("oA"));
    clock.time += 31 * DAY;
    await inbox.receive(arrival("oB"));
    expect(await prune.mock.results.at(-1)?.value).toBe(1);
    expect(await inbox.stats()).toMatchObject({ conversations: 1, messages: 1 });
  });
});

describe("what is certain", () => {
  it("an inbox that lives, and hears nothing for more than an hour, cannot tell quiet from cut off", async () => {
    const clock = testClock();
    const inbox = inboxOn(undefined, { clock: clock.now, lease: 3 * DAY });
    onTestFinished(() => inbox.close());
    const certain = async () => (await inbox.window("oQuiet")).certain;
    await listening(clock, T + 2 * DAY + HOUR, inbox);
    await inbox.receive(arrival("oA"));
    expect(await certain()).toBe("no-interaction");
    clock.time += HOUR;
    await inbox.takeAbandoned();
    expect(await certain()).toBe("no-interaction");
    clock.time += 1;
    await inbox.takeAbandoned();
    expect(await certain()).toBeUndefined();
    await listening(clock, clock.time + DAY, inbox);
    expect(await certain()).toBeUndefined();
  });
});

it("an inbox that is closed while the first push comes in gives no further sign of life", async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const store = new MemoryStore();
  const beats: boolean[] = [];
  let begin = () => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  let release = () => {};
  const slow = new Promise<void>((resolve) => {
    release = resolve;
  });
  store.beat = async (_account, { gone }) => {
    begin();
    await slow;
    beats.push(gone);
  };
  const inbox = inboxOn(store);
  const receiving = inbox.receive(arrival("oA")).catch(() => {});
  await begun;
  const closing = inbox.close();
  release();
  await Promise.all([receiving, closing]);
  await vi.advanceTimersByTimeAsync(120_000);
  expect(beats).toEqual([false, true]);
});

it.each(["conversation", "read", "markRead", "window", "forget"] as const)(
  "%s names an openid that is none",
  async (method) => {
    const inbox = inboxOn(undefined);
    onTestFinished(() => inbox.close());
    for (const wrong of [undefined, "", "o A"]) {
      const asked = (async () => inbox[method](wrong as string))();
      await expect(asked).rejects.toMatchObject({ code: "WECHAT_VALIDATION", field: "openid" });
    }
  },
);

describe("the memory store", () => {
  it("keeps the newest messages, and does not call certain what it dropped", async () => {
    const clock = testClock();
    const inbox = inboxOn(new MemoryStore({ maxMessages: 10 }), { clock: clock.now, lease: DAY });
    onTestFinished(() => inbox.close());
    await inbox.receive(arrival("oA"));
    await listening(clock, clock.time + 3 * DAY, inbox);
    for (let n = 0; n < 10; n++) await inbox.receive(arrival(`o${n}`, { text: `${n}`, createdAt: clock.time }));
    expect((await inbox.window("oQuiet")).certain).toBe("no-interaction");
    await inbox.receive(arrival("o9", { text: "10", createdAt: clock.time }));
    expect((await inbox.window("o0")).certain).toBeUndefined();
    expect(await inbox.stats()).toMatchObject({ conversations: 9, messages: 10, unread: 10, pending: 10 });
    expect((await inbox.incoming()).messages.map(textOf)).toEqual(["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]);
    expect(await inbox.read("o0")).toEqual({ messages: [] });
  });
});

describe("the SQLite store", () => {
  it("makes its files for their owner only, folder included, also where one was open to others", async () => {
    const path = join(folder(), "private", "inbox.db");
    const inbox = inboxOn(await openSqliteStore(path));
    await inbox.receive(arrival("oA"));
    for (const file of [path, `${path}-wal`, `${path}-shm`]) expect(statSync(file).mode & 0o777, file).toBe(0o600);
    await inbox.close();
    const open = join(folder(), "open.db");
    writeFileSync(open, "", { mode: 0o644 });
    await (await openSqliteStore(open)).close();
    expect(statSync(open).mode & 0o777).toBe(0o600);
  });

  it("keeps everything over a restart", async () => {
    const path = join(folder(), "inbox.db");
    const before = inboxOn(await openSqliteStore(path));
    const push = arrival("oA", { text: "hello" });
    await before.receive(push);
    await before.recordSent("oA", delivered("hi"));
    await before.close();
    const after = inboxOn(await openSqliteStore(path));
    onTestFinished(() => after.close());
    expect(await after.receive(push)).toBe("duplicate");
    expect((await after.read("oA")).messages.map(textOf)).toEqual(["hello", "hi"]);
    expect(await after.takeAbandoned()).toEqual([push]);
  });

  it.each([
    [
      "a file of something else",
      (path: string) => writeFileSync(path, "this is no database".repeat(100)),
      "WECHAT_STORE",
    ],
    ["a folder", undefined, "WECHAT_STORE"],
  ])("says what to do about %s", async (_, prepare, code) => {
    const path = join(folder(), prepare ? "inbox.db" : "");
    prepare?.(path);
    const error = await failureOf(openSqliteStore(path));
    expect(error).toMatchObject({ code });
    expect(error).toHaveProperty("remedy.zh", expect.stringMatching(/\p{Script=Han}/u));
  });

  it("refuses a file of a newer version, and leaves it as it is", async () => {
    const path = join(folder(), "inbox.db");
    const file = await SqliteFile.open(path);
    await file.write(() => file.run(`PRAGMA user_version = ${MIGRATIONS.length + 1}`));
    file.close();
    expect(await failureOf(openSqliteStore(path))).toMatchObject({ message: expect.stringContaining("newer version") });
  });

  it("waits for another writer without stopping the process, and loses nothing", async () => {
    const path = join(folder(), "inbox.db");
    const inbox = inboxOn(await openSqliteStore(path));
    const { default: Database } = await import("libsql");
    const blocker = new Database(path);
    onTestFinished(async () => {
      blocker.close();
      await inbox.close();
    });
    await inbox.receive(arrival("oA"));
    blocker.exec("BEGIN IMMEDIATE");
    const receiving = Promise.all(Array.from({ length: 5 }, () => inbox.receive(arrival("oB"))));
    // Other work goes on while it waits: this read, and the turns of the event loop that end the blocking.
    expect((await inbox.read("oA")).messages).toHaveLength(1);
    blocker.exec("COMMIT");
    expect(await receiving).toEqual(["new", "new", "new", "new", "new"]);
    expect((await inbox.read("oB")).messages).toHaveLength(5);
  });

  it("undoes a step that fails as a whole", async () => {
    const store = await openSqliteStore(join(folder(), "inbox.db"));
    onTestFinished(() => store.close());
    const facts = () => {
      throw new Error("facts failed");
    };
    const push = {
      ...{ openid: "oA", at: 1, key: "k", mark: "k", marksUntil: 9, owner: "o", body: "{}" },
      forgets: false,
    };
    expect(await failureOf(store.receive(APP_ID, { ...push, entry: { unread: true, facts } }))).toBeInstanceOf(Error);
    expect(await store.count(APP_ID)).toEqual({ conversations: 0, messages: 0, pending: 0 });
    expect(await store.receive(APP_ID, { ...push, entry: { unread: true, facts: () => "{}" } })).toBe("new");
  });
});

describe("openInbox and WECHAT_INBOX", () => {
  it("opens memory by default, and a SQLite file", async () => {
    const memory = await inboxFromEnv({ appId: APP_ID }, {});
    expect(await memory.stats()).toMatchObject({ messages: 0 });
    await memory.close();
    const path = join(folder(), "inbox.db");
    const inbox = await inboxFromEnv({ appId: APP_ID }, { WECHAT_INBOX: ` sqlite:${path} ` });
    await inbox.recordSent("oA", delivered("hi"));
    await inbox.close();
    expect(statSync(path).size).toBeGreaterThan(0);
  });

  it.each([
    "redis://:pa55word@",
    "redis://:pa55word%zz@host",
    "redis://:pa55word@host/inbox",
    "redis:pa55word",
    "rediss://:pa55 word@ho st",
    "mysql://u:pa55word@h",
    "pa55word",
    "sqlite:",
  ])("refuses %s by name, without a password", async (word) => {
    const error = await failureOf(openInbox(word, { appId: APP_ID }));
    expect(error).toMatchObject({ code: "WECHAT_VALIDATION", field: "WECHAT_INBOX" });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("pa55word");
  });
});

it("counts in the window what this process is still writing down", async () => {
  let written = () => {};
  const storing = new Promise<void>((resolve) => {
    written = resolve;
  });
  class SlowStore extends MemoryStore {
    override async append(...reply: Parameters<MemoryStore["append"]>): Promise<number> {
      await storing;
      return super.append(...reply);
    }
  }
  const inbox = inboxOn(new SlowStore(), { clock: () => T });
  await inbox.receive(arrival("oA"));
  inbox.record("oA", delivered("hi"));
  const window = inbox.window("oA");
  written();
  expect((await window).repliesLeft).toBe(4);
  await inbox.close();
});
