import { type OnlineAgent, WeChatApiError, type WeChatClient } from "@wechat-offiaccount/core";

/** WeChat's "the follower has no session with an agent". */
const NO_SESSION = 65413;

/** The follower and the agent who serves them, written `name@account-wechat-id`. */
export interface Served {
  readonly openid: string;
  readonly account: string;
}

/** Whether a session was ended, and whose. */
export type Ended = (Served & { readonly ended: true }) | { readonly openid: string; readonly ended: false };

/**
 * Hands a follower to a human agent. WeChat's call wants an agent by name; where none is given, it is the one who serves
 * the follower already, else the one with the fewest sessions among those who are online.
 * @returns undefined if nobody is online
 * @throws WeChatError
 */
export async function handOver(
  { sessions, agents }: WeChatClient,
  openid: string,
  agent: string | undefined,
  signal: AbortSignal,
): Promise<Served | undefined> {
  if (agent === undefined) {
    const session = await sessions.get({ openid }, { signal });
    if (session) return { openid, account: session.account };
  }
  const account = agent ?? leastBusy(await agents.online({ signal }));
  if (account === undefined) return undefined;
  await sessions.create({ account, openid }, { signal });
  return { openid, account };
}

function leastBusy(online: readonly OnlineAgent[]): string | undefined {
  return online.toSorted((one, other) => one.sessions - other.sessions)[0]?.account;
}

/**
 * Takes a follower back from a human agent.
 * @param agent who must be the one that serves them; undefined: whoever does
 * @throws WeChatError
 */
export async function takeBack(
  { sessions }: WeChatClient,
  openid: string,
  agent: string | undefined,
  signal: AbortSignal,
): Promise<Ended> {
  const account = agent ?? (await sessions.get({ openid }, { signal }))?.account;
  if (account === undefined) return { openid, ended: false };
  try {
    await sessions.close({ account, openid }, { signal });
  } catch (error) {
    // Its agent may have ended it meanwhile.
    if (error instanceof WeChatApiError && error.errcode === NO_SESSION) return { openid, ended: false };
    throw error;
  }
  return { openid, account, ended: true };
}
