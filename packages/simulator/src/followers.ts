import {
  fields,
  LONGEST,
  oneOf,
  optionalFlag,
  optionalString,
  optionalText,
  SimulatorOptionError,
  text,
} from "./options.js";
import { type QuotaRule, ReplyWindow, type Scene } from "./reply-window.js";

export interface FollowerOptions {
  /** At most 128 characters, without white space. */
  openid: string;
  /** The account followed. Default: the first account. */
  appId?: string;
  /** Shown on the phone only: WeChat tells accounts no nickname. At most 64 characters. Default: made from the openid. */
  nickname?: string;
  /** False: known to the account, but not following, not yet or no longer (43004). Default true. */
  subscribed?: boolean;
  /** `open` (default): as if the follower had just written; `closed`: no interaction yet (45015). */
  window?: "open" | "closed";
  /** The follower has switched the account's messages off (48002). Default false. */
  refuses?: boolean;
  /** The account has put the follower on its blacklist (43019). Default false. */
  blacklisted?: boolean;
  /** The account's remark on the follower. Default empty. */
  remark?: string;
  /** Ids of the account's tags that the follower has. Default none. */
  tags?: readonly number[];
  /** The user's id over all accounts of one Open Platform. Default: WeChat does not say it. */
  unionid?: string;
  /** The language of the user's WeChat. Default `zh_CN`. */
  language?: string;
}

/** How a follower is added, in words. */
export const ADD_FOLLOWER = "addFollower, over HTTP POST /simulator/followers";

const FOLLOWER_FIELDS = [
  "openid",
  "appId",
  "nickname",
  "subscribed",
  "window",
  "refuses",
  "blacklisted",
  "remark",
  "tags",
  "unionid",
  "language",
] as const satisfies readonly (keyof FollowerOptions)[];

export function readFollowerOptions(value: unknown): FollowerOptions {
  const given = fields(value, "follower", FOLLOWER_FIELDS);
  const window = given.window === undefined ? undefined : oneOf(given.window, "window", ["open", "closed"] as const);
  return {
    openid: text(given.openid, "openid"),
    appId: optionalText(given.appId, "appId"),
    nickname: optionalString(given.nickname, "nickname", LONGEST.name),
    subscribed: optionalFlag(given.subscribed, "subscribed"),
    window,
    refuses: optionalFlag(given.refuses, "refuses"),
    blacklisted: optionalFlag(given.blacklisted, "blacklisted"),
    remark: optionalString(given.remark, "remark", LONGEST.name),
    tags: readTags(given.tags),
    unionid: optionalText(given.unionid, "unionid"),
    language: optionalText(given.language, "language"),
  };
}

function readTags(value: unknown): readonly number[] | undefined {
  if (value === undefined) return undefined;
  const all: readonly unknown[] = Array.isArray(value) ? value : [undefined];
  return all.map((tag) => {
    if (typeof tag === "number" && Number.isInteger(tag)) return tag;
    throw new SimulatorOptionError("tags", "give an array of tag ids, which are whole numbers");
  });
}

/** What the account knows of a user beside the openid. */
export interface Profile {
  readonly remark: string;
  readonly tags: readonly number[];
  readonly unionid: string | undefined;
  readonly language: string;
}

interface SentTemplate {
  readonly msgid: string;
  /** Milliseconds since 1970. */
  readonly time: number;
}

export class Follower {
  readonly openid: string;
  readonly nickname: string | undefined;
  readonly window: ReplyWindow;
  readonly refuses: boolean;
  readonly blacklisted: boolean;
  profile: Profile;
  subscribed: boolean;
  /** When the user began to follow, in milliseconds since 1970. */
  subscribedAt: number;
  /** How the user began to follow: WeChat's `subscribe_scene`. */
  subscribeScene: "ADD_SCENE_SEARCH" | "ADD_SCENE_QR_CODE" = "ADD_SCENE_SEARCH";
  /** When the follower last did something, in milliseconds since 1970; undefined when never. */
  lastInteraction?: number;
  /** Until when the phone shows "typing", in milliseconds since 1970. */
  typingUntil = 0;
  /** The template messages with a `client_msg_id`, the oldest first. */
  readonly templateGuard = new Map<string, SentTemplate>();

  constructor(options: FollowerOptions, quota: { rule: QuotaRule; counted: boolean }, now: number) {
    this.openid = options.openid;
    this.nickname = options.nickname;
    this.subscribed = options.subscribed ?? true;
    this.refuses = options.refuses ?? false;
    this.blacklisted = options.blacklisted ?? false;
    const { remark = "", tags = [], unionid, language = "zh_CN" } = options;
    this.profile = { remark, tags, unionid, language };
    this.subscribedAt = now;
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
    if (!this.subscribed && (scene === "follow" || scene === "scan")) {
      this.subscribed = true;
      this.subscribedAt = now;
      this.subscribeScene = scene === "scan" ? "ADD_SCENE_QR_CODE" : "ADD_SCENE_SEARCH";
    }
    this.mustFollow();
    this.lastInteraction = now;
    this.window.open(scene, now);
  }

  /** @throws SimulatorOptionError for one who does not follow. */
  mustFollow(): void {
    if (this.subscribed) return;
    throw new SimulatorOptionError("scene", `${this.openid} does not follow the account; use "follow" or "scan" first`);
  }

  /** Keeps what was sent under a `client_msg_id`; entries older than `life` milliseconds go. */
  guardTemplate(id: string, sent: SentTemplate, life: number): void {
    this.templateGuard.delete(id);
    this.templateGuard.set(id, sent);
    for (const [old, { time }] of this.templateGuard) {
      if (sent.time - time < life) break;
      this.templateGuard.delete(old);
    }
  }
}
