import { inspect } from "node:util";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { Callback } from "../src/callback/callback.js";
import type { CallbackOptions } from "../src/callback/options.js";
import { REFUSALS, type RefusalReason } from "../src/callback/refusals.js";
import { WeChatClient } from "../src/client.js";
import { WeChatValidationError } from "../src/errors.js";
import { Inbox } from "../src/inbox/inbox.js";
import {
  AES_KEY,
  APP_ID,
  answerOf,
  callbackWith,
  MemoryReceiver,
  OPENID,
  type PushOptions,
  pushOf,
  requestOf,
  settled,
  TOKEN,
  textXml,
  xmlOf,
} from "./support/pushes.js";

const MODES = ["plain", "compatible", "safe"] as const;
const FORMER = "Z".repeat(43);
const JSON_TEXT = `{"ToUserName":"gh_1","FromUserName":"${OPENID}","CreateTime":1714112445,"MsgType":"text","Content":"你好","MsgId":6054768590064713728}`;

describe.each(MODES)("in %s mode", (mode) => {
  it("answers the verification of the URL with its echo, as text", async () => {
    const { callback } = callbackWith({ mode });
    const { query } = pushOf("", { mode: "plain" });
    query.set("echostr", "4375120948345356249");
    const response = await callback.handle(new Request(`http://x/?${query}`));
    expect(await response.text()).toBe("4375120948345356249");
    expect(response.headers.get("content-type")).toMatch(/^text\/plain/);
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    query.set("signature", "0".repeat(40));
    expect((await callback.handle(new Request(`http://x/?${query}`))).status).toBe(401);
  });

  it.each([textXml(), JSON_TEXT])("hands on %s once, with success for each of three pushes", async (body) => {
    const { callback, messages, inbox, onError } = callbackWith({ mode });
    for (let push = 0; push < 3; push++) {
      expect(await answerOf(callback, pushOf(body, { mode }))).toEqual({ status: 200, text: "success" });
    }
    await settled();
    expect(messages).toMatchObject([{ type: "text", text: "你好", openid: OPENID }]);
    expect(inbox.emittedKeys).toHaveLength(1);
    expect(onError).not.toHaveBeenCalled();
  });
});

/** Pushes that are refused, and why. */
const REFUSED: [RefusalReason, string, () => { query: URLSearchParams; body: string }, Partial<CallbackOptions>?][] = [
  ["signature", "another token", () => pushOf(textXml(), { token: "anotherToken" })],
  [
    "signature",
    "plain, another token",
    () => pushOf(textXml(), { mode: "plain", token: "anotherToken" }),
    { mode: "plain" },
  ],
  ["signature", "another body", () => ({ ...pushOf(textXml()), body: pushOf(textXml("forged")).body })],
  [
    "signature",
    "the signature of the query for that of the body",
    () => changed((query) => query.set("msg_signature", query.get("signature") ?? "")),
  ],
  ["signature", "another nonce", () => changed((query) => query.set("nonce", "1"))],
  ["missing-parameter", "no nonce", () => changed((query) => query.delete("nonce"))],
  ["missing-parameter", "a timestamp in words", () => changed((query) => query.set("timestamp", "now"))],
  [
    "missing-parameter",
    "no signature at all",
    () =>
      changed((query) => {
        query.delete("signature");
        query.delete("msg_signature");
      }),
  ],
  [
    "missing-parameter",
    "plain without signature",
    () => changed((query) => query.delete("signature"), { mode: "plain" }),
    { mode: "plain" },
  ],
  ["clock", "too old", () => pushOf(textXml(), { at: Date.now() - 302_000 })],
  ["clock", "from the future", () => pushOf(textXml(), { at: Date.now() + 302_000 })],
  ["clock", "plain, too old", () => pushOf(textXml(), { mode: "plain", at: Date.now() - 302_000 }), { mode: "plain" }],
  ["not-encrypted", "a plain push", () => pushOf(textXml(), { mode: "plain" })],
  ["not-encrypted", "an encrypted push without its part", () => ({ ...pushOf(textXml()), body: textXml() })],
  ["only-encrypted", "an encrypted push in plain mode", () => pushOf(textXml()), { mode: "plain" }],
  ["undecipherable", "another key", () => pushOf(textXml(), { key: "Y".repeat(43) })],
  ["foreign-app", "another appid", () => pushOf(textXml(), { appId: "wxffffffffffffffff" })],
  ["malformed", "a body that stops", () => truncated()],
  ["malformed", "no body", () => ({ ...pushOf(textXml()), body: "" })],
  ["malformed", "an encrypted text that is no XML", () => pushOf("hello", { format: "xml" })],
  [
    "doctype",
    "entities outside",
    () => ({ ...pushOf(textXml()), body: `<!DOCTYPE x [<!ENTITY a "a">]>${pushOf(textXml()).body}` }),
  ],
  ["doctype", "entities inside", () => pushOf(`<!DOCTYPE x [<!ENTITY a "a">]>${textXml()}`)],
  ["too-deep", "a deep body", () => ({ ...pushOf(textXml()), body: "<a>".repeat(50_000) })],
  [
    "not-a-message",
    "a push to a third-party platform",
    () => pushOf("<xml><AppId>wx</AppId><InfoType>component_verify_ticket</InfoType></xml>"),
  ],
  ["too-large", "a large body", () => ({ ...pushOf(textXml()), body: `<xml>${"x".repeat(1024 * 1024)}</xml>` })],
];

