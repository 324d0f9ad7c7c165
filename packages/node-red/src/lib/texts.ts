import { type Bilingual, type RefusalReason, WeChatValidationError } from "@wechat-offiaccount/core";
import accountEn from "../nodes/wechat-oa-account/locales/en-US/wechat-oa-account.json" with { type: "json" };
import accountZh from "../nodes/wechat-oa-account/locales/zh-CN/wechat-oa-account.json" with { type: "json" };
import receiveEn from "../nodes/wechat-oa-receive/locales/en-US/wechat-oa-receive.json" with { type: "json" };
import receiveZh from "../nodes/wechat-oa-receive/locales/zh-CN/wechat-oa-receive.json" with { type: "json" };
import sendEn from "../nodes/wechat-oa-send/locales/en-US/wechat-oa-send.json" with { type: "json" };
import sendZh from "../nodes/wechat-oa-send/locales/zh-CN/wechat-oa-send.json" with { type: "json" };

// Messages follow the language of the runtime (RED._). Remedies are wanted in both languages at once, which RED._
// cannot give: they are read from the same catalogues.
const CATALOGUES = {
  "wechat-oa-account": { en: accountEn["wechat-oa-account"], zh: accountZh["wechat-oa-account"] },
  "wechat-oa-receive": { en: receiveEn["wechat-oa-receive"], zh: receiveZh["wechat-oa-receive"] },
  "wechat-oa-send": { en: sendEn["wechat-oa-send"], zh: sendZh["wechat-oa-send"] },
};

export type NodeType = keyof typeof CATALOGUES;
/** The errors of a node type, by the name that message and remedy have in its catalogue. */
export type ErrorName<Type extends NodeType> = keyof (typeof CATALOGUES)[Type]["en"]["errors" | "remedies"] & string;
type Parameters = Readonly<Record<string, string>>;

/** `RED._` of a node: a text of its own catalogue in the language of the runtime. */
export type Translate = (key: string, parameters?: Parameters) => string;

export type { Bilingual };

/** The remedy for one of a node's own errors, in both languages. */
export function remedyOf<Type extends NodeType>(
  type: Type,
  name: ErrorName<Type>,
  parameters: Parameters = {},
): Bilingual {
  const { en, zh }: { en: { remedies: object }; zh: { remedies: object } } = CATALOGUES[type];
  return { en: fill(textOf(en.remedies, name), parameters), zh: fill(textOf(zh.remedies, name), parameters) };
}

/**
 * What to do about a request that the callback refused, in words of the account's dialog.
 * @returns undefined where core's words, which name options of a program, fit as well
 */
export function refusalRemedyOf(reason: RefusalReason): Bilingual | undefined {
  const { en, zh } = CATALOGUES["wechat-oa-account"];
  const remedy = { en: textOf(en.refusals, reason), zh: textOf(zh.refusals, reason) };
  return remedy.en === "" ? undefined : remedy;
}

/** An error that a node finds itself, before anything is sent. */
export function inputError<Type extends NodeType>(
  translate: Translate,
  type: Type,
  name: ErrorName<Type>,
  field: string,
  parameters: Parameters = {},
): WeChatValidationError {
  const problem = translate(`${type}.errors.${name}`, parameters);
  const remedy = remedyOf(type, name, parameters);
  return new WeChatValidationError([{ field, problem, remedy }], { delivery: "not-delivered", parts: [] });
}

function textOf(texts: object, name: string): string {
  const text: unknown = Reflect.get(texts, name);
  return typeof text === "string" ? text : "";
}

function fill(text: string, parameters: Parameters): string {
  return text.replace(/__(\w+?)__/g, (whole, name: string) => parameters[name] ?? whole);
}

/** The language of the runtime as far as remedies are concerned. */
export function languageOf(translate: Translate, type: NodeType): keyof Bilingual {
  return translate(`${type}.language`) === "zh" ? "zh" : "en";
}
