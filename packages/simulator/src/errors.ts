import { randomInt } from "node:crypto";
import { type Random, randomHex, seededRandom } from "./random.js";

/**
 * WeChat's refusal texts. Those of the pairs marked "real" were seen in real answers (reference 2.5);
 * the others are the English wording of the global return code table, as no real body is public.
 */
const ERRMSG: Readonly<Record<number, string>> = {
  [-1]: "system error", // real
  40001:
    "invalid credential, access_token is invalid or not latest, could get access_token by getStableAccessToken, more details at https://mmbizurl.cn/s/JtxxFh33r", // real
  40002: "invalid grant_type",
  40003: "invalid openid",
  40007: "invalid media_id",
  40008: "invalid message type",
  40013: "invalid appid",
  40014: "invalid access_token",
  40101: "missing parameter",
  40125: "invalid appsecret",
  40164: "invalid ip, not in whitelist", // real, with the address put in
  40165: "invalid mini program path",
  40166: "invalid mini program appid",
  40168: "mini program is not linked",
  40200: "invalid account type",
  40213: "invalid href tag",
  40214: "invalid href text",
  40243: "appsecret is frozen",
  41001: "access_token missing",
  41002: "appid missing",
  41004: "appsecret missing",
  41006: "media_id missing",
  42001: "access_token expired",
  43001: "require GET method",
  43002: "require POST method",
  43004: "require subscribe",
  43019: "receiver is in blacklist",
  44002: "empty post data",
  44003: "empty news data",
  44004: "empty content",
  44005: "empty list",
  45002: "content size out of limit",
  45008: "article count out of limit",
  45009: "reach max api daily quota limit", // real
  45011: "api minute-quota reach limit, must slower, retry next minute", // real
  45015: "response out of time limit or subscription is canceled", // real
  45047: "out of response count limit", // real
  45072: "invalid typing command",
  45080: "typing needs an interaction of the user within the last 30 seconds",
  45081: "already typing",
  45086: "invalid attribute data-miniprogram-appid",
  45098: "msgmenu list size out of limit",
  45099: "msgmenu item size out of limit",
  45162: "invalid type", // real
  47001: "data format error", // real
  47002: "data format error, do NOT use json unicode encode (\\uxxxx\\uxxxx), please use utf8 encoded text!",
  47003: "argument invalid!",
  48001: "api unauthorized", // real
  48002: "user refuse to accept the msg",
  50004: "forbidden to use the token api",
  50007: "account is frozen",
  53600: "invalid article id",
  65401: "invalid custom service account",
  70000: "message blocked to protect a minor",
  89503: "this ip needs the confirmation of the administrator",
};

/** Codes whose real text carries a support hint before the rid. */
const WITH_HINT: ReadonlySet<number> = new Set([44004, 45162, 47001]);

/** What an endpoint refuses with. `detail` takes the place of the usual text. */
export interface Refusal {
  readonly errcode: number;
  readonly detail?: string;
}

export function refuse(errcode: number, detail?: string): Refusal {
  return detail === undefined ? { errcode } : { errcode, detail };
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
