import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openInbox, WeChatClient } from "@wechat-offiaccount/core";
import { type Call, createSimulator, DEFAULT_APP_ID, DEFAULT_APP_SECRET } from "@wechat-offiaccount/simulator";
import { onTestFinished } from "vitest";
import type * as check from "../../src/tools/check-wechat-account.js";
import type * as list from "../../src/tools/list-wechat-conversations.js";
import type { OptInTool } from "../../src/tools/opt-in.js";
import type * as read from "../../src/tools/read-wechat-conversation.js";
import type * as send from "../../src/tools/send-wechat-text.js";
import type * as wait from "../../src/tools/wait-for-wechat-message.js";
import { connectHost, connectHttp, type Host, serverWith } from "./host.js";
import { startHttp, TOKEN } from "./http.js";

export const OPENID = "oGuarded00000000000000000001";
export const AGENT = "alice@shop";
export const TEMPLATE = "tpl-000000000000000000000000000000000000001";
/** What the follower wrote. */
const WORDS = "几点关门？";
const HOURS = 3_600_000;

export const TRANSPORTS = ["stdio", "http"] as const;
export type Transport = (typeof TRANSPORTS)[number];

/** Every tool there is; the compiler knows one that is not called here. */
export type ToolName =
  | typeof list.name
  | typeof read.name
  | typeof wait.name
  | typeof send.name
  | OptInTool
  | typeof check.name;

const toFollower = { openid: OPENID };

const READ = ["account"] as const;
const DRY = ["account", "dry_run"] as const;
const KEYED = ["account", "dry_run", "idempotency_key"] as const;

/** A call of each tool that does all it can, in the order in which they are called. */
const CALLS: Readonly<Record<ToolName, { readonly input: object; readonly takes: readonly (keyof Extra)[] }>> = {
  list_wechat_conversations: { input: {}, takes: READ },
  read_wechat_conversation: { input: { ...toFollower, mark_read: true }, takes: READ },
  wait_for_wechat_message: { input: { after: "0", timeout_seconds: 1 }, takes: READ },
  send_wechat_text: { input: { ...toFollower, text: "九点。" }, takes: KEYED },
  send_wechat_message: {
    input: { ...toFollower, type: "image", media_id: "PICTURE" },
    takes: KEYED,
  },
  send_wechat_template: {
    input: { ...toFollower, template_id: TEMPLATE, data: [{ keyword: "no", value: "SF-1" }] },
    takes: KEYED,
  },
  set_wechat_typing: { input: toFollower, takes: DRY },
  transfer_to_human: { input: toFollower, takes: DRY },
  check_wechat_account: { input: {}, takes: READ },
};

/** What each has then done, as WeChat and the inbox know. */
const DEEDS: Readonly<Record<ToolName, readonly string[]>> = {
  list_wechat_conversations: ["shown"],
  read_wechat_conversation: ["marked", "shown"],
  wait_for_wechat_message: ["shown"],
  send_wechat_text: ["text"],
  send_wechat_message: ["image"],
  send_wechat_template: ["template"],
  set_wechat_typing: ["typing"],
  transfer_to_human: ["handed over"],
  check_wechat_account: ["checked"],
};

export const TOOLS = Object.keys(CALLS) as readonly ToolName[];

/** Arguments that a mode adds to the calls of the tools that take them. */
export interface Extra {
  readonly account?: string;
  readonly dry_run?: boolean;
  readonly idempotency_key?: string;
}

/** What happened before the server started: in the inbox; WeChat itself lets everything through. */
export type Past = "wrote" | "wrote 3 days ago" | "was answered 5 times" | "unsubscribed";

/** What stands around a server. */
export interface Mode {
  readonly env: Readonly<Record<string, string>>;
  /** Absent: there is no inbox. */
  readonly past?: Past;
  readonly extra?: Extra;
  /** The accounts file, by name; the first one's AppID is the simulator's first. Default: one account, no file. */
  readonly accounts?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** The file of the audit log cannot be written any more. */
  readonly auditBroken?: boolean;
}

/** What a call came to: what it did, or the code of its refusal. */
export type Cell = "acts" | "dry" | "none" | (string & {});

const APP_IDS = [DEFAULT_APP_ID, "wxaaaaaaaaaaaaaaaa"] as const;

/** Calls every tool of a real server once, and says of each what became of it, by what WeChat and the inbox saw. */
export async function cellsOf(mode: Mode, transport: Transport): Promise<Record<string, Cell>> {
  const { simulator, folder, env, unread } = await prepared(mode);
  const host = await connected(transport, env);
  const listed = (await host.listTools()).tools.map(({ name }) => name);
  if (mode.auditBroken) await rm(join(folder, "audit"), { recursive: true });
  const own = APP_IDS[Object.keys(mode.accounts ?? {}).indexOf(mode.extra?.account ?? "")] ?? APP_IDS[0];
  const cells: Record<string, Cell> = {};
  for (const tool of new Set([...TOOLS, ...listed])) {
    simulator.ledger.clear();
    const before = await unread();
    const result = await called(host, tool, mode.extra);
    const { calls, messages } = simulator.ledger;
    const shown = [WORDS, OPENID].some((word) => JSON.stringify(result ?? "").includes(word));
    const deeds = [
      ...messages.map(({ msgtype, openid }) => (openid === OPENID ? msgtype : `${msgtype} to ${openid}`)),
      ...calls.flatMap(deedOfCall),
      ...((await unread()) < before ? ["marked"] : []),
      ...(shown ? ["shown"] : []),
    ];
    const foreign = calls.some(({ appId = own }) => appId !== own);
    cells[tool] = foreign ? "calls another account" : cellOf(tool as ToolName, deeds, calls, result);
    if (!result && listed.includes(tool)) cells[tool] = "listed, and not there";
    if (result && !listed.includes(tool)) cells[tool] = "not listed, and there";
  }
  return cells;
}

