import * as z from "zod";
import { once } from "../validation.js";
import { endpoint } from "./endpoint.js";
import { HEAD_IMAGE, inWords } from "./media-formats.js";
import { type CallOptions, Resource } from "./requester.js";
import { agentAccount, done, nothing, text } from "./schemas.js";
import { type UploadSource, uploadSource } from "./upload-source.js";

const SOURCE = "https://developers.weixin.qq.com/doc/service/api/customer/servicermanage/";
const LIMITS = "100 agents; name of at most 10 letters, digits and _; nickname of at most 16 characters";
const nickname = text("a nickname").max(16, "must have at most 16 characters");
const named = once(() => z.strictObject({ account: agentAccount, nickname }));
const namedToWire = ({ account, nickname }: z.output<ReturnType<typeof named>>) => ({
  body: { kf_account: account, nickname },
});

export const ADD_AGENT = endpoint({
  name: "agents.add",
  method: "POST",
  path: "/customservice/kfaccount/add",
  retry: "write",
  input: named,
  wire: namedToWire,
  answer: done,
  limits: LIMITS,
  errcodes: [65400, 65403, 65404, 65405, 65406],
  source: SOURCE,
});

export const UPDATE_AGENT = endpoint({
  name: "agents.update",
  method: "POST",
  path: "/customservice/kfaccount/update",
  retry: "write",
  input: named,
  wire: namedToWire,
  answer: done,
  limits: LIMITS,
  errcodes: [65400, 65401, 65403, 65404],
  source: SOURCE,
});

export const DELETE_AGENT = endpoint({
  name: "agents.delete",
  method: "POST",
  path: "/customservice/kfaccount/del",
  retry: "write",
  input: () => z.strictObject({ account: agentAccount }),
  wire: ({ account }) => ({ body: { kf_account: account } }),
  answer: done,
  errcodes: [65400, 65401],
  source: SOURCE,
});

export const INVITE_AGENT = endpoint({
  name: "agents.invite",
  method: "POST",
  path: "/customservice/kfaccount/inviteworker",
  retry: "write",
  input: () => z.strictObject({ account: agentAccount, wechatId: text("the WeChat ID of the person to invite") }),
  wire: ({ account, wechatId }) => ({ body: { kf_account: account, invite_wx: wechatId } }),
  answer: done,
  errcodes: [40132, 65400, 65401, 65407, 65408, 65409, 65410, 65411, 65412],
  source: SOURCE,
});

export const SET_HEAD_IMAGE = endpoint({
  name: "agents.setHeadImage",
  method: "POST",
  path: "/customservice/kfaccount/uploadheadimg",
  retry: "write",
  input: () => z.strictObject({ account: agentAccount, image: uploadSource }),
  wire: ({ account }) => ({ query: { kf_account: account } }),
  file: ({ image }) => ({ field: "image", source: image, rules: HEAD_IMAGE }),
  answer: done,
  limits: inWords(HEAD_IMAGE),
  errcodes: [40005, 40009, 41005, 61457, 65400, 65401],
  source: SOURCE,
});

export const LIST_AGENTS = endpoint({
  name: "agents.list",
  method: "GET",
  path: "/cgi-bin/customservice/getkflist",
  retry: "read",
  input: nothing,
  wire: () => ({}),
  answer: () =>
    z
      .object({
        kf_list: z.array(
          z.object({
            kf_account: z.string(),
            kf_nick: z.string().default(""),
            kf_id: z.union([z.string(), z.number()]).transform(String),
            kf_headimgurl: z.string().optional(),
            kf_wx: z.string().optional(),
            invite_wx: z.string().optional(),
            invite_expire_time: z.number().optional(),
            invite_status: z.string().optional(),
            kf_openid: z.string().optional(),
          }),
        ),
      })
      .transform(({ kf_list }) =>
        kf_list.map((agent) => ({
          account: agent.kf_account,
          nickname: agent.kf_nick,
          id: agent.kf_id,
          headImageUrl: agent.kf_headimgurl,
          wechatId: agent.kf_wx,
          openid: agent.kf_openid,
          invitation:
            agent.invite_wx === undefined
              ? undefined
              : {
                  wechatId: agent.invite_wx,
                  status: agent.invite_status,
                  expiresAt: agent.invite_expire_time ? new Date(agent.invite_expire_time * 1000) : undefined,
                },
        })),
      ),
  errcodes: [65400],
  source: SOURCE,
});

