import * as z from "zod";
import { appId, IDENTIFIER_REMEDIES, openid } from "../identifiers.js";
import { type FieldRemedies, flag, fn, milliseconds, once } from "../validation.js";
import { MemoryStore } from "./memory.js";
import type { ReplyRule } from "./reply-window.js";
import { warnOf } from "./sent.js";
import type { InboxStore, NoteChange } from "./store.js";

/** What an {@link Inbox} is given. */
export interface InboxOptions {
  /** The account's AppID; an inbox keeps one account. */
  appId: string;
  /** Where it is kept; `close()` closes it too. Default: the newest 10 000 messages in this process, see MemoryStore. */
  store?: InboxStore | undefined;
  /** Days after which messages are deleted. Default 30; at least 2, because a reply window lasts so long. */
  retentionDays?: number | undefined;
  /** Whether the conversation of a follower who unsubscribes is deleted at once. Default false. */
  forgetUnsubscribed?: boolean | undefined;
  /** How replies of several interactions combine, which WeChat does not say. Default `reset`, the careful reading. */
  replyRule?: ReplyRule | undefined;
  /** Milliseconds after the last sign of life of a process, after which another one emits what it left. Default 30 000. */
  lease?: number | undefined;
  /** Milliseconds after which one who waits looks for messages that another process received. Default 500. */
  pollInterval?: number | undefined;
  /** The time in milliseconds since 1970. Default `Date.now`. */
  clock?: (() => number) | undefined;
  /** Hears of failures that no caller waits for: of `record` and of regular work. Default: `process.emitWarning`. */
  onError?: ((error: unknown) => void) | undefined;
}

const string = z.string("must be a string");

/** Checks {@link InboxOptions}. */
export const INBOX_OPTIONS = once(() =>
  z.strictObject({
    appId,
    store: z
      .custom<InboxStore>(
        (value) => typeof value === "object" && value !== null && "receive" in value,
        "must be a store",
      )
      .default(() => new MemoryStore()),
    retentionDays: z.number("must be a number").min(2, "must be at least 2").default(30),
    forgetUnsubscribed: flag.default(false),
    replyRule: z.enum(["reset", "add"], 'must be "reset" or "add"').default("reset"),
    lease: milliseconds.default(30_000),
    pollInterval: milliseconds.default(500),
    clock: fn<() => number>().default(() => Date.now),
    onError: fn<(error: unknown) => void>().default(() => warnOf),
  }),
);

const limit = z
  .int("must be a whole number")
  .min(1, "must be from 1 to 500")
  .max(500, "must be from 1 to 500")
  .default(50);
/** A message id, as a number. */
export const cursor = string
  .regex(/^\d{1,15}$/, "is not a message id or cursor")
  .transform(Number)
  .optional();

/** Checks what readers give. */
export const CONVERSATIONS = once(() => z.strictObject({ limit, before: cursor, unreadOnly: flag.default(false) }));
export const READ = once(() =>
  z
    .strictObject({ limit, before: cursor, after: cursor })
    .refine(({ before, after }) => before === undefined || after === undefined, {
      path: ["after"],
      error: "cannot be used together with before",
    }),
);
export const INCOMING = once(() => z.strictObject({ limit, after: cursor, openid: openid.optional() }));
export const WAIT = once(() =>
  INCOMING().extend({
    timeout: milliseconds.default(30_000),
    signal: z.custom<AbortSignal>((value) => value instanceof AbortSignal, "must be an AbortSignal").optional(),
  }),
);
export const MARK_READ = once(() => z.strictObject({ openid, upTo: cursor }));
export const FOLLOWER = once(() => z.strictObject({ openid }));

/** What every store gives back as it was given: SQLite ends a text at U+0000, and half a character has no UTF-8. */
const storable = string.refine(
  (text) => text.isWellFormed() && !text.includes("\0"),
  "holds half of a character, or the character U+0000",
);
/** Bytes of a note's body. */
const MAX_NOTE = 64 * 1024;

/** Checks what amendNote is given, and what `change` gives. */
export const NOTE = once(() =>
  z.strictObject({
    key: storable.min(1, "is empty").max(200, "is longer than 200 characters"),
    change: fn<NoteChange>(),
    keptFor: milliseconds,
  }),
);
export const NOTE_BODY = once(() =>
  z.strictObject({
    body: storable.refine((body) => Buffer.byteLength(body) <= MAX_NOTE, "is longer than 64 KiB"),
  }),
);

const CURSOR = {
  en: "Give a cursor or message id exactly as the inbox returned it.",
  zh: "请原样填写收件箱返回的游标或消息 id。",
};
export const INBOX_REMEDIES: FieldRemedies = {
  ...IDENTIFIER_REMEDIES,
  store: {
    en: "Give a store, such as await openSqliteStore(path), or leave it out to keep messages in memory.",
    zh: "请提供存储，例如 await openSqliteStore(path)；不填则保存在内存中。",
  },
  retentionDays: {
    en: "Give 2 days or more: a reply window lasts 48 hours.",
    zh: "请填写不小于 2 的天数：回复时限为 48 小时。",
  },
  replyRule: { en: 'Use "reset" (the default) or "add".', zh: '请使用 "reset"（默认）或 "add"。' },
  limit: { en: "Give a whole number from 1 to 500.", zh: "请填写 1 到 500 的整数。" },
  before: CURSOR,
  after: CURSOR,
  upTo: CURSOR,
  key: {
    en: "Give the note a name of 1 to 200 characters, without U+0000 and half characters; hash one that is longer.",
    zh: "请提供 1 到 200 个字符的便签名称，不含 U+0000 和半个字符；更长的名称请先取散列值。",
  },
  body: {
    en: "Let change give a text of at most 64 KiB, without U+0000 and half characters, such as JSON; or undefined to leave the note as it is.",
    zh: "请让 change 返回不超过 64 KiB 的文本（例如 JSON），不含 U+0000 和半个字符；返回 undefined 则保持便签不变。",
  },
};
