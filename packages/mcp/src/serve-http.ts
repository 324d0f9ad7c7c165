import { createHmac, randomBytes } from "node:crypto";
import { isIPv6 } from "node:net";
import type { Configuration } from "./configuration.js";
import { MCP_PATH } from "./flags.js";
import { codeOf } from "./own-file.js";
import { SettingsError, type SettingsProblem } from "./problems.js";
import { quietly } from "./quietly.js";
import { serverFactory } from "./server.js";
import { makeBearerToken } from "./transports/bearer-token.js";
import { type Callbacks, openCallbacks } from "./transports/callbacks.js";
import { type HttpConnection, serveOverHttp } from "./transports/http.js";
import { HttpAccess, isLoopback } from "./transports/http-access.js";
import type { CallbackSettings, HttpSettings } from "./transports/http-settings.js";
import { Waits } from "./transports/waits.js";

export { readHttpSettings } from "./transports/http-settings.js";

/** A running server. */
export interface HttpServing extends Pick<HttpConnection, "closed"> {
  /** What the operator has to know, line by line. */
  readonly announcement: readonly string[];
  close(): Promise<void>;
}

/**
 * Serves MCP over HTTP, and WeChat's callback beside it.
 * @param log gets what goes wrong later
 * @throws SettingsError if there is no token, or it cannot listen there
 */
export async function serveHttp(
  { accounts, settings, audit }: Configuration,
  { host, port, bearer, allowedHosts, callbacks: pushed }: HttpSettings,
  log: (line: string) => void,
): Promise<HttpServing> {
  const token = bearer.token ?? (await makeBearerToken(bearer.from));
  const waits = new Waits();
  const failures = quietly(log);
  const received = pushed.flatMap((callback) => {
    const inbox = accounts.find(({ name }) => name === callback.account)?.inbox;
    return inbox ? [{ ...callback, inbox }] : [];
  });
  const callbacks = openCallbacks(received, log);
  const receiving = new Set(received.map(({ account }) => account));
  const desk = {
    settings,
    audit,
    accounts: waits.endableIn(accounts).map((account) => ({
      ...account,
      ...(receiving.has(account.name) && { lastRefusal: () => callbacks.lastRefusal(account.name) }),
    })),
  };
  // The same for all replicas, as clients have one token for all of them. Only where all know which answers were used:
  // else an answer counts in the process that asked.
  const lasting = accounts.every(({ inbox, inboxIsOwn }) => inbox && !inboxIsOwn);
  const confirmationKey = lasting ? createHmac("sha256", token).update("confirmation").digest() : randomBytes(32);
  const connection = await serveOverHttp(serverFactory(desk, { confirmationKey }), {
    host,
    port,
    access: new HttpAccess({ host, allowedHosts, token }),
    callbacks: callbacks.paths,
    onclosing: () => waits.end(),
    // The message of such an error may quote what a client sent.
    onerror: ({ name }) => failures.note(name, `A request could not be read or answered (${name}).`),
  }).catch((error: unknown) => refuse(error, callbacks));
  const origin = `http://${reachable(host)}:${connection.port}`;
  return {
    announcement: [
      ...announceMcp(origin, bearer.from),
      ...(isLoopback(host) ? [] : BEYOND),
      ...(bearer.token === undefined ? [NEW_TOKEN] : []),
      ...pushed.flatMap((callback) => announceCallback(origin, callback)),
    ],
    closed: connection.closed.then(() => callbacks.close()),
    close: () => connection.close(),
  };
}

/** Where this machine reaches what listens there. */
function reachable(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return isIPv6(host) ? `[${host}]` : host;
}

function announceMcp(origin: string, from: string): readonly string[] {
  return [
    `MCP is at ${origin}${MCP_PATH}. Clients send the header Authorization: Bearer TOKEN; the token stands in ${from}.`,
    `MCP 地址：${origin}${MCP_PATH}。客户端须发送请求头 Authorization: Bearer 令牌；令牌在 ${from}。`,
  ];
}

const BEYOND = [
  "Other machines may reach it too, over plain HTTP: put a proxy with TLS before it. They call it by a name or address in --host or WECHAT_MCP_ALLOWED_HOSTS; other names are refused (403).",
  "其他机器也可能访问本服务，且为明文 HTTP：请在前面放置 TLS 反向代理。访问时使用的主机名或地址须在 --host 或 WECHAT_MCP_ALLOWED_HOSTS 中，否则会被拒绝（403）。",
];

const NEW_TOKEN = "The token was made now, and is kept there for the next start. 令牌刚刚生成，下次启动继续使用。";

function announceCallback(origin: string, { path, mode }: CallbackSettings): readonly string[] {
  const lines = [
    `WeChat's callback is at ${origin}${path}. In WeChat's console (服务器配置) enter http(s)://YOUR-PUBLIC-NAME${path}, the token of WECHAT_CALLBACK_TOKEN,${mode === "plain" ? "" : " the key of WECHAT_ENCODING_AES_KEY"} and ${MODE_NAMES[mode]}; WeChat calls port 80 or 443, so put a proxy or a tunnel before this server.`,
    `微信回调地址：${origin}${path}。请在微信后台「服务器配置」填写 http(s)://公网域名${path}、WECHAT_CALLBACK_TOKEN 中的令牌${mode === "plain" ? "" : "、WECHAT_ENCODING_AES_KEY 中的密钥"}，并选择${MODE_NAMES[mode]}；微信只访问 80 或 443 端口，请用反向代理或隧道转发到本服务。`,
  ];
  return mode === "plain" ? [...lines, PLAIN_MODE] : lines;
}

const MODE_NAMES: Readonly<Record<CallbackSettings["mode"], string>> = {
  safe: "安全模式",
  compatible: "兼容模式",
  plain: "明文模式",
};

const PLAIN_MODE =
  "WECHAT_CALLBACK_MODE=plain: nothing protects the text of a message, so others may write in a follower's name. 明文模式：消息内容不受保护，他人可能冒充用户。";

/** What keeps it from listening, as the operator's problem. */
const LISTEN_PROBLEMS: Readonly<Record<string, SettingsProblem>> = {
  EADDRINUSE: {
    name: "--port",
    problem: "is taken: another program listens there",
    remedy: {
      en: "Give another port with --port, or --port 0 for any free one; or end the other program.",
      zh: "请用 --port 指定其他端口（--port 0 为任意空闲端口），或结束占用该端口的程序。",
    },
  },
  EACCES: {
    name: "--port",
    problem: "may not be used by this user",
    remedy: {
      en: "Give a port above 1023, and let a proxy forward to it.",
      zh: "请使用大于 1023 的端口，并由反向代理转发。",
    },
  },
};
const WRONG_HOST: SettingsProblem = {
  name: "--host",
  problem: "is no name or address of this machine",
  remedy: {
    en: "Give 127.0.0.1 (default: this machine only), 0.0.0.0 (all its addresses) or one of its addresses.",
    zh: "请填写 127.0.0.1（默认，仅本机可访问）、0.0.0.0（所有地址）或本机的某个地址。",
  },
};

async function refuse(error: unknown, callbacks: Callbacks): Promise<never> {
  await callbacks.close();
  const code = codeOf(error);
  const known = LISTEN_PROBLEMS[code];
  if (known) throw new SettingsError([known]);
  if (["EADDRNOTAVAIL", "ENOTFOUND", "EAI_AGAIN"].includes(code)) throw new SettingsError([WRONG_HOST]);
  throw error;
}
