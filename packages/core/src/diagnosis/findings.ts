import { type Bilingual, TRANSPORT_REMEDY } from "../error-catalog.js";
import {
  type TransportFailure,
  WeChatApiError,
  WeChatClientError,
  type WeChatError,
  WeChatTransportError,
} from "../errors.js";
import { type CheckStatus, fill, type Judgement } from "./check.js";

const REFUSED: Bilingual = {
  en: "WeChat answered {errcode}: {meaning}.",
  zh: "微信返回 {errcode}：{meaning}。",
};
/** The messages of errors are English; in Chinese these words go before them. */
const IN_CHINESE: Readonly<Record<TransportFailure, string>> = {
  connect: "无法建立连接",
  timeout: "未在限定时间内得到应答",
  reset: "连接在应答完成前中断",
  aborted: "已被调用方中止",
  status: "返回的 HTTP 状态不是微信接口的应答",
  answer: "应答不是微信接口的格式",
};
const CLIENT_IN_CHINESE = {
  WECHAT_TOKEN_SOURCE: "tokenSource 函数未能给出 token",
  WECHAT_STORE: "存储不可用",
  WECHAT_CLOSED: "客户端已关闭",
};

/** For a connection that came about and brought no answer. */
export const TRY_AGAIN: Bilingual = {
  en: "Try again; if it stays so, look for a firewall or proxy in between that holds the connection back.",
  zh: "请重试；若一直如此，请检查中间是否有防火墙或代理阻断了连接。",
};

/** A text with `{errcode}` and `{meaning}` of a refusal. */
export const saying = (text: Bilingual, { errcode, meaning }: WeChatApiError): Bilingual =>
  fill(text, { errcode, meaning });

/** What an error says, as a sentence in both languages. */
export function findingOf(error: WeChatError): Bilingual {
  if (error instanceof WeChatApiError) return saying(REFUSED, error);
  const en = /[.!?]$/.test(error.message) ? error.message : `${error.message}.`;
  if (error instanceof WeChatTransportError) return { en, zh: `${IN_CHINESE[error.reason]}（${error.message}）。` };
  const words = error instanceof WeChatClientError ? CLIENT_IN_CHINESE[error.code] : "输入有误";
  return { en, zh: `${words}（${error.message}）。` };
}

/** What a check found that ended with an error. */
export function judgementOf(error: WeChatError, status: CheckStatus = "failed"): Judgement {
  const facts = { status, finding: findingOf(error), remedy: remedyOf(error) };
  if (!(error instanceof WeChatApiError)) return facts;
  const { errcode, rid, errmsg, refusedIp } = error;
  const details = { errmsg, ...(refusedIp !== undefined && { ip: refusedIp }) };
  return { ...facts, errcode, ...(rid !== undefined && { rid }), details };
}

/** The remedies of transport errors speak of a message that was not sent; here there was none. */
function remedyOf(error: WeChatError): Bilingual {
  return error.remedy === TRANSPORT_REMEDY.safeToRepeat ? TRY_AGAIN : error.remedy;
}
