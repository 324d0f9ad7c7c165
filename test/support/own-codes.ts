import { CLIENT_REMEDY, INBOX_REMEDY, TRANSPORT_REMEDY } from "../../packages/core/src/error-catalog.js";
import type { Bilingual } from "../../packages/core/src/index.js";

/** A `code` of ours that comes without an errcode, or stands for several. */
export interface OwnCode {
  readonly meaning: Bilingual;
  readonly remedy: Bilingual;
}

/** WeChat answered: the errcode says more. */
const refused = (en: string, zh: string): OwnCode => ({
  meaning: { en: `WeChat refused the call: ${en}`, zh: `微信拒绝了调用：${zh}` },
  remedy: {
    en: "Look up `errcode` on this page; `error.remedy` says the same.",
    zh: "请在本页查找 `errcode`；`error.remedy` 的内容与之相同。",
  },
});

const both = (first: Bilingual, second: Bilingual): Bilingual => ({
  en: `${first.en} ${second.en}`,
  zh: first.zh + second.zh,
});

/** Every door can meet them. */
const CORE: Readonly<Record<string, OwnCode>> = {
  WECHAT_API: refused("an errcode of no other kind", "不属于其他类别的错误码"),
  WECHAT_CREDENTIAL: refused(
    "AppID, AppSecret or access token ([40001](#40001), [40013](#40013), [40125](#40125) …)",
    "AppID、AppSecret 或 access_token 有误（[40001](#40001)、[40013](#40013)、[40125](#40125) 等）",
  ),
  WECHAT_PERMISSION: refused(
    "the account, or this machine's IP address, may not do this ([40164](#40164), [48001](#48001) …)",
    "该公众号或本机 IP 没有权限（[40164](#40164)、[48001](#48001) 等）",
  ),
  WECHAT_RECIPIENT: refused(
    "this follower cannot be written to ([40003](#40003), [43004](#43004) …)",
    "无法给该用户发送（[40003](#40003)、[43004](#43004) 等）",
  ),
  WECHAT_REPLY_WINDOW: refused(
    "the follower cannot be answered now ([45015](#45015), [45047](#45047))",
    "现在不能回复该用户（[45015](#45015)、[45047](#45047)）",
  ),
  WECHAT_QUOTA: refused("an allowance is used up ([45009](#45009) …)", "额度已用完（[45009](#45009) 等）"),
  WECHAT_RATE: refused("too many calls in a minute ([45011](#45011))", "调用过于频繁（[45011](#45011)）"),
  WECHAT_CONTENT: refused(
    "what was sent is too long, empty, malformed or blocked ([45002](#45002), [40007](#40007) …)",
    "发送的内容过长、为空、格式不对或被拦截（[45002](#45002)、[40007](#40007) 等）",
  ),
  WECHAT_BUSY: refused(
    "it is busy ([-1](#-1)), also after the repetitions",
    "系统繁忙（[-1](#-1)），多次重试后仍然如此",
  ),
  WECHAT_CONNECT: {
    meaning: {
      en: "no connection to WeChat (DNS, refused, TLS, proxy); nothing was sent",
      zh: "无法连接微信（DNS、拒绝连接、TLS 或代理），请求没有发出",
    },
    remedy: TRANSPORT_REMEDY.connect,
  },
  WECHAT_TIMEOUT: {
    meaning: {
      en: "no answer within `timeout` or `deadline`; `error.delivery` says whether the message may have arrived",
      zh: "在 `timeout` 或 `deadline` 内没有应答；消息是否可能已送达见 `error.delivery`",
    },
    remedy: TRANSPORT_REMEDY.maybeArrived,
  },
  WECHAT_RESET: {
    meaning: {
      en: "the connection broke before the answer was complete; `error.delivery` says whether the message may have arrived",
      zh: "连接在应答完成前中断；消息是否可能已送达见 `error.delivery`",
    },
    remedy: TRANSPORT_REMEDY.maybeArrived,
  },
  WECHAT_ABORTED: {
    meaning: {
      en: "your `signal`, or the end of the flow, stopped the call; `error.delivery` says whether the message may have arrived",
      zh: "被调用方的 `signal` 或流程停止所中止；消息是否可能已送达见 `error.delivery`",
    },
    remedy: {
      en: "Where `delivery` is `not-delivered` the call can be made again. Where it is `unknown`, look at the chat first.",
      zh: "`delivery` 为 `not-delivered` 时可以重新调用；为 `unknown` 时请先查看聊天记录。",
    },
  },
  WECHAT_HTTP_STATUS: {
    meaning: {
      en: "an HTTP status that WeChat's API does not give, such as 502 from a proxy or gateway",
      zh: "HTTP 状态不是微信接口的应答，例如代理或网关返回的 502",
    },
    remedy: TRANSPORT_REMEDY.notWeChat,
  },
  WECHAT_BAD_ANSWER: {
    meaning: {
      en: "an answer that cannot be read: HTML, broken or foreign JSON, or too large",
      zh: "应答无法读取：HTML、不完整或不是微信的 JSON，或过大",
    },
    remedy: TRANSPORT_REMEDY.notWeChat,
  },
  WECHAT_VALIDATION: {
    meaning: { en: "the input is wrong; nothing was sent", zh: "输入有误，没有发送任何内容" },
    remedy: {
      en: "`error.problems` names each field and what to do about it.",
      zh: "`error.problems` 列出每个字段的问题和处理办法。",
    },
  },
  WECHAT_TOKEN_SOURCE: {
    meaning: {
      en: "your own `tokenSource` function failed, or gave no token",
      zh: "自定义的 `tokenSource` 函数失败，或没有给出 token",
    },
    remedy: CLIENT_REMEDY.tokenSource,
  },
  WECHAT_STORE: {
    meaning: { en: "the inbox (SQLite, Redis) could not be used", zh: "收件箱（SQLite 或 Redis）无法使用" },
    remedy: both(INBOX_REMEDY.file, {
      en: "With Redis: check that it runs, that its URL is right, and that it has memory left.",
      zh: "使用 Redis 时：请检查它是否运行、地址是否正确、内存是否充足。",
    }),
  },
  WECHAT_NO_AGENT: {
    meaning: { en: "no human agent is online", zh: "没有在线的人工客服" },
    remedy: CLIENT_REMEDY.noAgent,
  },
  WECHAT_CLOSED: {
    meaning: { en: "the client or the inbox was closed before the call", zh: "调用前客户端或收件箱已关闭" },
    remedy: both(CLIENT_REMEDY.closed, INBOX_REMEDY.closed),
  },
};

