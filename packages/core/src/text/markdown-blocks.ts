import type { Token } from "markdown-it/browser";
import { Allowance, inlineText } from "./markdown-inline.js";
import type { Block, Markdown } from "./markdown-parser.js";
import { tableLines } from "./markdown-table.js";

/** A line of the result. */
export interface Line {
  readonly text: string;
  /** Code: no list may indent it, for it is there to be copied. */
  readonly verbatim?: boolean;
}

const BLANK: Line = { text: "" };
const RULE: Line = { text: "──────────" };
const BULLET = "•";
/** One Chinese character wide. Spaces are so narrow in WeChat's font that two levels of them look alike. */
const INDENT = "\u3000";
const FOOTNOTE = /\[\^([^\][\s]+)\]/g;

/** Writes blocks as lines of text. */
export class BlockWriter {
  readonly #source: Markdown;
  readonly #allowance: Allowance;

  constructor(source: Markdown) {
    this.#source = source;
    this.#allowance = new Allowance(source.lines.reduce((sum, line) => sum + line.length + 1, 0));
  }

  /** @param quotes how many quotes are around the blocks; undefined at the root, where lines keep their indentation */
  write(blocks: readonly Block[], quotes?: number): Line[] {
    const lines: Line[] = [];
    let previous: Block | undefined;
    for (const block of blocks) {
      const own = this.#block(block, quotes);
      if (own.length === 0) continue;
      if (previous && this.#wantsBlank(previous, block)) lines.push(BLANK);
      for (const line of own) lines.push(line);
      previous = block;
    }
    return lines;
  }

  #block({ token, children }: Block, quotes: number | undefined): Line[] {
    const atRoot = quotes === undefined;
    switch (token.type) {
      case "heading_open":
        return this.#paragraph(children, "");
      case "paragraph_open":
        return this.#paragraph(children, atRoot ? leadingSpace(this.#lineOf(token)) : undefined);
      case "bullet_list_open":
        return this.#list(children, quotes ?? 0, () => BULLET);
      case "ordered_list_open":
        return this.#list(children, quotes ?? 0, numberer(children));
      case "blockquote_open":
        return this.#quote(token, children, (quotes ?? 0) + 1);
      case "table_open":
        return tableLines(children, this.#inline, this.#allowance);
      case "fence":
        return verbatim(token.content.split("\n"));
      case "code_block":
        return verbatim(atRoot ? this.#source.lines.slice(...(token.map ?? [])) : token.content.split("\n"));
      case "hr":
        return [RULE];
      case "link_definition":
        return this.#source.usedDefinitions.has(String(token.meta?.label)) ? [] : [{ text: token.content }];
      default:
        return [];
    }
  }

  /** A blank line where the author left one; before a heading, and never after it; around code and tables. */
  #wantsBlank(previous: Block, next: Block): boolean {
    if (next.token.type === "heading_open") return true;
    if (previous.token.type === "heading_open") return false;
    return isSetApart(previous) || isSetApart(next) || this.#followsBlank(next);
  }

  #followsBlank({ token }: Block): boolean {
    return /^[\s>]*$/.test(this.#source.lines[(token.map?.[0] ?? 0) - 1] ?? "");
  }

  #lineOf(token: Token): string {
    return this.#source.lines[token.map?.[0] ?? 0] ?? "";
  }

  /** @param indentation of the first line, where lines keep theirs; undefined where a list or quote gives them one */
  #paragraph(children: readonly Block[], indentation: string | undefined): Line[] {
    const lines = `${indentation ?? ""}${this.#inline(children)}`.split("\n");
    return withoutBlankEnds(indentation === undefined ? lines.map((line) => line.replace(/^[ \t]+/, "")) : lines);
  }

  readonly #inline = (children: readonly Block[]): string => {
    const text = children.map(({ token }) => inlineText(token.children ?? [], this.#allowance)).join("");
    const { footnotes } = this.#source;
    if (footnotes.size === 0) return text;
    return text.replace(FOOTNOTE, (mark, label: string) => (footnotes.has(label) ? `[${label}]` : mark));
  };

  #list(items: readonly Block[], quotes: number, markerOf: (item: Block, index: number) => string): Line[] {
    const lines: Line[] = [];
    for (const [index, item] of items.entries()) {
      if (index > 0 && (lines.at(-1)?.verbatim || this.#followsBlank(item))) lines.push(BLANK);
      for (const line of marked(markerOf(item, index), this.write(item.children, quotes))) lines.push(line);
    }
    return lines;
  }

  #quote(token: Token, children: readonly Block[], quotes: number): Line[] {
    // The author's own spacing: `> quote`, but `>_<` and `>>>`.
    const [markers = ""] = new RegExp(`^(?:[^>]*>){${quotes}}`).exec(this.#lineOf(token)) ?? [];
    const mark = /^[^\s]/.test(this.#lineOf(token).slice(markers.length)) ? ">" : "> ";
    const lines = this.write(children, quotes);
    return (lines.length === 0 ? [BLANK] : lines).map((line) => ({ ...line, text: `${mark}${line.text}` }));
  }
}

const leadingSpace = (line: string) => /^[ \t]*/.exec(line)?.[0] ?? "";

const isSetApart = ({ token }: Block) => token.type === "fence" || token.type === "table_open";

const verbatim = (lines: readonly string[]) => withoutBlankEnds(lines).map((line) => ({ ...line, verbatim: true }));

function withoutBlankEnds(lines: readonly string[]): Line[] {
  const isText = (line: string) => line.trim() !== "";
  const from = lines.findIndex(isText);
  return from < 0 ? [] : lines.slice(from, lines.findLastIndex(isText) + 1).map((text) => ({ text }));
}

/** The author's numbers; but `1. 1. 1.` is Markdown's way to leave counting to the program. */
function numberer(items: readonly Block[]): (item: Block, index: number) => string {
  const first = items[0]?.token.info;
  const counts = items.every(({ token }) => token.info === first);
  return ({ token }, index) => `${counts && index > 0 ? Number(first) + index : token.info}${token.markup}`;
}

/** The lines of a list item: the marker before the first, the others indented; a box instead of a task's bullet. */
function marked(marker: string, lines: readonly Line[]): Line[] {
  const [first, ...others] = lines;
  if (first === undefined) return [{ text: marker }];
  if (first.verbatim) return [{ text: marker }, ...lines];
  const [box = "", state] = /^\[([ x])\][ \t]+(?=\S)/i.exec(first.text) ?? [];
  const sign = state === undefined ? "" : state === " " ? "☐ " : "☑ ";
  const start = marker === BULLET && sign !== "" ? sign : `${marker} ${sign}`;
  return [
    { text: start + first.text.slice(box.length) },
    ...others.map((line) => (line.verbatim || line.text === "" ? line : { text: INDENT + line.text })),
  ];
}
