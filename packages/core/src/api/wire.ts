import { apiError, type WeChatApiError, WeChatTransportError } from "../errors.js";
import { type JsonAnswer, readAnswer } from "../transport/answer.js";
import type { ExchangeAnswer, ExchangeRequest } from "../transport/exchange.js";
import { type CallTarget, endpointName, type WireRequest } from "./endpoint.js";

/** The JSON of a call, as bytes. */
export const jsonOf = ({ body }: WireRequest) => (body === undefined ? undefined : Buffer.from(JSON.stringify(body)));

/** One attempt of a call. */
export function exchangeOf(
  target: CallTarget,
  wire: WireRequest,
  body: Buffer | undefined,
  token: string,
  timeout: number,
  signal: AbortSignal | undefined,
): ExchangeRequest {
  const path = target.path + searchOf(token, wire);
  const { method, maxAnswerBytes } = target;
  return { method, path, body, endpoint: endpointName(target), timeout, signal, maxAnswerBytes };
}

function searchOf(token: string, { query }: WireRequest): string {
  let search = token && `?access_token=${encodeURIComponent(token)}`;
  if (query) {
    for (const [key, value] of Object.entries(query))
      search += `${search ? "&" : "?"}${key}=${encodeURIComponent(value)}`;
  }
  return search;
}

/**
 * WeChat's answer, if it is a success.
 * @param secrets what no error may show, beside the token
 * @throws WeChatApiError, WeChatTransportError
 */
export function accepted(
  target: CallTarget,
  wire: WireRequest,
  token: string,
  secrets: readonly string[],
  exchanged: ExchangeAnswer,
): JsonAnswer {
  const answer = readAnswer(exchanged, endpointName(target));
  if (answer.errcode) throw refusal(target, wire, answer, [token, ...secrets]);
  if (answer.errcode === undefined && target.retry === "send") throw noErrcode(target);
  return answer;
}

function refusal(
  target: CallTarget,
  { secret }: WireRequest,
  answer: JsonAnswer,
  secrets: readonly string[],
): WeChatApiError {
  return apiError({
    errcode: answer.errcode ?? 0,
    errmsg: answer.errmsg ?? "",
    endpoint: endpointName(target),
    remedy: target.remedies?.[answer.errcode ?? 0],
    // Where no token was sent, 40001 speaks of the AppSecret as it does where tokens are handed out.
    atTokenEndpoint: secret !== undefined,
    secrets: secret === undefined ? secrets : [...secrets, secret],
  });
}

function noErrcode(target: CallTarget): WeChatTransportError {
  const message = `${endpointName(target)}: the answer holds no errcode`;
  return new WeChatTransportError({ reason: "answer", message, sent: true });
}
