import { resolve } from "node:path";
import type { WeChatClientOptions, WeChatValidationError } from "@wechat-offiaccount/core";
import { type ErrorName, inputError, type Translate } from "./texts.js";

/** What the account's dialog holds. Flows written by hand or by an older version may lack any of it. */
export interface AccountSettings {
  readonly appId?: unknown;
  readonly appSecret?: unknown;
  readonly baseUrl?: unknown;
  readonly tokenSource?: unknown;
  readonly callbackToken?: unknown;
  readonly encodingAESKey?: unknown;
  readonly callbackPath?: unknown;
  readonly inbox?: unknown;
}

/** The client options, or what is wrong with the settings. */
export type AccountOptions = { readonly options: WeChatClientOptions } | { readonly problem: WeChatValidationError };

/** How WeChat's pushes are taken. */
export interface CallbackSettings {
  readonly token: string;
  readonly encodingAESKey?: string;
  /** Below `httpNodeRoot`. */
  readonly path: string;
}

/** The callback's settings, nothing where no callback is wanted, or what is wrong with them. */
export type ReceiveOptions =
  | { readonly inbox: string; readonly callback?: CallbackSettings }
  | { readonly problem: WeChatValidationError };

type Problem = (key: ErrorName<"wechat-oa-account">, field: keyof AccountSettings) => WeChatValidationError;

const SENDING = ["appId", "appSecret", "baseUrl", "tokenSource"] as const;
const RECEIVING = ["callbackToken", "encodingAESKey", "callbackPath", "inbox"] as const;
const UNRESOLVED = /^\$\{([^}]+)\}$/;
const FILE_INBOX = "sqlite:";

/**
 * Reads what the client needs. Spaces around a pasted value are dropped. Node-RED has replaced `${NAME}` already where
 * the environment variable is set, and left it where it is not: that is an error of its own, because the client could
 * only say that the AppID looks wrong.
 */
export function accountOptions(settings: AccountSettings, translate: Translate): AccountOptions {
  const problem = problemsOf(settings, translate);
  const unresolved = firstUnresolved(settings, SENDING);
  if (unresolved) return { problem: problem("variableNotSet", unresolved) };

  const appId = trimmed(settings.appId);
  const appSecret = trimmed(settings.appSecret);
  const baseUrl = trimmed(settings.baseUrl);
  const tokenSource = trimmed(settings.tokenSource) || "stable";
  if (!appId) return { problem: problem("appIdMissing", "appId") };
  if (!appSecret) return { problem: problem("appSecretMissing", "appSecret") };
  if (tokenSource !== "stable" && tokenSource !== "classic") {
    return { problem: problem("tokenSourceInvalid", "tokenSource") };
  }
  return { options: { appId, appSecret, tokenSource, ...(baseUrl && { baseUrl }) } };
}

/**
 * Reads what receiving needs. Without a callback token nothing is received. The path is `/wechat/` and the AppID where
 * the dialog names none, so that two accounts never want the same one.
 * @param userDir where a relative path of the inbox's file begins: the runtime's working directory may be any
 */
export function receiveOptions(settings: AccountSettings, userDir: string, translate: Translate): ReceiveOptions {
  const problem = problemsOf(settings, translate);
  const unresolved = firstUnresolved(settings, RECEIVING);
  if (unresolved) return { problem: problem("variableNotSet", unresolved) };

  const inbox = inboxWord(trimmed(settings.inbox) || "memory", userDir);
  if (inbox === undefined) return { problem: problem("inboxInvalid", "inbox") };
  const token = trimmed(settings.callbackToken);
  const encodingAESKey = trimmed(settings.encodingAESKey);
  if (!token) return encodingAESKey ? { problem: problem("callbackTokenMissing", "callbackToken") } : { inbox };
  const path = (trimmed(settings.callbackPath) || `/wechat/${trimmed(settings.appId)}`).replace(/\/+$/, "");
  // What a path may hold (RFC 3986), and not the root: that is the editor's.
  if (!/^(\/[\w.~!$&'()*+,;=:@%-]+)+$/.test(path)) return { problem: problem("callbackPathInvalid", "callbackPath") };
  return { inbox, callback: { token, path, ...(encodingAESKey && { encodingAESKey }) } };
}

function problemsOf(settings: AccountSettings, translate: Translate): Problem {
  return (key, field) => {
    const variable = UNRESOLVED.exec(trimmed(settings[field]))?.[1] ?? "";
    return inputError(translate, "wechat-oa-account", key, field, { field, variable });
  };
}

function firstUnresolved<Field extends keyof AccountSettings>(settings: AccountSettings, fields: readonly Field[]) {
  return fields.find((field) => UNRESOLVED.test(trimmed(settings[field])));
}

/** `memory`, or `sqlite:` and an absolute path. */
function inboxWord(word: string, userDir: string): string | undefined {
  if (word === "memory") return word;
  const path = word.startsWith(FILE_INBOX) ? word.slice(FILE_INBOX.length).trim() : "";
  return path === "" ? undefined : FILE_INBOX + resolve(userDir, path);
}

function trimmed(value: unknown): string {
  return typeof value === "string" ? value.trim() : "";
}
