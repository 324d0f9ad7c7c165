// What the sections of the page share: words in two languages, goals, tables.

/** @typedef {string | number | { en: string, zh: string }} Words the same in both languages, or one for each */

export const both = (en, zh) => ({ en, zh });

/** @param {Words} words */
export const inLanguage = (words, language) => (typeof words === "object" ? words[language] : String(words));

/** Of a contender's or program's name. */
export const isOurs = (name) => /wechat-offiaccount|\bours?\b|^core$|^wechat-oa/.test(name);

export const spreadText = ({ median, least, most }) => `${median.toFixed(2)} (${least.toFixed(2)}–${most.toFixed(2)})`;

/** Digits as they are read: 12,345; 12.3; 0.123. */
export function figure(value) {
  if (Number.isInteger(value) || Math.abs(value) >= 1000) return Math.round(value).toLocaleString("en-US");
  return Number(value.toFixed(Math.abs(value) >= 10 ? 1 : 3)).toString();
}

/**
 * @param {Words} goal in words
 * @param measured `[where, value]` of all that the goal is about; a missing value is undefined
 * @param bound `{ atLeast }` or `{ atMost }`
 * @returns `met` is undefined where something was not measured
 */
export function goalOf(goal, measured, { atLeast = Number.NEGATIVE_INFINITY, atMost = Number.POSITIVE_INFINITY }) {
  const known = measured.filter(([, value]) => value !== undefined);
  const values = known.map(([where, value]) => [where, figure(value)]);
  const failed = known.some(([, value]) => value < atLeast || value > atMost);
  const met = failed ? false : known.length < measured.length || known.length === 0 ? undefined : true;
  return { goal, values, met };
}

export const table = (head, rows) => ({ head, rows });
