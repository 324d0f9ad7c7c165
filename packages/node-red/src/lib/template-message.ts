import type { TemplateMessage } from "@wechat-offiaccount/core";

/** A template message without its recipient. */
export type Template = Omit<TemplateMessage, "openid">;

/** What is wrong with a template message: the key of the error's text, and the field. */
export interface TemplateProblem {
  readonly problem: "templateIdMissing" | "templateData" | "templateValue" | "templateText" | "templateField";
  readonly field: string;
}

type Given = Readonly<Record<string, unknown>>;
const FIELDS: ReadonlySet<string> = new Set(["type", "templateId", "data", "url", "miniProgram", "clientMessageId"]);
const MINI_PROGRAM: ReadonlySet<string> = new Set(["appId", "pagePath"]);
const TEXTS = ["url", "clientMessageId"] as const;

/**
 * Reads a template message of the flow. What is `undefined` or blank counts as not given, because a dialog's field
 * left empty is; values may be numbers, and may be written as WeChat writes them, `{ "value": "…" }`.
 */
export function templateOf(given: Given): Template | TemplateProblem {
  const unknown = Object.keys(given).find((name) => !FIELDS.has(name));
  if (unknown !== undefined) return { problem: "templateField", field: unknown };
  const templateId = given.templateId;
  if (typeof templateId !== "string" || templateId.trim() === "") {
    return { problem: "templateIdMissing", field: "templateId" };
  }
  const data = dataOf(given.data);
  if ("problem" in data) return data;
  const texts: { url?: string; clientMessageId?: string } = {};
  for (const field of TEXTS) {
    const value = given[field] ?? "";
    if (typeof value !== "string") return { problem: "templateText", field };
    if (value.trim() !== "") texts[field] = value.trim();
  }
  const miniProgram = miniProgramOf(given.miniProgram);
  if (miniProgram && "problem" in miniProgram) return miniProgram;
  return { templateId: templateId.trim(), data: data.values, ...texts, ...(miniProgram && { miniProgram }) };
}

function dataOf(data: unknown): { readonly values: Readonly<Record<string, string>> } | TemplateProblem {
  if (!isRecord(data)) return { problem: "templateData", field: "data" };
  const values: [string, string][] = [];
  for (const [keyword, entry] of Object.entries(data)) {
    const value = isRecord(entry) ? entry.value : entry;
    if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") {
      return { problem: "templateValue", field: `data.${keyword}` };
    }
    values.push([keyword, String(value)]);
  }
  return { values: Object.fromEntries(values) };
}

function miniProgramOf(given: unknown): { appId: string; pagePath?: string } | TemplateProblem | undefined {
  if (given === undefined || given === null) return undefined;
  if (!isRecord(given)) return { problem: "templateText", field: "miniProgram.appId" };
  const unknown = Object.keys(given).find((name) => !MINI_PROGRAM.has(name));
  if (unknown !== undefined) return { problem: "templateField", field: `miniProgram.${unknown}` };
  const { appId = "", pagePath = "" } = given;
  if (typeof appId !== "string") return { problem: "templateText", field: "miniProgram.appId" };
  if (typeof pagePath !== "string") return { problem: "templateText", field: "miniProgram.pagePath" };
  if (appId.trim() === "" && pagePath.trim() === "") return undefined;
  // A page of no mini program is a mistake that core names.
  return { appId: appId.trim(), ...(pagePath.trim() !== "" && { pagePath: pagePath.trim() }) };
}

/** A plain object, no list and no bytes. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}
