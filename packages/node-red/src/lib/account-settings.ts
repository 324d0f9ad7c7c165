import type { WeChatClientOptions, WeChatValidationError } from "@wechat-offiaccount/core";
import { inputError, type Translate } from "./texts.js";

/** What the account's dialog holds. Flows written by hand or by an older version may lack any of it. */
export interface AccountSettings {
  readonly appId?: unknown;
  readonly appSecret?: unknown;
  readonly baseUrl?: unknown;
  readonly tokenSource?: unknown;
}

/** The client options, or what is wrong with the settings. */
export type AccountOptions = { readonly options: WeChatClientOptions } | { readonly problem: WeChatValidationError };

const FIELDS = ["appId", "appSecret", "baseUrl", "tokenSource"] as const;
const UNRESOLVED = /^\$\{([^}]+)\}$/;

/**
 * Reads the settings of an account. Spaces around a pasted value are dropped. Node-RED has replaced `${NAME}` already
 * where the environment variable is set, and left it where it is not: that is an error of its own, because the
 * client could only say that the AppID looks wrong.
 */
export function accountOptions(settings: AccountSettings, translate: Translate): AccountOptions {
  const problem = (
    key: "variableNotSet" | "appIdMissing" | "appSecretMissing" | "tokenSourceInvalid",
    field: string,
  ) => {
    const variable = UNRESOLVED.exec(trimmed(settings[field as keyof AccountSettings]))?.[1] ?? "";
    return { problem: inputError(translate, "wechat-oa-account", key, field, { field, variable }) };
  };
  const unresolved = FIELDS.find((field) => UNRESOLVED.test(trimmed(settings[field])));
  if (unresolved) return problem("variableNotSet", unresolved);

  const appId = trimmed(settings.appId);
  const appSecret = trimmed(settings.appSecret);
  const baseUrl = trimmed(settings.baseUrl);
  const tokenSource = trimmed(settings.tokenSource) || "stable";
  if (!appId) return problem("appIdMissing", "appId");
  if (!appSecret) return problem("appSecretMissing", "appSecret");
  if (tokenSource !== "stable" && tokenSource !== "classic") return problem("tokenSourceInvalid", "tokenSource");
  return { options: { appId, appSecret, tokenSource, ...(baseUrl && { baseUrl }) } };
}

function trimmed(value: unknown): string {
  return typeof value === "string" ? value.trim() : "";
}
