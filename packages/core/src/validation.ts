import * as z from "zod";
import type { Bilingual } from "./error-catalog.js";
import { type InputProblem, WeChatValidationError } from "./errors.js";

/** A time span; timers cannot wait longer than 2^31 - 1 ms. */
export const milliseconds = z
  .number("must be a number of milliseconds")
  .positive("must be above 0 milliseconds")
  .max(2 ** 31 - 1, "must be below 2^31 milliseconds");
export const flag = z.boolean("must be true or false");

/** A function; what it takes and gives is its type's word only. */
export const fn = <T>() => z.custom<T>((value) => typeof value === "function", "must be a function");

export function hasMethod(value: unknown, name: string): boolean {
  return typeof value === "object" && value !== null && typeof (value as Record<string, unknown>)[name] === "function";
}

/**
 * What `make` makes, made when it is first asked for. A schema that is put together of others stands in one: making all
 * of them would be a third of what importing this package costs, and a program uses few.
 */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

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
  return { field, problem, problemInChinese: inChinese, remedy };
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

/** What the schemas of client and calls say. */
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
  "must be a function": "应为函数",
  "must be an AbortSignal": "应为 AbortSignal",
  "is empty": "不能为空",
  "must be a Buffer, Uint8Array or Blob": "应为 Buffer、Uint8Array 或 Blob",
  "must be a stream of bytes": "应为字节流",
  "is missing": "未填写",
  "is not 3 to 32 letters and digits": "不是 3 至 32 个英文字母或数字",
  "is not 43 letters and digits": "不是 43 个英文字母或数字",
  "belongs to another account": "属于另一个公众号",
  "does not keep in the inbox what it sends": "发送的消息不会存入该收件箱",
  'is missing; only mode "plain" needs none': "未填写；仅 plain 模式不需要",
  "is no file": "不是文件",
  "is a stream without its length": "是未注明长度的流",
  "is empty or holds a space": "为空或含有空格",
  "is not an AppID": "不是 AppID",
  "is not an openid": "不是 openid",
  "is not a media_id": "不是 media_id",
  "is not an article id": "不是图文的 article_id",
  "is not a card id": "不是卡券的 card_id",
  "is not a rid": "不是 rid",
  "is not an agent's account (name@account-wechat-id)": "不是客服账号（名称@公众号微信号）",
  "is not a plain http:// or https:// URL": "不是 http:// 或 https:// 地址",
  "must be a URL": "应为网址",
  "must be an http:// or https:// URL": "应为 http:// 或 https:// 网址",
  'must be "stable", "classic" or a function': "应为 stable、classic 或函数",
  'must be "env" or an http:// or https:// URL': "应为 env 或 http:// 或 https:// 地址",
  "cannot be used together with dispatcher": "不能与 dispatcher 同时使用",
  "must be 1 or more": "应不小于 1",
  "must be a Date": "应为 Date",
  "must hold strings or numbers": "取值应为字符串或数字",
  "holds half of a character (an unpaired surrogate, mostly a cut emoji)": "含有半个字符（多为被截断的表情）",
};
