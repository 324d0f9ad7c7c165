import { fields, optionalCount } from "./options.js";

/** WeChat's limits; every one can be set for a test. Those "a day" or "a month" follow the calendar of China. */
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
  /** Calls of POST /cgi-bin/message/template/send a day (45009). Default 100 000. */
  templateSendsPerDay: number;
  /** Calls of POST /cgi-bin/media/upload a day (45009). Default 100 000; a test account has 500. */
  mediaUploadsPerDay: number;
  /** Calls of GET /cgi-bin/media/get a day (45009). Default 200 000; a test account has 1000. */
  mediaDownloadsPerDay: number;
  /** Calls of GET /cgi-bin/user/get a day (45009). Default 500; a test account has 100. */
  userListsPerDay: number;
  /** Calls of /cgi-bin/user/info, and of its batchget, a day (45009). Default 5 000 000 each. */
  userInfosPerDay: number;
  /** Calls a day of each endpoint that takes a token and has no limit above (45009). Default 100 000: no source has it. */
  otherCallsPerDay: number;
  /** How often the counts of a day can be cleared a month (48006). Default 10. */
  quotaClearsPerMonth: number;
  /** UTF-8 bytes of a text (45002). Default 2048: what SDKs use, no official number. */
  textBytes: number;
  /** Items of a msgmenu (45098). Default 3: one source, not confirmed. */
  menuItems: number;
  /** UTF-8 bytes of one msgmenu item (45099). Default 2048: no source has a number, the text's limit is taken. */
  menuItemBytes: number;
  /** Permanent images, thumbs among them, that an account keeps (45074). Default 100 000. */
  imageMaterials: number;
  /** Permanent voices, and permanent videos, that an account keeps (45074). Default 1000 each. */
  otherMaterials: number;
  /** Customer-service accounts (65405). Default 100. */
  agents: number;
  /** Customer-service accounts one WeChat user may be bound to, over all accounts (65410). Default 5: no source has it. */
  agentsPerWorker: number;
  /** Openids on a page of /cgi-bin/user/get. Default 10 000. */
  followersPerPage: number;
  /** Milliseconds on the simulator's clock within which a push must be answered. Default 5000. */
  pushTimeout: number;
  /** How often a push is tried that gets no answer. Default 3. */
  pushTries: number;
}

/** The limits that count an endpoint's calls of a day. */
export type DailyLimit = Extract<keyof Limits, `${string}PerDay`>;

const DEFAULT_LIMITS: Limits = {
  classicTokensPerDay: 2000,
  stableTokensPerDay: 500_000,
  stableTokensPerMinute: 10_000,
  forcedRefreshesPerDay: 20,
  forcedRefreshInterval: 30_000,
  customSendsPerDay: 500_000,
  templateSendsPerDay: 100_000,
  mediaUploadsPerDay: 100_000,
  mediaDownloadsPerDay: 200_000,
  userListsPerDay: 500,
  userInfosPerDay: 5_000_000,
  otherCallsPerDay: 100_000,
  quotaClearsPerMonth: 10,
  textBytes: 2048,
  menuItems: 3,
  menuItemBytes: 2048,
  imageMaterials: 100_000,
  otherMaterials: 1000,
  agents: 100,
  agentsPerWorker: 5,
  followersPerPage: 10_000,
  pushTimeout: 5000,
  pushTries: 3,
};

/** Official API_Call_Limits page: what a test account (测试号) has less. */
const TEST_ACCOUNT_LIMITS: Partial<Limits> = {
  classicTokensPerDay: 200,
  customSendsPerDay: 50_000,
  mediaUploadsPerDay: 500,
  mediaDownloadsPerDay: 1000,
  userListsPerDay: 100,
};

/** Of these, zero would mean that nothing ever ends. */
const AT_LEAST_ONE: readonly string[] = ["followersPerPage", "pushTries"] satisfies readonly (keyof Limits)[];

export function readLimits(value: unknown, where: string): Partial<Limits> {
  const given = fields(value, where, Object.keys(DEFAULT_LIMITS));
  return Object.fromEntries(
    Object.entries(given)
      .map(([name, limit]) => [name, optionalCount(limit, `${where}.${name}`, AT_LEAST_ONE.includes(name) ? 1 : 0)])
      .filter(([, limit]) => limit !== undefined),
  );
}

/** The limits of an account: its own differences go before those for all accounts, those before WeChat's. */
export function limitsOf(test: boolean, common: Partial<Limits>, own: Partial<Limits> | undefined): Limits {
  return { ...DEFAULT_LIMITS, ...(test ? TEST_ACCOUNT_LIMITS : {}), ...common, ...own };
}
