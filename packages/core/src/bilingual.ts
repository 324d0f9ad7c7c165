/** A text in the two languages that every error of ours speaks. */
export interface Bilingual {
  /** In English. */
  readonly en: string;
  /** In Chinese. */
  readonly zh: string;
}

/** A text with its `{placeholders}` filled in; a value in two languages goes into each as its own. */
export function fill(text: Bilingual, values: Readonly<Record<string, string | number | Bilingual>>): Bilingual {
  const filled = (language: keyof Bilingual) =>
    text[language].replace(/\{(\w+)\}/g, (whole, name: string) => {
      const value = values[name] ?? whole;
      return typeof value === "object" ? value[language] : String(value);
    });
  return { en: filled("en"), zh: filled("zh") };
}

/** One text after the other. */
export const joined = (first: Bilingual, second: Bilingual): Bilingual => ({
  en: `${first.en} ${second.en}`,
  zh: first.zh + second.zh,
});
