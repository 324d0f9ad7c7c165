import type { SendResult, WeChatClient } from "@wechat-offiaccount/core";
import type { Node, NodeAPI } from "node-red";
import { describe, expect, it } from "vitest";
import type { Account } from "../../src/lib/account.js";
import { RecipientQueue } from "../../src/lib/recipient-queue.js";
import { Sender, stopped } from "../../src/lib/sender.js";

const RESULT: SendResult = { delivery: "delivered", parts: [], answer: {} };
const translate = (key: string) => key;

/** A sender whose content is read when the test says so; the recipient is at hand at once. */
function controlled() {
  const reads = new Map<string, (error: unknown, value?: unknown) => void>();
  const sent: string[] = [];
  const RED = {
    util: {
      evaluateNodeProperty(
        value: string,
        _type: string,
        _node: Node,
        msg: { payload: string },
        callback: (error: unknown, value?: unknown) => void,
      ) {
        if (value === "openid") callback(null, "oFollower");
        else reads.set(msg.payload, callback);
      },
    },
  } as unknown as NodeAPI;
  const client = {
    messages: {
      async sendText(_openid: string, text: string) {
        sent.push(text);
        return RESULT;
      },
    },
  } as unknown as WeChatClient;
  const settings = {
    recipient: { type: "msg", value: "openid" },
    content: { type: "jsonata", value: "slow" },
    options: {},
    passive: false,
  };
  const account: Account = { client, queue: new RecipientQueue(10), aiGenerated: false, receiving: "off" };
  const sender = new Sender(RED, {} as Node, account, settings, translate);
  return { sender, reads, sent };
}

describe("Sender", () => {
  it("keeps the order of arrival when the first message's text is read last", async () => {
    const { sender, reads, sent } = controlled();
    const { signal } = new AbortController();
    const all = ["1", "2", "3"].map((payload) => sender.send({ payload }, 1, signal));
    for (const payload of ["3", "2", "1"]) reads.get(payload)?.(null, payload);
    await Promise.all(all);
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
    await expect(broken).rejects.toMatchObject({ code: "WECHAT_VALIDATION", field: "content" });
    await good;
    expect(sent).toEqual(["2"]);
  });

  it("gives up a text that is never read when the node is stopped", async () => {
    const { sender, sent } = controlled();
    const controller = new AbortController();
    const first = sender.send({ payload: "1" }, 1, controller.signal);
    const second = sender.send({ payload: "2" }, 1, controller.signal);
    controller.abort(stopped(translate));
    for (const promise of [first, second]) {
      await expect(promise).rejects.toMatchObject({ code: "WECHAT_ABORTED", delivery: "not-delivered", parts: [] });
    }
    expect(sent).toEqual([]);
  });

  it("refuses more than 10,000 messages at a time, and says what to do", async () => {
    const { sender } = controlled();
    await expect(sender.send({ payload: "1" }, 10_001, new AbortController().signal)).rejects.toMatchObject({
      code: "WECHAT_QUEUE_FULL",
      delivery: "not-delivered",
      remedy: { en: expect.stringContaining("delay node"), zh: expect.stringContaining("delay") },
    });
  });
});
