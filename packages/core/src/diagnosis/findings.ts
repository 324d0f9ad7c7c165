import { type Bilingual, fill } from "../bilingual.js";
import { type ErrorKind, TRANSPORT_REMEDY } from "../error-catalog.js";
import {
  type InputProblem,
  type TransportFailure,
  WeChatApiError,
  WeChatClientError,
  type WeChatError,
  WeChatTransportError,
  WeChatValidationError,
} from "../errors.js";
import type { CheckStatus, Judgement } from "./check.js";

const REFUSED: Bilingual = {
  en: "WeChat answered {errcode}: {meaning}.",
  zh: "微信返回 {errcode}：{meaning}。",
};
/** The messages of errors are English; in Chinese these words stand for them, and the facts behind. */
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
  WECHAT_NO_AGENT: "没有在线的人工客服",
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

const BUSY: Bilingual = {
  en: "WeChat is busy: wait a moment, then run the diagnosis again.",
  zh: "微信系统繁忙：请稍候再重新诊断。",
};
const TRANSPORT_REMEDIES: Readonly<Record<TransportFailure, Bilingual>> = {
  connect: TRANSPORT_REMEDY.connect,
  timeout: TRY_AGAIN,
  reset: TRY_AGAIN,
  aborted: TRY_AGAIN,
  status: TRANSPORT_REMEDY.notWeChat,
  answer: TRANSPORT_REMEDY.notWeChat,
};
const NOT_KNOWN: Bilingual = { en: "Not known: {finding}", zh: "不可知：{finding}" };
const SAY_NOTHING: readonly ErrorKind[] = ["quota", "rate", "busy"];

/** What an error says, as a sentence in both languages. */
export function findingOf(error: WeChatError): Bilingual {
  if (error instanceof WeChatApiError) return saying(REFUSED, error);
  const en = /[.!?]$/.test(error.message) ? error.message : `${error.message}.`;
  return { en, zh: `${wordsInChinese(error)}。` };
}

function wordsInChinese(error: WeChatError): string {
  if (error instanceof WeChatTransportError) return IN_CHINESE[error.reason] + factsOf(error);
  if (error instanceof WeChatValidationError) return error.problems.map((found) => problemFinding(found).zh).join("；");
  if (!(error instanceof WeChatClientError)) return `输入有误（${error.message}）`;
  // What the function itself said is a fact.
  return CLIENT_IN_CHINESE[error.code] + (error.code === "WECHAT_TOKEN_SOURCE" ? `（${error.message}）` : "");
}

/** Endpoint, time, HTTP status and code: what needs no translation. */
function factsOf({ message, status, cause }: WeChatTransportError): string {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : undefined;
  const [endpoint] = /^(?:GET|POST) [^\s:]+/.exec(message) ?? [];
  const [time] = /\d+ ms/.exec(message) ?? [];
  const facts = [endpoint, time, status === undefined ? undefined : `HTTP ${status}`, code].filter(Boolean);
  return facts.length > 0 ? `（${facts.join("，")}）` : "";
}

/** A wrong field and what is wrong with it. */
export const problemFinding = ({ field, problem, problemInChinese = problem }: InputProblem): Bilingual => ({
  en: `${field}: ${problem}`,
  zh: `${field} 有误：${problemInChinese}`,
});

/** What a check found that ended with an error. */
export function judgementOf(error: WeChatError, status: CheckStatus = "failed"): Judgement {
  const facts = { status, finding: findingOf(error), remedy: remedyOf(error) };
  if (!(error instanceof WeChatApiError)) return facts;
  const { errcode, rid, errmsg, refusedIp } = error;
  const details = { errmsg, ...(refusedIp !== undefined && { ip: refusedIp }) };
  return { ...facts, errcode, ...(rid !== undefined && { rid }), details };
}

/** A check to which WeChat gave no answer. */
export function notKnown(error: WeChatError): Judgement {
  const judgement = judgementOf(error, "skipped");
  return { ...judgement, finding: fill(NOT_KNOWN, { finding: judgement.finding }) };
}

/** Whether the call ended before WeChat looked at who calls and what they may do. */
export const endedBefore = (error: WeChatError): boolean =>
  error instanceof WeChatApiError ? SAY_NOTHING.includes(error.kind) : error instanceof WeChatTransportError;

/** The remedies of errors speak of what a call may have done; those of a diagnosis do nothing. */
function remedyOf(error: WeChatError): Bilingual {
  if (error instanceof WeChatTransportError) return TRANSPORT_REMEDIES[error.reason];
  return error instanceof WeChatApiError && error.kind === "busy" ? BUSY : error.remedy;
}
