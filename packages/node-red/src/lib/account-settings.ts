import { resolve } from "node:path";
import type { WeChatClientOptions, WeChatValidationError } from "@wechat-offiaccount/core";
import type { InboxPlace } from "./account-inbox.js";
import { type ErrorName, inputError, type Translate } from "./texts.js";

/** What the account's dialog holds as credentials: it never leaves the server. */
export const CREDENTIALS = ["appSecret", "proxy", "callbackToken", "encodingAESKey", "redisUrl"] as const;
/** What it holds in the flow. */
export const PROPERTIES = [
  "appId",
  "aiGenerated",
  "baseUrl",
  "tokenSource",
  "callbackPath",
  "inbox",
  "inboxType",
] as const;

/** A field of the account's dialog. */
export type AccountField = (typeof CREDENTIALS | typeof PROPERTIES)[number];
/** What the account's dialog holds. Flows written by hand or by an older version may lack any of it. */
export type AccountSettings = { readonly [Field in AccountField]?: unknown };

/** The client options, or what is wrong with the settings. */
export type AccountOptions = { readonly options: WeChatClientOptions } | { readonly problem: WeChatValidationError };

/** How WeChat's pushes are taken. */
export interface CallbackSettings {
  readonly token: string;
  readonly encodingAESKey?: string;
  /** Below `httpNodeRoot`. */
  readonly path: string;
}

/** The inbox, and the callback's settings where a callback is wanted; or what is wrong with them. */
export type ReceiveOptions =
  | { readonly inbox: InboxPlace; readonly callback?: CallbackSettings }
  | { readonly problem: WeChatValidationError };

type Wrong = { readonly error: ErrorName<"wechat-oa-account">; readonly field: AccountField };
type Problem = (wrong: Wrong) => { readonly problem: WeChatValidationError };

/** What sending needs. */
export const SENDING_FIELDS = ["appId", "appSecret", "baseUrl", "proxy", "tokenSource"] as const;
const RECEIVING = ["callbackToken", "encodingAESKey", "callbackPath"] as const;
const FILE_INBOX = "sqlite:";
const REDIS = /^rediss?:\/\//i;

/**
 * Reads what the client needs. Spaces around a pasted value are dropped. Node-RED has replaced `${NAME}` already where
 * the environment variable is set, and left it where it is not: that is an error of its own, because the client could
 * only say that the AppID looks wrong.
 */
export function accountOptions(settings: AccountSettings, translate: Translate): AccountOptions {
  const problem = problemsOf(settings, translate);
  const unresolved = firstUnresolved(settings, SENDING_FIELDS);
  if (unresolved) return problem(unresolved);

  const appId = trimmed(settings.appId);
  const appSecret = trimmed(settings.appSecret);
  const baseUrl = trimmed(settings.baseUrl);
  const proxy = trimmed(settings.proxy);
  const tokenSource = trimmed(settings.tokenSource) || "stable";
  if (!appId) return problem({ error: "appIdMissing", field: "appId" });
  if (!appSecret) return problem({ error: "appSecretMissing", field: "appSecret" });
  if (tokenSource !== "stable" && tokenSource !== "classic") {
    return problem({ error: "tokenSourceInvalid", field: "tokenSource" });
  }
  return { options: { appId, appSecret, tokenSource, ...(baseUrl && { baseUrl }), ...(proxy && { proxy }) } };
}

/**
 * Reads what receiving needs. Without a callback token nothing is received. The path is `/wechat/` and the AppID where
 * the dialog names none, so that two accounts never want the same one.
 * @param userDir where a relative path of the inbox's file begins: the runtime's working directory may be any
 */
export function receiveOptions(settings: AccountSettings, userDir: string, translate: Translate): ReceiveOptions {
  const problem = problemsOf(settings, translate);
  const unresolved = firstUnresolved(settings, RECEIVING);
  if (unresolved) return problem(unresolved);

  const inbox = inboxPlace(settings, userDir);
  if ("error" in inbox) return problem(inbox);
  const token = trimmed(settings.callbackToken);
  const encodingAESKey = trimmed(settings.encodingAESKey);
  if (!token) return encodingAESKey ? problem({ error: "callbackTokenMissing", field: "callbackToken" }) : { inbox };
  const path = (trimmed(settings.callbackPath) || `/wechat/${trimmed(settings.appId)}`).replace(/\/+$/, "");
  // What a path may hold (RFC 3986), and not the root: that is the editor's.
  if (!/^(\/[\w.~!$&'()*+,;=:@%-]+)+$/.test(path)) {
    return problem({ error: "callbackPathInvalid", field: "callbackPath" });
  }
  return { inbox, callback: { token, path, ...(encodingAESKey && { encodingAESKey }) } };
}

/** Whether messages are labelled as written by an AI unless a node says otherwise. Text comes from a variable. */
export function labelsAsAi({ aiGenerated }: AccountSettings): boolean {
  return aiGenerated === true || trimmed(aiGenerated).toLowerCase() === "true";
}

/** The environment variable that a value names and that has not been replaced: `${NAME}`, or `$(NAME)` as formerly. */
export function variableOf(value: unknown): string | undefined {
  const [, name, formerly] = /^\$(?:\{([^}]+)\}|\(([^)]+)\))$/.exec(trimmed(value)) ?? [];
  return name ?? formerly;
}

function problemsOf(settings: AccountSettings, translate: Translate): Problem {
  return ({ error, field }) => {
    const parameters = { field, variable: variableOf(settings[field]) ?? "" };
    return { problem: inputError(translate, "wechat-oa-account", error, field, parameters) };
  };
}

function firstUnresolved(settings: AccountSettings, fields: readonly AccountField[]): Wrong | undefined {
  const field = fields.find((field) => variableOf(settings[field]) !== undefined);
  return field && { error: "variableNotSet", field };
}

/**
 * Where the inbox is. The dialog gives its kind and what belongs to it; a word by itself, as in `WECHAT_INBOX`, comes
 * from an older flow or from a variable.
 */
function inboxPlace(settings: AccountSettings, userDir: string): InboxPlace | Wrong {
  const value = trimmed(settings.inbox);
  const file = (path: string): InboxPlace | Wrong =>
    path === "" ? { error: "inboxPathMissing", field: "inbox" } : { store: "sqlite", path: resolve(userDir, path) };
  const kind = trimmed(settings.inboxType) || "word";
  if (kind === "memory") return { store: "memory" };
  if (kind === "redis") return redisPlace(settings);
  if (variableOf(value) !== undefined) return { error: "variableNotSet", field: "inbox" };
  switch (kind) {
    case "sqlite":
      return file(value);
    case "word":
      if (value === "" || value === "memory") return { store: "memory" };
      if (value.startsWith(FILE_INBOX)) return file(value.slice(FILE_INBOX.length).trim());
      if (REDIS.test(value)) return { store: "redis", url: value };
  }
  return { error: "inboxInvalid", field: "inbox" };
}

function redisPlace(settings: AccountSettings): InboxPlace | Wrong {
  const url = trimmed(settings.redisUrl);
  if (variableOf(url) !== undefined) return { error: "variableNotSet", field: "redisUrl" };
  if (url === "") return { error: "redisUrlMissing", field: "redisUrl" };
  return REDIS.test(url) && URL.canParse(url)
    ? { store: "redis", url }
    : { error: "redisUrlInvalid", field: "redisUrl" };
}

/** The text without the spaces around a pasted value; empty if it is none. */
export function trimmed(value: unknown): string {
  return typeof value === "string" ? value.trim() : "";
}
