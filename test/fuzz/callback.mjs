// Mutated bodies, queries and methods against the callback: node --expose-gc test/fuzz/callback.mjs --runs 1000000 --seed 1
// Ends with 1 if it crashes, leaves a rejection unhandled, keeps memory, takes long over one request, or accepts what
// WeChat did not sign. WeChat's side is written here from its specification, with nothing of core.
import { createCipheriv, createHash } from "node:crypto";
import { EventEmitter } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { Callback } from "@wechat-offiaccount/core";
import { commandLine } from "../../scripts/command-line.mjs";

const { runs, seed } = commandLine("Mutated requests against the callback.", {
  runs: [1_000_000, "requests"],
  seed: [1, "of the mutations"],
});

const APP_ID = "wx0123456789abcdef";
const TOKEN = "fuzzToken";
const KEY = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ";
const STRANGER = { token: "otherToken", key: "Z".repeat(43), appId: "wxffffffffffffffff" };
const AT = 1_714_112_446;
const MAX_BODY = 4096;
const SLOW = 2000;
const MEMORY = 16 * 1024 * 1024;
const OPENID = "oSimFollower000000000000000001";

const folder = new URL("./corpus/callback/", import.meta.url);
const corpus = readdirSync(folder)
  .sort()
  .map((name) => readFileSync(new URL(name, folder)));
const TOKENS = [
  "<",
  ">",
  "</",
  "/>",
  "<![CDATA[",
  "]]>",
  "<!DOCTYPE x>",
  "<!--",
  "-->",
  "<?",
  "&a;",
  "&#x0;",
  "&lt;",
  "\0",
]
  .concat([
    "{",
    "}",
    "[",
    "]",
    '"',
    "\\",
    ",",
    "null",
    "1e999",
    "-0",
    "9".repeat(20),
    "__proto__",
    "constructor",
    "Encrypt",
  ])
  .concat([
    "<Encrypt>A</Encrypt>",
    "<MsgType>text</MsgType>",
    "<xml>",
    "</xml>",
    "\uFEFF",
    "😀",
    "\ud83d",
    "%00",
    "&",
    "=",
  ])
  .map((token) => Buffer.from(token));