/** Only the Node-RED nodes meet them. */
const NODE_RED: Readonly<Record<string, OwnCode>> = {
  WECHAT_LIST: {
    meaning: { en: "not everybody of a list got the message", zh: "列表中的用户没有全部收到消息" },
    remedy: {
      en: "`msg.wechat.results` says for each follower what became of it. Send again only to those with `not-delivered`.",
      zh: "`msg.wechat.results` 列出每位用户的结果；只对 `not-delivered` 的用户重发。",
    },
  },
  WECHAT_QUEUE_FULL: {
    meaning: {
      en: "the node holds 10,000 messages already; this one was not taken",
      zh: "节点中等待的消息已达 10,000 条，这一条未被接收",
    },
    remedy: {
      en: "Slow the flow down with a delay node (rate limit), and look at what holds the sends up.",
      zh: "请用 delay 节点限速，并检查发送为何受阻。",
    },
  },
  WECHAT_FETCH: {
    meaning: {
      en: "a file named by a message could not be fetched; nothing was sent",
      zh: "消息指定的文件无法获取，没有发送",
    },
    remedy: {
      en: "Check the URL, or the path below the node's media folder; the error names the cause.",
      zh: "请检查网址，或素材文件夹内的路径；具体原因见错误信息。",
    },
  },
  WECHAT_UNEXPECTED: {
    meaning: { en: "a defect of the nodes", zh: "节点自身的缺陷" },
    remedy: {
      en: "Report it to this project with the message of the error and the version.",
      zh: "请附上错误信息和版本向本项目反馈。",
    },
  },
};

