import { randomBytes } from "node:crypto";
import { link, mkdir, open, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { codeOf, ForeignFileError, openOwn, TO_READ } from "../own-file.js";
import { SettingsError, type SettingsProblem } from "../problems.js";
import type { Remedy } from "../remedy.js";

const VARIABLE = "WECHAT_MCP_HTTP_TOKEN";
const FILE_VARIABLE = "WECHAT_MCP_HTTP_TOKEN_FILE";
const SHORTEST = 16;
/** 32 random bytes as base64url. */
const RANDOM_BYTES = 32;

/** The token that clients have to show. */
export interface BearerToken {
  /** A variable's name or a file's path, for people. */
  readonly from: string;
  /** Undefined: the file is not there yet. */
  readonly token?: string | undefined;
}

const TOKEN_REMEDY: Remedy = {
  en: `Use at least ${SHORTEST} characters without white space, such as the output of: openssl rand -hex 32. Or set neither ${VARIABLE} nor ${FILE_VARIABLE}: the server then makes a token and keeps it in a file.`,
  zh: `请使用至少 ${SHORTEST} 个字符且不含空白，例如 openssl rand -hex 32 的输出；也可以都不设置 ${VARIABLE} 和 ${FILE_VARIABLE}，由服务自动生成并保存在文件中。`,
};
const ONE_OF_BOTH: SettingsProblem = {
  name: FILE_VARIABLE,
  problem: `is set beside ${VARIABLE}`,
  remedy: {
    en: `Set only one of ${VARIABLE} and ${FILE_VARIABLE}.`,
    zh: `${VARIABLE} 与 ${FILE_VARIABLE} 只能设置一个。`,
  },
};

/** What is wrong with a token, or undefined. */
function faultOf(token: string): string | undefined {
  if (token === "") return "is empty";
  if (/\s/.test(token)) return "has white space inside";
  // What a header can carry.
  if (!/^[!-~]+$/.test(token)) return "has characters beyond ASCII";
  return token.length < SHORTEST ? `is shorter than ${SHORTEST} characters` : undefined;
}

/**
 * Reads the token of the variable or of the file. The default file is `.wechat-offiaccount/mcp-http-token` in the user's
 * home.
 * @param problems what is wrong is added, without the token; then the answer is of no use
 */
export async function readBearerToken(env: NodeJS.ProcessEnv, problems: SettingsProblem[]): Promise<BearerToken> {
  const token = env[VARIABLE]?.trim();
  const file = env[FILE_VARIABLE]?.trim();
  if (token === undefined) {
    const path = resolve(file || join(homedir(), ".wechat-offiaccount", "mcp-http-token"));
    return { from: path, token: await read(path, problems) };
  }
  if (file) problems.push(ONE_OF_BOTH);
  const problem = faultOf(token);
  if (problem) problems.push({ name: VARIABLE, problem, remedy: TOKEN_REMEDY });
  return { from: VARIABLE, token };
}

/**
 * Makes a file with a new token, unless another process is faster.
 * @returns what then stands in it
 * @throws SettingsError
 */
export async function makeBearerToken(path: string): Promise<string> {
  const problems: SettingsProblem[] = [];
  try {
    await create(path);
  } catch (error) {
    throw new SettingsError([unusable(path, "be written", error)]);
  }
  const token = await read(path, problems);
  if (token === undefined || problems.length > 0) throw new SettingsError(problems);
  return token;
}

/** Undefined if there is no file, or a problem with it. */
async function read(path: string, problems: SettingsProblem[]): Promise<string | undefined> {
  try {
    const file = await openOwn(path, TO_READ);
    const token = (await file.readFile("utf8").finally(() => file.close())).trim();
    const fault = faultOf(token);
    if (fault) problems.push(fileProblem(`what stands in the file ${path} ${fault}`, TOKEN_REMEDY));
    return token;
  } catch (error) {
    if (error instanceof ForeignFileError) problems.push(foreign(path));
    else if (codeOf(error) !== "ENOENT") problems.push(unusable(path, "be read", error));
    return undefined;
  }
}

/** Writes a new token, whole or not at all: others see the file only once everything stands in it. */
async function create(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomBytes(8).toString("hex")}`;
  try {
    const file = await open(draft, "wx", 0o600);
    try {
      await file.writeFile(`${randomBytes(RANDOM_BYTES).toString("base64url")}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    // Fails if the name is taken, where a renaming would replace the other process's token.
    await link(draft, path).catch((error: unknown) => {
      if (codeOf(error) !== "EEXIST") throw error;
    });
  } finally {
    await rm(draft, { force: true });
  }
}

const fileProblem = (problem: string, remedy: Remedy): SettingsProblem => ({ name: FILE_VARIABLE, problem, remedy });

const foreign = (path: string): SettingsProblem =>
  fileProblem(`the file ${path} is not this user's alone: others own it, or can read or change it`, {
    en: `Let it be this user's, and run: chmod 600 '${path}'. In a container, mount it under /run/secrets or set ${VARIABLE}.`,
    zh: `请确认文件属于当前用户，并运行：chmod 600 '${path}'。在容器中请挂载到 /run/secrets 下，或设置 ${VARIABLE}。`,
  });

const unusable = (path: string, how: string, error: unknown): SettingsProblem =>
  fileProblem(`the file ${path} cannot ${how} (${codeOf(error)})`, {
    en: `Let ${FILE_VARIABLE} name a file that this server can read, or can make in a folder that it can write to; or set ${VARIABLE}.`,
    zh: `请让 ${FILE_VARIABLE} 指向本服务可读取的文件，或可在其目录中创建的文件；也可设置 ${VARIABLE}。`,
  });
