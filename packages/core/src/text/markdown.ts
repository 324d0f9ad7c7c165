import { finishTags } from "./links.js";
import { BlockWriter } from "./markdown-blocks.js";
import { parseMarkdown } from "./markdown-parser.js";

/**
 * Turns Markdown, as language models write it, into text that reads well in a WeChat message, which shows Markdown as
 * it is written: links become WeChat's `<a href="…">`, marks of emphasis and code go, lists get bullets, each row of a
 * table becomes `header: value` lines. Line breaks stay as written, at most one blank line at a time. A text without
 * Markdown comes out as it is, but for blank lines and for white space at the ends of lines.
 * The time it takes grows with the length of the text, whatever the text is; no text makes it throw.
 */
export function markdownToText(markdown: string): string {
  const source = parseMarkdown(markdown);
  const lines = new BlockWriter(source).write(source.blocks);
  return finishTags(withoutExtraBlanks(lines.map((line) => line.text.trimEnd())).join("\n"));
}

function withoutExtraBlanks(lines: readonly string[]): string[] {
  const last = lines.findLastIndex((line) => line !== "");
  return lines.filter((line, index) => line !== "" || (index < last && (lines[index - 1] ?? "") !== ""));
}
