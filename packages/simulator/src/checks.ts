import type { Account } from "./accounts.js";
import { type Refusal, refuse } from "./errors.js";
import type { Fields } from "./options.js";

/** Checks an object; a check of one field gets its value. */
export type Check = (content: Fields, account: Account, now: number) => Refusal | undefined;
export type FieldCheck = (value: unknown, account: Account, now: number) => Refusal | undefined;

/** A string that may be left out. */
export const optional = (value: unknown): Refusal | undefined =>
  value === undefined || typeof value === "string" ? undefined : refuse(47001);

/** A string that must be there; `missing` is the errcode when it is not. */
export function required(missing = 40101): (value: unknown) => Refusal | undefined {
  return (value) => (value === undefined || value === "" ? refuse(missing) : optional(value));
}

/** The AppID of a mini program that is linked to the account. */
export const linkedMiniProgram: FieldCheck = (value, account) => {
  if (typeof value !== "string" || value === "") return required(40166)(value);
  return account.options.linkedMiniPrograms?.includes(value) ? undefined : refuse(40168);
};

/** Checks the fields in the order of `checks`; the first refusal counts. */
export function each(checks: Readonly<Record<string, FieldCheck>>): Check {
  const entries = Object.entries(checks);
  return (content, account, now) => {
    for (const [name, check] of entries) {
      const refusal = check(content[name], account, now);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  };
}

/** Whether a value is a whole number from `least` to `most`. */
export function isWhole(value: unknown, least: number, most = Number.MAX_SAFE_INTEGER): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= least && value <= most;
}
