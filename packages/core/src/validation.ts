import * as z from "zod";
import type { Bilingual } from "./error-catalog.js";
import { WeChatValidationError } from "./errors.js";

/** A time span; timers cannot wait longer than 2^31 - 1 ms. */
export const milliseconds = z
  .number("must be a number of milliseconds")
  .positive("must be above 0 milliseconds")
  .max(2 ** 31 - 1, "must be below 2^31 milliseconds");
export const flag = z.boolean("must be true or false");

/** Remedies by field; a field without one is told to be corrected as the message says. */
export type FieldRemedies = Readonly<Record<string, Bilingual>>;

/**
 * Checks input against a schema.
 * @throws WeChatValidationError that names the first wrong field and its remedy
 */
export function validate<S extends z.ZodType>(schema: S, input: unknown, remedies: FieldRemedies = {}): z.output<S> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const unknownKey = issue?.code === "unrecognized_keys" ? issue.keys[0] : undefined;
  const field = [...(issue?.path ?? []), ...(unknownKey === undefined ? [] : [unknownKey])].join(".") || "input";
  const words = unknownKey === undefined ? (issue?.message ?? "is wrong") : "there is no such option";
  throw new WeChatValidationError(
    field,
    `${field}: ${words}`,
    remedies[field] ?? { en: `Correct ${field}: ${words}.`, zh: `请更正 ${field}（${words}）。` },
  );
}