type Called = Awaited<ReturnType<Host["call"]>>;

function cellOf(tool: ToolName, deeds: readonly string[], calls: readonly Call[], result: Called | undefined): Cell {
  const { code = "?", status } = result?.structured ?? {};
  if (deeds.length > 0) {
    const own = DEEDS[tool]?.join() === [...deeds].sort().join();
    return own && !result?.isError ? "acts" : `did ${deeds.join()}, and says ${code}`;
  }
  if (!result) return "none";
  if (!result.isError) return status === "dry-run" ? "dry" : `did nothing, and says ${status}`;
  // A guard refuses before WeChat is called.
  return calls.length === 0 ? String(code) : `${code}, and calls ${calls.map(({ path }) => path).join()}`;
}

const DEED_OF_PATH: Readonly<Record<string, string>> = {
  "/cgi-bin/message/custom/typing": "typing",
  "/customservice/kfsession/create": "handed over",
  "/cgi-bin/openapi/quota/get": "checked",
};
const deedOfCall = ({ path, errcode }: Call): readonly string[] => {
  const deed = DEED_OF_PATH[path];
  return deed === undefined ? [] : [errcode === 0 || errcode === undefined ? deed : `${deed} (${errcode})`];
};

/** Undefined: there is no such tool. */
async function called(host: Host, tool: string, extra: Extra = {}): Promise<Called | undefined> {
  const { input, takes } = CALLS[tool as ToolName] ?? { input: {}, takes: [] };
  const more = Object.entries(extra).filter(([name]) => takes.some((taken) => taken === name));
  const args = { ...input, ...Object.fromEntries(more) };
  if ("idempotency_key" in args) args.idempotency_key = `${tool} ${args.idempotency_key}`;
  try {
    return await host.call(tool, args);
  } catch (error) {
    if (/not found|unknown tool/i.test(String(error))) return undefined;
    throw error;
  }
}

async function prepared({ env, past, accounts }: Mode) {
  const simulator = await createSimulator({
    replyQuota: false,
    accounts: APP_IDS.map((appId) => ({
      appId,
      secret: DEFAULT_APP_SECRET,
      wechatId: "shop",
      kfAccounts: [AGENT],
      templates: [{ templateId: TEMPLATE, title: "发货通知", content: "单号：{{no.DATA}}" }],
    })),
  });
  onTestFinished(() => simulator.close());
  const folder = await mkdtemp(join(tmpdir(), "wechat-mcp-guards-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const appId of APP_IDS) {
    simulator.addMedia({ mediaId: "PICTURE", type: "image", appId });
    simulator.addFollower({ openid: OPENID, appId });
    simulator.interact(OPENID, "message", { appId, text: WORDS });
  }
  const word = `sqlite:${join(folder, "inbox.db")}`;
  const inboxes = past ? await Promise.all(APP_IDS.map((appId) => filled(word, appId, past, simulator.url))) : [];
  await mkdir(join(folder, "audit"));
  const file = join(folder, "accounts.json");
  if (accounts) {
    const entries = Object.entries(accounts).map(([name, more], index) => [
      name,
      { WECHAT_APP_ID: APP_IDS[index], WECHAT_APP_SECRET: DEFAULT_APP_SECRET, ...more },
    ]);
    await writeFile(file, JSON.stringify(Object.fromEntries(entries)));
  }
  return {
    simulator,
    folder,
    env: {
      ...(accounts
        ? { WECHAT_ACCOUNTS_FILE: file }
        : { WECHAT_APP_ID: APP_IDS[0], WECHAT_APP_SECRET: DEFAULT_APP_SECRET }),
      WECHAT_API_BASE_URL: simulator.url,
      ...(past && { WECHAT_INBOX: word }),
      ...env,
      ...(env.WECHAT_MCP_AUDIT_FILE && { WECHAT_MCP_AUDIT_FILE: join(folder, "audit", "log.jsonl") }),
    },
    unread: async () => {
      const counts = await Promise.all(inboxes.map((inbox) => inbox.unreadCount()));
      return counts.reduce((sum, count) => sum + count, 0);
    },
  };
}

/** An inbox with one message that nobody has read, as the program has it that receives. */
async function filled(word: string, appId: string, past: Past, baseUrl: string) {
  const inbox = await openInbox(word, { appId });
  onTestFinished(() => inbox.close());
  const createdAt = Date.now() - (past === "wrote 3 days ago" ? 72 * HOURS : 0);
  const pushed = { openid: OPENID, accountId: "gh_0123456789ab", createdAt };
  await inbox.receive({ key: "m:1", message: { ...pushed, type: "text", ...{ text: WORDS } } });
  if (past === "unsubscribed") {
    const message = { ...pushed, createdAt: createdAt + 1, type: "event", event: "unsubscribe" };
    await inbox.receive({ key: "e:1", message });
    // What the follower did is unread too.
  }
  if (past === "was answered 5 times") {
    const client = new WeChatClient({ appId, appSecret: DEFAULT_APP_SECRET, baseUrl, inbox });
    for (let answer = 0; answer < 5; answer++) await client.messages.sendText(OPENID, "earlier");
    await client.close();
  }
  return inbox;
}

async function connected(transport: Transport, env: Record<string, string>): Promise<Host> {
  const host =
    transport === "stdio"
      ? await connectHost("v2", serverWith(env))
      : await connectHttp("v2 auto", (await startHttp(env)).url, TOKEN);
  onTestFinished(() => host.close());
  return host;
}
