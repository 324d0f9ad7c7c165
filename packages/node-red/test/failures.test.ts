import {
  createSimulator,
  DEFAULT_FOLLOWER,
  type FaultOptions,
  type Simulator,
  type SimulatorOptions,
} from "@wechat-offiaccount/simulator";
import { afterEach, describe, expect, it } from "vitest";
import { type FlowOptions, helper, startFlow } from "./support/flow.js";

let simulator: Simulator;
afterEach(async () => {
  await helper.unload();
  await simulator.close();
});

async function fail(
  msg: object,
  options: { fault?: FaultOptions; prepare?: () => void; flow?: FlowOptions; simulator?: SimulatorOptions } = {},
) {
  simulator = await createSimulator(options.simulator);
  options.prepare?.();
  if (options.fault) simulator.inject(options.fault);
  const flow = await startFlow({ simulator, ...options.flow });
  flow.receive(msg);
  const caught = await flow.caught.first();
  return { ...flow, caught, error: caught.error!, wechat: caught.wechat!, facts: caught.wechat!.error! };
}

describe("a Catch node gets what WeChat answered", () => {
  const cases: [what: string, errcode: number, code: string, msg: object, options: Parameters<typeof fail>[1]][] = [
    ["unknown openid", 40003, "WECHAT_RECIPIENT", { openid: "oNobody", payload: "hi" }, {}],
    [
      "wrong secret",
      40125,
      "WECHAT_CREDENTIAL",
      { payload: "hi" },
      { flow: { credentials: { appSecret: "f".repeat(32) } } },
    ],
    [
      "IP not in the white list",
      40164,
      "WECHAT_PERMISSION",
      { payload: "hi" },
      {
        simulator: {
          accounts: [
            { appId: "wx0123456789abcdef", secret: "0123456789abcdef0123456789abcdef", ipWhitelist: ["203.0.113.9"] },
          ],
        },
      },
    ],
    [
      "closed window",
      45015,
      "WECHAT_REPLY_WINDOW",
      { payload: "hi" },
      { prepare: () => simulator.clock.advance(49 * 3600 * 1000) },
    ],
    ["unsubscribed", 43004, "WECHAT_RECIPIENT", { payload: "hi" }, { fault: { kind: "errcode", errcode: 43004 } }],
    ["daily limit", 45009, "WECHAT_QUOTA", { payload: "hi" }, { fault: { kind: "errcode", errcode: 45009 } }],
    ["too fast", 45011, "WECHAT_RATE", { payload: "hi" }, { fault: { kind: "errcode", errcode: 45011 } }],
    [
      "an errcode without a class of its own",
      87014,
      "WECHAT_API",
      { payload: "hi" },
      { fault: { kind: "errcode", errcode: 87014 } },
    ],
    ["no permission", 48001, "WECHAT_PERMISSION", { payload: "hi" }, { fault: { kind: "errcode", errcode: 48001 } }],
  ];

  it.each(cases)("%s: errcode %i", async (_what, errcode, code, msg, options) => {
    const { error, wechat, facts, caught, statuses, out } = await fail(msg, options);
    expect(facts).toMatchObject({ code, errcode });
    expect(facts.rid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}$/);
    expect(facts.remedy!.en.length).toBeGreaterThan(10);
    expect(facts.remedy!.zh).toMatch(/\p{Script=Han}/u);
    expect(wechat.delivery).toBe("not-delivered");
    expect(error.code).toBe(code);
    expect(error.message).toContain(String(errcode));
    expect(error.message).toContain(facts.remedy!.en);
    expect(error.cause).toEqual({ ...facts, delivery: wechat.delivery, parts: wechat.parts });
    expect(caught.payload).toBe("hi");
    expect(statuses.items.at(-1)).toMatchObject({ fill: "red", shape: "ring" });
    expect(out.items).toHaveLength(0);
    expect(simulator.ledger.messages).toHaveLength(0);
  });

  it("is plain JSON, so that it survives a cloned message", async () => {
    const { wechat, error } = await fail({ openid: "oNobody", payload: "hi" });
    expect(structuredClone(wechat)).toEqual(wechat);
    expect(JSON.parse(JSON.stringify(wechat))).toEqual(wechat);
    expect(structuredClone(error.cause)).toEqual(error.cause);
  });

  it("reports each failure once", async () => {
    const { node, receive } = await fail({ openid: "oNobody", payload: "1" });
    const errors: unknown[] = [];
    node.on("call:error" as "input", (call) => errors.push(call));
    receive({ openid: "oNobody", payload: "2" });
    await new Promise<void>((resolve) => helper.getNode("caught").once("input", () => resolve()));
    expect(errors).toHaveLength(1);
  });
});

