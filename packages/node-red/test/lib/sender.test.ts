import type { Inbox, SendResult, SendTextOptions, WeChatClient } from "@wechat-offiaccount/core";
import type { Node, NodeAPI } from "node-red";
import { describe, expect, it, vi } from "vitest";
import type { Account } from "../../src/lib/account.js";
import { RecipientQueue } from "../../src/lib/recipient-queue.js";
import { type SendDef, settingsOf } from "../../src/lib/send-settings.js";
import { Sender, stopped } from "../../src/lib/sender.js";

const RESULT: SendResult = { delivery: "delivered", parts: [], answer: {} };
const translate = (key: string) => key;

/** A sender whose content is read when the test says so; the recipient is at hand at once. */
function controlled(dialog: Partial<SendDef> = {}, shared: Partial<Account> = {}) {
  const reads = new Map<string, (error: unknown, value?: unknown) => void>();
  const sent: string[] = [];
  const context = { openid: "oFollower" };
  const recipients: string[] = [];
  const labels: unknown[] = [];
  const RED = {
    util: {
      evaluateNodeProperty(
        value: string,
        _type: string,
        _node: Node,
        msg: { payload: string },
        callback: (error: unknown, value?: unknown) => void,
      ) {
        if (value === "openid") callback(null, context.openid);
        else reads.set(msg.payload, callback);
      },
    },
  } as unknown as NodeAPI;
  const client = {
    messages: {
      async sendText(openid: string, text: string, { aiGenerated }: SendTextOptions) {
        sent.push(text);
        recipients.push(openid);
        labels.push(aiGenerated);
        return RESULT;
      },
    },
  } as unknown as WeChatClient;
  const inputs = { recipient: "openid", content: "slow", contentType: "jsonata" };
  const settings = settingsOf({ id: "send", type: "wechat-oa-send", name: "", z: "tab", ...inputs, ...dialog });
  const account: Account = { client, queue: new RecipientQueue(10), aiGenerated: false, receiving: "off", ...shared };
  const sender = new Sender(RED, {} as Node, account, settings, translate);
  return { sender, reads, sent, labels, context, recipients };
}

describe("Sender", () => {
  it("keeps the order of arrival when the first message's text is read last", async () => {
    const { sender, reads, sent } = controlled();
    const { signal } = new AbortController();
    const all = ["1", "2", "3"].map((payload) => sender.send({ payload }, 1, signal));
    for (const payload of ["3", "2", "1"]) reads.get(payload)?.(null, payload);
    const ends = await Promise.all(all);
    expect(ends.map(({ facts }) => facts)).toEqual(Array(3).fill({ delivery: "delivered", parts: [] }));
    expect(sent).toEqual(["1", "2", "3"]);
  });

  it("does not keep later messages waiting for one whose text cannot be read", async () => {
    const { sender, reads, sent } = controlled();
    const { signal } = new AbortController();
    const broken = sender.send({ payload: "1" }, 1, signal);
    const good = sender.send({ payload: "2" }, 1, signal);
    reads.get("2")?.(null, "2");
    // JSONata throws plain objects.
    reads.get("1")?.({ code: "T2001", message: "no number" });
    const { facts } = await broken;
    expect(facts.error).toMatchObject({ code: "WECHAT_VALIDATION", field: "content" });
    await good;
    expect(sent).toEqual(["2"]);
  });

  it("keeps the order also where one between cannot be read", async () => {
    const { sender, reads, sent } = controlled();
    const { signal } = new AbortController();
    const all = ["1", "2", "3"].map((payload) => sender.send({ payload }, 1, signal));
    reads.get("2")?.({ message: "broken" });
    reads.get("3")?.(null, "3");
    await all[1];
    reads.get("1")?.(null, "1");
    await Promise.all(all);
    expect(sent).toEqual(["1", "3"]);
  });

  it("takes the recipient as it is when the message comes, however late its text is read", async () => {
    const { sender, reads, recipients, context } = controlled();
    const sending = sender.send({ payload: "1" }, 1, new AbortController().signal);
    context.openid = "oNextFollower";
    reads.get("1")?.(null, "text");
    await sending;
    expect(recipients).toEqual(["oFollower"]);
  });

  it("gives up a text that is never read when the node is stopped", async () => {
    const { sender, sent } = controlled();
    const controller = new AbortController();
    const first = sender.send({ payload: "1" }, 1, controller.signal);
    const second = sender.send({ payload: "2" }, 1, controller.signal);
    controller.abort(stopped(translate));
    for (const promise of [first, second]) {
      const { facts } = await promise;
      expect(facts).toMatchObject({ delivery: "not-delivered", parts: [], error: { code: "WECHAT_ABORTED" } });
    }
    expect(sent).toEqual([]);
  });

  it.each([
    ["account", true, true],
    ["account", false, false],
    ["on", false, true],
    ["off", true, false],
  ])("labels as the dialog says (%s), else as the account does (%s)", async (aiGenerated, account, label) => {
    const { sender, reads, labels } = controlled({ aiGenerated }, { aiGenerated: account });
    const sending = sender.send({ payload: "1" }, 1, new AbortController().signal);
    reads.get("1")?.(null, "text");
    await sending;
    expect(labels).toEqual([label]);
  });

  it("does not wait longer than a second for an inbox that does not answer, and not at all for one that fails", async () => {
    vi.useFakeTimers();
    try {
      const windows = [() => new Promise<never>(() => {}), () => Promise.reject(new Error("no store"))];
      const inbox = { window: () => windows.shift()!() } as unknown as Inbox;
      const { sender, reads } = controlled({}, { inbox });
      const ends: unknown[] = [];
      for (const payload of ["1", "2"]) {
        sender.send({ payload }, 1, new AbortController().signal).then(({ facts }) => ends.push([payload, facts]));
        reads.get(payload)?.(null, payload);
        await vi.advanceTimersByTimeAsync(0);
      }
      const facts = { delivery: "delivered", parts: [] };
      expect(ends).toEqual([["2", facts]]);
      await vi.advanceTimersByTimeAsync(1000);
      expect(ends).toEqual([
        ["2", facts],
        ["1", facts],
      ]);
    } finally {
      vi.useRealTimers();
    }
  });

  it("has room again when a list is done", async () => {
    const { sender, reads, recipients, context } = controlled();
    Object.assign(context, { openid: Array.from({ length: 6_000 }, (_, index) => `oFollower${index}`) });
    for (const payload of ["1", "2"]) {
      const sending = sender.send({ payload }, 1, new AbortController().signal);
      reads.get(payload)?.(null, payload);
      expect((await sending).facts.delivery).toBe("delivered");
    }
    expect(recipients).toHaveLength(12_000);
  });

  it("refuses more than 10,000 messages at a time, and says what to do", async () => {
    const { sender } = controlled();
    const { facts } = await sender.send({ payload: "1" }, 10_001, new AbortController().signal);
    expect(facts).toMatchObject({
      delivery: "not-delivered",
      error: {
        code: "WECHAT_QUEUE_FULL",
        remedy: { en: expect.stringContaining("delay node"), zh: expect.stringContaining("delay") },
      },
    });
  });
});
