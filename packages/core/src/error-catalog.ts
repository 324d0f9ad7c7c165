/** A text in the two languages that every error of ours speaks. */
export interface Bilingual {
  readonly en: string;
  readonly zh: string;
}

/**
 * What an errcode is about, for callers who branch on it:
 * - `credential`: AppID, AppSecret or access token
 * - `permission`: the account, or this machine's IP address, may not do this
 * - `recipient`: the follower cannot be written to
 * - `reply-window`: the time to reply is over or its replies are used up
 * - `quota`: a daily or total allowance of the account is used up
 * - `rate`: too fast
 * - `content`: WeChat does not accept what was sent
 * - `busy`: WeChat's own trouble; whether the message went out is not known
 * - `other`: anything else
 */
export type ErrorKind =
  | "credential"
  | "permission"
  | "recipient"
  | "reply-window"
  | "quota"
  | "rate"
  | "content"
  | "busy"
  | "other";

export interface ErrorEntry {
  readonly kind: ErrorKind;
  readonly meaning: Bilingual;
  /** What to do next. `{ip}` stands for the address that WeChat saw, where its answer names it. */
  readonly remedy: Bilingual;
}

const entry = (
  kind: ErrorKind,
  meaningEn: string,
  meaningZh: string,
  remedyEn: string,
  remedyZh: string,
): ErrorEntry => ({ kind, meaning: { en: meaningEn, zh: meaningZh }, remedy: { en: remedyEn, zh: remedyZh } });

const BUG_EN = "This looks like a mistake in the calling program; please report it with the rid.";
const BUG_ZH = "这可能是调用程序的错误，请附上 rid 反馈。";
const CHECK_SECRET_EN =
  "Copy AppID and AppSecret again from the same account (WeChat developer platform, 开发密钥), without spaces; if the secret was reset, use the new one.";
const CHECK_SECRET_ZH =
  "请从同一公众号的微信开发者平台「开发密钥」重新复制 AppID 和 AppSecret，注意不要带空格；若已重置 AppSecret，请使用新的。";
const ADD_IP_EN =
  "Add {ip} to the API IP white list (微信开发者平台 → 我的业务 → 公众号 → API IP白名单), then try again.";
const ADD_IP_ZH = "请把 {ip} 加入 API IP 白名单（微信开发者平台 → 我的业务 → 公众号 → API IP白名单），然后重试。";
const ACCOUNT_FROZEN_EN =
  "Log in at mp.weixin.qq.com, read the notice there and follow it to have the account restored.";
const ACCOUNT_FROZEN_ZH = "请登录 mp.weixin.qq.com 查看通知，并按提示申请恢复。";
const MEDIA_EN = "Upload the file again and use the new media_id; temporary media is kept for 3 days.";
const MEDIA_ZH = "请重新上传文件并使用新的 media_id；临时素材只保留 3 天。";
const WAIT_FOR_MESSAGE_EN =
  "Wait until the follower writes again: a message opens 5 replies for 48 hours; following, a menu click or a QR scan opens 3 for 1 minute. A template message can reach a follower whose window has closed, where the account may send one.";
const WAIT_FOR_MESSAGE_ZH =
  "请等待用户再次发来消息：用户发消息后 48 小时内可回复 5 条；关注、点击菜单、扫码后 1 分钟内可回复 3 条。窗口关闭后，可在账号允许的情况下改用模板消息。";
const SHORTEN_EN =
  "Shorten the text, or let it be split (split is on by default; the limit in use is 2048 UTF-8 bytes a message).";
const SHORTEN_ZH = "请缩短文本，或启用自动拆分（默认开启；当前按每条 2048 个 UTF-8 字节计算）。";

/**
 * WeChat's errcodes as data: kind, meaning and remedy. Source: WeChat's global return codes page
 * (developers.weixin.qq.com, Global_Return_Code) and the pages of the token and customer-service message endpoints.
 */
