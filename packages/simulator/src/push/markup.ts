/** A number stands bare, as WeChat writes CreateTime and MsgId (64 bits, so a bigint); a string stands in CDATA. */
export type PushValue = string | number | bigint | PushFields | readonly PushFields[];

/** The fields of a push in WeChat's spelling and order. */
export interface PushFields {
  readonly [name: string]: PushValue;
}

export function writeXml(fields: PushFields): string {
  return `<xml>${xmlFields(fields)}</xml>`;
}

/** MsgId stays a number of all its digits, which JSON.stringify could not write. */
export function writeJson(value: PushValue): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value !== "object") return String(value);
  if (isList(value)) return `[${value.map(writeJson).join(",")}]`;
  const members = Object.entries(value).map(([name, entry]) => `${JSON.stringify(name)}:${writeJson(entry)}`);
  return `{${members.join(",")}}`;
}

function xmlFields(fields: PushFields): string {
  return Object.entries(fields)
    .map(([name, value]) => `<${name}>${xmlValue(value)}</${name}>`)
    .join("");
}

function xmlValue(value: PushValue): string {
  if (typeof value === "string") return `<![CDATA[${value.replaceAll("]]>", "]]]]><![CDATA[>")}]]>`;
  if (typeof value !== "object") return String(value);
  return isList(value) ? value.map((item) => `<item>${xmlFields(item)}</item>`).join("") : xmlFields(value);
}

function isList(value: PushFields | readonly PushFields[]): value is readonly PushFields[] {
  return Array.isArray(value);
}
