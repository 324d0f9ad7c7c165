// Who reads the pushes: this project's callback, a public library, and the bare work that nobody can leave out.
import { createDecipheriv, createSecretKey, hash } from "node:crypto";
import { createRequire } from "node:module";
import { Callback } from "@wechat-offiaccount/core";
import { AES_KEY, APP_ID, TOKEN } from "./pushes.mjs";

// The parser that core uses, from where core has it.
const { SaxesParser } = createRequire(import.meta.resolve("@wechat-offiaccount/core"))("saxes");
const keyBytes = Buffer.from(`${AES_KEY}=`, "base64");
const key = createSecretKey(keyBytes);
const iv = keyBytes.subarray(0, 16);

// One for all documents, as core has it: setting one up for each would be work that can be left out.
const parser = new SaxesParser({ position: false });
let fields = {};
let name = "";
let text = "";
parser.on("error", fail);
parser.on("opentag", (tag) => {
  name = tag.name;
  text = "";
});
const add = (more) => {
  text += more;
};
parser.on("text", add);
parser.on("cdata", add);
parser.on("closetag", (tag) => {
  if (tag.name === name) fields[name] = text;
});

function fieldsOf(xml) {
  fields = {};
  parser.write(xml).close();
  return fields;
}

function verify(claimed, ...parts) {
  if (hash("sha1", parts.sort().join("")) !== claimed) throw new Error("the signature is wrong");
}

function decrypt(encrypted) {
  const decipher = createDecipheriv("aes-256-cbc", key, iv).setAutoPadding(false);
  const plain = decipher.update(Buffer.from(encrypted, "base64"));
  return plain.toString("utf8", 20, 20 + plain.readUInt32BE(16));
}

/** XML parsed flat, signature hashed, AES undone, with no checks, no policy and no store; the fields of the message. */
export function bareWork(kind, url, body) {
  const query = new URLSearchParams(url.slice(url.indexOf("?") + 1));
  const signed = [TOKEN, query.get("timestamp"), query.get("nonce")];
  if (kind === "plain") {
    verify(query.get("signature"), ...signed);
    return fieldsOf(body.toString());
  }
  const { Encrypt } = fieldsOf(body.toString());
  verify(query.get("msg_signature"), ...signed, Encrypt);
  return fieldsOf(decrypt(Encrypt));
}

/** Core's callback with its own inbox in memory, as it comes. */
export function callback(kind, onMessage) {
  const key = kind === "plain" ? { mode: "plain" } : { encodingAESKey: AES_KEY };
  return new Callback({ appId: APP_ID, token: TOKEN, ...key, onMessage, onError: fail, onRefused: fail });
}

/** The middleware of a public library from the folder into which it was installed. */
export function library(folder, kind, onMessage) {
  const wechat = createRequire(`${folder}/`)("wechat");
  const config = { token: TOKEN, appid: APP_ID, ...(kind !== "plain" && { encodingAESKey: AES_KEY }) };
  const middleware = wechat(config, (request, response) => {
    onMessage(request.weixin);
    response.reply("");
  });
  return (request, response) => {
    // As Express would have set it.
    request.query = Object.fromEntries(new URLSearchParams(request.url.slice(request.url.indexOf("?") + 1)));
    middleware(request, response, fail);
  };
}

function fail(error) {
  throw error instanceof Error ? error : new Error(`refused: ${JSON.stringify(error)}`);
}
