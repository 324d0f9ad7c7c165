import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "./tarballs.js";

/** A block between fences. */
export interface Block {
  /** The path of its page, and the line of its first fence. */
  readonly at: string;
  /** The first word behind the fence; a reader of the page sees it as the language. */
  readonly language: string;
  /** What follows that word, which no reader sees: what the tests do with the block. */
  readonly marks: readonly string[];
  readonly code: string;
}

export interface Heading {
  readonly level: number;
  /** As a reader sees it. */
  readonly text: string;
}

export interface Link {
  readonly at: string;
  readonly target: string;
  readonly image: boolean;
}

/** A Markdown file of the repository. */
export interface Page {
  /** From the repository's root. */
  readonly path: string;
  readonly text: string;
  readonly blocks: readonly Block[];
  readonly headings: readonly Heading[];
  readonly links: readonly Link[];
  /** Lines of tables, heads included. */
  readonly tableLines: number;
}

const SKIPPED = new Set(["node_modules", "dist", ".git", "coverage"]);

function* markdownFiles(folder = ""): Generator<string> {
  for (const entry of readdirSync(join(repository, folder), { withFileTypes: true })) {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory() && !SKIPPED.has(entry.name)) yield* markdownFiles(path);
    if (entry.isFile() && entry.name.endsWith(".md")) yield path;
  }
}

/** Every Markdown file of the repository. */
export const pages = (): readonly Page[] => [...markdownFiles()].sort().map((path) => readPage(path));

export const readPage = (path: string): Page => parsePage(path, readFileSync(join(repository, path), "utf8"));

const LINK = /(!?)\[(?:[^[\]]|\[[^\]]*\](?:\([^)]*\))?)*\]\(([^()\s]+(?:\([^()\s]*\))?)(?:\s+"[^"]*")?\)/g;

/** What begins a paragraph, a row or an item without an empty line before it. */
const BEGINNING = /^\s*(\||#{1,6} |[-*+] |\d+\. |>|`{3}|~{3})/;

/** A link or picture in HTML; one with a backslash before it is text. */
const HTML_LINK = /(?<!\\)<(a|img)\s[^>]*?\b(?:href|src)="([^"]+)"/g;

/** The links of a piece of text, which may begin on one line and end on another. */
function linksOf({ path, first, lines }: { path: string; first: number; lines: readonly string[] }): Link[] {
  // What stands in a code span is no link.
  const text = lines.join("\n").replace(/`[^`]*`/g, (code) => code.replace(/[^\n]/g, "`"));
  const at = (index: number) => `${path}:${first + text.slice(0, index).split("\n").length - 1}`;
  return [
    ...[...text.matchAll(LINK)].map(({ index, 1: bang, 2: target = "" }) => ({ index, target, image: bang === "!" })),
    ...[...text.matchAll(HTML_LINK)].map(({ index, 1: tag, 2: target = "" }) => ({
      index,
      target,
      image: tag === "img",
    })),
  ].map(({ index, ...link }) => ({ at: at(index), ...link }));
}

/** Tells what the tests look at; it is no whole Markdown parser. */
export function parsePage(path: string, text: string): Page {
  const blocks: Block[] = [];
  const headings: Heading[] = [];
  const links: Link[] = [];
  let tableLines = 0;
  let piece: { path: string; first: number; lines: string[] } = { path, first: 1, lines: [] };
  /** What comes now has nothing to do with what stood before. */
  const begin = (first: number) => {
    links.push(...linksOf(piece));
    piece = { path, first, lines: [] };
  };
  let open: { fence: string; at: string; words: string[]; indent: number; lines: string[] } | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    const at = `${path}:${index + 1}`;
    const [, indent = "", fence, info = ""] = /^(\s*)(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
    if (open) {
      if (fence?.startsWith(open.fence) && info.trim() === "") {
        const [language = "", ...marks] = open.words;
        blocks.push({ at: open.at, language, marks, code: open.lines.map((one) => `${one}\n`).join("") });
        open = undefined;
      } else open.lines.push(line.slice(open.indent));
      continue;
    }
    if (line.trim() === "" || BEGINNING.test(line)) begin(index + 1);
    if (fence !== undefined) {
      open = { fence, at, words: info.trim().split(/\s+/), indent: indent.length, lines: [] };
      continue;
    }
    const [, marks, title] = /^(#{1,6}) (.+)$/.exec(line) ?? [];
    if (marks !== undefined && title !== undefined) headings.push({ level: marks.length, text: shown(title) });
    if (/^\s*\|/.test(line)) tableLines++;
    piece.lines.push(line);
  }
  begin(0);
  if (open) throw new Error(`${open.at}: the block has no end`);
  return { path, text, blocks, headings, links, tableLines };
}

/** A heading without its Markdown. */
const shown = (title: string): string => title.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").replace(/[`*]/g, "");

/** The anchors of a page's headings, as GitHub makes them. */
export function anchorsOf({ headings }: Page): ReadonlySet<string> {
  const seen = new Map<string, number>();
  return new Set(
    headings.map(({ text }) => {
      const slug = text
        .toLowerCase()
        .replace(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, "")
        .replaceAll(" ", "-");
      const before = seen.get(slug) ?? 0;
      seen.set(slug, before + 1);
      return before === 0 ? slug : `${slug}-${before}`;
    }),
  );
}
