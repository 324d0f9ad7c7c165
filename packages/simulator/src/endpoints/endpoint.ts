import type { Account } from "../accounts.js";
import { isRefusal, type Refusal, refuse } from "../errors.js";
import type { StoredFile } from "../files.js";
import type { Call } from "../ledger.js";
import type { DailyLimit } from "../limits.js";
import type { FormPart } from "../multipart.js";
import type { Fields } from "../options.js";
import type { ApiRequest } from "../request.js";
import type { World } from "../world.js";

/** The JSON of a success, a file, or a refusal. */
export type ApiAnswer = { readonly json: string } | { readonly file: StoredFile } | Refusal;

/** What an endpoint gives back: most know it at once. */
export type Answered = ApiAnswer | Promise<ApiAnswer>;

export interface Endpoint {
  readonly method: "GET" | "POST";
  /** The endpoint takes GET too, as older documentation has it. */
  readonly alsoGet?: boolean;
  /** The limit of its calls a day; undefined when they are not counted. */
  readonly daily?: DailyLimit;
  /** The body is multipart/form-data and may be large; else JSON. */
  readonly form?: boolean;
  answer(request: ApiRequest, world: World, call: Call): Answered;
}

export const OK: ApiAnswer = { json: '{"errcode":0,"errmsg":"ok"}' };

export function json(value: object): ApiAnswer {
  return { json: JSON.stringify(value) };
}

/** A call with an access token that WeChat has accepted. */
export interface Context {
  readonly account: Account;
  readonly now: number;
  readonly request: ApiRequest;
  readonly world: World;
  readonly call: Call;
}

export interface Rules {
  /** Default `otherCallsPerDay`. */
  readonly daily?: DailyLimit;
  /**
   * Whether an unverified account may call it (else 48001). Default false: the official pages of messages, agents,
   * media, templates and users say 仅认证; only operations are for all.
   */
  readonly unverified?: boolean;
  /** It belongs to the customer service (客服功能), which an account has to switch on (else 65400). */
  readonly agents?: boolean;
}

/** A GET endpoint that takes an access token. */
export function get(handler: (context: Context) => Answered, rules: Rules = {}): Endpoint {
  return authorized({ method: "GET" }, rules, handler);
}

/** A POST endpoint that takes an access token and a JSON object. */
export function post(handler: (body: Fields, context: Context) => Answered, rules: Rules = {}): Endpoint {
  return authorized({ method: "POST" }, rules, (context) => {
    const { body } = context.request;
    return "json" in body ? handler(body.json, context) : refuse("refused" in body ? body.refused : 47001);
  });
}

/** As `post`; its fields may also come in the query of a GET. */
export function postOrGet(handler: (body: Fields, context: Context) => Answered, rules: Rules = {}): Endpoint {
  const posted = post(handler, rules);
  const got = get((context) => handler(Object.fromEntries(context.request.query), context), rules);
  return {
    ...posted,
    alsoGet: true,
    answer: (request, world, call) => (request.method === "GET" ? got : posted).answer(request, world, call),
  };
}

/** A POST endpoint that takes an access token and a form with a file. */
export function upload(
  handler: (form: readonly FormPart[], context: Context) => Answered,
  rules: Rules = {},
): Endpoint {
  return authorized({ method: "POST", form: true }, rules, (context) => {
    const { body } = context.request;
    // 41005 "media data missing" is what a body that WeChat cannot read as a form gets.
    return handler("form" in body ? body.form : [], context);
  });
}

function authorized(
  shape: Pick<Endpoint, "method" | "form">,
  rules: Rules,
  handler: (context: Context) => Answered,
): Endpoint {
  const daily = rules.daily ?? "otherCallsPerDay";
  return {
    ...shape,
    daily,
    answer: (request, world, call) => {
      const now = world.clock.now();
      const account = permitted(request, world, now, daily, rules);
      return isRefusal(account) ? account : handler({ account, now, request, world, call });
    },
  };
}

/** The account of the access token, if it may call the endpoint now. No source gives the order of these checks. */
function permitted(
  request: ApiRequest,
  world: World,
  now: number,
  daily: DailyLimit,
  { unverified, agents }: Rules,
): Account | Refusal {
  const account = world.tokens.judge(request.query.get("access_token") ?? undefined, now);
  if (typeof account === "number") return refuse(account);
  if (account.options.verified === false && unverified !== true) return refuse(48001);
  if (!account.usage.of(request.path).take(account.limits[daily], now)) return refuse(45009);
  return agents === true && account.options.customerService === false ? refuse(65400) : account;
}
