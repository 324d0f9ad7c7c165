import type { Account } from "../accounts.js";
import { isRefusal, type Refusal, refuse } from "../errors.js";
import type { Follower } from "../followers.js";
import { type Fields, isObject } from "../options.js";
import { type ApiAnswer, type Context, json, OK } from "./endpoint.js";

const MOST_USERS = 100;

/** GET /cgi-bin/user/info?openid= */
export function userInfo({ account, request }: Context): ApiAnswer {
  const user = known(request.query.get("openid"), account);
  return isRefusal(user) ? user : json(described(user));
}

/** POST /cgi-bin/user/info/batchget */
export function userInfoBatch({ user_list }: Fields, { account }: Context): ApiAnswer {
  if (!Array.isArray(user_list) || user_list.length === 0) return refuse(40031);
  if (user_list.length > MOST_USERS) return refuse(40032);
  const users: object[] = [];
  for (const entry of user_list as unknown[]) {
    const user = known(isObject(entry) ? entry.openid : undefined, account);
    if (isRefusal(user)) return user;
    users.push(described(user));
  }
  return json({ user_info_list: users });
}

/**
 * POST /cgi-bin/user/info/updateremark, official page 设置用户备注名. The page wants less than 30 characters, and no source
 * says what WeChat answers to more: here any text is taken, and what is none is refused as invalid args.
 */
export function updateRemark({ openid, remark }: Fields, { account }: Context): ApiAnswer {
  const user = known(openid, account);
  if (isRefusal(user)) return user;
  if (typeof remark !== "string") return refuse(40097);
  user.profile = { ...user.profile, remark };
  return OK;
}

/**
 * GET /cgi-bin/user/get?next_openid= : the followers after that one. On each page next_openid is its last openid, as in
 * the official example of 23 000 followers; after the last follower the page is empty and without `data`.
 */
export function listUsers({ account, request }: Context): ApiAnswer {
  const all = [...account.followers.values()];
  const after = request.query.get("next_openid") ?? "";
  const at = after === "" ? -1 : all.findIndex(({ openid }) => openid === after);
  if (after !== "" && at < 0) return refuse(40003);
  const page: string[] = [];
  for (const { openid, subscribed } of all.slice(at + 1)) {
    if (page.length >= account.limits.followersPerPage) break;
    if (subscribed) page.push(openid);
  }
  const total = all.filter(({ subscribed }) => subscribed).length;
  const last = page.at(-1);
  if (last === undefined) return json({ total, count: 0, next_openid: "" });
  return json({ total, count: page.length, data: { openid: page }, next_openid: last });
}

/** GET /cgi-bin/tags/get, official page 获取标签: the account's tags, each with the number of followers who have it. */
export function listTags({ account }: Context): ApiAnswer {
  const following = [...account.followers.values()].filter(({ subscribed }) => subscribed);
  const count = (tag: number) => following.filter(({ profile }) => profile.tags.includes(tag)).length;
  return json({ tags: (account.options.tags ?? []).map(({ id, name }) => ({ id, name, count: count(id) })) });
}

/** Someone who follows the account, or once did. */
function known(openid: unknown, account: Account): Follower | Refusal {
  const found = typeof openid === "string" ? account.followers.get(openid) : undefined;
  return found ?? refuse(40003);
}

/** Of one who does not follow, WeChat says nothing but that. */
function described({ openid, subscribed, subscribedAt, subscribeScene, profile }: Follower): object {
  const { remark, tags, unionid, language } = profile;
  const union = unionid === undefined ? {} : { unionid };
  if (!subscribed) return { subscribe: 0, openid, ...union, tagid_list: [] };
  return {
    subscribe: 1,
    openid,
    // WeChat does not tell names, places and pictures any more.
    nickname: "",
    sex: 0,
    language,
    city: "",
    province: "",
    country: "",
    headimgurl: "",
    subscribe_time: Math.floor(subscribedAt / 1000),
    ...union,
    remark,
    // The groups of old are the first tag.
    groupid: tags[0] ?? 0,
    tagid_list: tags,
    subscribe_scene: subscribeScene,
    qr_scene: 0,
    qr_scene_str: "",
  };
}
