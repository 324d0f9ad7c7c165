import { characterAt, isCjk, lastCharacter } from "./cjk.js";

/**
 * Stands for the `<` of a tag that we write, until {@link finishTags}: the parser replaces every NUL of the source, so
 * no text can forge it.
 */
const OWN_TAG = "\0";

const WEB = /^https?:\/\/[^\s/?#]/i;
/** WeChat's link that sends a text back as if the follower had typed it; widely used, though not on the official page. */
const MENU = /^weixin:\/\/bizmsgmenu\?/i;
const READABLE_SCHEME = /^(?:mailto|tel):/i;

/** A link as a text message can carry it. */
export interface Link {
  /** What the link shows; it may hold line breaks. */
  readonly label: string;
  readonly url: string;
  /** Attributes besides href, already safe, each with a space before it. */
  readonly attributes?: string;
}

/** The link as WeChat's `<a>` if it leads to the web; else its text with the address behind it. */
export function linkText({ label, url, attributes = "" }: Link): string {
  const text = oneLine(label);
  if (isOpenable(url)) {
    if (text === "" || text === url || `${text}/` === url) return text || safeAttribute(url);
    return `${OWN_TAG}a href="${safeAttribute(url)}"${attributes}>${safeLabel(text)}${OWN_TAG}/a>`;
  }
  if (url === "" || url.startsWith("#")) return text;
  // `list[i](n)` in a text that is no Markdown: what is in brackets is no address.
  if (!/[/.:@?]/.test(url)) return `[${label}](${url})`;
  const address = url.replace(READABLE_SCHEME, "");
  if (text === "" || text === address) return address;
  return isCjk(lastCharacter(text)) ? `${text}（${address}）` : `${text} (${address})`;
}

/** Whether WeChat opens it: a web address, or its own menu link. */
const isOpenable = (url: string) => (WEB.test(url) && URL.canParse(safeAttribute(url))) || MENU.test(url);

/** Percent-encodes what could end the attribute, and what a URL does not hold raw. */
export function safeAttribute(value: string): string {
  return value
    .toWellFormed()
    .replace(/[^\x21-\x7e]|["'<>`\\]/gu, (character) => (character === "'" ? "%27" : encodeURIComponent(character)));
}

/** Inside a tag, angle brackets become their full-width forms, which no tag parser reads. */
const safeLabel = (label: string) => label.replaceAll("<", "＜").replaceAll(">", "＞");

/** Joins lines by a space, or by nothing between two characters of a script without spaces. */
export function oneLine(text: string): string {
  const lines = text.split("\n").map((line) => line.trim());
  const words = lines.filter((line) => line !== "");
  return words.map((word, index) => separator(words[index - 1] ?? "", word) + word).join("");
}

const separator = (before: string, after: string) =>
  before === "" || (isCjk(lastCharacter(before)) && isCjk(characterAt(after, 0))) ? "" : " ";

/** Makes every `<a` and `</a` that is not ours harmless (WeChat would read it as a tag), and ours real. */
export function finishTags(text: string): string {
  return text.replace(/<(?=\/?a(?![a-z0-9]))/gi, "＜").replaceAll(OWN_TAG, "<");
}
