import { readFileSync } from "node:fs";
import { type Bilingual, fill } from "./bilingual.js";
import { type InputProblem, WeChatValidationError, wrong } from "./errors.js";
import { checkOptions, type WeChatClientOptions } from "./options.js";

/** Which variable holds which option, so that an error can name what the user set. */
const VARIABLE: Readonly<Record<string, string>> = {
  appId: "WECHAT_APP_ID",
  appSecret: "WECHAT_APP_SECRET",
  baseUrl: "WECHAT_API_BASE_URL",
  proxy: "WECHAT_PROXY",
};
/** What stands for the value of a variable that is wrong, so that the other ones are checked too. */
const STAND_IN = { appId: "wx0000000000000000", appSecret: "unset" };

const SET_TOKEN_SOURCE: Bilingual = {
  en: "Set WECHAT_TOKEN_SOURCE to stable or classic, or remove it (stable is the default).",
  zh: "请把 WECHAT_TOKEN_SOURCE 设为 stable 或 classic，或删除该变量（默认 stable）。",
};
const NOT_SET: Bilingual = { en: "is not set", zh: "未设置" };
const NO_SOURCE: Bilingual = { en: "is neither stable nor classic", zh: "既不是 stable 也不是 classic" };
const SET_BESIDE: Bilingual = { en: "is set beside WECHAT_APP_SECRET", zh: "与 WECHAT_APP_SECRET 同时设置" };
const EMPTY_FILE: Bilingual = { en: "the file is empty", zh: "文件为空" };
const PLACEHOLDER: Bilingual = { en: "is a placeholder that nobody filled in", zh: "是未被替换的占位符" };
const FILL_IN: Bilingual = {
  en: "What is between ${ and } was not replaced by its value: write the value itself, or look at how the program that starts this one fills in variables.",
  zh: "${ 与 } 之间的内容没有被替换为实际的值：请直接填写，或检查启动本程序的软件如何替换变量。",
};
const NO_SECRET: Bilingual = { en: "the file holds something other than an AppSecret", zh: "文件内容不是 AppSecret" };
const UNREADABLE: Bilingual = { en: "the file cannot be read ({code})", zh: "文件无法读取（{code}）" };
const ONE_SECRET: Bilingual = {
  en: "Set only one of WECHAT_APP_SECRET and WECHAT_APP_SECRET_FILE.",
  zh: "WECHAT_APP_SECRET 与 WECHAT_APP_SECRET_FILE 只能设置一个。",
};
const SET_APP_ID: Bilingual = {
  en: "Set WECHAT_APP_ID to the account's AppID.",
  zh: "请把 WECHAT_APP_ID 设为公众号的 AppID。",
};
const SECRET_ALONE: Bilingual = {
  en: "Let the file hold the AppSecret as text, and nothing else.",
  zh: "文件中应只有 AppSecret 这一行文本，不含其他内容。",
};
const SET_SECRET: Bilingual = {
  en: "Set WECHAT_APP_SECRET, or WECHAT_APP_SECRET_FILE to a file that holds the AppSecret.",
  zh: "请设置 WECHAT_APP_SECRET，或把 WECHAT_APP_SECRET_FILE 设为存放 AppSecret 的文件。",
};

/**
 * Reads the client's options from environment variables: `WECHAT_APP_ID`, `WECHAT_APP_SECRET` or
 * `WECHAT_APP_SECRET_FILE`, `WECHAT_API_BASE_URL`, `WECHAT_TOKEN_SOURCE` (`stable` or `classic`), `WECHAT_PROXY` (a
 * proxy's URL, or `env` for HTTP_PROXY, HTTPS_PROXY and NO_PROXY). White space around a value is removed.
 * @param env default `process.env`
 * @throws WeChatValidationError whose `problems` name every wrong or missing variable
 */
export function clientOptionsFromEnv(env: NodeJS.ProcessEnv = process.env): WeChatClientOptions {
  const problems: InputProblem[] = [];
  const read = (name: string) => env[name]?.trim() || undefined;
  // What a placeholder stands for is checked no further, so that the other variables are.
  const filled = (name: string, standIn: string) => {
    const value = read(name);
    if (!isPlaceholder(value)) return value;
    problems.push(wrong(name, PLACEHOLDER, FILL_IN));
    return standIn;
  };
  const secretFile = filled("WECHAT_APP_SECRET_FILE", "");
  const options = {
    appId: filled("WECHAT_APP_ID", STAND_IN.appId) ?? missing("WECHAT_APP_ID", SET_APP_ID, STAND_IN.appId, problems),
    appSecret:
      filled("WECHAT_APP_SECRET", STAND_IN.appSecret) ??
      (secretFile === "" ? STAND_IN.appSecret : secretFromFile(secretFile, problems)) ??
      missing("WECHAT_APP_SECRET", SET_SECRET, STAND_IN.appSecret, problems),
    baseUrl: read("WECHAT_API_BASE_URL"),
    tokenSource: tokenSource(read("WECHAT_TOKEN_SOURCE"), problems),
    proxy: read("WECHAT_PROXY"),
  };
  if (read("WECHAT_APP_SECRET") && read("WECHAT_APP_SECRET_FILE")) {
    problems.push(wrong("WECHAT_APP_SECRET_FILE", SET_BESIDE, ONE_SECRET));
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

/** Such as `${WECHAT_APP_SECRET}`, which a host should have replaced. */
const isPlaceholder = (value: string | undefined): boolean => /^\$\{[^}]*\}$/.test(value ?? "");

function tokenSource(value: string | undefined, problems: InputProblem[]): "stable" | "classic" | undefined {
  if (value === undefined || value === "stable" || value === "classic") return value;
  problems.push(wrong("WECHAT_TOKEN_SOURCE", NO_SOURCE, SET_TOKEN_SOURCE));
  return undefined;
}

/** Notes the problem, and gives the value that stands in. */
function missing(field: string, remedy: Bilingual, standIn: string, problems: InputProblem[]): string {
  problems.push(wrong(field, NOT_SET, remedy));
  return standIn;
}

function secretFromFile(file: string | undefined, problems: InputProblem[]): string | undefined {
  if (file === undefined) return undefined;
  const problem = (words: Bilingual, remedy: Bilingual) => {
    problems.push(wrong("WECHAT_APP_SECRET_FILE", words, remedy));
    return STAND_IN.appSecret;
  };
  try {
    const secret = readFileSync(file, "utf8").trim();
    if (secret === "") return problem(EMPTY_FILE, SET_SECRET);
    return /^[!-~]{1,200}$/.test(secret) ? secret : problem(NO_SECRET, SECRET_ALONE);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "?";
    return problem(fill(UNREADABLE, { code }), SET_SECRET);
  }
}
