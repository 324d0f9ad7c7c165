import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { interpretEscapes } from "../src/text/escapes.js";

describe("interpretEscapes", () => {
  it("turns escapes that arrived as text into line breaks and tabs", () => {
    expect(interpretEscapes(String.raw`您好！\n订单已发货。\r\n谢谢\tA`)).toBe("您好！\n订单已发货。\n谢谢\tA");
  });

  it("leaves a doubled backslash as the way to write the two characters", () => {
    expect(interpretEscapes(String.raw`a\\nb`)).toBe(String.raw`a\nb`);
    expect(interpretEscapes(String.raw`a\\\nb`)).toBe("a\\\nb");
    expect(interpretEscapes(String.raw`a\\\\tb`)).toBe(String.raw`a\\tb`);
    expect(interpretEscapes(String.raw`a\\r\nb`)).toBe("a\\r\nb");
  });

  it("leaves every other backslash, and real line breaks, alone", () => {
    const text = "\\\\server\\share \\d \\r \\u4f60 \\\\ C:\\dir\\\nreal\r\nbreaks\t";
    expect(interpretEscapes(text)).toBe(text);
  });

  it("gives back any text whose backslashes before n and t were doubled", () => {
    const text = fc.string({ unit: fc.constantFrom("\\", "n", "r", "t", "\n", "你", "a") });
    fc.assert(
      fc.property(text, (original) => {
        const escaped = original.replace(/\\+(?=[nt])/g, (run) => run + run);
        expect(interpretEscapes(escaped)).toBe(original);
      }),
      { numRuns: 1000 },
    );
  });
});
