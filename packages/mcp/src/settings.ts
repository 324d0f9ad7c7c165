import {
  clientOptionsFromEnv,
  type Inbox,
  openInbox,
  WeChatClient,
  type WeChatClientOptions,
  WeChatError,
  WeChatValidationError,
} from "@wechat-offiaccount/core";
import type { Remedy } from "./remedy.js";
import { plainLine } from "./safety/plain-line.js";
import { parseRecipients, type RecipientRule } from "./safety/recipients.js";

/** What the operator decided; nothing a model says can widen it. */
export interface Settings {
  /** Who may be written to. Default: with an inbox `reply-only`, else nobody. From `WECHAT_MCP_RECIPIENTS`. */
  readonly recipients: RecipientRule;
  /** Whether messages carry WeChat's label for AI content. Default: true. From `WECHAT_MCP_AI_LABEL`. */
  readonly aiLabel: boolean;
  /** Whether every call is a dry run, whatever its `dry_run` says. Default: false. From `WECHAT_MCP_DRY_RUN`. */
  readonly dryRun: boolean;
  /** Whether all that writes is left out, whatever else is set. Default: false. From `WECHAT_MCP_READ_ONLY`. */
  readonly readOnly: boolean;
}

/** What the environment comes to. The account is there as its client, which shows its secret to nobody. */
export interface Configuration {
  /** Yours to close. */
  readonly client: WeChatClient;
  /** The account's conversations, in which the client notes what it sends; yours to close, after the client. */
  readonly inbox?: Inbox | undefined;
  readonly settings: Settings;
}

/** One thing that is wrong with the environment or the command line. */
export interface SettingsProblem {
  /** The variable or flag. */
  readonly name: string;
  /** What is wrong with it, without its value. */
  readonly problem: string;
  readonly remedy: Remedy;
}

/** The server cannot start with these settings. Holds all problems, so that one start shows all of them. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";

  constructor(readonly problems: readonly SettingsProblem[]) {
    super(problems.map(({ name, problem }) => `${name}: ${problem}`).join("\n"));
  }
}

/**
 * Reads the account and the settings of the server from environment variables, and opens the inbox if there is one.
 * @param env default: the environment of this process
 * @throws SettingsError naming every variable that is missing, malformed or not honoured by this version, or whose inbox
 *   cannot be opened
 */
export async function readConfiguration(env: NodeJS.ProcessEnv = process.env): Promise<Configuration> {
  const problems: SettingsProblem[] = [];
  const account = readAccount(env, problems);
  const recipients = parseRecipients(env.WECHAT_MCP_RECIPIENTS, Boolean(env.WECHAT_INBOX?.trim()));
  if ("problem" in recipients) problems.push({ name: "WECHAT_MCP_RECIPIENTS", ...recipients });
  const aiLabel = readSwitch(env, "WECHAT_MCP_AI_LABEL", true, problems);
  const dryRun = readSwitch(env, "WECHAT_MCP_DRY_RUN", false, problems);
  const readOnly = readSwitch(env, "WECHAT_MCP_READ_ONLY", false, problems);
  refuseWhatIsNotHonoured(env, problems);
  const inbox = account && (await openInboxOf(env, account.appId, problems));
  if (problems.length > 0 || account === undefined || !("rule" in recipients)) {
    await inbox?.close();
    throw new SettingsError(problems);
  }
  const client = new WeChatClient({ ...account, inbox });
  return { client, inbox, settings: { recipients: recipients.rule, aiLabel, dryRun, readOnly } };
}

function readAccount(env: NodeJS.ProcessEnv, problems: SettingsProblem[]): WeChatClientOptions | undefined {
  try {
    return clientOptionsFromEnv(env);
  } catch (error) {
    if (!(error instanceof WeChatValidationError)) throw error;
    problems.push(...error.problems.map(({ field, problem, remedy }) => ({ name: field, problem, remedy })));
    return undefined;
  }
}

