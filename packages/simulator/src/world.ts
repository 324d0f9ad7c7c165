import { Account, type AccountOptions, type Limits, readAccountOptions } from "./accounts.js";
import type { Clock } from "./clock.js";
import { type Refusal, RefusalWriter } from "./errors.js";
import { Faults } from "./faults.js";
import { Follower, type FollowerOptions } from "./followers.js";
import { LedgerBook } from "./ledger.js";
import { createMedia, type MediaOptions } from "./media.js";
import { SimulatorOptionError } from "./options.js";
import type { QuotaRule, Scene } from "./reply-window.js";
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

/** What there is in this WeChat: accounts with their followers, tokens, faults waiting, and what has happened. */
export class World {
  readonly clock: Clock;
  readonly accounts = new Map<string, Account>();
  readonly tokens = new Tokens();
  readonly faults: Faults;
  readonly ledger: LedgerBook;
  readonly refusals = new RefusalWriter();

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
    const account = new Account(options, this.settings.limits);
    this.accounts.set(options.appId, account);
    this.addFollower({ openid: DEFAULT_FOLLOWER, appId: options.appId });
  }

  /** Adds a follower, or begins anew with a known one. */
  addFollower(options: FollowerOptions): void {
    const account = this.account(options.appId);
    account.followers.set(options.openid, new Follower(options, this.settings.quota, this.clock.now()));
  }

  addMedia(options: MediaOptions): void {
    this.account(options.appId).media.set(options.mediaId, createMedia(options, this.clock.now()));
  }

  /** A follower does something. Without `appId`: of the first account that knows the openid. */
  interact(openid: string, scene: Scene, appId?: string): void {
    const accounts = appId === undefined ? [...this.accounts.values()] : [this.account(appId)];
    const follower = accounts.map((account) => account.followers.get(openid)).find((found) => found !== undefined);
    if (follower === undefined) {
      throw new SimulatorOptionError(
        "openid",
        `no account has the follower "${openid}"; add it with addFollower first`,
      );
    }
    follower.interact(scene, this.clock.now());
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
