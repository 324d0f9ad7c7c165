import { type Refusal, refuse } from "./errors.js";

/**
 * Checks the `<a>` tags of a text: each needs an `href`, an end tag and some text (40213, 40214), and a mini program
 * it opens must be linked to the account (45086). How exactly WeChat parses is not public; other `<` are plain text.
 */
export function checkAnchors(text: string, linkedMiniPrograms: readonly string[]): Refusal | undefined {
  let from = 0;
  for (;;) {
    const start = indexOfOpening(text, from);
    if (start < 0) return undefined;
    const tagEnd = endOfTag(text, start);
    if (tagEnd < 0) return refuse(40213);
    const attributes = readAttributes(text.slice(start + 2, tagEnd));
    if ((attributes.get("href") ?? "") === "") return refuse(40213);
    const miniProgram = attributes.get("data-miniprogram-appid");
    if (miniProgram !== undefined && !linkedMiniPrograms.includes(miniProgram)) return refuse(45086);
    const close = text.indexOf("</a>", tagEnd);
    const next = indexOfOpening(text, tagEnd);
    if (close < 0 || (next >= 0 && next < close)) return refuse(40213);
    if (text.slice(tagEnd + 1, close).trim() === "") return refuse(40214);
    from = close + "</a>".length;
  }
}

function indexOfOpening(text: string, from: number): number {
  for (let at = text.indexOf("<a", from); at >= 0; at = text.indexOf("<a", at + 2)) {
    if (/[\s>]/.test(text.charAt(at + 2))) return at;
  }
  return -1;
}

/** The index of the `>` that ends the tag, not counting those inside quotes; -1 when there is none. */
function endOfTag(text: string, start: number): number {
  let quote = "";
  for (let i = start; i < text.length; i++) {
    const char = text.charAt(i);
    if (quote !== "") {
      if (char === quote) quote = "";
    } else if (char === '"' || char === "'") quote = char;
    else if (char === ">") return i;
  }
  return -1;
}

function readAttributes(tag: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const match of tag.matchAll(/([a-z-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"']+))/gi)) {
    const [, name = "", double, single, bare] = match;
    found.set(name.toLowerCase(), (double ?? single ?? bare ?? "").trim());
  }
  return found;
}
