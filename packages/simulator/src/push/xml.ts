import { type Fields, isObject } from "../options.js";

const DEEPEST = 10;
const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

/** What XML is made of: a declaration or comment, CDATA, an opening or closing tag, text. */
const TOKEN = /<\?[^>]*\?>|<!--[\s\S]*?-->|<!\[CDATA\[([\s\S]*?)\]\]>|<(\/?)([A-Za-z_][\w.-]*)\s*(\/?)>|([^<]+)/y;
const ENTITY = /&(?:#(\d+)|#x([0-9a-fA-F]+)|(\w+));/g;

interface Open {
  readonly name: string;
  readonly children: Fields;
  text: string;
}

/**
 * Reads the XML of a reply, whose root is `xml`: elements without attributes, text and CDATA. An element that has
 * others within is an object, one that stands several times a list, any other its text. Undefined when it is no such XML.
 */
export function readXml(source: string): Fields | undefined {
  const stack: Open[] = [{ name: "", children: Object.create(null), text: "" }];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.length) {
    const match = TOKEN.exec(source);
    const top = stack.at(-1);
    if (match === null || top === undefined) return undefined;
    const [, cdata, slash, name, empty, words] = match;
    if (cdata !== undefined) top.text += cdata;
    else if (words !== undefined) {
      const plain = unescaped(words);
      if (plain === undefined) return undefined;
      top.text += plain;
    } else if (name !== undefined && slash === "") {
      stack.push({ name, children: Object.create(null), text: "" });
      if (stack.length > DEEPEST) return undefined;
      if (empty === "/") close(stack);
    } else if (name !== undefined && (top.name !== name || empty === "/" || !close(stack))) return undefined;
  }
  const [root] = stack;
  if (stack.length !== 1 || root === undefined || root.text.trim() !== "") return undefined;
  const { xml } = root.children;
  return Object.keys(root.children).length === 1 && isObject(xml) ? xml : undefined;
}

/** Ends the innermost element; false when it has words beside its elements. */
function close(stack: Open[]): boolean {
  const ended = stack.pop();
  const parent = stack.at(-1);
  if (ended === undefined || parent === undefined) return false;
  const leaf = Object.keys(ended.children).length === 0;
  if (!leaf && ended.text.trim() !== "") return false;
  const value = leaf ? ended.text : ended.children;
  const before = parent.children[ended.name];
  if (before === undefined) parent.children[ended.name] = value;
  else if (Array.isArray(before)) before.push(value);
  else parent.children[ended.name] = [before, value];
  return true;
}

function unescaped(words: string): string | undefined {
  let known = true;
  const plain = words.replace(ENTITY, (_all, decimal?: string, hex?: string, name?: string) => {
    const code = decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal);
    const char = name === undefined ? codePoint(code) : ENTITIES[name];
    if (char === undefined) known = false;
    return char ?? "";
  });
  return known && !/&/.test(words.replace(ENTITY, "")) ? plain : undefined;
}

function codePoint(code: number): string | undefined {
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}
