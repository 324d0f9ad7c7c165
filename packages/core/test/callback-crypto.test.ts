import { createCipheriv } from "node:crypto";
import { decrypt, encrypt, getSignature } from "@wecom/crypto";
import { describe, expect, it } from "vitest";
import { Cipher, Keyring } from "../src/callback/cipher.js";
import { isSignatureOf, signatureOf } from "../src/callback/signature.js";
import { AES_KEY, APP_ID } from "./support/pushes.js";

/** WeChat's own examples, from its page on message encryption. */
const OFFICIAL = {
  key: "A".repeat(43),
  appId: "wxba5fad812f8e6fb9",
  push: "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVzazhZv6JsXUnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04=",
  message:
    '{"ToUserName":"gh_97417a04a28d","FromUserName":"o9AgO5Kd5ggOC-bXrbNODIiE3bGY","CreateTime":1714112445,"MsgType":"event","Event":"debug_demo","debug_str":"hello world"}',
  reply: "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ==",
};

describe("signature", () => {
  it.each([
    ["URL verification", ["AAAAA", "1714036504", "1514711492"], "f464b24fc39322e44b38aa78f5edd27bd1441696"],
    ["plain push", ["AAAAA", "1714037059", "486452656"], "899cf89e464efb63f54ddac96b0a0a235f53aa78"],
    ["safe push", ["AAAAA", "1714112445", "415670741"], "6c5c811b55cc85e0e1b54100749188c20beb3f5d"],
    ["encrypted body", ["AAAAA", "1714112445", "415670741", OFFICIAL.push], "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3"],
    [
      "encrypted reply",
      ["AAAAA", "1713424427", "415670741", OFFICIAL.reply],
      "1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1",
    ],
  ])("is WeChat's own of the %s", (_name, parts, signature) => {
    expect(signatureOf(...parts)).toBe(signature);
    expect(isSignatureOf(signature, ...parts)).toBe(true);
  });

  it.each([
    "",
    "f464",
    `${"f".repeat(39)}é`,
    "F464B24FC39322E44B38AA78F5EDD27BD1441696",
    "f464b24fc39322e44b38aa78f5edd27bd1441697",
  ])("is not %j", (given) => expect(isSignatureOf(given, "AAAAA", "1714036504", "1514711492")).toBe(false));
});

/** Any bytes under the key, as only its owner can make them. */
function sealed(plain: Buffer, key = AES_KEY) {
  const bytes = Buffer.from(`${key}=`, "base64");
  const cipher = createCipheriv("aes-256-cbc", bytes, bytes.subarray(0, 16)).setAutoPadding(false);
  return cipher.update(plain).toString("base64");
}
const refusal = (reason: string) => expect.objectContaining({ name: "Refusal", reason });

describe("Cipher", () => {
  const cipher = new Cipher(AES_KEY, APP_ID);

  it("reads WeChat's own examples", () => {
    const official = new Cipher(OFFICIAL.key, OFFICIAL.appId);
    expect(official.decrypt(OFFICIAL.push)).toBe(OFFICIAL.message);
    expect(official.decrypt(OFFICIAL.reply)).toBe('{"demo_resp":"good luck"}');
  });

  it.each(Array.from({ length: 40 }, (_, length) => length))(
    "and the library agree on %i bytes and some Chinese",
    (length) => {
      const text = `你${"x".repeat(length)}`;
      expect(decrypt(AES_KEY, cipher.encrypt(text))).toMatchObject({ message: text, id: APP_ID });
      expect(cipher.decrypt(encrypt(AES_KEY, text, APP_ID))).toBe(text);
    },
  );

  it("never encrypts the same twice alike", () => {
    expect(cipher.encrypt("a")).not.toBe(cipher.encrypt("a"));
  });

  const body = (length: number, text: string, appId = APP_ID) => {
    const head = Buffer.alloc(20, 7);
    head.writeUInt32BE(length, 16);
    return Buffer.concat([head, Buffer.from(text + appId)]);
  };
  const padded = (plain: Buffer, pad = 32 - (plain.length % 32)) => Buffer.concat([plain, Buffer.alloc(pad, pad)]);

  it("accepts what is built right, as a check of the next tests", () => {
    expect(cipher.decrypt(sealed(padded(body(5, "hello"))))).toBe("hello");
  });

  it.each([
    ["nothing", ""],
    ["half a block", sealed(padded(body(5, "hello"))).slice(0, 20)],
    [
      "a block of 16 too few",
      Buffer.from(sealed(padded(body(5, "hello"))), "base64")
        .subarray(16)
        .toString("base64"),
    ],
    ["another key", encrypt("Z".repeat(43), "hello", APP_ID)],
    ["a padding of 0", sealed(Buffer.concat([body(5, "hello"), Buffer.alloc(21)]))],
    ["a padding above 32", sealed(Buffer.concat([padded(body(5, "hello")), Buffer.alloc(32, 33)]))],
    ["a padding whose bytes differ", sealed(Buffer.concat([body(5, "hello"), Buffer.alloc(20, 1), Buffer.from([21])]))],
    ["a length beyond the end", sealed(padded(body(5000, "hello")))],
    ["a length that ends in the padding", sealed(padded(body(5 + APP_ID.length + 1, "hello")))],
    ["a length of 2^32 - 1", sealed(padded(body(0xffffffff, "hello")))],
  ])("refuses %s", (_name, encrypted) => {
    expect(() => cipher.decrypt(encrypted)).toThrow(refusal("undecipherable"));
  });

  it.each([
    ["another appid", encrypt(AES_KEY, "hello", "wxffffffffffffffff")],
    ["an appid that begins alike", encrypt(AES_KEY, "hello", `${APP_ID}0`)],
    ["no appid", encrypt(AES_KEY, "hello", "")],
    ["a length too small", sealed(padded(body(4, "hello")))],
    ["a length too large", sealed(padded(body(6, "hello")))],
  ])("refuses %s", (_name, encrypted) => {
    expect(() => cipher.decrypt(encrypted)).toThrow(refusal("foreign-app"));
  });
});

describe("Keyring", () => {
  const former = "Z".repeat(43);
  const keys = new Keyring([AES_KEY, former], APP_ID);

  it("reads both keys, and replies with the one that fitted", () => {
    for (const key of [AES_KEY, former]) {
      const { text, cipher } = keys.decrypt(encrypt(key, "hello", APP_ID));
      expect(text).toBe("hello");
      expect(decrypt(key, cipher.encrypt("reply")).message).toBe("reply");
    }
  });

  it("refuses a third, and what the present key says of another account", () => {
    expect(() => keys.decrypt(encrypt("Y".repeat(43), "hello", APP_ID))).toThrow(refusal("undecipherable"));
    expect(() => keys.decrypt(encrypt(AES_KEY, "hello", "wxother"))).toThrow(refusal("foreign-app"));
  });
});

it("the library signs as WeChat does", () => {
  expect(getSignature("AAAAA", "1714036504", "1514711492", "")).toBe("f464b24fc39322e44b38aa78f5edd27bd1441696");
});
