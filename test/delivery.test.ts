import { type PartResult, type WeChatClientOptions, WeChatError } from "@wechat-offiaccount/core";
import { DEFAULT_FOLLOWER, type FaultOptions, type Simulator } from "@wechat-offiaccount/simulator";
import { describe, expect, it } from "vitest";
import { clientOf, inFlight, simulated } from "./support/desk.js";

interface Claim {
  text: string;
  delivery: string;
  parts: readonly PartResult[];
}

/** Sends `count` different texts, each to its own moment, and returns what the client claims of each. */
async function claims(
  simulator: Simulator,
  count: number,
  options: Partial<WeChatClientOptions> = {},
): Promise<Claim[]> {
  const { messages } = clientOf(simulator, options);
  return inFlight(16, count, async (n) => {
    const text = `message ${n} 你好`;
    try {
      const { delivery, parts } = await messages.sendText(DEFAULT_FOLLOWER, text);
      return { text, delivery, parts };
    } catch (error) {
      if (!(error instanceof WeChatError)) throw error;
      return { text, delivery: error.delivery ?? "(no claim)", parts: error.parts ?? [] };
    }
  });
}

/** Holds each claim against what truly reached the phone. */
function expectTruth(simulator: Simulator, made: readonly Claim[]): Record<string, number> {
  const arrived = new Map<string | undefined, number>();
  for (const { text } of simulator.ledger.messages) arrived.set(text, (arrived.get(text) ?? 0) + 1);
  const tally: Record<string, number> = { delivered: 0, "not-delivered": 0, unknown: 0, doubled: 0 };
  for (const { text, delivery, parts } of made) {
    const times = arrived.get(text) ?? 0;
    expect(["delivered", "not-delivered", "unknown"]).toContain(delivery);
    if (delivery === "delivered") expect(times, `${text} claimed delivered`).toBeGreaterThanOrEqual(1);
    if (delivery === "not-delivered") expect(times, `${text} claimed not delivered`).toBe(0);
    expect(parts.map((part) => part.delivery)).toEqual([delivery]);
    tally[delivery] = (tally[delivery] ?? 0) + 1;
    if (times > 1) tally.doubled = (tally.doubled ?? 0) + 1;
  }
  return tally;
}

const table: [string, Omit<FaultOptions, "times">, "delivered" | "not-delivered" | "unknown"][] = [
  ["-1 that persists", { kind: "busy" }, "unknown"],
  ["an expired token, again and again", { kind: "token-expired" }, "not-delivered"],
  ["a superseded token, again and again", { kind: "token-superseded" }, "not-delivered"],
  ["a reset before delivery", { kind: "reset-before" }, "unknown"],
  ["a reset after delivery", { kind: "reset-after" }, "unknown"],
  ["a stalled answer, not delivered", { kind: "stall" }, "unknown"],
  ["a stalled answer, delivered", { kind: "stall", delivered: true }, "unknown"],
  ["HTTP 502 with HTML, not delivered", { kind: "http-502" }, "unknown"],
  ["HTTP 502 with HTML, delivered", { kind: "http-502", delivered: true }, "unknown"],
  ["HTTP 200 with HTML, not delivered", { kind: "html-200" }, "unknown"],
  ["HTTP 200 with HTML, delivered", { kind: "html-200", delivered: true }, "unknown"],
  ["truncated JSON, not delivered", { kind: "truncated-json" }, "unknown"],
  ["truncated JSON, delivered", { kind: "truncated-json", delivered: true }, "unknown"],
  ["a slow answer", { kind: "slow", delayMs: 20 }, "delivered"],
  ["an answer slower than the timeout", { kind: "slow", delayMs: 2000 }, "unknown"],
  ["a refusal", { kind: "errcode", errcode: 45047 }, "not-delivered"],
];

