import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { markdownToText } from "../src/text/markdown.js";

/** Pieces that Markdown and WeChat's tags are made of, so that random texts are full of half and nested constructs. */
const PIECE = fc.constantFrom(
  ..."*_~`[]()<>#|-+=!\\&;:\"'/ \n\t\0a1你。“”😀",
  ...[
    "**",
    "```",
    "\n\n",
    "\n> ",
    "\n- ",
    "\n1. ",
    "\n    ",
    "- [ ] ",
    "|-|-|\n",
    "<a",
    "<A ",
    "</a>",
    "</A",
    ' href="',
    ">",
    "<br>",
  ],
  ...[
    "<a href='https://a.cn'>",
    "](https://b.cn)",
    "![",
    "[^1]",
    "[x]: https://c.cn",
    "https://",
    "&lt;",
    "&lt;a ",
    "&#60;",
    "<!--",
    "-->",
  ],
);
const SNIPPETS = fc.array(PIECE, { maxLength: 60 }).map((pieces) => pieces.join(""));
const ANY_TEXT = fc.oneof(
  SNIPPETS,
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.string({ unit: "grapheme", maxLength: 60 }),
);
const RUNS = { numRuns: 3000 };

/** Takes out the tags that WeChat is meant to read: those with a safe address, safe attributes and a label without tags. */
const withoutLinks = (text: string) =>
  text.replace(/<a href="(?:https?|weixin):[^"'<>\s]*"(?: data-miniprogram-[a-z]+="[^"'<>\s]*")*>[^<>\n]+<\/a>/gi, "");

describe("markdownToText, whatever the text", () => {
  it("throws nothing, and writes no <a that is not a whole, safe link", () => {
    fc.assert(
      fc.property(ANY_TEXT, (markdown) => {
        expect(withoutLinks(markdownToText(markdown))).not.toMatch(/<\/?a(?![a-z0-9])/i);
      }),
      RUNS,
    );
  });

  it("leaves no more than one blank line at a time, none at the ends, and no NUL", () => {
    fc.assert(
      fc.property(ANY_TEXT, (markdown) => {
        const text = markdownToText(markdown);
        expect(text).not.toMatch(/\n[ \t]*\n[ \t]*\n|^\n|\n$|\0|\r/);
      }),
      RUNS,
    );
  });

  it("makes no broken character", () => {
    fc.assert(
      fc.property(ANY_TEXT, (markdown) => {
        if (markdown.isWellFormed()) expect(markdownToText(markdown).isWellFormed()).toBe(true);
      }),
      RUNS,
    );
  });

  it("changes nothing in a text without Markdown's characters, but blank lines and white space at line ends", () => {
    const unit = fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(..."你好，。！？“”「」【】（）～…—￥　 \nabZ09,.?'\"/@%^{}$") },
      { weight: 1, arbitrary: fc.string({ unit: "grapheme", minLength: 1, maxLength: 1 }) },
    );
    const plain = fc
      .array(unit, { maxLength: 80 })
      .map((characters) => characters.join(""))
      .filter((text) => !/[*_~`[\]<>&#|\\+=:-]|\d[.)]|\p{Cc}(?<!\n)/u.test(text));
    const tidy = (text: string) =>
      text
        .split("\n")
        .map((line) => line.trimEnd())
        .join("\n")
        .replace(/\n{3,}/g, "\n\n")
        .replace(/^\n+|\n+$/g, "");
    fc.assert(
      fc.property(plain, (text) => {
        expect(markdownToText(text)).toBe(tidy(text));
      }),
      RUNS,
    );
  });

  // Headers of a table are repeated and the info word of a fence is dropped: both are tested elsewhere.
  it("keeps all letters of a text without table and fence, in their order", () => {
    const mark = fc.constantFrom(
      ..."*_`\n []()|",
      "**",
      "~~",
      "\n\n",
      "\n- ",
      "\n> ",
      "\n# ",
      "\n1. ",
      "\n***\n",
      "![",
      "](",
    );
    const word = fc.constantFrom("甲", "乙", "丙", "丁", "word", "注：", "“好”");
    const letters = (text: string) => text.replace(/[^\p{L}]/gu, "");
    fc.assert(
      fc.property(fc.array(fc.tuple(mark, word), { maxLength: 40 }), (pairs) => {
        const words = pairs.map(([, letter]) => letter).join("");
        expect(letters(markdownToText(pairs.flat().join("")))).toBe(letters(words));
      }),
      RUNS,
    );
  });
});

describe("markdownToText on hostile texts", () => {
  const repeat = (piece: string) => (length: number) => piece.repeat(Math.ceil(length / piece.length));
  const halves = (before: string, after: string) => (length: number) =>
    before.repeat(length / 2 / before.length) + after.repeat(length / 2 / after.length);
  const HOSTILE: Record<string, (length: number) => string> = {
    quotes: repeat(">"),
    "quotes and lists": repeat("> - "),
    "open brackets": repeat("["),
    "balanced brackets": halves("[", "]"),
    "links in links": repeat("[a]("),
    "nested images": halves("![", "](b)"),
    "open emphasis": repeat("**a *b "),
    backticks: (length) =>
      Array.from({ length: Math.sqrt(2 * length) }, (_, count) => `e${"`".repeat(count)}`).join(""),
    backslashes: repeat("\\"),
    "open tags": repeat("<a "),
    "links never closed": repeat('<a href="https://a.cn">'),
    comments: repeat("<!--"),
    "attributes of one tag": (length) => `<a ${"b".repeat(length)}>`,
    entities: repeat("&amp;"),
    addresses: repeat("http://a_b__c~~"),
    underscores: (length) => `http://a.cn/${"_".repeat(length)}`,
    "white space": (length) => `a${" ".repeat(length)}b`,
    "label of many lines": (length) => `[${"中\n".repeat(length / 2)}](https://a.cn)`,
    "lines of a quote": (length) => `${">".repeat(100)}a\n${"a\n".repeat(length / 2)}`,
    "table with a long header": (length) => `|${"h".repeat(length / 2)}|\n|-|\n${"|1\n".repeat(length / 6)}`,
    // The parser fills up missing cells, 65,536 at most.
    "wide table": (length) => `${"a|".repeat(length / 6)}\n${"-|".repeat(length / 6)}\n${"1|\n".repeat(length / 6)}`,
    "long definition": (length) => `${"[a] ".repeat(length / 8)}\n\n[a]: https://a.cn/${"b".repeat(length / 2)}`,
  };

  it.each(Object.entries(HOSTILE))("%s: the result grows with the text, not with its square", (_name, hostile) => {
    for (const length of [1_000, 100_000]) {
      expect(markdownToText(hostile(length)).length).toBeLessThan(12 * length + 20_000);
    }
  });

  // Short wide tables take as long as large ones, up to that number of cells.
  const { "wide table": _, ...others } = HOSTILE;
  it.each(Object.entries(others))("%s: so does the time", (_name, hostile) => {
    const [short, long] = [4_000, 32_000];
    const shortTexts = Array.from({ length: long / short }, () => hostile(short));
    const longText = hostile(long);
    const timeOf = (work: () => void) => {
      const start = performance.now();
      work();
      return performance.now() - start;
    };
    // Eight short texts against one eight times as long: 1 if time is linear, 8 if it is quadratic. The best of
    // several rounds, taken by turns, because the machine has other work.
    const ratios = Array.from({ length: 4 }, () => {
      const inParts = timeOf(() => {
        for (const text of shortTexts) markdownToText(text);
      });
      return timeOf(() => markdownToText(longText)) / inParts;
    });
    expect(Math.min(...ratios)).toBeLessThan(4);
  });
});