export const ERROR_CATALOG: Readonly<Record<number, ErrorEntry>> = {
  [-1]: entry(
    "busy",
    "WeChat is busy",
    "微信系统繁忙",
    "Try again later. Before sending the same text again, consider that it may have arrived.",
    "请稍后再试。重发前请注意：该消息可能已经送达。",
  ),
  40001: entry(
    "credential",
    "access token invalid or not the latest",
    "access_token 无效或不是最新",
    "Another program may be fetching tokens for this account by the old interface: let every program use stable_token (the default here), or give them one shared token source.",
    "可能有其他程序在用旧接口获取该公众号的 token：请让所有程序改用 stable_token（本项目默认），或共用同一个 token 来源。",
  ),
  40002: entry("credential", "invalid grant_type", "不合法的凭证类型", BUG_EN, BUG_ZH),
  40003: entry(
    "recipient",
    "invalid openid",
    "不合法的 OpenID",
    "Use the openid as this Official Account received it: an openid belongs to one account, and the user must have followed it.",
    "请使用本公众号收到的 openid：openid 只属于一个公众号，且用户必须关注过该公众号。",
  ),
  40004: entry(
    "content",
    "invalid media type",
    "不合法的媒体文件类型",
    "Use image, voice, video or thumb.",
    "请使用 image、voice、video 或 thumb。",
  ),
  40007: entry("content", "invalid media_id", "不合法的媒体文件 id", MEDIA_EN, MEDIA_ZH),
  40008: entry(
    "content",
    "invalid message type",
    "不合法的消息类型",
    "Use a message type that customer-service messages know, such as text.",
    "请使用客服消息支持的消息类型，例如 text。",
  ),
  40013: entry(
    "credential",
    "invalid AppID",
    "不合法的 AppID",
    "Check the AppID: it begins with wx, is 18 characters long, and case matters.",
    "请检查 AppID：以 wx 开头，共 18 个字符，区分大小写。",
  ),
  40014: entry(
    "credential",
    "invalid access token",
    "不合法的 access_token",
    "The token source gave a token that WeChat does not know; check that base URL and token source belong to this account.",
    "token 来源给出了微信不认识的 token；请检查 API 地址和 token 来源是否属于该公众号。",
  ),
  40033: entry(
    "content",
    "\\uxxxx escapes are not allowed",
    "不合法的请求字符，不能包含 \\uxxxx",
    "Send raw UTF-8 text.",
    "请发送原始 UTF-8 文本。",
  ),
  40125: entry("credential", "invalid AppSecret", "无效的 AppSecret", CHECK_SECRET_EN, CHECK_SECRET_ZH),
  40164: entry(
    "permission",
    "this machine's IP address is not in the account's white list",
    "调用方 IP 不在白名单中",
    ADD_IP_EN,
    ADD_IP_ZH,
  ),
  40200: entry(
    "permission",
    "invalid account type",
    "账号类型不支持",
    "This kind of account (a test account, or one not verified) cannot use this message type or interface.",
    "该类型账号（测试号或未认证账号）不支持此消息类型或接口。",
  ),
  40213: entry(
    "content",
    "invalid <a> tag",
    "a 标签不合法",
    'Write links as <a href="https://…">text</a>.',
    '链接请写成 <a href="https://…">文字</a>。',
  ),
  40214: entry(
    "content",
    "invalid text in an <a> tag",
    "a 标签的文字不合法",
    'Write links as <a href="https://…">text</a>, with text inside.',
    '链接请写成 <a href="https://…">文字</a>，并填写文字。',
  ),
  40243: entry(
    "credential",
    "AppSecret is frozen",
    "AppSecret 已被冻结",
    "Unfreeze the AppSecret on the WeChat developer platform (开发密钥); it takes about 10 minutes to work.",
    "请在微信开发者平台「开发密钥」解冻 AppSecret，约 10 分钟后生效。",
  ),
  41001: entry("credential", "access token missing", "缺少 access_token", BUG_EN, BUG_ZH),
  41002: entry("credential", "AppID missing", "缺少 AppID", "Fill in the AppID.", "请填写 AppID。"),
  41004: entry("credential", "AppSecret missing", "缺少 AppSecret", "Fill in the AppSecret.", "请填写 AppSecret。"),
  42001: entry(
    "credential",
    "access token expired",
    "access_token 超时",
    "A new token was fetched and refused too; check the clock of the token source and that no other program replaces the token.",
    "重新获取的 token 也被拒绝；请检查 token 来源的时间，以及是否有其他程序在替换 token。",
  ),
  42007: entry(
    "credential",
    "token invalid after a password change",
    "用户修改密码，token 失效",
    "Authorize the account again.",
    "请重新授权。",
  ),
  43002: entry("other", "POST required", "需要 POST 请求", BUG_EN, BUG_ZH),
  43003: entry("other", "HTTPS required", "需要 HTTPS 请求", "Use an https base URL.", "请使用 https 的 API 地址。"),
  43004: entry(
    "recipient",
    "the receiver must follow the account",
    "需要接收者关注",
    "This person does not follow the account (any more); they must follow it before you can write.",
    "该用户未关注（或已取消关注）公众号，需关注后才能发送。",
  ),
  43019: entry(
    "recipient",
    "the receiver is in the account's blacklist",
    "接收者在黑名单中",
    "Take the follower off the blacklist at mp.weixin.qq.com.",
    "请在 mp.weixin.qq.com 将该用户移出黑名单。",
  ),
  44002: entry("other", "empty POST body", "POST 数据包为空", BUG_EN, BUG_ZH),
  44004: entry("content", "empty text", "文本内容为空", "Send a text that is not empty.", "请发送非空文本。"),
  45002: entry("content", "text too long", "消息内容超过限制", SHORTEN_EN, SHORTEN_ZH),
  45008: entry(
    "content",
    "more than one article",
    "图文消息超过限制",
    "Send exactly one article.",
    "图文消息只能包含一篇文章。",
  ),
  45009: entry(
    "quota",
    "daily limit of API calls reached",
    "接口调用超过当日限制",
    "Wait until tomorrow, or clear the quota at mp.weixin.qq.com (10 times a month).",
    "请等到次日，或在 mp.weixin.qq.com 清零调用次数（每月 10 次）。",
  ),
  45011: entry(
    "rate",
    "too many calls in this minute",
    "API 调用太频繁",
    "Wait a minute, then send more slowly.",
    "请等待一分钟后放慢发送速度。",
  ),
  45015: entry(
    "reply-window",
    "the reply window is closed or the follower has unsubscribed",
    "回复时间超过限制，或用户已取消关注",
    WAIT_FOR_MESSAGE_EN,
    WAIT_FOR_MESSAGE_ZH,
  ),
  45047: entry(
    "reply-window",
    "the replies of this window are used up",
    "客服接口下行条数超过上限",
    WAIT_FOR_MESSAGE_EN,
    WAIT_FOR_MESSAGE_ZH,
  ),
  45050: entry(
    "content",
    "this type cannot be sent as a customer-service message",
    "客服消息类型不可用",
    "Use another message type, such as text.",
    "请改用其他消息类型，例如 text。",
  ),
  45087: entry(
    "permission",
    "customer-service messages of this account are blocked",
    "该公众号的客服消息被封禁",
    ACCOUNT_FROZEN_EN,
    ACCOUNT_FROZEN_ZH,
  ),
  45093: entry(
    "quota",
    "no quota left to send messages",
    "无发送额度",
    "Wait until the quota is renewed.",
    "请等待额度恢复。",
  ),
  45094: entry(
    "permission",
    "the account may not send at the moment (penalty)",
    "处罚中，暂不能下发消息",
    ACCOUNT_FROZEN_EN,
    ACCOUNT_FROZEN_ZH,
  ),
  45102: entry(
    "permission",
    "this interface is blocked for the account for some time",
    "接口被临时封禁",
    ACCOUNT_FROZEN_EN,
    ACCOUNT_FROZEN_ZH,
  ),
  45162: entry("content", "the body holds an object of another message type", "类型不合法", BUG_EN, BUG_ZH),
  45166: entry(
    "content",
    "WeChat does not accept this content",
    "内容不合法",
    "Change the text; WeChat judged its content.",
    "请修改文本内容。",
  ),
  45168: entry(
    "content",
    "the text contains a blocked keyword",
    "内容含有黑名单关键词",
    "Remove the keyword from the text.",
    "请去掉文本中的违规关键词。",
  ),
  47001: entry("content", "WeChat could not read the data", "数据格式错误", BUG_EN, BUG_ZH),
  47002: entry(
    "content",
    "\\uxxxx escapes are not allowed, send UTF-8",
    "请使用 UTF-8 文本，不要使用 \\uxxxx 编码",
    "Send raw UTF-8 text.",
    "请发送原始 UTF-8 文本。",
  ),
  47003: entry(
    "content",
    "a parameter does not meet WeChat's rule",
    "参数值不符合限制",
    "WeChat's message names the field; correct it.",
    "微信的错误信息中指明了字段，请改正。",
  ),
  48001: entry(
    "permission",
    "the account has no permission for this interface",
    "接口功能未授权",
    "Customer-service messages need a verified account (认证的服务号或订阅号) or a test account (测试号); an unverified or personal account can only answer with passive replies.",
    "客服消息需要已认证的服务号或订阅号，或测试号；未认证或个人账号只能使用被动回复。",
  ),
  48002: entry(
    "recipient",
    "the follower refuses messages",
    "粉丝拒收消息",
    "The follower has switched messages off; only they can switch them on again.",
    "用户已关闭接收消息，只能由用户自行开启。",
  ),
  48004: entry(
    "permission",
    "this interface is banned for the account",
    "接口被封禁",
    ACCOUNT_FROZEN_EN,
    ACCOUNT_FROZEN_ZH,
  ),
  48008: entry(
    "permission",
    "no permission for this message type",
    "无该类型消息的发送权限",
    "Use another message type, such as text.",
    "请改用其他消息类型，例如 text。",
  ),
  50002: entry(
    "permission",
    "the account is limited (frozen or closed)",
    "用户受限（账号被冻结或注销）",
    ACCOUNT_FROZEN_EN,
    ACCOUNT_FROZEN_ZH,
  ),
  50004: entry(
    "permission",
    "the account may not use access tokens",
    "禁止使用 token 接口",
    ACCOUNT_FROZEN_EN,
    ACCOUNT_FROZEN_ZH,
  ),
  50005: entry(
    "recipient",
    "the user does not follow the account",
    "用户未关注公众号",
    "The user must follow the account before you can write.",
    "用户关注公众号后才能发送。",
  ),
  50007: entry("permission", "the account is frozen", "账号已冻结", ACCOUNT_FROZEN_EN, ACCOUNT_FROZEN_ZH),
  61004: entry(
    "permission",
    "this machine's IP address is not in the account's white list",
    "调用方 IP 不在白名单中",
    ADD_IP_EN,
    ADD_IP_ZH,
  ),
  61450: entry(
    "busy",
    "WeChat's customer service is busy",
    "客服系统错误",
    "Try again later. Before sending the same text again, consider that it may have arrived.",
    "请稍后再试。重发前请注意：该消息可能已经送达。",
  ),
  65400: entry(
    "permission",
    "customer service is not switched on for this account",
    "未开通新版客服",
    "Switch 客服功能 on at mp.weixin.qq.com.",
    "请在 mp.weixin.qq.com 开通客服功能。",
  ),
  65401: entry(
    "content",
    "unknown customer-service account",
    "无效的客服账号",
    "Check customerServiceAccount: it is written name@account-wechat-id and must exist.",
    "请检查 customerServiceAccount：格式为 名称@公众号微信号，且必须存在。",
  ),
  70000: entry(
    "recipient",
    "blocked to protect a minor",
    "为保护未成年人权益，该条消息发送失败",
    "WeChat does not deliver this message to this follower; do not try again.",
    "微信不会向该用户投递此消息，请勿重试。",
  ),
  89501: entry(
    "permission",
    "this IP address waits for the administrator's confirmation",
    "此 IP 正在等待管理员确认",
    "Ask the account's administrator to confirm in WeChat, then try again.",
    "请让公众号管理员在微信中确认后重试。",
  ),
  89503: entry(
    "permission",
    "this IP address needs the administrator's confirmation",
    "此 IP 调用需要管理员确认",
    "WeChat has sent the administrator a message; ask them to confirm, then try again.",
    "微信已向管理员发送确认消息，请管理员确认后重试。",
  ),
  89506: entry(
    "permission",
    "the administrator refused this IP address twice; blocked for 24 hours",
    "管理员 24 小时内两次拒绝该 IP",
    "Wait 24 hours and agree with the administrator before trying again.",
    "请与管理员沟通，并在 24 小时后重试。",
  ),
  89507: entry(
    "permission",
    "the administrator refused this IP address; blocked for 1 hour",
    "管理员 1 小时内拒绝过该 IP",
    "Wait an hour and agree with the administrator before trying again.",
    "请与管理员沟通，并在 1 小时后重试。",
  ),
};

