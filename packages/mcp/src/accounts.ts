import { readFile } from "node:fs/promises";
import {
  clientOptionsFromEnv,
  Inbox,
  MemoryStore,
  openInbox,
  WeChatClient,
  type WeChatClientOptions,
  WeChatError,
  WeChatValidationError,
} from "@wechat-offiaccount/core";
import * as z from "zod";
import { isAccountName } from "./account-name.js";
import { codeOf } from "./own-file.js";
import type { Report } from "./problems.js";
import { quietly } from "./quietly.js";
import type { Remedy } from "./remedy.js";
import { plainLine } from "./safety/plain-line.js";
import {
  type ParsedRecipients,
  parseRecipients,
  parseTemplateRecipients,
  type RecipientRule,
} from "./safety/recipients.js";
import { factsOf } from "./tools/failure-facts.js";
import { ACCOUNT_VARIABLES } from "./variables.js";

/** One Official Account that the server works for. */
export interface Account {
  /** What the tools' argument `account` calls it; undefined: it is the only one. */
  readonly name: string | undefined;
  /** Notes in the inbox what it sends. */
  readonly client: WeChatClient;
  /** The account's conversations, if there is an inbox. */
  readonly inbox: Inbox | undefined;
  /** Where guards keep what must be shared: the inbox, else the memory of this process. */
  readonly notes: Inbox;
  /** The same in the memory of this process alone. */
  readonly ownNotes: Inbox;
  /** Who may be written to. */
  readonly recipients: RecipientRule;
  /** Who may get template messages. */
  readonly templateRecipients: RecipientRule;
  /** Whether its inbox is in the memory of this process, which nobody else writes to. */
  readonly inboxIsOwn: boolean;
}

/** Ends what an account holds: the inbox last, so that the outcome of what was still under way is kept too. */
export async function closeAccount({ client, inbox }: Pick<Account, "client" | "inbox">): Promise<void> {
  await client.close();
  await inbox?.close();
}

/** What is said of one account. Holds secrets. */
export interface AccountEntry {
  readonly name: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  /** Says with a problem whose it is. */
  readonly report: Report;
}

/** The account of the environment, or all of the accounts file; what is wrong is reported. */
export async function readAccountEntries(env: NodeJS.ProcessEnv, report: Report): Promise<readonly AccountEntry[]> {
  const file = env.WECHAT_ACCOUNTS_FILE?.trim();
  if (!file) return [{ name: undefined, env, report }];
  for (const name of ["WECHAT_APP_ID", "WECHAT_APP_SECRET", "WECHAT_APP_SECRET_FILE"]) {
    if (env[name]?.trim()) report(name, "is set beside WECHAT_ACCOUNTS_FILE", ONE_SOURCE);
  }
  const entries = Object.entries(await readEntries(file, report)).map(([name, entry]) => ({
    name,
    env: { ...env, ...entry },
    report: (variable: string, problem: string, remedy: Remedy) =>
      report(`WECHAT_ACCOUNTS_FILE: ${name}.${variable}`, problem, remedy),
  }));
  const ids = entries.map(({ env }) => env.WECHAT_APP_ID?.trim());
  if (new Set(ids).size < ids.length) report("WECHAT_ACCOUNTS_FILE", "names one AppID twice", ONCE);
  return entries;
}

/**
 * Opens accounts; what is wrong is reported, and its account left out.
 * @param log told of what goes wrong with an inbox later
 */
export async function openAccounts(
  entries: readonly AccountEntry[],
  log: (line: string) => void,
): Promise<readonly Account[]> {
  const opened = await Promise.all(entries.map((entry) => openAccount(entry, log)));
  return opened.filter((account) => account !== undefined);
}

const ONE_SOURCE = {
  en: "Remove it: with WECHAT_ACCOUNTS_FILE each account has its AppID and AppSecret in that file.",
  zh: "请删除该变量：使用 WECHAT_ACCOUNTS_FILE 时，各公众号的 AppID 和 AppSecret 都写在该文件中。",
};
const ONCE = {
  en: "Give each account of the file an AppID of its own.",
  zh: "文件中每个账号的 AppID 不能重复。",
};
const HOW_TO_WRITE = {
  en: `Write a JSON object of names, each with the variables of its account: {"shop": {"WECHAT_APP_ID": "wx…", "WECHAT_APP_SECRET_FILE": "…"}}. Names: letters, digits, - and _, at most 32. Variables: ${ACCOUNT_VARIABLES.join(", ")}; what is left out comes from the environment.`,
  zh: `请写成 JSON 对象，键为账号名，值为该账号的变量：{"shop": {"WECHAT_APP_ID": "wx…", "WECHAT_APP_SECRET_FILE": "…"}}。账号名只含字母、数字、- 和 _，最多 32 个字符。可用变量：${ACCOUNT_VARIABLES.join("、")}；未写的取自环境变量。`,
};

