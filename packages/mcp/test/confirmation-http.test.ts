import { createHmac, randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRequestStateCodec } from "@modelcontextprotocol/server";
import { createSimulator, DEFAULT_APP_ID, DEFAULT_APP_SECRET, DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";
import { describe, expect, it, onTestFinished } from "vitest";
import { digestOf } from "../src/safety/digest.js";
import { ask, callOf, messageOf, startHttp, TOKEN } from "./support/http.js";

const OTHER_APP_ID = "wxaaaaaaaaaaaaaaaa";
const SEND = "send_wechat_text";
const INPUT = { account: "shop", openid: DEFAULT_FOLLOWER, text: "九点。" };
const CAN_ASK = { elicitation: {} };

/** What a host brings back: a person's answer to the question, and the state that came with it. */
interface Brought {
  readonly action?: "accept" | "decline" | "cancel";
  readonly state?: unknown;
}

/** A server of two accounts that must ask, and raw requests of a host of 2026-07-28. */
async function desk(confirm = "required", lasting = true) {
  const accounts = [DEFAULT_APP_ID, OTHER_APP_ID].map((appId) => ({
    appId,
    secret: DEFAULT_APP_SECRET,
    wechatId: "shop",
    kfAccounts: ["alice@shop"],
  }));
  const simulator = await createSimulator({ accounts });
  onTestFinished(() => simulator.close());
  for (const { appId } of accounts) simulator.addFollower({ openid: "oOther", appId });
  const folder = await mkdtemp(join(tmpdir(), "wechat-mcp-confirm-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, "accounts.json");
  const entry = (appId: string) => ({ WECHAT_APP_ID: appId, WECHAT_APP_SECRET: DEFAULT_APP_SECRET });
  await writeFile(file, JSON.stringify({ shop: entry(DEFAULT_APP_ID), help: entry(OTHER_APP_ID) }));
  const server = await startHttp({
    WECHAT_ACCOUNTS_FILE: file,
    WECHAT_API_BASE_URL: simulator.url,
    WECHAT_INBOX: lasting ? `sqlite:${join(folder, "inbox.db")}` : "memory",
    WECHAT_MCP_RECIPIENTS: "*",
    WECHAT_MCP_TOOLS: "transfer_to_human",
    WECHAT_MCP_CONFIRM: confirm,
  });
  async function call(
    input: object,
    { action, state }: Brought = {},
    { tool = SEND, capabilities = CAN_ASK as object } = {},
  ) {
    const params = {
      ...(action && { inputResponses: { confirm: { action, content: {} } } }),
      ...(state !== undefined && { requestState: state }),
    };
    return messageOf(await ask(server.port, callOf("2026", tool, input, { capabilities, params })));
  }
  return {
    server,
    call,
    /** The state of the question that a call brings about. */
    async stateOf(input: object, tool = SEND): Promise<string> {
      const { result } = await call(input, {}, { tool });
      expect(result).toMatchObject({ resultType: "input_required", requestState: expect.any(String) });
      return result.requestState;
    },
    /** What reached followers or changed who serves them. */
    deeds: () => [
      ...simulator.ledger.messages.map(({ text }) => text),
      ...simulator.ledger.calls.filter(({ path }) => path === "/customservice/kfsession/create"),
    ],
  };
}

/** As the server seals states, which all replicas with its token can read. */
function sealed(input: object, { token = TOKEN, ttlSeconds = 600, tool = SEND } = {}): Promise<string> {
  const key = createHmac("sha256", token).update("confirmation").digest();
  return createRequestStateCodec({ key, ttlSeconds }).mint({ digest: digestOf([tool, input]), nonce: randomUUID() });
}

const ASKED = { result: { resultType: "input_required" } };
const NOT_CONFIRMED = {
  result: { isError: true, structuredContent: { delivery: "not-delivered", code: "WECHAT_MCP_NOT_CONFIRMED" } },
};

describe("a host of 2026-07-28 over HTTP, WECHAT_MCP_CONFIRM=required", () => {
  it("sends what the person agreed to, with the state of its question", async () => {
    const { call, stateOf, deeds } = await desk();
    const state = await stateOf(INPUT);
    expect(deeds()).toEqual([]);
    const answered = await call(INPUT, { action: "accept", state });
    expect(answered).toMatchObject({ result: { structuredContent: { delivery: "delivered" } } });
    // The tests below make states by themselves: such a one counts as long as nothing is wrong with it.
    const made = await sealed({ ...INPUT, text: "made" });
    await call({ ...INPUT, text: "made" }, { action: "accept", state: made });
    expect(deeds()).toEqual(["九点。", "made"]);
  });

  it("takes one yes for one message: a host that repeats its request has the person asked again", async () => {
    const { call, stateOf, deeds } = await desk();
    const state = await stateOf(INPUT);
    const answers = await Promise.all([1, 2, 3].map(() => call(INPUT, { action: "accept", state })));
    expect(answers.filter(({ result }) => result.structuredContent?.delivery === "delivered")).toHaveLength(1);
    expect(await call(INPUT, { action: "accept", state })).toMatchObject(ASKED);
    expect(deeds()).toEqual(["九点。"]);
  });

  it("takes no state of another process where they do not share which answers were used", async () => {
    const { call, deeds } = await desk("required", false);
    expect(await call(INPUT, { action: "accept", state: await sealed(INPUT) })).toMatchObject(ASKED);
    expect(deeds()).toEqual([]);
  });

  it("shows the person which account it is", async () => {
    const { call } = await desk();
    const { result } = await call(INPUT);
    expect(JSON.stringify(result.inputRequests)).toContain("[shop] Send this text");
  });

  it("asks again, and does nothing, whatever else stands where the state belongs", async () => {
    const { call, stateOf, deeds } = await desk();
    const state = await stateOf(INPUT);
    const [prefix = "", seal = ""] = state.split(/\.(?=[^.]*$)/);
    const payload = { p: { digest: digestOf([SEND, INPUT]) }, exp: 9_999_999_999 };
    const states: Record<string, unknown> = {
      none: undefined,
      empty: "",
      words: "accept",
      unsealed: prefix,
      "another seal": `${prefix}.${seal.replace(/^./, (first) => (first === "A" ? "B" : "A"))}`,
      "other words under the seal": `${prefix.slice(0, 3)}${Buffer.from(JSON.stringify(payload)).toString("base64url")}.${seal}`,
      "sealed with another token": await sealed(INPUT, { token: `${TOKEN}x` }),
      "too old": await sealed(INPUT, { ttlSeconds: -1 }),
      "of another text": await stateOf({ ...INPUT, text: "九点" }),
      "of another follower": await stateOf({ ...INPUT, openid: "oOther" }),
      "of another account": await stateOf({ ...INPUT, account: "help" }),
      "of another key": await stateOf({ ...INPUT, idempotency_key: "k" }),
      "of another tool": await stateOf({ account: "shop", openid: DEFAULT_FOLLOWER }, "transfer_to_human"),
      "of another tool with these arguments": await sealed(INPUT, { tool: "transfer_to_human" }),
    };
    for (const [what, state] of Object.entries(states)) {
      expect(await call(INPUT, { action: "accept", state }), what).toMatchObject(ASKED);
    }
    for (const noText of [7, null, {}, [state]]) {
      const { result, error } = await call(INPUT, { action: "accept", state: noText });
      expect(error ?? result).toMatchObject(error ? { code: -32602 } : ASKED.result);
    }
    expect(deeds()).toEqual([]);
  });

  it("does nothing on decline, on cancel, on no answer to this question, and for a host that cannot ask", async () => {
    const { call, stateOf, deeds } = await desk();
    const state = await stateOf(INPUT);
    expect(await call(INPUT, { action: "decline", state })).toMatchObject(NOT_CONFIRMED);
    expect(await call(INPUT, { action: "cancel", state })).toMatchObject(NOT_CONFIRMED);
    expect(await call(INPUT, { state })).toMatchObject(ASKED);
    const brought = { action: "accept", state } as const;
    for (const capabilities of [{}, { elicitation: { url: {} } }]) {
      expect(await call(INPUT, brought, { capabilities })).toMatchObject(NOT_CONFIRMED);
    }
    expect(deeds()).toEqual([]);
  });
});

it("a host of 2025 over HTTP cannot be asked: required refuses it, whatever its call brings along", async () => {
  const { server, stateOf, deeds } = await desk();
  const state = await stateOf(INPUT);
  const params = {
    name: SEND,
    arguments: INPUT,
    inputResponses: { confirm: { action: "accept", content: {} } },
    requestState: state,
  };
  for (const body of [
    callOf("2025", SEND, INPUT).body,
    JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params }),
  ]) {
    expect(messageOf(await ask(server.port, { body }))).toMatchObject(NOT_CONFIRMED);
  }
  expect(deeds()).toEqual([]);
});

it("if-supported does not take a decline for a host that cannot ask", async () => {
  const { call, stateOf, deeds } = await desk("if-supported");
  const state = await stateOf(INPUT);
  expect(await call(INPUT, { action: "decline", state })).toMatchObject(NOT_CONFIRMED);
  expect(await call(INPUT, { action: "accept" })).toMatchObject(ASKED);
  expect(deeds()).toEqual([]);
});
