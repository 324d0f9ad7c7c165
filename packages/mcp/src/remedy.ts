import type { WeChatError } from "@wechat-offiaccount/core";

/** What to do about a problem, in English and in Chinese, as core's errors say it. */
export type Remedy = WeChatError["remedy"];
