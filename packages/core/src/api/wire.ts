import { apiError, type WeChatApiError, WeChatTransportError } from "../errors.js";
import { type JsonAnswer, readAnswer } from "../transport/answer.js";
import type { ExchangeAnswer } from "../transport/exchange.js";
import { type CallTarget, endpointName, type WireRequest } from "./endpoint.js";

/** The JSON of a call, as bytes. */
export const jsonOf = ({ body }: WireRequest) => (body === undefined ? undefined : Buffer.from(JSON.stringify(body)));

/** Path and access token of the targets, put together once a token. */
export class TokenPaths {
  #token = "";
  #paths = new WeakMap<CallTarget, string>();

  /** Path and query of a call; an empty token is left out. */
  of(target: CallTarget, token: string, { query }: WireRequest): string {
    if (token !== this.#token) {
      this.#token = token;
      this.#paths = new WeakMap();
    }
    let path = this.#paths.get(target);
    if (path === undefined) {
      path = target.path + (token && `?access_token=${encodeURIComponent(token)}`);
      this.#paths.set(target, path);
    }
    return query ? withQuery(path, query) : path;
  }
}

function withQuery(path: string, query: Readonly<Record<string, string | number>>): string {
  let joint = path.includes("?") ? "&" : "?";
  let whole = path;
  for (const [key, value] of Object.entries(query)) {
    whole += `${joint}${key}=${encodeURIComponent(value)}`;
    joint = "&";
  }
  return whole;
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