/** mulberry32 */
function generator(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
const random = generator(seed);
const below = (n) => Math.floor(random() * n);
const pick = (list) => list[below(list.length)];

const MUTATIONS = [
  (bytes) => bytes.map((byte, index) => (index === at(bytes) ? byte ^ (1 << below(8)) : byte)),
  (bytes, i = below(bytes.length + 1)) => Buffer.concat([bytes.subarray(0, i), pick(TOKENS), bytes.subarray(i)]),
  (bytes, i = below(bytes.length + 1)) => Buffer.concat([bytes.subarray(0, i), bytes.subarray(i + below(20))]),
  (bytes, i = below(bytes.length + 1)) => Buffer.concat([bytes.subarray(0, i), bytes.subarray(i >> 1)]),
  (bytes) => bytes.subarray(0, below(bytes.length + 1)),
  (bytes, other = pick(corpus)) => Buffer.concat([bytes.subarray(0, at(bytes)), other.subarray(below(other.length))]),
  (bytes) =>
    Buffer.from(
      bytes.toString("latin1").replace(/\d+/, () => pick(["", "-1", "1e400", "0", "NaN", "9".repeat(30)])),
      "latin1",
    ),
  (bytes) => (random() < 0.05 ? Buffer.concat(Array(40).fill(bytes)) : bytes),
];
let flip = 0;
/** One position, the same for the whole of one mutation. */
function at(bytes) {
  return flip % (bytes.length || 1);
}
function mutated(bytes) {
  let result = bytes;
  for (let count = below(4); count > 0; count--) {
    flip = below(2 ** 31);
    result = Buffer.from(pick(MUTATIONS)(result));
  }
  return result;
}

const sha1 = (...parts) => createHash("sha1").update(parts.sort().join("")).digest("hex");

function encrypted(text, { key, appId }) {
  const bytes = Buffer.from(`${key}=`, "base64");
  const head = Buffer.from(Array.from({ length: 20 }, () => below(256)));
  head.writeUInt32BE(text.length, 16);
  const plain = Buffer.concat([head, text, Buffer.from(appId)]);
  const pad = 32 - (plain.length % 32);
  const cipher = createCipheriv("aes-256-cbc", bytes, bytes.subarray(0, 16)).setAutoPadding(false);
  return cipher.update(Buffer.concat([plain, Buffer.alloc(pad, pad)])).toString("base64");
}

/** A push as WeChat makes it. */
function signed(text, mode, who = { token: TOKEN, key: KEY, appId: APP_ID }) {
  const timestamp = String(AT + below(200));
  const nonce = String(1e9 + below(1e9));
  const query = { signature: sha1(who.token, timestamp, nonce), timestamp, nonce, openid: OPENID };
  if (mode === "plain") return { query, body: text };
  const part = encrypted(text, who);
  Object.assign(query, { encrypt_type: "aes", msg_signature: sha1(who.token, timestamp, nonce, part) });
  const xml = `<xml><ToUserName><![CDATA[gh_0123456789ab]]></ToUserName><Encrypt><![CDATA[${part}]]></Encrypt></xml>`;
  const body = random() < 0.2 ? JSON.stringify({ ToUserName: "gh_0123456789ab", Encrypt: part }) : xml;
  if (mode === "safe" || random() < 0.5) return { query, body: Buffer.from(body) };
  const beside = text.toString("utf8").replace("</xml>", `<Encrypt><![CDATA[${part}]]></Encrypt></xml>`);
  return { query, body: Buffer.from(beside) };
}

/** The push that an attack starts from: nobody else has this content. */
const honest = (run) =>
  Buffer.from(
    `<xml><ToUserName>gh_0123456789ab</ToUserName><FromUserName>${OPENID}</FromUserName><CreateTime>${AT}</CreateTime><MsgType>text</MsgType><Content>honest ${run}</Content><MsgId>${run}</MsgId></xml>`,
  );

/** What reaches the callback, and whether what it then keeps is all right. */
const ATTACKS = {
  // WeChat signs something odd: whatever becomes of it, nothing breaks.
  odd: (_run, mode) => ({ ...signed(mutated(pick(corpus)), mode), allowed: () => true }),
  // Something on the way changes what WeChat signed.
  forged: (run, mode) => {
    const push = signed(honest(run), mode);
    const query = random() < 0.5 ? { ...push.query, ...changedEntry(push.query) } : push.query;
    const body = random() < 0.7 ? mutated(push.body) : push.body;
    const genuine = ({ message }) => message.text === `honest ${run}` && message.openid === OPENID;
    const bySignature = () => sha1(TOKEN, query.timestamp, query.nonce) === query.signature;
    return { query, body, allowed: mode === "plain" ? bySignature : genuine };
  },
  // Somebody without token, key or AppID makes a push.
  stranger: (run, mode) => {
    const known = { token: TOKEN, key: KEY, appId: APP_ID };
    const missing = mode === "plain" ? "token" : pick(["token", "key", "appId"]);
    const push = signed(honest(run), mode, { ...known, [missing]: STRANGER[missing] });
    return { ...push, body: random() < 0.3 ? mutated(push.body) : push.body, allowed: () => false };
  },
  // The query of one push is used for another body.
  replayed: (run, mode) => {
    const before = lastQuery[mode];
    if (!before) return ATTACKS.odd(run, mode);
    const { body } = signed(honest(run), mode);
    return { query: before, body, allowed: () => false };
  },
};
const lastQuery = {};

function changedEntry(query) {
  const name = pick(Object.keys(query));
  return { [name]: mutated(Buffer.from(query[name])).toString("latin1") };
}

/** Keeps the last of them only, so that what memory grows is the callback's. */
class Receiver {
  #marks = new Map();
  last;
  async receive(arrival) {
    const mark = `${arrival.timestamp} ${arrival.nonce}`;
    if ((this.#marks.get(mark) ?? arrival.key) !== arrival.key) return "replayed";
    if (this.#marks.size > 1000) this.#marks.delete(this.#marks.keys().next().value);
    this.#marks.set(mark, arrival.key);
    this.last = arrival;
    return "new";
  }
  async emitted() {}
  async takeAbandoned() {
    return [];
  }
}

function fail(run, what, detail) {
  console.error(`FAILED in run ${run} (--seed ${seed}): ${what}`, detail ?? "");
  process.exit(1);
}
let current = 0;
process.on("unhandledRejection", (error) => fail(current, "unhandled rejection", error));
process.on("uncaughtException", (error) => fail(current, "uncaught exception", error));

const subjects = ["plain", "compatible", "safe"].map((mode) => {
  const inbox = new Receiver();
  const callback = new Callback({
    appId: APP_ID,
    token: TOKEN,
    ...(mode !== "plain" && { encodingAESKey: KEY }),
    mode,
    inbox,
    reply: "wait",
    maxBodyBytes: MAX_BODY,
    clock: () => AT * 1000,
    onMessage: (message) => (message.type === "text" && message.text ? { type: "text", text: "ok" } : undefined),
    onError: (error) => fail(current, "onError", error),
  });
  return { mode, inbox, callback };
});

const METHODS = ["POST", "POST", "POST", "POST", "POST", "POST", "POST", "POST", "GET", "PUT"];

async function byWeb(callback, { method, search, body }) {
  const request = new Request(`http://x/?${search}`, method === "GET" ? { method } : { method, body });
  const response = await callback.handle(request);
  return { status: response.status, text: await response.text() };
}
async function byNode(callback, { method, search, body }) {
  const middle = below(body.length + 1);
  const request = Readable.from([body.subarray(0, middle), body.subarray(middle)].filter((part) => part.length > 0));
  Object.assign(request, { method, url: `/?${search}` });
  const answer = {};
  const writeHead = (status) => Object.assign(answer, { status });
  const end = (text) => Object.assign(answer, { text });
  await callback.listener(request, Object.assign(new EventEmitter(), { writeHead, end }));
  return answer;
}

const counts = new Map();
const heaps = [];
const began = performance.now();
for (let run = 1; run <= runs; run++) {
  current = run;
  const { mode, inbox, callback } = pick(subjects);
  const attack = pick(Object.keys(ATTACKS));
  const { query, body, allowed } = ATTACKS[attack](run, mode);
  const search =
    random() < 0.02 ? mutated(Buffer.from(String(new URLSearchParams(query)))) : new URLSearchParams(query);
  const exchange = { method: pick(METHODS), search: String(search), body };
  inbox.last = undefined;
  const start = performance.now();
  const { status, text } = await (random() < 0.2 ? byNode : byWeb)(callback, exchange);
  const ms = performance.now() - start;
  if (ms > SLOW) fail(run, `took ${ms} ms`, exchange);
  if (status >= 500) fail(run, `answered ${status}`, exchange);
  if (inbox.last && !allowed(inbox.last))
    fail(run, `${mode} mode accepted what is ${attack}`, { exchange, kept: inbox.last });
  if (inbox.last && search instanceof URLSearchParams) lastQuery[mode] = query;
  if ("polluted" in {}) fail(run, "a prototype was changed", exchange);
  const outcome = status !== 200 ? text : inbox.last ? "accepted" : "echoed";
  const name = `${attack} ${outcome}`;
  counts.set(name, (counts.get(name) ?? 0) + 1);
  if (run % Math.ceil(runs / 10) === 0) {
    await new Promise((resolve) => setImmediate(resolve));
    globalThis.gc?.();
    heaps.push(process.memoryUsage().heapUsed);
  }
}
for (const { callback } of subjects) await callback.close();

const seconds = (performance.now() - began) / 1000;
for (const name of [...counts.keys()].sort()) console.log(`${String(counts.get(name)).padStart(9)}  ${name}`);
const mega = (bytes) => (bytes / 1024 / 1024).toFixed(1);
console.log(`heap after each tenth, MB: ${heaps.map(mega).join(" ")}; resident ${mega(process.memoryUsage().rss)}`);
console.log(`${runs} runs with seed ${seed} in ${seconds.toFixed(1)} s: no crash, no forgery accepted`);
// Without gc() the heap holds garbage too, and says nothing.
if (globalThis.gc && heaps.at(-1) - heaps[1] > MEMORY) fail(runs, "memory grows", heaps.map(mega));
for (const name of [
  "odd accepted",
  "forged accepted",
  "forged signature",
  "stranger undecipherable",
  "stranger foreign-app",
]) {
  if (!counts.get(name)) fail(runs, `no run ended as "${name}": the fuzzer does not reach far enough`);
}
