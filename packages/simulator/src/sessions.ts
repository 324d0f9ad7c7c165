interface Session {
  readonly kfAccount: string;
  /** Milliseconds since 1970. */
  readonly since: number;
}

interface Waiting {
  /** When the follower last wrote, in milliseconds since 1970. */
  readonly latest: number;
  /** The one agent who may take the follower. */
  readonly reservedFor?: string | undefined;
}

/** What happens to a session; WeChat pushes it as an event (kf_create_session and so on). */
export type SessionChange =
  | { readonly change: "create" | "close"; readonly openid: string; readonly kfAccount: string }
  | { readonly change: "switch"; readonly openid: string; readonly from: string; readonly to: string };

/** Official page 将消息转发到客服: after 30 minutes a session that nobody closed takes no messages any more. */
const FORWARDED_FOR = 30 * 60_000;

/** Which follower talks with which agent of an account, and who waits for one. */
export class Sessions {
  private readonly open = new Map<string, Session>();
  private readonly waiting = new Map<string, Waiting>();
  /** Hears of every session that begins, ends or goes to another agent; not of followers who leave the account. */
  onChange: (change: SessionChange) => void = () => {};

  of(openid: string): Session | undefined {
    return this.open.get(openid);
  }

  /** Whether what the follower writes goes to an agent, and not to the callback. */
  forwards(openid: string, now: number): boolean {
    const session = this.open.get(openid);
    return session !== undefined && now - session.since < FORWARDED_FOR;
  }

  /** The sessions of an agent, the oldest first. */
  with(kfAccount: string): readonly { openid: string; since: number }[] {
    return [...this.open]
      .filter(([, session]) => session.kfAccount === kfAccount)
      .map(([openid, { since }]) => ({ openid, since }));
  }

  /** Those who wait, with the time of what they last wrote; who has waited longest comes first. */
  get queue(): readonly { openid: string; latest: number }[] {
    return [...this.waiting].map(([openid, { latest }]) => ({ openid, latest }));
  }

  /** Those who wait for this agent only. */
  reservedFor(kfAccount: string): readonly string[] {
    return [...this.waiting].filter(([, { reservedFor }]) => reservedFor === kfAccount).map(([openid]) => openid);
  }

  create(openid: string, kfAccount: string, now: number): void {
    this.waiting.delete(openid);
    this.open.set(openid, { kfAccount, since: now });
    this.onChange({ change: "create", openid, kfAccount });
  }

  close(openid: string): void {
    const session = this.open.get(openid);
    if (session === undefined) return;
    this.open.delete(openid);
    this.onChange({ change: "close", openid, kfAccount: session.kfAccount });
  }

  closeAll(kfAccount: string): void {
    for (const { openid } of this.with(kfAccount)) this.close(openid);
  }

  /** The agent hands the follower to another one; false when there is no session. */
  switch(openid: string, to: string, now: number): boolean {
    const from = this.open.get(openid)?.kfAccount;
    if (from === undefined) return false;
    this.open.set(openid, { kfAccount: to, since: now });
    this.onChange({ change: "switch", openid, from, to });
    return true;
  }

  /** The follower is handed to the agents. One in session does not wait; a session that takes no messages ends first. */
  wait(openid: string, now: number, reservedFor?: string): void {
    if (!this.forwards(openid, now)) this.close(openid);
    if (!this.open.has(openid)) this.waiting.set(openid, { latest: now, reservedFor });
  }

  /** The follower writes. */
  wrote(openid: string, now: number): void {
    const waiting = this.waiting.get(openid);
    if (waiting !== undefined) this.waiting.set(openid, { ...waiting, latest: now });
  }

  leave(openid: string): void {
    this.waiting.delete(openid);
    this.open.delete(openid);
  }
}
