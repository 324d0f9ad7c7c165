export type Language = "zh" | "en";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** WeChat shows the time between messages when this much lies between them; no official page says so, it is seen. */
const GAP = 5 * MINUTE;

/** Whether the time stands above an entry. @param before when the entry above it came; undefined for the first */
export function showsTime(time: number, before: number | undefined): boolean {
  return before === undefined || Math.abs(time - before) >= GAP;
}

const LOCALES: Readonly<Record<Language, string>> = { zh: "zh-CN", en: "en-GB" };
const YESTERDAY: Readonly<Record<Language, string>> = { zh: "昨天", en: "Yesterday" };

/** A time as WeChat writes it between messages: today 10:05, 昨天 10:05, 星期三 10:05, 11月20日 10:05, with the year. */
export function chatTime(time: number, now: number, language: Language): string {
  const locale = LOCALES[language];
  const clock = new Date(time).toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const days = Math.round((midnight(now) - midnight(time)) / DAY);
  if (days === 0) return clock;
  if (days === 1) return `${YESTERDAY[language]} ${clock}`;
  const sameYear = new Date(time).getFullYear() === new Date(now).getFullYear();
  const format: Intl.DateTimeFormatOptions =
    days > 1 && days < 7
      ? { weekday: "long" }
      : { month: "long", day: "numeric", ...(sameYear ? {} : { year: "numeric" }) };
  return `${new Date(time).toLocaleDateString(locale, format)} ${clock}`;
}

function midnight(time: number): number {
  return new Date(time).setHours(0, 0, 0, 0);
}

/** The time of day, with seconds. */
export function clockTime(time: number): string {
  return new Date(time).toLocaleTimeString("en-GB");
}

/** Date and time of day, `2026-11-22 17:30:24`. */
export function fullTime(time: number): string {
  return new Date(time).toLocaleString("sv-SE");
}

/** What is left, `47:59:58` or `0:42`. */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const shown = parts[0] === 0 ? parts.slice(1) : parts;
  return shown.map((part, index) => (index === 0 ? String(part) : String(part).padStart(2, "0"))).join(":");
}
