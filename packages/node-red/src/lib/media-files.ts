import {
  checkReply,
  type MediaType,
  TEMPORARY_MEDIA,
  type UploadSource,
  type WeChatClient,
  WeChatError,
} from "@wechat-offiaccount/core";
import { withDelivery } from "./deliver.js";
import { type FetchLimits, type FetchProblem, fetchFile, isWebUrl } from "./fetch-file.js";
import { pathBelow } from "./jailed-path.js";
import { notSentIfWrong } from "./not-sent.js";
import type { Task } from "./order.js";
import { type Bilingual, type ErrorName, inputError, remedyOf, type Translate } from "./texts.js";
import { kindOf } from "./typed-input.js";

/** A file that a message brings along where it has no media_id yet. */
export interface FileToUpload {
  /** Where it stands in the message. */
  readonly field: "media" | "thumb";
  /** The field of its media_id. */
  readonly id: "mediaId" | "thumbMediaId";
  readonly use: MediaType;
  /** Bytes, a URL, or a path below the media folder. */
  readonly value: unknown;
}

type Place = Omit<FileToUpload, "value">;
type Fields = Readonly<Record<string, unknown>> & { readonly type: string };

const media = (use: MediaType): Place => ({ field: "media", id: "mediaId", use });
const thumb = (use: MediaType): Place => ({ field: "thumb", id: "thumbMediaId", use });
/** The card of a mini program is best 520 × 416 pixels, more than a thumb of 64 KB holds. */
const PLACES: ReadonlyMap<string, readonly Place[]> = new Map([
  ["image", [media("image")]],
  ["voice", [media("voice")]],
  ["video", [media("video"), thumb("thumb")]],
  ["music", [thumb("thumb")]],
  ["miniprogrampage", [thumb("image")]],
]);

/** Stands for a media_id until there is one, so that all else is checked before anything is uploaded. */
const STAND_IN = "not-uploaded-yet";

/** Takes the files out of a message. Only these fields can name a file: no text of a message is ever a path or URL. */
export function filesOf(
  fields: Fields,
):
  | { readonly files: readonly FileToUpload[]; readonly whole: Fields }
  | { readonly problem: "mediaTwice"; readonly field: string } {
  const files: FileToUpload[] = [];
  const { type, ...rest } = fields;
  const others: Record<string, unknown> = rest;
  for (const place of PLACES.get(type) ?? []) {
    const { field, id } = place;
    if (others[field] === undefined) continue;
    if (others[id] !== undefined) return { problem: "mediaTwice", field };
    files.push({ ...place, value: others[field] });
    delete others[field];
    others[id] = STAND_IN;
  }
  return { files, whole: { ...others, type } };
}

/** 30 s for a file of 10 MB at most; five redirects are more than any picture service needs. */
const TIMEOUT = 30_000;
const MAX_REDIRECTS = 5;

/** A file was not fetched from where a message said; nothing was sent. */
class FetchError extends WeChatError {
  readonly code = "WECHAT_FETCH";

  constructor(message: string, remedy: Bilingual) {
    super(message, remedy, { delivery: "not-delivered", parts: [] });
  }

  override withOutcome(): FetchError {
    return this;
  }
}

/** Uploads what messages bring along. */
export class MediaFiles {
  readonly #folder: string;
  readonly #translate: Translate;

  /** @param folder that paths are below; empty: no path is read */
  constructor(folder: string, translate: Translate) {
    this.#folder = folder;
    this.#translate = translate;
  }

  /**
   * The task as it can be sent: with the media_ids of its files. A failed upload is a message that was not delivered,
   * whatever became of the file.
   * @throws WeChatError with the delivery; the signal's reason, when it aborts
   */
  async attach(client: WeChatClient, task: Task, signal: AbortSignal): Promise<Task> {
    if (task.kind !== "message" || task.files.length === 0) return task;
    const ids: Record<string, string> = {};
    for (const { id, field, use, value } of task.files) {
      const source = await this.#open(field, use, value, signal);
      const { mediaId } = await withDelivery(client.media.upload(use, source, { signal }), "not-delivered");
      ids[id] = mediaId;
    }
    return { ...task, message: notSentIfWrong(() => checkReply({ ...task.message, ...ids })), files: [] };
  }

  async #open(field: string, use: MediaType, value: unknown, signal: AbortSignal): Promise<UploadSource> {
    if (value instanceof Uint8Array) return value;
    if (typeof value !== "string") throw this.#wrong("mediaKind", field, { kind: kindOf(value) });
    // Two letters and more before the colon: one is a drive of Windows.
    if (/^[a-z][a-z\d+.-]+:/i.test(value)) return this.#fetch(field, use, value, signal);
    const found = await pathBelow(this.#folder, value);
    if ("problem" in found) throw this.#wrong(found.problem, field);
    return found;
  }

  async #fetch(field: string, use: MediaType, value: string, signal: AbortSignal): Promise<Uint8Array> {
    if (!isWebUrl(value)) throw this.#wrong("mediaUrl", field);
    const url = new URL(value);
    const limits: FetchLimits = {
      maxBytes: TEMPORARY_MEDIA[use].maxBytes,
      timeout: TIMEOUT,
      maxRedirects: MAX_REDIRECTS,
    };
    const fetched = await fetchFile(url, limits, signal);
    if ("bytes" in fetched) return fetched.bytes;
    throw this.#notFetched(fetched.problem, { field, host: url.host, detail: fetched.detail });
  }

  #notFetched(problem: FetchProblem, parameters: Readonly<Record<string, string>>): FetchError {
    const message = this.#translate(`wechat-oa-send.errors.${problem}`, parameters);
    return new FetchError(message, remedyOf("wechat-oa-send", problem, parameters));
  }

  #wrong(key: ErrorName<"wechat-oa-send">, field: string, parameters: Readonly<Record<string, string>> = {}) {
    return inputError(this.#translate, "wechat-oa-send", key, field, { field, ...parameters });
  }
}
