import { isRefusal, refuse } from "../errors.js";
import { fileUrl } from "../files.js";
import { checkUpload, UPLOAD_TYPES, type UploadType } from "../media-formats.js";
import type { FormPart } from "../multipart.js";
import { type ApiAnswer, type Context, json } from "./endpoint.js";

/** POST /cgi-bin/media/upload?type= */
export function uploadMedia(form: readonly FormPart[], { account, now, request }: Context): ApiAnswer {
  const type = uploadType(request.query);
  if (type === undefined) return refuse(40004);
  const file = checkUpload(form, type, false);
  if (isRefusal(file)) return file;
  const { mediaId } = account.media.upload(type, file, false, now);
  const createdAt = Math.floor(now / 1000);
  // Older documentation and SDKs (WxJava) name the id of a thumb thumb_media_id; the official page does not say.
  const id = type === "thumb" ? { thumb_media_id: mediaId } : { media_id: mediaId };
  return json({ type, ...id, created_at: createdAt });
}

/** GET /cgi-bin/media/get?media_id= : temporary media only, as its official page (获取临时素材) says. */
export function getMedia({ account, now, request, world }: Context): ApiAnswer {
  const mediaId = request.query.get("media_id") ?? "";
  if (mediaId === "") return refuse(41006);
  const media = account.media.find(mediaId, now);
  if (media === undefined || media.expiresAt === Number.POSITIVE_INFINITY) return refuse(40007);
  const file = world.files.get(media.file);
  if (file === undefined || media.file === undefined) return refuse(46001);
  return media.type === "video" ? json({ video_url: fileUrl(media.file, request.host) }) : { file };
}

export function uploadType(query: URLSearchParams): UploadType | undefined {
  return UPLOAD_TYPES.find((known) => known === query.get("type"));
}
