import { describe, expect, it, onTestFinished } from "vitest";
import type { NoteChange } from "../../src/inbox/store.js";
import { APP_ID, arrival, DAY, delivered, inboxOn, MINUTE, type OpenedStore, T, twoInboxes } from "./inbox.js";

/** What is put where there is nothing. */
const claim =
  (body: string): NoteChange =>
  (before) =>
    before === undefined ? body : undefined;
/** One more line. */
const line =
  (added: string): NoteChange =>
  (before = "") =>
    `${before}${added}\n`;
const look: NoteChange = () => undefined;

/** What every store must do with notes, seen through the inbox. */
export function describeNotes(name: string, open: () => Promise<OpenedStore>): void {
  describe(`${name}: notes`, () => {
    it("are claimed by exactly one of those who try at the same time", async () => {
      const { one, other } = await twoInboxes(open);
      for (let round = 0; round < 20; round++) {
        const tries = [one, other, one, other].map((inbox, n) =>
          inbox.amendNote(`once ${round}`, claim(`claim ${n}`), MINUTE),
        );
        const [winner, ...others] = await Promise.all(tries);
        expect(winner).toMatch(/^claim [0-3]$/);
        expect(others).toEqual([winner, winner, winner]);
        expect(await other.amendNote(`once ${round}`, look, MINUTE)).toBe(winner);
      }
    });

    it("lose no change of those made at the same time", async () => {
      const { one, other } = await twoInboxes(open);
      const lines = Array.from({ length: 60 }, (_, n) => `${n}`);
      const bodies = await Promise.all(lines.map((n, at) => (at % 2 ? one : other).amendNote("n", line(n), MINUTE)));
      const last = (await one.amendNote("n", look, MINUTE)) ?? "";
      expect(last.trim().split("\n").toSorted()).toEqual(lines.toSorted());
      // Each is told the body after its own change: the beginning of the last one, of another length each.
      expect(bodies.filter((body) => !last.startsWith(body!))).toEqual([]);
      expect(bodies.map((body) => body!.split("\n").length - 1).toSorted((a, b) => a - b)).toEqual(
        lines.map((_, n) => n + 1),
      );
    });

    it("are replaced, also by an empty text, and stay as they are where the change gives none", async () => {
      const { one, other } = await twoInboxes(open);
      expect(await one.amendNote("n", look, MINUTE)).toBeUndefined();
      expect(await one.amendNote("n", claim("claimed"), MINUTE)).toBe("claimed");
      expect(await other.amendNote("n", claim("mine"), MINUTE)).toBe("claimed");
      expect(await other.amendNote("n", () => "", MINUTE)).toBe("");
      expect(await one.amendNote("n", claim("again"), MINUTE)).toBe("");
      expect(await one.amendNote("n", (before) => `${before}result`, MINUTE)).toBe("result");
    });

    it("end when their time is over, which a look does not put off and a change does", async () => {
      const { one, other, clock } = await twoInboxes(open);
      await one.amendNote("n", claim("first"), MINUTE);
      clock.time += MINUTE - 1;
      expect(await other.amendNote("n", look, DAY)).toBe("first");
      clock.time += 1;
      expect(await other.amendNote("n", look, DAY)).toBeUndefined();
      expect(await other.amendNote("n", claim("second"), MINUTE)).toBe("second");
      clock.time += MINUTE - 1;
      expect(await one.amendNote("n", (before) => `${before} longer`, DAY)).toBe("second longer");
      clock.time += DAY - 1;
      expect(await one.amendNote("n", look, MINUTE)).toBe("second longer");
      // A change may make the time shorter, too.
      await one.amendNote("n", (before) => before, 5);
      clock.time += 5;
      expect(await other.amendNote("n", claim("third"), MINUTE)).toBe("third");
    });

    it("outlive those that end around them, and pushes", async () => {
      const { one, other, clock } = await twoInboxes(open);
      await one.amendNote("long", claim("kept"), 40 * MINUTE);
      for (let n = 0; n < 39; n++) {
        clock.time += MINUTE;
        await other.amendNote(`short ${n}`, claim("ends"), 1);
        await one.receive({ ...arrival("oA"), nonce: `${n}`, timestamp: 1 });
      }
      clock.time += MINUTE - 1;
      expect(await other.amendNote("long", look, MINUTE)).toBe("kept");
    });

    it("of two accounts, and under names that are nearly the same, are different ones", async () => {
      const { store } = await open();
      const [one, other] = [inboxOn(store), inboxOn(store, { appId: "wx2222222222222222" })];
      onTestFinished(() => one.close());
      const names = ["n", "N", "n ", " n", "n:1", "n{1}", "push n", "笔记", "%E7%AC%94%E8%AE%B0", "n".repeat(200)];
      for (const key of names) {
        expect(await one.amendNote(key, claim(`one ${key}`), MINUTE)).toBe(`one ${key}`);
        expect(await other.amendNote(key, claim(`other ${key}`), MINUTE)).toBe(`other ${key}`);
      }
      for (const key of names) expect(await one.amendNote(key, look, MINUTE)).toBe(`one ${key}`);
    });

    it("are not the marks of pushes, whatever their names", async () => {
      const { one, other } = await twoInboxes(open);
      const push = { ...arrival("oA"), nonce: "n", timestamp: 1 };
      await one.receive(push);
      expect(await other.amendNote("nonce 1 n", claim("claimed"), MINUTE)).toBe("claimed");
      expect(await one.receive(push)).toBe("duplicate");
    });

    it("come back as they were given, up to 64 KiB", async () => {
      const { one, other } = await twoInboxes(open);
      const bodies = [" a\r\n\tb ", "=", "{}", "微信 👩‍👩‍👧 \u0001\ufeff", "笔".repeat(21_845), "x".repeat(65_536)];
      for (const body of bodies) {
        await one.amendNote("n", () => body, MINUTE);
        expect(await other.amendNote("n", look, MINUTE)).toBe(body);
      }
    });

    it("are part of no conversation: neither counted nor forgotten nor pruned", async () => {
      const { one, other, clock } = await twoInboxes(open, { retentionDays: 2 });
      await one.recordSent("oA", delivered("hi"));
      await one.amendNote("oA", claim("kept"), 10 * DAY);
      expect(await other.stats()).toMatchObject({ conversations: 1, messages: 1, pending: 0 });
      expect((await other.read("oA")).messages).toHaveLength(1);
      await other.forget("oA");
      clock.time = T + 3 * DAY;
      await other.prune();
      expect(await one.amendNote("oA", look, MINUTE)).toBe("kept");
    });

    it("stay as they were where the change throws or gives what cannot be kept", async () => {
      const { one, other } = await twoInboxes(open);
      await one.amendNote("n", claim("kept"), MINUTE);
      const failure = new Error("no such result");
      const refusing: NoteChange = (before) => {
        if (before === "kept") throw failure;
        return before;
      };
      await expect(other.amendNote("n", refusing, MINUTE)).rejects.toBe(failure);
      await expect(other.amendNote("n", () => "x".repeat(65_537), MINUTE)).rejects.toMatchObject({ field: "body" });
      expect(await one.amendNote("n", look, MINUTE)).toBe("kept");
    });

    it("are there for a store's next user", async () => {
      const { store, again } = await open();
      const before = inboxOn(store, { clock: () => T });
      await before.amendNote("n", claim("kept"), MINUTE);
      const next = await again();
      onTestFinished(() => next.close());
      await before.close();
      expect(await next.amend(APP_ID, { key: "n", change: look, now: T, until: T })).toBe("kept");
    });
  });
}
