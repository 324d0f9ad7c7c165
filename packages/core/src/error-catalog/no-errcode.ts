import type { Bilingual, ErrorEntry } from "./entry.js";

/** For an errcode that the catalogue does not know: WeChat adds codes without notice. */
export const UNKNOWN_ERRCODE: ErrorEntry = {
  name: "unknown",
  kind: "other",
  retry: "never",
  meaning: { en: "an error this version does not know", zh: "本版本尚未收录的错误" },
  remedy: {
    en: "Look the errcode up on WeChat's return codes page (Global Return Code), or the rid with WeChat's rid query (openapi/rid/get; kept for 7 days).",
    zh: "请在微信「全局返回码」页面查询该错误码，或通过 rid 查询接口（openapi/rid/get）查看请求详情（保留 7 天）。",
  },
};

/** Remedies of exchanges that brought no readable answer of WeChat. */
export const TRANSPORT_REMEDY = {
  /** It left and no readable answer came. */
  maybeArrived: {
    en: "Do not send the same message again blindly: it may have arrived. Ask the follower or look at the chat first.",
    zh: "请勿直接重发：消息可能已经送达。请先向用户确认或查看聊天记录。",
  },
  /** No connection. */
  connect: {
    en: "Check this machine's network, DNS, proxy and the API base URL, then try again.",
    zh: "请检查本机网络、DNS、代理和 API 地址后重试。",
  },
  /** An answer that WeChat's API does not give. */
  notWeChat: {
    en: "What answered does not speak WeChat's API: check the API base URL and any proxy in between; if both are right, WeChat has a disturbance, try again later.",
    zh: "返回的内容不是微信接口的应答：请检查 API 地址和中间的代理；若均无误，可能是微信临时故障，请稍后再试。",
  },
  /** The message surely did not go out. */
  safeToRepeat: {
    en: "The message was not sent; it is safe to try again.",
    zh: "消息未发出，可以放心重试。",
  },
  /** Of a call that reads: whatever became of it, nothing has changed. */
  readAgain: {
    en: "The call only reads: nothing has changed at WeChat, and it is safe to try again.",
    zh: "该调用只是读取，未改变微信中的任何内容，可以放心重试。",
  },
  /** What changes something at WeChat surely was not done. */
  notDone: {
    en: "Nothing was changed at WeChat; it is safe to try again.",
    zh: "微信未执行任何操作，可以放心重试。",
  },
  /** What changes something at WeChat left, and no readable answer came. */
  maybeDone: {
    en: "WeChat may have done it all the same: look at what is there before calling again.",
    zh: "微信可能已经执行了该操作：请先查询当前状态，再决定是否重新调用。",
  },
  /** The same of a file that is kept for some days only, and that no list shows. */
  maybeUploaded: {
    en: "WeChat may have taken the file all the same. No list shows it, and nothing is lost by uploading it again.",
    zh: "微信可能已经收到该文件。临时素材无法查询，重新上传不会有任何损失。",
  },
  /** More than is read of one answer; the same would come again. */
  answerTooLarge: {
    en: "Ask for less at once, such as with a smaller count; the same call would bring the same answer.",
    zh: "请减少单次请求的数量（例如减小 count）；原样重试会得到同样的应答。",
  },
  /** No connection, and it failed at the proxy. */
  proxy: {
    en: "Check the proxy's address, user and password, and that it lets WeChat's API pass; or connect without it.",
    zh: "请检查代理的地址、用户名和密码，并确认代理允许访问微信接口；或不使用代理。",
  },
  /** A file was sent from a stream, and would have to be sent again. */
  streamSpent: {
    en: "A stream can be read only once, so the file was not sent again: open it anew and repeat the call, or give a Buffer, a Blob or a path, which are repeated by themselves.",
    zh: "流只能读取一次，因此文件没有自动重发：请重新打开流后再次调用，或改用 Buffer、Blob 或文件路径（会自动重试）。",
  },
  /** A file stopped coming. */
  partOfFile: {
    en: "Only part of the file came; throw it away and download the file again.",
    zh: "只收到文件的一部分；请丢弃后重新下载。",
  },
} as const satisfies Record<string, Bilingual>;

