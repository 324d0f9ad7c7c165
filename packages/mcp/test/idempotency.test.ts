import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Inbox, openInbox, WeChatReplyWindowError, WeChatTransportError } from "@wechat-offiaccount/core";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { IdempotencyKeys } from "../src/safety/idempotency.js";
import type { Notes } from "../src/safety/notes.js";
import { RateLimiter } from "../src/safety/rate.js";
import { recipientPolicy } from "../src/safety/recipients.js";
import type { Guards } from "../src/tools/outgoing.js";
import { type ToolResult, toolResult } from "../src/tools/result.js";
import { handle } from "../src/tools/send-wechat-text.js";
import { APP_ID, HOUR } from "./support/conversations.js";
import { guardsOf } from "./support/desk.js";
import { fakeClient } from "./support/fake-client.js";

const OPENID = "oSimFollower000000000000000001";

function senderOf(notes: Notes, fake = fakeClient(), clock?: () => number, given: Partial<Guards> = {}) {
  const keys = new IdempotencyKeys(notes, toolResult, clock);
  const guards = guardsOf({ keys, ...given });
  const policy = recipientPolicy({ kind: "anyone" }, "WECHAT_MCP_RECIPIENTS");
  return {
    fake,
    send: async (idempotency_key: string | undefined, more: object = {}): Promise<ToolResult> => {
      const input = { openid: OPENID, text: "hi", ...(idempotency_key && { idempotency_key }), ...more };
      const outcome = await handle(input, { client: fake.client, policy, guards, aiLabel: true }, {});
      if ("question" in outcome) throw new Error("nobody was to be asked");
      return outcome.structuredContent;
    },
  };
}

const memory = () => new Inbox({ appId: APP_ID });

