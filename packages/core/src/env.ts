import { readFileSync } from "node:fs";
import type { Bilingual } from "./error-catalog.js";
import { WeChatValidationError } from "./errors.js";
import { checkOptions, type WeChatClientOptions } from "./options.js";

/** Which variable holds which option, so that an error can name what the user set. */
const VARIABLE: Readonly<Record<string, string>> = {
  appId: "WECHAT_APP_ID",
  appSecret: "WECHAT_APP_SECRET",
  baseUrl: "WECHAT_API_BASE_URL",
  tokenSource: "WECHAT_TOKEN_SOURCE",
};

const SET_APP_ID: Bilingual = {
  en: "Set WECHAT_APP_ID to the account's AppID.",
  zh: "请把 WECHAT_APP_ID 设为公众号的 AppID。",
};
const SET_SECRET: Bilingual = {
  en: "Set WECHAT_APP_SECRET, or WECHAT_APP_SECRET_FILE to a file that holds the AppSecret.",
  zh: "请设置 WECHAT_APP_SECRET，或把 WECHAT_APP_SECRET_FILE 设为存放 AppSecret 的文件。",
};

/**
 * Reads the client's options from environment variables: `WECHAT_APP_ID`, `WECHAT_APP_SECRET` or
 * `WECHAT_APP_SECRET_FILE`, `WECHAT_API_BASE_URL`, `WECHAT_TOKEN_SOURCE` (`stable` or `classic`). White space around a
 * value is removed.
 * @param env default `process.env`
 * @throws WeChatValidationError whose `field` is the variable
 */
export function clientOptionsFromEnv(env: NodeJS.ProcessEnv = process.env): WeChatClientOptions {
  const read = (name: string) => env[name]?.trim() || undefined;
  const appId = read("WECHAT_APP_ID");
  if (!appId) throw new WeChatValidationError("WECHAT_APP_ID", "WECHAT_APP_ID is not set", SET_APP_ID);
  const options = {
    appId,
    appSecret: read("WECHAT_APP_SECRET") ?? secretFromFile(read("WECHAT_APP_SECRET_FILE")),
    baseUrl: read("WECHAT_API_BASE_URL"),
    tokenSource: read("WECHAT_TOKEN_SOURCE") as "stable" | "classic" | undefined,
  };
  if (!options.appSecret)
    throw new WeChatValidationError("WECHAT_APP_SECRET", "WECHAT_APP_SECRET is not set", SET_SECRET);
  try {
    checkOptions(options);
  } catch (error) {
    if (!(error instanceof WeChatValidationError)) throw error;
    const variable = VARIABLE[error.field] ?? error.field;
    throw new WeChatValidationError(variable, error.message.replace(error.field, variable), error.remedy);
  }
  return options;
}

function secretFromFile(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
    throw new WeChatValidationError(
      "WECHAT_APP_SECRET_FILE",
      `WECHAT_APP_SECRET_FILE: the file cannot be read${code}`,
      SET_SECRET,
    );
  }
}
