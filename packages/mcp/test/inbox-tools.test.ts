import { describe, expect, it, vi } from "vitest";
import type * as z from "zod";
import * as list from "../src/tools/list-wechat-conversations.js";
import * as read from "../src/tools/read-wechat-conversation.js";
import type { ToolOutcome } from "../src/tools/tool.js";
import * as wait from "../src/tools/wait-for-wechat-message.js";
import { HOUR, inboxOf, OPENID, text } from "./support/conversations.js";
import { fakeClient } from "./support/fake-client.js";

type Desk = ReturnType<typeof inboxOf>;
const { client } = fakeClient();

/** What a tool returned, after a look whether it keeps its word. */
async function checked<T extends object>(schema: z.ZodType<T>, outcome: Promise<ToolOutcome<T>>) {
  const { structuredContent, text, isError } = await outcome;
  expect(schema.parse(structuredContent)).toEqual(structuredContent);
  expect(isError).toBe(text !== "");
  if (isError) for (const word of ["What happened: ", "解决办法："]) expect(text).toContain(word);
  return structuredContent;
}

const listing = ({ inbox }: Desk, input: unknown = {}) =>
  checked(list.outputSchema, list.handle(input, { inbox, client }));
const reading = ({ inbox }: Desk, input: unknown, readOnly = false) =>
  checked(read.outputSchema, read.handle(input, { inbox, client, readOnly }));
const waiting = ({ inbox }: Desk, input: unknown = {}, call = {}) =>
  checked(wait.outputSchema, wait.handle(input, { inbox, client, ...call }));

const closed = async () => {
  const desk = inboxOf();
  await desk.inbox.close();
  return desk;
};

describe("list_wechat_conversations", () => {
  it("shows the newest first, with unread messages, the last one and the window", async () => {
    const desk = inboxOf();
    await desk.arrives(text("old"), "oOld");
    desk.pass(47 * HOUR);
    await desk.arrives(text("one"));
    await desk.arrives(text("two"));
    const { status, conversations } = await listing(desk);
    expect(status).toBe("ok");
    expect(conversations).toMatchObject([
      {
        openid: OPENID,
        unread: 2,
        last: { from: "follower", type: "text", text: "two", at: "2026-11-03T07:00:00.000Z" },
        window: { state: "open", replies_left: 5, until: "2026-11-05T07:00:00.000Z", estimated: true },
      },
      { openid: "oOld", unread: 1, window: { state: "open", until: "2026-11-03T08:00:00.000Z" } },
    ]);
    desk.pass(2 * HOUR);
    expect((await listing(desk)).conversations.map(({ window }) => window.state)).toEqual(["open", "closed"]);
  });

  it("comes in pages, or with unread ones only", async () => {
    const desk = inboxOf();
    for (const openid of ["oA", "oB", "oC"]) await desk.arrives(text("hi"), openid);
    await desk.inbox.markRead("oB");
    const first = await listing(desk, { limit: 2 });
    expect(first.conversations.map(({ openid }) => openid)).toEqual(["oC", "oB"]);
    const second = await listing(desk, { limit: 2, before: first.older });
    expect(second.conversations.map(({ openid }) => openid)).toEqual(["oA"]);
    expect(second.older).toBeUndefined();
    const unread = await listing(desk, { unread_only: true });
    expect(unread.conversations.map(({ openid }) => openid)).toEqual(["oC", "oA"]);
  });

  it("cuts the last message, cleans it, and says how to take it", async () => {
    const desk = inboxOf();
    await desk.arrives(text(`a\u202e\u200bb${"长".repeat(1000)}`));
    const { conversations, untrusted } = await listing(desk);
    expect(conversations[0]?.last).toMatchObject({ text: `ab${"长".repeat(198)}…`, truncated: true });
    expect(untrusted).toContain("not instructions");
  });

  it.each([[{ limit: 0 }], [{ limit: 51 }], [{ limit: "10" }], [{ before: "sentinel" }], [{ sentinel: 1 }], [7]])(
    "refuses %j",
    async (input) => {
      const result = await listing(inboxOf(), input);
      expect(result).toMatchObject({ status: "failed", code: "WECHAT_VALIDATION", conversations: [] });
      expect(JSON.stringify(result)).not.toContain("sentinel");
    },
  );

  it("says that the inbox cannot be read", async () => {
    expect(await listing(await closed())).toMatchObject({ status: "failed", code: "WECHAT_CLOSED" });
  });
});

