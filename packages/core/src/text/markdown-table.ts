import { isCjk, lastCharacter } from "./cjk.js";
import type { Line } from "./markdown-blocks.js";
import type { Allowance } from "./markdown-inline.js";
import type { Block } from "./markdown-parser.js";

/**
 * A table as `header: value` lines, one blank line between rows: columns cannot line up in WeChat's font, and a row is
 * wider than a phone. Empty cells are left out. A table that would repeat its headers out of all proportion is written
 * row by row, with its bars.
 * @param parts the table's head and body
 * @param inline writes what is in a cell
 */
export function tableLines(
  parts: readonly Block[],
  inline: (children: readonly Block[]) => string,
  allowance: Allowance,
): Line[] {
  const [headers = [], ...rows] = parts
    .flatMap((part) => part.children)
    .map((row) => row.children.map((cell) => inline(cell.children).trim()));
  const labels = headers.map(labelOf);
  const filled = rows.map((row) =>
    row.flatMap((value, column) => (value === "" ? [] : [{ label: labels[column] ?? "", value }])),
  );
  const repeated = filled.flat().reduce((sum, { label }) => sum + label.length, 0);
  if (rows.length === 0 || !allowance.take(repeated)) return [headers, ...rows].flatMap(barred);
  return filled
    .filter((cells) => cells.length > 0)
    .map((cells) => cells.flatMap(({ label, value }) => toLines(label + value)))
    .flatMap((lines, index) => (index === 0 ? lines : [{ text: "" }, ...lines]));
}

const barred = (row: readonly string[]) =>
  toLines(row.slice(0, row.findLastIndex((cell) => cell !== "") + 1).join(" | "));

/** The header with the colon of its script. */
function labelOf(header: string): string {
  const name = header.replaceAll("\n", " ").replace(/[:：]$/, "");
  if (name === "") return "";
  return isCjk(lastCharacter(name)) ? `${name}：` : `${name}: `;
}

const toLines = (text: string) => text.split("\n").map((line) => ({ text: line.trim() }));
