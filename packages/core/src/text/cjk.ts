/** Chinese, Japanese and Korean characters with their punctuation and full-width forms, but no white space. */
const CJK = /^[\u2e80-\u2fff\u3001-\ua4cf\uac00-\ud7af\uf900-\ufaff\ufe30-\ufe4f\uff01-\uffef\u{20000}-\u{3ffff}]$/u;

/** Whether a character (of one code point) belongs to a script that is written without spaces between words. */
export const isCjk = (character: string): boolean => CJK.test(character);

/** The last character, whole even where it takes two code units; empty for an empty text. */
export const lastCharacter = (text: string): string => Array.from(text.slice(-2)).at(-1) ?? "";

/** The character that begins at `index`, whole even where it takes two code units; empty at the end. */
export function characterAt(text: string, index: number): string {
  const code = text.codePointAt(index);
  return code === undefined ? "" : String.fromCodePoint(code);
}
