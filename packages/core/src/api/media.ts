import * as z from "zod";
import { TRANSPORT_REMEDY } from "../error-catalog.js";
import type { DownloadedFile } from "./download.js";
import { endpoint } from "./endpoint.js";
import { inWords, MEDIA_TYPES, type MediaType, TEMPORARY } from "./media-formats.js";
import { type CallOptions, Resource } from "./requester.js";
import { mediaId, newMediaId, seconds } from "./schemas.js";
import { type UploadSource, uploadSource } from "./upload-source.js";

const SOURCE = "https://developers.weixin.qq.com/doc/service/api/material/temporary/";
const FILES = MEDIA_TYPES.map((type) => `${type}: ${inWords(TEMPORARY[type])}`).join("; ");

export const UPLOAD_MEDIA = endpoint({
  name: "media.upload",
  method: "POST",
  path: "/cgi-bin/media/upload",
  retry: "write",
  input: () =>
    z.strictObject({ type: z.enum(MEDIA_TYPES, "must be image, voice, video or thumb"), file: uploadSource }),
  wire: ({ type }) => ({ query: { type } }),
  file: ({ type, file }) => ({ field: "file", source: file, rules: TEMPORARY[type] }),
  answer: () =>
    z
      .object({ type: z.enum(MEDIA_TYPES), created_at: seconds })
      .and(newMediaId())
      .transform(({ type, mediaId, created_at }) => ({ type, mediaId, createdAt: created_at })),
  maybeDone: TRANSPORT_REMEDY.maybeUploaded,
  limits: `${FILES}; voice at most 60 s; kept for 3 days; 100,000 a day`,
  errcodes: [40004, 40005, 40006, 40009, 40010, 40011, 40012, 41005, 44001, 45001, 45007],
  source: SOURCE,
});

export const DOWNLOAD_MEDIA = endpoint({
  name: "media.download",
  method: "GET",
  path: "/cgi-bin/media/get",
  retry: "read",
  input: () => z.strictObject({ mediaId }),
  wire: ({ mediaId }) => ({ query: { media_id: mediaId } }),
  answer: () =>
    z.object({ video_url: z.string() }).transform(({ video_url }) => ({ kind: "video" as const, url: video_url })),
  limits: "temporary media, for 3 days; 200,000 a day",
  errcodes: [40007, 41006, 46001],
  source: SOURCE,
});

/** Where a video can be fetched. */
export interface VideoUrl {
  /** Tells it from a file. */
  readonly kind: "video";
  /** To be fetched without an access token. */
  readonly url: string;
}

/** A file that WeChat keeps for 3 days. */
export interface UploadedMedia {
  /** As it was uploaded. */
  readonly type: MediaType;
  /** Names it in messages. */
  readonly mediaId: string;
  /** The 3 days begin. */
  readonly createdAt: Date;
}

/** Temporary media (临时素材): files that messages show, which WeChat keeps for 3 days. */
export class Media extends Resource {
  /**
   * Uploads a file, for any number of messages within 3 days.
   *
   * Type, size, format and file name are checked before anything is sent. The file is sent as it is read. If its outcome
   * stays unknown nothing is lost by uploading it again.
   * @example const { mediaId } = await client.media.upload("image", { path: "receipt.png" });
   * @throws WeChatValidationError that names the field; WeChatError
   */
  upload(type: MediaType, file: UploadSource, options?: CallOptions): Promise<UploadedMedia> {
    return this.request(UPLOAD_MEDIA, { type, file }, options);
  }

  /**
   * Downloads what was uploaded, or what a follower sent. Of a video WeChat tells a URL instead.
   *
   * The promise settles when the file begins to arrive. From then on `timeout` bounds each wait for further bytes, and
   * the signal still stops it.
   * @example
   * const got = await client.media.download(mediaId);
   * if (got.kind === "file") await got.toFile("voice.amr");
   * @throws WeChatError, such as a WeChatContentError with errcode 40007 for a media_id that is wrong or expired
   */
  download(mediaId: string, options?: CallOptions): Promise<DownloadedFile | VideoUrl> {
    return this.requestFile(DOWNLOAD_MEDIA, { mediaId }, options);
  }
}
