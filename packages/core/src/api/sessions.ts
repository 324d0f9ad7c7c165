import * as z from "zod";
import { CLIENT_REMEDY } from "../error-catalog.js";
import { WeChatApiError, WeChatClientError } from "../errors.js";
import { once } from "../validation.js";
import { LIST_ONLINE_AGENTS, type OnlineAgent } from "./agents.js";
import { endpoint } from "./endpoint.js";
import { type CallOptions, Resource } from "./requester.js";
import { agentAccount, done, nothing, openid, seconds } from "./schemas.js";

const SOURCE = "https://developers.weixin.qq.com/doc/service/api/customer/messctrl/";
const pair = once(() => z.strictObject({ account: agentAccount, openid }));
const toWire = ({ account, openid }: z.output<ReturnType<typeof pair>>) => ({ body: { kf_account: account, openid } });

/** What giving a follower to an agent and taking them back have in common. */
const change = {
  method: "POST",
  retry: "write",
  input: pair,
  wire: toWire,
  answer: done,
  errcodes: [65400, 65401, 65402, 65413, 65414, 65415],
  source: SOURCE,
} as const;

export const CREATE_SESSION = endpoint({
  ...change,
  name: "sessions.create",
  path: "/customservice/kfsession/create",
});

export const CLOSE_SESSION = endpoint({
  ...change,
  name: "sessions.close",
  path: "/customservice/kfsession/close",
});

export const GET_SESSION = endpoint({
  name: "sessions.get",
  method: "GET",
  path: "/customservice/kfsession/getsession",
  retry: "read",
  input: () => z.strictObject({ openid }),
  wire: ({ openid }) => ({ query: { openid } }),
  // Without a session WeChat leaves kf_account empty and createtime 0.
  answer: () =>
    z
      .object({ kf_account: z.string().default(""), createtime: z.number().default(0) })
      .transform(({ kf_account, createtime }) =>
        kf_account === "" ? undefined : { account: kf_account, createdAt: new Date(createtime * 1000) },
      ),
  source: SOURCE,
});

export const LIST_SESSIONS = endpoint({
  name: "sessions.list",
  method: "GET",
  path: "/customservice/kfsession/getsessionlist",
  retry: "read",
  input: () => z.strictObject({ account: agentAccount }),
  wire: ({ account }) => ({ query: { kf_account: account } }),
  answer: () =>
    z
      .object({ sessionlist: z.array(z.object({ openid: z.string(), createtime: seconds })).default([]) })
      .transform(({ sessionlist }) => sessionlist.map(({ openid, createtime }) => ({ openid, createdAt: createtime }))),
  source: SOURCE,
});

export const LIST_WAITING = endpoint({
  name: "sessions.waiting",
  method: "GET",
  path: "/customservice/kfsession/getwaitcase",
  retry: "read",
  input: nothing,
  wire: () => ({}),
  answer: () =>
    z
      .object({
        count: z.number(),
        waitcaselist: z.array(z.object({ openid: z.string(), latest_time: seconds })).default([]),
      })
      .transform(({ count, waitcaselist }) => ({
        count,
        followers: waitcaselist.map(({ openid, latest_time }) => ({ openid, lastMessageAt: latest_time })),
      })),
  limits: "at most 100 followers are listed",
  source: SOURCE,
});

/** The session of a follower, as the follower has it. */
export interface FollowerSession {
  /** The agent who serves the follower, written `name@account-wechat-id`. */
  readonly account: string;
  /** Since when. */
  readonly createdAt: Date;
}

/** A session of an agent, as the agent has it. */
export interface AgentSession {
  /** The follower. */
  readonly openid: string;
  /** Since when. */
  readonly createdAt: Date;
}

/** Whose session began: the agent who serves the follower from now on. */
export interface HandedOver {
  /** The follower. */
  readonly openid: string;
  /** The agent, written `name@account-wechat-id`. */
  readonly account: string;
}

/** Whether a session was ended, and whose. */
export type TakenBack =
  | {
      /** There was a session, and it is over. */
      readonly ended: true;
      /** The follower. */
      readonly openid: string;
      /** The agent who served them, written `name@account-wechat-id`. */
      readonly account: string;
    }
  | {
      /** No agent served the follower. */
      readonly ended: false;
      /** The follower. */
      readonly openid: string;
    };

