import type { Account } from "../accounts.js";
import { isRefusal, type Refusal, refuse } from "../errors.js";
import { checkContent } from "../message-types.js";
import { type Fields, isObject } from "../options.js";
import { type ApiAnswer, type Context, OK } from "./endpoint.js";
import { recipient } from "./recipients.js";

/** POST /cgi-bin/message/custom/send */
export function customSend(body: Fields, { account, now, world, call }: Context): ApiAnswer {
  const to = recipient(body.touser, account);
  if (isRefusal(to)) return to;
  const msgtype = checkContent(body, account, now);
  if (isRefusal(msgtype)) return msgtype;
  const extras = checkExtras(body, account);
  if (isRefusal(extras)) return extras;
  const closed = to.window.refusal(now);
  if (closed !== undefined) return refuse(closed);

  to.window.spend(now);
  to.typingUntil = 0;
  const content = body[msgtype];
  const message = world.ledger.addMessage({
    callId: call.id,
    time: now,
    appId: account.appId,
    openid: to.openid,
    msgtype,
    ...(msgtype === "text" && isObject(content) ? { text: String(content.content) } : {}),
    body: isObject(call.body) ? call.body : body,
    ...extras,
  });
  account.records.add(message);
  return OK;
}

/** POST /cgi-bin/message/custom/typing */
export function customTyping(body: Fields, { account, now }: Context): ApiAnswer {
  if (account.options.test === true) return refuse(40200);
  const { touser, command, businessid } = body;
  const to = recipient(touser, account);
  if (isRefusal(to)) return to;
  if (command !== "Typing" && command !== "CancelTyping") return refuse(45072);
  if (businessid !== undefined && typeof businessid !== "string") return refuse(47001);
  if (command === "CancelTyping") {
    to.typingUntil = 0;
    return OK;
  }
  const closed = to.window.refusal(now);
  if (closed !== undefined) return refuse(closed);
  // Official page api_typing: an interaction within 30 s; the state lasts 15 s and cannot be set again within them.
  if (to.lastInteraction === undefined || now - to.lastInteraction > 30_000) return refuse(45080);
  if (now < to.typingUntil) return refuse(45081);
  to.typingUntil = now + 15_000;
  return OK;
}

/** The fields beside the content: who it is shown as, and the label of AI-made content. */
function checkExtras(body: Fields, account: Account): { kfAccount?: string; ai: boolean } | Refusal {
  const { customservice, aimsgcontext, businessid } = body;
  if (businessid !== undefined && typeof businessid !== "string") return refuse(47001);
  let ai = false;
  if (aimsgcontext !== undefined) {
    if (!isObject(aimsgcontext)) return refuse(47001);
    const label = aimsgcontext.is_ai_msg;
    if (label !== 0 && label !== 1) return refuse(47003, "argument invalid! aimsgcontext.is_ai_msg invalid");
    ai = label === 1;
  }
  if (customservice === undefined) return { ai };
  if (!isObject(customservice)) return refuse(47001);
  const agent = account.agents.get(customservice.kf_account);
  return agent === undefined ? refuse(65401) : { kfAccount: agent.kfAccount, ai };
}