/** Only the MCP server's tools answer with them. */
const MCP: Readonly<Record<string, OwnCode>> = {
  WECHAT_MCP_RECIPIENT_DENIED: {
    meaning: { en: "the operator's rule does not allow this follower", zh: "运维者的规则不允许发送给该用户" },
    remedy: {
      en: "Set `WECHAT_MCP_RECIPIENTS` (for template messages `WECHAT_MCP_TEMPLATE_RECIPIENTS`); with `reply-only` wait until the follower writes.",
      zh: "请设置 `WECHAT_MCP_RECIPIENTS`（模板消息为 `WECHAT_MCP_TEMPLATE_RECIPIENTS`）；为 `reply-only` 时请等待用户来信。",
    },
  },
  WECHAT_MCP_NOT_CONFIRMED: {
    meaning: {
      en: "a person had to agree, and did not, or could not be asked",
      zh: "需要人工确认，但未获同意或无法询问",
    },
    remedy: {
      en: "Let the person behind the host agree, or use a host that can ask (elicitation). `WECHAT_MCP_CONFIRM` decides whether it is needed.",
      zh: "请由主机的使用者确认，或改用支持询问（elicitation）的主机；是否需要确认由 `WECHAT_MCP_CONFIRM` 决定。",
    },
  },
  WECHAT_MCP_RATE: {
    meaning: { en: "the operator's messages a minute are used up", zh: "已达到运维者设定的每分钟条数" },
    remedy: {
      en: "Wait as long as the result says; or raise `WECHAT_MCP_RATE_PER_FOLLOWER` or `WECHAT_MCP_RATE_TOTAL`.",
      zh: "请按结果中的秒数等待；或调高 `WECHAT_MCP_RATE_PER_FOLLOWER`、`WECHAT_MCP_RATE_TOTAL`。",
    },
  },
  WECHAT_MCP_KEY_REUSED: {
    meaning: {
      en: "the idempotency_key was used for another call within 24 hours",
      zh: "idempotency_key 在 24 小时内已用于其他调用",
    },
    remedy: {
      en: "Give each message a key of its own; use a key again only to repeat the very same call.",
      zh: "请为每条消息使用不同的 idempotency_key；只有重复完全相同的调用时才沿用原值。",
    },
  },
  WECHAT_MCP_KEY_UNDER_WAY: {
    meaning: { en: "the same call began before and has not told how it ended", zh: "相同的调用已经开始，但尚无结果" },
    remedy: {
      en: "Call once more with the same key after a minute. If there is still no result, look into the conversation before sending under another key.",
      zh: "请在一分钟后用同一个 key 再调用一次；若仍无结果，请先查看会话，再决定是否换 key 重发。",
    },
  },
  WECHAT_MCP_WINDOW_CLOSED: {
    meaning: {
      en: "WeChat is certain to refuse this, so that it was not attempted",
      zh: "微信必定会拒绝，因此没有尝试发送",
    },
    remedy: {
      en: "Wait until the follower writes, or follows again.",
      zh: "请等待用户来信，或重新关注。",
    },
  },
  WECHAT_MCP_AUDIT: {
    meaning: { en: "the audit log cannot be written, so nothing is sent", zh: "审计日志无法写入，因此不发送" },
    remedy: {
      en: "Look at the file that `WECHAT_MCP_AUDIT_FILE` names: the disk may be full.",
      zh: "请检查 `WECHAT_MCP_AUDIT_FILE` 所指的文件：磁盘可能已满。",
    },
  },
  WECHAT_MCP_NO_CONVERSATION: {
    meaning: { en: "the inbox knows no conversation with this openid", zh: "收件箱中没有与该 openid 的会话" },
    remedy: {
      en: "Copy the openid exactly from `list_wechat_conversations`.",
      zh: "请从 `list_wechat_conversations` 的结果中逐字复制 openid。",
    },
  },
  WECHAT_MCP_INTERNAL: {
    meaning: { en: "a defect of the server", zh: "服务自身的缺陷" },
    remedy: {
      en: "Report it to this project with the version and what was called.",
      zh: "请附上版本和调用方式向本项目反馈。",
    },
  },
};

/** By where they can be met. */
export const OWN_CODES = { core: CORE, nodeRed: NODE_RED, mcp: MCP } as const;
