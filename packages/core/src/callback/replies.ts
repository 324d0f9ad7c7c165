import type { CustomMessage, VideoMessage } from "../api/custom-message.js";
import type { Bilingual } from "../error-catalog.js";
import { type InputProblem, WeChatValidationError } from "../errors.js";
import { MAX_TEXT_BYTES } from "../text/split.js";
import type { IncomingMessage } from "./messages.js";
import { cdata } from "./xml.js";

/** Hands the follower to human agents: to any, or to one, who then serves alone. Not in answer to an event. */
export interface TransferToAgents {
  /** What this is. */
  readonly type: "transfer_customer_service";
  /** `name@account-wechat-id`; needed where the reply comes too late for WeChat's own answer. */
  readonly account?: string | undefined;
}

/** A video with, where it has one, a picture for its preview. */
export interface VideoReply extends Omit<VideoMessage, "thumbMediaId"> {
  /** The media_id of the preview picture; needed only where the reply has to be sent as customer-service message. */
  readonly thumbMediaId?: string | undefined;
}

/**
 * What a handler may answer. Text, image, voice, video, music, news and the transfer can go out as a passive reply;
 * the others, and what comes too late, go out as customer-service messages.
 */
export type Reply = CustomMessage | VideoReply | TransferToAgents;

interface Part {
  /** WeChat's element around the fields. */
  readonly inside?: string;
  /** Our name, WeChat's name, and whether it is needed; in WeChat's order. */
  readonly fields: readonly (readonly [ours: string, wire: string, needed?: "needed"])[];
}

/** The passive replies. Source: developers.weixin.qq.com, 被动回复用户消息, 将消息转发到客服. */
const PASSIVE: ReadonlyMap<string, Part> = new Map<string, Part>([
  ["text", { fields: [["text", "Content", "needed"]] }],
  ["image", { inside: "Image", fields: [["mediaId", "MediaId", "needed"]] }],
  ["voice", { inside: "Voice", fields: [["mediaId", "MediaId", "needed"]] }],
  [
    "video",
    {
      inside: "Video",
      fields: [
        ["mediaId", "MediaId", "needed"],
        ["title", "Title"],
        ["description", "Description"],
      ],
    },
  ],
  [
    "music",
    {
      inside: "Music",
      fields: [
        ["title", "Title"],
        ["description", "Description"],
        ["url", "MusicUrl"],
        ["hqUrl", "HQMusicUrl"],
        ["thumbMediaId", "ThumbMediaId", "needed"],
      ],
    },
  ],
  [
    "news",
    {
      inside: "Articles",
      fields: [
        ["title", "Title", "needed"],
        ["description", "Description"],
        ["pictureUrl", "PicUrl"],
        ["url", "Url", "needed"],
      ],
    },
  ],
  ["transfer_customer_service", { inside: "TransInfo", fields: [["account", "KfAccount"]] }],
]);

/** A passive reply in WeChat's words, ready to be written. */
export interface PassiveReply {
  readonly msgType: string;
  readonly inside: string | undefined;
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** A text above what one message holds, as far as known: customer-service messages may be several. */
  readonly tooLong: boolean;
}

/**
 * @returns `undefined` if it cannot go out as a passive reply to this message
 * @throws WeChatValidationError if it is no reply at all
 */
export function passiveOf(reply: Reply, message: IncomingMessage): PassiveReply | undefined {
  const part = PASSIVE.get(typeOf(reply));
  if (!part) return undefined;
  const problems: InputProblem[] = [];
  const fields: (readonly [string, string])[] = [];
  const values = new Map<string, unknown>(Object.entries(reply));
  for (const [ours, wire, needed] of part.fields) {
    const value = values.get(ours);
    if (value === undefined && !needed) continue;
    const problem = problemOf(value, needed !== undefined);
    if (problem !== undefined || typeof value !== "string") problems.push(wrong(`reply.${ours}`, problem));
    else fields.push([wire, value]);
  }
  const [first, ...others] = problems;
  if (first) throw new WeChatValidationError([first, ...others]);
  if (reply.type === "transfer_customer_service" && message.type === "event") return undefined;
  const tooLong = reply.type === "text" && Buffer.byteLength(reply.text) > MAX_TEXT_BYTES;
  return { msgType: reply.type, inside: part.inside, fields, tooLong };
}