const ENTRIES = z.record(z.string().refine(isAccountName), z.partialRecord(z.enum(ACCOUNT_VARIABLES), z.string()));

/** What each account of the file says. */
async function readEntries(file: string, report: Report): Promise<z.infer<typeof ENTRIES>> {
  const wrong = (problem: string) => {
    report("WECHAT_ACCOUNTS_FILE", problem, HOW_TO_WRITE);
    return {};
  };
  let json: unknown;
  try {
    json = JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    // The words of a JSON error quote the file, secrets included.
    return wrong(error instanceof SyntaxError ? "holds no JSON" : `cannot be read (${codeOf(error)})`);
  }
  const parsed = ENTRIES.safeParse(json);
  if (!parsed.success) return wrong(`is not understood at ${placesOf(parsed.error)}`);
  return Object.keys(parsed.data).length === 0 ? wrong("names no account") : parsed.data;
}

/** Where a file is wrong: names and variables, never values. */
const placesOf = ({ issues }: z.ZodError) =>
  issues
    .flatMap((issue) => {
      const place = issue.path.length === 0 ? "the top" : issue.path.map((step) => plainLine(String(step))).join(".");
      if (issue.code !== "unrecognized_keys") return place;
      return issue.keys.map((key) => (/^[A-Z_]{1,60}$/.test(key) ? `${place}.${key}` : place));
    })
    .join(", ");

async function openAccount(
  { name, env, report }: AccountEntry,
  log: (line: string) => void,
): Promise<Account | undefined> {
  const options = readOptions(env, report);
  const hasInbox = Boolean(env.WECHAT_INBOX?.trim());
  const rule = (variable: string, parsed: ParsedRecipients): RecipientRule => {
    if ("rule" in parsed) return parsed.rule;
    report(variable, parsed.problem, parsed.remedy);
    return { kind: "nobody" };
  };
  const recipients = rule("WECHAT_MCP_RECIPIENTS", parseRecipients(env.WECHAT_MCP_RECIPIENTS, hasInbox));
  const templateRecipients = rule(
    "WECHAT_MCP_TEMPLATE_RECIPIENTS",
    parseTemplateRecipients(env.WECHAT_MCP_TEMPLATE_RECIPIENTS),
  );
  if (!options) return undefined;
  const inbox = await openInboxOf(env, options.appId, report, log);
  const ownNotes = new Inbox({ appId: options.appId, store: new MemoryStore() });
  return {
    name,
    client: new WeChatClient({ ...options, inbox }),
    inbox,
    notes: inbox ?? ownNotes,
    ownNotes,
    recipients,
    templateRecipients,
    inboxIsOwn: env.WECHAT_INBOX?.trim() === "memory",
  };
}

function readOptions(env: NodeJS.ProcessEnv, report: Report): WeChatClientOptions | undefined {
  try {
    return clientOptionsFromEnv(env);
  } catch (error) {
    if (!(error instanceof WeChatValidationError)) throw error;
    for (const { field, problem, remedy } of error.problems) report(field, problem, remedy);
    return undefined;
  }
}

/** The inbox that `WECHAT_INBOX` names; unset: none. */
async function openInboxOf(
  env: NodeJS.ProcessEnv,
  appId: string,
  report: Report,
  log: (line: string) => void,
): Promise<Inbox | undefined> {
  const word = env.WECHAT_INBOX?.trim();
  if (!word) return undefined;
  const troubles = quietly(log);
  const onError = (error: unknown) => {
    const { message, remedy_en, remedy_zh } = factsOf(error);
    troubles.note(message, `The inbox (WECHAT_INBOX): ${message}\n  ${remedy_en}\n  ${remedy_zh}`);
  };
  let inbox: Inbox | undefined;
  try {
    inbox = await openInbox(word, { appId, onError });
    // A store on another host is called only when it is used.
    await inbox.unreadCount();
    return inbox;
  } catch (error) {
    await inbox?.close();
    if (!(error instanceof WeChatError)) throw error;
    const problem = error instanceof WeChatValidationError ? error.problems[0]?.problem : undefined;
    report("WECHAT_INBOX", problem ?? `cannot be opened: ${plainLine(error.message)}`, error.remedy);
    return undefined;
  }
}
