import type Parser from "markdown-it/browser";
import type { StateInline } from "markdown-it/browser";
import { characterAt, isCjk, lastCharacter } from "./cjk.js";

/**
 * Decides where emphasis may begin and end. CommonMark's rule looks for spaces around punctuation, which Chinese does
 * not write: it leaves the marks of `**注意：**请勿` visible. And arithmetic and kaomoji are no emphasis.
 */
export const tolerant = (State: typeof Parser.StateInline): typeof Parser.StateInline =>
  class TolerantState extends State {
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
  };

/** `>_<`, `-_-`, `^_^` */
const isFace = (before: string, after: string) => /[-^<>=.;]/.test(before) && /[-^<>=.;]/.test(after);

/** `2*3*4`, `(*^_^*)` */
const isFormula = (before: string, after: string) =>
  (/\d/.test(before) && /\d/.test(after)) || before === "^" || after === "^";

/** `a*b*c`, `长*宽*高`, `x**2`: such marks begin nothing, but `*R*ead` and `**R**ead` end there. */
const isFactor = (before: string, after: string, length: number) =>
  length === 1 ? LETTER.test(before) && LETTER.test(after) : /[a-z\d]/i.test(before) && /\d/.test(after);

const LETTER = /[\p{L}\p{N}]/u;
