import { type Bilingual, fill as fillIn } from "../bilingual.js";
import { WeChatValidationError, wrong } from "../errors.js";

/** How far a text may be split. */
export interface SplitOptions {
  /** UTF-8 bytes that a part holds at most. Default 2048: the official page names no number, this is what SDKs use. */
  readonly maxBytes?: number;
  /** Parts at most. Default 5, the replies that one message of a follower opens (官方文档 客服消息介绍). */
  readonly maxParts?: number;
}

export const MAX_TEXT_BYTES = 2048;
export const MAX_TEXT_PARTS = 5;

const PIECE_TOO_LARGE: Bilingual = {
  en: "a single link or character of {bytes} bytes is above the limit of {maxBytes} bytes a message",
  zh: "单个链接或字符有 {bytes} 字节，超过每条消息 {maxBytes} 字节的上限",
};
const TOO_LONG: Bilingual = {
  en: "{bytes} bytes need {needed} messages of {maxBytes} bytes; at most {maxParts} can be sent",
  zh: "共 {bytes} 字节，需要 {needed} 条 {maxBytes} 字节的消息，最多只能发送 {maxParts} 条",
};
const SHORTEN: Bilingual = {
  en: "Shorten the text, or send it as several messages as the follower answers.",
  zh: "请缩短文本，或等用户回复后分多次发送。",
};
const SHORTEN_PIECE: Bilingual = {
  en: "Shorten the link or the run of combined characters; it cannot be cut without breaking it.",
  zh: "请缩短该链接或组合字符；切开会破坏其内容。",
};

/** What must not be cut: a grapheme, a whole `<a …>…</a>`, or one of its tags that stands alone. */
interface Piece {
  readonly text: string;
  readonly bytes: number;
}

/** Places for a cut, the best first. */
type Border = "paragraph" | "sentence" | "word";

/** Made when the first text is split, because they cost several milliseconds. */
let segmenters: { readonly graphemes: Intl.Segmenter; readonly words: Intl.Segmenter } | undefined;
function segmenting() {
  segmenters ??= {
    graphemes: new Intl.Segmenter(undefined, { granularity: "grapheme" }),
    words: new Intl.Segmenter("zh", { granularity: "word" }),
  };
  return segmenters;
}

/**
 * Splits a text into parts that WeChat accepts, without cutting a grapheme or an `<a …>…</a>`, at the end of a
 * paragraph, else of a sentence, else of a word. Nothing is left out: the parts joined are the text, except that a part of
 * nothing but white space is dropped. If the borders ask for more parts than allowed, the parts are filled to the
 * limit instead.
 * @throws WeChatValidationError field `text`, if it does not fit, or a single grapheme or tag is above the limit
 */
export function splitText(
  text: string,
  { maxBytes = MAX_TEXT_BYTES, maxParts = MAX_TEXT_PARTS }: SplitOptions = {},
): string[] {
  if (Buffer.byteLength(text) <= maxBytes) return [text];
  // More than this cannot fit, whatever the cuts: no need to look at a megabyte in detail.
  const least = Math.ceil(Buffer.byteLength(text) / maxBytes);
  if (least > maxParts) throw tooLong(text, least, maxBytes, maxParts);
  const pieces = piecesOf(text);
  const tooLarge = pieces.find((piece) => piece.bytes > maxBytes);
  if (tooLarge) {
    const problem = fillIn(PIECE_TOO_LARGE, { bytes: tooLarge.bytes, maxBytes });
    throw new WeChatValidationError([wrong("text", problem, SHORTEN_PIECE)]);
  }
  const atBorders = cut(pieces, maxBytes, lastGoodBorder);
  if (atBorders.length <= maxParts) return atBorders;
  const filled = cut(pieces, maxBytes, fill);
  if (filled.length <= maxParts) return filled;
  throw tooLong(text, filled.length, maxBytes, maxParts);
}

function tooLong(text: string, needed: number, maxBytes: number, maxParts: number): WeChatValidationError {
  const problem = fillIn(TOO_LONG, { bytes: Buffer.byteLength(text), needed, maxBytes, maxParts });
  return new WeChatValidationError([wrong("text", problem, SHORTEN)]);
}

function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  const tags = tagsOf(text);
  let tag = tags.next().value;
  let whole = 0; // what begins before here belongs to the piece under way
  let end = 0;
  let piece = "";
  for (const grapheme of graphemesOf(text)) {
    piece += grapheme;
    end += grapheme.length;
    // A grapheme may reach into a tag or out of it: a combining mark after `</a>` belongs to the `>`.
    for (; tag && tag.start < end; tag = tags.next().value) whole = tag.end;
    if (end < whole) continue;
    pieces.push({ text: piece, bytes: Buffer.byteLength(piece) });
    piece = "";
  }
  return pieces;
}