function changed(change: (query: URLSearchParams) => void, options: PushOptions = {}) {
  const push = pushOf(textXml(), options);
  change(push.query);
  return push;
}
function truncated() {
  const push = pushOf(textXml());
  return { ...push, body: push.body.slice(0, -10) };
}

describe("refuses", () => {
  it.each(REFUSED)("%s: %s", async (reason, _what, push, options) => {
    const { callback, inbox, messages, onRefused, onError } = callbackWith(options);
    const { status } = REFUSALS[reason];
    expect(await answerOf(callback, push())).toEqual({ status, text: reason });
    await settled();
    expect(onRefused.mock.calls).toEqual([[{ reason, status, remedy: REFUSALS[reason].remedy }]]);
    expect(inbox.kept.size + messages.length).toBe(0);
    expect(onError).not.toHaveBeenCalled();
  });

  it("the nonce of one message for another, which in plain mode nothing else tells", async () => {
    const { callback, messages } = callbackWith({ mode: "plain" });
    const push = pushOf(textXml("first"), { mode: "plain" });
    expect((await answerOf(callback, push)).text).toBe("success");
    expect(await answerOf(callback, { ...push, body: textXml("forged") })).toEqual({ status: 403, text: "replayed" });
    expect((await answerOf(callback, push)).text).toBe("success");
    await settled();
    expect(messages).toMatchObject([{ text: "first" }]);
  });

  it.each(["PUT", "DELETE", "HEAD"])("%s", async (method) => {
    const response = await callbackWith().callback.handle(new Request("http://x/", { method }));
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("GET, POST");
  });

  it("a body that another reader took, and one that breaks", async () => {
    const { callback } = callbackWith();
    const taken = requestOf(pushOf(textXml()));
    await taken.text();
    expect((await callback.handle(taken)).status).toBe(500);
    const { query } = pushOf(textXml());
    const body = new ReadableStream({ pull: (controller) => controller.error(new Error("reset")) });
    const broken = new Request(`http://x/?${query}`, { method: "POST", body, duplex: "half" } as RequestInit);
    expect(await (await callback.handle(broken)).text()).toBe("incomplete");
  });

  it("what the inbox could not keep, without an answer until WeChat hangs up, which then tries again", async () => {
    const inbox = new MemoryReceiver();
    const receive = vi.spyOn(inbox, "receive").mockRejectedValueOnce(new Error("disk full"));
    const { callback, messages, onError, onRefused } = callbackWith({ inbox });
    const push = pushOf(textXml());
    const hangUp = new AbortController();
    let answered = false;
    const refused = callback.handle(requestOf(push, { signal: hangUp.signal })).then((response) => {
      answered = true;
      return response.status;
    });
    await expect.poll(() => onRefused.mock.calls).toMatchObject([[{ reason: "not-kept", status: 500 }]]);
    await settled();
    expect(answered).toBe(false);
    hangUp.abort();
    expect(await refused).toBe(500);
    expect(onError).toHaveBeenCalledWith(new Error("disk full"), undefined);
    expect((await answerOf(callback, push)).text).toBe("success");
    await settled();
    expect(messages).toHaveLength(1);
    expect(receive).toHaveBeenCalledTimes(2);
  });

  it("no answer is kept back from a callback that closes", async () => {
    const inbox = new MemoryReceiver();
    vi.spyOn(inbox, "receive").mockRejectedValueOnce(new Error("disk full"));
    const { callback, onRefused } = callbackWith({ inbox });
    // Else it would end by itself.
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const answer = answerOf(callback, pushOf(textXml()));
    while (onRefused.mock.calls.length === 0) await settled();
    await callback.close();
    expect(await answer).toEqual({ status: 500, text: "not-kept" });
  });

  it("everything after close", async () => {
    const { callback } = callbackWith();
    await callback.close();
    expect((await answerOf(callback, pushOf(textXml()))).status).toBe(503);
  });
});