describe("the same call with the same idempotency_key", () => {
  it("sends once, and gives the first result again", async () => {
    const { fake, send } = senderOf(memory());
    const first = await send("a");
    expect(first).not.toHaveProperty("duplicate");
    expect(await send("a")).toEqual({ ...first, duplicate: true });
    expect(fake.sent).toHaveLength(1);
    await send("b");
    await send(undefined);
    await send(undefined);
    expect(fake.sent).toHaveLength(4);
  });

  it("sends once after a restart and from another process, where there is an inbox in a file", async () => {
    const folder = mkdtempSync(join(tmpdir(), "wechat-mcp-keys-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const open = () => openInbox(`sqlite:${folder}/inbox.db`, { appId: APP_ID });
    const before = await open();
    const { fake, send } = senderOf(before);
    const first = await send("a");
    await before.close();
    const after = await open();
    expect(await senderOf(after, fake).send("a")).toEqual({ ...first, duplicate: true });
    expect(fake.sent).toHaveLength(1);
    await after.close();
  });

  it("sends once however many call at the same time, and tells the others that it is under way", async () => {
    let answer = () => {};
    const fake = fakeClient({
      sendText: async () => {
        await new Promise<void>((resolve) => {
          answer = resolve;
        });
        return { delivery: "delivered", parts: [{ index: 0, delivery: "delivered", errcode: 0 }], answer: {} };
      },
    });
    const { send } = senderOf(memory(), fake);
    const first = send("a");
    await vi.waitFor(() => expect(fake.sent).toHaveLength(1));
    const others = await Promise.all([send("a"), send("a"), send("a")]);
    for (const other of others) expect(other).toMatchObject({ delivery: "unknown", code: "WECHAT_MCP_KEY_UNDER_WAY" });
    answer();
    expect(await first).toMatchObject({ status: "sent" });
    expect(fake.sent).toHaveLength(1);
    expect(await send("a")).toMatchObject({ status: "sent", duplicate: true });
  });

  it("sends once also where all look at the key before anybody has taken it", async () => {
    const inbox = memory();
    const [one, other] = [senderOf(inbox), senderOf(inbox)];
    const results = await Promise.all([one.send("a"), other.send("a"), one.send("a"), other.send("a")]);
    expect(results.filter(({ status, duplicate }) => status === "sent" && !duplicate)).toHaveLength(1);
    expect(one.fake.sent.length + other.fake.sent.length).toBe(1);
  });

  it("gives the key back where the rate leaves no room, and is not forgotten for long", async () => {
    let now = Date.UTC(2026, 10, 1);
    const inbox = new Inbox({ appId: APP_ID, clock: () => now });
    const rate = new RateLimiter({ perFollower: 1, total: undefined }, { shared: inbox, own: inbox }, () => now);
    const { fake, send } = senderOf(inbox, fakeClient(), () => now, { rate });
    await send("a");
    expect(await send("b")).toMatchObject({ code: "WECHAT_MCP_RATE" });
    now += 60_000;
    expect(await send("b")).toMatchObject({ status: "sent" });
    expect(fake.sent).toHaveLength(2);
  });

  it("in an operator's dry run is no key: nothing was sent before", async () => {
    const inbox = memory();
    await senderOf(inbox).send("a");
    expect(await senderOf(inbox, fakeClient(), undefined, { dryRun: true }).send("a")).toMatchObject({
      status: "dry-run",
    });
  });

  it("does not take away another's claim when its own failed", async () => {
    const inbox = memory();
    const request = ["send_wechat_text", { openid: OPENID, text: "hi" }];
    expect(await new IdempotencyKeys(inbox, toolResult).claim({ key: "a", request })).toMatchObject({ state: "won" });
    let failures = 1;
    const shaky: Notes = {
      amendNote: (...given) => (failures-- > 0 ? Promise.reject(new Error("lost")) : inbox.amendNote(...given)),
    };
    await expect(new IdempotencyKeys(shaky, toolResult).claim({ key: "a", request })).rejects.toThrow("lost");
    expect(await new IdempotencyKeys(inbox, toolResult).find({ key: "a", request })).toMatchObject({ state: "begun" });
  });

  it("is free again where the answer to the taking was lost, and nothing was sent", async () => {
    const inbox = memory();
    let losses = 1;
    const lossy: Notes = {
      async amendNote(...given) {
        const body = await inbox.amendNote(...given);
        if (losses > 0 && body !== undefined) {
          losses--;
          throw new Error("the answer was lost");
        }
        return body;
      },
    };
    const { fake, send } = senderOf(lossy);
    expect(await send("a")).toMatchObject({ delivery: "not-delivered" });
    await expect.poll(() => send("a")).toMatchObject({ status: "sent" });
    expect(fake.sent).toHaveLength(1);
  });

  it("is refused with other arguments", async () => {
    const { fake, send } = senderOf(memory());
    await send("a");
    expect(await send("a", { text: "hi!" })).toMatchObject({
      delivery: "not-delivered",
      code: "WECHAT_MCP_KEY_REUSED",
    });
    expect(await send("a", { openid: "oB" })).toMatchObject({ code: "WECHAT_MCP_KEY_REUSED" });
    expect(fake.sent).toHaveLength(1);
  });

  it("does not send again what may have arrived", async () => {
    const error = new WeChatTransportError(
      { reason: "timeout", message: "no answer within 10000 ms", sent: true },
      { delivery: "unknown", parts: [{ index: 0, delivery: "unknown" }] },
    );
    const { fake, send } = senderOf(memory(), fakeClient({ sendText: () => Promise.reject(error) }));
    expect(await send("a")).toMatchObject({ delivery: "unknown", code: "WECHAT_TIMEOUT" });
    expect(await send("a")).toMatchObject({ delivery: "unknown", code: "WECHAT_TIMEOUT", duplicate: true });
    expect(fake.sent).toHaveLength(1);
  });

  it("sends again what surely did not arrive", async () => {
    const facts = { errcode: 45015, errmsg: "response out of time limit", endpoint: "POST /" };
    const error = new WeChatReplyWindowError(facts, { delivery: "not-delivered", parts: [] });
    const { fake, send } = senderOf(memory(), fakeClient({ sendText: () => Promise.reject(error) }));
    for (const expected of [1, 2]) {
      expect(await send("a")).toMatchObject({ delivery: "not-delivered", errcode: 45015 });
      expect(fake.sent).toHaveLength(expected);
    }
  });

  it("is not used up by a dry run", async () => {
    const { fake, send } = senderOf(memory());
    expect(await send("a", { dry_run: true })).toMatchObject({ status: "dry-run" });
    expect(await send("a")).toMatchObject({ status: "sent" });
    expect(fake.sent).toHaveLength(1);
  });

  it("does not send where its process ended in the middle: nobody knows what became of it", async () => {
    const inbox = memory();
    const abandoned = new IdempotencyKeys(inbox, toolResult);
    expect(
      await abandoned.claim({ key: "a", request: ["send_wechat_text", { text: "hi", openid: OPENID }] }),
    ).toMatchObject({ state: "won" });
    const { fake, send } = senderOf(inbox);
    expect(await send("a")).toMatchObject({ delivery: "unknown", code: "WECHAT_MCP_KEY_UNDER_WAY" });
    expect(fake.sent).toEqual([]);
  });

  it("does not send where the key cannot be kept", async () => {
    const { fake, send } = senderOf({ amendNote: () => Promise.reject(new Error("the store is gone")) });
    expect(await send("a")).toMatchObject({ status: "failed", delivery: "not-delivered" });
    expect(await send(undefined)).toMatchObject({ status: "sent" });
    expect(fake.sent).toHaveLength(1);
  });

  it("is forgotten after a day", async () => {
    let now = Date.UTC(2026, 10, 1);
    const { fake, send } = senderOf(new Inbox({ appId: APP_ID, clock: () => now }));
    await send("a");
    now += 24 * HOUR - 1;
    expect(await send("a")).toMatchObject({ duplicate: true });
    now += 1;
    await send("a", { text: "another" });
    expect(fake.sent).toHaveLength(2);
  });

  it.each(["", "x".repeat(201)])("wants a key of 1 to 200 characters", async (key) => {
    const { fake, send } = senderOf(memory());
    expect(await send(undefined, { idempotency_key: key })).toMatchObject({ code: "WECHAT_VALIDATION" });
    expect(fake.sent).toEqual([]);
  });
});
