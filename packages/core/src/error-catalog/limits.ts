import type { ErrorEntries } from "./entry.js";

/** How often an account may call. Sources: WeChat's pages on call limits, quota query and quota reset. */
export const LIMIT_ERRORS: ErrorEntries = {
  45009: {
    name: "daily_quota_reached",
    kind: "quota",
    retry: "wait",
    meaning: { en: "daily limit of API calls reached", zh: "接口调用超过当日限制" },
    remedy: {
      en: "Wait until tomorrow, or clear the quota at mp.weixin.qq.com (10 times a month).",
      zh: "请等到次日，或在 mp.weixin.qq.com 将调用次数清零（每月最多 10 次）。",
    },
  },
  45011: {
    name: "minute_quota_reached",
    kind: "rate",
    retry: "later",
    meaning: { en: "too many calls in this minute", zh: "API 调用太频繁" },
    remedy: { en: "Wait a minute, then send more slowly.", zh: "请等待一分钟，之后降低调用频率。" },
  },
  45104: {
    name: "domain_quota_reached",
    kind: "quota",
    retry: "wait",
    meaning: { en: "the allowance for this domain is used up", zh: "该域名的额度已达上限" },
    remedy: {
      en: "Wait until the allowance is renewed, and call less often.",
      zh: "请等待额度恢复，并减少调用次数。",
    },
  },
  48006: {
    name: "quota_resets_used_up",
    kind: "quota",
    retry: "wait",
    meaning: { en: "the quota was cleared as often as WeChat allows", zh: "清零次数已达上限" },
    remedy: {
      en: "Wait until next month: the quota can be cleared 10 times a month, by API and console together. The daily limits start anew tomorrow.",
      zh: "请等到下个月：每月最多清零 10 次，接口与后台合计。各接口的每日额度会在次日恢复。",
    },
  },
};
