import { Inbox } from "@wechat-offiaccount/core";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { list } from "../../src/lib/kept-conversations.js";

const HOUR = 60 * 60_000;
const EVERYTHING = { limit: 50, before: undefined, unreadOnly: false, openOnly: true };

let now: number;
let inbox: Inbox;
beforeEach(() => {
  now = Date.now();
  inbox = new Inbox({ appId: "wx0123456789abcdef", clock: () => now });
  return () => inbox.close();
});

let pushes = 0;
async function wrote(openid: string, hoursAgo: number): Promise<void> {
  now = Date.now() - hoursAgo * HOUR;
  const key = `m:${++pushes}`;
  const common = { openid, accountId: "gh_0123456789ab", createdAt: now, msgId: String(pushes) };
  await inbox.receive({ key, message: { type: "text", text: "hi", ...common } as never });
  now = Date.now();
}
const openids = async (options = {}) => {
  const { payload, older } = await list(inbox, { ...EVERYTHING, ...options });
  return { openids: payload.map(({ openid }) => openid), older };
};

describe("conversations whose window is open", () => {
  it("are found behind hundreds that are closed", async () => {
    await wrote("oFirst", 47);
    for (let index = 0; index < 600; index++)
      await inbox.recordSent(`o${index}`, { message: { type: "template" }, delivery: "delivered" });
    expect(await openids()).toEqual({ openids: ["oFirst"], older: undefined });
  });

  it("come in pages that neither leave out nor repeat", async () => {
    for (const openid of ["o1", "o2", "o3", "o4", "o5"]) await wrote(openid, 1);
    const first = await openids({ limit: 2 });
    const second = await openids({ limit: 2, before: first.older });
    const third = await openids({ limit: 2, before: second.older });
    expect([first, second, third].map((page) => page.openids)).toEqual([["o5", "o4"], ["o3", "o2"], ["o1"]]);
    expect(third.older).toBeUndefined();
  });

  it("are not looked for among those whose newest message is older than the longest window", async () => {
    for (let index = 0; index < 1200; index++) await wrote(`o${index}`, 49);
    await wrote("oNew", 1);
    const asked = vi.spyOn(inbox, "conversations");
    expect((await openids()).openids).toEqual(["oNew"]);
    expect(asked).toHaveBeenCalledTimes(1);
  });
});
