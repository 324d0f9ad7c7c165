import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";
import { Notes } from "../src/inbox/memory-marks.js";
import { openSqliteStore } from "../src/inbox/sqlite.js";
import type { StoredPush } from "../src/inbox/store.js";
import { Wakeups } from "../src/inbox/wakeups.js";
import { MemoryStore } from "../src/index.js";
import { APP_ID, arrival, inboxOn, MINUTE, T, testClock } from "./support/inbox.js";

it("the memory store remembers the newest 50 000 pushes at least, and not more than twice as many", async () => {
  const store = new MemoryStore({ maxMessages: 10 });
  const marksUntil = T + 20 * MINUTE;
  const push = (n: number): StoredPush => {
    const key = String(n);
    return { openid: "oA", at: T, key, mark: key, marksUntil, owner: "o", body: "{}", forgets: false };
  };
  for (let n = 0; n <= 50_000; n++) await store.receive(APP_ID, push(n));
  expect(await store.receive(APP_ID, push(1))).toBe("duplicate");
  for (let n = 50_001; n <= 100_001; n++) await store.receive(APP_ID, push(n));
  expect(await store.receive(APP_ID, push(0))).toBe("new");
  expect(await store.receive(APP_ID, push(50_002))).toBe("duplicate");
});

it("the memory store drops notes that have ended, and keeps the others", () => {
  const notes = new Notes();
  const put = (name: string, now: number, until: number) =>
    notes.amend(name, { change: (before) => before ?? name, now, until });
  for (let n = 0; n < 100; n++) put(`long ${n}`, 0, 10_000);
  for (let n = 0; n < 5000; n++) put(`short ${n}`, n, n + 10);
  expect(notes.size).toBeLessThan(200);
  for (let n = 0; n < 100; n++) {
    expect(notes.amend(`long ${n}`, { change: () => undefined, now: 9999, until: 0 })).toBe(`long ${n}`);
  }
});

it("marks and notes that have run out do not pile up in a SQLite file", async () => {
  const folder = mkdtempSync(join(tmpdir(), "wechat-inbox-"));
  const path = join(folder, "inbox.db");
  const clock = testClock();
  const inbox = inboxOn(await openSqliteStore(path), { clock: clock.now });
  const { default: Database } = await import("libsql");
  const file = new Database(path);
  onTestFinished(async () => {
    file.close();
    await inbox.close();
    rmSync(folder, { recursive: true });
  });
  for (let n = 0; n < 100; n++) {
    await inbox.receive({ ...arrival("oA"), nonce: String(n), timestamp: 1 });
    clock.time += MINUTE;
  }
  const count = () => file.prepare("SELECT COUNT(*) FROM marks").raw().all();
  // Two of each push of the last 20 minutes.
  expect(count()).toEqual([[40]]);
  for (let n = 0; n < 100; n++) {
    await inbox.amendNote(String(n), () => "{}", MINUTE);
    clock.time += MINUTE;
  }
  expect(count()).toEqual([[1]]);
});

it("who waits for messages is dropped when the store fails", async () => {
  const store = new MemoryStore();
  const inbox = inboxOn(store);
  onTestFinished(() => inbox.close());
  const next = vi.spyOn(Wakeups.prototype, "next");
  onTestFinished(() => next.mockRestore());
  const dropped = vi.fn();
  next.mockReturnValueOnce({ within: async () => {}, drop: dropped });
  vi.spyOn(store, "incoming").mockRejectedValueOnce(new Error("disk full"));
  await expect(inbox.waitForIncoming({ timeout: 20_000 })).rejects.toThrow("disk full");
  expect(next).toHaveBeenCalledTimes(1);
  expect(dropped).toHaveBeenCalledTimes(1);
});

it("memory: a cursor of before a restart misses nothing that came after it", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  onTestFinished(() => void vi.useRealTimers());
  const before = inboxOn(new MemoryStore());
  for (let count = 0; count < 3; count++) await before.receive(arrival("oA"));
  const { cursor } = await before.incoming();
  vi.setSystemTime(Date.now() + 1000);
  const after = inboxOn(new MemoryStore());
  await after.receive(arrival("oA"));
  expect((await after.incoming({ after: cursor })).messages).toHaveLength(1);
});
