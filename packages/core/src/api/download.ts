import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import * as z from "zod";
import { WeChatError } from "../errors.js";
import type { IncomingFile } from "../transport/incoming-file.js";
import { once, validate } from "../validation.js";
import { fieldError, fileError, wordsOf } from "./file-trouble.js";
import { recognise } from "./media-formats.js";

const MIB = 1024 * 1024;
const MAX_BYTES = 20 * MIB;
const BUFFER_OPTIONS = once(() =>
  z.strictObject({
    maxBytes: z.int("must be a whole number").positive("must be above 0").default(MAX_BYTES),
  }),
);
const TO_FILE = once(() => z.strictObject({ path: z.string("must be a string").min(1, "is empty") }));

/**
 * A file that has begun to arrive from WeChat. Read it once: by {@link toBuffer}, {@link toFile} or its stream. What is
 * not read is destroyed with `stream.destroy()`; until then its connection stays open, and `client.close()` waits.
 */
export class DownloadedFile {
  /** Tells it from the URL of a video, and from articles. */
  readonly kind = "file";
  /** By the content where its format is known, else as WeChat says, which is not always right. */
  readonly contentType: string;
  /** The name that WeChat gives it, mostly its media_id with an ending; no path. */
  readonly filename: string | undefined;
  /** Bytes, where WeChat says so. */
  readonly length: number | undefined;
  /**
   * The bytes as they arrive. What keeps them from being whole is an error of the stream, a WeChatTransportError: a
   * broken connection, no byte within `timeout`, the caller's signal. It ends no program that does not listen to it.
   * Where `length` is undefined and the server had said that it would close the connection after the answer, HTTP
   * cannot tell an early end from the end.
   */
  readonly stream: Readable;

  /** @internal */
  constructor(file: IncomingFile) {
    this.contentType = recognise(file.head)?.contentType ?? file.contentType;
    this.filename = nameIn(file.disposition);
    this.length = file.length;
    this.stream = file;
  }

  /**
   * The whole file in memory.
   * @param options.maxBytes bytes at most. Default 20 MiB
   * @throws WeChatValidationError if the file has more, or was read before; WeChatTransportError
   */
  async toBuffer(options: { maxBytes?: number } = {}): Promise<Buffer> {
    const { maxBytes } = validate(BUFFER_OPTIONS(), options);
    this.#begin();
    const chunks: Buffer[] = [];
    let bytes = 0;
    try {
      if ((this.length ?? 0) > maxBytes) throw tooLarge(maxBytes);
      const stream: AsyncIterable<Buffer> = this.stream;
      for await (const chunk of stream) {
        bytes += chunk.length;
        if (bytes > maxBytes) throw tooLarge(maxBytes);
        chunks.push(chunk);
      }
    } finally {
      this.stream.destroy();
    }
    return Buffer.concat(chunks);
  }

  /**
   * Writes the file to a path, and over what is there. It is written under another name in the same folder and renamed
   * when it is whole, so that nothing half is ever found at the path.
   * @throws WeChatValidationError if the path cannot be written or the file was read before; WeChatTransportError
   */
  async toFile(path: string): Promise<void> {
    validate(TO_FILE(), { path });
    this.#begin();
    const part = `${path}.${randomUUID()}.part`;
    try {
      await pipeline(this.stream, createWriteStream(part, { flags: "wx", flush: true }));
      await rename(part, path);
    } catch (error) {
      await rm(part, { force: true }).catch(() => {}); // why it could not be written matters more
      throw error instanceof WeChatError ? error : fileError("path", "unwritable", wordsOf(error));
    }
  }

  #begin(): void {
    const { readableDidRead, destroyed, errored } = this.stream;
    if (readableDidRead || (destroyed && !errored)) throw fileError("stream", "readBefore");
  }
}

const tooLarge = (maxBytes: number) =>
  fieldError("maxBytes", `the file has more than ${maxBytes} bytes`, {
    en: "Allow more with maxBytes, or download again and use toFile() or the stream, which hold little of it in memory.",
    zh: "请调大 maxBytes，或重新下载并改用 toFile() 或 stream（几乎不占内存）。",
  });

/** The file name in a Content-Disposition header: its last part, because it may become a path. */
function nameIn(disposition: string): string | undefined {
  const name = /;\s*filename=(?:"([^"]*)"|([^\s;"]+))/i.exec(disposition);
  const last = (name?.[1] ?? name?.[2])?.replace(/^.*[/\\]/s, "").replace(/\p{Cc}/gu, "");
  return last === "" || last === "." || last === ".." ? undefined : last;
}
