import { type Bilingual, CHECK_REQUEST, type ErrorEntries, LINK_MINI_PROGRAM } from "./entry.js";

const OTHER_TYPE: Bilingual = {
  en: "Use another message type, such as text.",
  zh: "请改用其他消息类型，例如 text。",
};
const SHORTEN_LINK: Bilingual = {
  en: "Use a shorter link; long query strings can be kept on your own server.",
  zh: "请使用更短的链接；较长的查询参数可保存在自己的服务器上。",
};
const WINDOWS: Bilingual = {
  en: "Wait until the follower writes again: a message opens 5 replies for 48 hours; following, a menu click or a QR scan opens 3 for 1 minute. A template message can reach a follower whose window has closed, where the account may send one.",
  zh: "请等待用户再次发来消息：用户发消息后 48 小时内可回复 5 条；关注、点击菜单、扫码后 1 分钟内可回复 3 条。窗口关闭后，若账号有权限，可改用模板消息。",
};
const MENU_MESSAGE: Bilingual = {
  en: "Offer fewer options, and keep each of them short.",
  zh: "请减少选项个数，并缩短每个选项的文字。",
};

/** Customer-service messages: the reply window, their types and their content. */
export const MESSAGE_ERRORS: ErrorEntries = {
  40008: {
    name: "message_type_invalid",
    kind: "content",
    retry: "never",
    meaning: { en: "invalid message type", zh: "不合法的消息类型" },
    remedy: {
      en: "Use a message type that customer-service messages know, such as text.",
      zh: "请使用客服消息支持的消息类型，例如 text。",
    },
  },
  40039: {
    name: "url_size_invalid",
    kind: "content",
    retry: "never",
    meaning: { en: "invalid length of a URL", zh: "不合法的 URL 长度" },
    remedy: SHORTEN_LINK,
  },
  40048: {
    name: "url_invalid",
    kind: "content",
    retry: "never",
    meaning: { en: "invalid URL", zh: "不合法的 URL" },
    remedy: {
      en: "Write the whole address, with https:// and a domain that exists.",
      zh: "请填写完整的网址，以 https:// 开头，且域名真实存在。",
    },
  },
  40165: {
    name: "mini_program_path_invalid",
    kind: "content",
    retry: "never",
    meaning: { en: "invalid path of a mini program page", zh: "小程序页面路径不合法" },
    remedy: {
      en: "Use the path of a page that the published mini program has, such as pages/index/index.",
      zh: "请使用已发布小程序中存在的页面路径，例如 pages/index/index。",
    },
  },
  40166: {
    name: "mini_program_app_id_invalid",
    kind: "content",
    retry: "never",
    meaning: { en: "invalid AppID of a mini program", zh: "小程序 AppID 不合法" },
    remedy: {
      en: "Copy the AppID of the mini program (not of the Official Account), and link the mini program to this account at mp.weixin.qq.com.",
      zh: "请填写小程序（而非公众号）的 AppID，并在 mp.weixin.qq.com 将该小程序与公众号关联。",
    },
  },
  40167: {
    name: "mini_program_plugin_unrelated",
    kind: "content",
    retry: "never",
    meaning: { en: "no relation to the plugin's AppID", zh: "与该插件 AppID 没有关联" },
    remedy: {
      en: "Add the plugin to the mini program first, and check the plugin's AppID.",
      zh: "请先在小程序中添加该插件，并检查插件 AppID。",
    },
  },
  40168: {
    name: "mini_program_not_linked",
    kind: "content",
    retry: "never",
    meaning: { en: "the mini program is not linked to the account", zh: "小程序未与公众号关联" },
    remedy: LINK_MINI_PROGRAM,
  },
  40213: {
    name: "link_tag_invalid",
    kind: "content",
    retry: "never",
    meaning: { en: "invalid <a> tag", zh: "<a> 标签不合法" },
    remedy: {
      en: 'Write links as <a href="https://…">text</a>.',
      zh: '链接请写成 <a href="https://…">文字</a>。',
    },
  },
  40214: {
    name: "link_text_invalid",
    kind: "content",
    retry: "never",
    meaning: { en: "invalid text in an <a> tag", zh: "<a> 标签的文字不合法" },
    remedy: {
      en: 'Write links as <a href="https://…">text</a>, with text inside.',
      zh: '链接请写成 <a href="https://…">文字</a>，标签内的文字不能为空。',
    },
  },
  40227: {
    name: "title_empty",
    kind: "content",
    retry: "never",
    meaning: { en: "empty title", zh: "标题为空" },
    remedy: { en: "Fill in the title.", zh: "请填写标题。" },
  },
  44003: {
    name: "articles_empty",
    kind: "content",
    retry: "never",
    meaning: { en: "no article in a news message", zh: "图文消息内容为空" },
    remedy: {
      en: "Put exactly one article into the message, with a title.",
      zh: "请在图文消息中填写一篇文章，并包含标题。",
    },
  },
  44004: {
    name: "text_empty",
    kind: "content",
    retry: "never",
    meaning: { en: "empty text", zh: "文本内容为空" },
    remedy: { en: "Send a text that is not empty.", zh: "请发送非空文本。" },
  },
  45002: {
    name: "text_too_long",
    kind: "content",
    retry: "never",
    meaning: { en: "text too long", zh: "消息内容超过限制" },
    remedy: {
      en: "Shorten the text, or let it be split (split is on by default).",
      zh: "请缩短文本，或启用自动拆分（默认开启）。",
    },
  },
  45003: {
    name: "title_too_long",
    kind: "content",
    retry: "never",
    meaning: { en: "title too long", zh: "标题超过限制" },
    remedy: { en: "Shorten the title.", zh: "请缩短标题。" },
  },
  45004: {
    name: "description_too_long",
    kind: "content",
    retry: "never",
    meaning: { en: "description too long", zh: "描述超过限制" },
    remedy: { en: "Shorten the description.", zh: "请缩短描述。" },
  },
  45005: {
    name: "link_too_long",
    kind: "content",
    retry: "never",
    meaning: { en: "link too long", zh: "链接超过限制" },
    remedy: SHORTEN_LINK,
  },
  45006: {
    name: "picture_link_too_long",
    kind: "content",
    retry: "never",
    meaning: { en: "picture link too long", zh: "图片链接超过限制" },
    remedy: SHORTEN_LINK,
  },
  45008: {
    name: "too_many_articles",
    kind: "content",
    retry: "never",
    meaning: { en: "more than one article", zh: "图文消息的文章数超过限制" },
    remedy: { en: "Send exactly one article.", zh: "请在图文消息中只放一篇文章。" },
  },
  45015: {
    name: "reply_window_closed",
    kind: "reply-window",
    retry: "wait",
    meaning: {
      en: "the reply window is closed or the follower has unsubscribed",
      zh: "回复时间超过限制，或用户已取消关注",
    },
    remedy: {
      en: `${WINDOWS.en} Someone who has unsubscribed must follow the account again first.`,
      zh: `${WINDOWS.zh}已取消关注的用户须先重新关注。`,
    },
  },
  45047: {
    name: "replies_used_up",
    kind: "reply-window",
    retry: "wait",
    meaning: { en: "the replies of this window are used up", zh: "本次可回复的条数已用完（客服接口下行条数超过上限）" },
    remedy: WINDOWS,
  },
  45050: {
    name: "message_type_unavailable",
    kind: "content",
    retry: "never",
    meaning: { en: "this type cannot be sent as a customer-service message", zh: "客服消息类型不可用" },
    remedy: OTHER_TYPE,
  },
  45072: {
    name: "typing_command_invalid",
    kind: "content",
    retry: "never",
    meaning: { en: "invalid typing command", zh: "command 字段取值不正确" },
    remedy: { en: "Use Typing or CancelTyping.", zh: "请使用 Typing 或 CancelTyping。" },
  },
  45080: {
    name: "typing_needs_interaction",
    kind: "other",
    retry: "wait",
    meaning: {
      en: "typing can be shown only within 30 seconds of an interaction",
      zh: "下发输入状态前，需在 30 秒内与用户有过交互",
    },
    remedy: {
      en: "Show typing within 30 seconds of the follower's last message; a message can be sent without it.",
      zh: "请在用户最近一次发消息后的 30 秒内下发输入状态；不下发也可以正常发送消息。",
    },
  },
  45081: {
    name: "already_typing",
    kind: "other",
    retry: "benign",
    meaning: { en: "typing is already shown", zh: "已经在输入状态，不可重复下发" },
    remedy: {
      en: "Nothing to do: typing is shown for 15 seconds, or until a message is sent.",
      zh: "无需处理：输入状态会持续 15 秒，或在发出消息后结束。",
    },
  },
  45086: {
    name: "link_mini_program_invalid",
    kind: "content",
    retry: "never",
    meaning: {
      en: "invalid data-miniprogram-appid in an <a> tag",
      zh: "<a> 标签的 data-miniprogram-appid 不合法",
    },
    remedy: LINK_MINI_PROGRAM,
  },
  45093: {
    name: "no_sending_quota",
    kind: "quota",
    retry: "wait",
    meaning: { en: "no quota left to send messages", zh: "无发送额度" },
    remedy: { en: "Wait until the quota is renewed.", zh: "请等待额度恢复。" },
  },
  45098: {
    name: "menu_message_too_many_options",
    kind: "content",
    retry: "never",
    meaning: { en: "too many options in a menu message", zh: "菜单消息的选项个数超过限制" },
    remedy: MENU_MESSAGE,
  },
  45099: {
    name: "menu_message_option_too_long",
    kind: "content",
    retry: "never",
    meaning: { en: "an option of a menu message is too long", zh: "菜单消息的选项内容超过限制" },
    remedy: MENU_MESSAGE,
  },
  45162: {
    name: "message_object_of_another_type",
    kind: "content",
    retry: "never",
    meaning: { en: "the body holds an object of another message type", zh: "消息体中含有其他消息类型的内容" },
    remedy: CHECK_REQUEST,
  },
  45166: {
    name: "content_refused",
    kind: "content",
    retry: "never",
    meaning: { en: "WeChat does not accept this content", zh: "内容不合法" },
    remedy: {
      en: "Change the text; WeChat judged its content.",
      zh: "微信判定内容不合规，请修改文本。",
    },
  },
  45168: {
    name: "keyword_blocked",
    kind: "content",
    retry: "never",
    meaning: { en: "the text contains a blocked keyword", zh: "内容含有黑名单关键词" },
    remedy: { en: "Remove the keyword from the text.", zh: "请去掉文本中的违规关键词。" },
  },
  48008: {
    name: "message_type_not_permitted",
    kind: "permission",
    retry: "never",
    meaning: { en: "no permission for this message type", zh: "无该类型消息的发送权限" },
    remedy: OTHER_TYPE,
  },
};
