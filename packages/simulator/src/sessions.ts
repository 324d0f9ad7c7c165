interface Session {
  readonly kfAccount: string;
  /** Milliseconds since 1970. */
  readonly since: number;
}

/** Which follower talks with which agent of an account, and who waits for one. */
export class Sessions {
  private readonly open = new Map<string, Session>();
  private readonly waiting = new Map<string, number>();

  of(openid: string): Session | undefined {
    return this.open.get(openid);
  }

  /** The sessions of an agent, the oldest first. */
  with(kfAccount: string): readonly { openid: string; since: number }[] {
    return [...this.open]
      .filter(([, session]) => session.kfAccount === kfAccount)
      .map(([openid, { since }]) => ({ openid, since }));
  }

  /** Those who wait, with the time of what they last wrote; who has waited longest comes first. */
  get queue(): readonly { openid: string; latest: number }[] {
    return [...this.waiting].map(([openid, latest]) => ({ openid, latest }));
  }

  create(openid: string, kfAccount: string, now: number): void {
    this.waiting.delete(openid);
    this.open.set(openid, { kfAccount, since: now });
  }

  close(openid: string): void {
    this.open.delete(openid);
  }

  closeAll(kfAccount: string): void {
    for (const { openid } of this.with(kfAccount)) this.open.delete(openid);
  }

  /** The follower is handed to the agents; one who has a session does not wait. */
  wait(openid: string, now: number): void {
    if (!this.open.has(openid)) this.waiting.set(openid, now);
  }

  /** The follower writes. */
  wrote(openid: string, now: number): void {
    if (this.waiting.has(openid)) this.waiting.set(openid, now);
  }

  leave(openid: string): void {
    this.waiting.delete(openid);
    this.open.delete(openid);
  }
}
