import type { Bilingual, ErrorEntries } from "./entry.js";

const MUST_FOLLOW: Bilingual = {
  en: "The user must follow the account before you can write.",
  zh: "请引导用户关注公众号，关注后才能发送。",
};
const CHECK_TAG: Bilingual = {
  en: "Fetch the account's list of tags and use an id from it.",
  zh: "请先获取公众号的标签列表，并使用其中的标签 id。",
};

/** Followers: openids, who follows, who refuses messages, tags. */
export const RECIPIENT_ERRORS: ErrorEntries = {
  40003: {
    name: "openid_invalid",
    kind: "recipient",
    retry: "never",
    meaning: { en: "invalid openid", zh: "不合法的 OpenID" },
    remedy: {
      en: "Use the openid as this Official Account received it: an openid belongs to one account, and the user must have followed it.",
      zh: "请使用本公众号收到的 openid：同一用户在不同公众号的 openid 各不相同，且用户必须关注过本公众号。",
    },
  },
  40031: {
    name: "openid_list_invalid",
    kind: "recipient",
    retry: "never",
    meaning: { en: "invalid list of openids", zh: "不合法的 openid 列表" },
    remedy: {
      en: "Take out of the list what is empty or is not an openid of this Official Account.",
      zh: "请从列表中去掉空值，以及不属于本公众号的 openid。",
    },
  },
  40032: {
    name: "openid_list_size_invalid",
    kind: "content",
    retry: "never",
    meaning: { en: "wrong number of openids in the list", zh: "openid 列表长度不合法" },
    remedy: {
      en: "Send at least one openid and no more than the interface takes (user info: 100 a call); split a longer list over several calls.",
      zh: "列表不能为空，也不能超过接口上限（批量获取用户信息每次最多 100 个）；列表过长时请分多次调用。",
    },
  },
  41009: {
    name: "openid_missing",
    kind: "content",
    retry: "never",
    meaning: { en: "openid missing", zh: "缺少 openid" },
    remedy: { en: "Fill in the follower's openid.", zh: "请填写用户的 openid。" },
  },
  43004: {
    name: "receiver_not_following",
    kind: "recipient",
    retry: "never",
    meaning: { en: "the receiver must follow the account", zh: "需要接收者关注" },
    remedy: {
      en: "This person does not follow the account (any more); they must follow it before you can write.",
      zh: "该用户未关注（或已取消关注）公众号，需关注后才能发送。",
    },
  },
  43005: {
    name: "friend_relation_required",
    kind: "recipient",
    retry: "never",
    meaning: { en: "a friend relation is required", zh: "需要好友关系" },
    remedy: {
      en: "Write to a user who follows this account instead.",
      zh: "请改为向已关注本公众号的用户发送。",
    },
  },
  43019: {
    name: "receiver_in_blacklist",
    kind: "recipient",
    retry: "wait",
    meaning: { en: "the receiver is in the account's blacklist", zh: "接收者在黑名单中" },
    remedy: {
      en: "Take the follower off the blacklist at mp.weixin.qq.com.",
      zh: "请在 mp.weixin.qq.com 将该用户移出黑名单。",
    },
  },
  45157: {
    name: "tag_name_invalid",
    kind: "content",
    retry: "never",
    meaning: { en: "invalid tag name", zh: "标签名不合法" },
    remedy: {
      en: "Choose a tag name that is not empty and that no other tag has.",
      zh: "标签名不能为空，也不能与其他标签重名，请更换。",
    },
  },
  45158: {
    name: "tag_name_too_long",
    kind: "content",
    retry: "never",
    meaning: { en: "tag name too long", zh: "标签名过长" },
    remedy: { en: "Shorten the tag name.", zh: "请缩短标签名。" },
  },
  45159: {
    name: "tag_id_invalid",
    kind: "content",
    retry: "never",
    meaning: { en: "invalid tag id", zh: "不合法的标签 id" },
    remedy: CHECK_TAG,
  },
  46004: {
    name: "user_not_found",
    kind: "recipient",
    retry: "never",
    meaning: { en: "the user does not exist", zh: "不存在的用户" },
    remedy: {
      en: "Check the openid, character by character: case matters, and it must come from this account.",
      zh: "请逐字核对 openid：区分大小写，且必须来自本公众号。",
    },
  },
  48002: {
    name: "receiver_refuses_messages",
    kind: "recipient",
    retry: "never",
    meaning: { en: "the follower refuses messages", zh: "粉丝拒收消息" },
    remedy: {
      en: "The follower has switched messages off; only they can switch them on again.",
      zh: "用户已关闭接收该公众号的消息，只能由用户本人重新开启。",
    },
  },
  50005: {
    name: "user_not_following",
    kind: "recipient",
    retry: "never",
    meaning: { en: "the user does not follow the account", zh: "用户未关注公众号" },
    remedy: MUST_FOLLOW,
  },
  70000: {
    name: "minor_protected",
    kind: "recipient",
    retry: "never",
    meaning: { en: "blocked to protect a minor", zh: "为保护未成年人权益，该条消息发送失败" },
    remedy: {
      en: "WeChat does not deliver this message to this follower; do not try again.",
      zh: "微信不会向该用户投递此消息，请勿重试。",
    },
  },
};
