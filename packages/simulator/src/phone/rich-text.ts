/** A piece of a text: words, or a link. Whoever shows it makes text nodes of the words. */
export interface TextPiece {
  readonly words: string;
  /** An http or https URL. */
  readonly url?: string;
}

const ANCHOR = /<a\s([^<>]*?)>(.*?)<\/a>/gs;
const HREF = /(?:^|\s)href\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/i;
/** WeChat makes links of addresses in a text. Ends before what is rather punctuation. */
const ADDRESS = /https?:\/\/[^\s<>"'，。；：！？、（）【】《》]+[^\s<>"'，。；：！？、（）【】《》.,;:!?)]/g;

/** Takes a text apart as WeChat shows it: `<a href>` and bare addresses are links, all else is plain, markup too. */
export function piecesOf(text: string): readonly TextPiece[] {
  return split(text, ANCHOR, ([, attributes = "", words = ""]) => {
    const href = HREF.exec(attributes)
      ?.slice(1)
      .find((part) => part !== undefined);
    const url = webUrl(href);
    return url === undefined ? { words } : { words, url };
  }).flatMap((piece) => (piece.plain === undefined ? [piece.found] : addresses(piece.plain)));
}

function addresses(text: string): readonly TextPiece[] {
  return split(text, ADDRESS, ([address]) => {
    const url = webUrl(address);
    return url === undefined ? { words: address } : { words: address, url };
  }).map((piece) => (piece.plain === undefined ? piece.found : { words: piece.plain }));
}

type Part = { readonly plain: string } | { readonly plain?: undefined; readonly found: TextPiece };

function split(text: string, pattern: RegExp, read: (match: RegExpExecArray) => TextPiece): readonly Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index > from) parts.push({ plain: text.slice(from, match.index) });
    parts.push({ found: read(match) });
    from = match.index + match[0].length;
  }
  if (from < text.length) parts.push({ plain: text.slice(from) });
  return parts;
}

/** The URL when it is one that a page may open: http or https, nothing that runs. */
export function webUrl(value: unknown): string | undefined {
  if (typeof value !== "string" || !URL.canParse(value)) return undefined;
  const { protocol, href } = new URL(value);
  return protocol === "http:" || protocol === "https:" ? href : undefined;
}
