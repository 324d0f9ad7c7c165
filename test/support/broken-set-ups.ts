import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import type { CheckId, CheckStatus, WeChatClientOptions } from "@wechat-offiaccount/core";
import { DEFAULT_APP_ID, type SimulatorOptions } from "@wechat-offiaccount/simulator";
import { onTestFinished } from "vitest";
import { simulated } from "./desk.js";

/** The AppSecret of every set-up, also of the broken ones: it may be printed nowhere. */
export const SECRET = "5e9714e15e9714e15e9714e15e9714e1";
const PASSWORD = "pr0xy-pa55word";
/** What no output may hold. */
export const SECRETS = [SECRET, PASSWORD];

type Account = NonNullable<SimulatorOptions["accounts"]>[number];

export interface BrokenSetUp {
  readonly name: string;
  /** The options of a client; a token source of one's own cannot be given to the command. */
  options(): Promise<WeChatClientOptions>;
  /** The check that must name it, and how. */
  readonly check: CheckId;
  readonly status: CheckStatus;
  readonly errcode?: number;
  readonly en: RegExp;
  readonly zh: RegExp;
  readonly remedy: { readonly en: RegExp; readonly zh: RegExp };
  /** Whether the later checks are skipped for its sake. Default true for what failed. */
  readonly goesOn?: true;
  readonly codeOnly?: true;
}

/** A client's options for a local WeChat whose account has these settings, with a callback that is found. */
export async function account(settings: Partial<Account> = {}, given: Partial<WeChatClientOptions> = {}) {
  const callback = "https://callback.example/wechat";
  const simulator = await simulated({ accounts: [{ appId: DEFAULT_APP_ID, secret: SECRET, callback, ...settings }] });
  return { simulator, options: { ...AT, baseUrl: simulator.url, ...given } };
}

const AT = { appId: DEFAULT_APP_ID, appSecret: SECRET };
const ofAccount = (settings: Partial<Account>, given?: Partial<WeChatClientOptions>) => async () =>
  (await account(settings, given)).options;

