import { describe, expect, it, onTestFinished } from "vitest";
import { Inbox } from "../../src/inbox/inbox.js";
import type { InboxOptions } from "../../src/inbox/inbox-options.js";
import {
  APP_ID,
  arrival,
  DAY,
  delivered,
  HOUR,
  inboxOn,
  listening,
  listeningIn,
  MINUTE,
  type OpenedStore,
  T,
  textOf,
  twoInboxes,
} from "./inbox.js";

/** What every store must do, seen through the inbox. */
export function describeStore(name: string, open: () => Promise<OpenedStore>): void {
  const two = (options?: Partial<InboxOptions>) => twoInboxes(open, options);
  const texts = (messages: readonly { readonly message: object }[]) => messages.map(textOf);

  describe(`${name}: receiving`, () => {
    it("takes a push once, in whichever process", async () => {
      const { one, other } = await two();
      const push = arrival("oA");
      const results = await Promise.all([one, other, one, other, one].map((inbox) => inbox.receive(push)));
      expect(results.toSorted()).toEqual(["duplicate", "duplicate", "duplicate", "duplicate", "new"]);
      expect((await other.read("oA")).messages).toHaveLength(1);
    });

    it("refuses a nonce that was used for another message, and takes it for the same one", async () => {
      const { one, other, clock } = await two();
      const signed = { nonce: "n1", timestamp: 1_800_000_000 };
      const push = { ...arrival("oA"), ...signed };
      const forged = { ...arrival("oA"), ...signed };
      expect(await one.receive(push)).toBe("new");
      expect(await other.receive(forged)).toBe("replayed");
      expect(await one.receive(push)).toBe("duplicate");
      expect(await one.receive({ ...arrival("oA"), nonce: "n1", timestamp: 1_800_000_001 })).toBe("new");
      expect(await other.receive({ ...push, nonce: "n2" })).toBe("duplicate");
      expect(await one.receive({ ...forged, nonce: "n2" })).toBe("replayed");
      const another = { ...arrival("oA"), nonce: "n3", timestamp: 1_800_000_000 };
      expect(await one.receive(another)).toBe("new");
      expect(await other.receive({ ...push, nonce: "n3" })).toBe("replayed");
      clock.time += 20 * MINUTE - 1;
      expect(await one.receive(forged)).toBe("replayed");
      clock.time += 1;
      expect(await one.receive(forged)).toBe("new");
      expect((await one.read("oA")).messages).toHaveLength(4);
    });

    it("tells duplicates for 20 minutes from each push on", async () => {
      const { one, other, clock } = await two();
      await one.receive(arrival("oA"));
      clock.time += 19 * MINUTE;
      const push = arrival("oA");
      await one.receive(push);
      for (let minute = 20; minute < 39; minute++) {
        clock.time += MINUTE;
        expect(await other.receive(arrival("oA"))).toBe("new");
        expect(await other.receive(push)).toBe("duplicate");
      }
      clock.time += MINUTE;
      expect(await other.receive(push)).toBe("new");
    });

    it("keeps accounts apart", async () => {
      const { store } = await open();
      const [one, other] = [inboxOn(store), inboxOn(store, { appId: "wx2222222222222222" })];
      onTestFinished(() => one.close());
      const push = { ...arrival("oA"), nonce: "n", timestamp: 1 };
      expect(await one.receive(push)).toBe("new");
      expect(await other.receive(push)).toBe("new");
      expect(await other.receive({ ...arrival("oA"), nonce: "n", timestamp: 1 })).toBe("replayed");
      await one.recordSent("oA", delivered("hi"));
      await one.markRead("oA");
      await one.emitted(push.key);
      expect(await one.stats()).toMatchObject({ conversations: 1, messages: 2, unread: 0, pending: 0 });
      expect(await other.stats()).toMatchObject({ conversations: 1, messages: 1, unread: 1, pending: 1 });
      await one.forget("oA");
      expect((await other.read("oA")).messages).toHaveLength(1);
    });
  });

  describe(`${name}: what was not emitted`, () => {
    it("is taken over exactly once when its process vanished, and not before its lease has run out", async () => {
      const { one, other, clock } = await two({ lease: 30_000 });
      const kept = [arrival("oA"), arrival("oB"), arrival("oA")];
      for (const push of kept) await one.receive(push);
      const emitted = arrival("oC");
      await one.receive(emitted);
      await one.emitted(emitted.key);
      clock.time += 30_000;
      expect(await other.takeAbandoned()).toEqual([]);
      clock.time += 1;
      const [first, second] = await Promise.all([other.takeAbandoned(2), other.takeAbandoned(2)]);
      expect([...first!, ...second!]).toEqual(kept);
      expect(await other.takeAbandoned()).toEqual([]);
      for (const { key } of kept) await other.emitted(key);
      clock.time += DAY;
      expect(await one.takeAbandoned()).toEqual([]);
    });

    it("stays with a process that shows signs of life", async () => {
      const { one, other, clock } = await two({ lease: 30_000 });
      await one.receive(arrival("oA"));
      for (let n = 0; n < 10; n++) {
        clock.time += 20_000;
        expect(await one.takeAbandoned()).toEqual([]);
        expect(await other.takeAbandoned()).toEqual([]);
      }
    });

    it("is free at once after close", async () => {
      const { one, other } = await two();
      const push = arrival("oA");
      await one.receive(push);
      await one.close();
      expect(await other.takeAbandoned()).toEqual([push]);
    });
  });

  describe(`${name}: conversations`, () => {
    it("are listed newest first, in pages that hold each one once", async () => {
      const { one, other } = await two();
      for (let n = 0; n < 25; n++) await one.receive(arrival(`o${n}`, { text: `from ${n}` }));
      await one.recordSent("o3", delivered("to 3"));
      const first = await other.conversations({ limit: 10 });
      expect(first.conversations.map(({ openid }) => openid).slice(0, 3)).toEqual(["o3", "o24", "o23"]);
      expect(first.conversations[0]).toMatchObject({
        unread: 1,
        last: { direction: "out", message: { text: "to 3" }, delivery: "delivered" },
        window: { state: "open", repliesLeft: 4 },
      });
      await one.receive(arrival("o24"));
      const second = await other.conversations({ limit: 10, before: first.older });
      const third = await other.conversations({ limit: 10, before: second.older });
      expect(third.older).toBeUndefined();
      const all = [first, second, third].flatMap((page) => page.conversations.map(({ openid }) => openid));
      expect(new Set(all).size).toBe(25);
      expect(all).toHaveLength(25);
    });

    it("are read in pages both ways", async () => {
      const { one, other } = await two();
      for (let n = 0; n < 10; n++) {
        await one.receive(arrival("oA", { text: `${n}` }));
        await one.receive(arrival("oB"));
      }
      const newest = await other.read("oA", { limit: 4 });
      expect(texts(newest.messages)).toEqual(["6", "7", "8", "9"]);
      expect(newest.newer).toBeUndefined();
      const middle = await other.read("oA", { limit: 4, before: newest.older });
      expect(texts(middle.messages)).toEqual(["2", "3", "4", "5"]);
      const oldest = await other.read("oA", { limit: 4, before: middle.older });
      expect(texts(oldest.messages)).toEqual(["0", "1"]);
      expect(oldest.older).toBeUndefined();
      const forward = await other.read("oA", { limit: 4, after: oldest.newer });
      expect(forward).toEqual(middle);
      const end = await other.read("oA", { limit: 5, after: forward.newer });
      expect(texts(end.messages)).toEqual(["6", "7", "8", "9"]);
      expect(end.newer).toBeUndefined();
      expect(await other.read("oNobody")).toEqual({ messages: [] });
    });

    it("take a cursor above all messages for what it says", async () => {
      const { one } = await two();
      const beyond = "9".repeat(15);
      for (const openid of ["oA", "oB", "oA"]) await one.receive(arrival(openid, { text: openid }));
      expect(texts((await one.read("oA", { before: beyond })).messages)).toEqual(["oA", "oA"]);
      expect((await one.read("oA", { after: beyond })).messages).toEqual([]);
      expect((await one.incoming({ openid: "oA", after: beyond })).messages).toEqual([]);
      expect((await one.conversations({ before: beyond })).conversations).toHaveLength(2);
      expect(await one.markRead("oA", beyond)).toBe(0);
      expect(await one.unreadCount()).toBe(1);
      await one.receive(arrival("oA"));
      // What came since was not read, whoever marks what again.
      expect(await one.markRead("oA", "1")).toBe(1);
    });

    it("give messages back as they were", async () => {
      const { one, other } = await two();
      const message = { text: "你好 👋🏽 \u0000 '\"; --", picture: { url: null, sizes: [1, 2.5] } };
      await one.receive(arrival("oA", { ...message, msgId: "9007199254740993123" }));
      const sent = {
        message: { type: "news", title: "新闻", url: "https://example.com/?a=1&b=2" },
        delivery: "unknown",
        parts: [{ index: 0, delivery: "unknown", errcode: -1, rid: "64a774ce-020c072d-6c820ec0" }],
        errcode: -1,
        rid: "64a774ce-020c072d-6c820ec0",
        by: "node-red",
      } as const;
      const id = await one.recordSent("oA", sent);
      const { messages } = await other.read("oA");
      expect(messages[0]).toMatchObject({ openid: "oA", direction: "in", at: T, message });
      expect(messages[0]?.message).toMatchObject({ msgId: "9007199254740993123", createdAt: T });
      expect(messages[1]).toEqual({ id, openid: "oA", direction: "out", at: T, ...sent });
    });

    it("count what nobody has read, by messages and not by events", async () => {
      const { one, other } = await two();
      await one.receive(arrival("oA", { type: "event", event: "subscribe" }));
      for (let n = 0; n < 3; n++) await one.receive(arrival("oA"));
      await one.receive(arrival("oB"));
      await one.recordSent("oC", delivered("hi"));
      expect(await other.unreadCount()).toBe(4);
      const { messages } = await other.read("oA");
      expect(await other.markRead("oA", messages[2]!.id)).toBe(1);
      expect(await other.markRead("oA", messages[0]!.id)).toBe(1);
      expect(await one.unreadCount()).toBe(2);
      const unread = async () =>
        (await one.conversations({ unreadOnly: true })).conversations.map(({ openid }) => openid);
      expect(await unread()).toEqual(["oB", "oA"]);
      expect(await one.markRead("oA")).toBe(0);
      expect(await one.markRead("oNobody")).toBe(0);
      expect(await unread()).toEqual(["oB"]);
      await one.receive(arrival("oA"));
      expect(await one.conversation("oA")).toMatchObject({ unread: 1, last: { direction: "in" } });
      expect(await one.conversation("oNobody")).toBeUndefined();
    });

    it("tell what came in after a cursor, and reading consumes nothing", async () => {
      const { one, other } = await two();
      await one.receive(arrival("oA", { text: "1" }));
      await one.recordSent("oA", delivered("reply"));
      await one.receive(arrival("oB", { text: "2" }));
      await one.receive(arrival("oA", { text: "3" }));
      const first = await other.incoming({ limit: 2 });
      expect(texts(first.messages)).toEqual(["1", "2"]);
      const second = await other.incoming({ after: first.cursor });
      expect(texts(second.messages)).toEqual(["3"]);
      expect(await other.incoming({ after: second.cursor })).toEqual({ messages: [], cursor: second.cursor });
      expect(texts((await one.incoming({ openid: "oA" })).messages)).toEqual(["1", "3"]);
      expect(await one.incoming({ limit: 2 })).toEqual(first);
      await one.forget("oA");
      await one.receive(arrival("oC", { text: "4" }));
      expect(texts((await other.incoming({ after: second.cursor })).messages)).toEqual(["4"]);
    });
  });

  describe(`${name}: waiting`, () => {
    it("ends with what another process receives, and with what this one receives", async () => {
      const { one, other } = await two();
      await one.receive(arrival("oA", { text: "before" }));
      const here = one.waitForIncoming({ timeout: 20_000 });
      const there = other.waitForIncoming({ timeout: 20_000, openid: "oB" });
      await one.incoming();
      await one.receive(arrival("oA", { text: "for here" }));
      expect(texts((await here).messages)).toEqual(["for here"]);
      await one.receive(arrival("oB", { text: "for there" }));
      const page = await there;
      expect(texts(page.messages)).toEqual(["for there"]);
      expect(texts((await other.waitForIncoming({ after: "0" })).messages)).toEqual([
        "before",
        "for here",
        "for there",
      ]);
    });
  });

  describe(`${name}: deleting`, () => {
    it("forgets all of a follower, also what was not emitted", async () => {
      const { one, other } = await two();
      await one.receive(arrival("oA"));
      await one.receive(arrival("oB"));
      await one.recordSent("oA", delivered("hi"));
      await other.forget("oA");
      expect(await one.read("oA")).toEqual({ messages: [] });
      expect(await one.window("oA")).toMatchObject({ state: "closed" });
      expect((await one.conversations()).conversations.map(({ openid }) => openid)).toEqual(["oB"]);
      await one.close();
      expect((await other.takeAbandoned()).map(({ message }) => message.openid)).toEqual(["oB"]);
    });

    it("deletes a conversation when the follower unsubscribes, if told so, and still emits that", async () => {
      const { one, other } = await two({ forgetUnsubscribed: true });
      await one.receive(arrival("oA"));
      const bye = arrival("oA", { type: "event", event: "unsubscribe" });
      expect(await one.receive(bye)).toBe("new");
      expect(await one.receive(bye)).toBe("duplicate");
      expect(await other.stats()).toMatchObject({ conversations: 0, messages: 0, unread: 0 });
      await one.close();
      expect(await other.takeAbandoned()).toContainEqual(bye);
    });

    it("prunes what is older than the retention, in steps", async () => {
      const { one, other, clock } = await two({ retentionDays: 3 });
      for (let n = 0; n < 1100; n++) await one.receive(arrival(`o${n % 10}`));
      clock.time += 2 * DAY;
      await one.receive(arrival("o1", { text: "young" }));
      await one.recordSent("o2", delivered("young"));
      clock.time += DAY;
      expect(await other.prune()).toBe(0);
      clock.time += 1;
      expect(await other.prune()).toBe(1100);
      expect(await one.stats()).toMatchObject({ conversations: 2, messages: 2, unread: 1 });
      expect(texts((await one.read("o1")).messages)).toEqual(["young"]);
      expect((await one.conversations()).conversations.map(({ openid }) => openid)).toEqual(["o2", "o1"]);
    });
  });

  it(`${name}: forgets with a conversation's last message how its window stood`, async () => {
    const { one, other, clock } = await two({ retentionDays: 3 });
    await one.receive(arrival("oA", { type: "event", event: "unsubscribe" }));
    expect((await other.window("oA")).certain).toBe("unsubscribed");
    clock.time += 3 * DAY + 1;
    expect(await other.prune()).toBe(1);
    await one.recordSent("oA", delivered("hi"));
    expect((await other.window("oA")).certain).toBeUndefined();
  });

  describe(`${name}: what was never emitted`, () => {
    it("is deleted after the retention too, in steps, whoever had to emit it", async () => {
      const { one, other, clock } = await two({ retentionDays: 3 });
      const report = () => arrival("oA", { type: "event", event: "location" });
      for (let n = 0; n < 600; n++) await (n % 2 ? one : other).receive(report());
      clock.time += DAY;
      const [young, mine] = [arrival("oA"), report()];
      await one.receive(young);
      await other.receive(mine);
      clock.time += 2 * DAY;
      expect(await other.prune()).toBe(0);
      expect(await one.stats()).toMatchObject({ pending: 602 });
      clock.time += 1;
      expect(await other.prune()).toBe(600);
      expect(await one.stats()).toMatchObject({ pending: 2, messages: 1 });
      await one.close();
      expect(await other.takeAbandoned()).toEqual([young]);
      clock.time += DAY;
      expect(await other.prune()).toBe(2);
      expect(await other.stats()).toMatchObject({ pending: 0, messages: 0 });
    });
  });

  describe(`${name}: the reply window`, () => {
    it("follows from what came in and went out, in all processes", async () => {
      const { one, other, clock } = await two();
      await one.receive(arrival("oA"));
      const parts = (["delivered", "unknown", "not-delivered"] as const).map((delivery, index) => ({
        index,
        delivery,
      }));
      await other.recordSent("oA", { message: { type: "text", text: "long" }, delivery: "unknown", parts });
      await one.recordSent("oA", { message: { type: "text", text: "at once" }, delivery: "delivered", passive: true });
      await one.recordSent("oA", { message: { type: "template" }, delivery: "delivered" });
      await one.recordSent("oA", { message: { type: "image" }, delivery: "not-delivered" });
      const window = { state: "open", repliesLeft: 3, until: T + 48 * HOUR, scene: "message", estimated: true };
      expect(await one.window("oA")).toMatchObject(window);
      await other.recordSent("oA", { message: { type: "image" }, delivery: "delivered" });
      expect(await one.window("oA")).toMatchObject({ ...window, repliesLeft: 2 });
      clock.time = T + 48 * HOUR;
      expect(await other.window("oA")).toMatchObject({ state: "closed", repliesLeft: 0 });
    });

    it("believes WeChat, which says that the window is closed or used up", async () => {
      const { one, other } = await two();
      const refused = (errcode: number) =>
        ({ message: { type: "text", text: "x" }, delivery: "not-delivered", errcode }) as const;
      await one.receive(arrival("oA"));
      await one.recordSent("oA", refused(40001));
      expect(await other.window("oA")).toMatchObject({ state: "open", repliesLeft: 5 });
      await one.recordSent("oA", refused(45047));
      expect(await other.window("oA")).toMatchObject({ state: "used-up", repliesLeft: 0 });
      await one.recordSent("oA", refused(45015));
      expect(await other.window("oA")).toMatchObject({ state: "closed", repliesLeft: 0 });
      await one.receive(arrival("oA"));
      expect(await other.window("oA")).toMatchObject({ state: "open", repliesLeft: 5 });
    });

    it("keeps count when many replies are recorded at the same time", async () => {
      const { one, other } = await two({ replyRule: "add" });
      for (let n = 0; n < 10; n++) await one.receive(arrival("oA"));
      await Promise.all(
        Array.from({ length: 40 }, (_, n) => (n % 2 ? one : other).recordSent("oA", delivered(`${n}`))),
      );
      expect(await one.window("oA")).toMatchObject({ repliesLeft: 10 });
      expect((await one.read("oA", { limit: 100 })).messages).toHaveLength(50);
    });

    it("is certain only after 48 h without a gap in listening, by one process or another", async () => {
      const { one, other, clock } = await two({ lease: 30_000 });
      const quiet = async () => (await other.window("oQuiet")).certain;
      await one.receive(arrival("oA"));
      const until = (end: number, ...inboxes: Inbox[]) => listeningIn(25_000, clock, end, ...inboxes);
      await until(T + 24 * HOUR, one);
      await other.receive(arrival("oB"));
      await until(T + 25 * HOUR, one, other);
      await until(T + 48 * HOUR - 25_000, other);
      expect(await quiet()).toBeUndefined();
      await until(T + 48 * HOUR + 1, other);
      expect(await quiet()).toBe("no-interaction");
      expect((await one.stats()).listeningSince).toBe(T);
      clock.time += 30_001;
      expect(await quiet()).toBeUndefined();
      await other.receive(arrival("oB"));
      expect((await one.stats()).listeningSince).toBe(clock.time);
    });

    it("is not certain after a follower was forgotten by hand", async () => {
      const { one, clock } = await two({ lease: DAY });
      await one.receive(arrival("oA"));
      await listening(clock, T + 3 * DAY, one);
      expect((await one.window("oQuiet")).certain).toBe("no-interaction");
      await one.receive(arrival("oQuiet", { createdAt: clock.time }));
      await one.forget("oQuiet");
      expect((await one.window("oQuiet")).certain).toBeUndefined();
    });

    it("knows who has unsubscribed", async () => {
      const { one, other, clock } = await two();
      await one.receive(arrival("oA"));
      clock.time += 5000;
      await one.receive(arrival("oA", { type: "event", event: "unsubscribe", createdAt: clock.time }));
      expect(await other.window("oA")).toMatchObject({ state: "closed", certain: "unsubscribed" });
    });
  });

  it(`${name}: keeps reports until they are emitted, and never shows them`, async () => {
    const { one, other } = await two();
    const report = arrival("oA", { type: "event", event: "location", latitude: 1 });
    expect(await one.receive(report)).toBe("new");
    expect(await one.receive(report)).toBe("duplicate");
    expect(await one.stats()).toMatchObject({ conversations: 0, messages: 0, pending: 1 });
    await one.close();
    expect(await other.takeAbandoned()).toEqual([report]);
    await other.emitted(report.key);
    expect(await other.stats()).toMatchObject({ pending: 0 });
  });

  it(`${name}: gives ids that grow and never come again`, async () => {
    const { store, again } = await open();
    const inbox = new Inbox({ appId: APP_ID, store });
    onTestFinished(() => inbox.close());
    const first = Number(await inbox.recordSent("oA", delivered("1")));
    await inbox.forget("oA");
    const other = inboxOn(await again());
    onTestFinished(() => other.close());
    expect(Number(await other.recordSent("oA", delivered("2")))).toBeGreaterThan(first);
  });
}
