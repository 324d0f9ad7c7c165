import { html, nothing, type TemplateResult } from "lit-html";
import type { App } from "./app.js";
import { barView, strangerView } from "./bars.js";
import { chatView } from "./chat-view.js";
import { ICONS } from "./icons.js";
import { chatTime } from "./time.js";

/** The phone, with whatever stands below the chat: what to write with, the account's menu, or how to follow. */
export function phoneView(app: App): TemplateResult {
  const { t, follower } = app;
  const typing = follower !== undefined && app.now < follower.typingUntil;
  return html`<main class="phone" aria-label=${t.phone}>
    <div class="status-bar" aria-hidden="true"><span>${chatTime(app.now, app.now, app.language)}</span><span class="battery"></span></div>
    <header class="chat-title">
      <span class="back" aria-hidden="true">${ICONS.back}</span>
      <h1 aria-live="polite">${typing ? t.typing : app.accountName}</h1>
      <button type="button" class="icon" aria-label=${t.details} @click=${() => app.show({ kind: "details" })}>${ICONS.dots}</button>
    </header>
    ${chatView(app)}
    ${follower === undefined ? nothing : follower.subscribed ? barView(app) : strangerView(app)}
    <p class="toast" role="alert">${app.toast === "" ? nothing : html`<span>${app.toast}</span>`}</p>
  </main>`;
}