describe("the words of the status", () => {
  it("are a key where the errcode is a known one", async () => {
    const { statuses } = await fail({ openid: "oNobody", payload: "hi" });
    expect(statuses.items.at(-1)!.text).toBe("wechat-oa-send.status.errcode.40003");
  });

  it("carry the number of any other errcode", async () => {
    const { statuses } = await fail({ payload: "hi" }, { fault: { kind: "errcode", errcode: 87014 } });
    expect(statuses.items.at(-1)!.text).toBe("wechat-oa-send.status.otherErrcode");
  });
});

describe("nothing is sent", () => {
  it.each([
    ["an empty text", { payload: "" }, "text"],
    ["a text of spaces", { payload: " \n " }, "text"],
    ["a text of more than 5 × 2048 bytes", { payload: "字".repeat(3414) }, "text"],
    ["a recipient that is no openid", { openid: "小明", payload: "hi" }, "openid"],
  ])("for %s", async (_what, msg, field) => {
    const { facts, wechat, statuses } = await fail(msg);
    expect(facts).toMatchObject({ code: "WECHAT_VALIDATION", field });
    expect(facts.remedy!.zh).toMatch(/\p{Script=Han}/u);
    expect(wechat).toMatchObject({ delivery: "not-delivered", parts: [] });
    expect(statuses.items.at(-1)).toMatchObject({ fill: "red", text: "wechat-oa-send.status.checkInput" });
    expect(simulator.ledger.calls).toHaveLength(0);
  });

  it("for a long text when splitting is off", async () => {
    const { facts } = await fail({ payload: "字".repeat(1000) }, { flow: { send: { split: false } } });
    expect(facts.code).toBe("WECHAT_VALIDATION");
    expect(simulator.ledger.calls).toHaveLength(0);
  });

  it("when WeChat cannot be reached", async () => {
    const { facts, wechat, statuses } = await fail(
      { payload: "hi" },
      { flow: { account: { baseUrl: "http://127.0.0.1:9" } } },
    );
    expect(facts).toMatchObject({ code: "WECHAT_CONNECT", reason: "connect" });
    expect(wechat.delivery).toBe("not-delivered");
    expect(statuses.items.at(-1)!.text).toBe("wechat-oa-send.status.code.WECHAT_CONNECT");
  });
});

describe("an outcome that nobody can know is called unknown", () => {
  const kinds: [FaultOptions["kind"], string][] = [
    ["reset-after", "WECHAT_RESET"],
    ["http-502", "WECHAT_HTTP_STATUS"],
    ["html-200", "WECHAT_BAD_ANSWER"],
    ["truncated-json", "WECHAT_BAD_ANSWER"],
  ];
  it.each(kinds)("%s", async (kind, code) => {
    const delivered = kind !== "reset-after" ? { delivered: true } : {};
    const { facts, wechat, statuses } = await fail({ payload: "hi" }, { fault: { kind, ...delivered } });
    expect(wechat.delivery).toBe("unknown");
    expect(facts.code).toBe(code);
    expect(statuses.items.at(-1)).toMatchObject({ fill: "yellow", text: "wechat-oa-send.status.unknown" });
    expect(simulator.ledger.messages).toHaveLength(1);
  });

  it("tells which parts of a long text arrived", async () => {
    const { wechat } = await fail(
      { payload: "字".repeat(1500) },
      { fault: { kind: "errcode", errcode: 45047, every: 2 } },
    );
    expect(wechat.delivery).toBe("unknown");
    expect(wechat.parts).toMatchObject([
      { index: 0, delivery: "delivered" },
      { index: 1, delivery: "not-delivered", errcode: 45047 },
      { index: 2, delivery: "not-delivered" },
    ]);
    expect(simulator.ledger.messages).toHaveLength(1);
  });
});

it("forgets the failure of an earlier node once a message is delivered", async () => {
  simulator = await createSimulator();
  const { out, receive } = await startFlow({ simulator });
  receive({ openid: DEFAULT_FOLLOWER, payload: "hi", wechat: { delivery: "not-delivered", error: { code: "X" } } });
  expect((await out.first()).wechat).toEqual({
    delivery: "delivered",
    parts: [{ index: 0, delivery: "delivered", errcode: 0 }],
  });
});
