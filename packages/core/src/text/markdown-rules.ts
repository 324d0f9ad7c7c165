// Where this project's Markdown differs from markdown-it's: rules for its parser.
import type { StateBlock, StateCore, StateInline, Token } from "markdown-it/browser";

/** Open blocks (a list counts twice) beyond which markup is plain text: no author nests deeper, a hostile text may. */
const MAX_DEPTH = 16;

/** A one-line link definition. Others stay visible: `[10:30]: hello` is no definition, and would vanish as one. */
const DEFINITION =
  /^\[(?!\^)([^[\]]+)\]:[ \t]*<?(https?:\/\/[^\s<>]+)>?(?:[ \t]+(?:"[^"]*"|'[^']*'|\([^()]*\)))?[ \t]*$/i;

/** Characters whose escaping an author needs. Before others a backslash stays: paths, regular expressions, formulas. */
const ESCAPABLE = new Set("!#$&()*+-<>[]_`{|}~");

/** The rest of an address behind `http` or `https`, without what ends it in Markdown. */
const ADDRESS = /:\/\/(?:[!#-%'()+-;=?-Z^_a-z{}~]|&(?![a-z#][a-z\d]{1,31};))+/iy;

const CITATION = /\[(\d{1,4})\](?!\()/y;

/** Text that lies too deep, line by line. */
export function tooDeep(state: StateBlock, line: number): boolean {
  if (state.level < MAX_DEPTH) return false;
  state.push("paragraph_open", "p", 1).map = [line, line + 1];
  const inline = state.push("inline", "", 0);
  inline.content = state.getLines(line, line + 1, state.blkIndent, false).trim();
  inline.children = [];
  state.push("paragraph_close", "p", -1);
  state.line = line + 1;
  return true;
}

/** `[label]: https://…`; the token keeps the line, in case that no link uses it. */
export function linkDefinition(state: StateBlock, line: number): boolean {
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
export function newline(state: StateInline, silent: boolean): boolean {
  if (state.src[state.pos] !== "\n") return false;
  if (!silent) state.pending += "\n";
  state.pos++;
  return true;
}

/** Takes a backslash away before what Markdown gives a meaning. */
export function backslash(state: StateInline, silent: boolean): boolean {
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
export function address(state: StateInline, silent: boolean): boolean {
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

/** `[1][2]` are two sources; Markdown would read the text "1" that leads to the second. */
export function citation(state: StateInline, silent: boolean): boolean {
  CITATION.lastIndex = state.pos;
  const label = CITATION.exec(state.src)?.[1];
  const reference = label === undefined ? undefined : state.env.references?.[label];
  if (label === undefined || !reference || CITATION.lastIndex > state.posMax) return false;
  if (!silent) {
    const open = state.push("link_open", "a", 1);
    open.attrs = [["href", reference.href]];
    open.meta = { label };
    state.push("text", "", 0).content = label;
    state.push("link_close", "a", -1);
  }
  state.pos = CITATION.lastIndex;
  return true;
}

/** A row with more cells than the table has columns, mostly for a bar in its text: the last cell gets the rest. */
export function surplusCells(state: StateCore): void {
  const lines = state.src.split("\n");
  let columns = 0;
  let row: Token | undefined;
  let last: Token | undefined;
  for (const token of state.tokens) {
    if (token.type === "table_open") columns = 0;
    else if (token.type === "th_open") columns++;
    else if (token.type === "tr_open") row = token;
    else if (token.type === "inline") last = token;
    else if (token.type === "tr_close" && row && last) {
      const cells = cellsOf(lines[row.map?.[0] ?? 0] ?? "");
      if (cells.length > columns)
        last.content = cells
          .slice(columns - 1)
          .join("|")
          .replaceAll("\\|", "|")
          .trim();
    }
  }
}

function cellsOf(line: string): string[] {
  const cells = line
    .replace(/^[\s>]+/, "")
    .trimEnd()
    .split(/(?<!\\)\|/);
  if (cells[0] === "") cells.shift();
  if (cells.at(-1) === "") cells.pop();
  return cells;
}