describe("accepts", () => {
  it("both keys while one replaces the other", async () => {
    const { callback, messages } = callbackWith({ previousEncodingAESKey: FORMER });
    for (const key of [AES_KEY, FORMER])
      expect((await answerOf(callback, pushOf(textXml(), { key }))).status).toBe(200);
    await settled();
    expect(messages).toHaveLength(2);
  });

  it("in compatible mode only what is encrypted", async () => {
    const { callback, messages } = callbackWith({ mode: "compatible" });
    const push = pushOf(textXml("true"), { mode: "compatible" });
    await answerOf(callback, { ...push, body: push.body.replace("true", "forged") });
    await settled();
    expect(messages).toMatchObject([{ text: "true" }]);
  });

  it("a clock of its own", async () => {
    const at = Date.now() + 48 * 3_600_000;
    const { callback } = callbackWith({ clock: () => at });
    expect((await answerOf(callback, pushOf(textXml(), { at }))).status).toBe(200);
  });

  it("an unknown event", async () => {
    const { callback, messages } = callbackWith();
    await answerOf(callback, pushOf(xmlOf("event", "<Event>debug_demo</Event>")));
    await settled();
    expect(messages).toMatchObject([{ type: "event", event: "unknown", eventName: "debug_demo" }]);
  });
});

describe("options", () => {
  const good = {
    appId: APP_ID,
    token: TOKEN,
    mode: "plain",
    inbox: new MemoryReceiver(),
    onMessage() {},
    onError() {},
  };
  it.each([
    ["token", { token: "a b" }],
    ["token", { token: "x".repeat(33) }],
    ["encodingAESKey", { encodingAESKey: "short" }],
    ["encodingAESKey", { mode: "safe" }],
    ["encodingAESKey", { previousEncodingAESKey: FORMER }],
    ["mode", { mode: "secure" }],
    ["inbox", { inbox: {} }],
    ["onMessage", { onMessage: "handler" }],
    ["replyWithin", { replyWithin: 5001 }],
    ["client", { client: {} }],
    ["client", { client: null }],
    ["inbox", { inbox: new Inbox({ appId: "wx1111111111111111" }) }],
    ["client", { client: new WeChatClient({ appId: "wx1111111111111111", appSecret: "s" }) }],
    ["client", { inbox: new Inbox({ appId: APP_ID }), client: new WeChatClient({ appId: APP_ID, appSecret: "s" }) }],
    ["encodingAESKey", { mode: undefined }],
    ["appId", { mode: "plain", appId: "gh_1" }],
    ["secret", { secret: "x" }],
  ])("%s in %j is told in two languages, without values", (field, wrong) => {
    const make = () => new Callback({ ...good, ...wrong } as unknown as CallbackOptions);
    expect(make).toThrow(WeChatValidationError);
    try {
      make();
    } catch (error) {
      expect(error).toMatchObject({
        field,
        remedy: { en: expect.stringMatching(/\w/), zh: expect.stringMatching(/[一-龥]/) },
      });
      expect(inspect(error)).not.toContain("ZZZZ");
    }
  });

  it("no secret is shown", async () => {
    const { callback, onRefused } = callbackWith({ previousEncodingAESKey: FORMER });
    await answerOf(callback, pushOf(textXml(), { token: "forged" }));
    const shown = [callback, onRefused.mock.calls].map(
      (value) => inspect(value, { depth: 20, showHidden: true, getters: true }) + JSON.stringify(value),
    );
    for (const secret of [TOKEN, AES_KEY, FORMER, Buffer.from(`${AES_KEY}=`, "base64").toString("hex")]) {
      for (const text of shown) expect(text).not.toContain(secret);
    }
  });
});
