import { type Arrival, MemoryStore } from "@wechat-offiaccount/core";
import { afterEach, beforeEach, expect, it, onTestFinished } from "vitest";
import { AccountInbox } from "../../src/lib/account-inbox.js";

/** Fails as a disk does, while a test says so. */
class BrokenStore extends MemoryStore {
  full: Error | undefined;
  unreadable: Error | undefined;

  override async receive(...all: Parameters<MemoryStore["receive"]>) {
    if (this.full) throw new Error(this.full.message);
    return super.receive(...all);
  }

  override async takeAbandoned(...all: Parameters<MemoryStore["takeAbandoned"]>) {
    if (this.unreadable) throw new Error(this.unreadable.message);
    return super.takeAbandoned(...all);
  }
}

let store: BrokenStore;
let told: string[];
let inbox: AccountInbox;
let count = 0;
beforeEach(() => {
  store = new BrokenStore();
  told = [];
  inbox = new AccountInbox({ store: "memory" }, store, "wx0123456789abcdef", (error) => told.push(String(error)));
});
afterEach(() => inbox.close());

const arrival = (): Arrival => {
  const common = { openid: "oFollower", accountId: "gh_0123456789ab", createdAt: 1_700_000_000_000 };
  const message = { type: "text", text: "hi", msgId: "1", ...common };
  return { key: `m:${count++}`, message };
};
/** What the asker got to hear. */
const failure = (asked: Promise<unknown>) =>
  asked.then(
    () => undefined,
    (error: unknown) => error,
  );

it("tells a cause once, however often it is met, and again when it had worked in between", async () => {
  store.full = new Error("disk full");
  for (let round = 0; round < 3; round++) {
    const error = await failure(inbox.receive(arrival()));
    expect(String(error)).toBe("Error: disk full");
    expect(inbox.tells(error)).toBe(true);
  }
  expect(told).toEqual(["Error: disk full"]);
  store.full = undefined;
  expect(await inbox.receive(arrival())).toBe("new");
  store.full = new Error("disk full");
  await failure(inbox.receive(arrival()));
  expect(told).toEqual(["Error: disk full", "Error: disk full"]);
});

it("tells one cause once, whatever meets it, and another one too", async () => {
  store.full = new Error("disk gone");
  store.unreadable = new Error("disk gone");
  await failure(inbox.receive(arrival()));
  await failure(inbox.takeAbandoned());
  expect(told).toEqual(["Error: disk gone"]);
  store.unreadable = new Error("file locked");
  await failure(inbox.takeAbandoned());
  await failure(inbox.takeAbandoned());
  expect(told).toEqual(["Error: disk gone", "Error: file locked"]);
});

it("does not take reading that works for writing that works", async () => {
  store.full = new Error("disk full");
  await failure(inbox.receive(arrival()));
  await inbox.takeAbandoned();
  await failure(inbox.receive(arrival()));
  expect(told).toEqual(["Error: disk full"]);
});

it("knows others' errors from its own", () => {
  expect(inbox.tells(new Error("a handler's"))).toBe(false);
  expect(inbox.tells(undefined)).toBe(false);
});

it("tells once that it cannot be opened", async () => {
  const closed = new AccountInbox({ store: "sqlite", path: "/dev/null/inbox.db" }, store, "wx0123456789abcdef", (e) =>
    told.push(String(e)),
  );
  onTestFinished(() => closed.close());
  await failure(closed.opened());
  await failure(closed.receive(arrival()));
  await failure(closed.takeAbandoned());
  expect(told).toHaveLength(1);
});
