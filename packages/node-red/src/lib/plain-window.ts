import type { ReplyWindow } from "@wechat-offiaccount/core";

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

export function plainWindow({ state, until, repliesLeft, scene, estimated, certain }: ReplyWindow): PlainWindow {
  return {
    open: state === "open",
    state,
    ...(until !== undefined && { until: new Date(until).toISOString() }),
    remaining: repliesLeft,
    ...(scene && { scene }),
    estimated,
    ...(certain && { certain }),
  };
}
