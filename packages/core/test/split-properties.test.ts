import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WeChatValidationError } from "../src/errors.js";
import { splitText } from "../src/text/split.js";

/** What texts are made of where cutting is dangerous: graphemes of many code points, halves of them, tags and borders. */
const PIECE = fc.constantFrom(
  ..."a你。.!？”） \n\t<>é",
  ...["\r\n", "\n\n", "  ", "\u3000", ". ", "word ", "supercalifragilistic", "订单已发货，"],
  ...["😀", "👍🏽", "👩‍👩‍👧‍👦", "❤️", "1️⃣", "\u200d", "\ufe0f", "🏽"],
  ...["🇨🇳", "🇨", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"],
  ...["\u0301", "e\u0301\u0323", "q\u0307\u0323\u0301", "\u0600", "각", "ᄀ", "ᅡ", "ᆨ", "क्षि", "นี้"],
  ...[
    '<a href="https://a.cn/1">看这里</a>',
    "<a href='u'>v</a>",
    '<a href="',
    "<a ",
    '">',
    "</a>",
    "<A HREF=x>",
    "</A>",
  ],
);
const LONG_GRAPHEME = fc.constantFrom("👍🏽", "👩‍👩‍👧‍👦", "🇨🇳", "e\u0301\u0323", "\r\n", "각", "क्षि", "🏴󠁧󠁢󠁥󠁮󠁧󠁿");
/** Mostly short, some over several of the windows that the text is segmented in. */
const TEXT = fc
  .oneof(
    { weight: 8, arbitrary: fc.array(PIECE, { maxLength: 120 }) },
    { weight: 1, arbitrary: fc.array(PIECE, { minLength: 150, maxLength: 300, size: "max" }) },
    { weight: 1, arbitrary: fc.tuple(PIECE, fc.nat(700)).map(([piece, times]) => Array(times).fill(piece)) },
    { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 200 }).map((text) => [text]) },
    { weight: 1, arbitrary: fc.string({ unit: "grapheme", maxLength: 200 }).map((text) => [text]) },
  )
  .map((pieces) => pieces.join(""));
const LIMITS = fc.record({
  maxBytes: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 41, max: 400 })),
  maxParts: fc.oneof(fc.integer({ min: 1, max: 8 }), fc.constant(Number.MAX_SAFE_INTEGER)),
});
const RUNS = { numRuns: 1500 };

const bytes = (text: string) => Buffer.byteLength(text);
const SEGMENTER = new Intl.Segmenter("en", { granularity: "grapheme" });
const LINK_OR_TAG = /<a\s[^<>]*>[\s\S]*?<\/a>|<a\s[^<>]*>|<\/a>/gi;

/** Where the whole text may be cut, in code units: between graphemes and outside of links. */
function placesToCut(text: string): Set<number> {
  const places = new Set<number>([text.length]);
  for (const { index } of SEGMENTER.segment(text)) places.add(index);
  for (const { index, 0: tag } of text.matchAll(LINK_OR_TAG)) {
    for (let inside = index + 1; inside < index + tag.length; inside++) places.delete(inside);
  }
  return places;
}

/** The smallest things that a part can hold. */
function atomsOf(text: string): string[] {
  const places = [...placesToCut(text)].sort((a, b) => a - b);
  return places.slice(1).map((end, index) => text.slice(places[index], end));
}

/** How many parts there are if each holds as much as it can, without those of white space. */
function fullParts(atoms: readonly string[], maxBytes: number): number {
  let parts = 0;
  let held = 0;
  let blank = true;
  for (const atom of atoms) {
    const size = bytes(atom);
    if (held + size > maxBytes) {
      held = 0;
      blank = true;
    }
    held += size;
    if (blank && atom.trim() !== "") parts++;
    blank &&= atom.trim() === "";
  }
  return parts;
}

/** Each part's place in the text; what lies between them is white space. */
function placesOf(parts: readonly string[], text: string): { start: number; end: number }[] {
  let end = 0;
  const places = parts.map((part) => {
    const start = text.indexOf(part, end);
    if (start < 0 || text.slice(end, start).trim() !== "") expect.fail(`lost before a part: from ${end} to ${start}`);
    end = start + part.length;
    return { start, end };
  });
  expect(text.slice(end).trim(), "lost at the end").toBe("");
  return places;
}

