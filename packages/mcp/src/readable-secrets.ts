import { stat } from "node:fs/promises";
import type { AccountEntry } from "./accounts.js";
import { hasModes, isOpenToOthers } from "./own-file.js";

/**
 * Says which files that hold secrets can be read by other users of this machine. Only said: they are the operator's, and
 * may have to be so.
 */
export async function readableSecrets(
  env: NodeJS.ProcessEnv,
  entries: readonly AccountEntry[],
): Promise<readonly string[]> {
  const files = new Map(entries.flatMap(({ env }) => fileOf(env, "WECHAT_APP_SECRET_FILE")));
  const secrets = ["WECHAT_APP_SECRET", "WECHAT_CALLBACK_TOKEN", "WECHAT_ENCODING_AES_KEY"];
  if (entries.some((entry) => secrets.some((name) => entry.env[name]?.trim()))) {
    for (const [file, variable] of fileOf(env, "WECHAT_ACCOUNTS_FILE")) files.set(file, variable);
  }
  const lines = await Promise.all([...files].map(([file, variable]) => remark(file, variable)));
  return lines.filter((line) => line !== "");
}

const fileOf = (env: NodeJS.ProcessEnv, variable: string): [file: string, variable: string][] => {
  const file = env[variable]?.trim();
  return file ? [[file, variable]] : [];
};

async function remark(file: string, variable: string): Promise<string> {
  if (!hasModes(file)) return "";
  const found = await stat(file).catch(() => undefined);
  if (!found || !isOpenToOthers(found)) return "";
  return `The file in ${variable} can be read by other users of this machine, and holds a secret: chmod 600 FILE.
${variable} 指定的文件含有密钥，但本机其他用户可以读取：请执行 chmod 600 文件。`;
}
