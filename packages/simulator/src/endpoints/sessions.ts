import type { Account } from "../accounts.js";
import type { Agent } from "../agents.js";
import { isRefusal, type Refusal, refuse } from "../errors.js";
import type { Fields } from "../options.js";
import { agentOf } from "./agents.js";
import { type ApiAnswer, type Context, json, OK } from "./endpoint.js";
import { follower } from "./recipients.js";

/** Official page getwaitcase: at most 100 of those who wait. */
const MOST_WAITING = 100;

/** POST /customservice/kfsession/create */
export function createSession(body: Fields, { account, now }: Context): ApiAnswer {
  const pair = readPair(body, account);
  if (isRefusal(pair)) return pair;
  const { agent, openid } = pair;
  if (agent.worker === undefined) return refuse(65402);
  if (!agent.online) return refuse(65415);
  const session = account.sessions.of(openid);
  // Official page: the session that there already is with this agent is a success.
  if (session?.kfAccount === agent.kfAccount) return OK;
  if (session !== undefined) return refuse(65414);
  account.sessions.create(openid, agent.kfAccount, now);
  return OK;
}

/** POST /customservice/kfsession/close */
export function closeSession(body: Fields, { account }: Context): ApiAnswer {
  const pair = readPair(body, account);
  if (isRefusal(pair)) return pair;
  const session = account.sessions.of(pair.openid);
  if (session === undefined) return refuse(65413);
  if (session.kfAccount !== pair.agent.kfAccount) return refuse(65414);
  account.sessions.close(pair.openid);
  return OK;
}

/** GET /customservice/kfsession/getsession?openid= */
export function getSession({ account, request }: Context): ApiAnswer {
  const openid = customer(request.query.get("openid"), account);
  if (isRefusal(openid)) return openid;
  const session = account.sessions.of(openid);
  // Official page: without a session kf_account is empty. Whether createtime is there is not said: here it is not.
  if (session === undefined) return json({ kf_account: "" });
  return json({ createtime: Math.floor(session.since / 1000), kf_account: session.kfAccount });
}

/** GET /customservice/kfsession/getsessionlist?kf_account= */
export function listSessions({ account, request }: Context): ApiAnswer {
  const agent = agentOf(request.query.get("kf_account") ?? "", account);
  if (isRefusal(agent)) return agent;
  return json({
    sessionlist: account.sessions
      .with(agent.kfAccount)
      .map(({ openid, since }) => ({ createtime: Math.floor(since / 1000), openid })),
  });
}

/** GET /customservice/kfsession/getwaitcase */
export function listWaiting({ account }: Context): ApiAnswer {
  const { queue } = account.sessions;
  return json({
    count: queue.length,
    waitcaselist: queue
      .slice(0, MOST_WAITING)
      .map(({ openid, latest }) => ({ latest_time: Math.floor(latest / 1000), openid })),
  });
}

function readPair({ kf_account, openid }: Fields, account: Account): { agent: Agent; openid: string } | Refusal {
  const agent = agentOf(kf_account, account);
  if (isRefusal(agent)) return agent;
  const found = customer(openid, account);
  return isRefusal(found) ? found : { agent, openid: found };
}

/** The session pages know one code for anyone who is no follower: 40003. */
function customer(openid: unknown, account: Account): string | Refusal {
  const found = follower(openid, account);
  return isRefusal(found) ? refuse(40003) : found.openid;
}
