import { en } from "./texts-en.js";
import { zh } from "./texts-zh.js";
import type { Language } from "./time.js";

export type Texts = typeof en;

const TEXTS: Readonly<Record<Language, Texts>> = { en, zh };

export function textsOf(language: Language): Texts {
  return TEXTS[language];
}

/** What a fault is called; one that has no name, by its kind. */
export function faultName({ faults }: Texts, kind: string): string {
  return new Map(Object.entries(faults)).get(kind) ?? kind;
}

/** The language chosen before, else the browser's: Chinese for every kind of Chinese, English for all others. */
export function firstLanguage(remembered: string | null, browser: string): Language {
  if (remembered === "zh" || remembered === "en") return remembered;
  return /^zh\b/i.test(browser) ? "zh" : "en";
}
