import type { CheckStatus } from "../diagnosis/check.js";
import type { Bilingual } from "../error-catalog.js";
import { isCjk } from "../text/cjk.js";
import type { Manner } from "./arguments.js";

/** Where the lines go. */
export interface Sheet {
  /** Columns; a line is not wider, unless a word is. */
  readonly width: number;
  readonly colours: boolean;
}

const MAX_WIDTH = 100;
const DEFAULT_WIDTH = 80;
/** Each with the number of its colour: green, yellow, red, grey. */
const MARKS: Readonly<Record<CheckStatus, readonly [mark: string, colour: number]>> = {
  ok: ["✓", 32],
  warning: ["!", 33],
  failed: ["✗", 31],
  skipped: ["–", 90],
};

/** What a stream can show. NO_COLOR: no-color.org. */
export function sheetOf(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): Sheet {
  const colours = stream.isTTY === true && !env.NO_COLOR && env.TERM !== "dumb";
  return { width: Math.min(MAX_WIDTH, (stream.isTTY && stream.columns) || DEFAULT_WIDTH), colours };
}

/** Lines of text in one language, wrapped below marks. */
export class Paper {
  readonly #sheet: Sheet;
  readonly #language: Manner["language"];
  readonly #lines: string[] = [];

  constructor(sheet: Sheet, language: Manner["language"]) {
    this.#sheet = sheet;
    this.#language = language;
  }

  /** A paragraph behind a mark. */
  marked(status: CheckStatus, text: Bilingual): this {
    const [mark, colour] = MARKS[status];
    const shown = this.#sheet.colours ? `\u001b[${colour}m${mark}\u001b[39m` : mark;
    return this.#paragraph(`${shown} `, 2, text);
  }

  /** What to do about the last paragraph. */
  remedy(text: Bilingual): this {
    return this.#paragraph("  → ", 4, text);
  }

  /** What else there is to the last paragraph. */
  note(text: Bilingual): this {
    return this.#paragraph("    ", 4, text);
  }

  /** WeChat's request id, where there is one. */
  rid(rid: string | undefined): this {
    return rid === undefined ? this : this.note({ en: `rid ${rid}`, zh: `rid ${rid}` });
  }

  /** A paragraph that begins at the left. */
  plain(text: Bilingual): this {
    return this.#paragraph("", 0, text);
  }

  toString(): string {
    return this.#lines.map((line) => `${line}\n`).join("");
  }

  #paragraph(head: string, indent: number, text: Bilingual): this {
    const lines = wrap(text[this.#language], this.#sheet.width - indent);
    this.#lines.push(...lines.map((line, index) => (index === 0 ? head : " ".repeat(indent)) + line));
    return this;
  }
}

/** A Chinese character keeps the punctuation that may not begin a line; other words stay whole. */
const PIECE = /\p{Script=Han}[，。；：、）」！？]*|[^\p{Script=Han}]+/gu;

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    for (const [index, piece] of (word.match(PIECE) ?? []).entries()) {
      const gap = index === 0 && line !== "" ? " " : "";
      if (line !== "" && columns(line + gap + piece) > width) {
        lines.push(line);
        line = piece;
      } else line += gap + piece;
    }
  }
  return [...lines, line];
}

/** Chinese characters take two columns. */
const columns = (text: string): number => [...text].reduce((sum, character) => sum + (isCjk(character) ? 2 : 1), 0);
