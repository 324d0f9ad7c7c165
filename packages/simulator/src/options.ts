/** A bad option, from code, the command line or the control API. The message names the field and the remedy. */
export class SimulatorOptionError extends Error {
  override readonly name = "SimulatorOptionError";
  constructor(
    /** The option at fault, for example `accounts[0].appId`. */
    readonly field: string,
    remedy: string,
  ) {
    super(`${field}: ${remedy}`);
  }
}

export type Fields = Record<string, unknown>;

/** `value` as an object that has no other keys than `known`, so that a misspelt option is not silently ignored. */
export function fields(value: unknown, where: string, known: readonly string[]): Fields {
  if (!isObject(value)) throw new SimulatorOptionError(where, "give an object");
  for (const key of Object.keys(value)) {
    if (!known.includes(key)) {
      throw new SimulatorOptionError(`${where}.${key}`, `is not an option; known are ${known.join(", ")}`);
    }
  }
  return value;
}

export function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The longest strings taken, in characters: far beyond what WeChat has, but bounded, because the phone is sent many of
 * them at once.
 */
export const LONGEST = { id: 128, name: 64, fileName: 255, url: 2000, words: 20_000 } as const;

/** @param most characters; default those of an id */
export function text(value: unknown, field: string, most: number = LONGEST.id): string {
  if (typeof value !== "string" || !/^\S+$/.test(value)) {
    throw new SimulatorOptionError(field, "give a non-empty string without white space");
  }
  return bounded(value, field, most);
}

export function optionalText(value: unknown, field: string, most?: number): string | undefined {
  return value === undefined ? undefined : text(value, field, most);
}

/** Any string, also an empty one or one with white space. @param most characters */
export function optionalString(value: unknown, field: string, most: number = LONGEST.words): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "string") throw new SimulatorOptionError(field, "give a string");
  return bounded(value, field, most);
}

function bounded(value: string, field: string, most: number): string {
  if (value.length <= most) return value;
  throw new SimulatorOptionError(field, `give at most ${most} characters; there are ${value.length}`);
}

export function optionalFlag(value: unknown, field: string): boolean | undefined {
  if (value !== undefined && typeof value !== "boolean") throw new SimulatorOptionError(field, "give true or false");
  return value;
}

export function optionalTexts(value: unknown, field: string): readonly string[] | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) throw new SimulatorOptionError(field, "give an array of strings");
  return value.map((entry, index) => text(entry, `${field}[${index}]`));
}

/** A number of at least `least`; Infinity is allowed, and JSON, which has no Infinity, may say "always". */
export function optionalCount(value: unknown, field: string, least: number): number | undefined {
  if (value === undefined) return undefined;
  if (value === "always") return Number.POSITIVE_INFINITY;
  const whole = typeof value === "number" && (Number.isInteger(value) || value === Number.POSITIVE_INFINITY);
  if (!whole || value < least) {
    throw new SimulatorOptionError(field, `give a whole number of at least ${least}, Infinity, or in JSON "always"`);
  }
  return value;
}

export function finiteNumber(value: unknown, field: string): number {
  if (typeof value !== "number" || !Number.isFinite(value)) throw new SimulatorOptionError(field, "give a number");
  return value;
}

export function oneOf<T extends string>(value: unknown, field: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === value);
  if (found === undefined) throw new SimulatorOptionError(field, `give one of ${choices.join(", ")}`);
  return found;
}
