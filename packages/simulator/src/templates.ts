import { fields, isObject, optionalString, SimulatorOptionError, text } from "./options.js";

export interface TemplateOptions {
  templateId: string;
  title: string;
  /** With a place `{{keyword1.DATA}}` for each value. */
  content: string;
  /** Default empty. */
  primaryIndustry?: string;
  /** Default empty. */
  deputyIndustry?: string;
  /** Default empty. */
  example?: string;
}

const PLACE = /\{\{\s*([\w.-]+?)\.DATA\s*\}\}/g;

export function readTemplates(value: unknown, field: string): readonly TemplateOptions[] | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) throw new SimulatorOptionError(field, "give an array of templates");
  const templates = value.map((entry, index) => readTemplate(entry, `${field}[${index}]`));
  const ids = templates.map(({ templateId }) => templateId);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) throw new SimulatorOptionError(field, `"${twice}" is given twice`);
  return templates;
}

function readTemplate(value: unknown, where: string): TemplateOptions {
  const optional = ["primaryIndustry", "deputyIndustry", "example"] as const;
  const given = fields(value, where, ["templateId", "title", "content", ...optional]);
  const template: TemplateOptions = {
    templateId: text(given.templateId, `${where}.templateId`),
    title: words(given.title, `${where}.title`),
    content: words(given.content, `${where}.content`),
  };
  for (const name of optional) {
    template[name] = optionalString(given[name], `${where}.${name}`);
  }
  return template;
}

function words(value: unknown, field: string): string {
  const given = optionalString(value, field);
  if (given === undefined) throw new SimulatorOptionError(field, "give a string");
  return given;
}

/** The names of the values that a template takes. */
export function placesOf({ content }: TemplateOptions): readonly string[] {
  return [...new Set([...content.matchAll(PLACE)].map(([, name = ""]) => name))];
}

/** What the phone shows. */
export function fill({ content }: TemplateOptions, data: Record<string, unknown>): string {
  return content.replace(PLACE, (_place, name: string) => {
    const entry = data[name];
    return isObject(entry) ? String(entry.value) : "";
  });
}
