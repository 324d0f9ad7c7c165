import { fields, oneOf, optionalFlag, optionalText, SimulatorOptionError, text } from "./options.js";
import { type QuotaRule, ReplyWindow, type Scene } from "./reply-window.js";

export interface FollowerOptions {
  openid: string;
  /** The account followed. Default: the first account. */
  appId?: string;
  /** False: known to the account, but no longer following (43004). Default true. */
  subscribed?: boolean;
  /** `open` (default): as if the follower had just written; `closed`: no interaction yet (45015). */
  window?: "open" | "closed";
  /** The follower has switched the account's messages off (48002). Default false. */
  refuses?: boolean;
  /** The account has put the follower on its blacklist (43019). Default false. */
  blacklisted?: boolean;
}

export function readFollowerOptions(value: unknown): FollowerOptions {
  const given = fields(value, "follower", ["openid", "appId", "subscribed", "window", "refuses", "blacklisted"]);
  const window = given.window === undefined ? undefined : oneOf(given.window, "window", ["open", "closed"] as const);
  return {
    openid: text(given.openid, "openid"),
    appId: optionalText(given.appId, "appId"),
    subscribed: optionalFlag(given.subscribed, "subscribed"),
    window,
    refuses: optionalFlag(given.refuses, "refuses"),
    blacklisted: optionalFlag(given.blacklisted, "blacklisted"),
  };
}

export class Follower {
  readonly openid: string;
  readonly window: ReplyWindow;
  readonly refuses: boolean;
  readonly blacklisted: boolean;
  subscribed: boolean;
  /** When the follower last did something, in milliseconds since 1970; undefined when never. */
  lastInteraction?: number;
  /** Until when the phone shows "typing", in milliseconds since 1970. */
  typingUntil = 0;

  constructor(options: FollowerOptions, quota: { rule: QuotaRule; counted: boolean }, now: number) {
    this.openid = options.openid;
    this.subscribed = options.subscribed ?? true;
    this.refuses = options.refuses ?? false;
    this.blacklisted = options.blacklisted ?? false;
    this.window = new ReplyWindow(quota.rule, quota.counted);
    if (this.subscribed && options.window !== "closed") this.interact("message", now);
  }

  /**
   * The follower does something.
   * @throws SimulatorOptionError when a former follower writes or clicks: only follow and scan bring one back.
   */
  interact(scene: Scene, now: number): void {
    if (scene === "unfollow") {
      this.subscribed = false;
      this.typingUntil = 0;
      this.window.close();
      return;
    }
    if (scene === "follow" || scene === "scan") this.subscribed = true;
    if (!this.subscribed) {
      throw new SimulatorOptionError(
        "scene",
        `${this.openid} does not follow the account; use "follow" or "scan" first`,
      );
    }
    this.lastInteraction = now;
    this.window.open(scene, now);
  }
}
