import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import type { ShownCall } from "../phone-news.js";
import type { App } from "./app.js";
import { control } from "./control.js";
import { meaningOf } from "./errcodes.js";
import { faultName } from "./texts.js";
import { clockTime, fullTime } from "./time.js";

const SHOWN = 200;

/** The ledger of calls, the newest first. Each opens to what was asked and answered. */
export function callsView(app: App): TemplateResult {
  const { t, known } = app;
  const calls = known?.calls.slice(-SHOWN).reverse() ?? [];
  if (known === undefined || calls.length === 0)
    return html`<p class="nothing">${t.noCalls} <code>${location.origin}</code></p>`;
  const { totals } = known.state;
  return html`<div class="tab-head"><p>${t.totals(totals.calls, totals.pushes, totals.messages)}</p>
      <button type="button" class="small" @click=${() => app.run(() => control("DELETE", "ledger"))}>${t.clearLedger}</button></div>
    <ol class="rows" aria-label=${t.calls}>${repeat(
      calls,
      ({ id }) => id,
      (call) => callRow(app, call),
    )}</ol>`;
}

function callRow(app: App, call: ShownCall): TemplateResult {
  const { t, language } = app;
  const { id, time, method, path, errcode, fault, rid } = call;
  const meaning = errcode === undefined ? undefined : (meaningOf(errcode, language) ?? t.meaningUnknown);
  return html`<li><details>
    <summary>
      <span class="number">${id}</span>
      <time title=${fullTime(time)}>${clockTime(time)}</time>
      <span class="path"><small>${method}</small> ${path}</span>
      <span class="badge ${errcode === 0 ? "good" : "bad"}">${outcomeOf(app, call)}</span>
      ${fault === undefined ? nothing : html`<span class="badge fault">${faultName(t, fault)}</span>`}
      ${meaning === undefined || errcode === 0 ? nothing : html`<span class="meaning">${meaning}</span>`}
    </summary>
    <dl class="facts">
      ${fact("openid", call.openid)}${fact("rid", rid)}${fact("access_token", call.accessToken)}${fact(t.fault, fault)}
      <dt>${t.request}</dt><dd><pre tabindex="0">${call.request ?? t.noBody}</pre></dd>
      <dt>${t.answer}</dt><dd><pre tabindex="0">${answerOf(app, call)}</pre></dd>
    </dl>
  </details></li>`;
}

function fact(name: string, value: string | undefined): TemplateResult | typeof nothing {
  return value === undefined ? nothing : html`<dt>${name}</dt><dd><code>${value}</code></dd>`;
}

function outcomeOf({ t }: App, { errcode, aborted, httpStatus }: ShownCall): string {
  if (errcode !== undefined) return String(errcode);
  if (aborted === true) return t.aborted;
  return httpStatus === undefined ? t.noAnswer : `HTTP ${httpStatus}`;
}

function answerOf({ t }: App, { errcode, errmsg, httpStatus, answer }: ShownCall): string {
  if (answer !== undefined) return answer;
  if (httpStatus === undefined) return t.noAnswer;
  if (errcode === undefined) return `HTTP ${httpStatus}`;
  return errcode === 0 ? t.answerNotKept : JSON.stringify({ errcode, errmsg }, undefined, 2);
}
