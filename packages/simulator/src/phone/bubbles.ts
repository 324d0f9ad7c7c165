import { html, nothing, type TemplateResult } from "lit-html";
import type { App } from "./app.js";
import { type Article, type Content, contentOf, contentOfLine } from "./content.js";
import { mediaUrl } from "./control.js";
import { ICONS } from "./icons.js";
import type { Entry } from "./news.js";
import { piecesOf, webUrl } from "./rich-text.js";

/** An entry of the chat: a bubble with the avatar of whoever spoke, or a line in grey. */
export function entryView(app: App, entry: Entry): TemplateResult {
  if ("from" in entry && entry.from === "system") return html`<p class="grey-line">${entry.text}</p>`;
  if ("from" in entry) return speech(app, "own", app.t.you, contentOfLine(entry), { links: false });
  const { kfAccount, ai } = entry;
  const under = ai ? html`<p class="ai-line">${app.t.aiMade}</p>` : nothing;
  const above = kfAccount === undefined ? nothing : html`<p class="agent">${kfAccount}</p>`;
  return speech(app, "theirs", kfAccount ?? app.accountName, contentOf(entry), { links: true, above, under });
}

interface Around {
  /** Texts of the account have links. */
  readonly links: boolean;
  readonly above?: TemplateResult | typeof nothing;
  readonly under?: TemplateResult | typeof nothing;
}

function speech(app: App, side: "own" | "theirs", who: string, content: Content, around: Around): TemplateResult {
  const { above = nothing, under = nothing } = around;
  return html`<div class="speech ${side}">
    ${avatar(app, side)}
    <div class="said">${above}<span class="hidden">${who}: </span>${contentView(app, content, around.links)}${under}</div>
  </div>`;
}

/** How many colours there are for followers: classes `tint-0` and so on. */
const TINTS = 6;

function avatar(app: App, side: "own" | "theirs"): TemplateResult {
  if (side === "theirs") return html`<span class="avatar account" aria-hidden="true">${ICONS.account}</span>`;
  const { follower } = app;
  const name = follower === undefined ? "" : (follower.nickname ?? follower.openid.slice(-1));
  const sum = [...(follower?.openid ?? "")].reduce((total, letter) => total + (letter.codePointAt(0) ?? 0), 0);
  return html`<span class="avatar tint-${sum % TINTS}" aria-hidden="true">${[...name][0]?.toUpperCase()}</span>`;
}

function contentView(app: App, content: Content, links: boolean): TemplateResult {
  const { t } = app;
  switch (content.kind) {
    case "text":
      return html`<div class="bubble">${links ? linked(content.text) : content.text}</div>`;
    case "picture":
      return html`<div class="picture">${media(app, content.mediaId, t.picture)}</div>`;
    case "voice":
      return html`<div class="bubble voice"><span class="speaks">${ICONS.voice} ${t.voice}</span>${playable(app, "audio", content.mediaId)}${content.recognition === "" ? nothing : html`<span class="recognition">${content.recognition}</span>`}</div>`;
    case "video":
      return html`<div class="card video">${playable(app, "video", content.mediaId)}${about(content.title === "" ? t.video : content.title, content.description)}</div>`;
    case "music":
      return card(t.music, leading(content.title, content.url), content.description, ICONS.play);
    case "news":
      return html`<div class="card news">${content.articles.map((article, index) => articleView(app, article, index))}</div>`;
    case "menu":
      return menuView(app, content);
    case "mini-program":
      return html`<div class="card program"><p class="foot">${app.accountName}</p><h3>${content.title}</h3>${media(app, content.thumb, t.picture)}<p class="foot">${ICONS.link} ${t.miniProgram} <code>${content.page}</code></p></div>`;
    case "template":
      return html`<div class="card"><p class="foot">${t.template}</p><p class="lines">${content.text}</p>${webUrl(content.url) === undefined ? nothing : html`<p class="more">${leading(t.viewDetails, content.url)}</p>`}</div>`;
    case "place":
      return html`<div class="card place"><h3>${content.label || t.things.place}</h3><p class="foot">${content.latitude}, ${content.longitude}</p><div class="map" aria-hidden="true">${ICONS.place}</div></div>`;
    case "link":
      return card(t.things.link, leading(content.title, content.url), content.description, ICONS.link);
    case "material":
      return card(t.materials[content.type], html`<code>${content.id}</code>`, "", ICONS.link);
    case "unknown":
      return html`<div class="bubble">${t.unknown(content.type)}</div>`;
  }
}

