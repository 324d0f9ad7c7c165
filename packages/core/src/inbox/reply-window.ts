import type { PushedMessage } from "./arrival.js";
import { LONGEST_WINDOW, REPLY_GRANTS, type Scene, sceneOf } from "./scenes.js";

/**
 * How the replies of several interactions combine. No source says; measurements differ.
 * - `reset` (default, the careful reading): an interaction sets its scene's replies anew, and each message counts
 *   against every open scene, so replies never add up.
 * - `add`: each interaction has its own replies; a message counts against the one that ends soonest.
 */
export type ReplyRule = "reset" | "add";

/** The replies that one interaction allows. */
export interface ReplyGrant {
  /** What the follower did. */
  readonly scene: Scene;
  /** When they end, in milliseconds since 1970. */
  readonly until: number;
  /** Messages still allowed; 0: used up. */
  readonly left: number;
}

/** All that has to be kept of a follower to tell their window. */
export interface WindowFacts {
  /** The one that ends soonest first. */
  readonly grants: readonly ReplyGrant[];
  /** When the follower last did anything but unsubscribe, in milliseconds since 1970. */
  readonly seenAt?: number;
  /** When the follower last unsubscribed. */
  readonly unsubscribedAt?: number;
}

/** Whether a follower can be answered. An estimate: human agents and other programs send too. */
export interface ReplyWindow {
  /** `open`: a reply can be sent; `used-up`: the time runs, but no reply is left (45047); `closed`: 45015. */
  readonly state: "open" | "used-up" | "closed";
  /** When it ends, in milliseconds since 1970; not where it is closed. */
  readonly until?: number;
  /** Messages still allowed; each part of a long text is one. */
  readonly repliesLeft: number;
  /** The interaction that holds it open the longest. */
  readonly scene?: Scene;
  /** What each interaction allows, the one that ends soonest first. */
  readonly grants: readonly ReplyGrant[];
  /** Always: WeChat tells nobody its own count. */
  readonly estimated: true;
  /**
   * Why a message is certain to be refused, where it is:
   * - `unsubscribed`: the follower has unsubscribed and nothing came from them since;
   * - `no-interaction`: the inbox has listened for 48 h without a gap, and the follower did nothing.
   */
  readonly certain?: "unsubscribed" | "no-interaction";
}

export const NO_FACTS: WindowFacts = { grants: [] };

/** Under the rule `add` only so many interactions are kept: more than a hundred replies make no difference. */
const MAX_GRANTS = 20;

const later = (one: number | undefined, other: number) => Math.max(one ?? other, other);

/**
 * The facts after a push of the follower.
 * @param at when it happened, in milliseconds since 1970
 */
export function afterPush(facts: WindowFacts, message: PushedMessage, at: number, rule: ReplyRule): WindowFacts {
  if (message.type === "event" && message.event === "unsubscribe") {
    const unsubscribedAt = later(facts.unsubscribedAt, at);
    // A push that was late must not close what a later follow opened.
    return { ...facts, unsubscribedAt, grants: at < (facts.seenAt ?? at) ? facts.grants : [] };
  }
  const scene = sceneOf(message);
  const grants = scene === undefined ? facts.grants : granted(facts, scene, at, rule);
  return { ...facts, seenAt: later(facts.seenAt, at), grants };
}

function granted({ grants, unsubscribedAt }: WindowFacts, scene: Scene, at: number, rule: ReplyRule) {
  if (at < (unsubscribedAt ?? at)) return grants;
  const { replies, ms } = REPLY_GRANTS[scene];
  const fresh: ReplyGrant = { scene, until: at + ms, left: replies };
  const held = grants.filter(({ until }) => until > at);
  if (rule === "add") {
    const useful = held.filter((grant) => grant.left > 0 || grant.scene !== scene);
    return inOrder([...useful, fresh]).slice(-MAX_GRANTS);
  }
  // A push that comes late, after a newer one of its scene, changes nothing.
  if (held.some((grant) => grant.scene === scene && grant.until > fresh.until)) return grants;
  return inOrder([...held.filter((grant) => grant.scene !== scene), fresh]);
}

const inOrder = (grants: ReplyGrant[]): readonly ReplyGrant[] => grants.sort((a, b) => a.until - b.until);

/**
 * The facts after messages to the follower that count: delivered ones, and ones of unknown outcome.
 * @param at when they went out, in milliseconds since 1970
 */
export function afterReplies(facts: WindowFacts, count: number, at: number, rule: ReplyRule): WindowFacts {
  let open = count;
  const grants = facts.grants.map((grant) => {
    const taken = grant.until > at ? Math.min(grant.left, open) : 0;
    if (rule === "add") open -= taken;
    return taken === 0 ? grant : { ...grant, left: grant.left - taken };
  });
  return { ...facts, grants };
}

/**
 * The facts after WeChat refused a message: its word on the window overrules the estimate.
 * @param errcode 45015: the window is closed; 45047: no reply is left (official page, 客服消息)
 */
export function afterRefusal(facts: WindowFacts, errcode: number): WindowFacts {
  if (errcode === 45015) return { ...facts, grants: [] };
  return errcode === 45047 ? { ...facts, grants: facts.grants.map((grant) => ({ ...grant, left: 0 })) } : facts;
}

/**
 * The reply window that follows from the facts.
 * @param now milliseconds since 1970
 * @param listeningSince since when nothing can have been missed; undefined: not known
 */
export function windowOf(facts: WindowFacts, now: number, rule: ReplyRule, listeningSince?: number): ReplyWindow {
  const grants = facts.grants.filter(({ until }) => until > now);
  const usable = grants.filter(({ left }) => left > 0);
  const lasting = usable.at(-1) ?? grants.at(-1);
  const counts = usable.map(({ left }) => left);
  const repliesLeft = rule === "add" ? counts.reduce((sum, left) => sum + left, 0) : Math.max(0, ...counts);
  const certain = certainRefusal(facts, now, listeningSince);
  return {
    state: usable.length > 0 ? "open" : lasting ? "used-up" : "closed",
    ...(lasting && { until: lasting.until, scene: lasting.scene }),
    repliesLeft,
    grants,
    estimated: true,
    ...(certain && { certain }),
  };
}

function certainRefusal(facts: WindowFacts, now: number, listeningSince = now): ReplyWindow["certain"] {
  const { unsubscribedAt, seenAt = Number.NEGATIVE_INFINITY, grants } = facts;
  // WeChat's times are whole seconds: what happened within the same second has no order.
  if (unsubscribedAt !== undefined && unsubscribedAt > seenAt) return "unsubscribed";
  const open = grants.some(({ until }) => until > now);
  return !open && seenAt <= now - LONGEST_WINDOW && listeningSince <= now - LONGEST_WINDOW
    ? "no-interaction"
    : undefined;
}
