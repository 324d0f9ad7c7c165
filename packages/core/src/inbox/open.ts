import { WeChatValidationError } from "../errors.js";
import { isRedisUrl } from "../redis-connection.js";
import { Inbox } from "./inbox.js";
import type { InboxOptions } from "./inbox-options.js";
import { MemoryStore } from "./memory.js";
import type { InboxStore } from "./store.js";

/** How a store is opened, by what stands before the colon; drivers are loaded only then. */
const OPENERS: Readonly<Record<string, (rest: string, word: string) => Promise<InboxStore>>> = {
  memory: async (rest) => (rest === "" ? new MemoryStore() : refuse("memory takes nothing after it")),
  sqlite: async (path) => {
    if (path === "") return refuse("sqlite: needs the path of a file");
    const { openSqliteStore } = await import("./sqlite.js");
    return openSqliteStore(path);
  },
  redis: (_, url) => openRedis(url),
  rediss: (_, url) => openRedis(url),
};

/**
 * Opens an inbox by a word: `memory`, `sqlite:PATH` (needs the package `libsql`), or `redis://…` or `rediss://…` (needs
 * the package `ioredis`). The word is repeated in no error: a URL may hold a password.
 * @example const inbox = await openInbox("sqlite:/var/lib/wechat/inbox.db", { appId })
 * @throws WeChatValidationError that names `WECHAT_INBOX`; WeChatClientError if the store cannot be opened
 */
export async function openInbox(word: string, options: Omit<InboxOptions, "store">): Promise<Inbox> {
  const [, scheme = "", rest = ""] = /^([a-z]*):?(.*)$/s.exec(word) ?? [];
  const open = Object.hasOwn(OPENERS, scheme) ? OPENERS[scheme] : undefined;
  if (!open) return refuse("is neither memory nor sqlite:PATH nor a redis:// or rediss:// URL");
  const store = await open(rest, word);
  try {
    return new Inbox({ ...options, store });
  } catch (error) {
    await store.close();
    throw error;
  }
}

/**
 * Opens the inbox that the environment variable `WECHAT_INBOX` names; unset: `memory`.
 * @param env default `process.env`
 * @throws as {@link openInbox}
 */
export function inboxFromEnv(
  options: Omit<InboxOptions, "store">,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Inbox> {
  return openInbox(env.WECHAT_INBOX?.trim() || "memory", options);
}

async function openRedis(url: string): Promise<InboxStore> {
  if (!isRedisUrl(url)) return refuse("is not a complete redis:// or rediss:// URL");
  const { openRedisStore } = await import("./redis.js");
  return openRedisStore({ url });
}

function refuse(problem: string): never {
  const remedy = {
    en: "Set WECHAT_INBOX to memory, to sqlite: and the path of a file, such as sqlite:/var/lib/wechat/inbox.db, or to a URL such as redis://:password@host:6379/0 (percent-encode what is special in the password).",
    zh: "请把 WECHAT_INBOX 设为 memory、sqlite:文件路径（例如 sqlite:/var/lib/wechat/inbox.db），或 redis://:密码@主机:6379/0 形式的地址（密码中的特殊字符需要百分号编码）。",
  };
  throw new WeChatValidationError([{ field: "WECHAT_INBOX", problem, remedy }]);
}