/** Where the token endpoint means something else: there is no access token yet, and no message either. */
export const TOKEN_ENDPOINT_CATALOG: Readonly<Record<number, ErrorEntry>> = {
  [-1]: entry(
    "busy",
    "WeChat is busy",
    "微信系统繁忙",
    "The message was not sent; try again later.",
    "消息未发出，请稍后再试。",
  ),
  40001: entry(
    "credential",
    "AppSecret wrong, or not of this account",
    "AppSecret 错误或不属于该公众号",
    CHECK_SECRET_EN,
    CHECK_SECRET_ZH,
  ),
};

/** For an errcode that the catalogue does not know: WeChat adds codes without notice. */
export const UNKNOWN_ERRCODE: ErrorEntry = entry(
  "other",
  "an error this version does not know",
  "本版本尚未收录的错误",
  "Look the errcode up on WeChat's return codes page, or the rid in WeChat's developer platform (kept for 7 days).",
  "请在微信全局返回码页面查询该错误码，或在微信开发者平台用 rid 查询（保留 7 天）。",
);

/** Remedies of failures without an errcode. */
export const TRANSPORT_REMEDY = {
  /** It left and no readable answer came. */
  maybeArrived: {
    en: "Do not send the same text again blindly: it may have arrived. Ask the follower or look at the chat first.",
    zh: "请勿直接重发：消息可能已经送达。请先向用户确认或查看聊天记录。",
  },
  /** No connection. */
  connect: {
    en: "Nothing was sent. Check this machine's network, DNS, proxy and the API base URL, then try again.",
    zh: "未发出任何数据。请检查本机网络、DNS、代理和 API 地址后重试。",
  },
  /** An answer that WeChat's API does not give. */
  notWeChat: {
    en: "What answered does not speak WeChat's API: check the API base URL and any proxy in between; if both are right, WeChat has a disturbance, try again later.",
    zh: "应答方不是微信接口：请检查 API 地址和中间的代理；若均无误，可能是微信故障，请稍后再试。",
  },
  /** The message surely did not go out. */
  safeToRepeat: {
    en: "The message was not sent; it is safe to try again.",
    zh: "消息未发出，可以放心重试。",
  },
  /** The client was closed by its owner. */
  closed: {
    en: "Make a new WeChatClient; a closed one cannot be opened again.",
    zh: "请创建新的 WeChatClient；已关闭的实例不能再次使用。",
  },
  /** The caller's own token source failed. */
  tokenSource: {
    en: "Nothing was sent. Mend the tokenSource function (or the server that it asks), then try again.",
    zh: "未发出任何数据。请检查 tokenSource 函数（或其请求的服务）后重试。",
  },
} as const satisfies Record<string, Bilingual>;