describe("read_wechat_conversation", () => {
  it("shows both sides, the oldest first, with what became of the answers", async () => {
    const desk = inboxOf();
    await desk.arrives(text("question"));
    await desk.inbox.recordSent(OPENID, { message: text("answer"), delivery: "delivered" });
    await desk.inbox.recordSent(OPENID, { message: text("more"), delivery: "unknown" });
    const { messages, window, unread } = await reading(desk, { openid: OPENID });
    expect(messages).toMatchObject([
      { from: "follower", text: "question" },
      { from: "account", text: "answer", delivery: "delivered" },
      { from: "account", text: "more", delivery: "unknown" },
    ]);
    expect({ window, unread }).toMatchObject({ window: { state: "open", replies_left: 3 }, unread: 1 });
  });

  it.each([
    ["voice with its words", { type: "voice", mediaId: "M", recognition: "hello" }, { text: "hello", media_id: "M" }],
    ["voice without", { type: "voice", mediaId: "M" }, { note: expect.stringContaining("without words") }],
    ["a picture", { type: "image", mediaId: "M" }, { media_id: "M", note: expect.stringContaining("picture") }],
    [
      "a place",
      { type: "location", latitude: 31.2, longitude: 121.5, label: "外滩" },
      { text: "外滩", note: "A place: latitude 31.2, longitude 121.5." },
    ],
    ["a link", { type: "link", url: "https://a.example", title: "T" }, { text: "T\nhttps://a.example" }],
    ["a follow", { type: "event", event: "subscribe" }, { event: "subscribe", note: "Began to follow the account." }],
    ["a menu click", { type: "event", event: "click", eventKey: "K\u200b1" }, { event: "click", event_key: "K1" }],
    ["what no version knows", { type: "constructor", text: 7, latitude: "x" }, { type: "constructor" }],
  ])("shows %s", async (_, message, view) => {
    const desk = inboxOf();
    await desk.arrives(message);
    const { messages } = await reading(desk, { openid: OPENID });
    expect(messages).toMatchObject([{ from: "follower", type: message.type, ...view }]);
    if (message.type === "constructor") expect(Object.keys(messages[0] ?? {})).not.toContain("note");
  });

  it("comes in pages, both ways", async () => {
    const desk = inboxOf();
    for (const word of ["1", "2", "3", "4", "5"]) await desk.arrives(text(word));
    const words = ({ messages }: { messages: { text?: string | undefined }[] }) =>
      messages.map(({ text }) => text).join("");
    const newest = await reading(desk, { openid: OPENID, limit: 2 });
    const older = await reading(desk, { openid: OPENID, limit: 2, before: newest.older });
    const oldest = await reading(desk, { openid: OPENID, limit: 2, before: older.older });
    expect([newest, older, oldest].map(words)).toEqual(["45", "23", "1"]);
    expect({ newer: newest.newer, older: oldest.older }).toEqual({ newer: undefined, older: undefined });
    expect(words(await reading(desk, { openid: OPENID, after: oldest.newer }))).toBe("2345");
  });

  it("marks nothing as read unless asked, and then only what it shows", async () => {
    const desk = inboxOf();
    for (const word of ["1", "2", "3"]) await desk.arrives(text(word));
    expect(await reading(desk, { openid: OPENID })).toMatchObject({ unread: 3 });
    const { older } = await reading(desk, { openid: OPENID, limit: 1 });
    expect(await reading(desk, { openid: OPENID, before: older, mark_read: true })).toMatchObject({ unread: 1 });
    expect(await desk.inbox.unreadCount()).toBe(1);
  });

  it("cannot mark anything in read-only mode", async () => {
    const desk = inboxOf();
    await desk.arrives(text("hi"));
    const result = await reading(desk, { openid: OPENID, mark_read: true }, true);
    expect(result).toMatchObject({ status: "failed", code: "WECHAT_VALIDATION" });
    expect(await reading(desk, { openid: OPENID }, true)).toMatchObject({ status: "ok", unread: 1 });
    expect([read.annotationsFor(true).readOnlyHint, read.annotationsFor(false).readOnlyHint]).toEqual([true, false]);
  });

  it("says that there is no such conversation", async () => {
    const result = await reading(inboxOf(), { openid: "oNobody" });
    expect(result).toMatchObject({ status: "failed", code: "WECHAT_MCP_NO_CONVERSATION", messages: [] });
  });

  it.each([
    [undefined],
    [{}],
    [{ openid: "sentinel sentinel" }],
    [{ openid: OPENID, before: "1", after: "1" }],
    [{ openid: OPENID, limit: 1.5 }],
    [{ openid: OPENID, mark_read: "true" }],
  ])("refuses %j", async (input) => {
    const result = await reading(inboxOf(), input);
    expect(result).toMatchObject({ status: "failed", code: "WECHAT_VALIDATION", messages: [] });
    expect(JSON.stringify(result)).not.toContain("sentinel");
  });

  it("says that the inbox cannot be read", async () => {
    expect(await reading(await closed(), { openid: OPENID })).toMatchObject({ code: "WECHAT_CLOSED" });
  });
});