export const LIST_ONLINE_AGENTS = endpoint({
  name: "agents.online",
  method: "GET",
  path: "/cgi-bin/customservice/getonlinekflist",
  retry: "read",
  input: nothing,
  wire: () => ({}),
  answer: () =>
    z
      .object({
        kf_online_list: z.array(
          z.object({
            kf_account: z.string(),
            status: z.number(),
            kf_id: z.union([z.string(), z.number()]).transform(String),
            accepted_case: z.number().default(0),
            kf_openid: z.string().optional(),
          }),
        ),
      })
      .transform(({ kf_online_list }) =>
        kf_online_list.map((agent) => ({
          account: agent.kf_account,
          id: agent.kf_id,
          status: agent.status,
          sessions: agent.accepted_case,
          openid: agent.kf_openid,
        })),
      ),
  errcodes: [65400],
  source: SOURCE,
});

/** A human agent of the account. */
export interface Agent {
  /** Written `name@account-wechat-id`. */
  readonly account: string;
  /** The name that followers see. */
  readonly nickname: string;
  /** WeChat's number of the agent (工号). */
  readonly id: string;
  /** Where their picture is; `undefined` if WeChat names none. */
  readonly headImageUrl: string | undefined;
  /** The WeChat ID that is bound to the agent; `undefined` until somebody accepted. */
  readonly wechatId: string | undefined;
  /** The openid of who is bound; `undefined` if WeChat names none. */
  readonly openid: string | undefined;
  /** The invitation under way; `undefined` if there is none. */
  readonly invitation: AgentInvitation | undefined;
}

/** That somebody was asked to be an agent. */
export interface AgentInvitation {
  /** The WeChat ID of who was invited. */
  readonly wechatId: string;
  /** WeChat's word: `waiting`, `rejected` or `expired`. */
  readonly status: string | undefined;
  /** Until when it can be accepted. */
  readonly expiresAt: Date | undefined;
}

/** A human agent who is online. */
export interface OnlineAgent {
  /** Written `name@account-wechat-id`. */
  readonly account: string;
  /** WeChat's number of the agent (工号). */
  readonly id: string;
  /** WeChat's number: 1 is online in the web client. */
  readonly status: number;
  /** Sessions that the agent serves now. */
  readonly sessions: number;
  /** The openid of who is bound; `undefined` if WeChat names none. */
  readonly openid: string | undefined;
}

/** Human agents (客服账号) who answer at mp.weixin.qq.com. Their `account` is written `name@account-wechat-id`. */
export class Agents extends Resource {
  /**
   * Adds an agent; they answer once a WeChat user is bound, see {@link invite}.
   * @param input `nickname`: at most 16 characters, seen by followers
   * @throws WeChatValidationError; WeChatApiError 65405 (100 agents are the most), 65406 (exists already) and others
   */
  add(input: { account: string; nickname: string }, options?: CallOptions): Promise<void> {
    return this.request(ADD_AGENT, input, options);
  }

  /**
   * Changes the nickname that followers see.
   * @param input `nickname`: at most 16 characters
   * @throws WeChatValidationError; WeChatApiError 65401 (no such agent) and others
   */
  update(input: { account: string; nickname: string }, options?: CallOptions): Promise<void> {
    return this.request(UPDATE_AGENT, input, options);
  }

  /**
   * Removes an agent.
   * @throws WeChatValidationError; WeChatApiError 65401 (no such agent) and others
   */
  delete(input: { account: string }, options?: CallOptions): Promise<void> {
    return this.request(DELETE_AGENT, input, options);
  }

  /**
   * Invites a WeChat user to be this agent; they accept in WeChat.
   * @param input `wechatId`: the WeChat ID of the person, no openid
   * @throws WeChatValidationError; WeChatApiError 40132 (no such WeChat ID), 65401 (no such agent) and others
   */
  invite(input: { account: string; wechatId: string }, options?: CallOptions): Promise<void> {
    return this.request(INVITE_AGENT, input, options);
  }

  /**
   * Sets the picture that followers see: a JPG.
   * @throws WeChatValidationError that names the field; WeChatError
   */
  setHeadImage(input: { account: string; image: UploadSource }, options?: CallOptions): Promise<void> {
    return this.request(SET_HEAD_IMAGE, input, options);
  }

  /**
   * All agents of the account.
   * @throws WeChatApiError 65400 (customer service is not switched on) and others
   */
  list(options?: CallOptions): Promise<readonly Agent[]> {
    return this.request(LIST_AGENTS, {}, options);
  }

  /**
   * The agents who are online, with the number of sessions that each serves.
   * @throws WeChatApiError 65400 (customer service is not switched on) and others
   */
  online(options?: CallOptions): Promise<readonly OnlineAgent[]> {
    return this.request(LIST_ONLINE_AGENTS, {}, options);
  }
}
