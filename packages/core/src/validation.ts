import type * as z from "zod";
import type { Bilingual } from "./error-catalog.js";
import { WeChatValidationError } from "./errors.js";

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
