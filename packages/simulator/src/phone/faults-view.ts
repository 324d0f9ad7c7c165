import { html, type TemplateResult } from "lit-html";
import type { FaultKind, FaultOptions, FaultState, PushFaultKind } from "../faults.js";
import type { App } from "./app.js";
import { control } from "./control.js";

const PATHS: readonly string[] = [
  "*",
  "/cgi-bin/message/custom/send",
  "/cgi-bin/message/custom/typing",
  "/cgi-bin/message/template/send",
  "/cgi-bin/stable_token",
  "/cgi-bin/token",
  "/cgi-bin/media/upload",
  "/cgi-bin/media/get",
  "/cgi-bin/user/info",
];

type AnyKind = FaultKind | PushFaultKind;

const isPush = (kind: AnyKind): kind is PushFaultKind => kind.startsWith("push-");
const MAY_DELIVER: readonly AnyKind[] = ["stall", "http-502", "html-200", "truncated-json"];

/** A button for each fault, what they share, and those in force. */
export function faultsView(app: App): TemplateResult {
  const { t, known } = app;
  const kinds = Object.keys(t.faults).filter((kind): kind is AnyKind => kind in t.faults);
  const inject = (kind: AnyKind) => (event: Event) => {
    const form = event.currentTarget instanceof HTMLButtonElement ? event.currentTarget.form : null;
    if (form === null || !form.reportValidity()) return;
    void app.run(() => control("POST", "faults", faultOf(kind, new FormData(form))));
  };
  const buttons = (which: readonly AnyKind[]) =>
    html`<p class="buttons">${which.map((kind) => html`<button type="button" class="small" title=${kind} @click=${inject(kind)}>${t.faults[kind]}</button>`)}</p>`;
  return html`<form class="fault-form" @submit=${(event: Event) => event.preventDefault()}>
      <p class="fault-fields">
        <label>${t.times} <input name="times" type="number" min="1" step="1" value="1"></label>
        <label>${t.rate} <input name="rate" type="number" min="0" max="1" step="0.05" placeholder="0–1"></label>
        <label class="wide">${t.path} <input name="path" list="fault-paths" placeholder="/cgi-bin/message/custom/send" pattern="\\*|/.*"></label>
        <label>${t.errcode} <input name="errcode" type="number" step="1" value="45009"></label>
        <label>${t.delay} <input name="delayMs" type="number" min="0" step="100"></label>
        <label class="check wide"><input name="delivered" type="checkbox"> ${t.delivered}</label>
      </p>
      <datalist id="fault-paths">${PATHS.map((path) => html`<option value=${path}></option>`)}</datalist>
      <p>${t.nextFault}</p>
      <h3>${t.callFaults}</h3>${buttons(kinds.filter((kind) => !isPush(kind)))}
      <h3>${t.pushFaults}</h3>${buttons(kinds.filter(isPush))}
    </form>
    <h3>${t.inForce}</h3>
    ${inForce(app, known?.state.faults ?? [])}`;
}

function inForce(app: App, faults: readonly FaultState[]): TemplateResult {
  const { t } = app;
  const back = (path: string) => () => app.run(() => control("DELETE", path));
  if (faults.length === 0) return html`<p class="nothing">${t.noFaults}</p>`;
  return html`<ul class="in-force">${faults.map(
    ({ id, kind, path, struck, left }) => html`<li>
        <span class="badge fault">${t.faults[kind]}</span> <code>${path}</code>
        <span>${t.struck(struck, left === "always" ? t.always : left)}</span>
        <button type="button" class="small" aria-label="${t.takeBack}: ${t.faults[kind]}" @click=${back(`faults?${new URLSearchParams({ id })}`)}>${t.takeBack}</button>
      </li>`,
  )}</ul>
    <p class="buttons"><button type="button" class="small" @click=${back("faults")}>${t.takeAllBack}</button></p>`;
}

/** What the form says of a fault; fields that do not go with its kind are left out. */
function faultOf(kind: AnyKind, values: FormData): FaultOptions {
  const number = (name: string) => {
    const value = values.get(name);
    return typeof value === "string" && value !== "" ? Number(value) : undefined;
  };
  const path = values.get("path");
  const rate = number("rate");
  return {
    kind,
    ...(number("times") === undefined ? {} : { times: number("times") }),
    ...(rate === undefined ? {} : { rate }),
    ...(isPush(kind) || typeof path !== "string" || path === "" ? {} : { path }),
    ...(kind === "errcode" ? { errcode: number("errcode") } : {}),
    ...(number("delayMs") === undefined ? {} : { delayMs: number("delayMs") }),
    ...(MAY_DELIVER.includes(kind) && values.has("delivered") ? { delivered: true } : {}),
  };
}
