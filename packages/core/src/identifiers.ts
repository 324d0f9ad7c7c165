import * as z from "zod";
import type { FieldRemedies } from "./validation.js";

/** An account's AppID. */
export const appId = z.string("must be a string").regex(/^wx[0-9a-zA-Z]{16}$/, "is not an AppID");

const OPENID = /^[\w-]{1,128}$/;

/** A follower, as one account knows them. */
export const openid = z.string("must be a string").regex(OPENID, "is not an openid");

/** Whether a text can be an openid: 1 to 128 letters, digits, `-` and `_`. Whether it is a follower only WeChat knows. */
export const isOpenid = (text: string): boolean => typeof text === "string" && OPENID.test(text);

export const IDENTIFIER_REMEDIES = {
  appId: {
    en: "Copy the AppID from the WeChat developer platform: wx and 16 letters or digits, also at a local WeChat. The AppSecret does not begin with wx: see that the two are not swapped.",
    zh: "请从微信开发者平台复制 AppID：wx 加 16 位字母或数字，使用本地模拟微信时也是如此。AppSecret 不以 wx 开头，请确认两者没有填反。",
  },
  openid: {
    en: "Give the follower's openid as your callback or WeChat's user list delivers it: letters, digits, - and _, usually 28 characters.",
    zh: "请填写用户的 openid（来自消息推送或用户列表）：由字母、数字、- 和 _ 组成，通常 28 个字符。",
  },
} satisfies FieldRemedies;
