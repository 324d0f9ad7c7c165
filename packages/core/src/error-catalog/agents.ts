import { type Bilingual, type ErrorEntries, MAY_HAVE_ARRIVED } from "./entry.js";

const ACCOUNT_FORM: Bilingual = {
  en: "Write the account as name@account-wechat-id: the name has at most 10 letters, digits or underscores, the rest is the WeChat ID of the Official Account.",
  zh: "请将客服账号写成“名称@公众号微信号”：名称最多 10 个字符，只能使用字母、数字和下划线。",
};
const ALREADY_THERE: Bilingual = {
  en: "Nothing to do if it is the agent you want; update it to change the nickname, or choose another name for a further agent.",
  zh: "若就是所需的客服账号，则无需处理；修改昵称请用更新接口，新增客服请换一个名称。",
};
const DELETE_AGENT: Bilingual = {
  en: "Delete an agent that is no longer needed; an account can have 100.",
  zh: "请删除不再需要的客服账号；每个公众号最多 100 个。",
};
const CHECK_WECHAT_ID: Bilingual = {
  en: "Ask the person for the WeChat ID that their WeChat profile shows, and write it exactly so.",
  zh: "请向对方确认其微信个人资料中显示的微信号，并准确填写。",
};
const SERVED_BY_ANOTHER: Bilingual = {
  en: "Wait until that agent closes the session, or let that agent answer.",
  zh: "请等待该客服结束会话，或由该客服继续接待。",
};
const AGENT_OFFLINE: Bilingual = {
  en: "Let the agent log in to customer service and go online, or choose an agent from the list of those online.",
  zh: "请让该客服登录并上线，或从在线客服列表中选择其他客服。",
};