/** The followers who wait for an agent. */
export interface WaitingFollowers {
  /** How many there are. */
  readonly count: number;
  /** The first 100 of them. */
  readonly followers: readonly WaitingFollower[];
}

/** A follower who waits for an agent. */
export interface WaitingFollower {
  /** The follower. */
  readonly openid: string;
  /** When they last wrote. */
  readonly lastMessageAt: Date;
}

/** WeChat's "the follower has no session with an agent". */
const NO_SESSION = 65413;

/** Conversations between followers and human agents (客服会话). */
export class Sessions extends Resource {
  /**
   * Gives a follower to an agent, who must be online.
   * @throws WeChatValidationError; WeChatApiError 65414 (another agent serves them), 65415 (the agent is not online)
   *   and others
   */
  create(input: { account: string; openid: string }, options?: CallOptions): Promise<void> {
    return this.request(CREATE_SESSION, input, options);
  }

  /**
   * Ends the session of a follower with an agent.
   * @throws WeChatValidationError; WeChatApiError 65413 (there is no such session) and others
   */
  close(input: { account: string; openid: string }, options?: CallOptions): Promise<void> {
    return this.request(CLOSE_SESSION, input, options);
  }

  /**
   * Hands a follower to a human agent, whom {@link create} wants by name: to the one given, else to the one who serves
   * them already, else to the one with the fewest sessions among those who are online. What the follower writes goes to
   * the agent until the session ends. Doing it again changes nothing.
   * @param input `account`: the agent, written `name@account-wechat-id`
   * @param options each of its calls has these bounds
   * @throws WeChatClientError `WECHAT_NO_AGENT` if none is given and nobody is online; else as {@link create}
   */
  async handOver(input: { openid: string; account?: string | undefined }, options?: CallOptions): Promise<HandedOver> {
    const { openid } = input;
    const account = input.account ?? (await this.#serving(openid, options)) ?? (await this.#leastBusy(options));
    await this.create({ account, openid }, options);
    return { openid, account };
  }

  /**
   * Takes a follower back from a human agent: ends their session.
   * @param input `account`: the agent who must be the one that serves them. Default: whoever does
   * @param options each of its calls has these bounds
   * @returns also where nobody served them
   * @throws WeChatValidationError; WeChatApiError 65414 (another agent serves them) and others
   */
  async takeBack(input: { openid: string; account?: string | undefined }, options?: CallOptions): Promise<TakenBack> {
    const { openid } = input;
    const account = input.account ?? (await this.#serving(openid, options));
    if (account === undefined) return { openid, ended: false };
    try {
      await this.close({ account, openid }, options);
    } catch (error) {
      // Its agent may have ended it meanwhile.
      if (error instanceof WeChatApiError && error.errcode === NO_SESSION) return { openid, ended: false };
      throw error;
    }
    return { openid, account, ended: true };
  }

  async #serving(openid: string, options?: CallOptions): Promise<string | undefined> {
    return (await this.get({ openid }, options))?.account;
  }

  async #leastBusy(options?: CallOptions): Promise<string> {
    const online: readonly OnlineAgent[] = await this.request(LIST_ONLINE_AGENTS, {}, options);
    const [first] = online.toSorted((one, other) => one.sessions - other.sessions);
    if (!first) throw new WeChatClientError("WECHAT_NO_AGENT", "No human agent is online.", CLIENT_REMEDY.noAgent);
    return first.account;
  }

  /**
   * The agent who serves a follower, and since when; `undefined` if none does.
   * @throws WeChatValidationError; WeChatError
   */
  get(input: { openid: string }, options?: CallOptions): Promise<FollowerSession | undefined> {
    return this.request(GET_SESSION, input, options);
  }

  /**
   * The followers that an agent serves.
   * @throws WeChatValidationError; WeChatError
   */
  list(input: { account: string }, options?: CallOptions): Promise<readonly AgentSession[]> {
    return this.request(LIST_SESSIONS, input, options);
  }

  /**
   * The followers who wait for an agent: how many, and the first 100.
   * @throws WeChatError
   */
  waiting(options?: CallOptions): Promise<WaitingFollowers> {
    return this.request(LIST_WAITING, {}, options);
  }
}