/** Words and links as text nodes: nothing of a message is taken for markup. */
function linked(text: string): readonly (string | TemplateResult)[] {
  return piecesOf(text).map(({ words, url }) => (url === undefined ? words : anchor(words, url)));
}

function anchor(words: string | TemplateResult, url: string): TemplateResult {
  return html`<a href=${url} target="_blank" rel="noopener noreferrer">${words}</a>`;
}

/** The words as a link, where the URL is one that may be opened. */
function leading(words: string, url: string): TemplateResult {
  const safe = webUrl(url);
  return safe === undefined ? html`${words}` : anchor(words, safe);
}

function card(kind: string, title: TemplateResult, description: string, pictogram: TemplateResult): TemplateResult {
  return html`<div class="card flat"><div class="flat-words"><h3>${title}</h3><p>${description}</p></div><span class="pictogram">${pictogram}</span><p class="foot">${kind}</p></div>`;
}

function about(title: string, description: string): TemplateResult {
  return html`<h3>${title}</h3>${description === "" ? nothing : html`<p>${description}</p>`}`;
}

function media(app: App, mediaId: string, name: string): TemplateResult {
  return image(mediaUrl(app.account?.appId ?? "", mediaId), name, app.t.noPicture);
}

function image(url: string, name: string, missing: string): TemplateResult {
  const failed = ({ currentTarget }: Event) => {
    if (currentTarget instanceof HTMLElement) currentTarget.parentElement?.classList.add("missing");
  };
  return html`<span class="image"><img src=${url} alt=${name} @error=${failed}><span class="instead">${missing}</span></span>`;
}

/** A player; where the browser cannot play the file, a line that says so. */
function playable(app: App, type: "audio" | "video", mediaId: string): TemplateResult {
  const url = mediaUrl(app.account?.appId ?? "", mediaId);
  const failed = ({ currentTarget }: Event) => {
    if (currentTarget instanceof HTMLElement) currentTarget.classList.add("unplayable");
  };
  return type === "video"
    ? html`<video src=${url} controls preload="metadata" aria-label=${app.t.video} @error=${failed}></video>`
    : html`<audio src=${url} controls preload="metadata" aria-label=${app.t.voice} @error=${failed}></audio><span class="cannot">${app.t.noPlayer}</span>`;
}

function articleView(app: App, { title, description, url, picture }: Article, index: number): TemplateResult {
  const class_ = index === 0 ? "article" : "article small";
  return html`<div class=${class_}>${coverView(app, picture, title)}<h3>${leading(title, url)}</h3>${index > 0 || description === "" ? nothing : html`<p>${description}</p>`}</div>`;
}

/** The simulator's own files are shown; nothing is loaded from elsewhere: the phone works offline. */
function coverView(app: App, picture: string, title: string): TemplateResult | typeof nothing {
  if (picture.startsWith("data:image/")) return image(picture, title, app.t.noPicture);
  const url = webUrl(picture);
  if (url === undefined) return nothing;
  const { host, pathname } = new URL(url);
  const file = pathname.startsWith("/files/") ? pathname.slice("/files/".length) : undefined;
  if (file === undefined) return html`<div class="elsewhere">${app.t.otherHost(host)}</div>`;
  return image(`/simulator/media?${new URLSearchParams({ file })}`, title, app.t.noPicture);
}

function menuView(app: App, { head, items, tail }: Extract<Content, { kind: "menu" }>): TemplateResult {
  return html`<div class="bubble menu">${head === "" ? nothing : html`<p>${linked(head)}</p>`}
    <ul>${items.map(({ id, words }) => html`<li><button type="button" class="item" title=${app.t.clickToSend} @click=${() => app.act({ type: "menu-item", id })}>${words}</button></li>`)}</ul>
    ${tail === "" ? nothing : html`<p>${linked(tail)}</p>`}</div>`;
}
