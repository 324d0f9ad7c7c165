import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import type { Push, PushTry } from "../push/record.js";
import type { App } from "./app.js";
import { faultName } from "./texts.js";
import { clockTime, fullTime } from "./time.js";

const SHOWN = 100;
const BAD: readonly (Push["outcome"] | undefined)[] = ["bad-answer", "no-answer", "dropped", "forged", "ignored"];

/** What was pushed to the callback, the newest first, with its tries and what became of it. */
export function pushesView(app: App): TemplateResult {
  const { t, known, account } = app;
  const pushes = known?.pushes.slice(-SHOWN).reverse() ?? [];
  const callback = account?.callback ?? null;
  const where =
    callback === null
      ? html`<p class="nothing">${t.noCallback}</p>`
      : html`<p>${t.pushesTo} <code>${callback}</code> (${account?.callbackMode})</p>`;
  if (pushes.length === 0)
    return html`${where}${callback === null ? nothing : html`<p class="nothing">${t.noPushes} <code>${callback}</code></p>`}`;
  return html`<div class="tab-head">${where}</div><ol class="rows" aria-label=${t.pushes}>${repeat(
    pushes,
    ({ id }) => id,
    (push) => pushRow(app, push),
  )}</ol>`;
}

function pushRow({ t }: App, push: Push): TemplateResult {
  const { id, time, event, msgType, openid, outcome, problem, tries, fault, msgId, body } = push;
  const badge = outcome === undefined ? "" : BAD.includes(outcome) ? "bad" : "good";
  return html`<li><details>
    <summary>
      <span class="number">${id}</span>
      <time title=${fullTime(time)}>${clockTime(time)}</time>
      <span class="path">${event ?? msgType}</span>
      <span class="badge ${badge}">${outcome === undefined ? t.underWay : t.outcomes[outcome]}</span>
      <span class="tries">${tries.map(tryResult).join(" → ")}</span>
      ${fault === undefined ? nothing : html`<span class="badge fault">${faultName(t, fault)}</span>`}
      ${problem === undefined || tries.some((made) => tryResult(made) === problem) ? nothing : html`<span class="meaning">${problem}</span>`}
    </summary>
    <dl class="facts">
      <dt>openid</dt><dd><code>${openid}</code></dd>
      ${msgId === undefined ? nothing : html`<dt>MsgId</dt><dd><code>${msgId}</code></dd>`}
      <dt>${t.pushed}</dt><dd><pre tabindex="0">${body}</pre></dd>
      ${tries.map(
        (made, index) =>
          html`<dt>${made.replay === true ? t.replay : t.try(index + 1)}</dt><dd>${tryResult(made)}${made.latencyMs === undefined ? nothing : ` · ${made.latencyMs} ms`}${made.answer ? html`<pre tabindex="0">${made.answer}</pre>` : nothing}</dd>`,
      )}
    </dl>
  </details></li>`;
}

function tryResult({ status, error }: PushTry): string {
  return error ?? (status === undefined ? "…" : `HTTP ${status}`);
}
