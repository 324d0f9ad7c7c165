import type { Account } from "../accounts.js";
import { isRefusal, type Refusal, refuse } from "../errors.js";
import type { Follower } from "../followers.js";

/** Someone who follows the account now. */
export function follower(openid: unknown, account: Account): Follower | Refusal {
  const known = typeof openid === "string" ? account.followers.get(openid) : undefined;
  if (known === undefined) return refuse(40003);
  return known.subscribed ? known : refuse(43004);
}

/** Someone who follows the account and lets its messages in. */
export function recipient(touser: unknown, account: Account): Follower | Refusal {
  const found = follower(touser, account);
  if (isRefusal(found)) return found;
  if (found.blacklisted) return refuse(43019);
  return found.refuses ? refuse(48002) : found;
}
