import { describe, expect, it } from "vitest";
import { Files } from "../src/files.js";
import { Rids } from "../src/rids.js";
import { MORNING, ready, text } from "./support.js";

describe("what is kept has a bound", () => {
  it("files: the oldest go first, the newest stays even if it alone is too large", () => {
    const files = new Files(10);
    const add = (bytes: number) => files.add(Buffer.alloc(bytes), "image/png", "png");
    const [first, second, third] = [add(4), add(4), add(4)];
    expect([first, second, third].map((key) => files.get(key)?.content.length)).toEqual([undefined, 4, 4]);
    files.remove(second);
    const fourth = add(6);
    expect([third, fourth].map((key) => files.get(key)?.content.length)).toEqual([4, 6]);
    const large = add(11);
    expect([third, fourth, large].map((key) => files.get(key)?.content.length)).toEqual([undefined, undefined, 11]);
  });

  it("request ids: the newest 5000, and 8 kB of each body", () => {
    const rids = new Rids();
    const call = { appId: "wx1", time: 0, costInMs: 0, url: "", response: "", address: "" };
    for (let i = 0; i <= 5000; i++) rids.add(`${i}`, call, Buffer.alloc(10_000, "x"));
    expect(rids.find("0", 1)).toBeUndefined();
    expect(rids.find("1", 1)?.body).toBe("x".repeat(8192));
    expect(rids.find("5000", 1)).toBeDefined();
  });

  it("chat records: as many as the ledger keeps, and ids go on", async () => {
    const { caller, token } = await ready({}, { ledgerSize: 10, replyQuota: false });
    const page = async (msgid: number, number: number) => {
      const day = { starttime: MORNING / 1000, endtime: MORNING / 1000, msgid, number };
      const answer = await caller.post("/customservice/msgrecord/getmsglist", token, day);
      return { msgid: answer.msgid as number, texts: (answer.recordlist as { text: string }[]).map((r) => r.text) };
    };
    for (let i = 0; i < 5; i++) await caller.send(token, text(`${i}`));
    const seen = await page(1, 10_000);
    expect(seen.texts).toEqual(["0", "1", "2", "3", "4"]);
    for (let i = 5; i < 40; i++) await caller.send(token, text(`${i}`));
    const rest = await page(seen.msgid, 10_000);
    expect(rest.texts.slice(-10)).toEqual(Array.from({ length: 10 }, (_, i) => `${30 + i}`));
    expect(rest.texts.length).toBeLessThanOrEqual(11);
    expect(rest.msgid - seen.msgid).toBe(35);
    expect((await page(rest.msgid - 2, 1)).texts).toEqual(["38"]);
  });
});
