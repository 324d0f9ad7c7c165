import * as z from "zod";
import { WeChatValidationError } from "../errors.js";
import { endpoint } from "./endpoint.js";
import { type CallOptions, Resource } from "./requester.js";

const DAY = 86_400_000;
const PAGE = 10_000;
const moment = z.date("must be a Date");
const toSeconds = (date: Date) => Math.floor(date.getTime() / 1000);

export const GET_RECORDS = endpoint({
  name: "records.page",
  method: "POST",
  path: "/customservice/msgrecord/getmsglist",
  retry: "read",
  // Up to 10,000 messages of up to 2,048 bytes.
  maxAnswerBytes: 32 * 1024 * 1024,
  input: () =>
    z.strictObject({
      from: moment,
      to: moment,
      after: z.int("must be a whole number").min(1, "must be 1 or more").default(1),
      count: z
        .int("must be a whole number")
        .min(1, "must be 1 or more")
        .max(PAGE, "must be at most 10,000")
        .default(PAGE),
    }),
  wire: ({ from, to, after, count }) => ({
    body: { starttime: toSeconds(from), endtime: toSeconds(to), msgid: after, number: count },
  }),
  answer: () =>
    z
      .object({
        recordlist: z
          .array(
            z.object({
              openid: z.string(),
              opercode: z.number(),
              text: z.string().default(""),
              time: z.number(),
              worker: z.string().default(""),
            }),
          )
          .default([]),
        number: z.number(),
        msgid: z.number(),
      })
      .transform(({ recordlist, number, msgid }) => ({
        records: recordlist.map(({ openid, opercode, text, time, worker }) => ({
          openid,
          direction: direction(opercode),
          operation: opercode,
          text,
          at: new Date(time * 1000),
          agent: worker,
        })),
        count: number,
        next: msgid,
      })),
  limits: "a span of at most 24 hours; at most 10,000 records a page",
  errcodes: [65400, 65416, 65417],
  source: "https://developers.weixin.qq.com/doc/service/api/customer/messctrl/",
});

/** One message between a follower and the account. */
export interface MessageRecord {
  /** The follower. */
  readonly openid: string;
  /** `out`: the account sent it; `in`: the account received it; `other`: WeChat's number says neither. */
  readonly direction: "out" | "in" | "other";
  /** WeChat's own number: 2002 sent, 2003 received. */
  readonly operation: number;
  /** What was written, as WeChat keeps it. */
  readonly text: string;
  /** When, to the second. */
  readonly at: Date;
  /** The agent's account; empty where no agent took part. */
  readonly agent: string;
}

/** One page of records. */
export interface RecordPage {
  /** The records, in WeChat's order. */
  readonly records: readonly MessageRecord[];
  /** How many records WeChat counted in this page. */
  readonly count: number;
  /** Where the next page begins: its `after`. */
  readonly next: number;
}

/** 2002: the account sent it; 2003: it received it (官方文档 获取聊天记录). */
function direction(opercode: number): "out" | "in" | "other" {
  return opercode === 2002 ? "out" : opercode === 2003 ? "in" : "other";
}

/** What human agents and followers wrote (聊天记录). */
export class Records extends Resource {
  /**
   * One page of a span of at most 24 hours.
   * @param input `after`: the former page's `next`, default 1, the first page; `count`: records in the page, at most
   *   and by default 10,000
   * @throws WeChatValidationError; WeChatApiError 65417 (the span is above 24 hours) and others
   */
  page(input: { from: Date; to: Date; after?: number; count?: number }, options?: CallOptions): Promise<RecordPage> {
    return this.request(GET_RECORDS, input, options);
  }

  /**
   * All records of a span of any length, in as many calls as WeChat's limits of 24 hours and 10,000 records ask for.
   * @throws WeChatValidationError if `to` is before `from`; WeChatError as {@link page}
   */
  async *between(from: Date, to: Date, options?: CallOptions): AsyncGenerator<MessageRecord, void, undefined> {
    if (to < from) {
      const remedy = { en: "Give the earlier moment first.", zh: "请把较早的时间放在前面。" };
      throw new WeChatValidationError([{ field: "to", problem: "is before from", remedy }]);
    }
    // Whether a span includes its last second is not documented: spans overlap in it, and its records are told once.
    let told = new Set<string>();
    for (let start = from.getTime(); start < to.getTime(); start += DAY) {
      const span = { from: new Date(start), to: new Date(Math.min(start + DAY, to.getTime())) };
      const atSeam = new Set<string>();
      let after = 1;
      for (;;) {
        const { records, count, next } = await this.page({ ...span, after }, options);
        for (const record of records) {
          const key = JSON.stringify(record);
          if (toSeconds(record.at) === toSeconds(span.to)) atSeam.add(key);
          if (!told.has(key)) yield record;
        }
        if (count < PAGE || next <= after) break;
        after = next;
      }
      told = atSeam;
    }
  }
}