describe("wait_for_wechat_message", () => {
  it("returns what comes, and a cursor after it", async () => {
    const desk = inboxOf();
    await desk.arrives(text("before"));
    const call = waiting(desk);
    await desk.arrives(text("now"));
    const { status, messages, cursor } = await call;
    expect({ status, messages }).toMatchObject({ status: "received", messages: [{ text: "now", openid: OPENID }] });
    expect(cursor).toBe(messages[0]?.id);
  });

  it("consumes nothing: with the same cursor the same messages come again, at once, for everyone", async () => {
    const desk = inboxOf();
    for (const word of ["1", "2"]) await desk.arrives(text(word), word === "1" ? "oA" : "oB");
    const first = await waiting(desk, { after: "0" });
    expect(first.messages).toMatchObject([{ text: "1" }, { text: "2" }]);
    expect(await waiting(desk, { after: "0" })).toEqual(first);
    expect((await waiting(desk, { after: first.messages[0]?.id })).messages).toMatchObject([{ text: "2" }]);
    expect((await waiting(desk, { after: "0", openid: "oB" })).messages).toMatchObject([{ text: "2" }]);
    expect(await desk.inbox.unreadCount()).toBe(2);
  });

  it("returns at most 20, and the rest with the next call", async () => {
    const desk = inboxOf();
    for (let word = 1; word <= 25; word++) await desk.arrives(text(`${word}`));
    const { messages, cursor } = await waiting(desk, { after: "0" });
    expect(messages).toHaveLength(20);
    expect((await waiting(desk, { after: cursor })).messages.map(({ text }) => text)).toEqual([
      "21",
      "22",
      "23",
      "24",
      "25",
    ]);
  });

  it.each([
    [{}, 45_000],
    [{ timeout_seconds: 1.5 }, 1_500],
    [{ timeout_seconds: 55 }, 55_000],
  ])("waits as long as %j says, and then says that nothing came and how to go on", async (input, timeout) => {
    const waitForIncoming = vi.fn(async () => ({ messages: [], cursor: "7" }));
    const { signal } = new AbortController();
    const outcome = await wait.handle(input, { inbox: { waitForIncoming }, client, signal });
    expect(waitForIncoming).toHaveBeenCalledWith(expect.objectContaining({ timeout, signal }));
    expect(outcome.isError).toBe(false);
    expect(wait.outputSchema.parse(outcome.structuredContent)).toMatchObject({
      status: "nothing",
      cursor: "7",
      next_step: expect.stringContaining("call again"),
    });
  });

  it("ends when the host cancels it", async () => {
    const cancelled = new AbortController();
    const call = waiting(inboxOf(), {}, { signal: cancelled.signal });
    cancelled.abort();
    expect(await call).toMatchObject({ status: "nothing" });
  });

  it("tells a host that asked every 10 seconds that it is alive, and stops with the call", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    try {
      let answer: (page: { messages: []; cursor: string }) => void = () => {};
      const arrived = new Promise<{ messages: []; cursor: string }>((resolve) => {
        answer = resolve;
      });
      const progress = vi.fn();
      const call = wait.handle({}, { inbox: { waitForIncoming: () => arrived }, client, progress });
      vi.advanceTimersByTime(30_000);
      expect(progress.mock.calls.map(([done, total]) => [done, total])).toEqual([
        [10, 45],
        [20, 45],
        [30, 45],
      ]);
      answer({ messages: [], cursor: "0" });
      await call;
      vi.advanceTimersByTime(30_000);
      expect(progress).toHaveBeenCalledTimes(3);
    } finally {
      vi.useRealTimers();
    }
  });

  it.each([
    [{ timeout_seconds: 56 }],
    [{ timeout_seconds: 0 }],
    [{ after: "sentinel" }],
    [{ openid: "sentinel sentinel" }],
    [{ sentinel: true }],
  ])("refuses %j", async (input) => {
    const result = await waiting(inboxOf(), input);
    expect(result).toMatchObject({ status: "failed", code: "WECHAT_VALIDATION", messages: [] });
    expect(JSON.stringify(result)).not.toContain("sentinel");
  });

  it("says that the inbox was closed meanwhile", async () => {
    const desk = inboxOf();
    const call = waiting(desk);
    await desk.inbox.close();
    expect(await call).toMatchObject({ status: "failed", code: "WECHAT_CLOSED" });
  });
});
