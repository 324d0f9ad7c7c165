import { Account, type AccountOptions, readAccountOptions } from "./accounts.js";
import { type AgentOptions, changeAgent } from "./agents.js";
import { Alarms } from "./alarms.js";
import { Changes } from "./changes.js";
import type { Clock } from "./clock.js";
import { type Refusal, RefusalWriter } from "./errors.js";
import { Faults } from "./faults.js";
import { Files } from "./files.js";
import { ADD_FOLLOWER, Follower, type FollowerOptions } from "./followers.js";
import { LedgerBook } from "./ledger.js";
import type { Limits } from "./limits.js";
import type { MediaOptions } from "./media.js";
import type { CustomMenu } from "./menus.js";
import { SimulatorOptionError } from "./options.js";
import { deedOf, event } from "./push/action-fields.js";
import type { FollowerAction } from "./push/actions.js";
import { CALLBACK_FIELDS, type CallbackOptions, callbackOf } from "./push/callback.js";
import type { PushFields } from "./push/markup.js";
import { adviceOn, NOT_PUSHED } from "./push/notices.js";
import { Pusher } from "./push/pusher.js";
import type { Push } from "./push/record.js";
import type { QuotaRule, Scene } from "./reply-window.js";
import { Rids } from "./rids.js";
import type { SessionChange } from "./sessions.js";
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
  /** Gets a line for whoever runs the simulator. */
  notice(line: string): void;
}

export interface Interaction {
  /** Default: the first account that has the follower. */
  appId?: string;
  /** What the follower writes, for the scene `message`; it goes into the chat records. */
  text?: string;
}

/** What came of a follower's action. */
export interface Acted {
  /** Undefined when nothing was pushed. */
  readonly pushId?: number;
  /** In words, why nothing was pushed: the account has no callback, or the message went to a human agent. */
  readonly notPushed?: string;
  /** Of a message that was pushed. */
  readonly msgId?: string;
  /** Of the file that was sent: media/get serves it for three days. */
  readonly mediaId?: string;
}

/** What there is in this WeChat: accounts with their followers, tokens, faults waiting, and what has happened. */
export class World {
  readonly changes = new Changes();
  readonly clock: Clock;
  readonly accounts = new Map<string, Account>();
  readonly tokens = new Tokens();
  readonly faults: Faults;
  readonly ledger: LedgerBook;
  readonly refusals = new RefusalWriter();
  readonly rids = new Rids();
  readonly files = new Files();
  readonly alarms: Alarms;
  readonly pusher: Pusher;
  /** Name and port under which this machine reaches the simulator. */
  host = "127.0.0.1";

  constructor(readonly settings: WorldSettings) {
    this.alarms = new Alarms(settings.clock, () => this.changes.clockMoved());
    this.clock = this.alarms.clock;
    this.pusher = new Pusher(this);
    this.faults = new Faults(settings.seed, () => this.changes.state());
    this.ledger = new LedgerBook(settings.ledgerSize, this.changes);
  }

  /** Adds an account with the default follower, or changes the settings of a known one. */
  addAccount(value: AccountOptions, where?: string): void {
    const options = readAccountOptions(value, where);
    const known = this.accounts.get(options.appId);
    if (known !== undefined) {
      known.update(options);
      this.changes.state();
      return;
    }
    const { limits, ledgerSize } = this.settings;
    const account = new Account(options, { limits, ledgerSize, files: this.files });
    account.sessions.onChange = (change) => this.pushEvent(account, change.openid, sessionEvent(change));
    this.accounts.set(options.appId, account);
    this.addFollower({ openid: DEFAULT_FOLLOWER, appId: options.appId });
  }

  /** Adds a follower, or begins anew with a known one. */
  addFollower(options: FollowerOptions): void {
    const account = this.account(options.appId);
    account.followers.set(options.openid, new Follower(options, this.settings.quota, this.clock.now()));
    this.changes.state();
  }

  /** Gives an account a custom menu, which the phone shows, or takes it away. */
  setMenu(menu: CustomMenu | undefined, appId?: string): void {
    this.account(appId).menu = menu;
    this.changes.state();
  }

  addMedia(options: MediaOptions): void {
    this.account(options.appId).media.add(options, this.clock.now());
  }

  /** As if a follower had done something: the reply window opens, but nothing is pushed. */
  interact(openid: string, scene: Scene, { appId, text }: Interaction = {}): void {
    if (text !== undefined && scene !== "message") {
      throw new SimulatorOptionError("text", 'is for the scene "message"');
    }
    const { account, follower } = this.find(openid, appId);
    this.effect(account, follower, scene, text);
    if (text !== undefined) this.showWords(account, follower, text, { MsgType: "text", Content: text });
  }

