import type { Account } from "../accounts.js";
import { isWhole } from "../checks.js";
import { isRefusal, type Refusal, refuse } from "../errors.js";
import { fileUrl } from "../files.js";
import { classOf, MATERIAL_CLASSES, type MaterialClass, type Media } from "../media.js";
import { checkUpload } from "../media-formats.js";
import type { FormPart } from "../multipart.js";
import { type Fields, isObject } from "../options.js";
import { type ApiAnswer, type Context, json, OK } from "./endpoint.js";
import { uploadType } from "./media.js";

/** POST /cgi-bin/material/add_material?type= */
export function addMaterial(form: readonly FormPart[], { account, now, request }: Context): ApiAnswer {
  const type = uploadType(request.query);
  const shelf = type === undefined ? undefined : classOf(type);
  if (type === undefined || shelf === undefined) return refuse(40004);
  const file = checkUpload(form, type, true);
  if (isRefusal(file)) return file;
  const about = type === "video" ? readDescription(form) : {};
  if (isRefusal(about)) return about;
  const most = shelf === "image" ? account.limits.imageMaterials : account.limits.otherMaterials;
  if (account.media.materials(shelf).length >= most) return refuse(45074);
  const media = account.media.upload(type, file, true, now, about);
  // Official page: `url` for images only.
  return json({ media_id: media.mediaId, ...(type === "image" ? urlOf(media, request.host) : {}) });
}

/** A video's field `description`: JSON with title and introduction. Without it 40097: no source has the code. */
function readDescription(form: readonly FormPart[]): { title: string; introduction: string } | Refusal {
  const part = form.find(({ name }) => name === "description");
  if (part === undefined) return refuse(40097);
  try {
    const description: unknown = JSON.parse(part.content.toString("utf8"));
    if (!isObject(description)) return refuse(47001);
    const { title = "", introduction = "" } = description;
    if (typeof title !== "string" || typeof introduction !== "string") return refuse(47001);
    return { title, introduction };
  } catch {
    return refuse(47001);
  }
}

/** POST /cgi-bin/material/get_material */
export function getMaterial(body: Fields, { account, now, request, world }: Context): ApiAnswer {
  const media = material(body, account, now);
  if (isRefusal(media)) return media;
  if (media.type === "news") return json({ news_item: [newsItem(media)] });
  const file = world.files.get(media.file);
  if (file === undefined || media.file === undefined) return refuse(46001);
  if (media.type !== "video") return { file };
  const { title = "", introduction = "" } = media;
  return json({ title, description: introduction, down_url: fileUrl(media.file, request.host) });
}

/** POST /cgi-bin/material/del_material */
export function deleteMaterial(body: Fields, { account, now }: Context): ApiAnswer {
  const media = material(body, account, now);
  if (isRefusal(media)) return media;
  account.media.remove(media.mediaId);
  return OK;
}

/** POST /cgi-bin/material/batchget_material */
export function listMaterials({ type, offset, count }: Fields, { account, request }: Context): ApiAnswer {
  const shelf = MATERIAL_CLASSES.find((known) => known === type);
  if (shelf === undefined) return refuse(40004);
  // Official page: count from 1 to 20. The code for another is in no source.
  if (!isWhole(offset, 0) || !isWhole(count, 1, 20)) return refuse(40097);
  const all = account.media.materials(shelf);
  const item = all.slice(offset, offset + count).map((media) => listed(media, shelf, request.host));
  return json({ item, total_count: all.length, item_count: item.length });
}

/** GET /cgi-bin/material/get_materialcount */
export function countMaterials({ account }: Context): ApiAnswer {
  const count = (of: MaterialClass) => account.media.materials(of).length;
  return json({
    voice_count: count("voice"),
    video_count: count("video"),
    image_count: count("image"),
    news_count: count("news"),
  });
}

/** Permanent material of the library. */
function material({ media_id }: Fields, account: Account, now: number): Media | Refusal {
  if (media_id === undefined || media_id === "") return refuse(41006);
  const media = account.media.find(media_id, now);
  const permanent = media?.expiresAt === Number.POSITIVE_INFINITY && classOf(media.type) !== undefined;
  return media !== undefined && permanent ? media : refuse(40007);
}

function listed(media: Media, shelf: MaterialClass, host: string): object {
  const { mediaId, name, createdAt } = media;
  const update_time = Math.floor(createdAt / 1000);
  if (shelf === "news") return { media_id: mediaId, content: { news_item: [newsItem(media)] }, update_time };
  return { media_id: mediaId, name, update_time, ...(shelf === "image" ? urlOf(media, host) : {}) };
}

function urlOf({ file }: Media, host: string): { url?: string } {
  return file === undefined ? {} : { url: fileUrl(file, host) };
}

/** The simulator keeps no articles: an mpnews has its name for a title, and nothing else. */
function newsItem({ name }: Media): object {
  return {
    title: name,
    thumb_media_id: "",
    show_cover_pic: 0,
    author: "",
    digest: "",
    content: "",
    url: "",
    content_source_url: "",
  };
}
