import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from "node:crypto";
import { Refusal } from "./refusals.js";

/** WeChat pads to 32 bytes, not to AES's own 16 (PKCS#7 with block 32). */
const BLOCK = 32;
const RANDOM = 16;
const LENGTH = 4;
const HEAD = RANDOM + LENGTH;

/**
 * WeChat's encryption of pushes and passive replies: AES-256-CBC over random(16) + length(4, big endian) + text + appid.
 * Source: developers.weixin.qq.com, 消息加解密说明.
 */
export class Cipher {
  readonly #key: KeyObject;
  /** WeChat takes the first 16 bytes of the key. */
  readonly #iv: Buffer;
  readonly #appId: Buffer;

  /** @param encodingAESKey the 43 characters of the console */
  constructor(encodingAESKey: string, appId: string) {
    const key = Buffer.from(`${encodingAESKey}=`, "base64");
    this.#key = createSecretKey(key);
    this.#iv = key.subarray(0, 16);
    this.#appId = Buffer.from(appId);
  }

  /**
   * Only for what has a valid signature: whoever could try texts of their own would learn from the refusals.
   * @throws Refusal `undecipherable` or `foreign-app`
   */
  decrypt(encrypted: string): string {
    const bytes = Buffer.from(encrypted, "base64");
    if (bytes.length < BLOCK || bytes.length % BLOCK !== 0) throw new Refusal("undecipherable");
    const decipher = createDecipheriv("aes-256-cbc", this.#key, this.#iv).setAutoPadding(false);
    // Without padding every whole block comes at once; there is nothing left for final() to give.
    const plain = decipher.update(bytes);
    const end = plain.length - paddingOf(plain);
    const textEnd = HEAD + plain.readUInt32BE(RANDOM);
    if (textEnd > end) throw new Refusal("undecipherable");
    if (!plain.subarray(textEnd, end).equals(this.#appId)) throw new Refusal("foreign-app");
    return plain.toString("utf8", HEAD, textEnd);
  }

  /** The text, if it was encrypted with this key for this account. */
  readable(encrypted: string): string | undefined {
    try {
      return this.decrypt(encrypted);
    } catch {
      return undefined;
    }
  }

  encrypt(text: string): string {
    const length = Buffer.byteLength(text);
    const end = HEAD + length + this.#appId.length;
    const padding = BLOCK - (end % BLOCK);
    const plain = Buffer.alloc(end + padding, padding);
    randomBytes(RANDOM).copy(plain);
    plain.writeUInt32BE(length, RANDOM);
    plain.write(text, HEAD);
    this.#appId.copy(plain, HEAD + length);
    return createCipheriv("aes-256-cbc", this.#key, this.#iv).setAutoPadding(false).update(plain).toString("base64");
  }
}

/** @throws Refusal `undecipherable` unless all its bytes are right: with a wrong key they are not */
function paddingOf(plain: Buffer): number {
  const padding = plain[plain.length - 1] ?? 0;
  if (padding < 1 || padding > BLOCK) throw new Refusal("undecipherable");
  for (let index = plain.length - padding; index < plain.length; index++) {
    if (plain[index] !== padding) throw new Refusal("undecipherable");
  }
  return padding;
}

/** The present key and, while it is being changed, the former one. */
export class Keyring {
  readonly #ciphers: readonly [Cipher, Cipher?];

  constructor([present, former]: readonly [string, string?], appId: string) {
    this.#ciphers = [new Cipher(present, appId), former === undefined ? undefined : new Cipher(former, appId)];
  }

  /**
   * @returns the text, and the cipher that a reply must use: WeChat wants it encrypted with the same key
   * @throws Refusal of the present key, if none of them decrypts it
   */
  decrypt(encrypted: string): { readonly text: string; readonly cipher: Cipher } {
    const [present, former] = this.#ciphers;
    try {
      return { text: present.decrypt(encrypted), cipher: present };
    } catch (refusal) {
      const text = former?.readable(encrypted);
      if (!former || text === undefined) throw refusal;
      return { text, cipher: former };
    }
  }
}
