/** Markup that is safe to show: made by `html`, which escapes every value put into it. */
export class Html {
  constructor(readonly markup: string) {}
}

type Value = Html | string | number | readonly Html[];

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  return new Html(parts.map((part, index) => part + show(values[index])).join(""));
}

function show(value: Value | undefined): string {
  if (value === undefined) return "";
  if (value instanceof Html) return value.markup;
  if (typeof value === "object") return value.map((entry) => entry.markup).join("");
  return String(value).replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char);
}
