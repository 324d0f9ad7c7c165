import { type Bilingual, type RefusalReason, WeChatValidationError } from "@wechat-offiaccount/core";
import accountEn from "../nodes/wechat-oa-account/locales/en-US/wechat-oa-account.json" with { type: "json" };
import accountZh from "../nodes/wechat-oa-account/locales/zh-CN/wechat-oa-account.json" with { type: "json" };
import conversationEn from "../nodes/wechat-oa-conversation/locales/en-US/wechat-oa-conversation.json" with {
  type: "json",
};
import conversationZh from "../nodes/wechat-oa-conversation/locales/zh-CN/wechat-oa-conversation.json" with {
  type: "json",
};
import receiveEn from "../nodes/wechat-oa-receive/locales/en-US/wechat-oa-receive.json" with { type: "json" };
import receiveZh from "../nodes/wechat-oa-receive/locales/zh-CN/wechat-oa-receive.json" with { type: "json" };
import sendEn from "../nodes/wechat-oa-send/locales/en-US/wechat-oa-send.json" with { type: "json" };
import sendZh from "../nodes/wechat-oa-send/locales/zh-CN/wechat-oa-send.json" with { type: "json" };

// Messages follow the language of the runtime (RED._). Remedies are wanted in both languages at once, which RED._
// cannot give: they are read from the same catalogues.
const CATALOGUES = {
  "wechat-oa-account": { en: accountEn["wechat-oa-account"], zh: accountZh["wechat-oa-account"] },
  "wechat-oa-conversation": {
    en: conversationEn["wechat-oa-conversation"],
    zh: conversationZh["wechat-oa-conversation"],
  },
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
  return textsOf(type, `remedies.${name}`, parameters);
}

/** A text of a node's catalogue in both languages; empty if there is none of this name. */
export function textsOf(type: NodeType, path: string, parameters: Parameters = {}): Bilingual {
  const { en, zh } = CATALOGUES[type];
  return { en: fill(textAt(en, path), parameters), zh: fill(textAt(zh, path), parameters) };
}

/** As `RED._`, in English whatever the language of the runtime: for those who are told in the language of their browser. */
export const inEnglish: Translate = (key, parameters) => {
  const [type = "", ...path] = key.split(".");
  return isNodeType(type) ? textsOf(type, path.join("."), parameters).en : key;
};

/**
 * What to do about a request that the callback refused, in words of the account's dialog.
 * @returns undefined where core's words, which name options of a program, fit as well
 */
export function refusalRemedyOf(reason: RefusalReason): Bilingual | undefined {
  const remedy = textsOf("wechat-oa-account", `refusals.${reason}`);
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
  const problemInChinese = textsOf(type, `errors.${name}`, parameters).zh;
  const remedy = remedyOf(type, name, parameters);
  const found = { field, problem, problemInChinese, remedy };
  return new WeChatValidationError([found], { delivery: "not-delivered", parts: [] });
}

function isNodeType(type: string): type is NodeType {
  return Object.hasOwn(CATALOGUES, type);
}

function textAt(texts: object, path: string): string {
  let at: unknown = texts;
  for (const name of path.split(".")) at = typeof at === "object" && at !== null ? Reflect.get(at, name) : undefined;
  return typeof at === "string" ? at : "";
}

function fill(text: string, parameters: Parameters): string {
  return text.replace(/__(\w+?)__/g, (whole, name: string) => parameters[name] ?? whole);
}

/** The language of the runtime as far as remedies are concerned. */
export function languageOf(translate: Translate, type: NodeType): keyof Bilingual {
  return translate(`${type}.language`) === "zh" ? "zh" : "en";
}
