import type { Bilingual, ErrorEntries } from "./entry.js";

const UPLOAD_AGAIN: Bilingual = {
  en: "Upload the file again and use the new media_id; temporary media is kept for 3 days.",
  zh: "请重新上传文件并使用新的 media_id；临时素材只保留 3 天。",
};
const FORMATS: Bilingual = {
  en: "Convert the file: images as PNG, JPEG or GIF, voice as AMR or MP3, video as MP4, thumb as JPG.",
  zh: "请转换文件格式：图片用 PNG、JPEG 或 GIF，语音用 AMR 或 MP3，视频用 MP4，缩略图用 JPG。",
};
const SIZES: Bilingual = {
  en: "Make the file smaller: images up to 10 MB, voice up to 2 MB and 60 seconds, video up to 10 MB, thumb up to 64 KB.",
  zh: "请压缩文件：图片不超过 10 MB，语音不超过 2 MB 且不超过 60 秒，视频不超过 10 MB，缩略图不超过 64 KB。",
};
const FILE_WITH_CONTENT: Bilingual = {
  en: "Upload a file that is not empty, as the form field media.",
  zh: "请上传非空文件，表单字段名为 media。",
};
const TIDY_UP: Bilingual = {
  en: "Delete permanent media that is no longer used, or upload it as temporary media (kept for 3 days).",
  zh: "请删除不再使用的永久素材，或改为上传临时素材（保留 3 天）。",
};

