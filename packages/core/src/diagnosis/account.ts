import { SEND_CUSTOM_MESSAGE } from "../api/messages.js";
import { Network } from "../api/network.js";
import { Quota } from "../api/quota.js";
import { fill } from "../bilingual.js";
import { type Bilingual, type ErrorKind, explainError } from "../error-catalog.js";
import { WeChatApiError } from "../errors.js";
import type { Check, Judgement } from "./check.js";
import { endedBefore, judgementOf, notKnown } from "./findings.js";

const NOT_REFUSED: Bilingual = {
  en: "WeChat did not refuse the permission. What was sent to see this has no recipient and no text, and was refused for that ({errcode}); only a real message is proof.",
  zh: "微信没有以权限为由拒绝。检查时发出的请求没有接收人也没有内容，因此被拒（{errcode}）；只有实际发送才能最终证明。",
};
const TOO_KIND: Bilingual = {
  en: "What answers took a message without recipient and text, which WeChat does not: it may be something else.",
  zh: "对方接受了既无接收人也无内容的消息，微信不会如此：应答的可能不是微信。",
};
const CHECK_BASE_URL: Bilingual = {
  en: "Check the API base URL (baseUrl, WECHAT_API_BASE_URL) and any gateway in between.",
  zh: "请检查 API 地址（baseUrl、WECHAT_API_BASE_URL）以及中间的网关。",
};
/** No follower has an empty openid, and WeChat takes no empty text. */
const NOTHING_TO_NOBODY = { touser: "", msgtype: "text", text: { content: "" } };
const REFUSING: readonly ErrorKind[] = ["permission", "credential"];

/**
 * Whether the account may send customer-service messages. WeChat has no question for it, so a message is sent that can
 * reach nobody, for two reasons each of which is enough: it has no recipient, and no text (40003, 44004). An account
 * without the permission is answered 48001 instead. No source says in which order WeChat checks: therefore the finding
 * says no more than that WeChat did not refuse the permission. The call counts among those of the day.
 */
export const permission: Check = {
  id: "permission",
  title: { en: "Permission to send customer-service messages", zh: "发送客服消息的权限" },
  blocks: false,
  async judge(run) {
    const { method, path } = SEND_CUSTOM_MESSAGE;
    const { error } = await run.callOnce((requester, options) =>
      requester.raw(method, path, { ...options, body: NOTHING_TO_NOBODY }),
    );
    if (error === undefined) return { status: "warning", finding: TOO_KIND, remedy: CHECK_BASE_URL };
    if (!(error instanceof WeChatApiError) || REFUSING.includes(error.kind)) return judgementOf(error);
    if (endedBefore(error)) return notKnown(error);
    return { status: "ok", finding: fill(NOT_REFUSED, { errcode: error.errcode }) };
  },
};

const REMAINING: Bilingual = {
  en: "{remaining} of {dailyLimit} calls are left today.",
  zh: "今日剩余 {remaining} 次调用，共 {dailyLimit} 次。",
};
const NONE_REMAINING: Bilingual = {
  en: "No call is left today: {used} of {dailyLimit} are used.",
  zh: "今日额度已用完：{dailyLimit} 次中已用 {used} 次。",
};
const SOON_EMPTY: Bilingual = {
  en: "When none is left, WeChat refuses all further messages of the day (45009): see which program sends so many.",
  zh: "用完后，当日的消息都会被微信拒绝（45009）：请查明哪个程序发送过多。",
};
/** Below this share of the day's calls there is a warning. */
const LOW = 0.1;

/** The calls of customer-service messages that are left today. */
export const quota: Check = {
  id: "quota",
  title: { en: "Messages left today", zh: "今日客服消息额度" },
  blocks: false,
  async judge(run) {
    const { path } = SEND_CUSTOM_MESSAGE;
    const got = await run.call((requester, options) => new Quota(requester).get({ path }, options));
    if (got.error) return judgementOf(got.error, "warning");
    const { dailyLimit, used, remaining } = got.value;
    const details = { dailyLimit, used, remaining };
    if (remaining <= 0) {
      return { status: "failed", finding: fill(NONE_REMAINING, details), remedy: explainError(45009).remedy, details };
    }
    const finding = fill(REMAINING, details);
    if (remaining >= dailyLimit * LOW) return { status: "ok", finding, details };
    return { status: "warning", finding, remedy: SOON_EMPTY, details };
  },
};

