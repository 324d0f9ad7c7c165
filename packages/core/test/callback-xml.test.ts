import { describe, expect, it } from "vitest";
import { parseJson } from "../src/callback/json.js";
import { cdata, xmlReader } from "../src/callback/xml.js";
import { keepLongNumbers } from "../src/long-numbers.js";

const parseXml = await xmlReader();
const refusal = (reason: string) => expect.objectContaining({ name: "Refusal", reason });
const nested = (depth: number) => `<xml>${"<a>".repeat(depth)}x${"</a>".repeat(depth)}</xml>`;

describe("parseXml", () => {
  it("reads text, CDATA, the five entities, references, comments and white space", () => {
    const xml = `\uFEFF<?xml version="1.0"?>\n<xml> <a>1 &lt;&gt;&amp;&quot;&apos;&#20320;&#x597d;</a>\n <!-- no --> <b><![CDATA[<&]]></b><c/><d t="1"></d></xml>\n`;
    expect(parseXml(xml)).toEqual({ a: "1 <>&\"'你好", b: "<&", c: "", d: "" });
  });

  it("reads groups and lists", () => {
    expect(parseXml("<xml><g> <i><k>1</k></i> <i><k>2</k></i> <i><k>3</k></i></g></xml>")).toEqual({
      g: { i: [{ k: "1" }, { k: "2" }, { k: "3" }] },
    });
  });

  it("drops characters that XML forbids instead of the message", () => {
    expect(parseXml("<xml><a><![CDATA[a\u0000\u0008\uFFFFb\tc\n]]></a></xml>")).toEqual({ a: "ab\tc\n" });
  });

  it.each([
    "",
    " ",
    "x",
    "<xml>",
    "<xml></a>",
    "<xml><a></xml>",
    "<xml/><xml/>",
    "<xml/>x",
    "<xml>&nbsp;</xml>",
    "<xml a=1/>",
    "<xml>&#8;</xml>",
    "<xml><![CDATA[x</xml>",
    "<xml>]]></xml>",
  ])("refuses %j", (xml) => expect(() => parseXml(xml)).toThrow(refusal("malformed")));

  it("refuses DOCTYPE, so that no entity can be made", () => {
    const bomb = `<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><xml><Content>&b;</Content></xml>`;
    expect(() => parseXml(bomb)).toThrow(refusal("doctype"));
    expect(() => parseXml('<!DOCTYPE x SYSTEM "file:///etc/passwd"><xml/>')).toThrow(refusal("doctype"));
    expect(() => parseXml("<xml><Content>&b;</Content></xml>")).toThrow(refusal("malformed"));
  });

  it("bounds the depth", () => {
    expect(parseXml(nested(8))).toMatchObject({ a: { a: {} } });
    expect(() => parseXml(nested(9))).toThrow(refusal("too-deep"));
    expect(() => parseXml(nested(100_000))).toThrow(refusal("too-deep"));
  });

  it("is not changed by names of prototypes", () => {
    const fields = parseXml(
      "<xml><__proto__><polluted>1</polluted></__proto__><constructor>c</constructor><toString>t</toString><toString>u</toString></xml>",
    );
    expect(Object.getPrototypeOf(fields)).toBe(Object.prototype);
    expect(Object.keys(fields)).toEqual(["constructor", "toString"]);
    expect(fields.toString).toEqual(["t", "u"]);
    expect("polluted" in {}).toBe(false);
  });

  it("takes time in proportion to a hostile list", () => {
    const list = parseXml(`<xml>${"<a/>".repeat(200_000)}</xml>`).a;
    expect(list).toHaveLength(200_000);
  });
});

describe("cdata", () => {
  it.each(["a", "]]>", "]]", "a]]>b]]]]>>", "<xml>&amp;</xml>"])("carries %j", (text) => {
    expect(parseXml(`<xml><a>${cdata(text)}</a></xml>`)).toEqual({ a: text });
  });
});

describe("parseJson", () => {
  it("makes every leaf text and keeps 64-bit ids", () => {
    const json =
      '{"MsgId":6054768590064713728,"CreateTime":1714112445,"ok":true,"none":null," OpenID":"o","l":[{"a":1},2]}';
    expect(parseJson(json)).toEqual({
      MsgId: "6054768590064713728",
      CreateTime: "1714112445",
      ok: "true",
      OpenID: "o",
      l: [{ a: "1" }, "2"],
    });
  });

  it.each(["", "{", "[1]", "1", "null", '"x"', '{"a":1}x'])("refuses %j", (json) => {
    expect(() => parseJson(json)).toThrow(refusal("malformed"));
  });

  it("bounds the depth", () => {
    expect(() => parseJson(`{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`)).toThrow(refusal("too-deep"));
  });

  it("is not changed by names of prototypes", () => {
    const fields = parseJson('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}');
    expect(Object.keys(fields)).toEqual(["constructor"]);
    expect("polluted" in fields).toBe(false);
    expect("polluted" in {}).toBe(false);
  });

  it("does not take long for a string without its end", () => {
    // Minutes, if each quote were tried as a beginning.
    const began = performance.now();
    expect(keepLongNumbers(`${'"\\'.repeat(500_000)}1234567890123456`)).toHaveLength(1_000_016);
    expect(performance.now() - began).toBeLessThan(5000);
  });
});
