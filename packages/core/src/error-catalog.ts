import { type Bilingual, fill } from "./bilingual.js";
import { ACCOUNT_ERRORS } from "./error-catalog/account.js";
import { AGENT_ERRORS } from "./error-catalog/agents.js";
import { BROADCAST_ERRORS } from "./error-catalog/broadcasts.js";
import { CREDENTIAL_ERRORS, TOKEN_ENDPOINT_CATALOG } from "./error-catalog/credentials.js";
import { DIAGNOSIS_ERRORS } from "./error-catalog/diagnosis.js";
import type { ErrorEntries, ErrorEntry } from "./error-catalog/entry.js";
import { LIMIT_ERRORS } from "./error-catalog/limits.js";
import { MEDIA_ERRORS } from "./error-catalog/media.js";
import { MENU_ERRORS } from "./error-catalog/menus.js";
import { MESSAGE_ERRORS } from "./error-catalog/messages.js";
import { NETWORK_ERRORS } from "./error-catalog/network.js";
import { UNKNOWN_ERRCODE } from "./error-catalog/no-errcode.js";
import { RECIPIENT_ERRORS } from "./error-catalog/recipients.js";
import { REQUEST_ERRORS } from "./error-catalog/requests.js";
import { WEB_LOGIN_ERRORS } from "./error-catalog/web-login.js";

export type { Bilingual } from "./bilingual.js";
export type { ErrorEntries, ErrorEntry, ErrorKind, RetryAdvice } from "./error-catalog/entry.js";
export { CLIENT_REMEDY, INBOX_REMEDY, TRANSPORT_REMEDY } from "./error-catalog/no-errcode.js";

/**
 * WeChat's errcodes by subject. Source: WeChat's global return codes page (developers.weixin.qq.com,
 * Global_Return_Code) and the pages of the endpoints. Left out: shake-nearby and express-delivery codes, and codes
 * whose meaning no source confirms.
 */
export const ERROR_SUBJECTS = {
  requests: REQUEST_ERRORS,
  credentials: CREDENTIAL_ERRORS,
  network: NETWORK_ERRORS,
  account: ACCOUNT_ERRORS,
  limits: LIMIT_ERRORS,
  recipients: RECIPIENT_ERRORS,
  messages: MESSAGE_ERRORS,
  media: MEDIA_ERRORS,
  agents: AGENT_ERRORS,
  broadcasts: BROADCAST_ERRORS,
  menus: MENU_ERRORS,
  "web-login": WEB_LOGIN_ERRORS,
  diagnosis: DIAGNOSIS_ERRORS,
} as const satisfies Record<string, ErrorEntries>;

/** WeChat's errcodes as data: name, kind, retry advice, meaning and remedy. */
export const ERROR_CATALOG: ErrorEntries = Object.assign({}, ...Object.values(ERROR_SUBJECTS));

/** @param atTokenEndpoint whether a token was asked for: there 40001 speaks of the AppSecret */
export function lookUpErrcode(errcode: number, atTokenEndpoint = false): ErrorEntry {
  return (atTokenEndpoint ? TOKEN_ENDPOINT_CATALOG[errcode] : undefined) ?? ERROR_CATALOG[errcode] ?? UNKNOWN_ERRCODE;
}

const THIS_ADDRESS: Bilingual = { en: "this machine's public IP address", zh: "本机公网 IP" };

/** The remedy as a reader sees it, with the address that WeChat saw, where its answer named one. */
export function readableRemedy({ remedy }: ErrorEntry, ip?: string): Bilingual {
  return fill(remedy, { ip: ip ?? THIS_ADDRESS });
}

/** What is known of an errcode, with it. */
export interface ExplainedErrcode extends ErrorEntry {
  /** WeChat's number. */
  readonly errcode: number;
}

/**
 * What an errcode of WeChat's API means and what to do about it, in English and Chinese.
 *
 * An errcode that this version does not know gets an entry too: name `unknown`, kind `other`, and where to look it up.
 * The endpoints that hand out tokens mean the AppSecret with 40001; the error that a call throws knows the difference.
 */
export function explainError(errcode: number): ExplainedErrcode {
  const entry = lookUpErrcode(errcode);
  return { errcode, ...entry, remedy: readableRemedy(entry) };
}
