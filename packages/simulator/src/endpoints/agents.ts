import { type Account, DEFAULT_WECHAT_ID } from "../accounts.js";
import { type Agent, invitationStatus, invite } from "../agents.js";
import { optional } from "../checks.js";
import { isRefusal, type Refusal, refuse } from "../errors.js";
import { fileUrl } from "../files.js";
import { checkHeadImage } from "../media-formats.js";
import type { FormPart } from "../multipart.js";
import type { Fields } from "../options.js";
import type { World } from "../world.js";
import { type ApiAnswer, type Context, json, OK } from "./endpoint.js";

/** What a name begins with, without the Official Account's WeChat ID after the `@`. */
const LONGEST_PREFIX = 10;
const LONGEST_NICKNAME = 16;
/** WeChat's rule for an ID (微信号): 6 to 20 letters, digits, `_` and `-`, a letter first. */
const WECHAT_ID = /^[A-Za-z][\w-]{5,19}$/;

/** POST /customservice/kfaccount/add */
export function addAgent(body: Fields, { account }: Context): ApiAnswer {
  // A developer's test account got this answer (segmentfault.com/q/1010000005734680); no page says more.
  if (account.options.test === true) return refuse(61450);
  const { kf_account } = body;
  const bad = checkName(kf_account, account) ?? checkNickname(body.nickname) ?? optional(body.business_id);
  if (bad !== undefined) return bad;
  if (account.agents.get(kf_account) !== undefined) return refuse(65406);
  if (account.agents.size >= account.limits.agents) return refuse(65405);
  account.agents.add(String(kf_account), String(body.nickname));
  return OK;
}

/** POST /customservice/kfaccount/update */
export function updateAgent(body: Fields, { account }: Context): ApiAnswer {
  const agent = agentOf(body.kf_account, account);
  if (isRefusal(agent)) return agent;
  const bad = checkNickname(body.nickname);
  if (bad !== undefined) return bad;
  agent.nickname = String(body.nickname);
  return OK;
}

/** POST /customservice/kfaccount/del; older documentation: GET with the name in the query */
export function deleteAgent(body: Fields, { account, world }: Context): ApiAnswer {
  const agent = agentOf(body.kf_account, account);
  if (isRefusal(agent)) return agent;
  account.agents.remove(agent.kfAccount);
  account.sessions.closeAll(agent.kfAccount);
  world.files.remove(agent.headImage);
  return OK;
}

/** POST /customservice/kfaccount/inviteworker. No source gives the order of the checks. */
export function inviteWorker(body: Fields, { account, now, world }: Context): ApiAnswer {
  const agent = agentOf(body.kf_account, account);
  if (isRefusal(agent)) return agent;
  const { invite_wx } = body;
  if (typeof invite_wx !== "string" || !WECHAT_ID.test(invite_wx)) return refuse(65409);
  if (agent.worker !== undefined) return refuse(65412);
  if (account.agents.all.some(({ worker }) => worker?.wechatId === invite_wx)) return refuse(65407);
  const waiting = (other: Agent) => invitationStatus(other, now) === "waiting";
  const sameUser = (other: Agent) => waiting(other) && other.invitation?.wechatId === invite_wx;
  if (account.agents.all.some(sameUser)) return refuse(65408);
  if (waiting(agent)) return refuse(65411);
  if (bindingsOf(invite_wx, world) >= account.limits.agentsPerWorker) return refuse(65410);
  invite(agent, invite_wx, now);
  return OK;
}

/** POST /customservice/kfaccount/uploadheadimg?kf_account= */
export function uploadHeadImage(form: readonly FormPart[], { account, request, world }: Context): ApiAnswer {
  const agent = agentOf(request.query.get("kf_account") ?? "", account);
  if (isRefusal(agent)) return agent;
  const file = checkHeadImage(form);
  if (isRefusal(file)) return file;
  world.files.remove(agent.headImage);
  agent.headImage = world.files.add(file.content, file.contentType, file.extension);
  return OK;
}

/** GET /cgi-bin/customservice/getkflist */
export function listAgents({ account, now, request }: Context): ApiAnswer {
  return json({ kf_list: account.agents.all.map((agent) => described(agent, now, request.host)) });
}

/** GET /cgi-bin/customservice/getonlinekflist */
export function listOnlineAgents({ account }: Context): ApiAnswer {
  return json({
    kf_online_list: account.agents.all
      .filter(({ online }) => online)
      .map(({ kfAccount, id, worker }) => ({
        kf_account: kfAccount,
        status: 1,
        kf_id: id,
        accepted_case: account.sessions.with(kfAccount).length,
        kf_openid: worker?.openid ?? "",
      })),
  });
}

/** An agent of the account: 65401, and 61451 for a name that is no text. */
export function agentOf(name: unknown, account: Account): Agent | Refusal {
  if (typeof name !== "string") return refuse(61451);
  return account.agents.get(name) ?? refuse(65401);
}

/**
 * Official page addkfaccount: the prefix has at most 10 letters, digits and `_`; the suffix is the account's WeChat ID.
 * Where both have a code, the page's 654xx are taken, and the global table's 614xx for what they say more exactly.
 */
function checkName(name: unknown, { options }: Account): Refusal | undefined {
  if (typeof name !== "string") return refuse(61451);
  const at = name.lastIndexOf("@");
  const prefix = name.slice(0, Math.max(at, 0));
  const suffix = options.wechatId ?? DEFAULT_WECHAT_ID;
  if (prefix === "" || name.slice(at + 1) !== suffix) {
    return refuse(65404, `illegal custom service account (in this simulator they end with @${suffix})`);
  }
  if (!/^\w+$/.test(prefix)) return refuse(61455);
  return prefix.length > LONGEST_PREFIX ? refuse(61454) : undefined;
}

function checkNickname(nickname: unknown): Refusal | undefined {
  if (typeof nickname !== "string") return refuse(61451);
  const length = [...nickname].length;
  return length === 0 || length > LONGEST_NICKNAME ? refuse(65403) : undefined;
}

/** How many agents of any account a user works as. */
function bindingsOf(wechatId: string, world: World): number {
  const agents = [...world.accounts.values()].flatMap((account) => account.agents.all);
  return agents.filter(({ worker }) => worker?.wechatId === wechatId).length;
}

function described(agent: Agent, now: number, host: string): object {
  const { invitation, worker, headImage } = agent;
  return {
    kf_account: agent.kfAccount,
    kf_headimgurl: headImage === undefined ? "" : fileUrl(headImage, host),
    kf_id: agent.id,
    kf_nick: agent.nickname,
    ...(worker === undefined ? {} : { kf_wx: worker.wechatId, kf_openid: worker.openid }),
    ...(invitation === undefined
      ? {}
      : {
          invite_wx: invitation.wechatId,
          invite_expire_time: Math.floor(invitation.expiresAt / 1000),
          invite_status: invitationStatus(agent, now),
        }),
  };
}
