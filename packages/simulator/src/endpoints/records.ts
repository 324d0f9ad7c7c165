import { isWhole } from "../checks.js";
import { refuse } from "../errors.js";
import type { Fields } from "../options.js";
import { type ApiAnswer, type Context, json } from "./endpoint.js";

const LONGEST_SPAN = 24 * 60 * 60;
const MOST = 10_000;

/**
 * POST /customservice/msgrecord/getmsglist. The msgid of an answer is its last record's, and a request's msgid is the
 * last one already seen: SDKs (WxJava kfMsgList) hand the one on as the other until a page comes back empty.
 */
export function listRecords(body: Fields, { account }: Context): ApiAnswer {
  const { starttime, endtime, msgid, number } = body;
  const times = isWhole(starttime, 0) && isWhole(endtime, 0) && starttime <= endtime;
  if (!times || !isWhole(msgid, 1) || !isWhole(number, 1, MOST)) return refuse(65416);
  if (endtime - starttime > LONGEST_SPAN) return refuse(65417);
  const found = account.records.page(starttime * 1000, endtime * 1000 + 999, msgid, number);
  return json({
    recordlist: found.map(({ openid, opercode, text, time, worker }) => ({
      openid,
      opercode,
      text,
      time: Math.floor(time / 1000),
      worker,
    })),
    number: found.length,
    // A real answer without records: {"recordlist":[],"number":0,"msgid":0}
    msgid: found.at(-1)?.id ?? 0,
  });
}
