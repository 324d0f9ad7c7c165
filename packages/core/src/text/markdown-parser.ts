import type { MarkdownIt, Token } from "markdown-it/browser";
import { tolerant } from "./markdown-emphasis.js";
import { markdownIt } from "./markdown-it.js";
import * as rules from "./markdown-rules.js";

/** A block with the blocks in it. */
export interface Block {
  readonly token: Token;
  readonly children: Block[];
}

/** What the inline tokens of a text refer to. */
export interface Markdown {
  readonly blocks: readonly Block[];
  /** The source by line, as the line numbers of the tokens count them. */
  readonly lines: readonly string[];
  /** Labels of link definitions that a link uses. */
  readonly usedDefinitions: ReadonlySet<string>;
  /** Labels of footnotes that have a text. */
  readonly footnotes: ReadonlySet<string>;
}

const FOOTNOTE_TEXT = /^[ \t>]*\[\^([^\][\s]+)\]:/gm;

const ENTITY = /&(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z][a-z\d]{1,31});/gi;

let parser: MarkdownIt | undefined;

/** Parses Markdown as models write it: GFM, with emphasis that works beside Chinese punctuation. */
export function parseMarkdown(markdown: string): Markdown {
  const source = markdown.replace(/\r\n?/g, "\n").replaceAll("\0", "\ufffd");
  parser ??= createParser();
  const tokens = parser.parse(source, {});
  return {
    blocks: tree(tokens),
    lines: source.split("\n"),
    usedDefinitions: usedLabels(tokens),
    footnotes: new Set(Array.from(source.matchAll(FOOTNOTE_TEXT), ([, label = ""]) => label)),
  };
}

/** Decodes HTML entities (`&amp;`), each once. */
export function decodeEntities(text: string): string {
  parser ??= createParser();
  const { unescapeAll } = parser.utils;
  return text.replace(ENTITY, (entity) => unescapeAll(entity));
}

function createParser(): MarkdownIt {
  const Parser = markdownIt();
  const md = new Parser("default", { html: true });
  // Underlined headings: a line of dashes under a paragraph mostly means a rule. HTML blocks: their text is Markdown, too.
  md.disable(["lheading", "reference", "html_block", "linkify", "replacements", "smartquotes"]);
  md.block.ruler.before("table", "too_deep", rules.tooDeep);
  md.block.ruler.before("reference", "link_definition", rules.linkDefinition);
  md.core.ruler.after("block", "surplus_cells", rules.surplusCells);
  md.inline.ruler.at("newline", rules.newline);
  md.inline.ruler.at("escape", rules.backslash);
  md.inline.ruler.before("text", "address", rules.address);
  md.inline.ruler.before("link", "citation", rules.citation);
  md.inline.State = tolerant(Parser.StateInline);
  // What leads where is decided when the link is written.
  md.validateLink = () => true;
  md.normalizeLink = (url) => url;
  md.normalizeLinkText = (url) => url;
  return md;
}

function tree(tokens: readonly Token[]): Block[] {
  const root: Block[] = [];
  const open = [root];
  for (const token of tokens) {
    if (token.nesting < 0) {
      open.pop();
      continue;
    }
    const block = { token, children: [] };
    open.at(-1)?.push(block);
    if (token.nesting > 0) open.push(block.children);
  }
  return root;
}

function usedLabels(tokens: readonly Token[]): Set<string> {
  const labels = new Set<string>();
  for (const { children } of tokens) {
    for (const { meta } of children ?? []) {
      if (typeof meta?.label === "string") labels.add(meta.label);
    }
  }
  return labels;
}
