import { randomBytes } from "node:crypto";
import { each, linkedMiniProgram, optional } from "../checks.js";
import { isRefusal, type Refusal, refuse } from "../errors.js";
import { type Fields, isObject } from "../options.js";
import { event } from "../push/action-fields.js";
import { fill, placesOf, type TemplateOptions } from "../templates.js";
import { type ApiAnswer, type Context, json } from "./endpoint.js";
import { follower } from "./recipients.js";

/** How long the guard against sending twice holds: ten minutes is said; no source at hand confirms it. */
const GUARD = 10 * 60_000;
/** No source has a length; that of a mass send's clientmsgid is taken (45067). */
const LONGEST_GUARD = 64;

const miniProgram = each({ appid: linkedMiniProgram, pagepath: optional });

/** POST /cgi-bin/message/template/send. It needs no reply window and uses none of its messages. */
export function sendTemplate(body: Fields, { account, now, world, call }: Context): ApiAnswer {
  const { template_id, url, miniprogram, client_msg_id, data } = body;
  const to = follower(body.touser, account);
  if (isRefusal(to)) return to;
  if (typeof template_id !== "string" || template_id === "") return refuse(40036);
  const template = account.options.templates?.find(({ templateId }) => templateId === template_id);
  if (template === undefined) return refuse(40037);
  if (!isObject(data)) return refuse(47001);
  const bad = checkData(data, template) ?? optional(url) ?? optional(client_msg_id);
  if (bad !== undefined) return bad;
  if (miniprogram !== undefined) {
    const refusal = isObject(miniprogram) ? miniProgram(miniprogram, account, now) : refuse(47001);
    if (refusal !== undefined) return refusal;
  }
  if (typeof client_msg_id === "string" && client_msg_id.length > LONGEST_GUARD) return refuse(45067);

  const guard = typeof client_msg_id === "string" && client_msg_id !== "" ? client_msg_id : undefined;
  const sent = guard === undefined ? undefined : to.templateGuard.get(guard);
  // A repeat sends nothing. What WeChat answers to it is in no source; here what it answered first.
  if (sent !== undefined && now - sent.time < GUARD) return sentAnswer(sent.msgid);
  const msgid = newMsgid();
  if (guard !== undefined) to.guardTemplate(guard, { msgid, time: now }, GUARD);
  // One who blocks the account is no error of the call: the event TEMPLATESENDJOBFINISH says "failed:user block".
  const blocked = to.refuses || to.blacklisted;
  if (!blocked) {
    world.ledger.addMessage({
      callId: call.id,
      time: now,
      appId: account.appId,
      openid: to.openid,
      msgtype: "template",
      text: fill(template, data),
      body: isObject(call.body) ? call.body : body,
      ai: false,
    });
  }
  const Status = blocked ? "failed:user block" : "success";
  world.pushEvent(account, to.openid, event("TEMPLATESENDJOBFINISH", { MsgID: BigInt(msgid), Status }));
  return sentAnswer(msgid);
}

/** GET /cgi-bin/template/get_all_private_template */
export function listTemplates({ account }: Context): ApiAnswer {
  return json({
    template_list: (account.options.templates ?? []).map((template) => ({
      template_id: template.templateId,
      title: template.title,
      primary_industry: template.primaryIndustry ?? "",
      deputy_industry: template.deputyIndustry ?? "",
      content: template.content,
      example: template.example ?? "",
    })),
  });
}

/**
 * The values for a template: `{"keyword1":{"value":"…"}}`. A missing one is refused with 47003, as the newer category
 * templates do; older ones leave the place empty. Others than the template's are ignored.
 */
function checkData(data: Fields, template: TemplateOptions): Refusal | undefined {
  for (const place of placesOf(template)) {
    const entry = data[place];
    if (entry !== undefined && !isObject(entry)) return refuse(47001);
    const value = entry?.value;
    if (value === undefined || value === "") return refuse(47003, `argument invalid! data.${place}.value is empty`);
    if (typeof value !== "string") return refuse(47001);
  }
  return undefined;
}

/** Real msgids have 19 digits (`1226691075109289985`): more than a JavaScript number holds, which is why it is text here. */
function newMsgid(): string {
  return String((randomBytes(8).readBigUInt64BE() >> 2n) | (1n << 60n) | 1n);
}

function sentAnswer(msgid: string): ApiAnswer {
  return { json: `{"errcode":0,"errmsg":"ok","msgid":${msgid}}` };
}
