import { randomBytes, randomInt } from "node:crypto";
import type { Account } from "./accounts.js";

const SECOND = 1000;
/** Official: "expires_in" is 7200 at most. */
const LIFE = 7200 * SECOND;
/** Official: after a refresh the former token stays valid for five minutes. */
const OVERLAP = 300 * SECOND;
/** Official: the platform renews a stable token five minutes before it ends. */
const RENEW_BEFORE = 300 * SECOND;
/** Dead tokens that are still recognised, so that they are refused with the right code. */
const REMEMBERED = 5000;

const SHAPE = /^\d{2,3}_[A-Za-z0-9_-]{100,}$/;

export type TokenKind = "classic" | "stable";

interface AccessToken {
  readonly value: string;
  readonly account: Account;
  expiresAt: number;
  /** From this time on a newer token has replaced it (40001). */
  refusedFrom: number;
  /** 40001, unless it was killed with another code. */
  refusedWith: DeadTokenCode;
}

/** How WeChat refuses a token before its time: not the latest (40001), not known (40014). */
export type DeadTokenCode = 40001 | 40014;

/** The tokens of one account and kind: only the latest and the one before it are ever valid. */
interface Line {
  current?: AccessToken;
  previous?: AccessToken;
  lastForced?: number;
}

export interface IssuedToken {
  readonly value: string;
  /** Whole seconds the token still lives. */
  readonly expiresIn: number;
}

/** Issues and judges access tokens. Classic and stable tokens of an account do not touch each other. */
export class Tokens {
  private readonly known = new Map<string, AccessToken>();
  private readonly lines = new Map<string, Line>();

  /** GET /cgi-bin/token: always a new token. */
  classic(account: Account, now: number): IssuedToken {
    return issued(this.issue(account, "classic", now), now);
  }

  /** POST /cgi-bin/stable_token: the current token, unless it is about to end or a forced refresh is granted. */
  stable(account: Account, force: boolean, now: number): IssuedToken {
    const line = this.line(account, "stable");
    if (force && this.mayForce(account, line, now)) {
      line.lastForced = now;
      return issued(this.issue(account, "stable", now), now);
    }
    const { current } = line;
    if (current !== undefined && current.expiresAt - now > RENEW_BEFORE) return issued(current, now);
    return issued(this.issue(account, "stable", now), now);
  }

  /** The account a token belongs to, or the errcode with which it is refused. */
  judge(value: string | undefined, now: number): Account | 41001 | 40014 | 40001 | 42001 {
    if (value === undefined || value === "") return 41001;
    const token = this.known.get(value);
    if (token === undefined) return SHAPE.test(value) ? 40001 : 40014;
    if (now >= token.expiresAt) return 42001;
    if (now >= token.refusedFrom) return token.refusedWith;
    return token.account;
  }

  /** Whose token this is, whether it is still valid or not. */
  owner(value: string | undefined): Account | undefined {
    return value === undefined ? undefined : this.known.get(value)?.account;
  }

  /** The current token and the one before it are refused from now on; with `repeat` it is still handed out. */
  kill(
    account: Account,
    kind: TokenKind,
    now: number,
    { repeat, errcode }: { repeat: boolean; errcode: DeadTokenCode },
  ) {
    const line = this.line(account, kind);
    for (const token of [line.current, line.previous]) {
      if (token === undefined) continue;
      token.refusedFrom = Math.min(token.refusedFrom, now);
      token.refusedWith = errcode;
    }
    if (!repeat) line.current = undefined;
    line.previous = undefined;
  }

  /** All tokens of the account end now (42001). */
  expire(account: Account, now: number): void {
    for (const kind of ["classic", "stable"] as const) {
      const line = this.line(account, kind);
      for (const token of [line.current, line.previous]) {
        if (token !== undefined) token.expiresAt = Math.min(token.expiresAt, now);
      }
    }
  }

  /** Masked current tokens, for people. */
  describe(account: Account, now: number): Record<TokenKind, { token: string; expiresIn: number } | null> {
    const show = (kind: TokenKind) => {
      const { current } = this.line(account, kind);
      if (current === undefined || now >= current.expiresAt) return null;
      return { token: maskToken(current.value), expiresIn: issued(current, now).expiresIn };
    };
    return { classic: show("classic"), stable: show("stable") };
  }

  private mayForce(account: Account, line: Line, now: number): boolean {
    const { forcedRefreshInterval, forcedRefreshesPerDay } = account.limits;
    if (line.lastForced !== undefined && now - line.lastForced < forcedRefreshInterval) return false;
    return account.usage.forcedRefreshes.take(forcedRefreshesPerDay, now);
  }

  private issue(account: Account, kind: TokenKind, now: number): AccessToken {
    const line = this.line(account, kind);
    if (line.previous !== undefined) line.previous.refusedFrom = Math.min(line.previous.refusedFrom, now);
    if (line.current !== undefined) line.current.refusedFrom = Math.min(line.current.refusedFrom, now + OVERLAP);
    const token: AccessToken = {
      value: `${randomInt(60, 100)}_${randomBytes(99).toString("base64url")}`,
      account,
      expiresAt: now + LIFE,
      refusedFrom: Number.POSITIVE_INFINITY,
      refusedWith: 40001,
    };
    line.previous = line.current;
    line.current = token;
    this.known.set(token.value, token);
    this.forget(now);
    return token;
  }

  private line(account: Account, kind: TokenKind): Line {
    const key = `${kind} ${account.appId}`;
    let line = this.lines.get(key);
    if (line === undefined) {
      line = {};
      this.lines.set(key, line);
    }
    return line;
  }

  private forget(now: number): void {
    for (const [value, token] of this.known) {
      if (this.known.size <= REMEMBERED) return;
      if (now >= token.expiresAt || now >= token.refusedFrom) this.known.delete(value);
    }
  }
}

function issued(token: AccessToken, now: number): IssuedToken {
  return { value: token.value, expiresIn: Math.floor((token.expiresAt - now) / SECOND) };
}

/** The first and last four characters: enough to tell two tokens apart, not to use one. */
export function maskToken(value: string): string {
  return value.length < 24 ? "***" : `${value.slice(0, 4)}…${value.slice(-4)}`;
}
