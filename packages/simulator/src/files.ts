import { randomBytes } from "node:crypto";

/** Under this path the simulator serves files without a token, as WeChat's file servers do. */
export const FILES_PREFIX = "/files/";

const MIB = 1024 * 1024;

export interface StoredFile {
  readonly content: Buffer;
  readonly contentType: string;
  /** For Content-Disposition: ASCII without quotes. */
  readonly name: string;
}

/** The bytes of what was uploaded, within a bound: the oldest files go first, and what refers to them has no content. */
export class Files {
  private readonly kept = new Map<string, StoredFile>();
  private bytes = 0;

  constructor(private readonly size = 256 * MIB) {}

  /** Keeps a file; the key says where it is served. */
  add(content: Buffer, contentType: string, extension: string): string {
    const key = randomBytes(24).toString("base64url");
    this.kept.set(key, { content, contentType, name: `${key}.${extension}` });
    this.bytes += content.length;
    for (const oldest of this.kept.keys()) {
      if (this.bytes <= this.size || oldest === key) break;
      this.remove(oldest);
    }
    return key;
  }

  get(key: string | undefined): StoredFile | undefined {
    return key === undefined ? undefined : this.kept.get(key);
  }

  remove(key: string | undefined): void {
    const file = this.get(key);
    if (key === undefined || file === undefined) return;
    this.kept.delete(key);
    this.bytes -= file.content.length;
  }
}

/** Where a file can be fetched. @param host the Host header with which the caller reached the simulator */
export function fileUrl(key: string, host: string): string {
  return `http://${host}${FILES_PREFIX}${key}`;
}
