import { html, type TemplateResult } from "lit-html";
import type { App } from "./app.js";
import { control } from "./control.js";
import { countdown, fullTime } from "./time.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** The simulator's clock, and what becomes of the access token. */
export function clockView(app: App): TemplateResult {
  const { t, known, account } = app;
  const move = (input: object) => () => app.run(() => control("POST", "clock", input));
  const token = (action: string) => () => app.run(() => control("POST", "tokens", { action, appId: account?.appId }));
  const set = async (event: SubmitEvent) => {
    event.preventDefault();
    const field =
      event.currentTarget instanceof HTMLFormElement ? event.currentTarget.elements.namedItem("time") : null;
    const time = field instanceof HTMLInputElement ? new Date(field.value).getTime() : Number.NaN;
    if (!Number.isNaN(time)) await app.run(() => control("POST", "clock", { set: time }));
  };
  return html`<section class="box clock" aria-labelledby="clock-title">
    <h2 id="clock-title">${t.clock} <small>${known?.state.clock.runs ? t.runs : t.stands}</small></h2>
    <p class="time">${fullTime(app.now)}</p>
    <p class="buttons">
      <button type="button" class="small" @click=${move({ advance: MINUTE })}>${t.minute}</button>
      <button type="button" class="small" @click=${move({ advance: HOUR })}>${t.hour}</button>
      <button type="button" class="small" @click=${move({ advance: 48 * HOUR })}>${t.days}</button>
      <button type="button" class="small" @click=${() => move({ set: Date.now() })()}>${t.now}</button>
    </p>
    <form class="buttons" @submit=${set}>
      <input type="datetime-local" name="time" step="1" required aria-label=${t.setTo}>
      <button type="submit" class="small">${t.set}</button>
    </form>
    <h2>${t.tokens}</h2>
    <p class="tokens">${tokensOf(app)}</p>
    <p class="buttons">
      <button type="button" class="small" @click=${token("expire")}>${t.expire}</button>
      <button type="button" class="small" @click=${token("kill")}>${t.supersede}</button>
    </p>
  </section>`;
}

function tokensOf({ t, account }: App): string {
  const tokens = (["stable", "classic"] as const).flatMap((kind) => {
    const token = account?.tokens[kind];
    return token ? [t.tokenLeft(kind, token.token, countdown(token.expiresIn * 1000))] : [];
  });
  return tokens.length === 0 ? t.noToken : tokens.join(" · ");
}
