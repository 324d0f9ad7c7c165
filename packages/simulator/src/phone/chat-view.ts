import { html, nothing, type TemplateResult } from "lit-html";
import { ref } from "lit-html/directives/ref.js";
import { repeat } from "lit-html/directives/repeat.js";
import type { App } from "./app.js";
import { entryView } from "./bubbles.js";
import { keepAtEnd, toEnd } from "./scrolling.js";
import { chatTime, showsTime } from "./time.js";

/** What was said, in order, with the time where there was a pause, and how much is new below what one looks at. */
export function chatView(app: App): TemplateResult {
  const { t, entries, follower, missing } = app;
  const unread = app.atEnd
    ? 0
    : entries.filter((entry) => entry.id > app.seen && !("from" in entry && entry.from === "follower")).length;
  const empty = entries.length === 0 && follower !== undefined;
  return html`<div class="chat">
    <div class="log" role="log" aria-live="polite" aria-label=${t.messages} tabindex="0" ${ref(keepAtEnd(app))}>
      <div class="entries">
        ${missing === undefined ? nothing : html`<p class="grey-line">${t.missing(missing)}</p>`}
        ${empty ? html`<p class="grey-line">${follower.subscribed ? t.hello : t.stranger}</p>` : nothing}
        ${repeat(
          entries,
          ({ id }) => `${follower?.openid} ${id}`,
          (entry, index) => {
            const before = entries[index - 1]?.time;
            const time = showsTime(entry.time, before)
              ? html`<p class="grey-line time">${chatTime(entry.time, app.now, app.language)}</p>`
              : nothing;
            return html`${time}${entryView(app, entry)}`;
          },
        )}
      </div>
    </div>
    ${unread === 0 ? nothing : html`<button type="button" class="unread" @click=${() => toEnd(app)}>↓ ${t.newMessages(unread)}</button>`}
  </div>`;
}