/** Files: temporary media and permanent material. Limits: WeChat's pages on uploading media and material. */
export const MEDIA_ERRORS: ErrorEntries = {
  40004: {
    name: "media_type_invalid",
    kind: "content",
    retry: "never",
    meaning: { en: "invalid media type", zh: "不合法的媒体文件类型" },
    remedy: { en: "Use image, voice, video or thumb.", zh: "请使用 image、voice、video 或 thumb。" },
  },
  40005: {
    name: "file_type_invalid",
    kind: "content",
    retry: "never",
    meaning: { en: "invalid file type", zh: "不合法的文件类型" },
    remedy: FORMATS,
  },
  40006: {
    name: "file_size_invalid",
    kind: "content",
    retry: "never",
    meaning: { en: "invalid file size", zh: "不合法的文件大小" },
    remedy: SIZES,
  },
  40007: {
    name: "media_id_invalid",
    kind: "content",
    retry: "never",
    meaning: { en: "invalid media_id", zh: "不合法的媒体文件 id" },
    remedy: UPLOAD_AGAIN,
  },
  40009: {
    name: "image_size_invalid",
    kind: "content",
    retry: "never",
    meaning: { en: "invalid image size", zh: "不合法的图片大小" },
    // WeChat's page names 10 MB and, in a note, still 2 MB.
    remedy: {
      en: "Make the image smaller: WeChat's page names 10 MB as the limit, and in one place still 2 MB, so 2 MB is safe.",
      zh: "请压缩图片：微信官方文档给出的上限为 10 MB，但有一处仍写为 2 MB，建议控制在 2 MB 以内。",
    },
  },
  40010: {
    name: "voice_size_invalid",
    kind: "content",
    retry: "never",
    meaning: { en: "invalid voice size", zh: "不合法的语音大小" },
    remedy: {
      en: "Make the recording smaller: up to 2 MB and 60 seconds.",
      zh: "请压缩语音：不超过 2 MB，且不超过 60 秒。",
    },
  },
  40011: {
    name: "video_size_invalid",
    kind: "content",
    retry: "never",
    meaning: { en: "invalid video size", zh: "不合法的视频大小" },
    remedy: { en: "Make the video smaller: up to 10 MB.", zh: "请压缩视频：不超过 10 MB。" },
  },
  40012: {
    name: "thumb_size_invalid",
    kind: "content",
    retry: "never",
    meaning: { en: "invalid thumb size", zh: "不合法的缩略图大小" },
    remedy: { en: "Make the thumb smaller: a JPG up to 64 KB.", zh: "请压缩缩略图：JPG 格式，不超过 64 KB。" },
  },
  40113: {
    name: "file_type_unsupported",
    kind: "content",
    retry: "never",
    meaning: { en: "unsupported file type", zh: "不支持的文件类型" },
    remedy: FORMATS,
  },
  40118: {
    name: "media_id_size_invalid",
    kind: "content",
    retry: "never",
    meaning: { en: "invalid length of media_id", zh: "media_id 长度不合法" },
    remedy: {
      en: "Copy the media_id whole from WeChat's answer to the upload.",
      zh: "请从上传接口的应答中完整复制 media_id。",
    },
  },
  40121: {
    name: "media_id_type_invalid",
    kind: "content",
    retry: "never",
    meaning: { en: "the media_id is of another media type", zh: "不合法的 media_id 类型" },
    remedy: {
      en: "Use a media_id of the type that the field asks for: an image for an image, a video for a video.",
      zh: "请使用与字段类型一致的 media_id：图片字段用图片，视频字段用视频。",
    },
  },
  40128: {
    name: "permanent_media_required",
    kind: "content",
    retry: "never",
    meaning: { en: "a media_id of permanent material is required", zh: "必须使用永久素材的 media_id" },
    remedy: {
      en: "Upload the file as permanent material (cgi-bin/material/add_material) and use its media_id.",
      zh: "请将文件上传为永久素材（cgi-bin/material/add_material），并使用返回的 media_id。",
    },
  },
  40137: {
    name: "image_format_unsupported",
    kind: "content",
    retry: "never",
    meaning: { en: "unsupported image format", zh: "不支持的图片格式" },
    remedy: { en: "Convert the image to PNG, JPEG or GIF.", zh: "请将图片转换为 PNG、JPEG 或 GIF 格式。" },
  },
  41005: {
    name: "media_data_missing",
    kind: "content",
    retry: "never",
    meaning: { en: "no file in the upload", zh: "缺少多媒体文件数据" },
    remedy: FILE_WITH_CONTENT,
  },
  41006: {
    name: "media_id_missing",
    kind: "content",
    retry: "never",
    meaning: { en: "media_id missing", zh: "缺少 media_id" },
    remedy: {
      en: "Upload the file first and fill in the media_id of the answer.",
      zh: "请先上传文件，再填写返回的 media_id。",
    },
  },
  44001: {
    name: "media_data_empty",
    kind: "content",
    retry: "never",
    meaning: { en: "empty file", zh: "多媒体文件为空" },
    remedy: FILE_WITH_CONTENT,
  },
  45001: {
    name: "media_too_large",
    kind: "content",
    retry: "never",
    meaning: { en: "file too large", zh: "多媒体文件大小超过限制" },
    remedy: SIZES,
  },
  45007: {
    name: "voice_too_long",
    kind: "content",
    retry: "never",
    meaning: { en: "recording longer than 60 seconds", zh: "语音播放时间超过限制（60 秒）" },
    remedy: {
      en: "Shorten the recording to 60 seconds, or send it as several messages.",
      zh: "请将语音缩短到 60 秒以内，或分为多条发送。",
    },
  },
  45034: {
    name: "material_count_reached",
    kind: "quota",
    retry: "never",
    meaning: { en: "the account holds as many files as it may", zh: "素材数量超过上限" },
    remedy: TIDY_UP,
  },
  45068: {
    name: "file_too_large",
    kind: "content",
    retry: "never",
    meaning: { en: "file too large", zh: "文件大小超过限制" },
    remedy: SIZES,
  },
  45074: {
    name: "material_list_full",
    kind: "quota",
    retry: "never",
    meaning: { en: "the list of permanent material is full", zh: "永久素材列表已满" },
    remedy: TIDY_UP,
  },
  45101: {
    name: "upload_limit_reached",
    kind: "quota",
    retry: "wait",
    meaning: { en: "the account's limit of uploads is reached", zh: "已达到上传上限" },
    remedy: {
      en: "Wait until the limit is renewed, and use a media_id again instead of uploading the same file twice.",
      zh: "请等待额度恢复；同一文件可重复使用 media_id，不必多次上传。",
    },
  },
  46001: {
    name: "media_not_found",
    kind: "content",
    retry: "never",
    meaning: { en: "the file does not exist at WeChat", zh: "不存在媒体数据" },
    remedy: UPLOAD_AGAIN,
  },
  46007: {
    name: "media_being_transcoded",
    kind: "other",
    retry: "later",
    meaning: { en: "the file is still being transcoded", zh: "文件正在转码" },
    remedy: { en: "Wait some seconds, then try again.", zh: "请等待数秒后重试。" },
  },
  48005: {
    name: "material_in_use",
    kind: "other",
    retry: "never",
    meaning: {
      en: "material used by an auto-reply or the menu cannot be deleted",
      zh: "素材被自动回复或自定义菜单引用，不能删除",
    },
    remedy: {
      en: "Take the material out of the auto-replies and the menu at mp.weixin.qq.com, then delete it.",
      zh: "请先在 mp.weixin.qq.com 的自动回复和自定义菜单中取消引用，再删除素材。",
    },
  },
  48010: {
    name: "material_read_only",
    kind: "permission",
    retry: "never",
    meaning: { en: "this material may not be changed", zh: "该素材不允许修改" },
    remedy: {
      en: "Log in at mp.weixin.qq.com to see why, or upload the changed file as new material.",
      zh: "请登录 mp.weixin.qq.com 查看原因，或将修改后的文件上传为新素材。",
    },
  },
};
