// A run of backslashes counts from its first one; without the look-behind, long runs would take quadratic time.
const ESCAPE = /(?<!\\)(\\+)(r\\n|n|t)/g;

/**
 * Turns escape sequences that arrived as text (the two characters `\` and `n`, mostly from a form field or from double
 * escaping) into what they mean: `\n` and `\r\n` into a line break, which WeChat wants as 0x0A alone, `\t` into a tab.
 * A doubled backslash before them stands for itself: `\\n` becomes the two characters `\n`. All other backslashes stay.
 * A Windows path such as `C:\new` holds such a sequence too, so this is for texts whose author meant escapes.
 */
export function interpretEscapes(text: string): string {
  return text.replace(ESCAPE, (_match, backslashes: string, name: string) => {
    const literal = "\\".repeat(backslashes.length >> 1);
    if (backslashes.length % 2 === 0) return literal + (name === "r\\n" ? "r\n" : name);
    return literal + (name === "t" ? "\t" : "\n");
  });
}