function typeOf(reply: unknown): string {
  const type = typeof reply === "object" && reply !== null && "type" in reply ? reply.type : undefined;
  if (typeof type === "string") return type;
  throw new WeChatValidationError([
    {
      field: "reply",
      problem: "must be an object with a type",
      remedy: {
        en: 'Let the handler return nothing, or a reply such as { type: "text", text: "你好" }.',
        zh: '处理函数应不返回任何值，或返回回复，例如 { type: "text", text: "你好" }。',
      },
    },
  ]);
}

/** XML cannot carry control characters, nor UTF-8 half of a surrogate pair. */
function problemOf(value: unknown, needed: boolean): string | undefined {
  if (typeof value !== "string") return "must be a string";
  if (needed && value.trim() === "") return "is empty";
  return /(?![\t\n\r])\p{Cc}/u.test(value) || !value.isWellFormed()
    ? "holds a character that XML cannot carry"
    : undefined;
}

const wrong = (field: string, problem = "must be a string"): InputProblem => ({
  field,
  problem,
  remedy: REPLY_REMEDY(field),
});
const REPLY_REMEDY = (field: string): Bilingual => ({
  en: `Give ${field} as text that is not empty, in whole Unicode characters, without control characters.`,
  zh: `请把 ${field} 填为非空文本：须为完整的 Unicode 字符，不得含控制字符。`,
});

/** Who writes to whom, and when, in seconds since 1970. */
export interface Envelope {
  readonly openid: string;
  readonly accountId: string;
  readonly seconds: number;
}

/** The reply as WeChat wants it, in the format in which the message came. */
export function writeReply(format: "xml" | "json", reply: PassiveReply, to: Envelope): string {
  return format === "xml" ? xmlReply(reply, to) : jsonReply(reply, to);
}

function xmlReply({ msgType, inside, fields }: PassiveReply, { openid, accountId, seconds }: Envelope): string {
  const content = fields.map(([name, value]) => `<${name}>${cdata(value)}</${name}>`).join("");
  return `<xml><ToUserName>${cdata(openid)}</ToUserName><FromUserName>${cdata(accountId)}</FromUserName><CreateTime>${seconds}</CreateTime><MsgType>${cdata(msgType)}</MsgType>${wrapped(inside, content)}</xml>`;
}

function wrapped(inside: string | undefined, content: string): string {
  if (inside === undefined || content === "") return content;
  if (inside !== "Articles") return `<${inside}>${content}</${inside}>`;
  return `<ArticleCount>1</ArticleCount><Articles><item>${content}</item></Articles>`;
}

/** Source: developers.weixin.qq.com, 微信云托管 消息推送回复. */
function jsonReply({ msgType, inside, fields }: PassiveReply, { openid, accountId, seconds }: Envelope): string {
  const content = Object.fromEntries(fields);
  const head = { ToUserName: openid, FromUserName: accountId, CreateTime: seconds, MsgType: msgType };
  if (inside === undefined) return JSON.stringify({ ...head, ...content });
  if (inside === "Articles") return JSON.stringify({ ...head, ArticleCount: 1, Articles: [content] });
  return JSON.stringify(fields.length === 0 ? head : { ...head, [inside]: content });
}

/** The envelope of an encrypted reply, in the format in which the message came. */
export interface SealedReply {
  readonly encrypted: string;
  readonly signature: string;
  readonly seconds: number;
  readonly nonce: string;
}

export function writeSealed(format: "xml" | "json", { encrypted, signature, seconds, nonce }: SealedReply): string {
  if (format === "json") {
    return JSON.stringify({ Encrypt: encrypted, MsgSignature: signature, TimeStamp: seconds, Nonce: nonce });
  }
  return `<xml><Encrypt>${cdata(encrypted)}</Encrypt><MsgSignature>${cdata(signature)}</MsgSignature><TimeStamp>${seconds}</TimeStamp><Nonce>${cdata(nonce)}</Nonce></xml>`;
}