describe("what a send claims is what happened", () => {
  it.each(table)("%s", async (_, fault, expected) => {
    const simulator = await simulated({ replyQuota: false });
    simulator.inject({ ...fault, times: Number.POSITIVE_INFINITY });
    // Only where no answer comes in time is there something to wait for.
    const waits = fault.kind === "stall" || fault.delayMs === 2000;
    const made = await claims(simulator, 20, waits ? { timeout: 1_000 } : {});
    const tally = expectTruth(simulator, made);
    expect(tally).toMatchObject({ [expected]: 20, doubled: 0 });
  });

  it("-1 that passes is repeated and delivered once", async () => {
    const simulator = await simulated({ replyQuota: false });
    simulator.inject({ kind: "busy", times: 3 });
    const made = await claims(simulator, 1);
    expect(expectTruth(simulator, made)).toMatchObject({ delivered: 1, doubled: 0 });
    expect(simulator.ledger.calls.filter((call) => call.path.endsWith("/custom/send"))).toHaveLength(4);
  });

  it("a -1 that was delivered is never doubled with retryBusy: false", async () => {
    const simulator = await simulated({ replyQuota: false });
    simulator.inject({ kind: "busy-delivered", times: Number.POSITIVE_INFINITY });
    const made = await claims(simulator, 20, { retryBusy: false });
    expect(expectTruth(simulator, made)).toMatchObject({ unknown: 20, doubled: 0 });
    expect(simulator.ledger.messages).toHaveLength(20);
  });

  it("after a -1, a refusal of the repetition proves nothing: unknown", async () => {
    const simulator = await simulated();
    simulator.addFollower({ openid: DEFAULT_FOLLOWER, window: "open" });
    const { messages } = clientOf(simulator);
    for (let n = 0; n < 4; n++) await messages.sendText(DEFAULT_FOLLOWER, `${n}`);
    simulator.inject({ kind: "busy-delivered" }); // takes the fifth and last reply, so the repetition gets 45047
    await expect(messages.sendText(DEFAULT_FOLLOWER, "last")).rejects.toMatchObject({
      errcode: 45047,
      delivery: "unknown",
    });
    expect(simulator.ledger.messages.map((message) => message.text)).toContain("last");
  });

  it("500 sends through all faults mixed at random: no false claim, no double", async () => {
    const simulator = await simulated({ replyQuota: false });
    for (const [, fault] of table) {
      const rare = fault.kind === "stall" || fault.delayMs === 2000;
      simulator.inject({ ...fault, rate: rare ? 0.005 : 0.03 });
    }
    simulator.inject({ kind: "busy-delivered", rate: 0.03 });
    const made = await claims(simulator, 500, { retryBusy: false, timeout: 1_000 });
    const tally = expectTruth(simulator, made);
    expect(tally.doubled, `seed ${simulator.seed}`).toBe(0);
    expect(tally.delivered).toBeGreaterThan(0);
    expect(tally.unknown).toBeGreaterThan(0);
  });
});

describe("a long text", () => {
  it("of 3,000 bytes arrives as two parts, in order", async () => {
    const simulator = await simulated();
    const text = "你好".repeat(500);
    const result = await clientOf(simulator).messages.sendText(DEFAULT_FOLLOWER, text);
    expect(result).toMatchObject({
      delivery: "delivered",
      parts: [
        { index: 0, delivery: "delivered", errcode: 0 },
        { index: 1, delivery: "delivered", errcode: 0 },
      ],
      answer: { errcode: 0, errmsg: "ok" },
    });
    const arrived = simulator.ledger.messages.map((message) => message.text ?? "");
    expect(arrived).toHaveLength(2);
    expect(arrived.join("")).toBe(text);
  });

  it("that breaks off says which parts arrived, and sends no further one", async () => {
    const simulator = await simulated();
    simulator.inject({ kind: "reset-after", every: 2, times: 1 });
    const error = await clientOf(simulator)
      .messages.sendText(DEFAULT_FOLLOWER, "x".repeat(4 * 2048))
      .catch((thrown) => thrown);
    expect(error).toMatchObject({ code: "WECHAT_RESET", delivery: "unknown" });
    expect(error.parts.map((part: PartResult) => part.delivery)).toEqual([
      "delivered",
      "unknown",
      "not-delivered",
      "not-delivered",
    ]);
    expect(error.message).toContain("of 4 parts 1 delivered, 2 not delivered, 1 unknown");
    expect(simulator.ledger.messages).toHaveLength(2);
  });
});

it("two long texts to one follower at the same time do not mix, and do not keep others waiting", async () => {
  const simulator = await simulated({ replyQuota: false });
  simulator.addFollower({ openid: "oOther" });
  const { messages } = clientOf(simulator);
  simulator.inject({ kind: "slow", delayMs: 200, openid: DEFAULT_FOLLOWER });
  const order: string[] = [];
  const send = (openid: string, text: string) =>
    messages.sendText(openid, text).then(() => order.push(text.slice(0, 1)));
  await Promise.all([
    send(DEFAULT_FOLLOWER, "A".repeat(6_000)),
    send(DEFAULT_FOLLOWER, "B".repeat(6_000)),
    send(DEFAULT_FOLLOWER, "C"),
    send("oOther", "D"),
  ]);
  const arrived = simulator.ledger.messages.map(({ text = "" }) => text.slice(0, 1)).filter((text) => text !== "D");
  expect(arrived.join("")).toBe("AAABBBC");
  expect(order).toEqual(["D", "A", "B", "C"]);
});
