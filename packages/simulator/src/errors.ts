import { randomInt } from "node:crypto";
import { type Random, randomHex, seededRandom } from "./random.js";

/**
 * WeChat's refusal texts. Those marked "real" were seen in real answers or on the endpoint's official page;
 * the others are the English wording of the global return code table, as no real body is public.
 */
export const ERRMSG: Readonly<Record<number, string>> = {
  [-1]: "system error", // real
  40001:
    "invalid credential, access_token is invalid or not latest, could get access_token by getStableAccessToken, more details at https://mmbizurl.cn/s/JtxxFh33r", // real
  40002: "invalid grant_type",
  40003: "invalid openid", // real
  40004: "invalid media type", // real
  40005: "invalid file type", // real
  40006: "invalid file size",
  40007: "invalid media_id", // real
  40008: "invalid message type",
  40009: "invalid image size",
  40010: "invalid voice size",
  40011: "invalid video size",
  40012: "invalid thumb size",
  40013: "invalid appid",
  40014: "invalid access_token",
  40031: "invalid openid list",
  40032: "invalid openid list size", // real
  40036: "invalid template_id size", // real
  40037: "invalid template_id", // real
  40097: "invalid args", // real
  40101: "missing parameter",
  40125: "invalid appsecret",
  40164: "invalid ip, not in whitelist", // real, with the address put in
  40165: "invalid mini program path",
  40166: "invalid mini program appid",
  40168: "mini program is not linked",
  40200: "invalid account type",
  40201: "invalid check url", // real
  40202: "invalid action",
  40203: "invalid check_operator",
  40213: "invalid href tag",
  40214: "invalid href text",
  40243: "appsecret is frozen",
  41001: "access_token missing",
  41002: "appid missing",
  41004: "appsecret missing",
  41005: "media data missing", // real
  41006: "media_id missing",
  42001: "access_token expired",
  43001: "require GET method",
  43002: "require POST method",
  43004: "require subscribe",
  43019: "receiver is in blacklist",
  44001: "empty media data",
  44002: "empty post data",
  44003: "empty news data",
  44004: "empty content",
  44005: "empty list",
  45001: "media size out of limit",
  45002: "content size out of limit",
  45007: "playtime out of limit",
  45008: "article count out of limit",
  45009: "reach max api daily quota limit", // real
  45011: "api minute-quota reach limit, must slower, retry next minute", // real
  45015: "response out of time limit or subscription is canceled", // real
  45047: "out of response count limit", // real
  45067: "clientmsgid is too long",
  45072: "invalid typing command",
  45074: "material list is full",
  45080: "typing needs an interaction of the user within the last 30 seconds",
  45081: "already typing",
  45086: "invalid attribute data-miniprogram-appid",
  45098: "msgmenu list size out of limit",
  45099: "msgmenu item size out of limit",
  45162: "invalid type", // real
  46001: "media data no exist",
  47001: "data format error", // real
  47002: "data format error, do NOT use json unicode encode (\\uxxxx\\uxxxx), please use utf8 encoded text!",
  47003: "argument invalid!",
  48001: "api unauthorized", // real
  48002: "user refuse to accept the msg",
  48006: "forbid to clear quota because of reaching the limit", // real
  50004: "forbidden to use the token api",
  50007: "account is frozen",
  53600: "invalid article id",
  61450: "system error", // real
  61451: "invalid parameter",
  61454: "kf_account name is too long",
  61455: "invalid character in kf_account",
  61457: "invalid head image type",
  65400: "please enable new custom service or wait for a while if you have enabled", // real
  65401: "invalid custom service account", // real
  65402: "the custom service account need to bind a wechat user", // real
  65403: "illegal nickname", // real
  65404: "illegal custom service account", // real
  65405: "custom service account number reach limit", // real
  65406: "custom service account exists",
  65407: "the wechat user have been one of your workers", // real
  65408: "you have already invited the wechat user", // real
  65409: "wechat account invalid", // real
  65410: "too many custom service accounts bound by the worker", // real
  65411: "a effective invitation to bind the custom service account exists", // real
  65412: "the custom service account have been bound by a wechat user", // real
  65413: "no effective session for the customer", // real
  65414: "another worker is serving the customer", // real
  65415: "the worker is not online", // real
  65416: "param invalid, please check", // real
  65417: "the time range is too long",
  70000: "message blocked to protect a minor",
  76001: "rid not found", // real
  76002: "rid is error", // real
  76003: "could not query this rid,no permission", // real
  76021: "cgi_path not found, please check", // real
  76022: "could not use this cgi_path,no permission", // real
  89503: "this ip needs the confirmation of the administrator",
};

/** Codes whose real text carries a support hint before the rid. */
const WITH_HINT: ReadonlySet<number> = new Set([40005, 40032, 40097, 41005, 44004, 45162, 47001, 65416]);

/** What an endpoint refuses with. `detail` takes the place of the usual text. */
export interface Refusal {
  readonly errcode: number;
  readonly detail?: string;
}

export function refuse(errcode: number, detail?: string): Refusal {
  return detail === undefined ? { errcode } : { errcode, detail };
}

export function isRefusal(value: object | string): value is Refusal {
  return typeof value === "object" && "errcode" in value;
}

/** Writes refusals as WeChat does, each with a request id that can be looked up. */
export class RefusalWriter {
  private readonly random: Random = seededRandom(randomInt(2 ** 32));

  /** A request id: the second of the call, then random, `8hex-8hex-8hex`. */
  rid(now: number): string {
    const second = Math.max(0, Math.floor(now / 1000)) % 2 ** 32;
    return `${second.toString(16).padStart(8, "0")}-${randomHex(this.random, 8)}-${randomHex(this.random, 8)}`;
  }

  errmsg(refusal: Refusal, rid: string): string {
    const plain = refusal.detail ?? ERRMSG[refusal.errcode] ?? "error";
    const hint = WITH_HINT.has(refusal.errcode) ? ` hint: [${this.hint()}]` : "";
    // The only real body of 48001 has a comma before the rid; the others have none.
    return `${plain}${hint}${refusal.errcode === 48001 ? "," : ""} rid: ${rid}`;
  }

  private hint(): string {
    const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let word = "";
    for (let i = 0; i < 6; i++) word += letters.charAt(Math.floor(this.random() * letters.length));
    return word + String(Math.floor(this.random() * 1e8)).padStart(8, "0");
  }
}