/** Every `<a …>…</a>`, and every tag that has no partner, in order. */
function* tagsOf(text: string): Generator<{ start: number; end: number }, undefined> {
  const tag = /<a\s[^<>]*>|<\/a>/gi;
  const close = /<\/a>/gi;
  let closes = true;
  for (let found = tag.exec(text); found; found = tag.exec(text)) {
    if (closes && !found[0].startsWith("</")) {
      close.lastIndex = tag.lastIndex;
      closes = close.test(text);
      if (closes) tag.lastIndex = close.lastIndex;
    }
    yield { start: found.index, end: tag.lastIndex };
  }
}

/** Code units that are segmented at a time: on Node 20 the time of Intl.Segmenter grows with the square of the text. */
const WINDOW = 512;

function* graphemesOf(text: string): Generator<string> {
  const { graphemes } = segmenting();
  let size = WINDOW;
  for (let start = 0; start < text.length; ) {
    let end = start + size;
    if (end < text.length && /[\ud800-\udbff]/.test(text.charAt(end - 1))) end++;
    const segments = Array.from(graphemes.segment(text.slice(start, end)), ({ segment }) => segment);
    // The last one may go on behind the window.
    if (end < text.length) segments.pop();
    // A grapheme may be longer than the window.
    size = segments.length === 0 ? size * 2 : WINDOW;
    for (const segment of segments) {
      yield segment;
      start += segment.length;
    }
  }
}

/** Where to end a part that begins at `from` and could reach to `full`: an index behind its last piece. */
type EndOf = (pieces: readonly Piece[], from: number, full: number) => number;

function cut(pieces: readonly Piece[], maxBytes: number, endOf: EndOf): string[] {
  const parts: string[] = [];
  for (let from = 0; from < pieces.length; ) {
    let full = from;
    let bytes = 0;
    for (let piece = pieces[full]; piece && bytes + piece.bytes <= maxBytes; piece = pieces[++full])
      bytes += piece.bytes;
    const to = full === pieces.length ? full : endOf(pieces, from, full);
    const part = textOf(pieces, from, to);
    if (part.trim() !== "") parts.push(part);
    from = to;
  }
  return parts;
}

const textOf = (pieces: readonly Piece[], from: number, to: number) =>
  pieces
    .slice(from, to)
    .map((piece) => piece.text)
    .join("");

const fill: EndOf = (_pieces, _from, full) => full;

/** The last paragraph border in the second half of the part; else the last sentence border there; else of a word. */
const lastGoodBorder: EndOf = (pieces, from, full) => {
  const half = from + Math.ceil((full - from) / 2);
  const last: { [border in Border]?: number } = {};
  for (let end = full; end >= half && last.paragraph === undefined; end--) {
    const border = borderBefore(pieces, end);
    if (border) last[border] ??= end;
  }
  return last.paragraph ?? last.sentence ?? last.word ?? lastWordBorder(pieces, from, half, full);
};

const SENTENCE_END = /^[。！？…；!?]/;
const CLOSING = /^[”’」』）)]/;

/** What kind of border lies between piece `end - 1` and piece `end`. White space stays with what is before it. */
function borderBefore(pieces: readonly Piece[], end: number): Border | undefined {
  const before = pieces[end - 1]?.text ?? "";
  const after = pieces[end]?.text ?? "";
  if (/^\s/.test(after)) return undefined;
  if (before.includes("\n")) return "paragraph";
  // A closing quote or bracket belongs to the sentence before it.
  const last = CLOSING.test(before) ? (pieces[end - 2]?.text ?? "") : before;
  if (SENTENCE_END.test(last) && !SENTENCE_END.test(after) && !CLOSING.test(after)) return "sentence";
  if (/\s$/.test(before)) return /[.!?;]$/.test(pieces[end - 2]?.text ?? "") ? "sentence" : "word";
  return undefined;
}

/** For scripts without spaces: the last border in the second half between two words as Unicode sees them. */
function lastWordBorder(pieces: readonly Piece[], from: number, half: number, full: number): number {
  const text = textOf(pieces, from, full + 1);
  const starts = new Set<number>();
  for (const { index } of segmenting().words.segment(text)) starts.add(index);
  let offset = text.length;
  for (let end = full; end >= half; end--) {
    offset -= pieces[end]?.text.length ?? 0;
    if (starts.has(offset)) return end;
  }
  return full;
}
