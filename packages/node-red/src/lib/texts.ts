import { WeChatValidationError } from "@wechat-offiaccount/core";
import accountEn from "../nodes/wechat-oa-account/locales/en-US/wechat-oa-account.json" with { type: "json" };
import accountZh from "../nodes/wechat-oa-account/locales/zh-CN/wechat-oa-account.json" with { type: "json" };
import sendEn from "../nodes/wechat-oa-send/locales/en-US/wechat-oa-send.json" with { type: "json" };
import sendZh from "../nodes/wechat-oa-send/locales/zh-CN/wechat-oa-send.json" with { type: "json" };

// Messages follow the language of the runtime (RED._). Remedies are wanted in both languages at once, which RED._
// cannot give: they are read from the same catalogues.
const EN = { ...accountEn, ...sendEn };
const ZH = { ...accountZh, ...sendZh };

type Catalogues = typeof EN;
type Parameters = Readonly<Record<string, string>>;

/** `RED._` of a node: a text of its own catalogue in the language of the runtime. */
export type Translate = (key: string, parameters?: Parameters) => string;

/** The same text in English and Chinese. */
export interface Bilingual {
  readonly en: string;
  readonly zh: string;
}

/** The remedy for one of a node's own errors, in both languages. */
export function remedyOf<Type extends keyof Catalogues>(
  type: Type,
  key: keyof Catalogues[Type]["remedies"],
  parameters: Parameters = {},
): Bilingual {
  return { en: fill(textOf(EN[type].remedies, key), parameters), zh: fill(textOf(ZH[type].remedies, key), parameters) };
}

/** An error that a node finds itself, before anything is sent. */
export function inputError<Type extends keyof Catalogues>(
  translate: Translate,
  type: Type,
  key: keyof Catalogues[Type]["remedies"] & keyof Catalogues[Type]["errors"] & string,
  field: string,
  parameters: Parameters = {},
): WeChatValidationError {
  const message = translate(`${type}.errors.${key}`, parameters);
  return new WeChatValidationError(field, message, remedyOf(type, key, parameters), {
    delivery: "not-delivered",
    parts: [],
  });
}

function textOf(texts: object, key: PropertyKey): string {
  const text: unknown = Reflect.get(texts, key);
  return typeof text === "string" ? text : "";
}

function fill(text: string, parameters: Parameters): string {
  return text.replace(/__(\w+?)__/g, (whole, name: string) => parameters[name] ?? whole);
}

/** The language of the runtime as far as remedies are concerned. */
export function languageOf(translate: Translate, type: keyof Catalogues): keyof Bilingual {
  return translate(`${type}.language`) === "zh" ? "zh" : "en";
}
