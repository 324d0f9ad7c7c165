// The single-file build: loading it adds a few per cent to loading core, the one of many files about a quarter.
import Parser, { type MarkdownIt, type StateBlock, type StateInline, type Token } from "markdown-it/browser";
import { characterAt, isCjk, lastCharacter } from "./cjk.js";

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

/** Open blocks (a list counts twice) beyond which markup is plain text: no author nests deeper, a hostile text may. */
const MAX_DEPTH = 16;

/** A one-line link definition. Others stay visible: `[10:30]: hello` is no definition, and would vanish as one. */
const DEFINITION =
  /^\[(?!\^)([^[\]]+)\]:[ \t]*<?(https?:\/\/[^\s<>]+)>?(?:[ \t]+(?:"[^"]*"|'[^']*'|\([^()]*\)))?[ \t]*$/i;

const FOOTNOTE_TEXT = /^[ \t>]*\[\^([^\][\s]+)\]:/gm;

const ENTITY = /&(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z][a-z\d]{1,31});/gi;

/** Characters whose escaping an author needs. Before others a backslash stays: paths, regular expressions, formulas. */
const ESCAPABLE = new Set("!#$&()*+-<>[]_`{|}~");

/** The rest of an address behind `http` or `https`, without what ends it in Markdown. */
const ADDRESS = /:\/\/(?:[!#-%'()+-;=?-Z^_a-z{}~]|&(?![a-z#][a-z\d]{1,31};))+/iy;

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
  const md = new Parser("default", { html: true });
  // Underlined headings: a line of dashes under a paragraph mostly means a rule. HTML blocks: their text is Markdown, too.
  md.disable(["lheading", "reference", "html_block", "linkify", "replacements", "smartquotes"]);
  md.block.ruler.before("table", "too_deep", tooDeep);
  md.block.ruler.before("reference", "link_definition", linkDefinition);
  md.inline.ruler.at("newline", newline);
  md.inline.ruler.at("escape", backslash);
  md.inline.ruler.before("text", "address", address);
  md.inline.State = TolerantState;
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

function tooDeep(state: StateBlock, line: number): boolean {
  if (state.level < MAX_DEPTH) return false;
  state.push("paragraph_open", "p", 1).map = [line, line + 1];
  const inline = state.push("inline", "", 0);
  inline.content = state.getLines(line, line + 1, state.blkIndent, false).trim();
  inline.children = [];
  state.push("paragraph_close", "p", -1);
  state.line = line + 1;
  return true;
}

function linkDefinition(state: StateBlock, line: number): boolean {
  const source = state.src.slice((state.bMarks[line] ?? 0) + (state.tShift[line] ?? 0), state.eMarks[line]);
  const [, rawLabel = "", href = ""] = DEFINITION.exec(source) ?? [];
  const label = state.md.utils.normalizeReference(rawLabel);
  if (label === "") return false;
  state.env.references ??= {};
  state.env.references[label] ??= { title: "", href };
  const token = state.push("link_definition", "", 0);
  token.content = source;
  token.map = [line, line + 1];
  token.meta = { label };
  state.line = line + 1;
  return true;
}

/** Every line break is one: chats and models write lines, where Markdown would join them by a space. */
function newline(state: StateInline, silent: boolean): boolean {
  if (state.src[state.pos] !== "\n") return false;
  if (!silent) state.pending += "\n";
  state.pos++;
  return true;
}

function backslash(state: StateInline, silent: boolean): boolean {
  const { src, pos } = state;
  if (src[pos] !== "\\") return false;
  const next = src[pos + 1] ?? "";
  // `1\.` keeps a line from becoming a list; `C:\Users\me\.ssh` is a path.
  const consumed = next === "\n" || ESCAPABLE.has(next) || (next === "." && /\d/.test(src[pos - 1] ?? ""));
  const length = consumed || next === "\\" ? 2 : 1;
  if (!silent) state.pending += consumed ? next : src.slice(pos, pos + length);
  state.pos += length;
  return true;
}

/** Takes a bare address as it stands, so that `_` and `~` in it are no markup. */
function address(state: StateInline, silent: boolean): boolean {
  const { src, pos, posMax } = state;
  if (src[pos] !== ":" || !/https?$/i.test(src.slice(Math.max(0, pos - 5), pos))) return false;
  ADDRESS.lastIndex = pos;
  if (!ADDRESS.test(src)) return false;
  let end = Math.min(ADDRESS.lastIndex, posMax);
  while (end > pos + 1 && /[_~.,:;!?')]/.test(src[end - 1] ?? "")) end--;
  if (!silent) state.pending += src.slice(pos, end);
  state.pos = end;
  return true;
}

/**
 * Decides where emphasis may begin and end. CommonMark's rule looks for spaces around punctuation, which Chinese does
 * not write: it leaves the marks of `**注意：**请勿` visible. And arithmetic and kaomoji are no emphasis.
 */
class TolerantState extends Parser.StateInline {
  override scanDelims(start: number, canSplitWord: boolean): ReturnType<StateInline["scanDelims"]> {
    const scanned = super.scanDelims(start, canSplitWord);
    const { length } = scanned;
    const before = lastCharacter(this.src.slice(Math.max(0, start - 2), start));
    const after = start + length < this.posMax ? characterAt(this.src, start + length) : "";
    if (!canSplitWord) return isFace(before, after) ? { can_open: false, can_close: false, length } : scanned;
    const last = this.#kind(before);
    const next = this.#kind(after);
    const star = this.src[start] === "*";
    if (star && isFormula(before, after)) return { can_open: false, can_close: false, length };
    const opens = next === "letter" || next === "cjk" || (next === "punctuation" && last !== "letter");
    const closes = last === "letter" || last === "cjk" || (last === "punctuation" && next !== "letter");
    return { can_open: opens && !(star && isFactor(before, after, length)), can_close: closes, length };
  }

  #kind(character: string): "space" | "cjk" | "punctuation" | "letter" {
    const code = character.codePointAt(0);
    if (code === undefined || this.md.utils.isWhiteSpace(code)) return "space";
    if (isCjk(character)) return "cjk";
    return this.md.utils.isMdAsciiPunct(code) || this.md.utils.isPunctCharCode(code) ? "punctuation" : "letter";
  }
}

/** `>_<`, `-_-`, `^_^` */
const isFace = (before: string, after: string) => /[-^<>=.;]/.test(before) && /[-^<>=.;]/.test(after);

/** `2*3*4`, `(*^_^*)` */
const isFormula = (before: string, after: string) =>
  (/\d/.test(before) && /\d/.test(after)) || before === "^" || after === "^";

/** `a*b*c`, `长*宽*高`, `x**2`: such marks begin nothing, but `*R*ead` and `**R**ead` end there. */
const isFactor = (before: string, after: string, length: number) =>
  length === 1 ? LETTER.test(before) && LETTER.test(after) : /[a-z\d]/i.test(before) && /\d/.test(after);

const LETTER = /[\p{L}\p{N}]/u;
