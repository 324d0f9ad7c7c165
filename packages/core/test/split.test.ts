import { describe, expect, it } from "vitest";
import { WeChatValidationError } from "../src/errors.js";
import { splitText } from "../src/text/split.js";

const bytes = (text: string) => Buffer.byteLength(text);
const NO_PARTS_LIMIT = { maxParts: Number.MAX_SAFE_INTEGER };

describe("splitText", () => {
  it("leaves a text within the limit alone, to the byte", () => {
    const text = `${"你".repeat(682)}ab`; // 2048 bytes
    expect(splitText(text)).toEqual([text]);
    expect(splitText(`${text}c`)).toHaveLength(2);
  });

  it("loses nothing: the parts joined are the text", () => {
    const text = `${"你好，世界。".repeat(200)}\n\n${"Hello there, dear follower. ".repeat(100)}`;
    const parts = splitText(text);
    expect(parts.join("")).toBe(text);
    for (const part of parts) expect(bytes(part)).toBeLessThanOrEqual(2048);
  });

  it("cuts at a paragraph before a sentence, a sentence before a word, a word before a character", () => {
    expect(splitText("One two. Three\nfour five", { maxBytes: 20 })).toEqual(["One two. Three\n", "four five"]);
    expect(splitText("One two. Three four five", { maxBytes: 14 })).toEqual(["One two. ", "Three four ", "five"]);
    expect(splitText("Aaaa bbb. Cc ddddd", { maxBytes: 14 })).toEqual(["Aaaa bbb. ", "Cc ddddd"]);
    expect(splitText("甲乙丙丁。”戊己庚辛", { maxBytes: 24 })).toEqual(["甲乙丙丁。”", "戊己庚辛"]);
    expect(splitText("aaa bb   cccc", { maxBytes: 8 }).every((part) => !part.startsWith(" "))).toBe(true);
    expect(splitText("One two three four", { maxBytes: 12 })).toEqual(["One two ", "three four"]);
    expect(splitText("我们学习", { maxBytes: 9 })).toEqual(["我们", "学习"]);
  });

  it("never cuts a grapheme: families, flags, combining marks, CRLF", () => {
    const segments = (text: string) => [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment);
    for (const grapheme of ["👩‍👩‍👧‍👦", "🇨🇳", "e\u0301\u0323", "x\r\n", "👍🏽"]) {
      const text = grapheme.repeat(40);
      const parts = splitText(text, { maxBytes: 61, ...NO_PARTS_LIMIT });
      expect(parts.length).toBeGreaterThan(1);
      expect(parts.flatMap(segments)).toEqual(segments(text));
    }
  });

  it("sees graphemes as a whole text would, wherever its windows end", () => {
    const segments = (text: string) => [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment);
    const zalgo = `z${"\u0301".repeat(2_000)}`;
    for (const unit of ["👩‍👩‍👧‍👦", "🇨🇳", "👍🏽", "e\u0301", "\r\n", "한"]) {
      for (const offset of [0, 1, 2, 3, 509, 510, 511]) {
        const text = `${"a".repeat(offset)}${unit.repeat(300)}${zalgo}b`;
        const parts = splitText(text, { maxBytes: 5_000, ...NO_PARTS_LIMIT });
        expect(parts.flatMap(segments)).toEqual(segments(text));
      }
    }
  });

  it("never cuts an <a> tag", () => {
    const link = '<a href="https://example.com/a b">点这里 now</a>';
    const text = `文字 ${link} `.repeat(60);
    const parts = splitText(text, { maxBytes: 200, ...NO_PARTS_LIMIT });
    expect(parts.join("")).toBe(text);
    for (const part of parts) expect(part.match(/<a /g)?.length ?? 0).toBe(part.match(/<\/a>/g)?.length ?? 0);
  });

  it("treats the text after an <a> that is never closed as plain text, and keeps tags without a partner whole", () => {
    const text = `<a href="x">${"never closed ".repeat(200)}`;
    expect(splitText(text).join("")).toBe(text);
    expect(splitText('abcd</a>efgh<a href="x">i', { maxBytes: 12 })).toEqual(["abcd</a>efgh", '<a href="x">', "i"]);
  });

  it("keeps together what Unicode joins to a tag", () => {
    const link = "<a href='u'>v</a>";
    expect(splitText(`${link}\u0301 more words`, { maxBytes: 20 })).toEqual([`${link}\u0301 `, "more words"]);
    expect(() => splitText(`${link}\u0301 more words`, { maxBytes: link.length })).toThrow(/single link/);
  });

  it("refuses a single grapheme or tag above the limit", () => {
    const link = `<a href="https://example.com/${"x".repeat(3000)}">x</a>`;
    expect(() => splitText(`hello ${link}`)).toThrow(/single link or character of 3\d\d\d bytes/);
  });

  it("fills the parts to the limit when the borders would ask for too many", () => {
    const text = `${"x".repeat(11)} `.repeat(853); // 10,236 bytes: five full parts
    const parts = splitText(text);
    expect(parts).toHaveLength(5);
    expect(parts.join("")).toBe(text);
  });

  it("refuses more than five parts, naming the field, and more than one if one is allowed", () => {
    const tooLong = "x".repeat(5 * 2048 + 1);
    expect(() => splitText(tooLong)).toThrow(WeChatValidationError);
    expect(splitText("x".repeat(5 * 2048))).toHaveLength(5);
    expect(() => splitText("x".repeat(2049), { maxParts: 1 })).toThrow(/at most 1/);
  });

  it("sends no blank part", () => {
    const parts = splitText(`start${"\n".repeat(5000)}end`);
    expect(parts.filter((part) => part.trim() === "")).toEqual([]);
    expect(parts.map((part) => part.trim())).toEqual(["start", "end"]);
  });
});
