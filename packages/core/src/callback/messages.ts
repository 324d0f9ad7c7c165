import { createHash } from "node:crypto";
import type { Arrival, PushedMessage } from "../inbox/arrival.js";
import type { KnownEvent, UnknownEvent } from "./event-types.js";
import { type Fields, fieldsOf, isFields, listOf, textOf } from "./fields.js";
import { COMMON, EVENT_TABLE, MESSAGE_TABLE, Missing, type ReadersOf, readAll } from "./message-table.js";
import type { KnownMessage, UnknownMessage } from "./message-types.js";
import { Refusal } from "./refusals.js";

/**
 * What WeChat pushes, by `type`, and events further by `event`. Plain JSON: it goes into stores and to other programs.
 */
export type IncomingMessage = KnownMessage | KnownEvent | UnknownMessage | UnknownEvent;

type Readers = ReadersOf<Record<string, unknown>>;
const MESSAGES = new Map<string, Readers>(Object.entries(MESSAGE_TABLE));
const EVENTS = new Map<string, Readers>(Object.entries(EVENT_TABLE));

/** The message with the key that tells it from others. */
export interface ReadMessage extends Arrival {
  /** The message. */
  readonly message: IncomingMessage;
}

/**
 * @param body what the fields were read from, for the key where nothing else tells one push from another
 * @param signedAt milliseconds since 1970, in place of a time of creation that cannot be read
 * @throws Refusal `not-a-message`
 */
export function readMessage(fields: Fields, body: string, signedAt: number): ReadMessage {
  const openid = textOf(fields, "FromUserName");
  const accountId = textOf(fields, "ToUserName");
  const msgType = textOf(fields, "MsgType");
  if (!openid || !accountId || !msgType) throw new Refusal("not-a-message");
  const created = Number(textOf(fields, "CreateTime"));
  const createdAt = created > 0 && Number.isSafeInteger(created * 1000) ? created * 1000 : signedAt;
  const common = { openid, accountId, createdAt, ...readAll(COMMON, fields) };
  const type = msgType.toLowerCase();
  const eventName = type === "event" ? textOf(fields, "Event") || undefined : undefined;
  const key = keyOf(fields, { openid, eventName }, body);
  if (eventName === undefined) {
    const known = read({ type, ...common }, MESSAGES.get(type), fields);
    return { key, message: known ?? { type: "unknown", ...common, msgType, fields } };
  }
  const event = eventName.toLowerCase();
  const known = read({ type: "event", event, ...common }, EVENTS.get(event), fields);
  return { key, message: known ?? { type: "event", event: "unknown", ...common, eventName, fields } };
}

/** `undefined` where the table does not know it, or something needed is missing. */
function read(target: PushedMessage, readers: Readers | undefined, fields: Fields): IncomingMessage | undefined {
  if (!readers) return undefined;
  try {
    const message: PushedMessage = { ...target, ...readAll(readers, fields) };
    return isIncoming(message) ? message : undefined;
  } catch (error) {
    if (error instanceof Missing) return undefined;
    throw error;
  }
}

/** Whether it is of a type that this version knows; for messages that a store gives back. */
export function isIncoming(message: PushedMessage): message is IncomingMessage {
  if (message.type === "event") return message.event === "unknown" || EVENTS.has(message.event ?? "");
  return message.type === "unknown" || MESSAGES.has(message.type);
}

/**
 * WeChat repeats a push up to twice; it is told by MsgId, for events by sender, time and name (接收事件推送). Its time is
 * whole seconds, in which a follower can tap two buttons, and several messages can have been sent: so what an event is
 * about tells it too.
 */
function keyOf(fields: Fields, { openid, eventName }: { openid: string; eventName: string | undefined }, body: string) {
  const createTime = textOf(fields, "CreateTime");
  if (eventName !== undefined && createTime) {
    return ["e", openid, createTime, eventName, ...subjectsOf(fields)].join(":");
  }
  const msgId = textOf(fields, "MsgId");
  return msgId ? `m:${msgId}` : `h:${createHash("sha256").update(body).digest("base64url")}`;
}

/** The button or code, or the messages sent, of an event. */
function subjectsOf(fields: Fields): readonly string[] {
  const sent = listOf(fieldsOf(fields, "SubscribeMsgSentEvent"), "List").filter(isFields);
  const about = [textOf(fields, "EventKey"), textOf(fields, "MsgID"), ...sent.map((item) => textOf(item, "MsgID"))];
  return about.flatMap((value) => value || []);
}