/** The inbox that `WECHAT_INBOX` names; unset: none. */
async function openInboxOf(
  env: NodeJS.ProcessEnv,
  appId: string,
  problems: SettingsProblem[],
): Promise<Inbox | undefined> {
  const word = env.WECHAT_INBOX?.trim();
  if (!word) return undefined;
  let inbox: Inbox | undefined;
  try {
    inbox = await openInbox(word, { appId });
    // A store on another host is called only when it is used.
    await inbox.unreadCount();
    return inbox;
  } catch (error) {
    await inbox?.close();
    if (!(error instanceof WeChatError)) throw error;
    const problem = error instanceof WeChatValidationError ? error.problems[0]?.problem : undefined;
    problems.push({
      name: "WECHAT_INBOX",
      problem: problem ?? `cannot be opened: ${plainLine(error.message)}`,
      remedy: error.remedy,
    });
    return undefined;
  }
}

const ON = new Set(["on", "true", "1"]);
const OFF = new Set(["off", "false", "0"]);

function readSwitch(env: NodeJS.ProcessEnv, name: string, preset: boolean, problems: SettingsProblem[]): boolean {
  const value = (env[name] ?? "").trim().toLowerCase();
  if (value === "") return preset;
  if (ON.has(value)) return true;
  if (OFF.has(value)) return false;
  problems.push({
    name,
    problem: "is neither on nor off",
    remedy: {
      en: `Set ${name}=on or ${name}=off, or remove it (default: ${preset ? "on" : "off"}).`,
      zh: `请设置 ${name}=on 或 ${name}=off，或删除该变量（默认：${preset ? "on" : "off"}）。`,
    },
  });
  return preset;
}

const HONOURED = new Set([
  "WECHAT_MCP_RECIPIENTS",
  "WECHAT_MCP_AI_LABEL",
  "WECHAT_MCP_DRY_RUN",
  "WECHAT_MCP_READ_ONLY",
  "WECHAT_MCP_HTTP_TOKEN",
  "WECHAT_MCP_HTTP_TOKEN_FILE",
  "WECHAT_MCP_ALLOWED_HOSTS",
]);

// Settings whose name is fixed but which this version cannot keep. Each is a guard that an operator would rely on, so
// the server does not start with it, unless the value asks for what it does anyway.
const NOT_YET_HONOURED: Readonly<Record<string, readonly string[]>> = {
  WECHAT_MCP_TEMPLATE_RECIPIENTS: [],
  WECHAT_MCP_TOOLS: ["send_wechat_text"],
  WECHAT_MCP_CONFIRM: ["off"],
  WECHAT_MCP_RATE_PER_FOLLOWER: [],
  WECHAT_MCP_RATE_TOTAL: [],
  WECHAT_MCP_AUDIT_FILE: [],
};

function refuseWhatIsNotHonoured(env: NodeJS.ProcessEnv, problems: SettingsProblem[]): void {
  for (const name of Object.keys(env).sort()) {
    const value = (env[name] ?? "").trim().toLowerCase();
    if (!name.startsWith("WECHAT_MCP_") || HONOURED.has(name) || value === "") continue;
    const same = Object.hasOwn(NOT_YET_HONOURED, name) ? NOT_YET_HONOURED[name] : undefined;
    if (same?.includes(value)) continue;
    if (same) {
      problems.push({
        name,
        problem: "is not available in this version, and a guard that does not work must not look as if it did",
        remedy: {
          en: `Remove ${name}, or run a version of the server that has it.${same.length > 0 ? ` Accepted here: ${same.join(", ")}.` : ""}`,
          zh: `请删除 ${name}，或使用支持它的版本。${same.length > 0 ? `此版本可接受：${same.join("、")}。` : ""}`,
        },
      });
    } else {
      problems.push({
        name,
        problem: "is no setting of this server",
        remedy: {
          en: `Check its spelling or remove it. Settings: ${[...HONOURED].join(", ")}.`,
          zh: `请检查拼写或删除该变量。可用设置：${[...HONOURED].join("、")}。`,
        },
      });
    }
  }
}
