import { CALLBACK_IPS } from "../api/network.js";
import { fill, joined } from "../bilingual.js";
import { type Bilingual, TRANSPORT_REMEDY } from "../error-catalog.js";
import { type WeChatError, WeChatTransportError } from "../errors.js";
import { redact } from "../redact.js";
import { readAnswer } from "../transport/answer.js";
import { failedAtProxy } from "../transport/dispatcher.js";
import type { ExchangeAnswer } from "../transport/exchange.js";
import type { Check, Judgement } from "./check.js";
import { judgementOf, TRY_AGAIN } from "./findings.js";
import { type Way, wayOf } from "./proxy.js";

const ANSWERS: Bilingual = {
  en: "{host} answers and speaks WeChat's API ({way}).",
  zh: "{host} 有应答，且是微信接口（{way}）。",
};
const BACKUP_ANSWERS: Bilingual = {
  en: "{host} cannot be reached; {backup}, a backup host of WeChat's, answers ({way}).",
  zh: "无法连接 {host}，微信的备用域名 {backup} 有应答（{way}）。",
};
const UNUSED_PROXY: Bilingual = {
  en: '{unused} is set, but this client uses a proxy only when told to: set WECHAT_PROXY=env, or in code the option proxy to "env".',
  zh: '环境中设置了 {unused}，但客户端只在明确要求时才使用代理：请设置 WECHAT_PROXY=env，或在代码中把选项 proxy 设为 "env"。',
};
const ALLOW_HOST: Bilingual = {
  en: "Let this machine reach {host}: look at its network, at firewalls, and whether this network asks for a proxy (WECHAT_PROXY; in code: proxy).",
  zh: "请允许本机访问 {host}：检查本机网络和防火墙，以及所在网络是否必须使用代理（WECHAT_PROXY；代码中为 proxy）。",
};

interface Trouble {
  readonly finding: Bilingual;
  readonly remedy: Bilingual;
}

/** What may be between this machine and WeChat. */
const TROUBLES = {
  name: {
    finding: { en: "The name {host} cannot be resolved ({code}).", zh: "无法解析域名 {host}（{code}）。" },
    remedy: {
      en: "Check the spelling of the host in the API base URL (baseUrl, WECHAT_API_BASE_URL), and this machine's DNS.",
      zh: "请检查 API 地址（baseUrl、WECHAT_API_BASE_URL）中的域名拼写，以及本机的 DNS。",
    },
  },
  refused: {
    finding: {
      en: "{host} refuses the connection ({code}): nothing listens there, or a firewall refuses.",
      zh: "{host} 拒绝连接（{code}）：该端口没有服务监听，或被防火墙拒绝。",
    },
    remedy: {
      en: "Check host and port of the API base URL (baseUrl, WECHAT_API_BASE_URL), start what is to listen there, and let firewalls pass it.",
      zh: "请检查 API 地址（baseUrl、WECHAT_API_BASE_URL）的主机和端口，启动应在该处监听的服务，并在防火墙中放行。",
    },
  },
  unreachable: {
    finding: { en: "No connection to {host} comes about ({code}).", zh: "无法连接到 {host}（{code}）。" },
    remedy: ALLOW_HOST,
  },
  tls: {
    finding: { en: "The TLS connection to {host} fails ({code}).", zh: "与 {host} 的 TLS 连接失败（{code}）。" },
    remedy: {
      en: "Check http or https and the port of the API base URL, and this machine's date. If a proxy in between opens TLS, give Node.js its certificate with NODE_EXTRA_CA_CERTS.",
      zh: "请检查 API 地址的 http/https 和端口，以及本机日期。若中间代理会解密 TLS，请通过 NODE_EXTRA_CA_CERTS 把其证书提供给 Node.js。",
    },
  },
  proxy: {
    finding: {
      en: "The proxy {proxy} gives no connection to {host} ({code}).",
      zh: "代理 {proxy} 没有建立到 {host} 的连接（{code}）。",
    },
    remedy: {
      en: "Check the proxy's address, user and password (WECHAT_PROXY; in code: proxy), and that it lets {host} pass; or connect without it.",
      zh: "请检查代理的地址、用户名和密码（WECHAT_PROXY；代码中为 proxy），并确认代理允许访问 {host}；或不使用代理。",
    },
  },
  silent: {
    finding: {
      en: "{host} took the connection and did not answer in time.",
      zh: "{host} 接受了连接，但未在限定时间内应答。",
    },
    remedy: TRY_AGAIN,
  },
  broken: {
    finding: {
      en: "{host} broke the connection off before it answered ({code}).",
      zh: "{host} 在应答前断开了连接（{code}）。",
    },
    remedy: TRY_AGAIN,
  },
  redirect: {
    finding: {
      en: "{host} answers with a redirect (HTTP {status}) to {location}; WeChat's API does not redirect.",
      zh: "{host} 返回重定向（HTTP {status}），指向 {location}；微信接口不会重定向。",
    },
    remedy: {
      en: "Set the API base URL (baseUrl, WECHAT_API_BASE_URL) to where the API itself is, such as https://api.weixin.qq.com. A redirect may also be the login page of this network.",
      zh: "请把 API 地址（baseUrl、WECHAT_API_BASE_URL）设为接口本身的地址，例如 https://api.weixin.qq.com。重定向也可能来自所在网络的登录页面。",
    },
  },
  status: {
    finding: {
      en: "{host} answers HTTP {status}, which WeChat's API does not.",
      zh: "{host} 返回 HTTP {status}，微信接口不会如此应答。",
    },
    remedy: TRANSPORT_REMEDY.notWeChat,
  },
  html: {
    finding: {
      en: "{host} answers with a web page instead of WeChat's JSON.",
      zh: "{host} 返回的是网页，而不是微信接口的 JSON。",
    },
    remedy: TRANSPORT_REMEDY.notWeChat,
  },
  foreign: {
    finding: {
      en: "{host} answers, but not as WeChat's API does: there is no errcode in what it says.",
      zh: "{host} 有应答，但不是微信接口：应答中没有 errcode。",
    },
    remedy: TRANSPORT_REMEDY.notWeChat,
  },
} as const satisfies Record<string, Trouble>;
type TroubleName = keyof typeof TROUBLES;

