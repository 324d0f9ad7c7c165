import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";

/** WeChat pads to blocks of 32 bytes, not AES's 16: the page on message encryption (消息加解密说明). */
const BLOCK = 32;
const RANDOM_BYTES = 16;
const LENGTH_BYTES = 4;

/** SHA-1 of the parts in the order of their bytes: with an Encrypt it is the msg_signature, without the signature. */
export function signatureOf(...parts: readonly string[]): string {
  return createHash("sha1")
    .update([...parts].sort().join(""))
    .digest("hex");
}

/** Encrypts and decrypts as the encrypted modes of the callback do. */
export class Cipher {
  readonly #key: Buffer;
  readonly #iv: Buffer;

  /** @param encodingAesKey the 43 characters of the console */
  constructor(
    encodingAesKey: string,
    private readonly appId: string,
  ) {
    this.#key = Buffer.from(`${encodingAesKey}=`, "base64");
    this.#iv = this.#key.subarray(0, 16);
  }

  /** @param random the 16 bytes the plain text begins with; others than random ones are for tests */
  encrypt(message: string, random = randomBytes(RANDOM_BYTES)): string {
    const content = Buffer.from(message);
    const length = Buffer.alloc(LENGTH_BYTES);
    length.writeUInt32BE(content.length);
    const plain = Buffer.concat([random, length, content, Buffer.from(this.appId)]);
    const padding = BLOCK - (plain.length % BLOCK);
    const cipher = createCipheriv("aes-256-cbc", this.#key, this.#iv).setAutoPadding(false);
    const parts = [cipher.update(plain), cipher.update(Buffer.alloc(padding, padding)), cipher.final()];
    return Buffer.concat(parts).toString("base64");
  }

  /** The message, or why there is none. */
  decrypt(encrypted: string): { readonly message: string } | { readonly problem: string } {
    const bytes = Buffer.from(encrypted, "base64");
    if (bytes.length === 0 || bytes.length % BLOCK !== 0) return { problem: "Encrypt has no whole blocks of 32 bytes" };
    const decipher = createDecipheriv("aes-256-cbc", this.#key, this.#iv).setAutoPadding(false);
    const padded = Buffer.concat([decipher.update(bytes), decipher.final()]);
    const padding = padded.at(-1) ?? 0;
    const pad = padded.subarray(-padding);
    if (padding < 1 || padding > BLOCK || !pad.every((byte) => byte === padding)) {
      return { problem: "Encrypt does not end with PKCS#7 padding: was another EncodingAESKey used?" };
    }
    const plain = padded.subarray(0, -padding);
    const start = RANDOM_BYTES + LENGTH_BYTES;
    if (plain.length < start) return { problem: "Encrypt is too short" };
    const end = start + plain.readUInt32BE(RANDOM_BYTES);
    if (end > plain.length) return { problem: "the length inside Encrypt is wrong" };
    if (plain.toString("utf8", end) !== this.appId) return { problem: "the AppID inside Encrypt is another" };
    return { message: plain.toString("utf8", start, end) };
  }
}
