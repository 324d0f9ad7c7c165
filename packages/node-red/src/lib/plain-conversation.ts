import type { Conversation, InboxMessage, ReplyWindow } from "@wechat-offiaccount/core";

/** A reply window as messages of the flow carry it: plain JSON, times as ISO text. */
export interface PlainWindow {
  /** Whether a reply can be sent now. */
  readonly open: boolean;
  /** `used-up`: the time runs, but no reply is left. */
  readonly state: ReplyWindow["state"];
  /** When it ends; not where it is closed. */
  readonly until?: string;
  /** Messages still allowed. */
  readonly remaining: number;
  /** What the follower did that holds it open the longest. */
  readonly scene?: NonNullable<ReplyWindow["scene"]>;
  /** Always: WeChat tells nobody its own count. */
  readonly estimated: true;
  /** Why a message is certain to be refused, where it is. */
  readonly certain?: NonNullable<ReplyWindow["certain"]>;
}

/** A message of a conversation; when the inbox got to know of it as ISO text. */
export type PlainMessage = Omit<InboxMessage, "at" | "openid"> & { readonly at: string };

/** A conversation at a glance. */
export interface PlainConversation {
  readonly openid: string;
  readonly unread: number;
  /** The newest message; missing where the inbox knows none of this follower. */
  readonly last?: PlainMessage;
  readonly window: PlainWindow;
}

export function plainWindow({ state, until, repliesLeft, scene, estimated, certain }: ReplyWindow): PlainWindow {
  return {
    open: state === "open",
    state,
    ...(until !== undefined && { until: isoOf(until) }),
    remaining: repliesLeft,
    ...(scene && { scene }),
    estimated,
    ...(certain && { certain }),
  };
}

export function plainMessage({ openid: _, at, ...message }: InboxMessage): PlainMessage {
  return { ...message, at: isoOf(at) };
}

export function plainConversation(known: Omit<Conversation, "last"> & Partial<Conversation>): PlainConversation {
  const { openid, unread, last, window } = known;
  return { openid, unread, ...(last && { last: plainMessage(last) }), window: plainWindow(window) };
}

function isoOf(at: number): string {
  return new Date(at).toISOString();
}
