import type { Token } from "markdown-it/browser";
import { linkText, oneLine, safeAttribute } from "./links.js";
import { decodeEntities } from "./markdown-parser.js";

/** Lets what the source says once be written many times, but not so often that the text grows out of proportion. */
export class Allowance {
  #left: number;

  constructor(sourceLength: number) {
    this.#left = 10_000 + 4 * sourceLength;
  }

  /** Whether this many more characters may be written. */
  take(characters: number): boolean {
    if (characters > this.#left) return false;
    this.#left -= characters;
    return true;
  }
}

/** A link whose label is being read. */
interface OpenLink {
  label: string;
  readonly url: string;
  readonly attributes?: string;
  /** What opened it: an `<a>` of the source, a link that holds its address, or one that refers to a definition. */
  readonly kind: "html" | "inline" | "reference";
}

/** Tags to remove that stand between lines. */
const BLOCK_TAGS = new Set(
  (
    "address article aside blockquote br caption center dd details div dl dt fieldset figcaption figure footer form " +
    "h1 h2 h3 h4 h5 h6 head header hr html main nav ol p pre script section style summary table tbody tfoot thead tr ul"
  ).split(" "),
);
/** Tags to remove that stand within a line. Other words in angle brackets are text: `<name>`, `List<String>`. */
const INLINE_TAGS = new Set(
  (
    "abbr audio b bdi bdo big body button canvas cite code col colgroup del dfn em font i iframe input ins kbd mark " +
    "meta picture q rp rt ruby s samp select small span strike strong sub sup svg tt u video wbr"
  ).split(" "),
);
const CELL_TAGS = new Set(["td", "th"]);

const TAG = /^<(\/?)([a-z][a-z\d-]*)/i;
const ATTRIBUTE = /([a-z_:][\w:.-]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?/gi;

/** The inline tokens of one block as text, with links as WeChat knows them. */
export function inlineText(tokens: readonly Token[], allowance: Allowance): string {
  let text = "";
  let link: OpenLink | undefined;
  const add = (piece: string) => {
    if (link) link.label += piece;
    else text += piece;
  };
  const endLink = (complete: boolean) => {
    if (!link) return;
    // `…[1]` refers to a source: without its brackets the number would run into the text.
    if (link.kind === "reference" && /^\d+$/.test(link.label)) link.label = `[${link.label}]`;
    text += complete ? linkText(link) : link.label;
    link = undefined;
  };
  const addImage = (alt: string, url: string) => add(link ? oneLine(alt) : linkText({ label: alt, url }));
  const addTag = (content: string) => {
    const [, closing, name] = TAG.exec(content.toLowerCase()) ?? [];
    if (name === undefined) add(content.startsWith("<!--") ? "" : content);
    else if (name === "a") {
      if (closing) {
        if (link?.kind === "html") endLink(true);
      } else if (link === undefined || link.kind === "html") {
        endLink(false);
        link = { label: "", kind: "html", ...target(attributesOf(content)) };
      }
    } else if (name === "img") {
      const { alt = "", src = "" } = attributesOf(content);
      addImage(alt, src);
    } else if (name === "li") add(closing ? "" : "\n• ");
    else if (CELL_TAGS.has(name)) add(closing ? " " : "");
    else if (BLOCK_TAGS.has(name)) add("\n");
    else if (!INLINE_TAGS.has(name)) add(content);
  };

  for (const token of tokens) {
    switch (token.type) {
      case "link_open": {
        endLink(false);
        const url = String(token.attrGet("href") ?? "");
        const kind = token.meta?.label === undefined ? "inline" : "reference";
        link = { label: "", kind, url: kind === "reference" && !allowance.take(url.length) ? "" : url };
        break;
      }
      case "link_close":
        endLink(true);
        break;
      case "image":
        addImage(plainText(token.children ?? []), String(token.attrGet("src") ?? ""));
        break;
      case "html_inline":
        addTag(token.content);
        break;
      default:
        add(token.content);
    }
  }
  endLink(false);
  return text;
}

/** Text without links, for what is a link already. */
function plainText(tokens: readonly Token[]): string {
  return tokens
    .map(({ type, content, children }) =>
      type === "image" ? plainText(children ?? []) : type === "html_inline" ? "" : content,
    )
    .join("");
}

function attributesOf(tag: string): Partial<Record<string, string>> {
  const attributes: Partial<Record<string, string>> = Object.create(null);
  for (const [, name = "", double, single, bare] of tag.replace(TAG, "").matchAll(ATTRIBUTE)) {
    const value = double ?? single ?? bare ?? "";
    attributes[name.toLowerCase()] ??= decodeEntities(value);
  }
  return attributes;
}

/** Where an `<a>` leads, with what WeChat reads in it: a link may open a mini program. */
function target(attributes: Partial<Record<string, string>>): { readonly url: string; readonly attributes: string } {
  const miniProgram = ["data-miniprogram-appid", "data-miniprogram-path"] as const;
  return {
    url: attributes.href?.trim() ?? "",
    attributes: miniProgram
      .map((name) => (attributes[name] === undefined ? "" : ` ${name}="${safeAttribute(attributes[name])}"`))
      .join(""),
  };
}