/** Remedies of failures on the caller's side, before anything was sent. */
export const CLIENT_REMEDY = {
  /** The client was closed by its owner. */
  closed: {
    en: "Make a new WeChatClient; a closed one cannot be opened again.",
    zh: "请创建新的 WeChatClient；已关闭的实例不能再次使用。",
  },
  /** The caller's own token source failed. */
  tokenSource: {
    en: "Mend the tokenSource function (or the server that it asks), then try again.",
    zh: "请检查 tokenSource 函数（或其请求的服务）后重试。",
  },
  /**
   * WeChat refused the token of a call, and either the one in its place too, or none was to be had. The seconds are
   * those for which the token manager asks for no other; with pauses after -1 the second refusal may come later.
   */
  noOtherToken: {
    en: "WeChat refused the access token, and no other one could be had that it accepts: the one got in its place was refused as well, or WeChat gave out the refused one again. Wait 5 seconds, then try again: for so long after a token was replaced no further one is asked for, because such calls are limited.",
    zh: "微信拒绝了 access_token，也未能换到可用的 token：新换的 token 同样被拒绝，或微信再次返回了被拒绝的 token。请等待 5 秒后重试：获取 token 的次数有限，更换后 5 秒内不会再次获取。",
  },
  /** A follower was to be handed to a human agent, whoever it is. */
  noAgent: {
    en: "Let an agent log in to WeChat's customer service and go online, then try again. Where a program answers WeChat's pushes, the passive reply transfer_customer_service lets a follower who just wrote wait for the next agent.",
    zh: "请让客服登录微信客服系统并上线后重试。由程序应答微信推送时，也可对用户刚发来的消息使用被动回复 transfer_customer_service，让用户排队等待。",
  },
} as const satisfies Record<string, Bilingual>;

/** Remedies of an inbox that cannot be used. */
export const INBOX_REMEDY = {
  /** The inbox was closed by its owner. */
  closed: {
    en: "Make a new Inbox; a closed one cannot be opened again.",
    zh: "请创建新的 Inbox；已关闭的实例不能再次使用。",
  },
  /** The driver of SQLite is an optional package. */
  sqliteDriver: {
    en: "Install it where this program runs: npm install libsql. A program that comes as one bundle cannot load it: keep the inbox in Redis there (WECHAT_INBOX=redis://…), or in memory (WECHAT_INBOX=memory).",
    zh: "请在本程序所在目录安装：npm install libsql。以单个打包文件发布的程序无法加载它：请改用 Redis 收件箱（WECHAT_INBOX=redis://…）或内存收件箱（WECHAT_INBOX=memory）。",
  },
  /** The file could not be opened, read or written. */
  file: {
    en: "Check that the inbox file is a SQLite file of this project, that this user owns it and may write to its folder, and that the disk is not full.",
    zh: "请检查收件箱文件是否为本项目的 SQLite 文件、当前用户是否为其所有者且对其目录有写权限，以及磁盘是否已满。",
  },
  /** Other processes wrote for so long. */
  locked: {
    en: "Another process holds the inbox file: end what reads or copies it (a backup, a database browser), then try again.",
    zh: "收件箱文件被其他进程占用：请结束正在读取或复制它的程序（备份、数据库查看器等）后重试。",
  },
  /** The file's schema is not known yet. */
  newer: {
    en: "Update this program to the version that wrote the file, or give another file.",
    zh: "请将本程序升级到写入该文件的版本，或改用其他文件。",
  },
  /** Under our keys in Redis stands what no inbox wrote. */
  foreign: {
    en: "Another program writes under the same keys: give the inbox a Redis database or prefix of its own.",
    zh: "有其他程序写入了相同的键：请让收件箱使用单独的 Redis 数据库或前缀。",
  },
  /** Writes of others came between again and again. */
  contended: {
    en: "Try again; if it lasts, end the program that keeps writing to the same conversation or note.",
    zh: "请重试；若持续出现，请停止不断写入同一会话或便签的程序。",
  },
} as const satisfies Record<string, Bilingual>;
