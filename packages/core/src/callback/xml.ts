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

let loading: Promise<XmlReader> | undefined;
let loaded: XmlReader | undefined;

/**
 * Loads the parser. Not with this module: who only sends needs none, and it is CommonJS, which costs a program of ES
 * modules far more than its size.
 */
export function xmlReader(): Promise<XmlReader> {
  // By its default, which is the whole CommonJS module in Node and in bundles alike; bundles know none of its names.
  loading ??= import("saxes").then(({ default: saxes }) => {
    loaded = readerWith(saxes.SaxesParser);
    return loaded;
  });
  return loading;
}

/** The same, if it is loaded: all but the first push need not wait. */
export const loadedXmlReader = (): XmlReader | undefined => loaded;

function readerWith(Parser: typeof SaxesParser): XmlReader {
  let strict = new StrictReader(Parser);
  const readStrictly = (xml: string) => {
    try {
      return strict.read(xml);
    } catch (error) {
      // It stands in the middle of what failed.
      strict = new StrictReader(Parser);
      throw error;
    }
  };
  return (xml) => {
    try {
      return readStrictly(xml);
    } catch (error) {
      // Looked for only here: nearly every message is without them.
      const clean = xml.replace(FORBIDDEN, "");
      if (clean.length === xml.length) throw error;
      return readStrictly(clean);
    }
  };
}

/** Reads one document after another: a parser is set up once, not for each message. */
class StrictReader {
  readonly #parser: SaxesParser;
  readonly #open: OpenElement[] = [];
  #root: Fields = {};

  constructor(Parser: typeof SaxesParser) {
    this.#parser = new Parser({ position: false });
    this.#parser.on("doctype", () => {
      throw new Refusal("doctype");
    });
    this.#parser.on("error", () => {
      throw new Refusal("malformed");
    });
    this.#parser.on("opentag", ({ name }) => this.#begin(name));
    this.#parser.on("text", (text) => this.#add(text));
    this.#parser.on("cdata", (text) => this.#add(text));
    this.#parser.on("closetag", () => this.#end());
  }

  /** After it threw it is of no more use. */
  read(xml: string): Fields {
    this.#parser.write(xml).close();
    const root = this.#root;
    this.#root = {};
    return root;
  }

  #begin(name: string): void {
    // The root itself is no level of fields.
    if (this.#open.length > MAX_DEPTH) throw new Refusal("too-deep");
    this.#open.push({ name, text: "", fields: undefined });
  }

  #add(text: string): void {
    const element = this.#open.at(-1);
    if (element) element.text += text;
  }

  #end(): void {
    const element = this.#open.pop();
    const parent = this.#open.at(-1);
    if (!element) return;
    if (!parent) this.#root = element.fields ?? {};
    else if (element.name !== FORBIDDEN_NAME) {
      parent.fields ??= {};
      add(parent.fields, element.name, element.fields ?? element.text);
    }
  }
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
