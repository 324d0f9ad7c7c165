// Pushes as WeChat makes them: a text message of a follower, plain or encrypted, each with an id and a nonce of its own.
import { createCipheriv, createHash, randomBytes } from "node:crypto";

export const APP_ID = "wx0123456789abcdef";
export const TOKEN = "callbackBenchToken";
export const AES_KEY = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ";
/** Of 1,000 followers. */
const openid = (n) => `oBenchFollower${String(n % 1000).padStart(14, "0")}`;
const key = Buffer.from(`${AES_KEY}=`, "base64");
const sha1 = (...parts) => createHash("sha1").update(parts.sort().join("")).digest("hex");
let made = 0;

function textOf(n, seconds) {
  return `<xml><ToUserName><![CDATA[gh_0123456789ab]]></ToUserName><FromUserName><![CDATA[${openid(n)}]]></FromUserName><CreateTime>${seconds}</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[${n} 你好，请问我的订单到哪里了？ <a & b>]]></Content><MsgId>${20_000_000_000_000_000n + BigInt(n)}</MsgId></xml>`;
}

function encrypt(text) {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  const plain = Buffer.concat([randomBytes(16), length, bytes, Buffer.from(APP_ID)]);
  const padding = 32 - (plain.length % 32);
  const cipher = createCipheriv("aes-256-cbc", key, key.subarray(0, 16)).setAutoPadding(false);
  return cipher.update(Buffer.concat([plain, Buffer.alloc(padding, padding)])).toString("base64");
}

/** So many pushes that no contender has seen. */
export function pushes(kind, count) {
  return Array.from({ length: count }, () => {
    const n = ++made;
    const timestamp = String(Math.floor(Date.now() / 1000));
    const nonce = String(1_000_000_000 + n);
    const text = textOf(n, timestamp);
    const search = `signature=${sha1(TOKEN, timestamp, nonce)}&timestamp=${timestamp}&nonce=${nonce}&openid=${openid(n)}`;
    if (kind === "plain") return { url: `/wechat?${search}`, body: Buffer.from(text) };
    const encrypted = encrypt(text);
    const signed = `${search}&encrypt_type=aes&msg_signature=${sha1(TOKEN, timestamp, nonce, encrypted)}`;
    const body = `<xml><ToUserName><![CDATA[gh_0123456789ab]]></ToUserName><Encrypt><![CDATA[${encrypted}]]></Encrypt></xml>`;
    return { url: `/wechat?${signed}`, body: Buffer.from(body) };
  });
}
