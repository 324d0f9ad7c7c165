import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import type { CustomMenu } from "../menus.js";
import type { App } from "./app.js";
import { askFor, sendPicture, THINGS, type Thing, tapMenu } from "./forms.js";
import { ICONS } from "./icons.js";

const PICTURE_TYPES = "image/png,image/jpeg,image/gif";

/** For whoever does not follow: nothing can be written. */
export function strangerView(app: App): TemplateResult {
  return html`<div class="bar stranger"><button type="button" class="strong" @click=${() => app.act({ type: "follow" })}>${app.t.follow}</button></div>`;
}

/** What to write with or, when the account has one and it is not put away, its menu. */
export function barView(app: App): TemplateResult {
  const menu = app.account?.menu ?? null;
  return menu !== null && app.menuShown ? menuBar(app, menu) : keyboardBar(app, menu !== null);
}

function keyboardBar(app: App, hasMenu: boolean): TemplateResult {
  const { t } = app;
  const send = async () => {
    const text = app.draft;
    if (text.trim() === "") return;
    app.draft = "";
    app.change();
    if (await app.act({ type: "text", text })) return;
    app.draft = text;
    app.change();
  };
  const onKey = (event: KeyboardEvent) => {
    // While an input method composes, Enter belongs to it; Safari says so by the key code only.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    void send();
  };
  const onInput = ({ currentTarget }: Event) => {
    if (!(currentTarget instanceof HTMLTextAreaElement)) return;
    app.draft = currentTarget.value;
    app.change();
  };
  return html`<div class="bar keyboard">
    ${hasMenu ? html`<button type="button" class="icon" aria-label=${t.menu} @click=${() => toggleMenu(app, true)}>${ICONS.menu}</button>` : nothing}
    <textarea rows="1" aria-label=${t.input} enterkeyhint="send" .value=${live(app.draft)} @input=${onInput} @keydown=${onKey}></textarea>
    ${
      app.draft.trim() === ""
        ? html`<button type="button" class="icon" aria-label=${app.sheetOpen ? t.less : t.more} aria-expanded=${app.sheetOpen} @click=${() => toggleSheet(app)}>${ICONS.plus}</button>`
        : html`<button type="button" class="strong send" @click=${send}>${t.send}</button>`
    }
  </div>
  ${app.sheetOpen ? sheetView(app) : nothing}
  ${pictureInput(app)}`;
}

function toggleMenu(app: App, shown: boolean): void {
  Object.assign(app, { menuShown: shown, openList: undefined, sheetOpen: false });
  app.change();
}

function toggleSheet(app: App): void {
  app.sheetOpen = !app.sheetOpen;
  app.change();
}

function sheetView(app: App): TemplateResult {
  const pick = (thing: Thing) => () => {
    if (thing === "picture") pickPicture();
    else askFor(app, thing);
  };
  return html`<ul class="sheet" aria-label=${app.t.more}>${THINGS.map(
    (thing) =>
      html`<li><button type="button" @click=${pick(thing)}><span class="tile">${ICONS[thing]}</span>${app.t.things[thing]}</button></li>`,
  )}</ul>`;
}

/** The browser's own dialog asks for the file. */
function pictureInput(app: App): TemplateResult {
  const onChange = async ({ currentTarget }: Event) => {
    if (!(currentTarget instanceof HTMLInputElement)) return;
    const [chosen] = currentTarget.files ?? [];
    if (chosen !== undefined) await sendPicture(app, chosen);
    currentTarget.value = "";
  };
  return html`<input type="file" id="picture" hidden tabindex="-1" aria-hidden="true" accept=${PICTURE_TYPES} @change=${onChange}>`;
}

function pickPicture(): void {
  document.getElementById("picture")?.click();
}

function menuBar(app: App, menu: CustomMenu): TemplateResult {
  const { t } = app;
  const close = () => {
    app.openList = undefined;
    app.change();
  };
  const button = (entry: (typeof menu)[number], index: number): TemplateResult => {
    if (!("buttons" in entry)) {
      return html`<li><button type="button" @click=${() => tapMenu(app, entry, pickPicture)}>${entry.name}</button></li>`;
    }
    const open = app.openList === index;
    const toggle = () => {
      app.openList = open ? undefined : index;
      app.change();
    };
    const tap = (leaf: (typeof entry.buttons)[number]) => () => {
      close();
      void tapMenu(app, leaf, pickPicture);
    };
    return html`<li @keydown=${(event: KeyboardEvent) => event.key === "Escape" && close()}>
      ${open ? html`<ul class="menu-list">${entry.buttons.map((leaf) => html`<li><button type="button" @click=${tap(leaf)}>${leaf.name}</button></li>`)}</ul>` : nothing}
      <button type="button" aria-expanded=${open} @click=${toggle}><span class="opens" aria-hidden="true">≡</span> ${entry.name}</button>
    </li>`;
  };
  return html`<nav class="bar menu-bar" aria-label=${t.menu}>
    <button type="button" class="icon" aria-label=${t.keyboard} @click=${() => toggleMenu(app, false)}>${ICONS.keyboard}</button>
    <ul>${menu.map(button)}</ul>
  </nav>${pictureInput(app)}`;
}
