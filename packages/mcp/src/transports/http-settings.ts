import { Callback, WeChatValidationError } from "@wechat-offiaccount/core";
import type { AccountEntry } from "../accounts.js";
import { type HttpFlags, MCP_PATH } from "../flags.js";
import type { SettingsProblem } from "../problems.js";
import type { Remedy } from "../remedy.js";
import { type BearerToken, readBearerToken } from "./bearer-token.js";
import { urlHost } from "./http-access.js";

const MODES = ["safe", "compatible", "plain"] as const;

/** How WeChat pushes for an account, as set in its console. */
export interface CallbackSettings {
  /** The account's name, where there are several. */
  readonly account: string | undefined;
  readonly path: string;
  readonly token: string;
  readonly encodingAESKey?: string | undefined;
  readonly mode: (typeof MODES)[number];
}

/** What `--http` and the environment come to. */
export interface HttpSettings extends Pick<HttpFlags, "host" | "port"> {
  readonly bearer: BearerToken;
  readonly allowedHosts: readonly string[];
  /** One an account; empty: WeChat pushes elsewhere. */
  readonly callbacks: readonly CallbackSettings[];
}

/** @param problems what is wrong is added; then the settings are of no use */
export async function readHttpSettings(
  { host, port, callbackPath }: HttpFlags,
  env: NodeJS.ProcessEnv,
  entries: readonly AccountEntry[],
  problems: SettingsProblem[],
): Promise<HttpSettings> {
  const allowedHosts = readAllowedHosts(env, problems);
  const callbacks =
    callbackPath === undefined ? [] : entries.flatMap((entry) => readCallback(callbackPath, entry) ?? []);
  return { host, port, bearer: await readBearerToken(env, problems), allowedHosts, callbacks };
}

function readAllowedHosts(env: NodeJS.ProcessEnv, problems: SettingsProblem[]): readonly string[] {
  const names = (env.WECHAT_MCP_ALLOWED_HOSTS ?? "").split(",").map((name) => name.trim());
  const allowed = names.filter((name) => name !== "").map((name) => (isBareName(name) ? urlHost(name) : undefined));
  const known = allowed.filter((name) => name !== undefined);
  if (known.length < allowed.length) {
    problems.push({
      name: "WECHAT_MCP_ALLOWED_HOSTS",
      problem: "has something in it that is no host name",
      remedy: {
        en: "Write the names that clients call this server by, without http:// and port, separated by commas, such as mcp.example.com.",
        zh: "请填写客户端访问本服务时使用的主机名，不含 http:// 和端口，以英文逗号分隔，例如 mcp.example.com。",
      },
    });
  }
  return known;
}

/** Letters of any language; an IPv6 address as it is. */
const isBareName = (name: string): boolean => /^[\p{L}\p{N}._-]+$/u.test(name) || /^[0-9a-f:.]+$/i.test(name);

/** Which variable holds which option of core's. */
const VARIABLES: Readonly<Record<string, string>> = {
  token: "WECHAT_CALLBACK_TOKEN",
  encodingAESKey: "WECHAT_ENCODING_AES_KEY",
};
/** What stands for the value of a variable that is not set, so that the other ones are checked too. */
const STAND_IN = { appId: "wx0000000000000000", token: "unset", encodingAESKey: "0".repeat(43) };

const NO_INBOX: SettingsProblem = {
  name: "WECHAT_INBOX",
  problem: "is not set, so what WeChat pushes could not be kept",
  remedy: {
    en: "Set it to memory, to sqlite:PATH or to a redis:// URL.",
    zh: "请设为 memory、sqlite:文件路径 或 redis:// 地址。",
  },
};
const NO_TOKEN: SettingsProblem = {
  name: "WECHAT_CALLBACK_TOKEN",
  problem: "is not set, and --callback-path needs it",
  remedy: {
    en: "Set it to the token (令牌) of the server URL in WeChat's console (服务器配置): 3 to 32 letters and digits.",
    zh: "请设为微信后台「服务器配置」中的令牌（Token）：3 至 32 个英文字母或数字。",
  },
};
const NO_AES_KEY: SettingsProblem = {
  name: "WECHAT_ENCODING_AES_KEY",
  problem: "is not set, and --callback-path needs it",
  remedy: {
    en: "Set it to the EncodingAESKey of the server URL in WeChat's console, and choose safe mode (安全模式) there. Plain mode, in which nothing protects what followers write, has to be asked for: WECHAT_CALLBACK_MODE=plain.",
    zh: "请设为微信后台「服务器配置」中的消息加解密密钥（EncodingAESKey），并在后台选择「安全模式」。明文模式下消息内容不受保护，如确需使用，请设置 WECHAT_CALLBACK_MODE=plain。",
  },
};

const WRONG_MODE: SettingsProblem = {
  name: "WECHAT_CALLBACK_MODE",
  problem: "is neither safe, compatible nor plain",
  remedy: {
    en: "Set it to safe (安全模式, the default), compatible (兼容模式) or plain (明文模式), as in WeChat's console.",
    zh: "请按微信后台的设置填写 safe（安全模式，默认）、compatible（兼容模式）或 plain（明文模式）。",
  },
};

const OTHER_PATH: Remedy = {
  en: "Give another path, such as --callback-path /wechat, or call the account otherwise.",
  zh: "请换一个路径，例如 --callback-path /wechat，或更改账号名。",
};

/** Of several accounts each has a path of its own, below the one that is given. */
function readCallback(given: string, { name: account, env, report }: AccountEntry): CallbackSettings | undefined {
  const problems: SettingsProblem[] = [];
  const read = (name: string) => env[name]?.trim() || undefined;
  const token = read("WECHAT_CALLBACK_TOKEN");
  const encodingAESKey = read("WECHAT_ENCODING_AES_KEY");
  const word = read("WECHAT_CALLBACK_MODE")?.toLowerCase() ?? "safe";
  const mode = MODES.find((mode) => mode === word);
  if (!read("WECHAT_INBOX")) problems.push(NO_INBOX);
  if (token === undefined) problems.push(NO_TOKEN);
  if (encodingAESKey === undefined && mode !== "plain") problems.push(NO_AES_KEY);
  if (mode === undefined) problems.push(WRONG_MODE);
  problems.push(...faultsOf({ token, encodingAESKey, mode }));
  for (const { name, problem, remedy } of problems) report(name, problem, remedy);
  const path = account === undefined ? given : `${given.replace(/\/$/, "")}/${account}`;
  if (path === MCP_PATH) report("--callback-path", `leads with the name of this account to ${MCP_PATH}`, OTHER_PATH);
  return token === undefined || mode === undefined ? undefined : { account, path, token, encodingAESKey, mode };
}

/** What core says of the values that are set. */
function faultsOf({ token, encodingAESKey, mode }: Partial<CallbackSettings>): readonly SettingsProblem[] {
  const set = { mode, token: token ?? STAND_IN.token, encodingAESKey: encodingAESKey ?? STAND_IN.encodingAESKey };
  try {
    // Checks its options and keeps nothing yet.
    void new Callback({ ...set, appId: STAND_IN.appId, onMessage: () => {}, onError: () => {} }).close();
    return [];
  } catch (error) {
    if (!(error instanceof WeChatValidationError)) throw error;
    return error.problems.map(({ field, problem, remedy }) => ({ name: VARIABLES[field] ?? field, problem, remedy }));
  }
}