/** Where parts begin or end inside of a grapheme, link or tag. */
function wrongCuts(parts: readonly string[], text: string): number[] {
  const allowed = placesToCut(text);
  return placesOf(parts, text)
    .flatMap(({ start, end }) => [start, end])
    .filter((place) => !allowed.has(place));
}

/** Runs `check` for every text that can be split; what cannot is another property's. */
function forSplitTexts(check: (parts: string[], text: string, maxBytes: number, maxParts: number) => void): void {
  let checked = 0;
  fc.assert(
    fc.property(TEXT, LIMITS, (text, { maxBytes, maxParts }) => {
      let parts: string[];
      try {
        parts = splitText(text, { maxBytes, maxParts });
      } catch (error) {
        expect(error).toBeInstanceOf(WeChatValidationError);
        return;
      }
      if (bytes(text) <= maxBytes) {
        expect(parts).toEqual([text]);
        return;
      }
      checked++;
      check(parts, text, maxBytes, maxParts);
    }),
    RUNS,
  );
  // About one in six and a half, give or take 14: a third of that is never reached by chance.
  expect(checked, "texts that were really split").toBeGreaterThan(RUNS.numRuns / 20);
}

describe("splitText, whatever the text and the limits", () => {
  it("gives parts within the limit, none blank, and not more than allowed", () => {
    forSplitTexts((parts, _, maxBytes, maxParts) => {
      for (const part of parts) expect(bytes(part)).toBeLessThanOrEqual(maxBytes);
      for (const part of parts) expect(part.trim()).not.toBe("");
      expect(parts.length).toBeLessThanOrEqual(maxParts);
    });
  });

  it("loses nothing but parts of white space", () => {
    forSplitTexts((parts, text) => void placesOf(parts, text));
  });

  it("cuts no grapheme of the whole text, no link and no tag", () => {
    forSplitTexts((parts, text) => expect(wrongCuts(parts, text)).toEqual([]));
  });

  it("cuts no grapheme where the windows end that a long text is segmented in", () => {
    const long = fc
      .tuple(fc.nat(512), fc.constantFrom("", "a", "你"), LONG_GRAPHEME)
      .map(([before, ...pair]) => "a".repeat(before) + pair.join("").repeat(200));
    const everywhere = fc.property(long, (text) => {
      // As small as can be: almost every place is a cut.
      const maxBytes = Math.max(...atomsOf(text).map(bytes));
      expect(wrongCuts(splitText(text, { maxBytes, maxParts: Number.MAX_SAFE_INTEGER }), text)).toEqual([]);
    });
    fc.assert(everywhere, { numRuns: 200 });
  });

  it("gives parts that joined are the text, where no white space is long enough to be a part", () => {
    const piece = PIECE.filter((text) => text.trim() !== "" && !/^\s|\s$/.test(text));
    const spaced = fc.tuple(piece, fc.constantFrom("", "", " ", "\n", "\n\n", " \n"));
    const texts = fc
      .array(spaced, { minLength: 50, maxLength: 150, size: "max" })
      .map((all) => `${all.flat().join("")}x`);
    const joined = fc.property(texts, fc.integer({ min: 400, max: 800 }), (text, maxBytes) => {
      fc.pre(!atomsOf(text).some((atom) => bytes(atom) > maxBytes / 8));
      expect(splitText(text, { maxBytes, maxParts: Number.MAX_SAFE_INTEGER }).join("")).toBe(text);
    });
    fc.assert(joined, { numRuns: 100 });
  });

  it("refuses exactly what does not fit: too many full parts, or one grapheme or tag above the limit", () => {
    let refused = 0;
    fc.assert(
      fc.property(TEXT, LIMITS, (text, { maxBytes, maxParts }) => {
        const atoms = bytes(text) > maxBytes ? atomsOf(text) : [];
        const tooLong = bytes(text) > maxBytes * maxParts || fullParts(atoms, maxBytes) > maxParts;
        const tooLarge = atoms.some((atom) => bytes(atom) > maxBytes);
        const split = () => splitText(text, { maxBytes, maxParts });
        if (!tooLong && !tooLarge) return void split();
        refused++;
        expect(split).toThrow(WeChatValidationError);
        expect(split).toThrow(tooLong ? /^text: / : /^text: a single link or character of \d+ bytes/);
      }),
      RUNS,
    );
    expect(refused).toBeGreaterThan(RUNS.numRuns / 8);
  });
});
