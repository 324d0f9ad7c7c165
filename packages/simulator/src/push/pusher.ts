import { randomInt } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type { Account } from "../accounts.js";
import { PUSHES, type Strike } from "../faults.js";
import type { PushEntry } from "../ledger.js";
import type { World } from "../world.js";
import { type CallResult, call, connectTime } from "./call.js";
import {
  accountIdOf,
  type Callback,
  callbackOf,
  type PushRequest,
  pushRequest,
  signedUrl,
  writePlain,
} from "./callback.js";
import type { PushFields } from "./markup.js";
import { failureNotice, NOT_PUSHED, noCallbackNotice } from "./notices.js";
import { type Push, type PushOutcome, type PushTry, SERVICE_FAILED } from "./record.js";
import { judge, type Verdict } from "./replies.js";

const LONGEST_ANSWER_KEPT = 2000;
const TIMEOUT = "timeout";
const STOPPED = "stopped";

/** What is pushed. */
export interface Occurrence {
  /** MsgType and what follows, in WeChat's spelling. */
  readonly fields: PushFields;
  /** A message, with a MsgId; else an event. */
  readonly message: boolean;
  /** The follower did it and looks at the chat: replies and failures are shown. */
  readonly watched: boolean;
}

/** A push, or why there is none. */
export type Sent =
  | { readonly push: Push; readonly notPushed?: undefined }
  | { readonly push?: undefined; readonly notPushed: string };

/** A push on its way: to whom, what, and its entry in the ledger. */
interface Way {
  readonly account: Account;
  readonly callback: Callback;
  readonly fields: PushFields;
  readonly occurrence: Occurrence;
  readonly push: PushEntry;
}

/** Pushes messages and events to the callbacks, as WeChat does: with a limit, three tries, and replies. */
export class Pusher {
  private readonly underWay = new Set<Promise<void>>();
  /** Pushes that faults hold back until another one of the account is through. */
  private readonly held = new Map<Account, Set<() => void>>();
  private readonly ending = new AbortController();
  /** The accounts of which was said that they have no callback. */
  private readonly noticed = new Set<Account>();
  /**
   * Real MsgIds have 17 digits: more than a JavaScript number holds exactly. Each simulator begins elsewhere, so that a
   * receiver that remembers ids does not take new messages for old ones.
   */
  private nextMsgId = 24_800_000_000_000_000n + BigInt(randomInt(2 ** 46));

  constructor(private readonly world: World) {}

  send(account: Account, openid: string, occurrence: Occurrence): Sent {
    const callback = callbackOf(account.options);
    if (this.ending.signal.aborted) return { notPushed: NOT_PUSHED.closed };
    if (callback === undefined) {
      if (occurrence.watched) this.noticeNoCallback(account);
      return { notPushed: NOT_PUSHED.noCallback };
    }
    const time = this.world.clock.now();
    const { MsgType, ...others } = occurrence.fields;
    const msgId = occurrence.message ? this.nextMsgId++ : undefined;
    const fields: PushFields = {
      ToUserName: accountIdOf(account.options),
      FromUserName: openid,
      CreateTime: Math.floor(time / 1000),
      MsgType: MsgType ?? "",
      ...others,
      ...(msgId === undefined ? {} : { MsgId: msgId }),
    };
    const push = this.world.ledger.addPush({
      time,
      appId: account.appId,
      openid,
      msgType: String(MsgType),
      ...(typeof others.Event === "string" ? { event: others.Event } : {}),
      ...(msgId === undefined ? {} : { msgId: String(msgId) }),
      body: writePlain(callback, fields),
    });
    const strike = this.world.faults.take({ path: PUSHES, appId: account.appId, openid });
    if (strike !== undefined) push.fault = strike.kind;
    const done = this.go({ account, callback, fields, occurrence, push }, strike).finally(() => {
      this.underWay.delete(done);
      this.world.changes.push(push);
    });
    this.underWay.add(done);
    return { push };
  }

