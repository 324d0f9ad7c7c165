import * as z from "zod";
import { CHECK_PATH } from "../error-catalog/diagnosis.js";
import { redact } from "../redact.js";
import { once } from "../validation.js";
import { endpoint } from "./endpoint.js";
import { type CallOptions, Resource } from "./requester.js";
import { done, text } from "./schemas.js";

const SOURCE = "https://developers.weixin.qq.com/doc/service/api/apimanage/";
const rate = once(() =>
  z
    .object({ call_count: z.number(), refresh_second: z.number() })
    .transform(({ call_count, refresh_second }) => ({ calls: call_count, seconds: refresh_second })),
);
const clean = z
  .string()
  .default("")
  .transform((value) => redact(value));

export const GET_QUOTA = endpoint({
  name: "quota.get",
  method: "POST",
  path: "/cgi-bin/openapi/quota/get",
  retry: "read",
  input: () =>
    z.strictObject({
      path: z.string("must be a string").regex(/^\/\S+$/, "must be a path such as /cgi-bin/message/custom/send"),
    }),
  inputRemedies: { path: CHECK_PATH },
  wire: ({ path }) => ({ body: { cgi_path: path } }),
  answer: () =>
    z
      .object({
        quota: z.object({ daily_limit: z.number(), used: z.number(), remain: z.number() }),
        rate_limit: rate().optional(),
      })
      .transform(({ quota, rate_limit }) => ({
        dailyLimit: quota.daily_limit,
        used: quota.used,
        remaining: quota.remain,
        rateLimit: rate_limit,
      })),
  errcodes: [76021, 76022],
  source: SOURCE,
});

export const LOOK_UP_RID = endpoint({
  name: "quota.lookUp",
  method: "POST",
  path: "/cgi-bin/openapi/rid/get",
  retry: "read",
  input: () =>
    z.strictObject({
      rid: z.string("must be a string").regex(/^[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}$/i, "is not a rid"),
    }),
  wire: ({ rid }) => ({ body: { rid } }),
  // WeChat repeats URL and bodies with the secrets in them.
  answer: () =>
    z
      .object({
        request: z.object({
          invoke_time: z.number(),
          cost_in_ms: z.number(),
          request_url: clean,
          request_body: clean,
          response_body: clean,
          client_ip: z.string().default(""),
        }),
      })
      .transform(({ request }) => ({
        at: new Date(request.invoke_time * 1000),
        milliseconds: request.cost_in_ms,
        url: request.request_url,
        requestBody: request.request_body,
        answer: request.response_body,
        clientIp: request.client_ip,
      })),
  limits: "a rid is kept for 7 days",
  errcodes: [76001, 76002, 76003],
  source: SOURCE,
});

export const CLEAR_QUOTA = endpoint({
  name: "quota.clear",
  method: "POST",
  path: "/cgi-bin/clear_quota",
  retry: "write",
  input: () => z.strictObject({ appId: text("the AppID") }),
  wire: ({ appId }) => ({ body: { appid: appId } }),
  answer: done,
  limits: "10 times a month, together with clear_quota/v2 and the web console",
  errcodes: [48006],
  source: SOURCE,
});

export const CLEAR_QUOTA_WITH_SECRET = endpoint({
  name: "quota.clearWithSecret",
  method: "POST",
  path: "/cgi-bin/clear_quota/v2",
  retry: "write",
  input: () => z.strictObject({ appId: text("the AppID"), appSecret: text("the AppSecret") }),
  // WeChat's page names the body; its example has them in the query, where proxies would log the secret.
  wire: ({ appId, appSecret }) => ({ body: { appid: appId, appsecret: appSecret }, secret: appSecret }),
  answer: done,
  limits: "10 times a month, together with clear_quota and the web console",
  errcodes: [40013, 41002, 41004, 48006],
  source: SOURCE,
});
/** The calls of today to one path. */
export interface CallUse {
  /** Calls that the account may make in a day. */
  readonly dailyLimit: number;
  /** Calls of today. */
  readonly used: number;
  /** Calls that are left today. */
  readonly remaining: number;
  /** What is allowed in a shorter time; `undefined` where WeChat names no such limit. */
  readonly rateLimit: RateLimit | undefined;
}

/** How many calls are allowed within some seconds. */
export interface RateLimit {
  /** Calls at most. */
  readonly calls: number;
  /** Within these seconds. */
  readonly seconds: number;
}

/** What WeChat keeps of one call; access tokens and secrets in it are replaced by `***`. */
export interface CallRecord {
  /** When it was made. */
  readonly at: Date;
  /** How long WeChat took. */
  readonly milliseconds: number;
  /** What was called. */
  readonly url: string;
  /** What was sent, as it came. */
  readonly requestBody: string;
  /** What WeChat answered, as it went out. */
  readonly answer: string;
  /** The address that WeChat saw. */
  readonly clientIp: string;
}

/** The account's allowances of API calls (接口额度), and what WeChat keeps of single calls. */
export class Quota extends Resource {
  /**
   * Calls of today to one path: limit, used, remaining.
   * @param input `path`: such as `/cgi-bin/message/custom/send`
   * @throws WeChatValidationError; WeChatApiError 76021 (unknown path), 76022 (not this account's) and others
   */
  get(input: { path: string }, options?: CallOptions): Promise<CallUse> {
    return this.request(GET_QUOTA, input, options);
  }

  /**
   * What WeChat keeps of a call for 7 days, with access tokens and secrets removed.
   * @param input `rid`: from an error of this account's, see `WeChatError.rid`
   * @throws WeChatValidationError; WeChatApiError 76001 (no such rid) and others
   */
  lookUp(input: { rid: string }, options?: CallOptions): Promise<CallRecord> {
    return this.request(LOOK_UP_RID, input, options);
  }

  /**
   * Sets the used calls of all paths back to 0. 10 times a month.
   * @throws WeChatValidationError; WeChatApiError 48006 (cleared as often as WeChat allows) and others
   */
  clear(input: { appId: string }, options?: CallOptions): Promise<void> {
    return this.request(CLEAR_QUOTA, input, options);
  }

  /**
   * The same without an access token, for an account whose token calls are used up too. The 10 times are counted
   * together.
   * @throws WeChatApiError 48006 (no clearing is left this month) and others; WeChatValidationError
   */
  clearWithSecret(input: { appId: string; appSecret: string }, options?: CallOptions): Promise<void> {
    return this.request(CLEAR_QUOTA_WITH_SECRET, input, options);
  }
}
