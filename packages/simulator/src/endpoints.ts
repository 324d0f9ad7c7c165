import type { Account } from "./accounts.js";
import { type Refusal, refuse } from "./errors.js";
import type { Follower } from "./followers.js";
import type { Call } from "./ledger.js";
import { checkContent } from "./message-types.js";
import { type Fields, isObject } from "./options.js";
import type { ApiRequest } from "./request.js";
import type { IssuedToken } from "./tokens.js";
import type { World } from "./world.js";

/** The JSON of a success, or a refusal. */
export type ApiAnswer = { readonly json: string } | Refusal;

export interface Endpoint {
  readonly method: "GET" | "POST";
  answer(request: ApiRequest, world: World, call: Call): ApiAnswer;
}

const OK: ApiAnswer = { json: '{"errcode":0,"errmsg":"ok"}' };

/** Every endpoint this WeChat has, by path. */
export const ENDPOINTS: ReadonlyMap<string, Endpoint> = new Map<string, Endpoint>([
  ["/cgi-bin/token", { method: "GET", answer: classicToken }],
  ["/cgi-bin/stable_token", { method: "POST", answer: stableToken }],
  ["/cgi-bin/message/custom/send", { method: "POST", answer: customSend }],
  ["/cgi-bin/message/custom/typing", { method: "POST", answer: customTyping }],
]);

function classicToken(request: ApiRequest, world: World): ApiAnswer {
  const { query } = request;
  const account = authenticate(query.get("grant_type"), query.get("appid"), query.get("secret"), request, world);
  if (isRefusal(account)) return account;
  const now = world.clock.now();
  if (!account.usage.classicTokens.take(account.limits.classicTokensPerDay, now)) return refuse(45009);
  return tokenAnswer(world.tokens.classic(account, now));
}

function stableToken(request: ApiRequest, world: World): ApiAnswer {
  if (!("json" in request.body)) return refuse(request.body.refused);
  const { grant_type, appid, secret, force_refresh } = request.body.json;
  const account = authenticate(grant_type, appid, secret, request, world);
  if (isRefusal(account)) return account;
  if (force_refresh !== undefined && typeof force_refresh !== "boolean") return refuse(47001);
  const now = world.clock.now();
  const { usage, limits } = account;
  if (!usage.stableTokensOfMinute.take(limits.stableTokensPerMinute, now)) return refuse(45011);
  if (!usage.stableTokensOfDay.take(limits.stableTokensPerDay, now)) return refuse(45009);
  return tokenAnswer(world.tokens.stable(account, force_refresh === true, now));
}

function tokenAnswer({ value, expiresIn }: IssuedToken): ApiAnswer {
  return { json: `{"access_token":"${value}","expires_in":${expiresIn}}` };
}

/** What both token endpoints check, in this order (no source gives WeChat's). */
function authenticate(
  grantType: unknown,
  appId: unknown,
  secret: unknown,
  request: ApiRequest,
  world: World,
): Account | Refusal {
  if (grantType !== "client_credential") return refuse(40002);
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
    return foreign ? refuse(40001) : refuse(40125);
  }
  if (options.secretFrozen === true) return refuse(40243);
  const { address } = request;
  if (!account.mayCallFrom(address)) {
    const mapped = address.includes(":") ? address : `::ffff:${address}`;
    return refuse(40164, `invalid ip ${address} ipv6 ${mapped}, not in whitelist`);
  }
  return options.ipNeedsConfirmation === true ? refuse(89503) : account;
}

function customSend(request: ApiRequest, world: World, call: Call): ApiAnswer {
  const now = world.clock.now();
  const account = permitted(request, world, now);
  if (isRefusal(account)) return account;
  if (!account.usage.customSends.take(account.limits.customSendsPerDay, now)) return refuse(45009);
  if (!("json" in request.body)) return refuse(request.body.refused);
  const body = request.body.json;
  const follower = recipient(body.touser, account);
  if (isRefusal(follower)) return follower;
  const msgtype = checkContent(body, account, now);
  if (isRefusal(msgtype)) return msgtype;
  const extras = checkExtras(body, account);
  if (isRefusal(extras)) return extras;
  const closed = follower.window.refusal(now);
  if (closed !== undefined) return refuse(closed);

  follower.window.spend(now);
  follower.typingUntil = 0;
  const content = body[msgtype];
  world.ledger.addMessage({
    callId: call.id,
    time: now,
    appId: account.appId,
    openid: follower.openid,
    msgtype,
    ...(msgtype === "text" && isObject(content) ? { text: String(content.content) } : {}),
    body: isObject(call.body) ? call.body : body,
    ...extras,
  });
  return OK;
}

function customTyping(request: ApiRequest, world: World): ApiAnswer {
  const now = world.clock.now();
  const account = permitted(request, world, now);
  if (isRefusal(account)) return account;
  if (account.options.test === true) return refuse(40200);
  if (!("json" in request.body)) return refuse(request.body.refused);
  const { touser, command, businessid } = request.body.json;
  const follower = recipient(touser, account);
  if (isRefusal(follower)) return follower;
  if (command !== "Typing" && command !== "CancelTyping") return refuse(45072);
  if (businessid !== undefined && typeof businessid !== "string") return refuse(47001);
  if (command === "CancelTyping") {
    follower.typingUntil = 0;
    return OK;
  }
  const closed = follower.window.refusal(now);
  if (closed !== undefined) return refuse(closed);
  // Official page api_typing: an interaction within 30 s; the state lasts 15 s and cannot be set again within them.
  if (follower.lastInteraction === undefined || now - follower.lastInteraction > 30_000) return refuse(45080);
  if (now < follower.typingUntil) return refuse(45081);
  follower.typingUntil = now + 15_000;
  return OK;
}

/** The account of the access token, if it may use customer-service messages. */
function permitted(request: ApiRequest, world: World, now: number): Account | Refusal {
  const account = world.tokens.judge(request.query.get("access_token") ?? undefined, now);
  if (typeof account === "number") return refuse(account);
  return account.options.verified === false ? refuse(48001) : account;
}

function recipient(touser: unknown, account: Account): Follower | Refusal {
  const follower = typeof touser === "string" ? account.followers.get(touser) : undefined;
  if (follower === undefined) return refuse(40003);
  if (!follower.subscribed) return refuse(43004);
  if (follower.blacklisted) return refuse(43019);
  return follower.refuses ? refuse(48002) : follower;
}

/** The fields beside the content: who it is shown as, and the label of AI-made content. */
function checkExtras(body: Fields, account: Account): { kfAccount?: string; ai: boolean } | Refusal {
  const { customservice, aimsgcontext, businessid } = body;
  if (businessid !== undefined && typeof businessid !== "string") return refuse(47001);
  let ai = false;
  if (aimsgcontext !== undefined) {
    if (!isObject(aimsgcontext)) return refuse(47001);
    const label = aimsgcontext.is_ai_msg;
    if (label !== 0 && label !== 1) return refuse(47003, "argument invalid! aimsgcontext.is_ai_msg invalid");
    ai = label === 1;
  }
  if (customservice === undefined) return { ai };
  if (!isObject(customservice)) return refuse(47001);
  const kfAccount = customservice.kf_account;
  const known = typeof kfAccount === "string" && account.options.kfAccounts?.includes(kfAccount);
  return known ? { kfAccount, ai } : refuse(65401);
}

function isRefusal(value: object | string): value is Refusal {
  return typeof value === "object" && "errcode" in value;
}
