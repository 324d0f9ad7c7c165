import { html } from "lit-html";

/** Pictograms, 24 by 24. They are beside words or within buttons that have a name: readers skip them. */
export const ICONS = {
  back: html`<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M15 4.5 7.5 12l7.5 7.5"/></svg>`,
  dots: html`<svg viewBox="0 0 24 24" aria-hidden="true" class="solid"><circle cx="5" cy="12" r="1.9"/><circle cx="12" cy="12" r="1.9"/><circle cx="19" cy="12" r="1.9"/></svg>`,
  plus: html`<svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="9.5"/><path d="M12 7v10M7 12h10"/></svg>`,
  keyboard: html`<svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="9.5"/><path d="M7.5 9.5h0M12 9.5h0M16.5 9.5h0M7.5 12.5h0M12 12.5h0M16.5 12.5h0M9 15.5h6" class="thick"/></svg>`,
  menu: html`<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M4.5 7h15M4.5 12h15M4.5 17h15"/></svg>`,
  picture: html`<svg viewBox="0 0 24 24" aria-hidden="true"><rect x="3" y="4.5" width="18" height="15" rx="2"/><circle cx="8.5" cy="9.5" r="1.6"/><path d="m3.5 17 5.5-5 4 3.5 3-2.5 4.5 4"/></svg>`,
  voice: html`<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M7 10.5a3 3 0 0 1 0 3M10.2 8a6.5 6.5 0 0 1 0 8M13.5 5.5a10 10 0 0 1 0 13"/></svg>`,
  video: html`<svg viewBox="0 0 24 24" aria-hidden="true"><rect x="2.5" y="6" width="13" height="12" rx="2"/><path d="m15.5 10.5 6-3v9l-6-3"/></svg>`,
  place: html`<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M12 21.5s7-6.3 7-11.5a7 7 0 1 0-14 0c0 5.2 7 11.5 7 11.5z"/><circle cx="12" cy="10" r="2.5"/></svg>`,
  link: html`<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.7-5.7l-1.5 1.5M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.7 5.7l1.5-1.5"/></svg>`,
  scan: html`<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M4 8.5V6a2 2 0 0 1 2-2h2.5M15.5 4H18a2 2 0 0 1 2 2v2.5M20 15.5V18a2 2 0 0 1-2 2h-2.5M8.5 20H6a2 2 0 0 1-2-2v-2.5M3.5 12h17"/></svg>`,
  position: html`<svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="7"/><circle cx="12" cy="12" r="2"/><path d="M12 2v4M12 18v4M2 12h4M18 12h4"/></svg>`,
  play: html`<svg viewBox="0 0 24 24" aria-hidden="true" class="solid"><path d="M8 5.5v13l10.5-6.5z"/></svg>`,
  account: html`<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M12 4.5c-4.7 0-8.5 3-8.5 6.7 0 2.1 1.2 3.9 3.1 5.2L6 19l3-1.5c.9.3 1.9.4 3 .4 4.7 0 8.5-3 8.5-6.7S16.7 4.5 12 4.5z"/><path d="M9 10.5h0M15 10.5h0" class="thick"/></svg>`,
} as const;
