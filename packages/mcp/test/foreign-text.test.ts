import { describe, expect, it } from "vitest";
import { foreignText } from "../src/safety/foreign-text.js";

const MAX = 50;

describe("a follower's text", () => {
  it.each([
    ["plain words", "你好, what's up? 100% <a>&amp;"],
    ["line breaks and tabs", "one\n\ttwo"],
    ["emoji of several characters", "👩‍👩‍👧 ❤️ 👍🏽 🏳️‍🌈 1️⃣"],
    ["accents and Thai", "é ที่"],
  ])("keeps %s", (_, text) => {
    expect(foreignText(text, MAX)).toEqual({ text, truncated: false });
  });

  it.each([
    ["control characters", "a\u0000b\u001b[31mc\u009fd", "ab[31mcd"],
    ["zero-width characters", "a\u200bb\u200cc\u200dd\u2060e\ufefff", "abcdef"],
    ["bidi marks, overrides and isolates", "a\u202eb\u2066c\u200fd\u061ce", "abcde"],
    ["tag characters, in which text can hide", "a\u{e0069}\u{e0067}\u{e007f}b", "ab"],
    ["variation selectors, in which bytes can hide", "a\ufe00\ufe01\u{e0100}\u{e01ef}b", "ab"],
    ["emoji selectors that select nothing", "a\ufe0f\ufe0f😀\ufe0f\ufe0f", "a😀\ufe0f"],
    ["a soft hyphen and filler letters", "a\u00adb\u115fc\u3164d", "abcd"],
    ["half surrogates", "a\ud83db\udc4bc", "abc"],
    ["joiners that join no emoji", "😀\u200d a \u200d😀", "😀 a 😀"],
  ])("loses %s", (_, raw, text) => {
    expect(foreignText(raw, MAX)).toEqual({ text, truncated: false });
  });

  it.each(["\r\n", "\r", "\u2028", "\u2029", "\u0085"])("has %j as a plain line break", (lineBreak) => {
    expect(foreignText(`a${lineBreak}b`, MAX).text).toBe("a\nb");
  });

  it("is cut after so many characters, never in the midst of one, and says so", () => {
    expect(foreignText("😀".repeat(51), MAX)).toEqual({ text: `${"😀".repeat(50)}…`, truncated: true });
    expect(foreignText("😀".repeat(50), MAX)).toEqual({ text: "😀".repeat(50), truncated: false });
  });
});
