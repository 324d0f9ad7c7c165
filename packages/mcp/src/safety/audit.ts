import { hash } from "node:crypto";
import { codeOf, openOwn, TO_APPEND } from "../own-file.js";

/** Lines that are kept for a file that cannot be written, so that a short trouble loses none. */
const MOST_PENDING = 1000;

/** One call of a tool. */
export interface AuditEntry {
  readonly tool: string;
  /** The account's name, where the server has several. */
  readonly account?: string | undefined;
  readonly openid?: string | undefined;
  /** What was to be said: its length and its SHA-256 are written, and not itself. */
  readonly content?: string | undefined;
  /** What became of it: `delivered`, `not-delivered`, `unknown`, `dry-run`, `asked`, `ok` or `failed`. */
  readonly outcome: string;
  /** The stable name of a failure. */
  readonly code?: string | undefined;
  readonly errcode?: number | undefined;
  readonly rid?: string | undefined;
  /** The stored result of an earlier call was given. */
  readonly duplicate?: boolean | undefined;
}

/** Whether the log shows openids, or their SHA-256, which tells who is the same and not who it is. */
export type AuditOpenids = "plain" | "hash";

/**
 * A log of every call of a tool, one JSON line each, in a file that only its owner may read. Each line is appended by
 * itself, so that several processes may write, and the file may be moved away meanwhile.
 */
export class Audit {
  readonly #file: string;
  readonly #openids: AuditOpenids;
  readonly #onTrouble: (code: string) => void;
  readonly #pending: string[] = [];
  #lost = 0;
  #inTrouble = false;
  #writing: Promise<void> = Promise.resolve();

  private constructor(file: string, openids: AuditOpenids, onTrouble: (code: string) => void) {
    this.#file = file;
    this.#openids = openids;
    this.#onTrouble = onTrouble;
  }

  /**
   * Opens the log, and makes it if there is none.
   * @param onTrouble told once when lines can no longer be written, with the code of the system's error
   * @throws the system's error if the file cannot be written; ForeignFileError if it is not this user's alone
   */
  static async open(file: string, openids: AuditOpenids, onTrouble: (code: string) => void): Promise<Audit> {
    await (await openOwn(file, TO_APPEND)).close();
    return new Audit(file, openids, onTrouble);
  }

  /** Writes a line. Never throws: what cannot be written is tried again with the next one. */
  async write({ openid, content, ...entry }: AuditEntry): Promise<void> {
    const line = {
      time: new Date().toISOString(),
      ...entry,
      ...(openid !== undefined && (this.#openids === "hash" ? { openid_sha256: sha256(openid) } : { openid })),
      ...(content !== undefined && { characters: [...content].length, sha256: sha256(content) }),
    };
    this.#pending.push(`${JSON.stringify(line)}\n`);
    await this.ready();
  }

  /**
   * Whether all lines so far are in the file and it can take another one, as far as that can be told beforehand: what
   * should leave a line behind must not be done while it is not so.
   */
  async ready(): Promise<boolean> {
    this.#writing = this.#writing.then(() => this.#flush());
    await this.#writing;
    return !this.#inTrouble;
  }

  /** Without lines too, which shows that the file is still there and ours to write. */
  async #flush(): Promise<void> {
    try {
      const file = await openOwn(this.#file, TO_APPEND);
      try {
        // A line that was cut off by the trouble is ended first, and told of.
        if (this.#inTrouble)
          await file.appendFile(`\n${JSON.stringify({ time: new Date().toISOString(), lost: this.#lost })}\n`);
        this.#lost = 0;
        // One by one, so that none stands there twice when a later one fails.
        for (let line = this.#pending[0]; line !== undefined; line = this.#pending[0]) {
          await file.appendFile(line);
          this.#pending.shift();
        }
        this.#inTrouble = false;
      } finally {
        await file.close();
      }
    } catch (error) {
      const tooMany = Math.max(0, this.#pending.length - MOST_PENDING);
      this.#pending.splice(0, tooMany);
      this.#lost += tooMany;
      if (!this.#inTrouble) this.#onTrouble(codeOf(error));
      this.#inTrouble = true;
    }
  }
}

const sha256 = (text: string) => hash("sha256", text, "hex");