  /** Resolves when no push is under way any more, those included that others bring about. */
  async settled(): Promise<void> {
    while (this.underWay.size > 0) await Promise.all(this.underWay);
  }

  /** Cuts what is under way; nothing is pushed any more. */
  async close(): Promise<void> {
    this.ending.abort(STOPPED);
    await this.settled();
  }

  /**
   * The request with which the console checks a URL, on the page of the callback's settings (接入指南).
   * @returns what went wrong, or undefined
   */
  async verify(account: Account, callback: Callback): Promise<string | undefined> {
    const echostr = String(this.nextMsgId++);
    const url = signedUrl(callback, { echostr });
    const result = await this.exchange(account, { url, body: "", contentType: "" }, "GET");
    if ("error" in result) return result.error;
    if (result.status !== 200) return `HTTP ${result.status}`;
    return result.body === echostr ? undefined : "the answer is not the echostr alone";
  }

  /** Real milliseconds until a connection to the address stands; undefined when none comes about. */
  reach(account: Account, host: string, port: number): Promise<number | undefined> {
    return this.limited(account, (signal) => connectTime(host, port, signal));
  }

  private async go(way: Way, strike: Strike | undefined): Promise<void> {
    const { push, account } = way;
    if (strike?.kind === "push-slow" && !(await this.delay(strike.delayMs))) {
      push.outcome = STOPPED;
      return;
    }
    if (strike?.kind === "push-reorder") await this.hold(account, strike.delayMs);
    if (strike?.kind === "push-drop") push.outcome = "dropped";
    else if (strike?.kind === "push-signature") {
      await this.attempt(way, this.request(way, true));
      push.outcome = this.ending.signal.aborted ? STOPPED : "forged";
    } else if (strike?.kind === "push-duplicate") {
      [push.outcome] = await Promise.all([this.deliver(way), this.deliver(way)]);
    } else push.outcome = await this.deliver(way, strike?.kind === "push-replay");
    for (const release of this.held.get(account) ?? []) release();
  }

  /**
   * Up to three tries: official page, 微信服务器在五秒内收不到响应会断掉连接，并且重新发起请求，总共重试三次. Of a connection that
   * is refused or breaks no source says anything; it is repeated like one without answer.
   */
  private async deliver(way: Way, replayed = false): Promise<PushOutcome> {
    let request = this.request(way);
    let result = await this.attempt(way, request);
    const { pushTries } = way.account.limits;
    for (let tried = 1; "error" in result && tried < pushTries && !this.ending.signal.aborted; tried++) {
      request = this.request(way);
      result = await this.attempt(way, request);
    }
    if (this.ending.signal.aborted) return STOPPED;
    const outcome = "error" in result ? this.unanswered(way, result.error) : this.answered(way, result);
    if (replayed) await this.attempt(way, request, true);
    return outcome;
  }

  private request({ callback, fields }: Way, forged = false): PushRequest {
    // No source says whether a repeated request has the nonce of the first; here each has its own.
    return pushRequest(callback, fields, forged);
  }

  private async attempt({ push, account }: Way, request: PushRequest, replay = false): Promise<CallResult> {
    const entry: PushTry = { time: this.world.clock.now(), ...(replay ? { replay } : {}) };
    push.tries.push(entry);
    this.world.changes.push(push);
    const start = performance.now();
    const result = await this.exchange(account, request, "POST");
    entry.latencyMs = Math.round((performance.now() - start) * 10) / 10;
    if ("error" in result) entry.error = result.error;
    else {
      entry.status = result.status;
      entry.answer = result.body.slice(0, LONGEST_ANSWER_KEPT);
    }
    this.world.changes.push(push);
    return result;
  }

  private exchange(account: Account, { url, body, contentType }: PushRequest, method: string): Promise<CallResult> {
    const headers = method === "GET" ? {} : { "Content-Type": contentType, "Content-Length": Buffer.byteLength(body) };
    return this.limited(account, (signal) => call(url, { method, headers }, body, signal));
  }

