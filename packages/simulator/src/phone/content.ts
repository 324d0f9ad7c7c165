import type { DeliveredMessage, PhoneLine } from "../ledger.js";

export interface Article {
  readonly title: string;
  readonly description: string;
  readonly url: string;
  readonly picture: string;
}

/** What a bubble shows. */
export type Content =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "picture"; readonly mediaId: string }
  | { readonly kind: "voice"; readonly mediaId: string; readonly recognition: string }
  | { readonly kind: "video"; readonly mediaId: string; readonly title: string; readonly description: string }
  | { readonly kind: "music"; readonly title: string; readonly description: string; readonly url: string }
  | { readonly kind: "news"; readonly articles: readonly Article[] }
  | { readonly kind: "menu"; readonly head: string; readonly items: readonly MenuItem[]; readonly tail: string }
  | { readonly kind: "mini-program"; readonly title: string; readonly page: string; readonly thumb: string }
  | { readonly kind: "template"; readonly text: string; readonly url: string }
  | { readonly kind: "place"; readonly label: string; readonly latitude: number; readonly longitude: number }
  | { readonly kind: "link"; readonly title: string; readonly description: string; readonly url: string }
  /** What only the account's own material would show. */
  | { readonly kind: "material"; readonly type: "mpnews" | "mpnewsarticle" | "wxcard"; readonly id: string }
  | { readonly kind: "unknown"; readonly type: string };

export interface MenuItem {
  readonly id: string;
  readonly words: string;
}

type Fields = Readonly<Record<string, unknown>>;
type Reader = (fields: Fields) => Content;

/** A message of the account: sent by a call, in the API's spelling, or a passive reply, in that of the callback. */
export function contentOf({ msgtype, text, body, via }: DeliveredMessage): Content {
  if (msgtype === "template") return { kind: "template", text: text ?? "", url: string(body.url) };
  if (msgtype === "text") return { kind: "text", text: text ?? "" };
  const read = via === "passive-reply" ? PASSIVE[msgtype] : CALLED[msgtype];
  return read?.(via === "passive-reply" ? body : object(body[msgtype])) ?? { kind: "unknown", type: msgtype };
}

/** What the follower sent. */
export function contentOfLine({ text, body = {} }: PhoneLine): Content {
  return SENT[string(body.MsgType)]?.(body) ?? { kind: "text", text };
}

const CALLED: Readonly<Record<string, Reader>> = {
  image: ({ media_id }) => ({ kind: "picture", mediaId: string(media_id) }),
  voice: ({ media_id }) => ({ kind: "voice", mediaId: string(media_id), recognition: "" }),
  video: ({ media_id, ...about }) => ({ kind: "video", mediaId: string(media_id), ...titled(about) }),
  music: ({ musicurl, ...about }) => ({ kind: "music", url: string(musicurl), ...titled(about) }),
  news: ({ articles }) => ({
    kind: "news",
    articles: list(articles).map(({ url, picurl, ...about }) => ({
      ...titled(about),
      url: string(url),
      picture: string(picurl),
    })),
  }),
  msgmenu: ({ head_content, list: items, tail_content }) => ({
    kind: "menu",
    head: string(head_content),
    items: list(items).map(({ id, content }) => ({ id: string(id), words: string(content) })),
    tail: string(tail_content),
  }),
  miniprogrampage: ({ title, pagepath, thumb_media_id }) => ({
    kind: "mini-program",
    title: string(title),
    page: string(pagepath),
    thumb: string(thumb_media_id),
  }),
  mpnews: ({ media_id }) => ({ kind: "material", type: "mpnews", id: string(media_id) }),
  mpnewsarticle: ({ article_id }) => ({ kind: "material", type: "mpnewsarticle", id: string(article_id) }),
  wxcard: ({ card_id }) => ({ kind: "material", type: "wxcard", id: string(card_id) }),
};

const PASSIVE: Readonly<Record<string, Reader>> = {
  image: ({ Image }) => ({ kind: "picture", mediaId: string(object(Image).MediaId) }),
  voice: ({ Voice }) => ({ kind: "voice", mediaId: string(object(Voice).MediaId), recognition: "" }),
  video: ({ Video }) => ({ kind: "video", mediaId: string(object(Video).MediaId), ...titled(object(Video)) }),
  music: ({ Music }) => ({ kind: "music", url: string(object(Music).MusicUrl), ...titled(object(Music)) }),
  news: ({ Articles }) => ({
    kind: "news",
    articles: list(Articles).map(({ Url, PicUrl, ...about }) => ({
      ...titled(about),
      url: string(Url),
      picture: string(PicUrl),
    })),
  }),
};

const video: Reader = ({ MediaId }) => ({ kind: "video", mediaId: string(MediaId), title: "", description: "" });

const SENT: Readonly<Record<string, Reader>> = {
  image: ({ MediaId }) => ({ kind: "picture", mediaId: string(MediaId) }),
  voice: ({ MediaId, Recognition }) => ({ kind: "voice", mediaId: string(MediaId), recognition: string(Recognition) }),
  video,
  shortvideo: video,
  location: ({ Label, Location_X, Location_Y }) => ({
    kind: "place",
    label: string(Label),
    latitude: Number(Location_X),
    longitude: Number(Location_Y),
  }),
  link: ({ Url, ...about }) => ({ kind: "link", ...titled(about), url: string(Url) }),
};

/** Title and description in either spelling. */
function titled(fields: Fields): { readonly title: string; readonly description: string } {
  return {
    title: string(fields.title ?? fields.Title),
    description: string(fields.description ?? fields.Description),
  };
}

function string(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function object(value: unknown): Fields {
  return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

function list(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.map(object) : [];
}
