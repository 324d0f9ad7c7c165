import { type FileHandle, open, stat } from "node:fs/promises";
import { basename } from "node:path";
import { WeChatError } from "../errors.js";
import { HEAD_BYTES } from "../transport/incoming-file.js";
import { fileError, wordsOf } from "./file-trouble.js";
import { isIterable, type UploadSource } from "./upload-source.js";

/** A source that is open: its length is known, and its first bytes can be looked at. */
export interface FileReader {
  /** Bytes, as stated. */
  readonly length: number;
  readonly filename: string | undefined;
  /** The first bytes, {@link HEAD_BYTES} if there are as many. To be read before the chunks. */
  head(): Promise<Uint8Array>;
  /** All bytes: exactly `length`, or a WeChatValidationError. */
  chunks(): AsyncIterable<Uint8Array>;
  readonly spent: boolean;
  close(): void;
}

/** Bytes that are held of a file at a time. */
const CHUNK = 64 * 1024;

/**
 * @param field what errors call the source
 * @throws WeChatValidationError
 */
export async function openSource(source: UploadSource, field: string): Promise<FileReader> {
  if (source instanceof Uint8Array || source instanceof Blob) return readerOf(source, undefined, field);
  if ("bytes" in source) return readerOf(source.bytes, source.filename, `${field}.bytes`);
  if ("path" in source) return openPath(source.path, source.filename, `${field}.path`);
  return new StreamReader(source.stream, source.length, source.filename, field);
}

function readerOf(content: Uint8Array | Blob, filename: string | undefined, field: string): FileReader {
  if (content instanceof Uint8Array) {
    const slice = async (from: number, to: number) => content.subarray(from, to);
    return slicing(content.length, filename, field, slice);
  }
  const slice = async (from: number, to: number) => new Uint8Array(await content.slice(from, to).arrayBuffer());
  return slicing(content.size, filename ?? nameOf(content), field, slice);
}

const nameOf = (blob: Blob) => ("name" in blob && typeof blob.name === "string" ? blob.name : undefined);

/** A reader of what can be read again, from anywhere. */
function slicing(
  length: number,
  filename: string | undefined,
  field: string,
  slice: (from: number, to: number) => Promise<Uint8Array>,
  atEnd?: () => Promise<void>,
): FileReader {
  const read = async (from: number, to: number) => {
    const chunk = await orUnreadable(field, slice(from, to));
    if (chunk.length === 0) throw fileError(field, "shorter", `${from} of ${length} bytes were there`);
    return chunk;
  };
  return {
    length,
    filename,
    head: () => read(0, Math.min(length, HEAD_BYTES)),
    async *chunks() {
      for (let at = 0; at < length; ) {
        const chunk = await read(at, Math.min(length, at + CHUNK));
        at += chunk.length;
        if (at === length) await atEnd?.();
        yield chunk;
      }
    },
    spent: false,
    close() {},
  };
}

async function orUnreadable<T>(field: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof WeChatError ? error : fileError(field, "unreadable", wordsOf(error));
  }
}

async function openPath(path: string, filename: string | undefined, field: string): Promise<FileReader> {
  const handle = await orUnreadable(field, openFile(path, field));
  try {
    const before = await orUnreadable(field, handle.stat());
    const slice = async (from: number, to: number) => {
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(to - from), 0, to - from, from);
      return buffer.subarray(0, bytesRead);
    };
    // What is not whole is not taken by WeChat: a file that changed must not be sent to its end.
    const atEnd = async () => {
      const after = await orUnreadable(field, handle.stat());
      if (after.size !== before.size || after.mtimeMs !== before.mtimeMs) throw fileError(field, "changed");
    };
    const close = () => void handle.close().catch(() => {});
    return { ...slicing(before.size, filename ?? basename(path), field, slice, atEnd), close };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Opening waits for a writer where the path is a pipe, so that is looked at first. */
async function openFile(path: string, field: string): Promise<FileHandle> {
  const found = await stat(path).catch((error: unknown) => {
    throw wordsOf(error) === "ENOENT" ? fileError(field, "missing") : error;
  });
  if (!found.isFile()) throw fileError(field, "notFile", found.isDirectory() ? "a folder" : "a device or pipe");
  return open(path);
}

/** What can be read only once. */
class StreamReader implements FileReader {
  spent = false;
  /** Chunks that were looked at for the head. */
  readonly #held: Uint8Array[] = [];
  #iterator: AsyncIterator<Uint8Array> | undefined;
  #taken = 0;

  constructor(
    readonly stream: AsyncIterable<Uint8Array>,
    readonly length: number,
    readonly filename: string | undefined,
    readonly field: string,
  ) {}

  async head(): Promise<Uint8Array> {
    for (let held = 0; held < HEAD_BYTES; ) {
      const chunk = await this.#next();
      if (chunk === undefined) break;
      this.#held.push(chunk);
      held += chunk.length;
    }
    return Buffer.concat(this.#held);
  }

  async *chunks(): AsyncGenerator<Uint8Array, void, undefined> {
    this.spent = true;
    yield* this.#held.splice(0);
    for (let chunk = await this.#next(); chunk !== undefined; chunk = await this.#next()) yield chunk;
  }

  /** Async, because a web stream that somebody else reads throws where its iterator is made. */
  async #pull(): Promise<IteratorResult<Uint8Array>> {
    this.#iterator ??= this.stream[Symbol.asyncIterator]();
    return this.#iterator.next();
  }

  /** The next bytes; undefined at an end that comes where it was stated. */
  async #next(): Promise<Uint8Array | undefined> {
    const { field, length } = this;
    const { done, value } = await this.#pull().catch((error: unknown) => {
      throw error instanceof WeChatError ? error : fileError(`${field}.stream`, "broken", wordsOf(error));
    });
    if (done) {
      const came = `${this.#taken} of ${length} bytes came`;
      if (this.#taken < length) throw fileError(`${field}.stream`, this.#taken > 0 ? "shorter" : "nothing", came);
      return undefined;
    }
    if (!(value instanceof Uint8Array)) throw fileError(`${field}.stream`, "notBytes");
    this.#taken += value.length;
    if (this.#taken > length) throw fileError(`${field}.stream`, "longer", `${length}`);
    return value;
  }

  close(): void {
    endStream(this.stream, this.#iterator);
  }
}

/** Ends what is not read any more. How that goes is nobody's: the upload has its outcome. */
function endStream(stream: AsyncIterable<Uint8Array>, iterator?: AsyncIterator<Uint8Array>): void {
  const end = async () => {
    if ("destroy" in stream && typeof stream.destroy === "function") stream.destroy();
    // A generator that is waiting returns only when it goes on: nobody waits for that.
    await (iterator ?? stream[Symbol.asyncIterator]()).return?.();
  };
  end().catch(() => {});
}

/** Ends the streams in the input of an upload that is not made. */
export function endStreamsOf(input: unknown): void {
  if (typeof input !== "object" || input === null) return;
  for (const value of Object.values(input)) {
    const stream: unknown = typeof value === "object" && value !== null && "stream" in value ? value.stream : value;
    if (isIterable(stream)) endStream(stream);
  }
}
