import { type Cipher, Keyring } from "./cipher.js";
import { type Fields, textOf } from "./fields.js";
import { parseJson } from "./json.js";
import { type ReadMessage, readMessage } from "./messages.js";
import type { CheckedCallbackOptions } from "./options.js";
import { Refusal } from "./refusals.js";
import { isSignatureOf } from "./signature.js";
import type { XmlReader } from "./xml.js";

/** What WeChat signed with. */
export interface Signed {
  readonly timestamp: string;
  readonly nonce: string;
  /** Of the body, where it is encrypted. */
  readonly bodySignature: string;
}

/** A push that WeChat surely made. */
export interface Push {
  readonly arrival: ReadMessage;
  /** A reply must come in the same. */
  readonly format: "xml" | "json";
  /** A reply must be encrypted with it. */
  readonly cipher: Cipher | undefined;
}

const SECONDS = /^[1-9]\d{8,10}$/;
const NONCE = /^[\w-]{1,128}$/;

/** Checks and reads requests; knows neither server nor inbox. */
export class PushReader {
  readonly #token: string;
  readonly #keys: Keyring | undefined;
  readonly #window: number;
  readonly #now: () => number;

  constructor(options: Pick<CheckedCallbackOptions, "token" | "keys" | "appId" | "timestampWindow" | "clock">) {
    this.#token = options.token;
    this.#keys = options.keys && new Keyring(options.keys, options.appId);
    this.#window = options.timestampWindow;
    this.#now = options.clock;
  }

  /**
   * What WeChat wants back when it verifies the URL. The signature does not cover it.
   * @throws Refusal
   */
  echo(query: URLSearchParams): string {
    const { timestamp, nonce } = this.#fresh(query);
    this.#checkSignature(query.get("signature"), timestamp, nonce);
    return query.get("echostr") ?? refuse("missing-parameter");
  }

  /**
   * What can be checked before the body is read.
   * @throws Refusal
   */
  check(query: URLSearchParams): Signed {
    const signed = this.#fresh(query);
    if (this.#keys) return { ...signed, bodySignature: query.get("msg_signature") ?? refuse(unsigned(query)) };
    this.#checkSignature(query.get("signature"), signed.timestamp, signed.nonce);
    return { ...signed, bodySignature: "" };
  }

  /** @throws Refusal */
  read({ timestamp, nonce, bodySignature }: Signed, body: Buffer, parseXml: XmlReader): Push {
    const outer = body.toString("utf8");
    const envelope = parse(outer, parseXml);
    const encrypted = textOf(envelope.fields, "Encrypt");
    const signedAt = Number(timestamp) * 1000;
    if (!this.#keys) {
      // In safe mode only the encrypted part comes; in compatible mode the plain part stands beside it.
      if (encrypted !== undefined && textOf(envelope.fields, "MsgType") === undefined)
        throw new Refusal("only-encrypted");
      const { key, message } = readMessage(envelope.fields, outer, signedAt);
      return { arrival: { key, nonce, timestamp: signedAt, message }, format: envelope.format, cipher: undefined };
    }
    if (!encrypted) throw new Refusal("not-encrypted");
    this.#checkSignature(bodySignature, timestamp, nonce, encrypted);
    const { text, cipher } = this.#keys.decrypt(encrypted);
    const { fields } = parse(text, parseXml);
    const { key, message } = readMessage(fields, text, signedAt);
    return { arrival: { key, nonce, timestamp: signedAt, message }, format: envelope.format, cipher };
  }

  /** Timestamp and nonce, if the time is right. */
  #fresh(query: URLSearchParams): { readonly timestamp: string; readonly nonce: string } {
    const timestamp = query.get("timestamp") ?? "";
    const nonce = query.get("nonce") ?? "";
    if (!SECONDS.test(timestamp) || !NONCE.test(nonce)) throw new Refusal("missing-parameter");
    if (Math.abs(this.#now() - Number(timestamp) * 1000) > this.#window) throw new Refusal("clock");
    return { timestamp, nonce };
  }

  #checkSignature(given: string | null, ...parts: readonly string[]): void {
    if (given === null) throw new Refusal("missing-parameter");
    if (!isSignatureOf(given, this.#token, ...parts)) throw new Refusal("signature");
  }
}

/** A push that has the other signature only was not encrypted. */
const unsigned = (query: URLSearchParams) => (query.has("signature") ? "not-encrypted" : "missing-parameter");

function refuse(reason: ConstructorParameters<typeof Refusal>[0]): never {
  throw new Refusal(reason);
}

/** The console says XML, some pages and mini programs have JSON: the first character tells. */
function parse(text: string, parseXml: XmlReader): { readonly fields: Fields; readonly format: "xml" | "json" } {
  // A byte order mark counts as space here, but not in JSON.
  const bare = text.trimStart();
  return bare.startsWith("{") ? { fields: parseJson(bare), format: "json" } : { fields: parseXml(text), format: "xml" };
}
