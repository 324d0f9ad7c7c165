import { BlockList, isIP } from "node:net";
import { type Agent, Agents } from "./agents.js";
import { ChatRecords } from "./chat-records.js";
import type { Files } from "./files.js";
import type { Follower } from "./followers.js";
import { type Limits, limitsOf, readLimits } from "./limits.js";
import { MediaStore } from "./media.js";
import type { CustomMenu } from "./menus.js";
import {
  fields,
  LONGEST,
  oneOf,
  optionalFlag,
  optionalString,
  optionalText,
  optionalTexts,
  SimulatorOptionError,
  text,
} from "./options.js";
import { CALLBACK_FIELDS, type CallbackOptions, readCallbackOptions } from "./push/callback.js";
import { Sessions } from "./sessions.js";
import { readTagOptions, type TagOptions } from "./tags.js";
import { readTemplates, type TemplateOptions } from "./templates.js";
import { AccountUsage } from "./usage.js";

/**
 * What WeChat's network sees of a callback URL: it answers a ping, it does not, or its name has no address. `real`: its
 * name is looked up and a connection made, from this machine.
 */
const CALLBACK_NETWORKS = ["reachable", "unreachable", "unknown-host", "real"] as const;

export interface AccountOptions extends CallbackOptions {
  appId: string;
  /** The AppSecret. Kept in memory only; no ledger, page or answer shows it. */
  secret: string;
  /** Shown on the phone; at most 64 characters. Default: one made from the AppID. */
  name?: string;
  /** The original ID (原始ID), the ToUserName of pushes. Default one made from the AppID, such as `gh_97417a04a28d`. */
  originalId?: string;
  /** What callback/check finds. Default `reachable`, or `real` for a URL that was set and verified while running. */
  callbackNetwork?: (typeof CALLBACK_NETWORKS)[number];
  /** Addresses or CIDR ranges that may fetch a token (others: 40164). Default: any. */
  ipWhitelist?: readonly string[];
  /** False: an unverified or personal account, which may not send customer-service messages (48001). Default true. */
  verified?: boolean;
  /** A test account (测试号): lower limits, no msgmenu and no typing state (40200). Default false. */
  test?: boolean;
  /** The AppSecret is frozen (40243). Default false. */
  secretFrozen?: boolean;
  /** The account may not fetch tokens (50004). Default false. */
  tokenForbidden?: boolean;
  /** The account is frozen (50007 when it fetches a token). Default false. */
  frozen?: boolean;
  /** The administrator must first confirm the caller's address (89503). Default false. */
  ipNeedsConfirmation?: boolean;
  /** The WeChat ID (微信号), with which the names of new customer-service accounts end. Default `simulator`. */
  wechatId?: string;
  /** False: the customer service (客服功能) is not switched on, agents, sessions and records answer 65400. Default true. */
  customerService?: boolean;
  /** Customer-service accounts such as `anna@shop`, bound to a user and online (others: 65401). Default none. */
  kfAccounts?: readonly string[];
  /** AppIDs of linked mini programs (others: 45086 in a text, 40168 in a card). Default none. */
  linkedMiniPrograms?: readonly string[];
  /** Templates of the account (others: 40037). Default none. */
  templates?: readonly TemplateOptions[];
  /** Tags of the account (tags/get). Default: the one that every account has, 星标组. */
  tags?: readonly TagOptions[];
  /** Differences from WeChat's limits. */
  limits?: Partial<Limits>;
}

/** The WeChat ID of an account that was given none. */
export const DEFAULT_WECHAT_ID = "simulator";

const ACCOUNT_FLAGS = [
  "verified",
  "test",
  "secretFrozen",
  "tokenForbidden",
  "frozen",
  "ipNeedsConfirmation",
  "customerService",
] as const satisfies readonly (keyof AccountOptions)[];
const ACCOUNT_LISTS = ["ipWhitelist", "kfAccounts", "linkedMiniPrograms"] as const;

