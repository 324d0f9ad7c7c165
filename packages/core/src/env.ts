import { readFileSync } from "node:fs";
import type { Bilingual } from "./error-catalog.js";
import { type InputProblem, WeChatValidationError } from "./errors.js";
import { checkOptions, type WeChatClientOptions } from "./options.js";

/** Which variable holds which option, so that an error can name what the user set. */
const VARIABLE: Readonly<Record<string, string>> = {
  appId: "WECHAT_APP_ID",
  appSecret: "WECHAT_APP_SECRET",
  baseUrl: "WECHAT_API_BASE_URL",
};

const SET_TOKEN_SOURCE: Bilingual = {
  en: "Set WECHAT_TOKEN_SOURCE to stable or classic, or remove it (stable is the default).",
  zh: "请把 WECHAT_TOKEN_SOURCE 设为 stable 或 classic，或删除该变量（默认 stable）。",
};
const ONE_SECRET: Bilingual = {
  en: "Set only one of WECHAT_APP_SECRET and WECHAT_APP_SECRET_FILE.",
  zh: "WECHAT_APP_SECRET 与 WECHAT_APP_SECRET_FILE 只能设置一个。",
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
 * @throws WeChatValidationError whose `problems` name every wrong or missing variable
 */
export function clientOptionsFromEnv(env: NodeJS.ProcessEnv = process.env): WeChatClientOptions {
  const read = (name: string) => env[name]?.trim() || undefined;
  const problems: InputProblem[] = [];
  const options = {
    appId: read("WECHAT_APP_ID") ?? missing("WECHAT_APP_ID", SET_APP_ID, problems),
    appSecret:
      read("WECHAT_APP_SECRET") ??
      secretFromFile(read("WECHAT_APP_SECRET_FILE"), problems) ??
      missing("WECHAT_APP_SECRET", SET_SECRET, problems),
    baseUrl: read("WECHAT_API_BASE_URL"),
    tokenSource: tokenSource(read("WECHAT_TOKEN_SOURCE"), problems),
  };
  if (read("WECHAT_APP_SECRET") && read("WECHAT_APP_SECRET_FILE")) {
    problems.push({ field: "WECHAT_APP_SECRET_FILE", problem: "is set beside WECHAT_APP_SECRET", remedy: ONE_SECRET });
  }
  try {
    checkOptions(options);
  } catch (error) {
    if (!(error instanceof WeChatValidationError)) throw error;
    problems.push(...error.problems.map((found) => ({ ...found, field: VARIABLE[found.field] ?? found.field })));
  }
  const [first, ...others] = problems;
  if (first) throw new WeChatValidationError([first, ...others]);
  return options;
}

function tokenSource(value: string | undefined, problems: InputProblem[]): "stable" | "classic" | undefined {
  if (value === undefined || value === "stable" || value === "classic") return value;
  problems.push({ field: "WECHAT_TOKEN_SOURCE", problem: "is neither stable nor classic", remedy: SET_TOKEN_SOURCE });
  return undefined;
}

/** Notes the problem, and gives a value that lets the other variables be checked too. */
function missing(field: string, remedy: Bilingual, problems: InputProblem[]): string {
  problems.push({ field, problem: "is not set", remedy });
  return "unset";
}

function secretFromFile(file: string | undefined, problems: InputProblem[]): string | undefined {
  if (file === undefined) return undefined;
  try {
    const secret = readFileSync(file, "utf8").trim();
    if (secret !== "") return secret;
    problems.push({ field: "WECHAT_APP_SECRET_FILE", problem: "the file is empty", remedy: SET_SECRET });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
    problems.push({ field: "WECHAT_APP_SECRET_FILE", problem: `the file cannot be read${code}`, remedy: SET_SECRET });
  }
  return "unset";
}
