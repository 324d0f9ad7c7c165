import type { Account } from "../accounts.js";
import type { MediaType } from "../media.js";
import { type Fields, isObject } from "../options.js";
import type { Callback } from "./callback.js";
import { accountIdOf } from "./callback.js";
import { isProblem, openReply, type Problem, plainText } from "./envelope.js";

/** The six kinds of passive reply (被动回复用户消息). */
export const REPLY_TYPES = ["text", "image", "voice", "video", "music", "news"] as const;
export type ReplyType = (typeof REPLY_TYPES)[number];

/** What an answer to a push asks WeChat to do. */
export type Verdict =
  | { readonly kind: "nothing" }
  | { readonly kind: "reply"; readonly msgtype: ReplyType; readonly body: Fields; readonly text?: string }
  | { readonly kind: "transfer"; readonly kfAccount?: string }
  | { readonly kind: "ai" }
  | ({ readonly kind: "bad" } & Problem);

/** What was pushed, and to whom the answer goes. */
export interface Asked {
  readonly account: Account;
  readonly callback: Callback;
  readonly openid: string;
  /** False: an event. */
  readonly message: boolean;
  readonly now: number;
}

/** Official page: one article for a message, eight else; of more, only as many as allowed are sent. */
const ARTICLES = { message: 1, event: 8 };

export function judge(status: number, answer: string, asked: Asked): Verdict {
  // No source says what WeChat does on another status. Not to repeat the push is the simulator's choice.
  if (status !== 200) return bad(`HTTP ${status}`);
  if (answer === "" || answer === "success") return { kind: "nothing" };
  const reply = openReply(answer, asked.callback);
  if (isProblem(reply)) return { kind: "bad", problem: reply.problem };
  const problem = checkFrame(reply, asked);
  if (problem !== undefined) return bad(problem);
  if (reply.MsgType === "transfer_customer_service") return transfer(reply);
  if (reply.MsgType === "transfer_biz_ai_ivr") return { kind: "ai" };
  const msgtype = REPLY_TYPES.find((known) => known === reply.MsgType);
  if (msgtype === undefined) return bad("MsgType is no kind of reply");
  const content = CONTENTS[msgtype](reply, asked);
  return typeof content === "string" ? bad(content) : { kind: "reply", msgtype, ...content };
}

function bad(problem: string): Verdict {
  return { kind: "bad", problem };
}

function checkFrame(reply: Fields, { account, openid }: Asked): string | undefined {
  if (reply.ToUserName !== openid) return "ToUserName is not the follower's openid";
  // A developer's report: with another FromUserName the phone says that the service has failed.
  if (reply.FromUserName !== accountIdOf(account.options)) return "FromUserName is not the account's original ID";
  return /^\d+$/.test(plainText(reply.CreateTime) ?? "") ? undefined : "CreateTime is no whole number";
}

function transfer({ TransInfo }: Fields): Verdict {
  if (TransInfo === undefined) return { kind: "transfer" };
  const kfAccount = isObject(TransInfo) ? TransInfo.KfAccount : undefined;
  return typeof kfAccount === "string" && kfAccount !== ""
    ? { kind: "transfer", kfAccount }
    : bad("TransInfo has no KfAccount");
}

/** What is kept of a reply of each kind, or what is wrong with it. */
type Content = (reply: Fields, asked: Asked) => { readonly body: Fields; readonly text?: string } | string;

const CONTENTS: Readonly<Record<ReplyType, Content>> = {
  text: ({ Content: words }, { account }) => {
    if (typeof words !== "string" || words === "") return "Content is empty";
    // The former official page: at most 2048 bytes.
    if (Buffer.byteLength(words) > account.limits.textBytes)
      return `Content has more than ${account.limits.textBytes} bytes`;
    return { body: { Content: words }, text: words };
  },
  image: holds("Image", { MediaId: ["image"] }),
  voice: holds("Voice", { MediaId: ["voice"] }),
  video: holds("Video", { MediaId: ["video"] }),
  music: holds("Music", { ThumbMediaId: ["thumb", "image"] }),
  news: ({ ArticleCount, Articles }, { message }) => {
    const count = Number(plainText(ArticleCount));
    const given = isObject(Articles) ? Articles.item : Articles;
    const items: readonly unknown[] = Array.isArray(given) ? given : [given];
    if (!Number.isInteger(count) || count < 1) return "ArticleCount is no whole number from 1";
    if (!items.every(isObject)) return "Articles has no item";
    const shown = items.slice(0, Math.min(count, message ? ARTICLES.message : ARTICLES.event));
    return { body: { ArticleCount: shown.length, Articles: shown } };
  },
};

/** An object in which each of the fields is a media id of the account. */
function holds(name: string, media: Readonly<Record<string, readonly MediaType[]>>): Content {
  return (reply, { account, now }) => {
    const content = reply[name];
    if (!isObject(content)) return `${name} is missing`;
    for (const [field, types] of Object.entries(media)) {
      const found = account.media.find(content[field], now);
      if (found === undefined || !types.includes(found.type)) return `${name}.${field} is no such media of the account`;
    }
    return { body: { [name]: content } };
  };
}
