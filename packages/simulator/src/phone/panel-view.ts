import { html, nothing, type TemplateResult } from "lit-html";
import type { App, Tab } from "./app.js";
import { callsView } from "./calls-view.js";
import { clockView } from "./clock-view.js";
import { faultsView } from "./faults-view.js";
import { menuEditor } from "./menu-editor.js";
import { pushesView } from "./pushes-view.js";
import { windowView } from "./window-view.js";

const TABS: readonly Tab[] = ["calls", "pushes", "faults", "menu"];

const VIEWS: Readonly<Record<Tab, (app: App) => TemplateResult>> = {
  calls: callsView,
  pushes: pushesView,
  faults: faultsView,
  menu: menuEditor,
};

/** What a developer wants to know and do beside the phone. */
export function panelView(app: App): TemplateResult {
  const { t, tab } = app;
  return html`<aside class="panel" id="panel" aria-label=${t.panel}>
    ${app.account?.callback === null ? html`<p class="box hint">${t.noCallback}</p>` : nothing}
    <div class="top">${windowView(app)}${clockView(app)}</div>
    <section class="box tabs">
      <div role="tablist" aria-label=${t.panel} @keydown=${(event: KeyboardEvent) => move(app, event)}>${TABS.map((name) => tabView(app, name))}</div>
      <div role="tabpanel" id="tab-panel" aria-labelledby="tab-${tab}" tabindex="0">${VIEWS[tab](app)}</div>
    </section>
  </aside>`;
}

function tabView(app: App, name: Tab): TemplateResult {
  const { t, known } = app;
  const labels: Readonly<Record<Tab, string>> = {
    calls: t.calls,
    pushes: t.pushes,
    faults: t.faultsTab,
    menu: t.menuTab,
  };
  const totals = known?.state.totals;
  const counts: Readonly<Record<Tab, number>> = {
    calls: totals?.calls ?? 0,
    pushes: totals?.pushes ?? 0,
    faults: known?.state.faults.length ?? 0,
    menu: 0,
  };
  const chosen = name === app.tab;
  return html`<button type="button" role="tab" id="tab-${name}" aria-selected=${chosen} aria-controls="tab-panel" tabindex=${chosen ? 0 : -1} @click=${() => choose(app, name)}>${labels[name]}${counts[name] === 0 ? "" : html` <span class="count">${counts[name]}</span>`}</button>`;
}

function choose(app: App, tab: Tab): void {
  app.tab = tab;
  app.change();
}

/** Arrow keys, Home and End go from tab to tab, as readers expect. */
function move(app: App, event: KeyboardEvent): void {
  const at = TABS.indexOf(app.tab);
  const to: Readonly<Record<string, number>> = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: TABS.length - 1 };
  const tab = TABS.at((to[event.key] ?? Number.NaN) % TABS.length);
  if (to[event.key] === undefined || tab === undefined) return;
  event.preventDefault();
  choose(app, tab);
  document.getElementById(`tab-${tab}`)?.focus();
}
