import type { Bilingual } from "../error-catalog.js";

/** What is known of one reason to refuse a request. */
export interface RefusalEntry {
  /** The HTTP status of the answer. */
  readonly status: number;
  /** What the operator can do about it. */
  readonly remedy: Bilingual;
}

const NOT_WECHAT: Bilingual = {
  en: "This request was not made by WeChat, or something on the way changed it. If WeChat's own pushes are refused, check that proxies pass query and body on unchanged.",
  zh: "该请求不是微信发出的，或在途中被改动。若微信的推送被拒绝，请检查代理是否原样转发查询参数和请求体。",
};

/**
 * A stable code for why a request was refused:
 * - `method`: neither GET nor POST
 * - `missing-parameter`: the query lacks what WeChat adds
 * - `clock`: signed too long ago, or in the future
 * - `signature`: not signed with this token
 * - `replayed`: a signature of WeChat's, used for another message
 * - `too-large`: more than `maxBodyBytes`
 * - `incomplete`: the body stopped in the middle
 * - `body-taken`: a body parser read the body and kept no text or bytes
 * - `malformed`, `doctype`, `too-deep`: not the XML or JSON that WeChat writes
 * - `not-encrypted`, `only-encrypted`: `mode` is not the one set at WeChat
 * - `undecipherable`: encrypted with another key
 * - `foreign-app`: encrypted for another AppID
 * - `not-a-message`: no sender, recipient or type
 * - `busy`: as many handlers are at work as `maxConcurrent` allows; WeChat gets no answer in time, so that it tries again
 * - `not-kept`: the inbox failed; likewise
 * - `closed`: the callback was closed
 */
export type RefusalReason =
  | "method"
  | "missing-parameter"
  | "clock"
  | "signature"
  | "replayed"
  | "too-large"
  | "incomplete"
  | "body-taken"
  | "malformed"
  | "doctype"
  | "too-deep"
  | "not-encrypted"
  | "only-encrypted"
  | "undecipherable"
  | "foreign-app"
  | "not-a-message"
  | "busy"
  | "not-kept"
  | "closed";

/**
 * Why a request is refused, and with which status: 400 it is not a push; 401 it is not signed by WeChat; 403 it is
 * signed, and must not be accepted; 500 and 503 it may be right, and WeChat shall try again. Nobody but WeChat, which has
 * hung up by then, sees the status of `busy` and `not-kept`.
 */
export const REFUSALS: Readonly<Record<RefusalReason, RefusalEntry>> = {
  method: {
    status: 405,
    remedy: {
      en: "WeChat uses GET to verify the URL and POST to push.",
      zh: "微信用 GET 验证 URL，用 POST 推送消息。",
    },
  },
  "missing-parameter": {
    status: 400,
    remedy: {
      en: "signature (or msg_signature), timestamp and nonce must be in the query, and echostr when the URL is verified: WeChat adds them. Check that proxies and the server's routing keep the query.",
      zh: "查询参数须含 signature（或 msg_signature）、timestamp、nonce，验证 URL 时还须有 echostr，均由微信附带。请检查代理和路由是否保留查询参数。",
    },
  },
  clock: {
    status: 403,
    remedy: {
      en: "The request was signed too long ago, or in the future: set this machine's clock (NTP). An old request that is sent again ends here too.",
      zh: "请求签名时间过早或在未来：请校准本机时钟（NTP）。重放的旧请求也会在此被拒绝。",
    },
  },
  signature: {
    status: 401,
    remedy: {
      en: "Check that token is the one set for the server URL at WeChat (服务器配置). If it is, the request was not made by WeChat.",
      zh: "请检查 token 与微信后台「服务器配置」中的令牌一致。若一致，则该请求不是微信发出的。",
    },
  },
  replayed: {
    status: 403,
    remedy: {
      en: "Somebody uses a signature of WeChat for another message. Choose safe mode (安全模式) at WeChat: in plain mode the signature does not cover the message.",
      zh: "有人用微信的签名发送另一条消息。请在微信后台选择「安全模式」：明文模式的签名不覆盖消息内容。",
    },
  },
  "too-large": {
    status: 413,
    remedy: {
      en: "WeChat's pushes are far smaller than 1 MiB. Raise maxBodyBytes if one of them was refused.",
      zh: "微信推送远小于 1 MiB。若微信的推送被拒绝，请调大 maxBodyBytes。",
    },
  },
  incomplete: { status: 400, remedy: NOT_WECHAT },
  "body-taken": {
    status: 500,
    remedy: {
      en: "A body parser has read the body before the callback and kept an object, which cannot be checked. Put the callback before express.json() and express.urlencoded(), or use express.text({ type: () => true }) for its path.",
      zh: "请求体已被 body parser 读取并解析为对象，无法校验。请把回调放在 express.json()、express.urlencoded() 之前，或对该路径使用 express.text({ type: () => true })。",
    },
  },
  malformed: { status: 400, remedy: NOT_WECHAT },
  doctype: { status: 400, remedy: NOT_WECHAT },
  "too-deep": { status: 400, remedy: NOT_WECHAT },
  "not-encrypted": {
    status: 403,
    remedy: {
      en: 'The message came without its encrypted part: choose safe mode (安全模式) at WeChat, or give mode: "plain".',
      zh: '消息没有密文部分：请在微信后台选择「安全模式」，或设置 mode: "plain"。',
    },
  },
  "only-encrypted": {
    status: 403,
    remedy: {
      en: "The message came encrypted: give encodingAESKey, as set at WeChat (消息加解密密钥).",
      zh: "消息为密文：请提供 encodingAESKey（微信后台的「消息加解密密钥」）。",
    },
  },
  undecipherable: {
    status: 403,
    remedy: {
      en: "Check that encodingAESKey is the one set at WeChat (消息加解密密钥); while it changes, give the former one as previousEncodingAESKey.",
      zh: "请检查 encodingAESKey 与微信后台的「消息加解密密钥」一致；更换期间请用 previousEncodingAESKey 提供旧密钥。",
    },
  },
  "foreign-app": {
    status: 403,
    remedy: {
      en: "The message was encrypted for another AppID: check appId.",
      zh: "消息是为另一个 AppID 加密的：请检查 appId。",
    },
  },
  "not-a-message": {
    status: 400,
    remedy: {
      en: "The body has no FromUserName, ToUserName or MsgType, so it is no message of an Official Account.",
      zh: "请求体缺少 FromUserName、ToUserName 或 MsgType，不是公众号消息。",
    },
  },
  busy: {
    status: 503,
    remedy: {
      en: "As many handlers are at work as maxConcurrent allows, so WeChat got no answer and tries again. Look for a handler that never ends; else raise maxConcurrent.",
      zh: "正在运行的处理函数已达 maxConcurrent 上限，未应答微信，微信会重试。请检查是否有处理函数一直不结束；否则请调大 maxConcurrent。",
    },
  },
  "not-kept": {
    status: 500,
    remedy: {
      en: "The inbox could not keep the message, so WeChat got no answer and tries again; onError got the cause.",
      zh: "收件箱未能保存消息，未应答微信，微信会重试；原因见 onError。",
    },
  },
  closed: {
    status: 503,
    remedy: {
      en: "The callback was closed, so the message was not taken.",
      zh: "回调已关闭，消息未被接收。",
    },
  },
};

/** A request that was refused, without anything secret. */
export interface RefusedRequest extends RefusalEntry {
  /** Why; also the body of the answer. */
  readonly reason: RefusalReason;
}

/** Ends the reading of a request. */
export class Refusal extends Error {
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason) {
    super(reason);
    this.name = "Refusal";
    this.reason = reason;
  }
}