  /** Gives `work` the time that WeChat gives a callback. */
  private async limited<T>(account: Account, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const limit = new AbortController();
    const disarm = this.world.alarms.after(account.limits.pushTimeout, () => limit.abort(TIMEOUT));
    const result = await work(AbortSignal.any([limit.signal, this.ending.signal]));
    disarm();
    return result;
  }

  private unanswered(way: Way, error: string): PushOutcome {
    this.showFailure(way, error);
    return "no-answer";
  }

  private answered(way: Way, { status, body }: Exclude<CallResult, { error: string }>): PushOutcome {
    const { account, callback, push, occurrence } = way;
    const { openid } = push;
    const now = this.world.clock.now();
    const verdict = judge(status, body, { account, callback, openid, message: occurrence.message, now });
    if (verdict.kind === "nothing") return "accepted";
    if (verdict.kind === "bad") {
      push.problem = verdict.problem;
      this.showFailure(way, verdict.problem);
      return "bad-answer";
    }
    const refused = this.useless(verdict, way);
    if (refused !== undefined) {
      push.problem = refused;
      return "ignored";
    }
    return this.carryOut(verdict, way, now);
  }

  /** Why WeChat does nothing with a reply that is well made. */
  private useless(verdict: Verdict, { account, push, occurrence }: Way): string | undefined {
    if (!occurrence.watched) return "nobody waits for a reply to this event";
    if (account.followers.get(push.openid)?.subscribed !== true) return "the follower has left";
    if (verdict.kind !== "transfer") return undefined;
    // Official page 将消息转发到客服: only what users send, other events should not be handed on.
    if (!occurrence.message) return "transfer_customer_service is for messages, not for events";
    return account.options.customerService === false ? "the customer service is switched off" : undefined;
  }

  private carryOut(verdict: Exclude<Verdict, { kind: "nothing" | "bad" }>, way: Way, now: number): PushOutcome {
    const { account, push } = way;
    const { openid, id: pushId } = push;
    if (verdict.kind === "ai") return "handed-to-ai";
    if (verdict.kind === "transfer") {
      account.handOver(openid, now, verdict.kfAccount);
      return "transferred";
    }
    const { msgtype, body, text } = verdict;
    const shown = this.world.ledger.addMessage({
      via: "passive-reply",
      pushId,
      time: now,
      appId: account.appId,
      openid,
      msgtype,
      ...(text === undefined ? {} : { text }),
      body,
      ai: false,
    });
    account.records.add(shown);
    const follower = account.followers.get(openid);
    if (follower !== undefined) follower.typingUntil = 0;
    return "replied";
  }

  /** Whoever runs the simulator hears of it, and the follower if it was the follower's doing. */
  private showFailure({ occurrence, callback, push }: Way, problem: string): void {
    this.world.settings.notice(failureNotice(push, callback.url, problem));
    if (!occurrence.watched) return;
    const { appId, openid, id: pushId } = push;
    this.world.ledger.addLine({
      time: this.world.clock.now(),
      appId,
      openid,
      from: "system",
      text: SERVICE_FAILED,
      pushId,
    });
  }

  /** Once for an account: it may be meant to have none. */
  private noticeNoCallback(account: Account): void {
    if (this.noticed.has(account)) return;
    this.noticed.add(account);
    this.world.settings.notice(noCallbackNotice(account.appId));
  }

  /** Waits until another push of the account is through, or `ms` real milliseconds. */
  private async hold(account: Account, ms: number): Promise<void> {
    const holding = this.held.get(account) ?? new Set();
    this.held.set(account, holding);
    const released = new AbortController();
    const release = () => released.abort();
    holding.add(release);
    await this.delay(ms, released.signal);
    holding.delete(release);
  }

  /** False when it was cut short. */
  private async delay(ms: number, until?: AbortSignal): Promise<boolean> {
    const signal = until === undefined ? this.ending.signal : AbortSignal.any([this.ending.signal, until]);
    return wait(ms, true, { signal }).catch(() => false);
  }
}
