import type { Account } from "../accounts.js";
import { isRefusal, refuse } from "../errors.js";
import type { DailyLimit } from "../limits.js";
import type { Fields } from "../options.js";
import { STABLE_TOKEN } from "../paths.js";
import type { ApiRequest } from "../request.js";
import type { World } from "../world.js";
import { type ApiAnswer, type Context, json, OK } from "./endpoint.js";
import { accountOfSecret } from "./tokens.js";

const RID = /^[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}$/i;
const MINUTE_SECONDS = 60;

/**
 * POST /cgi-bin/openapi/quota/get
 * @param limitOf the limit of an endpoint's calls a day; undefined when there is no such endpoint or it is not counted
 */
export function getQuota(limitOf: (path: string) => DailyLimit | undefined) {
  return ({ cgi_path }: Fields, { account, now }: Context): ApiAnswer => {
    // Official page: with the host before it, or without the slash, 76003; /xxx/sns/xxx 76022.
    if (typeof cgi_path !== "string" || !cgi_path.startsWith("/")) return refuse(76003);
    if (cgi_path.includes("/sns/")) return refuse(76022);
    const limit = limitOf(cgi_path);
    if (limit === undefined) return refuse(76021);
    // JSON has no Infinity, which a test may set.
    const daily_limit = Math.min(account.limits[limit], Number.MAX_SAFE_INTEGER);
    const used = account.usage.of(cgi_path).count(now);
    const quota = { daily_limit, used, remain: Math.max(0, daily_limit - used) };
    const rate =
      cgi_path === STABLE_TOKEN
        ? { rate_limit: { call_count: account.limits.stableTokensPerMinute, refresh_second: MINUTE_SECONDS } }
        : {};
    return json({ errcode: 0, errmsg: "ok", quota, ...rate });
  };
}

/** POST /cgi-bin/openapi/rid/get: as WeChat's, the answer holds the access token and the body of that call. */
export function getRid({ rid }: Fields, { account, now, world }: Context): ApiAnswer {
  if (typeof rid !== "string" || !RID.test(rid)) return refuse(76002);
  const found = world.rids.find(rid, now);
  if (found === undefined) return refuse(76001);
  if (found.appId !== account.appId) return refuse(76003);
  return json({
    errcode: 0,
    errmsg: "ok",
    request: {
      invoke_time: Math.floor(found.time / 1000),
      cost_in_ms: found.costInMs,
      request_url: found.url,
      request_body: found.body,
      response_body: found.response,
      client_ip: found.address,
    },
  });
}

/** POST /cgi-bin/clear_quota */
export function clearQuota({ appid }: Fields, { account, now }: Context): ApiAnswer {
  if (appid === undefined || appid === "") return refuse(41002);
  return appid === account.appId ? clear(account, now) : refuse(40013);
}

/** POST /cgi-bin/clear_quota/v2: AppID and AppSecret in the body or, as one example has it, in the query. */
export function clearQuotaBySecret(request: ApiRequest, world: World): ApiAnswer {
  const { body, query } = request;
  const given = "json" in body ? body.json : Object.fromEntries(query);
  if ("refused" in body && body.refused !== 44002) return refuse(body.refused);
  const account = accountOfSecret(given.appid, given.appsecret, request, world);
  return isRefusal(account) ? account : clear(account, world.clock.now());
}

function clear(account: Account, now: number): ApiAnswer {
  if (!account.usage.quotaClears.take(account.limits.quotaClearsPerMonth, now)) return refuse(48006);
  account.usage.clear();
  return OK;
}
