import { hash } from "node:crypto";

/** SHA-256 of a value as JSON, whatever the order of its fields; base64. */
export const digestOf = (value: unknown): string => hash("sha256", JSON.stringify(value, sorted) ?? "", "base64");

function sorted(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}
