import { chmodSync, closeSync, mkdirSync, openSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Bilingual } from "../error-catalog.js";
import { INBOX_REMEDY } from "../error-catalog.js";
import { WeChatClientError } from "../errors.js";
import { redact } from "../redact.js";
import { pause, type RetryPolicy, retryDelay } from "../retry.js";
import { MIGRATIONS } from "./sqlite-schema.js";

/** What we use of the driver. A statement is read by `all` only: after `get` it may go on holding its snapshot. */
interface Driver {
  exec(sql: string): void;
  prepare(sql: string): { run(...values: Value[]): unknown; all(...values: Value[]): unknown[] };
  close(): void;
  readonly inTransaction: boolean;
}
type Value = string | number | null;

/** One row, by column; the driver adds `_metadata`, so columns are picked. */
export type Row = Readonly<Record<string, unknown>>;

/** Milliseconds for which a locked file stops this process; longer waits are made without stopping it. */
const BUSY_TIMEOUT = 20;
const BUSY_RETRY: RetryPolicy = { retries: 60, baseDelay: 5, maxDelay: 250 };

/** One connection to one file. */
export class SqliteFile {
  readonly #driver: Driver;
  readonly #statements = new Map<string, ReturnType<Driver["prepare"]>>();
  #open = true;

  private constructor(driver: Driver) {
    this.#driver = driver;
  }

  /**
   * Opens the file, or makes it, for its owner only, and brings it to the present schema.
   * @throws WeChatClientError if the driver is not installed, or the file cannot be used
   */
  static async open(path: string): Promise<SqliteFile> {
    const Database = await loadDriver();
    try {
      // As a path from the root it cannot be taken for a URL, which the driver would connect to.
      const place = resolve(path);
      makePrivate(place);
      const file = new SqliteFile(new Database(place, { timeout: BUSY_TIMEOUT }));
      await file.#prepareSchema();
      return file;
    } catch (error) {
      throw asStoreError(error);
    }
  }

  /** Runs reads; they do not wait for writers. */
  async read<T>(work: () => T): Promise<T> {
    return this.#unlessBusy(work);
  }

  /**
   * Runs work as one transaction. It begins as a writing one: a reading one that becomes a writing one can fail in a way
   * that only opening the file anew mends.
   */
  async write<T>(work: () => T): Promise<T> {
    return this.#unlessBusy(() => {
      this.#driver.exec("BEGIN IMMEDIATE");
      try {
        const result = work();
        this.#driver.exec("COMMIT");
        return result;
      } catch (error) {
        // Of some failures, such as a full disk, SQLite has rolled back already.
        if (this.#driver.inTransaction) this.#driver.exec("ROLLBACK");
        throw error;
      }
    });
  }

  /** Within read or write. */
  all(sql: string, ...values: Value[]): Row[] {
    return this.#prepared(sql)
      .all(...values)
      .filter(isRow);
  }

  /** Within write. */
  run(sql: string, ...values: Value[]): void {
    this.#prepared(sql).run(...values);
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#statements.clear();
    this.#driver.close();
  }

  #prepared(sql: string) {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#driver.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  async #unlessBusy<T>(work: () => T): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      if (!this.#open) throw storeError("the inbox is closed", INBOX_REMEDY.closed);
      try {
        return work();
      } catch (error) {
        if (!isBusy(error) || attempt === BUSY_RETRY.retries) throw asStoreError(error);
      }
      await pause(retryDelay(BUSY_RETRY, attempt));
    }
  }

  async #prepareSchema(): Promise<void> {
    // With the write-ahead log readers and the writer do not wait for each other. NORMAL: a killed process loses
    // nothing; a power cut may lose the last moments, and never damages the file.
    await this.#unlessBusy(() => this.#driver.exec("PRAGMA journal_mode = WAL"));
    // The log is written back every 16 MB instead of every 4: with many conversations this doubles the pushes a second.
    this.#driver.exec("PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -16000");
    await this.write(() => {
      const version = number(this.#driver.prepare("PRAGMA user_version").all().filter(isRow)[0]?.user_version);
      if (version > MIGRATIONS.length)
        throw storeError("the inbox file was written by a newer version", INBOX_REMEDY.newer);
      for (const step of MIGRATIONS.slice(version)) this.#driver.exec(step);
      this.#driver.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
    });
  }
}

async function loadDriver(): Promise<new (path: string, options: { timeout: number }) => Driver> {
  try {
    return (await import("libsql")).default;
  } catch (error) {
    const code = codeOf(error);
    const missing = code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND";
    if (missing) throw storeError("an inbox in a SQLite file needs the package libsql", INBOX_REMEDY.sqliteDriver);
    throw asStoreError(error);
  }
}

/** What followers write is nobody else's business on this machine. SQLite gives its other files the same mode. */
function makePrivate(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, "a", 0o600));
  chmodSync(path, 0o600);
}

const isRow = (value: unknown): value is Row => typeof value === "object" && value !== null;

/** A column that holds whole numbers. */
export function number(value: unknown): number {
  if (typeof value !== "number") throw new TypeError("the inbox file holds something else than a number");
  return value;
}

/** A column that holds text. */
export function text(value: unknown): string {
  if (typeof value !== "string") throw new TypeError("the inbox file holds something else than text");
  return value;
}

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;

const isBusy = (error: unknown): boolean => /^SQLITE_(BUSY|LOCKED)/.test(codeOf(error) ?? "");

const storeError = (problem: string, remedy: Bilingual) => new WeChatClientError("WECHAT_STORE", problem, remedy);

function asStoreError(error: unknown): WeChatClientError {
  if (error instanceof WeChatClientError) return error;
  const message = redact(error instanceof Error ? error.message : String(error));
  if (isBusy(error)) return storeError(`the inbox file stayed locked (${message})`, INBOX_REMEDY.locked);
  return storeError(`the inbox file cannot be used: ${message}`, INBOX_REMEDY.file);
}