export function readAccountOptions(value: unknown, where = "account"): AccountOptions {
  const others = [
    "appId",
    "secret",
    "name",
    "originalId",
    "callbackNetwork",
    "wechatId",
    "templates",
    "tags",
    "limits",
  ];
  const given = fields(value, where, [...others, ...CALLBACK_FIELDS, ...ACCOUNT_FLAGS, ...ACCOUNT_LISTS]);
  const options: AccountOptions = {
    appId: text(given.appId, `${where}.appId`),
    secret: text(given.secret, `${where}.secret`),
    ...readCallbackOptions(given, (field) => `${where}.${field}`),
  };
  options.name = optionalString(given.name, `${where}.name`, LONGEST.name);
  options.originalId = optionalText(given.originalId, `${where}.originalId`);
  if (given.callbackNetwork !== undefined) {
    options.callbackNetwork = oneOf(given.callbackNetwork, `${where}.callbackNetwork`, CALLBACK_NETWORKS);
  }
  options.wechatId = optionalText(given.wechatId, `${where}.wechatId`);
  options.templates = readTemplates(given.templates, `${where}.templates`);
  options.tags = readTagOptions(given.tags, `${where}.tags`);
  for (const flag of ACCOUNT_FLAGS) options[flag] = optionalFlag(given[flag], `${where}.${flag}`);
  for (const list of ACCOUNT_LISTS) options[list] = optionalTexts(given[list], `${where}.${list}`);
  if (given.limits !== undefined) options.limits = readLimits(given.limits, `${where}.limits`);
  return options;
}

/** One Official Account: its settings, and all that its callers, followers and agents have left there. */
export class Account {
  readonly appId: string;
  readonly followers = new Map<string, Follower>();
  readonly media: MediaStore;
  readonly agents = new Agents();
  readonly sessions = new Sessions();
  readonly records: ChatRecords;
  readonly usage = new AccountUsage();
  /** The custom menu (自定义菜单) that the phone shows. */
  menu: CustomMenu | undefined;
  private current: AccountOptions;
  private whitelist: BlockList | undefined;
  private currentLimits: Limits;

  constructor(
    options: AccountOptions,
    private readonly shared: {
      /** Limits for all accounts. */
      readonly limits: Partial<Limits>;
      /** How many chat records are kept. */
      readonly ledgerSize: number;
      readonly files: Files;
    },
  ) {
    this.appId = options.appId;
    this.media = new MediaStore(shared.files);
    this.records = new ChatRecords(shared.ledgerSize);
    this.whitelist = addressList(options.ipWhitelist);
    this.currentLimits = limitsOf(options.test === true, shared.limits, options.limits);
    this.current = options;
    this.agents.list(options.kfAccounts ?? []);
  }

  get options(): Readonly<AccountOptions> {
    return this.current;
  }

  get limits(): Readonly<Limits> {
    return this.currentLimits;
  }

  /** Changes the settings; followers, media, added agents, tokens and used limits stay. */
  update(options: AccountOptions): void {
    this.whitelist = addressList(options.ipWhitelist);
    this.currentLimits = limitsOf(options.test === true, this.shared.limits, options.limits);
    this.current = options;
    for (const gone of this.agents.list(options.kfAccounts ?? [])) this.sessions.closeAll(gone);
  }

  /**
   * A follower is handed to the human agents (transfer_customer_service). With a named agent nobody else gets the
   * follower: the session begins when that agent is there, official page 将消息转发到客服.
   */
  handOver(openid: string, now: number, kfAccount?: string): void {
    this.sessions.wait(openid, now, kfAccount);
    const agent = this.agents.get(kfAccount);
    if (agent !== undefined) this.takeReserved(agent, now);
  }

  /** An agent who is there takes those who wait for this agent by name. */
  takeReserved({ kfAccount, online }: Agent, now: number): void {
    if (!online) return;
    for (const openid of this.sessions.reservedFor(kfAccount)) this.sessions.create(openid, kfAccount, now);
  }

  mayCallFrom(address: string): boolean {
    return this.whitelist?.check(address, isIP(address) === 6 ? "ipv6" : "ipv4") ?? true;
  }
}

function addressList(entries: readonly string[] | undefined): BlockList | undefined {
  if (entries === undefined) return undefined;
  const list = new BlockList();
  for (const entry of entries) {
    const [address = "", bits, ...rest] = entry.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    const prefix = bits === undefined ? undefined : Number(bits);
    const most = family === "ipv6" ? 128 : 32;
    const badPrefix = prefix !== undefined && !(Number.isInteger(prefix) && prefix >= 0 && prefix <= most);
    if (isIP(address) === 0 || rest.length > 0 || badPrefix || bits === "") {
      throw new SimulatorOptionError(
        "ipWhitelist",
        `"${entry}" is neither an IP address nor a range such as 10.0.0.0/8`,
      );
    }
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, prefix, family);
  }
  return list;
}
