import { createHash, randomInt } from "node:crypto";
import type { AccountOptions } from "../accounts.js";
import { type Fields, LONGEST, oneOf, optionalText, SimulatorOptionError } from "../options.js";
import { Cipher, signatureOf } from "./cipher.js";
import { type PushFields, writeJson, writeXml } from "./markup.js";

/** 明文 plain, 兼容 compatible (plain and encrypted beside each other), 安全 safe (encrypted only). */
export const CALLBACK_MODES = ["plain", "compatible", "safe"] as const;
export type CallbackMode = (typeof CALLBACK_MODES)[number];

/** XML is the norm of Official Accounts; official pages disagree on whether JSON can be chosen. */
export const CALLBACK_FORMATS = ["xml", "json"] as const;
export type CallbackFormat = (typeof CALLBACK_FORMATS)[number];

/** With it pushes are signed when an account has a callback URL and names no token: a test value. */
export const DEFAULT_CALLBACK_TOKEN = "simulatorToken";

export interface CallbackOptions {
  /** The account's callback URL (http or https), without user and password. WeChat itself calls ports 80 and 443 only. */
  callback?: string;
  /** The Token of the console, with which pushes are signed: 3 to 32 letters and digits. Default DEFAULT_CALLBACK_TOKEN. */
  callbackToken?: string;
  /** The EncodingAESKey of the console: 43 letters and digits. Needed by the modes `compatible` and `safe`. */
  encodingAesKey?: string;
  /** Default `safe` with an EncodingAESKey, else `plain`. */
  callbackMode?: CallbackMode;
  /** Default `xml`. */
  callbackFormat?: CallbackFormat;
}

export const CALLBACK_FIELDS = [
  "callback",
  "callbackToken",
  "encodingAesKey",
  "callbackMode",
  "callbackFormat",
] as const satisfies readonly (keyof CallbackOptions)[];

/** @param nameOf what a field is called where it was given, for errors */
export function readCallbackOptions(given: Fields, nameOf: (field: keyof CallbackOptions) => string): CallbackOptions {
  const options: CallbackOptions = {};
  const callback = optionalText(given.callback, nameOf("callback"), LONGEST.url);
  if (callback !== undefined) options.callback = webUrl(callback, nameOf("callback"));
  options.callbackToken = optionalText(given.callbackToken, nameOf("callbackToken"));
  // WeChat's console says of it: 必须为英文或数字，长度为3-32字符.
  if (options.callbackToken !== undefined && !/^[A-Za-z0-9]{3,32}$/.test(options.callbackToken)) {
    throw new SimulatorOptionError(nameOf("callbackToken"), "give 3 to 32 letters and digits");
  }
  options.encodingAesKey = optionalText(given.encodingAesKey, nameOf("encodingAesKey"));
  if (options.encodingAesKey !== undefined && !/^[A-Za-z0-9]{43}$/.test(options.encodingAesKey)) {
    throw new SimulatorOptionError(nameOf("encodingAesKey"), "give 43 letters and digits");
  }
  if (given.callbackMode !== undefined) {
    options.callbackMode = oneOf(given.callbackMode, nameOf("callbackMode"), CALLBACK_MODES);
  }
  if (given.callbackFormat !== undefined) {
    options.callbackFormat = oneOf(given.callbackFormat, nameOf("callbackFormat"), CALLBACK_FORMATS);
  }
  if (options.encodingAesKey === undefined && (options.callbackMode ?? "plain") !== "plain") {
    throw new SimulatorOptionError(nameOf("encodingAesKey"), `is needed by the mode "${options.callbackMode}"`);
  }
  return options;
}

function webUrl(value: string, field: string): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw new SimulatorOptionError(field, "give a URL that begins with http:// or https://");
  }
  // It is shown in states and pages, which must hold no password.
  if (url.username !== "" || url.password !== "") throw new SimulatorOptionError(field, "leave out user and password");
  return value;
}

/** A request of WeChat's to the callback. */
export interface PushRequest {
  readonly url: URL;
  readonly body: string;
  readonly contentType: string;
}

/** Where and how an account's pushes go. Holds secrets: nothing shows it. */
export interface Callback {
  readonly url: string;
  readonly token: string;
  readonly mode: CallbackMode;
  readonly format: CallbackFormat;
  /** Absent in the mode `plain`. */
  readonly cipher?: Cipher;
}

/** The callback of an account; undefined when it has none. */
export function callbackOf(options: AccountOptions): Callback | undefined {
  const { callback: url, callbackToken: token = DEFAULT_CALLBACK_TOKEN, encodingAesKey, callbackFormat } = options;
  if (url === undefined) return undefined;
  const mode = callbackModeOf(options);
  return {
    url,
    token,
    mode,
    format: callbackFormat ?? "xml",
    ...(encodingAesKey === undefined || mode === "plain" ? {} : { cipher: new Cipher(encodingAesKey, options.appId) }),
  };
}

export function callbackModeOf({ callbackMode, encodingAesKey }: CallbackOptions): CallbackMode {
  return callbackMode ?? (encodingAesKey === undefined ? "plain" : "safe");
}

/** The account's original ID (原始ID), which pushes carry as ToUserName. Default: one made from the AppID. */
export function accountIdOf({ appId, originalId }: AccountOptions): string {
  return originalId ?? `gh_${createHash("sha256").update(appId).digest("hex").slice(0, 12)}`;
}

export function writePlain({ format }: Callback, fields: PushFields): string {
  return format === "json" ? writeJson(fields) : writeXml(fields);
}

/** A push as it is sent: signed with a nonce of its own. @param forged with a signature that is wrong */
export function pushRequest(callback: Callback, fields: PushFields, forged: boolean): PushRequest {
  const { cipher, format, mode } = callback;
  const encrypt = cipher?.encrypt(writePlain(callback, fields));
  const url = signedUrl(callback, { openid: String(fields.FromUserName) }, encrypt, forged);
  const contentType = format === "json" ? "application/json" : "text/xml";
  if (encrypt === undefined) return { url, body: writePlain(callback, fields), contentType };
  const open = mode === "compatible" ? fields : { ToUserName: String(fields.ToUserName) };
  return { url, body: writePlain(callback, { ...open, Encrypt: encrypt }), contentType };
}

/**
 * The URL with a signature of its own for the parameters. It is signed at the machine's time, wherever the simulator's
 * clock has been moved to: a receiver refuses what was signed too long ago or in the future, and it has no other clock.
 */
export function signedUrl(
  { url, token }: Callback,
  parameters: Readonly<Record<string, string>>,
  encrypt?: string,
  forged = false,
): URL {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const nonce = String(randomInt(1e8, 1e10));
  const secret = forged ? `not ${token}` : token;
  const target = new URL(url);
  const query = { signature: signatureOf(secret, timestamp, nonce), timestamp, nonce, ...parameters };
  for (const [name, value] of Object.entries(query)) target.searchParams.append(name, value);
  if (encrypt !== undefined) {
    target.searchParams.append("encrypt_type", "aes");
    target.searchParams.append("msg_signature", signatureOf(secret, timestamp, nonce, encrypt));
  }
  return target;
}
