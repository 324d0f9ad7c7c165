import type { Account } from "../accounts.js";
import { isRefusal, type Refusal, refuse } from "../errors.js";
import { CLASSIC_TOKEN, STABLE_TOKEN } from "../paths.js";
import type { ApiRequest } from "../request.js";
import type { IssuedToken } from "../tokens.js";
import type { World } from "../world.js";
import type { ApiAnswer } from "./endpoint.js";

/** GET /cgi-bin/token */
export function classicToken(request: ApiRequest, world: World): ApiAnswer {
  const { query } = request;
  const account = authenticate(query.get("grant_type"), query.get("appid"), query.get("secret"), request, world);
  if (isRefusal(account)) return account;
  const now = world.clock.now();
  if (!account.usage.of(CLASSIC_TOKEN).take(account.limits.classicTokensPerDay, now)) return refuse(45009);
  return tokenAnswer(world.tokens.classic(account, now));
}

/** POST /cgi-bin/stable_token */
export function stableToken(request: ApiRequest, world: World): ApiAnswer {
  if (!("json" in request.body)) return refuse("refused" in request.body ? request.body.refused : 47001);
  const { grant_type, appid, secret, force_refresh } = request.body.json;
  const account = authenticate(grant_type, appid, secret, request, world);
  if (isRefusal(account)) return account;
  if (force_refresh !== undefined && typeof force_refresh !== "boolean") return refuse(47001);
  const now = world.clock.now();
  const { usage, limits } = account;
  if (!usage.stableTokensOfMinute.take(limits.stableTokensPerMinute, now)) return refuse(45011);
  if (!usage.of(STABLE_TOKEN).take(limits.stableTokensPerDay, now)) return refuse(45009);
  return tokenAnswer(world.tokens.stable(account, force_refresh === true, now));
}

function tokenAnswer({ value, expiresIn }: IssuedToken): ApiAnswer {
  return { json: `{"access_token":"${value}","expires_in":${expiresIn}}` };
}

function authenticate(
  grantType: unknown,
  appId: unknown,
  secret: unknown,
  request: ApiRequest,
  world: World,
): Account | Refusal {
  return grantType === "client_credential" ? accountOfSecret(appId, secret, request, world) : refuse(40002);
}

/** What every call with an AppSecret checks, in this order (no source gives WeChat's). */
export function accountOfSecret(appId: unknown, secret: unknown, request: ApiRequest, world: World): Account | Refusal {
  if (typeof appId !== "string" || appId === "") return refuse(41002);
  const account = world.accounts.get(appId);
  if (account === undefined) return refuse(40013);
  if (typeof secret !== "string" || secret === "") return refuse(41004);
  const { options } = account;
  if (options.frozen === true) return refuse(50007);
  if (options.tokenForbidden === true) return refuse(50004);
  if (secret !== options.secret) {
    // 40001 "AppSecret wrong or not of this account": here for another account's secret, 40125 for no secret at all.
    const foreign = [...world.accounts.values()].some((other) => other.options.secret === secret);
    return foreign ? refuse(40001, "invalid credential") : refuse(40125);
  }
  if (options.secretFrozen === true) return refuse(40243);
  const { address } = request;
  if (!account.mayCallFrom(address)) {
    const mapped = address.includes(":") ? address : `::ffff:${address}`;
    return refuse(40164, `invalid ip ${address} ipv6 ${mapped}, not in whitelist`);
  }
  return options.ipNeedsConfirmation === true ? refuse(89503) : account;
}
