import { describe, expect, it } from "vitest";
import { Cipher, signatureOf } from "../src/push/cipher.js";
import { writeJson, writeXml } from "../src/push/markup.js";
import { readXml } from "../src/push/xml.js";

// Official page on message encryption (消息加解密说明), and the page on receiving messages.
const TOKEN = "AAAAA";
const KEY = "A".repeat(43);
const APP_ID = "wxba5fad812f8e6fb9";
const ENCRYPT =
  "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVzazhZv6JsXUnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04=";
const MESSAGE =
  '{"ToUserName":"gh_97417a04a28d","FromUserName":"o9AgO5Kd5ggOC-bXrbNODIiE3bGY","CreateTime":1714112445,"MsgType":"event","Event":"debug_demo","debug_str":"hello world"}';
const REPLY = "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ==";

describe("the official page's vectors", () => {
  it.each([
    ["a", [TOKEN, "1714036504", "1514711492"], "f464b24fc39322e44b38aa78f5edd27bd1441696"],
    ["b", [TOKEN, "1714037059", "486452656"], "899cf89e464efb63f54ddac96b0a0a235f53aa78"],
    ["c, signature", [TOKEN, "1714112445", "415670741"], "6c5c811b55cc85e0e1b54100749188c20beb3f5d"],
    ["c, msg_signature", [TOKEN, "1714112445", "415670741", ENCRYPT], "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3"],
    ["d, MsgSignature", [TOKEN, "1713424427", "415670741", REPLY], "1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1"],
  ])("signs %s", (_name, parts, signature) => {
    expect(signatureOf(...parts)).toBe(signature);
  });

  it("decrypts c, and encrypts it again to the same bytes", () => {
    const cipher = new Cipher(KEY, APP_ID);
    expect(cipher.decrypt(ENCRYPT)).toEqual({ message: MESSAGE });
    expect(cipher.encrypt(MESSAGE, Buffer.from("a8eedb185eb2fecf"))).toBe(ENCRYPT);
  });

  it("decrypts d, and encrypts it again to the same bytes", () => {
    const cipher = new Cipher(KEY, APP_ID);
    expect(cipher.decrypt(REPLY)).toEqual({ message: '{"demo_resp":"good luck"}' });
    expect(cipher.encrypt('{"demo_resp":"good luck"}', Buffer.from("707722b803182950"))).toBe(REPLY);
  });
});

describe("Cipher", () => {
  it("gives back every length around a block, each time encrypted differently", () => {
    const cipher = new Cipher(KEY, APP_ID);
    for (let length = 0; length <= 70; length++) {
      const message = "你".repeat(length);
      const encrypted = cipher.encrypt(message);
      expect(cipher.decrypt(encrypted)).toEqual({ message });
      expect(cipher.encrypt(message)).not.toBe(encrypted);
    }
  });

  it.each([
    ["another AppID", new Cipher(KEY, "wx1").encrypt("x"), /AppID inside Encrypt is another/],
    ["another key", new Cipher("B".repeat(43), APP_ID).encrypt("x"), /PKCS#7|length|AppID/],
    ["half a block", REPLY.slice(0, 44), /whole blocks/],
    ["nothing", "", /whole blocks/],
  ])("says what is wrong with %s", (_what, encrypted, problem) => {
    expect(new Cipher(KEY, APP_ID).decrypt(encrypted)).toEqual({ problem: expect.stringMatching(problem) });
  });
});

describe("XML and JSON of a push", () => {
  const fields = {
    Content: "a]]>b & <c>",
    MsgId: 24_801_004_976_846_051n,
    Info: { Count: 1, List: [{ Sum: "x" }, { Sum: "y" }] },
  };

  it("XML: CDATA that no text can break, bare numbers, items", () => {
    expect(writeXml(fields)).toBe(
      "<xml><Content><![CDATA[a]]]]><![CDATA[>b & <c>]]></Content><MsgId>24801004976846051</MsgId><Info><Count>1</Count><List><item><Sum><![CDATA[x]]></Sum></item><item><Sum><![CDATA[y]]></Sum></item></List></Info></xml>",
    );
    const list = { item: [{ Sum: "x" }, { Sum: "y" }] };
    const read = { Content: "a]]>b & <c>", MsgId: "24801004976846051", Info: { Count: "1", List: list } };
    expect(readXml(writeXml(fields))).toEqual(read);
  });

  it("JSON: a MsgId keeps all its digits", () => {
    expect(writeJson(fields)).toBe(
      '{"Content":"a]]>b & <c>","MsgId":24801004976846051,"Info":{"Count":1,"List":[{"Sum":"x"},{"Sum":"y"}]}}',
    );
  });
});

describe("the XML of a reply", () => {
  it.each([
    [
      "a declaration, comments and white space",
      '<?xml version="1.0"?>\n<xml> <!-- x --> <A>1</A>\n</xml>\n',
      { A: "1" },
    ],
    ["entities", "<xml><A>&lt;&#20320;&#x4f60;&amp;&gt;&quot;&apos;</A></xml>", { A: "<你你&>\"'" }],
    ["CDATA beside text", "<xml><A>a<![CDATA[<b>]]></A></xml>", { A: "a<b>" }],
    ["an empty element", "<xml><A/><B></B></xml>", { A: "", B: "" }],
    ["names that objects have", "<xml><__proto__>1</__proto__></xml>", Object.fromEntries([["__proto__", "1"]])],
  ])("may have %s", (_what, xml, value) => {
    const read = readXml(xml);
    expect({ ...read }).toEqual(value);
    expect(Object.keys(read ?? {})).toEqual(Object.keys(value));
  });

  it.each([
    "",
    "ok",
    "<xml></xml>",
    "<xml>text</xml>",
    "<xml><A>1</A>",
    "<xml><A>1</B></xml>",
    "<xml><A>1</A></xml><xml><A>1</A></xml>",
    "<xml><A>1</A></xml>tail",
    "<reply><A>1</A></reply>",
    '<xml><A b="1">1</A></xml>',
    "<xml>words<A>1</A></xml>",
    "<xml><A>a & b</A></xml>",
    "<xml><A>&unknown;</A></xml>",
    '<!DOCTYPE x [<!ENTITY a "b">]><xml><A>&a;</A></xml>',
    "</xml>",
    `<xml>${"<a>".repeat(20)}${"</a>".repeat(20)}</xml>`,
  ])("is refused: %s", (xml) => {
    expect(readXml(xml)).toBeUndefined();
  });

  it("is read in linear time", () => {
    const start = performance.now();
    expect(readXml(`<xml>${"<A>".repeat(300_000)}`)).toBeUndefined();
    expect(readXml(`<xml><A>${"&".repeat(300_000)}</A></xml>`)).toBeUndefined();
    expect(readXml(`<xml><A><![CDATA[${"]]".repeat(300_000)}`)).toBeUndefined();
    expect(performance.now() - start).toBeLessThan(2000);
  });
});
