import { Account, type AccountOptions, readAccountOptions } from "./accounts.js";
import { type AgentOptions, changeAgent } from "./agents.js";
import type { Clock } from "./clock.js";
import { type Refusal, RefusalWriter } from "./errors.js";
import { Faults } from "./faults.js";
import { Files } from "./files.js";
import { Follower, type FollowerOptions } from "./followers.js";
import { LedgerBook } from "./ledger.js";
import type { Limits } from "./limits.js";
import type { MediaOptions } from "./media.js";
import { SimulatorOptionError } from "./options.js";
import type { QuotaRule, Scene } from "./reply-window.js";
import { Rids } from "./rids.js";
import { Tokens } from "./tokens.js";

export const DEFAULT_APP_ID = "wx0123456789abcdef";
export const DEFAULT_APP_SECRET = "0123456789abcdef0123456789abcdef";
export const DEFAULT_FOLLOWER = "oSimFollower000000000000000001";

export interface WorldSettings {
  readonly clock: Clock;
  readonly seed: number;
  readonly quota: { readonly rule: QuotaRule; readonly counted: boolean };
  readonly limits: Partial<Limits>;
  readonly ledgerSize: number;
}

export interface Interaction {
  /** Default: the first account that has the follower. */
  appId?: string;
  /** What the follower writes, for the scene `message`; it goes into the chat records. */
  text?: string;
}

/** What there is in this WeChat: accounts with their followers, tokens, faults waiting, and what has happened. */
export class World {
  readonly clock: Clock;
  readonly accounts = new Map<string, Account>();
  readonly tokens = new Tokens();
  readonly faults: Faults;
  readonly ledger: LedgerBook;
  readonly refusals = new RefusalWriter();
  readonly rids = new Rids();
  readonly files = new Files();

  constructor(readonly settings: WorldSettings) {
    this.clock = settings.clock;
    this.faults = new Faults(settings.seed);
    this.ledger = new LedgerBook(settings.ledgerSize);
  }

  /** Adds an account with the default follower, or changes the settings of a known one. */
  addAccount(value: AccountOptions, where?: string): void {
    const options = readAccountOptions(value, where);
    const known = this.accounts.get(options.appId);
    if (known !== undefined) {
      known.update(options);
      return;
    }
    const { limits, ledgerSize } = this.settings;
    const account = new Account(options, { limits, ledgerSize, files: this.files });
    this.accounts.set(options.appId, account);
    this.addFollower({ openid: DEFAULT_FOLLOWER, appId: options.appId });
  }

  /** Adds a follower, or begins anew with a known one. */
  addFollower(options: FollowerOptions): void {
    const account = this.account(options.appId);
    account.followers.set(options.openid, new Follower(options, this.settings.quota, this.clock.now()));
  }

  addMedia(options: MediaOptions): void {
    this.account(options.appId).media.add(options, this.clock.now());
  }

  /** A follower does something. */
  interact(openid: string, scene: Scene, { appId, text }: Interaction = {}): void {
    if (text !== undefined && scene !== "message") {
      throw new SimulatorOptionError("text", 'is for the scene "message"');
    }
    const { account, follower } = this.find(openid, appId);
    const now = this.clock.now();
    follower.interact(scene, now);
    if (scene === "unfollow") account.sessions.leave(openid);
    if (scene !== "message") return;
    account.sessions.wrote(openid, now);
    const kfAccount = account.sessions.of(openid)?.kfAccount;
    if (text !== undefined) account.records.add({ openid, text, time: now, kfAccount });
  }

  /** As if the account had answered a follower with transfer_customer_service. */
  transfer(openid: string, appId?: string): void {
    this.find(openid, appId).account.sessions.wait(openid, this.clock.now());
  }

  changeAgent(options: AgentOptions): void {
    const agent = this.account(options.appId).agents.get(options.kfAccount);
    if (agent === undefined) {
      throw new SimulatorOptionError(
        "kfAccount",
        `there is no agent "${options.kfAccount}"; add it to the account first`,
      );
    }
    changeAgent(agent, options, this.clock.now());
  }

  /** A follower with the account; without `appId` the first account that knows the openid. */
  private find(openid: string, appId: string | undefined): { account: Account; follower: Follower } {
    for (const account of appId === undefined ? this.accounts.values() : [this.account(appId)]) {
      const follower = account.followers.get(openid);
      if (follower !== undefined) return { account, follower };
    }
    throw new SimulatorOptionError("openid", `no account has the follower "${openid}"; add it with addFollower first`);
  }

  /** The account with this AppID; without, the first. */
  account(appId?: string): Account {
    const found = appId === undefined ? this.accounts.values().next().value : this.accounts.get(appId);
    if (found === undefined) {
      throw new SimulatorOptionError("appId", `there is no account ${appId ?? ""}; add it with addAccount first`);
    }
    return found;
  }

  errmsg(refusal: Refusal): { errmsg: string; rid: string } {
    const rid = this.refusals.rid(this.clock.now());
    return { errmsg: this.refusals.errmsg(refusal, rid), rid };
  }
}
