import { fields, optionalString, SimulatorOptionError } from "./options.js";

/** A tag (标签) of an account. */
export interface TagOptions {
  /** As the tags of a follower name it. */
  id: number;
  name: string;
}

/** The tag that every account has: the official answers of tags/get show it, and tags/update will not change it. */
const DEFAULT_TAGS: readonly TagOptions[] = [{ id: 2, name: "星标组" }];

export function readTagOptions(value: unknown, field: string): readonly TagOptions[] {
  if (value === undefined) return DEFAULT_TAGS;
  if (!Array.isArray(value)) throw new SimulatorOptionError(field, "give an array of tags");
  return value.map((entry, index) => readTag(entry, `${field}[${index}]`));
}

function readTag(value: unknown, where: string): TagOptions {
  const { id, name } = fields(value, where, ["id", "name"]);
  if (typeof id !== "number" || !Number.isInteger(id)) {
    throw new SimulatorOptionError(`${where}.id`, "give a whole number");
  }
  const words = optionalString(name, `${where}.name`);
  if (!words) throw new SimulatorOptionError(`${where}.name`, "give a non-empty string");
  return { id, name: words };
}