  /** A follower does something, and WeChat pushes it to the account's callback. */
  act(openid: string, action: FollowerAction, appId?: string): Acted {
    const { account, follower } = this.find(openid, appId);
    const { subscribed } = follower;
    if (action.type !== "follow" && action.type !== "scan") follower.mustFollow();
    const { scene, fields, words, mediaId } = deedOf(action, { world: this, account, openid, subscribed });
    this.effect(account, follower, scene, words);
    // Official page 将消息转发到客服: in a session messages go to the agent, events still come to the callback.
    const toAgent = words !== undefined && account.sessions.forwards(openid, this.clock.now());
    const { push, notPushed } = toAgent
      ? { notPushed: NOT_PUSHED.agent }
      : this.pusher.send(account, openid, { fields, message: words !== undefined, watched: scene !== "unfollow" });
    if (words !== undefined) this.showWords(account, follower, words, fields, push);
    return {
      ...(push === undefined ? { notPushed } : { pushId: push.id }),
      ...(push?.msgId === undefined ? {} : { msgId: push.msgId }),
      ...(mediaId === undefined ? {} : { mediaId }),
    };
  }

  /** WeChat tells the callback of something that the follower did not do. */
  pushEvent(account: Account, openid: string, fields: PushFields): void {
    this.pusher.send(account, openid, { fields, message: false, watched: false });
  }

  /**
   * Sets an account's callback as the console does: the URL must first give the echostr back.
   * @throws SimulatorOptionError when it does not
   */
  async setCallback(options: CallbackOptions, appId?: string): Promise<void> {
    const account = this.account(appId);
    const others = Object.entries(account.options).filter(([name]) => !CALLBACK_FIELDS.some((field) => field === name));
    const next = readAccountOptions({ callbackNetwork: "real", ...Object.fromEntries(others), ...options });
    const callback = callbackOf(next);
    const failed = callback === undefined ? undefined : await this.pusher.verify(account, callback);
    if (failed !== undefined) {
      throw new SimulatorOptionError(
        "callback",
        `the URL was not verified: ${failed}; it must answer with the echostr. ${adviceOn(failed) ?? ""}`.trimEnd(),
      );
    }
    account.update(next);
    this.changes.state();
  }

  /** What an action means for window, sessions and records. */
  private effect(account: Account, follower: Follower, scene: Scene | undefined, words: string | undefined): void {
    this.changes.state();
    const { openid } = follower;
    const now = this.clock.now();
    if (scene !== undefined) follower.interact(scene, now);
    if (scene === "unfollow") account.sessions.leave(openid);
    if (scene === "message" || words !== undefined) account.sessions.wrote(openid, now);
    const kfAccount = account.sessions.of(openid)?.kfAccount;
    if (words !== undefined) account.records.add({ openid, text: words, time: now, kfAccount });
  }

  private showWords(
    { appId }: Account,
    { openid }: Follower,
    text: string,
    body: Readonly<Record<string, unknown>>,
    push?: Push,
  ): void {
    const pushId = push === undefined ? {} : { pushId: push.id };
    this.ledger.addLine({ time: this.clock.now(), appId, openid, from: "follower", text, body, ...pushId });
  }

  /** As if the account had answered a follower with transfer_customer_service. */
  transfer(openid: string, appId?: string): void {
    this.find(openid, appId).account.handOver(openid, this.clock.now());
  }

  /** An agent hands a follower to another agent. */
  switchSession(openid: string, kfAccount: string, appId?: string): void {
    const { account } = this.find(openid, appId);
    if (account.agents.get(kfAccount)?.online !== true) {
      throw new SimulatorOptionError("kfAccount", `no agent "${kfAccount}" is online`);
    }
    if (!account.sessions.switch(openid, kfAccount, this.clock.now())) {
      throw new SimulatorOptionError("openid", `${openid} is in no session; create one first`);
    }
  }

  changeAgent(options: AgentOptions): void {
    const account = this.account(options.appId);
    const agent = account.agents.get(options.kfAccount);
    if (agent === undefined) {
      throw new SimulatorOptionError(
        "kfAccount",
        `there is no agent "${options.kfAccount}"; add it to the account first`,
      );
    }
    changeAgent(agent, options, this.clock.now());
    account.takeReserved(agent, this.clock.now());
  }

  /** A follower with the account; without `appId` the first account that knows the openid. */
  private find(openid: string, appId: string | undefined): { account: Account; follower: Follower } {
    for (const account of appId === undefined ? this.accounts.values() : [this.account(appId)]) {
      const follower = account.followers.get(openid);
      if (follower !== undefined) return { account, follower };
    }
    throw new SimulatorOptionError(
      "openid",
      `no account has the follower "${openid}"; add it first with ${ADD_FOLLOWER} (subscribed: false: it does not follow yet)`,
    );
  }

  /** The account with this AppID; without, the first. */
  account(appId?: string): Account {
    const found = appId === undefined ? this.accounts.values().next().value : this.accounts.get(appId);
    if (found === undefined) {
      throw new SimulatorOptionError(
        "appId",
        `there is no account ${appId ?? ""}; add it first with addAccount, over HTTP POST /simulator/accounts`,
      );
    }
    return found;
  }

  errmsg(refusal: Refusal): { errmsg: string; rid: string } {
    const rid = this.refusals.rid(this.clock.now());
    return { errmsg: this.refusals.errmsg(refusal, rid), rid };
  }
}

function sessionEvent(change: SessionChange): PushFields {
  return change.change === "switch"
    ? event("kf_switch_session", { FromKfAccount: change.from, ToKfAccount: change.to })
    : event(`kf_${change.change}_session`, { KfAccount: change.kfAccount });
}
