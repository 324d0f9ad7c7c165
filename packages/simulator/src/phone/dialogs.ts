import { html, nothing, type TemplateResult } from "lit-html";
import type { App } from "./app.js";

/** A field of a form. */
export interface Field {
  readonly name: string;
  readonly label: string;
  readonly type: "text" | "number" | "url" | "file" | "checkbox";
  readonly value?: string;
  readonly required?: boolean;
  /** Of a file: what is offered. */
  readonly accept?: string;
  /** Of a number: the ends of its range. */
  readonly within?: readonly [least: number, most: number];
}

/** What stands over the page. */
export type Dialog =
  | {
      readonly kind: "form";
      readonly title: string;
      readonly fields: readonly Field[];
      readonly ok: string;
      /** Whether the dialog may close. */
      submit(values: FormData): Promise<boolean>;
    }
  | { readonly kind: "details" }
  /** Where a link or button leads, which a real phone would open. */
  | { readonly kind: "leads"; readonly says: string; readonly to: string; readonly url?: string | undefined };

/** The dialog that is open. The browser keeps the focus within, closes it on Escape and gives the focus back. */
export function dialogView(app: App): TemplateResult | typeof nothing {
  const { dialog } = app;
  if (dialog === undefined) return nothing;
  return html`<dialog class="dialog" aria-labelledby="dialog-title" @close=${() => app.show(undefined)}>${bodyOf(app, dialog)}</dialog>`;
}

function bodyOf(app: App, dialog: Dialog): TemplateResult {
  if (dialog.kind === "form") return formView(app, dialog);
  return dialog.kind === "details" ? detailsView(app) : leadsView(app, dialog);
}

/** To be called after each drawing: a dialog can only be opened once it is part of the page. */
export function openDialog(): void {
  document.querySelector<HTMLDialogElement>("dialog:not([open])")?.showModal();
}

/** By the browser, which gives the focus back to where it was; the page hears of it as of any closing. */
function closeDialog(): void {
  document.querySelector<HTMLDialogElement>("dialog[open]")?.close();
}

function formView(app: App, { title, fields, ok, submit }: Extract<Dialog, { kind: "form" }>): TemplateResult {
  const onSubmit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget;
    if (!(form instanceof HTMLFormElement)) return;
    if (await submit(new FormData(form))) closeDialog();
  };
  return html`<form @submit=${onSubmit}>
    <h2 id="dialog-title">${title}</h2>
    ${fields.map(fieldView)}
    <div class="dialog-buttons">
      <button type="button" class="plain" @click=${closeDialog}>${app.t.cancel}</button>
      <button type="submit" class="strong">${ok}</button>
    </div>
  </form>`;
}

function fieldView({ name, label, type, value = "", required = false, accept = "", within }: Field): TemplateResult {
  if (type === "checkbox") {
    return html`<label class="check"><input type="checkbox" name=${name} .checked=${value !== ""}> ${label}</label>`;
  }
  if (type === "file")
    return html`<label class="field">${label}<input type="file" name=${name} accept=${accept}></label>`;
  if (type === "number") {
    const [least, most] = within ?? ["", ""];
    return html`<label class="field">${label}<input type="number" step="any" min=${least} max=${most} name=${name} value=${value} ?required=${required}></label>`;
  }
  return html`<label class="field">${label}<input type=${type} name=${name} value=${value} ?required=${required} autocomplete="off"></label>`;
}

function detailsView(app: App): TemplateResult {
  const { account, follower, t } = app;
  const does = (type: "unfollow" | "scan") => async () => {
    closeDialog();
    await app.act({ type });
  };
  return html`<h2 id="dialog-title">${app.accountName}</h2>
    <dl class="facts">
      <dt>AppID</dt><dd><code>${account?.appId}</code></dd>
      <dt>${app.t.wechatId}</dt><dd><code>${account?.wechatId}</code></dd>
      <dt>${t.follower}</dt><dd>${follower === undefined ? "" : app.nameOf(follower)}</dd>
      <dt>openid</dt><dd><code>${follower?.openid}</code></dd>
    </dl>
    <div class="dialog-buttons tall">
      <button type="button" class="plain" @click=${does("scan")}>${t.scanAccount}</button>
      ${follower?.subscribed ? html`<button type="button" class="plain danger" @click=${does("unfollow")}>${t.unfollow}</button>` : nothing}
      <button type="button" class="strong" @click=${closeDialog}>${t.close}</button>
    </div>`;
}

function leadsView(app: App, { says, to, url }: Extract<Dialog, { kind: "leads" }>): TemplateResult {
  return html`<h2 id="dialog-title">${says}</h2>
    <p class="leads">${url === undefined ? html`<code>${to}</code>` : html`<a href=${url} target="_blank" rel="noopener noreferrer">${to}</a>`}</p>
    <div class="dialog-buttons"><button type="button" class="strong" @click=${closeDialog}>${app.t.close}</button></div>`;
}
