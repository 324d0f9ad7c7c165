/** What a follower can do. `unfollow` ends every window. */
export const SCENES = ["message", "menu-click", "follow", "scan", "unfollow"] as const;
export type Scene = (typeof SCENES)[number];

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/**
 * How many customer-service messages an interaction allows, and for how long.
 * Official page 客服消息介绍, since 2023-06-12. `menu-click` means click, scancode_push and scancode_waitmsg
 * buttons, and a click on a msgmenu item.
 */
export const REPLY_GRANTS: Readonly<Record<Exclude<Scene, "unfollow">, { quota: number; ms: number }>> = {
  message: { quota: 5, ms: 48 * HOUR },
  "menu-click": { quota: 3, ms: MINUTE },
  follow: { quota: 3, ms: MINUTE },
  scan: { quota: 3, ms: MINUTE },
};

/**
 * How quotas of several interactions combine. No source says; measurements differ.
 * - `reset` (default, the careful reading): an interaction sets its scene's quota anew, and each message counts
 *   against every open scene, so quotas never add up.
 * - `add`: each interaction's quota is its own; a message counts against the one that ends soonest.
 */
export type QuotaRule = "reset" | "add";

export interface Grant {
  readonly scene: Exclude<Scene, "unfollow">;
  /** Messages still allowed. */
  remaining: number;
  /** Milliseconds since 1970; the grant holds before this time. */
  readonly expiresAt: number;
}

/** One follower's reply window and quota. */
export class ReplyWindow {
  private grants: Grant[] = [];

  constructor(
    private readonly rule: QuotaRule,
    /** False: messages are not counted, only the time of the window holds. */
    private readonly counted: boolean,
  ) {}

  open(scene: Exclude<Scene, "unfollow">, now: number): void {
    const { quota, ms } = REPLY_GRANTS[scene];
    // Used-up grants stay until they end: they tell "quota used up" (45047) from "window closed" (45015).
    const kept = this.grants.filter((grant) => now < grant.expiresAt);
    const others =
      this.rule === "reset"
        ? kept.filter((grant) => grant.scene !== scene)
        : kept.filter((grant) => grant.remaining > 0 || grant.scene !== scene);
    this.grants = [...others, { scene, remaining: quota, expiresAt: now + ms }].sort(
      (a, b) => a.expiresAt - b.expiresAt,
    );
  }

  close(): void {
    this.grants = [];
  }

  /** The errcode with which a message would be refused now, or undefined. */
  refusal(now: number): 45015 | 45047 | undefined {
    let open = false;
    for (const grant of this.grants) {
      if (now >= grant.expiresAt) continue;
      if (!this.counted || grant.remaining > 0) return undefined;
      open = true;
    }
    return open ? 45047 : 45015;
  }

  /** Counts one delivered message. */
  spend(now: number): void {
    if (!this.counted) return;
    for (const grant of this.grants) {
      if (now >= grant.expiresAt || grant.remaining === 0) continue;
      grant.remaining--;
      if (this.rule === "add") return;
    }
  }

  /** The grants that hold now, the one that ends soonest first. */
  openGrants(now: number): readonly Readonly<Grant>[] {
    return this.grants.filter((grant) => now < grant.expiresAt).map((grant) => ({ ...grant }));
  }
}