/** An HTTP server that ends with the test; the text of all requests it got. */
export async function served(answer: RequestListener): Promise<{ url: string; requests: string[] }> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url} ${JSON.stringify(request.headers)}`);
    request.setEncoding("utf8").on("data", (part: string) => requests.push(part));
    answer(request, response);
  });
  server.on("connect", (_, socket) => socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

const answers = (status: number, headers: Record<string, string>, body: string) => async () => {
  const { url } = await served((_, response) => response.writeHead(status, headers).end(body));
  return { ...AT, baseUrl: url };
};

/** A URL at which nothing listens. */
async function nowhere(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

const withPassword = (url: string) => url.replace("://", `://user:${PASSWORD}@`);
const notWeChat = { en: /does not speak WeChat's API/, zh: /不是微信接口的应答/ };
const checkSecret = { en: /Copy AppID and AppSecret again/, zh: /重新复制 AppID 和 AppSecret/ };
const checkProxy = {
  en: /proxy's address, user and password \(WECHAT_PROXY;/,
  zh: /代理的地址、用户名和密码（WECHAT_PROXY；/,
};

export const BROKEN_SET_UPS: readonly BrokenSetUp[] = [
  {
    name: "a host name that does not resolve",
    options: async () => ({ ...AT, baseUrl: "http://no-such-host.invalid" }),
    check: "reachability",
    status: "failed",
    en: /The name no-such-host\.invalid cannot be resolved \((ENOTFOUND|EAI_AGAIN)\)/,
    zh: /无法解析域名 no-such-host\.invalid/,
    remedy: { en: /spelling.*WECHAT_API_BASE_URL.*DNS/, zh: /拼写.*DNS/ },
  },
  {
    name: "an address where nothing listens",
    options: async () => ({ ...AT, baseUrl: await nowhere() }),
    check: "reachability",
    status: "failed",
    en: /127\.0\.0\.1:\d+ refuses the connection \(ECONNREFUSED\)/,
    zh: /127\.0\.0\.1:\d+ 拒绝连接/,
    remedy: { en: /Check host and port/, zh: /主机和端口/ },
  },
  {
    name: "https where only http is spoken",
    options: async () => ({ ...AT, baseUrl: (await simulated()).url.replace("http:", "https:") }),
    check: "reachability",
    status: "failed",
    en: /The TLS connection to .* fails \(E/,
    zh: /TLS 连接失败/,
    remedy: { en: /http or https/, zh: /http\/https/ },
  },
  {
    name: "a server that takes the connection and says nothing",
    options: async () => ({ ...AT, baseUrl: (await served(() => {})).url, timeout: 300 }),
    check: "reachability",
    status: "failed",
    en: /^127\.0\.0\.1:\d+ took the connection and did not answer in time/,
    zh: /接受了连接，但未在限定时间内应答/,
    remedy: { en: /^Try again/, zh: /^请重试/ },
    codeOnly: true,
  },
  {
    name: "a server that breaks the connection off",
    options: async () => ({ ...AT, baseUrl: (await served(({ socket }) => socket.destroy())).url }),
    check: "reachability",
    status: "failed",
    en: /^127\.0\.0\.1:\d+ broke the connection off before it answered/,
    zh: /在应答前断开了连接/,
    remedy: { en: /^Try again/, zh: /^请重试/ },
  },
  {
    name: "a web server that answers 200 with a page",
    options: answers(200, { "content-type": "text/html" }, "<!doctype html><title>It works</title>"),
    check: "reachability",
    status: "failed",
    en: /a web page instead of WeChat's JSON/,
    zh: /返回的是网页/,
    remedy: notWeChat,
  },
  {
    name: "a foreign JSON API",
    options: answers(200, { "content-type": "application/json" }, '{"status":"UP"}'),
    check: "reachability",
    status: "failed",
    en: /there is no errcode/,
    zh: /没有 errcode/,
    remedy: notWeChat,
  },
  {
    name: "a redirect",
    options: answers(301, { location: `https://login.example/in?access_token=${SECRET}` }, ""),
    check: "reachability",
    status: "failed",
    en: /redirect \(HTTP 301\) to https:\/\/login\.example\/in;/,
    zh: /重定向（HTTP 301），指向 https:\/\/login\.example\/in；/,
    remedy: { en: /login page of this network/, zh: /登录页面/ },
  },
  {
    name: "a wrong path (404)",
    options: answers(404, { "content-type": "application/json" }, '{"error":"not found"}'),
    check: "reachability",
    status: "failed",
    en: /answers HTTP 404/,
    zh: /返回 HTTP 404/,
    remedy: notWeChat,
  },
  {
    name: "a wrong AppSecret",
    options: ofAccount({ secret: "f".repeat(32) }),
    check: "credentials",
    status: "failed",
    errcode: 40125,
    en: /40125: invalid AppSecret/,
    zh: /40125：无效的 AppSecret/,
    remedy: checkSecret,
  },
  {
    name: "the AppSecret of another account",
    options: async () => {
      const { simulator, options } = await account({ secret: "f".repeat(32) });
      simulator.addAccount({ appId: "wxfedcba9876543210", secret: SECRET });
      return options;
    },
    check: "credentials",
    status: "failed",
    errcode: 40001,
    en: /40001: AppSecret wrong, or not of this account/,
    zh: /40001：AppSecret 错误或不属于该公众号/,
    remedy: checkSecret,
  },
  {
    name: "a wrong AppID",
    options: ofAccount({}, { appId: "wx0000000000000000" }),
    check: "credentials",
    status: "failed",
    errcode: 40013,
    en: /40013: invalid AppID/,
    zh: /40013：不合法的 AppID/,
    remedy: { en: /begins with wx/, zh: /以 wx 开头/ },
  },
  {
    name: "a frozen AppSecret",
    options: ofAccount({ secretFrozen: true }),
    check: "credentials",
    status: "failed",
    errcode: 40243,
    en: /40243: AppSecret is frozen/,
    zh: /40243：AppSecret 已被冻结/,
    remedy: { en: /Unfreeze/, zh: /解冻/ },
  },
  {
    name: "an IP address that is not in the white list",
    options: ofAccount({ ipWhitelist: ["10.0.0.1"] }),
    check: "ip-white-list",
    status: "failed",
    errcode: 40164,
    en: /40164: this machine's IP address is not in/,
    zh: /40164：调用方 IP 不在白名单/,
    remedy: { en: /^Add 127\.0\.0\.1 to the API IP white list/, zh: /请把 127\.0\.0\.1 加入 API IP 白名单/ },
  },
  {
    name: "an IP address refused as WeChat's overview page has it (61004)",
    options: async () => {
      const { simulator, options } = await account();
      simulator.inject({ kind: "errcode", errcode: 61004, path: "/cgi-bin/stable_token" });
      return options;
    },
    check: "ip-white-list",
    status: "failed",
    errcode: 61004,
    en: /61004/,
    zh: /61004/,
    remedy: { en: /Add this machine's public IP address/, zh: /请把 本机公网 IP 加入/ },
  },
  {
    name: "an IP address that the administrator must confirm",
    options: ofAccount({ ipNeedsConfirmation: true }),
    check: "ip-white-list",
    status: "failed",
    errcode: 89503,
    en: /89503: this IP address needs the administrator's confirmation/,
    zh: /89503：此 IP 调用需要管理员确认/,
    remedy: { en: /ask them to confirm/, zh: /管理员确认后重试/ },
  },
  {
    name: "a stable token that WeChat refuses",
    options: async () => {
      const { simulator, options } = await account();
      simulator.tokens.forceRefresh();
      simulator.tokens.kill({ repeat: true });
      return options;
    },
    check: "token",
    status: "failed",
    errcode: 40001,
    en: /refuses the very token that stable_token gives \(40001/,
    zh: /拒绝了 stable_token 刚给出的 token（40001/,
    remedy: { en: /let every program use stable_token/, zh: /所有程序改用 stable_token/ },
  },
  {
    name: "a token of one's own source that a classic program has killed",
    options: async () => {
      const { simulator, options } = await account();
      const grant = `grant_type=client_credential&appid=${DEFAULT_APP_ID}&secret=${SECRET}`;
      const answer = await fetch(`${simulator.url}/cgi-bin/token?${grant}`);
      const { access_token: token } = (await answer.json()) as { access_token: string };
      simulator.tokens.kill({ kind: "classic" });
      return { ...options, tokenSource: async () => token };
    },
    check: "token",
    status: "failed",
    errcode: 40001,
    en: /Your tokenSource function gives a token that WeChat's API refuses \(40001/,
    zh: /自定义的 tokenSource 函数给出的 token 被微信接口拒绝（40001/,
    remedy: { en: /Another program may be fetching tokens/, zh: /其他程序在用旧接口获取/ },
    codeOnly: true,
  },
  {
    name: "a token source of one's own that fails",
    options: ofAccount(
      {},
      {
        tokenSource: async () => {
          throw new Error(`central?access_token=${SECRET} is down`);
        },
      },
    ),
    check: "token",
    status: "failed",
    en: /The tokenSource function failed: central/,
    zh: /tokenSource 函数未能给出 token/,
    remedy: { en: /Mend the tokenSource function/, zh: /请检查 tokenSource 函数/ },
    codeOnly: true,
  },
  {
    name: "an unverified account",
    options: ofAccount({ verified: false }),
    check: "permission",
    status: "failed",
    errcode: 48001,
    en: /48001: the account has no permission/,
    zh: /48001：接口功能未授权/,
    remedy: { en: /测试号.*passive replies/, zh: /测试号.*被动回复/ },
    goesOn: true,
  },
  {
    name: "a quota that is used up",
    options: ofAccount({ limits: { customSendsPerDay: 1 } }),
    check: "quota",
    status: "failed",
    en: /No call is left today: 1 of 1 are used/,
    zh: /今日额度已用完：1 次中已用 1 次/,
    remedy: { en: /Wait until tomorrow/, zh: /次日/ },
    goesOn: true,
  },
  {
    name: "a quota of which less than a tenth is left",
    options: async () => {
      const { simulator, options } = await account({ limits: { customSendsPerDay: 12 } });
      const token = simulator.tokens.forceRefresh();
      for (let n = 0; n < 10; n++) {
        await fetch(`${simulator.url}/cgi-bin/message/custom/send?access_token=${token}`, {
          method: "POST",
          body: "{}",
        });
      }
      return options;
    },
    check: "quota",
    status: "warning",
    en: /^1 of 12 calls are left today/,
    zh: /今日剩余 1 次调用，共 12 次/,
    remedy: { en: /45009/, zh: /45009/ },
  },
  {
    name: "a callback URL that is not set",
    options: ofAccount({ callback: undefined }),
    check: "callback",
    status: "warning",
    errcode: 40201,
    en: /No usable callback URL is set \(40201\)/,
    zh: /未设置可用的回调 URL（40201）/,
    remedy: { en: /Nothing to do if you only send/, zh: /只发送消息则无需处理/ },
  },
  {
    name: "a callback whose name has no address",
    options: ofAccount({ callbackNetwork: "unknown-host" }),
    check: "callback",
    status: "warning",
    en: /finds no address/,
    zh: /无法解析回调 URL/,
    remedy: { en: /public DNS/, zh: /公网 DNS/ },
  },
  {
    name: "a callback that does not answer pings",
    options: ofAccount({ callbackNetwork: "unreachable" }),
    check: "callback",
    status: "warning",
    en: /pings to the callback's host get lost \(203\.0\.113\.\d+: 100%\)/,
    zh: /ping 有丢包/,
    remedy: { en: /network\.callbackIps/, zh: /network\.callbackIps/ },
  },
  {
    name: "a proxy where nothing listens",
    options: async () => (await account({}, { proxy: withPassword(await nowhere()) })).options,
    check: "reachability",
    status: "failed",
    en: /The proxy 127\.0\.0\.1:\d+ gives no connection to 127\.0\.0\.1:\d+ \(ECONNREFUSED\)/,
    zh: /代理 127\.0\.0\.1:\d+ 没有建立到 .* 的连接/,
    remedy: checkProxy,
  },
  {
    name: "a proxy that refuses",
    options: async () => (await account({}, { proxy: withPassword((await served(() => {})).url) })).options,
    check: "reachability",
    status: "failed",
    en: /The proxy 127\.0\.0\.1:\d+ gives no connection to .* \(HTTP 403\)/,
    zh: /（HTTP 403）/,
    remedy: checkProxy,
  },
];
