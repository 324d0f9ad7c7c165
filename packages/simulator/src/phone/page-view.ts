import { html, nothing, type TemplateResult } from "lit-html";
import type { App } from "./app.js";
import { dialogView } from "./dialogs.js";
import { askForFollower } from "./forms.js";
import { panelView } from "./panel-view.js";
import { phoneView } from "./phone-view.js";
import type { Language } from "./time.js";

const LANGUAGES: readonly Language[] = ["zh", "en"];
const NAMES: Readonly<Record<Language, string>> = { zh: "中文", en: "English" };

/** The whole page. */
export function pageView(app: App): TemplateResult {
  return html`${toolbar(app)}
    <div class="desk ${app.panelOpen ? "" : "alone"}">${phoneView(app)}${app.panelOpen ? panelView(app) : nothing}</div>
    ${dialogView(app)}`;
}

function toolbar(app: App): TemplateResult {
  const { t, accounts, account, follower } = app;
  return html`<header class="toolbar">
    <p class="brand">${t.title}</p>
    <div class="choosers">
      ${
        accounts.length < 2 && account !== undefined
          ? nothing
          : html`<label><span aria-hidden="true">${t.account}</span> <select aria-label=${t.account} @change=${chosen((appId) => app.choose(appId))}>${nobody(account)}${accounts.map(
              ({ appId, name }) =>
                html`<option value=${appId} .selected=${appId === account?.appId}>${name === null ? appId : `${name} · ${appId}`}</option>`,
            )}</select></label>`
      }
      <label><span aria-hidden="true">${t.follower}</span> <select aria-label=${t.follower} @change=${chosen((openid) => app.choose(account?.appId ?? "", openid))}>${nobody(follower)}${account?.followers.map(
        (known) =>
          html`<option value=${known.openid} .selected=${known.openid === follower?.openid}>${app.nameOf(known)}</option>`,
      )}</select>${some(app)}</label>
      <button type="button" class="small" @click=${() => askForFollower(app)}>＋ ${t.addFollower}</button>
    </div>
    <div class="tools">
      <span class="live ${app.live ? "on" : ""}" role="status">${app.live ? t.live : t.waiting}</span>
      <span class="languages">${LANGUAGES.map(
        (language) =>
          html`<button type="button" class="small" lang=${language} aria-pressed=${language === app.language} @click=${() => app.speak(language)}>${NAMES[language]}</button>`,
      )}</span>
      <button type="button" class="small" aria-expanded=${app.panelOpen} aria-controls="panel" @click=${() => app.togglePanel()}>${t.panel}</button>
    </div>
  </header>`;
}

/** Says how many of the followers can be chosen, when not all can. */
function some({ t, account }: App): TemplateResult | typeof nothing {
  if (account === undefined || account.followers.length >= account.followerCount) return nothing;
  return html` <small>${t.some(account.followers.length, account.followerCount)}</small>`;
}

/** Stands in a list of choices as long as none is chosen: otherwise its first would look so, and could not be. */
function nobody(choice: object | undefined): TemplateResult | typeof nothing {
  return choice === undefined ? html`<option value="" disabled .selected=${true}>—</option>` : nothing;
}

function chosen(take: (value: string) => void): (event: Event) => void {
  return ({ currentTarget }) => {
    if (currentTarget instanceof HTMLSelectElement) take(currentTarget.value);
  };
}
