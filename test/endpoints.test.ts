import { inspect } from "node:util";
import { ENDPOINTS, explainError, WeChatApiError, WeChatValidationError } from "@wechat-offiaccount/core";
import { DEFAULT_APP_SECRET, DEFAULT_FOLLOWER, MESSAGE_TYPES } from "@wechat-offiaccount/simulator";
import { describe, expect, it } from "vitest";
import { AGENT, currentToken, furnished } from "./support/desk.js";
import { ENDPOINT_CASES } from "./support/endpoint-cases.js";
import { MESSAGE_CASES } from "./support/message-cases.js";

const RID = /^[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}$/;
const SEND = "/cgi-bin/message/custom/send";

const thrown = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => expect.fail("the call was not refused"),
    (error) => error,
  );

function expectWrongField(error: unknown, field: string): void {
  if (!(error instanceof WeChatValidationError)) throw error;
  expect(error.field).toBe(field);
  expect(error.message).toContain(`${field}: `);
  expectRemedies(error.remedy);
}

function expectRefusal(error: unknown, errcode: number, endpoint: string): void {
  if (!(error instanceof WeChatApiError)) throw error;
  expect(error.errcode).toBe(errcode);
  expect(error.meaning).toEqual(explainError(errcode).meaning);
  expect(explainError(errcode).name).not.toBe("unknown");
  expect(error.rid).toMatch(RID);
  expect(error.message).toContain(endpoint);
  expectRemedies(error.remedy);
}

function expectRemedies({ en, zh }: { en: string; zh: string }): void {
  expect(en).toMatch(/^[A-Z][\s\S]{15,}/);
  expect(zh).toMatch(/\p{Script=Han}/u);
}

it("every endpoint and every type of message has its cases, and no other", () => {
  expect(Object.keys(ENDPOINT_CASES).sort()).toEqual(ENDPOINTS.map(({ name }) => name).sort());
  expect(Object.keys(MESSAGE_CASES).sort()).toEqual([...MESSAGE_TYPES].sort());
});

describe.each(ENDPOINTS)("$name", ({ name, method, path }) => {
  const { arrange, call, gives, wrong, refused } = ENDPOINT_CASES[name]!;

  it("goes to WeChat and back, and what comes back holds no secret", async () => {
    const desk = await furnished();
    const token = await currentToken(desk.simulator);
    const arranged = await arrange?.(desk);
    const result = await call(desk.client, arranged);
    if (typeof gives === "object" && gives !== null) expect(result).toMatchObject(gives);
    else expect(result).toEqual(gives);
    expect(desk.simulator.ledger.calls.at(-1)).toMatchObject({ method, path, httpStatus: 200 });
    const printed = inspect([result, desk.client], { depth: Number.POSITIVE_INFINITY, showHidden: true });
    for (const secret of [token, DEFAULT_APP_SECRET]) expect(printed).not.toContain(secret);
  });

  it("refuses a wrong field before anything is sent, and says what to do in both languages", async () => {
    const { simulator, client } = await furnished();
    expectWrongField(await thrown(wrong.call(client)), wrong.field);
    expect(simulator.ledger.calls).toEqual([]);
  });

  it("explains WeChat's refusal in both languages, with its rid", async () => {
    const { simulator, client } = await furnished();
    if (!refused.call) simulator.inject({ kind: "errcode", errcode: refused.errcode, path });
    const error = await thrown((refused.call ?? call)(client));
    expectRefusal(error, refused.errcode, `${method} ${path}`);
  });
});

describe.each(Object.entries(MESSAGE_CASES))("a message of type %s", (type, messageCase) => {
  const { message, content, own, wrong, refused } = messageCase;

  it("arrives with nothing but its own object, the agent and the label, by send and by its own method", async () => {
    const { simulator, client } = await furnished();
    const options = { customerServiceAccount: AGENT, aiGenerated: true };
    for (const sent of [
      await client.messages.send(DEFAULT_FOLLOWER, message, options),
      await own(client.messages, DEFAULT_FOLLOWER, options),
    ]) {
      expect(sent).toMatchObject({ delivery: "delivered", parts: [{ index: 0, delivery: "delivered", errcode: 0 }] });
    }
    const body = {
      touser: DEFAULT_FOLLOWER,
      msgtype: type,
      [type]: content,
      customservice: { kf_account: AGENT },
      aimsgcontext: { is_ai_msg: 1 },
    };
    expect(simulator.ledger.messages.map((arrived) => arrived.body)).toEqual([body, body]);
    expect(simulator.ledger.messages[0]).toMatchObject({ msgtype: type, kfAccount: AGENT, ai: true });
  });

  it("is refused with a wrong field before anything is sent", async () => {
    const { simulator, client } = await furnished();
    const error = await thrown(client.messages.send(DEFAULT_FOLLOWER, wrong.message as typeof message));
    expectWrongField(error, wrong.field);
    expect(error).toMatchObject({ delivery: "not-delivered", parts: [] });
    expect(simulator.ledger.calls).toEqual([]);
  });

  it("is refused by WeChat with a reason", async () => {
    const { simulator, client } = await furnished();
    if (!refused.message) simulator.inject({ kind: "errcode", errcode: refused.errcode });
    const error = await thrown(client.messages.send(DEFAULT_FOLLOWER, refused.message ?? message));
    expectRefusal(error, refused.errcode, `POST ${SEND}`);
    expect(error).toMatchObject({ delivery: "not-delivered" });
    expect(simulator.ledger.messages).toEqual([]);
  });
});

describe("a message of no known type", () => {
  it.each<[string, unknown]>([
    ["message.type", { type: "markdown", text: "x" }],
    ["message", undefined],
    ["message.items", { type: "msgmenu", items: [] }],
  ])("is refused, naming %s, before anything is sent", async (field, message) => {
    const { simulator, client } = await furnished();
    expectWrongField(await thrown(client.messages.send(DEFAULT_FOLLOWER, message as never)), field);
    expect(simulator.ledger.calls).toEqual([]);
  });
});
