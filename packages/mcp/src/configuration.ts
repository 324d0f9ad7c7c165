import { type Account, type AccountEntry, closeAccount, openAccounts, readAccountEntries } from "./accounts.js";
import { codeOf, ForeignFileError } from "./own-file.js";
import { type Report, SettingsError, type SettingsProblem } from "./problems.js";
import { readableSecrets } from "./readable-secrets.js";
import { Audit } from "./safety/audit.js";
import { readSettings, type Settings } from "./settings.js";
import { refuseUnknownVariables } from "./variables.js";

/** What the environment comes to. The accounts are there as their clients, which show their secrets to nobody. */
export interface Configuration {
  readonly settings: Settings;
  /** One, or as many as the accounts file names. */
  readonly accounts: readonly Account[];
  /** Absent: no log is kept. */
  readonly audit: Audit | undefined;
  /** Ends clients and inboxes. */
  close(): Promise<void>;
}

/** How a configuration is read. */
export interface ReadingOptions {
  /** Default: the environment of this process. */
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** Told of what goes wrong later, a line at a time. Default: nobody is. */
  readonly log?: ((line: string) => void) | undefined;
  /** Problems that are known already, and told with the others. */
  readonly problems?: readonly SettingsProblem[] | undefined;
  /** Reads what else is said of the accounts, so that its problems are told with the others. */
  readonly also?: ((entries: readonly AccountEntry[], problems: SettingsProblem[]) => Promise<void>) | undefined;
}

/**
 * Reads the accounts and the settings of the server from environment variables, and opens what they name.
 * @throws SettingsError naming every variable that is missing, malformed or unknown, or whose inbox or file cannot be
 *   opened
 */
export async function readConfiguration(options: ReadingOptions = {}): Promise<Configuration> {
  const { env = process.env, log = () => {} } = options;
  const problems = [...(options.problems ?? [])];
  const report: Report = (name, problem, remedy) => void problems.push({ name, problem, remedy });
  const entries = await readAccountEntries(env, report);
  await options.also?.(entries, problems);
  const settings = readSettings(env, report);
  refuseUnknownVariables(env, report);
  const audit = await openAudit(settings, report, log);
  const accounts = await openAccounts(entries, log);
  const close = async () => void (await Promise.all(accounts.map(closeAccount)));
  if (problems.length > 0) {
    await close();
    throw new SettingsError(problems);
  }
  for (const line of await readableSecrets(env, entries)) log(line);
  return { settings, accounts, audit, close };
}

async function openAudit({ auditFile, auditOpenids }: Settings, report: Report, log: (line: string) => void) {
  if (auditFile === undefined) return undefined;
  try {
    return await Audit.open(auditFile, auditOpenids, (code) =>
      log(
        `The audit log (WECHAT_MCP_AUDIT_FILE) cannot be written (${code}): nothing is sent until it can.\n审计日志（WECHAT_MCP_AUDIT_FILE）无法写入（${code}）：恢复之前不会发送任何消息。`,
      ),
    );
  } catch (error) {
    if (error instanceof ForeignFileError) {
      report("WECHAT_MCP_AUDIT_FILE", "is not this user's alone: others own it, or can read or change it", {
        en: "Let it be a file of this user, with mode 600 (chmod 600 FILE), or one that is not there yet.",
        zh: "请使用属于当前用户、权限为 600 的文件（chmod 600 文件），或尚不存在的文件。",
      });
    } else {
      report("WECHAT_MCP_AUDIT_FILE", `the file cannot be written (${codeOf(error)})`, {
        en: "Name a file, and no link to one, in a directory that exists and that this user may write to.",
        zh: "请指定一个已存在且当前用户可写的目录中的文件，不能是符号链接。",
      });
    }
    return undefined;
  }
}
