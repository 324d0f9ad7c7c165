import { keepLongNumbers } from "../long-numbers.js";
import { type Fields, type FieldValue, FORBIDDEN_NAME, isFields, MAX_DEPTH } from "./fields.js";
import { Refusal } from "./refusals.js";

/**
 * Reads a JSON object with every leaf as text. `null` counts as absent.
 * @throws Refusal `malformed` or `too-deep`
 */
export function parseJson(json: string): Fields {
  const fields = asField(parsed(json), 0);
  if (!isFields(fields)) throw new Refusal("malformed");
  return fields;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(keepLongNumbers(json));
  } catch {
    throw new Refusal("malformed");
  }
}

function asField(value: unknown, depth: number): FieldValue | undefined {
  if (typeof value === "string") return value;
  if (typeof value !== "object") return String(value);
  if (value === null) return undefined;
  if (depth > MAX_DEPTH) throw new Refusal("too-deep");
  if (Array.isArray(value)) return value.map((item) => asField(item, depth + 1) ?? "");
  const fields: Record<string, FieldValue> = {};
  for (const [name, item] of Object.entries(value)) {
    const field = asField(item, depth + 1);
    // WeChat's examples have names such as " OpenID".
    if (field !== undefined && name !== FORBIDDEN_NAME) fields[name.trim()] = field;
  }
  return fields;
}
