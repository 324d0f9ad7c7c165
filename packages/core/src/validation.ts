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
 * @param name what errors call the whole of it
 * @throws WeChatValidationError that names every wrong field and its remedy
 */
export function validate<S extends z.ZodType>(
  schema: S,
  input: unknown,
  remedies: FieldRemedies = {},
  name: "input" | "options" = "options",
): z.output<S> {
  if (typeof input !== "object" || input === null) {
    throw new WeChatValidationError([problemOf(name, "must be an object", remedies)]);
  }
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
  const inChinese = inChineseOf(problem);
  const remedy = remedies[field] ?? {
    en: `Correct ${field}: ${problem}.`,
    zh: `请更正 ${field}${inChinese === undefined ? "" : `：${inChinese}`}。`,
  };
  return { field, problem, remedy };
}

function inChineseOf(problem: string): string | undefined {
  const whole = IN_CHINESE[problem];
  if (whole !== undefined) return whole;
  for (const [pattern, words] of CHINESE_PATTERNS) {
    const [, value] = pattern.exec(problem) ?? [];
    if (value !== undefined) return words.replace("{}", () => value.replaceAll(/, | or /g, "、"));
  }
  return undefined;
}

/** Problems that name a bound or a choice. */
const CHINESE_PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/^must be at most ([\d,]+)$/, "不能大于 {}"],
  [/^must be (\d+) or more$/, "不能小于 {}"],
  [/^must be ((?:\w+, )*\w+ or \w+)$/, "应为 {} 之一"],
];

/** The problems that have no remedy of their own by field. */
const IN_CHINESE: Readonly<Record<string, string>> = {
  "must be an object": "应为对象",
  "there is no such option": "没有这个选项，请检查拼写",
  "must be a string": "应为字符串",
  "must be true or false": "应为 true 或 false",
  "must be a number of milliseconds": "应为毫秒数",
  "must be above 0 milliseconds": "应大于 0 毫秒",
  "must be below 2^31 milliseconds": "应小于 2^31 毫秒",
  "must be a whole number": "应为整数",
  "must be above 0": "应大于 0",
  "must not be below 0": "不能小于 0",
  "must be an undici dispatcher": "应为 undici 的 dispatcher",
  "must be an AbortSignal": "应为 AbortSignal",
  "is empty": "不能为空",
  "must be a Buffer, Uint8Array or Blob": "应为 Buffer、Uint8Array 或 Blob",
  "must be a stream of bytes": "应为字节流",
};
