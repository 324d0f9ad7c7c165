import { html, nothing, type TemplateResult } from "lit-html";
import type { App } from "./app.js";
import { countdown, fullTime } from "./time.js";

/** The chosen follower's reply window: whether a message would arrive now, how many still, how long, and why not. */
export function windowView(app: App): TemplateResult {
  const { t, follower, now } = app;
  if (follower === undefined)
    return html`<section class="box" aria-labelledby="window-title"><h2 id="window-title">${t.window}</h2></section>`;
  const { replyErrcode, windows, lastInteraction } = follower;
  const open = replyErrcode === 0;
  // The page's own clock runs on between two events: a window may have ended since.
  const holding = windows.filter(({ expiresAt }) => now < expiresAt);
  const ended = open && !holding.some(({ remaining }) => remaining > 0);
  const code = ended ? 45015 : replyErrcode;
  return html`<section class="box window" aria-labelledby="window-title">
    <h2 id="window-title">${t.window} <span class="badge ${code === 0 ? "good" : "bad"}">${code === 0 ? t.open : `${t.shut} · ${code}`}</span></h2>
    <p class="whose">${app.nameOf(follower)} <code>${follower.openid}</code></p>
    <ul class="grants">${holding.map(
      ({ scene, remaining, quota, expiresAt }) => html`<li>
        <span class="countdown" role="timer">${countdown(expiresAt - now)}</span>
        <span>${t.windowOf(t.scenes[scene])} · ${t.left(remaining, quota)}<br><small>${t.until} ${fullTime(expiresAt)}</small></span>
        <span class="dots" aria-hidden="true">${Array.from({ length: quota }, (_, index) => html`<i class=${index < remaining ? "full" : ""}></i>`)}</span>
      </li>`,
    )}</ul>
    <p class="why">${t.why[code]}</p>
    ${code === 0 ? nothing : html`<p class="why">${lastInteraction === null ? t.noInteraction : t.lastInteraction(fullTime(lastInteraction))}</p>`}
  </section>`;
}
