import type { SaxesParser } from "saxes";
import { type Fields, FORBIDDEN_NAME, MAX_DEPTH } from "./fields.js";
import { Refusal } from "./refusals.js";

/** A field that is being read. */
type Built = string | BuiltFields | Built[];
interface BuiltFields {
  [name: string]: Built;
}
interface OpenElement {
  readonly name: string;
  text: string;
  fields: BuiltFields | undefined;
}

/** XML forbids them, and followers paste them all the same: the message is worth more than they are. */
const FORBIDDEN = /(?![\t\n\r\u007f-\u009f])[\p{Cc}\ufffe\uffff]/gu;

/**
 * Reads WeChat's XML strictly: well-formed, without DOCTYPE, no entities beyond XML's five, elements only (attributes
 * are not used by WeChat and are left out). Throws Refusal `malformed`, `doctype` or `too-deep`.
 */
export type XmlReader = (xml: string) => Fields;

let reader: Promise<XmlReader> | undefined;

/**
 * Loads the parser. Not with this module: who only sends needs none, and it is CommonJS, which costs a program of ES
 * modules far more than its size.
 */
export function xmlReader(): Promise<XmlReader> {
  // By its default, which is the whole CommonJS module in Node and in bundles alike; bundles know none of its names.
  reader ??= import("saxes").then(
    ({ default: saxes }) =>
      (xml) =>
        parseXml(saxes.SaxesParser, xml),
  );
  return reader;
}

function parseXml(Parser: typeof SaxesParser, xml: string): Fields {
  try {
    return parseStrictly(Parser, xml);
  } catch (error) {
    // Looked for only here: nearly every message is without them.
    const clean = xml.replace(FORBIDDEN, "");
    if (clean.length === xml.length) throw error;
    return parseStrictly(Parser, clean);
  }
}

function parseStrictly(Parser: typeof SaxesParser, xml: string): Fields {
  const parser = new Parser({ position: false });
  const open: OpenElement[] = [];
  let root: Fields = {};
  parser.on("doctype", () => {
    throw new Refusal("doctype");
  });
  parser.on("error", () => {
    throw new Refusal("malformed");
  });
  parser.on("opentag", ({ name }) => {
    // The root itself is no level of fields.
    if (open.length > MAX_DEPTH) throw new Refusal("too-deep");
    open.push({ name, text: "", fields: undefined });
  });
  const addText = (text: string) => {
    const element = open.at(-1);
    if (element) element.text += text;
  };
  parser.on("text", addText);
  parser.on("cdata", addText);
  parser.on("closetag", () => {
    const element = open.pop();
    const parent = open.at(-1);
    if (!element) return;
    if (!parent) root = element.fields ?? {};
    else if (element.name !== FORBIDDEN_NAME) {
      parent.fields ??= {};
      add(parent.fields, element.name, element.fields ?? element.text);
    }
  });
  parser.write(xml).close();
  return root;
}

/** Elements of the same name are a list. */
function add(fields: BuiltFields, name: string, value: Built): void {
  const before = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (before === undefined) fields[name] = value;
  else if (Array.isArray(before)) before.push(value);
  else fields[name] = [before, value];
}

/** Text for an element, in CDATA as WeChat writes it. */
export const cdata = (text: string): string => `<![CDATA[${text.replaceAll("]]>", "]]]]><![CDATA[>")}]]>`;
