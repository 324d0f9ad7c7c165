import { type Account, DEFAULT_WECHAT_ID } from "./accounts.js";
import type { FaultState } from "./faults.js";
import type { Follower } from "./followers.js";
import type { Totals } from "./ledger.js";
import { CLASSIC_TOKEN, CUSTOM_SEND, STABLE_TOKEN } from "./paths.js";
import { accountIdOf, type CallbackMode, callbackModeOf } from "./push/callback.js";
import { type Grant, REPLY_GRANTS } from "./reply-window.js";
import type { World } from "./world.js";

/** What the simulator shows of itself: no AppSecret, and tokens masked. */
export interface WorldState {
  /** Milliseconds since 1970 on the simulator's clock. */
  readonly now: number;
  /** Seed of the random faults. */
  readonly seed: number;
  readonly accounts: readonly AccountState[];
  readonly faults: readonly FaultState[];
  readonly totals: Totals;
}

export interface AccountSettings {
  readonly appId: string;
  /** What the phone calls the account; null: it has no name. */
  readonly name: string | null;
  /** The original ID (原始ID), the ToUserName of pushes. */
  readonly accountId: string;
  /** The WeChat ID (微信号), with which the names of customer-service accounts end: `name@wechatId`. */
  readonly wechatId: string;
  readonly callback: string | null;
  readonly callbackMode: CallbackMode;
  readonly verified: boolean;
  readonly test: boolean;
  readonly tokens: ReturnType<World["tokens"]["describe"]>;
}

export interface AccountState extends AccountSettings {
  /** Calls of the present day. */
  readonly used: {
    readonly classicTokens: number;
    readonly stableTokens: number;
    readonly forcedRefreshes: number;
    readonly customSends: number;
  };
  readonly followers: readonly FollowerState[];
  readonly media: readonly { readonly mediaId: string; readonly type: string }[];
  readonly agents: readonly AgentState[];
}

export interface AgentState {
  readonly kfAccount: string;
  readonly nickname: string;
  /** The WeChat ID of the bound user. */
  readonly worker: string | null;
  readonly online: boolean;
  /** Openids of the followers the agent talks with. */
  readonly sessions: readonly string[];
}

export interface GrantState extends Readonly<Grant> {
  /** How many messages it allowed at first. */
  readonly quota: number;
}

export interface FollowerState {
  readonly openid: string;
  readonly subscribed: boolean;
  /** Shown on the phone only; null: the follower has none. */
  readonly nickname: string | null;
  readonly refuses: boolean;
  readonly blacklisted: boolean;
  readonly typing: boolean;
  /** Until when the phone shows "typing", in milliseconds since 1970. */
  readonly typingUntil: number;
  /** When the follower last did something, in milliseconds since 1970; null when never. */
  readonly lastInteraction: number | null;
  /** The errcode a message would get because of the window or the quota, 0 when it would be delivered. */
  readonly replyErrcode: 0 | 43004 | 45015 | 45047;
  /** The interactions that allow messages now, the one that ends soonest first. */
  readonly windows: readonly GrantState[];
}

export function describeWorld(world: World): WorldState {
  const now = world.clock.now();
  return {
    now,
    seed: world.settings.seed,
    accounts: [...world.accounts.values()].map((account) => describeAccount(account, world, now)),
    faults: world.faults.list(),
    totals: world.ledger.totals,
  };
}

/** An account without what it holds many of. */
export function describeSettings(account: Account, world: World, now: number): AccountSettings {
  const { options } = account;
  return {
    appId: account.appId,
    name: options.name ?? null,
    accountId: accountIdOf(options),
    wechatId: options.wechatId ?? DEFAULT_WECHAT_ID,
    callback: options.callback ?? null,
    callbackMode: callbackModeOf(options),
    verified: options.verified !== false,
    test: options.test === true,
    tokens: world.tokens.describe(account, now),
  };
}

function describeAccount(account: Account, world: World, now: number): AccountState {
  const { usage } = account;
  return {
    ...describeSettings(account, world, now),
    used: {
      classicTokens: usage.of(CLASSIC_TOKEN).count(now),
      stableTokens: usage.of(STABLE_TOKEN).count(now),
      forcedRefreshes: usage.forcedRefreshes.count(now),
      customSends: usage.of(CUSTOM_SEND).count(now),
    },
    followers: [...account.followers.values()].map((follower) => describeFollower(follower, now)),
    media: account.media.all(now).map(({ mediaId, type }) => ({ mediaId, type })),
    agents: account.agents.all.map(({ kfAccount, nickname, worker, online }) => ({
      kfAccount,
      nickname,
      worker: worker?.wechatId ?? null,
      online,
      sessions: account.sessions.with(kfAccount).map(({ openid }) => openid),
    })),
  };
}

export function describeFollower(follower: Follower, now: number): FollowerState {
  return {
    openid: follower.openid,
    subscribed: follower.subscribed,
    nickname: follower.nickname ?? null,
    refuses: follower.refuses,
    blacklisted: follower.blacklisted,
    typing: now < follower.typingUntil,
    typingUntil: follower.typingUntil,
    lastInteraction: follower.lastInteraction ?? null,
    replyErrcode: follower.subscribed ? (follower.window.refusal(now) ?? 0) : 43004,
    windows: follower.window.openGrants(now).map((grant) => ({ ...grant, quota: REPLY_GRANTS[grant.scene].quota })),
  };
}
