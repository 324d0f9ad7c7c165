import * as z from "zod";
import type { Bilingual } from "./error-catalog.js";
import { type InputProblem, WeChatValidationError } from "./errors.js";

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
 * @throws WeChatValidationError that names every wrong field and its remedy
 */
export function validate<S extends z.ZodType>(schema: S, input: unknown, remedies: FieldRemedies = {}): z.output<S> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const [first, ...others] = result.error.issues.flatMap((issue) => problemsOf(issue, remedies));
  if (first === undefined) throw result.error;
  throw new WeChatValidationError([first, ...others]);
}

function problemsOf(issue: z.core.$ZodIssue, remedies: FieldRemedies): InputProblem[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => problemOf([...issue.path, key].join("."), "there is no such option", remedies));
  }
  return [problemOf(issue.path.join(".") || "input", issue.message, remedies)];
}

function problemOf(field: string, problem: string, remedies: FieldRemedies): InputProblem {
  const remedy = remedies[field] ?? { en: `Correct ${field}: it ${problem}.`, zh: `请更正 ${field}（${problem}）。` };
  return { field, problem, remedy };
}
