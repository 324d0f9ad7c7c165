import * as z from "zod";
import { once } from "../validation.js";
import { endpoint } from "./endpoint.js";
import { type CallOptions, Resource } from "./requester.js";
import { nothing, openid, seconds } from "./schemas.js";

const SOURCE = "https://developers.weixin.qq.com/doc/service/api/usermanage/userinfo/";
const language = z.enum(["zh_CN", "zh_TW", "en"], "must be zh_CN, zh_TW or en").default("zh_CN");

const user = once(() =>
  z
    .object({
      subscribe: z.number(),
      openid: z.string(),
      language: z.string().default(""),
      subscribe_time: seconds.optional(),
      unionid: z.string().optional(),
      remark: z.string().default(""),
      tagid_list: z.array(z.number()).default([]),
      subscribe_scene: z.string().default(""),
      qr_scene: z.number().optional(),
      qr_scene_str: z.string().optional(),
    })
    .transform((info) => ({
      openid: info.openid,
      following: info.subscribe === 1,
      language: info.language,
      followedAt: info.subscribe_time,
      unionid: info.unionid,
      remark: info.remark,
      tagIds: info.tagid_list,
      followedBy: info.subscribe_scene,
      qrScene: info.qr_scene_str || info.qr_scene || undefined,
    })),
);

export const GET_USER = endpoint({
  name: "users.get",
  method: "GET",
  path: "/cgi-bin/user/info",
  retry: "read",
  input: () => z.strictObject({ openid, language }),
  wire: ({ openid, language }) => ({ query: { openid, lang: language } }),
  answer: user,
  limits: "5,000,000 calls a day",
  errcodes: [40003],
  source: SOURCE,
});

export const GET_USERS = endpoint({
  name: "users.getMany",
  method: "POST",
  path: "/cgi-bin/user/info/batchget",
  retry: "read",
  input: () =>
    z.strictObject({
      openids: z.array(openid).min(1, "is empty").max(100, "must hold at most 100 openids"),
      language,
    }),
  wire: ({ openids, language }) => ({ body: { user_list: openids.map((openid) => ({ openid, lang: language })) } }),
  answer: () => z.object({ user_info_list: z.array(user()) }).transform(({ user_info_list }) => user_info_list),
  limits: "at most 100 openids a call",
  errcodes: [40003, 40031, 40032],
  source: SOURCE,
});

export const LIST_TAGS = endpoint({
  name: "users.tags",
  method: "GET",
  path: "/cgi-bin/tags/get",
  retry: "read",
  input: nothing,
  wire: () => ({}),
  // Source of the count: the same page; nothing says that it is always there.
  answer: () =>
    z
      .object({ tags: z.array(z.object({ id: z.number(), name: z.string(), count: z.number().default(0) })) })
      .transform(({ tags }) => tags),
  limits: "an account has at most 100 tags",
  source: "https://developers.weixin.qq.com/doc/service/api/usermanage/tag/api_gettags.html",
});

export const LIST_OPENIDS = endpoint({
  name: "users.page",
  method: "GET",
  path: "/cgi-bin/user/get",
  retry: "read",
  input: () => z.strictObject({ after: openid.optional() }),
  wire: ({ after }) => (after === undefined ? {} : { query: { next_openid: after } }),
  answer: () =>
    z
      .object({
        total: z.number(),
        count: z.number(),
        data: z.object({ openid: z.array(z.string()) }).optional(),
        next_openid: z.string().default(""),
      })
      .transform(({ total, data, next_openid }) => ({
        total,
        openids: data?.openid ?? [],
        next: next_openid || undefined,
      })),
  limits: "at most 10,000 openids a page; 500 calls a day",
  source: SOURCE,
});

/** What WeChat tells of a follower. Names and pictures are not told any more. */
export interface User {
  /** The follower, as this account knows them. */
  readonly openid: string;
  /** Whether they follow the account; if not, WeChat tells nothing more. */
  readonly following: boolean;
  /** The language of their WeChat, such as `zh_CN`; may be empty. */
  readonly language: string;
  /** Since when they follow. */
  readonly followedAt: Date | undefined;
  /** The person's id over all accounts and apps bound to one WeChat Open Platform account; `undefined` without one. */
  readonly unionid: string | undefined;
  /** The name that the account gave them. */
  readonly remark: string;
  /** The ids of the tags that the account gave them. */
  readonly tagIds: readonly number[];
  /** How they came, such as `ADD_SCENE_SEARCH`. */
  readonly followedBy: string;
  /** The scene of the QR code that they came by. */
  readonly qrScene: string | number | undefined;
}

/** A tag (标签) that the account gives its followers. */
export interface Tag {
  /** As {@link User.tagIds} names it. */
  readonly id: number;
  /** What people see, such as `VIP`. */
  readonly name: string;
  /** How many followers have it. */
  readonly count: number;
}

/** One page of openids. */
export interface OpenidPage {
  /** The number of all followers. */
  readonly total: number;
  /** The page. */
  readonly openids: readonly string[];
  /** The next page's `after`; `undefined` behind the last. */
  readonly next: string | undefined;
}

/** Followers (用户). */
export class Users extends Resource {
  /**
   * What WeChat tells of a follower.
   * @param input `language`: of what WeChat writes in words, default `zh_CN`
   * @throws WeChatValidationError; WeChatApiError 40003 (unknown openid) and others
   */
  get(input: { openid: string; language?: "zh_CN" | "zh_TW" | "en" }, options?: CallOptions): Promise<User> {
    return this.request(GET_USER, input, options);
  }

  /**
   * The same of up to 100 followers.
   * @param input `language`: of what WeChat writes in words, default `zh_CN`
   * @throws WeChatValidationError; WeChatApiError 40003 (unknown openid) and others
   */
  getMany(
    input: { openids: string[]; language?: "zh_CN" | "zh_TW" | "en" },
    options?: CallOptions,
  ): Promise<readonly User[]> {
    return this.request(GET_USERS, input, options);
  }

  /**
   * The account's tags, of which {@link User.tagIds} tells the ids.
   * @throws WeChatValidationError; WeChatError
   */
  tags(options?: CallOptions): Promise<readonly Tag[]> {
    return this.request(LIST_TAGS, {}, options);
  }

  /**
   * One page of up to 10,000 openids; 500 calls a day.
   * @param input `after`: the former page's `next`, default the first page
   * @throws WeChatValidationError; WeChatError
   */
  page(input: { after?: string } = {}, options?: CallOptions): Promise<OpenidPage> {
    return this.request(LIST_OPENIDS, input, options);
  }

  /**
   * The openids of all followers, page by page as they are read. Each page costs one of 500 calls a day.
   * @example for await (const openid of client.users.openids()) console.log(openid);
   * @throws WeChatError
   */
  async *openids(options?: CallOptions): AsyncGenerator<string, void, undefined> {
    let after: string | undefined;
    do {
      const page = await this.page(after === undefined ? {} : { after }, options);
      yield* page.openids;
      // WeChat gives the last openid of the page as the next one, also behind the last page.
      after = page.openids.length > 0 && page.next !== after ? page.next : undefined;
    } while (after !== undefined);
  }
}
