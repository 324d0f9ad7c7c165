import type { WeChatValidationError } from "@wechat-offiaccount/core";
import {
  type AccountField,
  type AccountSettings,
  CREDENTIALS,
  PROPERTIES,
  trimmed,
  variableOf,
} from "./account-settings.js";
import { type ErrorName, inEnglish, inputError } from "./texts.js";

/** What the editor has in place of a credential that is stored (Node-RED's own word). */
const STORED = "__PWRD__";
const WECHAT = "https://api.weixin.qq.com/";
/** Where what stands at a place is shorter, it is too common to be hidden. */
const SHORTEST = 4;

/** What the server knows and the dialog does not. */
export interface Server {
  /** The settings of this account as they were deployed, variables replaced. */
  readonly deployed: AccountSettings | undefined;
  /** The value of an environment variable, as Node-RED gives it to this account. */
  readonly variable: (name: string) => string | undefined;
}

/** Settings as they stand in a dialog, with what only the server knows. */
export interface DialogSettings {
  readonly settings: AccountSettings;
  /** Why they may not be used. */
  readonly problem?: WeChatValidationError;
  /** Takes out of a text what the dialog did not know before. */
  readonly conceal: (text: string) => string;
}

/**
 * Fills in stored credentials and environment variables. Both are kept from whoever uses the editor: they are in no
 * answer, and the AppSecret among them goes nowhere but where it goes without him. Else a base URL or a proxy of his
 * own would tell it to him.
 */
export function dialogSettings(asked: object, { deployed, variable }: Server): DialogSettings {
  const settings: { [Field in AccountField]?: unknown } = {};
  /** What the dialog does not know, by field: what stands for it. */
  const kept = new Map<AccountField, string>();
  let problem: WeChatValidationError | undefined;
  for (const field of [...PROPERTIES, ...CREDENTIALS]) {
    let value: unknown = Reflect.get(asked, field);
    if (value === STORED && isCredential(field)) {
      value = deployed?.[field] || undefined;
      kept.set(field, "***");
      if (value === undefined) problem ??= refused("notDeployed", field);
    }
    const name = variableOf(value);
    const found = name === undefined ? undefined : variable(name);
    if (found !== undefined) kept.set(field, `\${${name}}`);
    settings[field] = found ?? value;
  }
  if (goesElsewhere(settings, deployed, kept.get("appSecret"))) problem ??= refused("secretElsewhere", "appSecret");
  const conceal = concealer(
    [...kept].flatMap(([field, sign]) => hiddenParts(settings[field]).map((part) => [part, sign])),
  );
  return { settings, conceal, ...(problem && { problem }) };
}

/** Whether an AppSecret that the dialog does not know would go where it does not go without the dialog. */
function goesElsewhere(settings: AccountSettings, deployed: AccountSettings | undefined, kept: string | undefined) {
  if (kept === undefined) return false;
  const target = targetOf(settings);
  if (deployed && target === targetOf(deployed)) return false;
  // A variable may be tried before the first deploy, at WeChat itself.
  return kept === "***" || target !== targetOf({});
}

/** All that decides who can read what is sent. */
function targetOf({ baseUrl, proxy }: AccountSettings): string {
  const base = trimmed(baseUrl) || WECHAT;
  const place = URL.canParse(base) ? new URL(base).href.replace(/(\/cgi-bin)?\/*$/, "") : base;
  return `${place} ${trimmed(proxy)}`;
}

/** A value, and of a URL what parts of it may be shown by: host, user, password. */
function hiddenParts(value: unknown): string[] {
  const whole = trimmed(value);
  if (!URL.canParse(whole)) return [whole];
  const { host, hostname, username, password, origin } = new URL(whole);
  const parts = origin === new URL(WECHAT).origin ? [] : [origin, host, hostname];
  return [whole, ...parts, username, password, decoded(password)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function concealer(hidden: readonly (readonly [part: string, sign: string])[]): (text: string) => string {
  // The longest first: a host is part of its URL.
  const parts = hidden.filter(([part]) => part.length >= SHORTEST).sort(([a], [b]) => b.length - a.length);
  return (text) => parts.reduce((shown, [part, sign]) => shown.replaceAll(part, () => sign), text);
}

const isCredential = (field: AccountField): boolean => CREDENTIALS.some((name) => name === field);

const refused = (error: ErrorName<"wechat-oa-account">, field: AccountField) =>
  inputError(inEnglish, "wechat-oa-account", error, field, { field });
