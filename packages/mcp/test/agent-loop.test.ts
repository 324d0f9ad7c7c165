import { DEFAULT_FOLLOWER, type Simulator } from "@wechat-offiaccount/simulator";
import { describe, expect, it, onTestFinished } from "vitest";
import { connectHttp, HOST_KINDS, type Host } from "./support/host.js";
import { startHttp, TOKEN } from "./support/http.js";
import { receivingDesk } from "./support/receiving-desk.js";

type Desk = Awaited<ReturnType<typeof receivingDesk>>;

const CONNECT = {
  stdio: (desk: Desk, kind) => desk.connect(kind),
  HTTP: async ({ environment }: Desk, kind) => connectTo((await startHttp(environment)).url, kind),
} satisfies Record<string, (desk: Desk, kind: (typeof HOST_KINDS)[number]) => Promise<Host>>;

async function connectTo(url: string, kind: (typeof HOST_KINDS)[number]): Promise<Host> {
  const host = await connectHttp(kind, url, TOKEN);
  onTestFinished(() => host.close());
  return host;
}

describe.each(["stdio", "HTTP"] as const)("over %s", (transport) => {
  it.each(HOST_KINDS)(
    "an agent on the %s client waits, reads, answers and waits on, and misses nothing",
    async (kind) => {
      const desk = await receivingDesk();
      const { simulator, inbox, writes } = desk;
      const host = await CONNECT[transport](desk, kind);
      const { structured: before } = await host.call("list_wechat_conversations", {});
      expect(before).toMatchObject({ status: "ok", conversations: [] });

      const waiting = host.call("wait_for_wechat_message", { after: "0" });
      await writes("几点关门？");
      const { structured: came } = await waiting;
      expect(came).toMatchObject({
        status: "received",
        messages: [{ openid: DEFAULT_FOLLOWER, from: "follower", type: "text", text: "几点关门？" }],
      });

      const { structured: conversation } = await host.call("read_wechat_conversation", {
        openid: DEFAULT_FOLLOWER,
        mark_read: true,
      });
      expect(conversation).toMatchObject({ messages: [{ text: "几点关门？" }], unread: 0, window: { state: "open" } });

      const sent = await host.callTool({ openid: DEFAULT_FOLLOWER, text: "九点。" });
      expect(sent.structured).toMatchObject({ status: "sent", delivery: "delivered", window: { replies_left: 4 } });
      expect(simulator.ledger.messages).toMatchObject([{ openid: DEFAULT_FOLLOWER, text: "九点。", ai: true }]);

      await writes("谢谢");
      const { structured: next } = await host.call("wait_for_wechat_message", { after: came.cursor });
      expect(next).toMatchObject({ status: "received", messages: [{ text: "谢谢" }] });

      const { messages } = await inbox.read(DEFAULT_FOLLOWER);
      expect(messages).toMatchObject([
        { direction: "in" },
        { direction: "out", message: { text: "九点。" }, delivery: "delivered" },
        { direction: "in" },
      ]);
    },
  );
});

const ROUNDS = 20;

/** A follower who asks, and asks the next once answered; and an agent of their own, who sees nobody else. */
async function converse(host: Host, simulator: Simulator, openid: string): Promise<void> {
  let cursor: unknown = "0";
  for (let round = 1; round <= ROUNDS; round++) {
    const question = `question ${round} of ${openid}`;
    const waiting = host.call("wait_for_wechat_message", { openid, after: cursor });
    simulator.act(openid, { type: "text", text: question });
    const { structured: came } = await waiting;
    expect(came).toMatchObject({ status: "received", messages: [{ openid, text: question }] });
    cursor = came.cursor;
    const [page, answer] = await Promise.all([
      host.call("read_wechat_conversation", { openid, mark_read: true }),
      host.callTool({ openid, text: `answer ${round} for ${openid}`, idempotency_key: `${openid} ${round}` }),
    ]);
    for (const { text } of page.structured.messages as { text: string }[]) expect(text).toContain(openid);
    expect(JSON.stringify(page.structured)).toContain(question);
    expect(answer.structured).toMatchObject({ delivery: "delivered", window: { replies_left: 4 } });
    expect(answer.structured).not.toHaveProperty("duplicate");
  }
}

it("two clients on one server over HTTP answer two followers, and each gets only what is its own", async () => {
  const { simulator, environment } = await receivingDesk({ WECHAT_MCP_RATE_PER_FOLLOWER: "off" });
  const { url } = await startHttp(environment);
  const pairs = [
    [await connectTo(url, "v1"), "oFirst"],
    [await connectTo(url, "v2 auto"), "oSecond"],
  ] as const;
  for (const [, openid] of pairs) simulator.addFollower({ openid, window: "closed" });
  await Promise.all(pairs.map(([host, openid]) => converse(host, simulator, openid)));
  const { messages } = simulator.ledger;
  for (const [, openid] of pairs) {
    expect(messages.filter((message) => message.openid === openid).map(({ text }) => text)).toEqual(
      Array.from({ length: ROUNDS }, (_, index) => `answer ${index + 1} for ${openid}`),
    );
  }
  // Both were at it at the same time: neither had ended when the other began.
  const lasts = pairs.map(([, openid]) => messages.findLastIndex((message) => message.openid === openid));
  const firsts = pairs.map(([, openid]) => messages.findIndex((message) => message.openid === openid));
  expect(Math.max(...firsts)).toBeLessThan(Math.min(...lasts));
  expect(messages).toHaveLength(2 * ROUNDS);
});
