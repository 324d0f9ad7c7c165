import { BlockList, isIP } from "node:net";
import type { Follower } from "./followers.js";
import type { Media } from "./media.js";
import {
  fields,
  optionalCount,
  optionalFlag,
  optionalText,
  optionalTexts,
  SimulatorOptionError,
  text,
} from "./options.js";
import { Usage } from "./usage.js";

/** WeChat's limits; every one can be set for a test. */
export interface Limits {
  /** Calls of GET /cgi-bin/token a day (45009). Default 2000; a test account has 200. */
  classicTokensPerDay: number;
  /** Calls of POST /cgi-bin/stable_token a day (45009). Default 500 000. */
  stableTokensPerDay: number;
  /** Calls of POST /cgi-bin/stable_token a minute (45011). Default 10 000. */
  stableTokensPerMinute: number;
  /** Refreshes by `force_refresh` a day; later ones return the current token. Default 20. */
  forcedRefreshesPerDay: number;
  /** Least milliseconds between two forced refreshes; earlier ones return the current token. Default 30 000. */
  forcedRefreshInterval: number;
  /** Calls of POST /cgi-bin/message/custom/send a day (45009). Default 500 000; a test account has 50 000. */
  customSendsPerDay: number;
  /** UTF-8 bytes of a text (45002). Default 2048: what SDKs use, no official number. */
  textBytes: number;
  /** Items of a msgmenu (45098). Default 3: one source, not confirmed. */
  menuItems: number;
  /** UTF-8 bytes of one msgmenu item (45099). Default 2048: no source has a number, the text's limit is taken. */
  menuItemBytes: number;
}

const DEFAULT_LIMITS: Limits = {
  classicTokensPerDay: 2000,
  stableTokensPerDay: 500_000,
  stableTokensPerMinute: 10_000,
  forcedRefreshesPerDay: 20,
  forcedRefreshInterval: 30_000,
  customSendsPerDay: 500_000,
  textBytes: 2048,
  menuItems: 3,
  menuItemBytes: 2048,
};

/** Official API_Call_Limits page: what a test account (测试号) has less. */
const TEST_ACCOUNT_LIMITS: Partial<Limits> = { classicTokensPerDay: 200, customSendsPerDay: 50_000 };

export interface AccountOptions {
  appId: string;
  /** The AppSecret. Kept in memory only; no ledger, page or answer shows it. */
  secret: string;
  /** The account's callback URL (http or https). It is kept with the account and shown in its state. */
  callback?: string;
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
  /** Customer-service accounts such as `anna@shop` (others: 65401). Default none. */
  kfAccounts?: readonly string[];
  /** AppIDs of linked mini programs (others: 45086 in a text, 40168 in a card). Default none. */
  linkedMiniPrograms?: readonly string[];
  /** Differences from WeChat's limits. */
  limits?: Partial<Limits>;
}

export function readLimits(value: unknown, where: string): Partial<Limits> {
  const given = fields(value, where, Object.keys(DEFAULT_LIMITS));
  return Object.fromEntries(
    Object.entries(given)
      .map(([name, limit]) => [name, optionalCount(limit, `${where}.${name}`, 0)] as const)
      .filter(([, limit]) => limit !== undefined),
  );
}

const ACCOUNT_FLAGS = [
  "verified",
  "test",
  "secretFrozen",
  "tokenForbidden",
  "frozen",
  "ipNeedsConfirmation",
] as const satisfies readonly (keyof AccountOptions)[];
const ACCOUNT_LISTS = ["ipWhitelist", "kfAccounts", "linkedMiniPrograms"] as const;

export function readAccountOptions(value: unknown, where = "account"): AccountOptions {
  const given = fields(value, where, ["appId", "secret", "callback", "limits", ...ACCOUNT_FLAGS, ...ACCOUNT_LISTS]);
  const options: AccountOptions = {
    appId: text(given.appId, `${where}.appId`),
    secret: text(given.secret, `${where}.secret`),
  };
  const callback = optionalText(given.callback, `${where}.callback`);
  if (callback !== undefined) options.callback = webUrl(callback, `${where}.callback`);
  for (const flag of ACCOUNT_FLAGS) options[flag] = optionalFlag(given[flag], `${where}.${flag}`);
  for (const list of ACCOUNT_LISTS) options[list] = optionalTexts(given[list], `${where}.${list}`);
  if (given.limits !== undefined) options.limits = readLimits(given.limits, `${where}.limits`);
  return options;
}

export function webUrl(value: string, field: string): string {
  const protocol = URL.canParse(value) ? new URL(value).protocol : "";
  if (protocol !== "http:" && protocol !== "https:") {
    throw new SimulatorOptionError(field, "give a URL that begins with http:// or https://");
  }
  return value;
}

/** One Official Account: its settings, followers, media and what it has used of its limits. */
export class Account {
  readonly appId: string;
  readonly followers = new Map<string, Follower>();
  readonly media = new Map<string, Media>();
  readonly usage = {
    classicTokens: new Usage("day"),
    stableTokensOfDay: new Usage("day"),
    stableTokensOfMinute: new Usage("minute"),
    forcedRefreshes: new Usage("day"),
    customSends: new Usage("day"),
  };
  private current: AccountOptions;
  private whitelist: BlockList | undefined;
  private currentLimits: Limits;

  constructor(
    options: AccountOptions,
    private readonly commonLimits: Partial<Limits>,
  ) {
    this.appId = options.appId;
    this.current = options;
    this.currentLimits = this.limitsOf(options);
    this.whitelist = addressList(options.ipWhitelist);
  }

  get options(): Readonly<AccountOptions> {
    return this.current;
  }

  get limits(): Readonly<Limits> {
    return this.currentLimits;
  }

  /** Changes the settings; followers, media, tokens and used limits stay. */
  update(options: AccountOptions): void {
    this.whitelist = addressList(options.ipWhitelist);
    this.currentLimits = this.limitsOf(options);
    this.current = options;
  }

  mayCallFrom(address: string): boolean {
    return this.whitelist?.check(address, isIP(address) === 6 ? "ipv6" : "ipv4") ?? true;
  }

  private limitsOf(options: AccountOptions): Limits {
    return {
      ...DEFAULT_LIMITS,
      ...(options.test === true ? TEST_ACCOUNT_LIMITS : {}),
      ...this.commonLimits,
      ...options.limits,
    };
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