const FOUND: Bilingual = {
  en: "WeChat finds the callback's host at {ips} and gets answers to its pings. The callback itself was not called.",
  zh: "微信解析到回调主机 {ips}，ping 有应答。未实际调用回调。",
};
const FOUND_WITHOUT_PINGS: Bilingual = {
  en: "WeChat finds the callback's host at {ips} and told no result of a ping. The callback itself was not called.",
  zh: "微信解析到回调主机 {ips}，未给出 ping 的结果。未实际调用回调。",
};
const NO_CALLBACK: Bilingual = {
  en: "No usable callback URL is set (40201): what followers write reaches no program. Sending does not need one.",
  zh: "未设置可用的回调 URL（40201）：用户发来的消息不会推送给程序。仅发送消息不需要回调。",
};
const SET_CALLBACK: Bilingual = {
  en: "Nothing to do if you only send. To receive, set the URL on the WeChat developer platform, in safe mode (安全模式); mind that this turns off the automatic replies and menus that were made in WeChat's console.",
  zh: "只发送消息则无需处理。要接收消息，请在微信开发者平台设置回调 URL，并选择安全模式；注意：启用后，在公众平台网页上设置的自动回复和自定义菜单会失效。",
};
const NO_ADDRESS: Bilingual = {
  en: "WeChat finds no address for the host of the callback URL.",
  zh: "微信无法解析回调 URL 的域名。",
};
const CHECK_DNS: Bilingual = {
  en: "Check the host in the callback URL and its public DNS entry: WeChat asks the public DNS, not that of your network.",
  zh: "请检查回调 URL 中的域名及其公网 DNS 记录：微信查询的是公网 DNS，而不是内网 DNS。",
};
const PINGS_LOST: Bilingual = {
  en: "WeChat's pings to the callback's host get lost ({losses}).",
  zh: "微信到回调主机的 ping 有丢包（{losses}）。",
};
const LET_WECHAT_IN: Bilingual = {
  en: "If messages arrive all the same, the host merely does not answer pings. Else let WeChat's addresses (network.callbackIps) through the firewall to port 80 or 443.",
  zh: "若仍能收到消息，说明该主机只是不响应 ping。否则请在防火墙放行微信的 IP（network.callbackIps）访问 80 或 443 端口。",
};

/** How WeChat finds the callback URL that the account has set, by name and by ping. */
export const callback: Check = {
  id: "callback",
  title: { en: "Callback URL", zh: "回调 URL" },
  blocks: false,
  async judge(run) {
    const got = await run.call((requester, options) => new Network(requester).checkCallback({}, options));
    if (got.error) return noCallback(judgementOf(got.error, "warning"));
    const { dns, ping } = got.value;
    const details = { ips: dns.map(({ ip }) => ip) };
    if (dns.length === 0) return { status: "warning", finding: NO_ADDRESS, remedy: CHECK_DNS, details };
    const lost = ping.filter(({ packetLoss }) => Number.parseFloat(packetLoss) > 0);
    if (lost.length === 0) {
      const pinged = ping.length > 0 && ping.every(({ packetLoss }) => Number.parseFloat(packetLoss) === 0);
      const finding = fill(pinged ? FOUND : FOUND_WITHOUT_PINGS, { ips: details.ips.join(", ") });
      return { status: "ok", finding, details };
    }
    const losses = lost.map(({ ip, packetLoss }) => `${ip}: ${packetLoss}`).join(", ");
    return { status: "warning", finding: fill(PINGS_LOST, { losses }), remedy: LET_WECHAT_IN, details };
  },
};

const noCallback = (judgement: Judgement): Judgement =>
  judgement.errcode === 40201 ? { ...judgement, finding: NO_CALLBACK, remedy: SET_CALLBACK } : judgement;