/** Human agents: their accounts, their sessions with followers, the records of both. */
export const AGENT_ERRORS: ErrorEntries = {
  40132: {
    name: "wechat_id_invalid",
    kind: "content",
    retry: "never",
    meaning: { en: "invalid WeChat ID", zh: "微信号不合法" },
    remedy: CHECK_WECHAT_ID,
  },
  61450: {
    name: "agent_system_busy",
    kind: "busy",
    retry: "later",
    meaning: { en: "WeChat's customer service is busy", zh: "客服系统错误" },
    remedy: MAY_HAVE_ARRIVED,
  },
  61451: {
    name: "agent_parameter_invalid",
    kind: "content",
    retry: "never",
    meaning: { en: "invalid parameter for customer service", zh: "客服接口参数错误" },
    remedy: {
      en: "Check account, nickname and openid in the call: none may be empty or of another form than WeChat's page shows.",
      zh: "请检查客服账号、昵称和 openid：不能为空，且须符合微信官方文档要求的格式。",
    },
  },
  61452: {
    name: "agent_account_invalid",
    kind: "content",
    retry: "never",
    meaning: { en: "invalid customer-service account", zh: "无效的客服账号" },
    remedy: ACCOUNT_FORM,
  },
  61453: {
    name: "agent_account_exists",
    kind: "other",
    retry: "benign",
    meaning: { en: "the customer-service account exists already", zh: "客服账号已存在" },
    remedy: ALREADY_THERE,
  },
  61454: {
    name: "agent_account_name_too_long",
    kind: "content",
    retry: "never",
    meaning: {
      en: "name of the customer-service account longer than 10 characters",
      zh: "客服账号名超过 10 个字符",
    },
    remedy: ACCOUNT_FORM,
  },
  61455: {
    name: "agent_account_character_invalid",
    kind: "content",
    retry: "never",
    meaning: { en: "a character that a customer-service account may not have", zh: "客服账号名包含非法字符" },
    remedy: ACCOUNT_FORM,
  },
  61456: {
    name: "agent_count_reached",
    kind: "quota",
    retry: "never",
    meaning: { en: "too many customer-service accounts", zh: "客服账号个数超过限制" },
    remedy: DELETE_AGENT,
  },
  61457: {
    name: "agent_head_image_type_invalid",
    kind: "content",
    retry: "never",
    meaning: { en: "invalid file type of the head image", zh: "无效的头像文件类型" },
    remedy: { en: "Upload the head image as a JPG file.", zh: "请上传 JPG 格式的头像。" },
  },
  61458: {
    name: "follower_served_by_another",
    kind: "other",
    retry: "wait",
    meaning: { en: "another agent serves this follower", zh: "该用户已被其他客服接入" },
    remedy: SERVED_BY_ANOTHER,
  },
  61459: {
    name: "agent_offline",
    kind: "other",
    retry: "wait",
    meaning: { en: "the agent is offline", zh: "客服不在线" },
    remedy: AGENT_OFFLINE,
  },
  65400: {
    name: "customer_service_not_enabled",
    kind: "permission",
    retry: "wait",
    meaning: { en: "customer service is not switched on for this account", zh: "未开通新版客服" },
    remedy: {
      en: "Switch 客服功能 on at mp.weixin.qq.com.",
      zh: "请在 mp.weixin.qq.com 开通「客服功能」。",
    },
  },
  65401: {
    name: "agent_unknown",
    kind: "content",
    retry: "never",
    meaning: { en: "unknown customer-service account", zh: "无效的客服账号" },
    remedy: {
      en: "Check the agent's account (account; of a message customerServiceAccount): it is written name@account-wechat-id and must exist.",
      zh: "请检查客服账号（account；发送消息时为 customerServiceAccount）：格式为“名称@公众号微信号”，且该客服账号必须存在。",
    },
  },
  65402: {
    name: "agent_not_bound",
    kind: "other",
    retry: "wait",
    meaning: { en: "the agent has no WeChat user bound to it", zh: "客服账号尚未绑定微信用户" },
    remedy: {
      en: "Invite a WeChat user to the agent's account and let them accept in WeChat, then try again.",
      zh: "请邀请一位微信用户绑定该客服账号，待对方在微信中接受后重试。",
    },
  },
  65403: {
    name: "agent_nickname_invalid",
    kind: "content",
    retry: "never",
    meaning: { en: "invalid nickname", zh: "客服昵称不合法" },
    remedy: {
      en: "Choose another nickname of 1 to 16 characters.",
      zh: "请换一个昵称，长度为 1 到 16 个字。",
    },
  },
  65404: {
    name: "agent_account_malformed",
    kind: "content",
    retry: "never",
    meaning: { en: "malformed customer-service account", zh: "客服账号不合法" },
    remedy: ACCOUNT_FORM,
  },
  65405: {
    name: "agent_limit_reached",
    kind: "quota",
    retry: "never",
    meaning: { en: "the account has as many agents as it may", zh: "客服账号数量已达上限" },
    remedy: DELETE_AGENT,
  },
  65406: {
    name: "agent_already_added",
    kind: "other",
    retry: "benign",
    meaning: { en: "the customer-service account exists already", zh: "客服账号已存在" },
    remedy: ALREADY_THERE,
  },
  65407: {
    name: "worker_already_agent",
    kind: "other",
    retry: "benign",
    meaning: { en: "this WeChat user is an agent of the account already", zh: "邀请对象已是本公众号的客服" },
    remedy: {
      en: "Nothing to do: this WeChat user can serve followers already.",
      zh: "无需处理：该微信号已经可以作为客服接待用户。",
    },
  },
  65408: {
    name: "worker_already_invited",
    kind: "other",
    retry: "benign",
    meaning: { en: "this WeChat user was invited already", zh: "已向该微信号发送过邀请" },
    remedy: {
      en: "Do not invite again; ask the person to accept the invitation in WeChat.",
      zh: "无需再次邀请，请提醒对方在微信中接受邀请。",
    },
  },
  65409: {
    name: "worker_wechat_id_invalid",
    kind: "content",
    retry: "never",
    meaning: { en: "the invited WeChat ID does not exist", zh: "无效的微信号" },
    remedy: CHECK_WECHAT_ID,
  },
  65410: {
    name: "worker_bound_too_often",
    kind: "other",
    retry: "never",
    meaning: {
      en: "this WeChat user is an agent of too many accounts",
      zh: "邀请对象绑定的客服账号数量已达上限",
    },
    remedy: {
      en: "Invite another WeChat user, or have this one released from another customer-service account first.",
      zh: "请邀请其他微信用户，或先解除该用户与其他客服账号的绑定。",
    },
  },
  65411: {
    name: "agent_invitation_pending",
    kind: "other",
    retry: "benign",
    meaning: { en: "an invitation for this agent is open already", zh: "该客服账号已有一个等待确认的邀请" },
    remedy: {
      en: "Wait until the invited person accepts or the invitation ends; the list of agents shows its state.",
      zh: "请等待对方接受或邀请过期；邀请状态可在客服列表中查看。",
    },
  },
  65412: {
    name: "agent_already_bound",
    kind: "other",
    retry: "benign",
    meaning: { en: "the agent has a WeChat user already", zh: "该客服账号已绑定微信号" },
    remedy: {
      en: "Nothing to do if it is the right person; otherwise delete the agent, add it again and invite another one.",
      zh: "若绑定的就是所需人员，则无需处理；否则请删除该客服账号，重新添加后邀请其他人。",
    },
  },
  65413: {
    name: "no_session",
    kind: "other",
    retry: "never",
    meaning: { en: "the follower has no session with an agent", zh: "该用户没有有效的客服会话" },
    remedy: {
      en: "Create a session between agent and follower first.",
      zh: "请先为该用户创建客服会话。",
    },
  },
  65414: {
    name: "session_held_by_another",
    kind: "other",
    retry: "wait",
    meaning: { en: "another agent is serving the follower", zh: "其他客服正在接待该用户" },
    remedy: SERVED_BY_ANOTHER,
  },
  65415: {
    name: "agent_not_online",
    kind: "other",
    retry: "wait",
    meaning: { en: "the agent is not online", zh: "该客服不在线" },
    remedy: AGENT_OFFLINE,
  },
  65416: {
    name: "records_parameter_invalid",
    kind: "content",
    retry: "never",
    meaning: { en: "invalid parameter for chat records or sessions", zh: "参数不合法" },
    remedy: {
      en: "Check the call; for chat records: times in seconds since 1970, msgid from 1, number up to 10000.",
      zh: "请检查参数；查询聊天记录时：时间为秒级 Unix 时间戳，msgid 从 1 开始，number 不超过 10000。",
    },
  },
  65417: {
    name: "records_period_too_long",
    kind: "content",
    retry: "never",
    meaning: { en: "the period asked for is longer than 24 hours", zh: "查询的时间跨度过长（超过 24 小时）" },
    remedy: {
      en: "Ask for 24 hours at most in one call, and for a longer period in several.",
      zh: "每次查询的时间跨度不能超过 24 小时；更长的时间请分多次查询。",
    },
  },
};