/** Where no connection comes about: troubles by the code of the system, of OpenSSL or of undici. */
const BY_CODE: readonly (readonly [RegExp, TroubleName])[] = [
  [/^(ENOTFOUND|EAI_\w+)$/, "name"],
  [/^ECONNREFUSED$/, "refused"],
  [/^(ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EADDRNOTAVAIL)$/, "unreachable"],
  [/^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|INVALID_CA|EPROTO$)/, "tls"],
];
const MAY_NEED_PROXY: readonly TroubleName[] = ["name", "refused", "unreachable"];

/** DNS, TCP, TLS, proxy, and whether it is WeChat that answers: one call without token, whatever is set up. */
export const reachability: Check = {
  id: "reachability",
  title: { en: "Reachability of WeChat's API", zh: "微信接口连通性" },
  blocks: true,
  async judge(run) {
    const { options } = run.setup;
    const { host } = options.baseUrl;
    const way = wayOf(options);
    const details = { host, ...(way.proxy !== undefined && { proxy: way.proxy }) };
    const began = performance.now();
    const knocked = await run.knock(CALLBACK_IPS.method, CALLBACK_IPS.path);
    if (knocked.error) return unanswered(knocked.error, way, details);
    const answer = knocked.value;
    const strange = strangeness(answer);
    if (strange) {
      const location = target(answer.location);
      return trouble(strange, { ...details, status: answer.status, ...(location !== undefined && { location }) });
    }
    const milliseconds = Math.round(performance.now() - began);
    if (answer.host === host) {
      return { status: "ok", finding: fill(ANSWERS, { host, way: way.words }), details: { ...details, milliseconds } };
    }
    return {
      status: "warning",
      finding: fill(BACKUP_ANSWERS, { host, backup: answer.host, way: way.words }),
      remedy: fill(ALLOW_HOST, { host }),
      details: { ...details, backup: answer.host, milliseconds },
    };
  },
};

function unanswered(error: WeChatError, way: Way, details: Readonly<Record<string, string>>): Judgement {
  if (!(error instanceof WeChatTransportError)) return judgementOf(error);
  const { cause, reason } = error;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : reason;
  if (cause instanceof Error && failedAtProxy(cause)) {
    const refusal = /^Proxy response \((\d+)\)/.exec(cause.message)?.[1];
    return trouble("proxy", {
      proxy: "(dispatcher)",
      ...details,
      code: refusal === undefined ? code : `HTTP ${refusal}`,
    });
  }
  const name = nameOf(error, code);
  if (name === undefined) return judgementOf(error);
  const judgement = trouble(name, { ...details, code });
  if (way.unused === undefined || !judgement.remedy || !MAY_NEED_PROXY.includes(name)) return judgement;
  return { ...judgement, remedy: joined(judgement.remedy, fill(UNUSED_PROXY, { unused: way.unused })) };
}

function nameOf({ reason, sent }: WeChatTransportError, code: string): TroubleName | undefined {
  if (reason === "timeout") return sent ? "silent" : "unreachable";
  if (reason === "reset") return "broken";
  return BY_CODE.find(([pattern]) => pattern.test(code))?.[1];
}

/** What is wrong with an answer, if it is not WeChat's. WeChat says 41001 here, for want of a token. */
function strangeness(answer: ExchangeAnswer): TroubleName | undefined {
  if (answer.status >= 300 && answer.status < 400) return answer.location === undefined ? "status" : "redirect";
  const isHtml = /html/i.test(answer.contentType) || /^\s*</.test(answer.body.toString("utf8", 0, 100));
  try {
    const { errcode, ip_list } = readAnswer(answer, CALLBACK_IPS.path);
    // A gateway that adds the token itself gives the addresses.
    return errcode !== undefined || Array.isArray(ip_list) ? undefined : "foreign";
  } catch (error) {
    if (error instanceof WeChatTransportError && error.reason === "status") return "status";
    return isHtml ? "html" : "foreign";
  }
}

/** The address of a redirect as far as it can be shown: a query may hold anything. */
function target(location: string | undefined): string | undefined {
  return location === undefined ? undefined : redact(location.replace(/[?#].*$/s, "")).slice(0, 200);
}

function trouble(name: TroubleName, details: Readonly<Record<string, string | number>>): Judgement {
  const { finding, remedy } = TROUBLES[name];
  return { status: "failed", finding: fill(finding, details), remedy: fill(remedy, details), details };
}
