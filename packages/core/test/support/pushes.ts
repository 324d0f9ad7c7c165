import { encrypt, getSignature } from "@wecom/crypto";
import { onTestFinished, vi } from "vitest";
import { Callback } from "../../src/callback/callback.js";
import type { IncomingMessage } from "../../src/callback/messages.js";
import type { CallbackOptions } from "../../src/callback/options.js";
import { xmlReader } from "../../src/callback/xml.js";
import type { Arrival, Receiver } from "../../src/inbox/arrival.js";

// The first push loads the parser: done before, so that no test's own clock runs meanwhile.
await xmlReader();

export const APP_ID = "wx0123456789abcdef";
export const TOKEN = "callbackTestToken";
export const AES_KEY = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ";
export const OPENID = "oSimFollower000000000000000001";
export const ACCOUNT = "gh_0123456789ab";

/** The plainest of inboxes. */
export class MemoryReceiver implements Receiver {
  readonly kept = new Map<string, Arrival>();
  readonly emittedKeys: string[] = [];
  readonly abandoned: Arrival[] = [];
  readonly #nonces = new Map<string, string>();

  async receive(arrival: Arrival): Promise<"new" | "duplicate" | "replayed"> {
    const { key, nonce, timestamp } = arrival;
    const mark = `${timestamp} ${nonce}`;
    if ((this.#nonces.get(mark) ?? key) !== key) return "replayed";
    this.#nonces.set(mark, key);
    if (this.kept.has(key)) return "duplicate";
    this.kept.set(key, arrival);
    return "new";
  }

  async emitted(key: string): Promise<void> {
    this.emittedKeys.push(key);
  }

  async takeAbandoned(limit = 100): Promise<readonly Arrival[]> {
    return this.abandoned.splice(0, limit);
  }
}

/** A callback with everything that it reports, closed after the test. */
export function callbackWith(options: Partial<CallbackOptions> = {}) {
  const inbox = new MemoryReceiver();
  const messages: IncomingMessage[] = [];
  const onError = vi.fn<CallbackOptions["onError"]>();
  const onRefused = vi.fn();
  const callback = new Callback({
    appId: APP_ID,
    token: TOKEN,
    encodingAESKey: AES_KEY,
    inbox,
    onMessage: (message) => {
      messages.push(message);
    },
    onError,
    onRefused,
    ...options,
  });
  onTestFinished(() => callback.close(0));
  return { callback, inbox, messages, onError, onRefused };
}

export interface PushOptions {
  mode?: "plain" | "compatible" | "safe";
  format?: "xml" | "json";
  token?: string;
  key?: string;
  appId?: string;
  /** Milliseconds since 1970. */
  at?: number;
  nonce?: string;
}

let nonces = 1_000_000_000;

/** A push as WeChat makes it; encrypted and signed by a library that is not ours. */
export function pushOf(text: string, options: PushOptions = {}) {
  const { mode = "safe", token = TOKEN, key = AES_KEY, appId = APP_ID, at = Date.now() } = options;
  const { format = text.startsWith("{") ? "json" : "xml", nonce = String(nonces++) } = options;
  const timestamp = String(Math.floor(at / 1000));
  const query = new URLSearchParams({ timestamp, nonce, openid: OPENID });
  // The library signs four parts; an empty one adds nothing.
  query.set("signature", getSignature(token, timestamp, nonce, ""));
  if (mode === "plain") return { query, body: text };
  const encrypted = encrypt(key, text, appId);
  query.set("encrypt_type", "aes");
  query.set("msg_signature", getSignature(token, timestamp, nonce, encrypted));
  return { query, body: enveloped(text, encrypted, { mode, format }) };
}

function enveloped(text: string, encrypted: string, { mode, format }: { mode: string; format: string }): string {
  if (format === "json") {
    return JSON.stringify({
      ...(mode === "compatible" ? JSON.parse(text) : { ToUserName: ACCOUNT }),
      Encrypt: encrypted,
    });
  }
  const part = `<Encrypt><![CDATA[${encrypted}]]></Encrypt></xml>`;
  if (mode === "compatible") return text.replace(/<\/xml>\s*$/, part);
  return `<xml><ToUserName><![CDATA[${ACCOUNT}]]></ToUserName>${part}`;
}

export const requestOf = ({ query, body }: { query: URLSearchParams; body: string }, init: RequestInit = {}) =>
  new Request(`http://callback.test/wechat?${query}`, { method: "POST", body, ...init });

/** What WeChat gets. */
export async function answerOf(callback: Callback, push: { query: URLSearchParams; body: string }) {
  const response = await callback.handle(requestOf(push));
  return { status: response.status, text: await response.text() };
}

let ids = 6_000_000_000_000_000_000n;

/** A follower's message in WeChat's XML. */
export function xmlOf(
  msgType: string,
  content: string,
  { openid = OPENID, msgId = String(ids++), createTime = 1_714_112_445 } = {},
) {
  return `<xml><ToUserName><![CDATA[${ACCOUNT}]]></ToUserName><FromUserName><![CDATA[${openid}]]></FromUserName><CreateTime>${createTime}</CreateTime><MsgType><![CDATA[${msgType}]]></MsgType>${content}${msgType === "event" ? "" : `<MsgId>${msgId}</MsgId>`}</xml>`;
}
export const textXml = (text = "你好", more: { msgId?: string } = {}) =>
  xmlOf("text", `<Content><![CDATA[${text}]]></Content>`, more);

/** Lets everything run that waits for nothing but its turn: a reply takes some before it is given. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 6; turn++) await new Promise((resolve) => setImmediate(resolve));
}
